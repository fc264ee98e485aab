package demo

import (
	"slices"
	"time"
)

// patience is how long a ticket that the public did not take lies in the line
// before a simulated clerk calls it, machine time: its holder is a person, who
// may want to see the position on the phone and on the board first, or to open
// a counter and call it themselves.
const patience = 90 * time.Second

// patienceMost bounds it in house time, or fast clocks would hold up a hall.
const patienceMost = 20 * time.Minute

// mayCall tells whether a clerk may call the next ticket of a line: whether the
// one that would come is the public's, or has lain there long enough. It cannot
// know which one comes, so it looks at the line as the counter would: in order,
// leaving out whom it cannot serve. Nobody is passed over for it; the clerk waits.
func mayCall(line []entry, offers []string, now time.Time, held time.Duration, ours func(ticket string) bool) bool {
	somebody := false
	for _, e := range line {
		if !meets(offers, e.Needs) {
			continue
		}
		somebody = true
		if !ours(e.Ticket) {
			return now.Sub(e.Arrival) >= held
		}
		if !now.Before(e.Callable) {
			return true
		}
	}
	return somebody
}

// meets tells whether a counter can serve somebody with these needs. A language
// or more time is met as well as can be.
func meets(offers, needs []string) bool {
	return !slices.ContainsFunc(needs, func(n string) bool {
		hard := n == "low_desk" || n == "sign" || n == "loop"
		return hard && !slices.Contains(offers, n)
	})
}

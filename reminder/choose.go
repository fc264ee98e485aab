package reminder

import (
	"slices"
	"time"
)

// The hours in which nobody is written to, office time: those of a reminder a day or more ahead.
const (
	quietFrom = 21
	quietTo   = 8
	day       = 24 * time.Hour
)

// Verdict is what becomes of a cause now.
type Verdict int

// The verdicts.
const (
	Later Verdict = iota // it is not due yet
	Now                  // it is due
	Never                // it is not sent, for its Reason
)

// The reasons of reminders that are not sent.
const (
	JustBooked = "just_booked" // they booked after it would have been due
	Overtaken  = "overtaken"   // a nearer one is due too
	Past       = "past"        // the start is over
	Changed    = "changed"     // cancelled, or at another time now
	NoRule     = "no_rule"     // the service reminds no more, or not then
	Bearer     = "bearer"      // nobody's account holds it
	NoAddress  = "no_address"  // the address was dropped or has expired
)

// Facts are what is known of a confirmed booking. Instants; the zone decides
// what is night and what a day before is.
type Facts struct {
	Start time.Time
	// Agreed is since when it stands at this start.
	Agreed time.Time
	Zone   *time.Location
}

// Due is a cause, when it falls due, and what becomes of it now.
type Due struct {
	Before  time.Duration
	At      time.Time
	Verdict Verdict
	Reason  string
}

// Choose says what becomes of each cause of a booking at now: of those that are
// due only the nearest to the start is sent, and none that fell due before the
// booking was agreed on. The earliest comes first.
func Choose(b Facts, before []time.Duration, now time.Time) []Due {
	before = slices.DeleteFunc(slices.Clone(before), func(d time.Duration) bool { return d <= 0 })
	slices.Sort(before)
	before = slices.Compact(before)
	out := make([]Due, 0, len(before))
	nearer := false
	for _, d := range before {
		c := Due{Before: d, At: DueAt(b.Start, d, b.Zone)}
		switch {
		case !now.Before(b.Start):
			c.Verdict, c.Reason = Never, Past
		case now.Before(c.At):
			c.Verdict = Later
		case !b.Agreed.Before(c.At):
			c.Verdict, c.Reason = Never, JustBooked
		case nearer:
			c.Verdict, c.Reason = Never, Overtaken
		default:
			c.Verdict, nearer = Now, true
		}
		out = append(out, c)
	}
	slices.Reverse(out)
	return out
}

// DueAt is when a reminder falls due. Whole days are counted on the calendar of
// the zone, so that a day before 10:00 is 10:00 also where clocks changed
// meanwhile. One that would fall into the night, a day or more ahead, waits for
// the morning: at most eleven hours, so that more than half of its time is left.
func DueAt(start time.Time, before time.Duration, zone *time.Location) time.Time {
	if before < day {
		return start.Add(-before)
	}
	due := start.In(zone).AddDate(0, 0, -int(before/day)).Add(-(before % day))
	h := due.Hour()
	if h >= quietTo && h < quietFrom {
		return due.UTC()
	}
	y, m, d := due.Date()
	if h >= quietFrom {
		d++
	}
	return time.Date(y, m, d, quietTo, 0, 0, 0, zone).UTC()
}

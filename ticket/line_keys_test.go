package ticket

import (
	"fmt"
	"testing"
	"time"

	"vez/office"
)

// Somebody far back in a line decides a choice only in rare constellations,
// which drawn lines seldom have. Here is one for each reason why Front hands
// out a ticket from behind the first n: without it another one is called.

type edit = func(*Ticket)

// nowhere needs a counter that there is not: nobody calls them, and they fill the front.
func nowhere(t *Ticket) { t.Needs = []office.Need{office.NeedLoop} }

// due and head say where a ticket stands, and by how much priority moved it forward.
func due(minutes int) edit { return func(t *Ticket) { t.Due = at(minutes) } }
func head(minutes int) edit {
	return func(t *Ticket) { t.HeadStart = time.Duration(minutes) * time.Minute }
}

// bookedFor is somebody who booked and may be called from five minutes before.
func bookedFor(minutes int) edit {
	return func(t *Ticket) { t.Class, t.Start, t.Callable = Booked, at(minutes), at(minutes-5) }
}

// invited let an invitation pass, and was told to be there by a minute.
func invited(told int) edit { return func(t *Ticket) { t.Asked, t.From = at(-5), at(told) } }

// keyCases are lines of which the first two are looked at.
var keyCases = []struct {
	what   string
	filing bool
	line   []Ticket
	want   string
	early  bool // called before their time
}{
	{what: "the first who may be called in turn", want: "c", line: []Ticket{
		tk("c", -50),
		tk("came first", -20, func(t *Ticket) { t.Arrival, t.HeadStart = at(-60), 0; t.Due = at(-45) }),
	}},
	{what: "the first in turn, though others came before", want: "c", line: []Ticket{
		tk("c", -10, due(-40)),
		tk("came first", -30),
	}},
	{what: "the first whose gate has just passed", want: "c", line: []Ticket{
		tk("c", -10, due(-40), bookedFor(5)),
		tk("came first", -30),
	}},
	{what: "of those asked in vain, the first", want: "c", line: []Ticket{
		tk("c", -10, due(-60), bookedFor(5), invited(5)),
		tk("came first", -30, invited(20)),
	}},
	{what: "in filing order, the first however early", filing: true, want: "c", line: []Ticket{
		tk("c", -10, due(-60), bookedFor(60)),
		tk("came first", -30),
	}},
	{what: "whoever came first may be called early, though others stood first without bookings or were there and left", want: "c", early: true, line: []Ticket{
		tk("c", -40, due(-90), bookedFor(20)),
		tk("first without", -10, due(-70), head(60)),
		tk("came back late", -60, due(-20)),
	}},
	{what: "whoever came first may be called early", want: "c", early: true, line: []Ticket{
		tk("later", -10, due(-50), bookedFor(60)),
		tk("c", -20, bookedFor(90)),
	}},
	{what: "whoever came first keeps another from being called early", want: "c", line: []Ticket{
		tk("early bird", -30, due(-90), bookedFor(30)),
		tk("c", -40),
	}},
	{what: "of two who came first at once, the one not asked in vain", want: "c", early: true, line: []Ticket{
		tk("asked", -20, due(-60), bookedFor(60), invited(60)),
		tk("c", -20, due(-50), bookedFor(70)),
	}},
	{what: "whoever stood first without bookings may be called early", want: "c", early: true, line: []Ticket{
		tk("came first", -40, invited(30), bookedFor(30), due(-35)),
		tk("c", -20, due(-70), head(60), bookedFor(20)),
	}},
	{what: "whoever stood first without bookings keeps another from being called early", want: "c", line: []Ticket{
		tk("early bird", -30, due(-90), head(30), bookedFor(20)),
		tk("c", -40, due(-80), bookedFor(5)),
		tk("first without", -10, due(-70), head(60)),
	}},
	{what: "of two who stood first without bookings, the one not asked in vain", want: "c", early: true, line: []Ticket{
		tk("came first", -45, bookedFor(30), invited(30)),
		tk("asked", -20, due(-80), head(59), bookedFor(40), invited(40)),
		tk("c", -20, due(-79), head(60), bookedFor(40)),
	}},
}

func TestWhoDecidesFromFarBackIsHandedOut(t *testing.T) {
	for _, k := range keyCases {
		for _, birds := range []int{0, 1} {
			t.Run(fmt.Sprintf("%s, %d", k.what, birds), func(t *testing.T) { decides(t, k.filing, k.line, k.want, k.early, birds) })
		}
	}
}

// decides chooses from a line whose first two decide nothing; with birds, the
// first of the case stands among the two.
func decides(t *testing.T, filing bool, tickets []Ticket, want string, early bool, birds int) {
	rules := office.DefaultRules()
	rules.FilingOrder = filing
	var l Line
	for i := range 2 - birds {
		u := tk(fmt.Sprint("filler ", i), -300+i, nowhere)
		l.Add(&u)
	}
	for i := range tickets {
		tickets[i].Joined = int64(i)
		l.Add(&tickets[i])
	}
	c := Choice{Now: noon, Queues: []Queue{{ID: "q", Rules: rules}}}
	for what, line := range map[string][]Ticket{"the whole line": l.First(0), "its front": l.Front(c, rules, 2)} {
		c.Queues[0].Line = line
		got, ok := Choose(c)
		if !ok || got.Ticket.ID != want || c.Now.Before(got.Ticket.Callable) != (early || filing) {
			t.Errorf("%s sends %q (%v), not %q", what, got.Ticket.ID, got.Why.Rule, want)
		}
	}
}

package event

import (
	"fmt"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/office"
	"vez/ticket"
)

// Flaw is an event that does not follow from the ones before it.
type Flaw struct {
	Office string
	Seq    int64
	What   string
}

// Error says where and what.
func (f *Flaw) Error() string { return fmt.Sprintf("event %s/%d: %s", f.Office, f.Seq, f.What) }

// Numeral is one number of a series and day.
type Numeral struct {
	Office string
	Day    office.Day
	Series string
	N      int
}

// End is where the events of an office end so far.
type End struct {
	Seq int64
	At  time.Time
}

// Fold turns events back into state. Its zero value has seen nothing; the
// events of each office are applied in order, offices may be interleaved.
type Fold struct {
	Ends     map[string]End
	Offices  map[string]office.State
	Tickets  map[string]ticket.Ticket
	Bookings map[string]booking.Booking
	Shifts   map[string]counter.Shift
	Voids    map[Numeral]Void

	numbers map[Numeral]string // visit
}

// Apply folds one event. It is a Flaw, and nothing is folded, when the event
// leaves a gap, goes back in time, is of an unknown kind, makes a ticket move
// that ticket.Table does not know, or gives a number twice.
func (f *Fold) Apply(e Event) error {
	f.init()
	for _, check := range []func(Event) string{f.order, f.moves, f.given} {
		if what := check(e); what != "" {
			return &Flaw{Office: e.Office, Seq: e.Seq, What: what}
		}
	}
	f.keep(e)
	return nil
}

func (f *Fold) init() {
	if f.Ends != nil {
		return
	}
	f.Ends, f.Offices = map[string]End{}, map[string]office.State{}
	f.Tickets, f.Bookings = map[string]ticket.Ticket{}, map[string]booking.Booking{}
	f.Shifts, f.Voids = map[string]counter.Shift{}, map[Numeral]Void{}
	f.numbers = map[Numeral]string{}
}

// order checks that the event is the next one of its office.
func (f *Fold) order(e Event) string {
	end := f.Ends[e.Office]
	switch {
	case e.Seq != end.Seq+1:
		return fmt.Sprintf("follows %d", end.Seq)
	case e.At.Before(end.At):
		return fmt.Sprintf("at %s is before %s", e.At.Format(time.RFC3339Nano), end.At.Format(time.RFC3339Nano))
	case !e.Kind.Known():
		return fmt.Sprintf("unknown kind %q", e.Kind)
	}
	return ""
}

// moves checks the images of tickets: in the event of a ticket's move the first
// one makes that move by the table; all others keep their state. An undo
// restores what was.
func (f *Fold) moves(e Event) string {
	move, isMove := e.Kind.Move()
	if isMove && len(e.Images.Tickets) == 0 {
		return "moves no ticket"
	}
	for i, t := range e.Images.Tickets {
		if t.Seq != e.Seq || t.Office != e.Office {
			return fmt.Sprintf("image of ticket %s is of event %s/%d", t.ID, t.Office, t.Seq)
		}
		was := f.Tickets[t.ID].State
		to, err := was, error(nil)
		if isMove && i == 0 {
			to, err = ticket.Next(was, move)
		}
		if e.Kind != KindUndo && (err != nil || to != t.State) {
			return fmt.Sprintf("ticket %s goes from %q to %q by %s", t.ID, was, t.State, e.Kind)
		}
	}
	return ""
}

// given checks that no number is given to two visits, or after it was voided.
func (f *Fold) given(e Event) string {
	for _, t := range e.Images.Tickets {
		if _, known := f.Tickets[t.ID]; known {
			continue
		}
		n := Numeral{e.Office, t.Day, t.Series, t.N}
		if visit, taken := f.numbers[n]; taken && visit != t.Visit {
			return fmt.Sprintf("number %s of ticket %s was given before", t.Number, t.ID)
		}
		if _, void := f.Voids[n]; void {
			return fmt.Sprintf("number %s of ticket %s was voided before", t.Number, t.ID)
		}
	}
	return ""
}

// keep takes over the images: the last image of a row is the row.
func (f *Fold) keep(e Event) {
	f.Ends[e.Office] = End{e.Seq, e.At}
	for _, t := range e.Images.Tickets {
		f.Tickets[t.ID] = t
		f.numbers[Numeral{e.Office, t.Day, t.Series, t.N}] = t.Visit
	}
	for _, b := range e.Images.Bookings {
		f.Bookings[b.ID] = b
	}
	for _, s := range e.Images.Shifts {
		f.Shifts[s.Counter] = s
	}
	if e.Images.Office != nil {
		f.Offices[e.Office] = *e.Images.Office
	}
	for _, v := range e.Images.Void {
		f.Voids[Numeral{e.Office, v.Day, v.Series, v.N}] = v
	}
}

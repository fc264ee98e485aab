package event

import (
	"errors"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/office"
	"vez/ticket"
)

// day is a short morning of one office as events.
func day() []Event {
	tk := func(seq int64, s ticket.State) []ticket.Ticket {
		return []ticket.Ticket{{ID: "t1", Visit: "t1", Office: "demo", Day: "2026-11-24", Series: "A", N: 1, Number: "A001", State: s, Seq: seq}}
	}
	events := []Event{
		{Kind: KindOpened, Images: Images{Office: &office.State{Office: "demo", Day: "2026-11-24"}}},
		{Kind: CounterKind("open"), Images: Images{Shifts: []counter.Shift{{Counter: "demo-1", State: counter.Open}}}},
		{Kind: KindConfirmed, Images: Images{Bookings: []booking.Booking{{ID: "b1", State: booking.Confirmed}}}},
		{Kind: TicketKind("check_in"), Images: Images{Tickets: tk(4, ticket.Waiting), Bookings: []booking.Booking{{ID: "b1", State: booking.CheckedIn}}}},
		{Kind: TicketKind("call"), Images: Images{Tickets: tk(5, ticket.Called)}},
		{Kind: TicketKind("recall"), Images: Images{Tickets: tk(6, ticket.Called)}},
		{Kind: KindUndo, Images: Images{Tickets: tk(7, ticket.Waiting)}},
		{Kind: TicketKind("cancel"), Images: Images{Tickets: tk(8, ticket.Cancelled)}},
		{Kind: KindDay, Images: Images{Office: &office.State{Office: "demo", Day: "2026-11-25"},
			Void: []Void{{Day: "2026-11-24", Series: "A/1", N: 9001, Reason: "unused"}}}},
	}
	for i := range events {
		events[i].Office, events[i].Seq, events[i].At = "demo", int64(i+1), morning.Add(time.Duration(i)*time.Second)
	}
	return events
}

func apply(events []Event) (*Fold, error) {
	f := &Fold{}
	for _, e := range events {
		if err := f.Apply(e); err != nil {
			return f, err
		}
	}
	return f, nil
}

func TestTheLastImageOfARowIsTheRow(t *testing.T) {
	f, err := apply(day())
	if err != nil {
		t.Fatal(err)
	}
	if f.Tickets["t1"].State != ticket.Cancelled || f.Bookings["b1"].State != booking.CheckedIn || f.Shifts["demo-1"].State != counter.Open {
		t.Errorf("%+v", f)
	}
	if f.Offices["demo"].Day != "2026-11-25" || f.Ends["demo"].Seq != 9 {
		t.Errorf("office %+v, end %+v", f.Offices["demo"], f.Ends["demo"])
	}
	if _, ok := f.Voids[Numeral{"demo", "2026-11-24", "A/1", 9001}]; !ok {
		t.Error("the void number is lost")
	}
}

func TestWhatDoesNotFollowIsAFlawAndIsNotFolded(t *testing.T) {
	another := func(e Event, edit func(*ticket.Ticket)) Event {
		u := e.Images.Tickets[0]
		edit(&u)
		e.Images.Tickets = []ticket.Ticket{u}
		return e
	}
	for name, c := range map[string]struct {
		edit func([]Event) []Event
		seq  int64
		what string
	}{
		"a gap":          {func(es []Event) []Event { return append(es[:3:3], es[4:]...) }, 5, "follows 3"},
		"a repeat":       {func(es []Event) []Event { return append(es[:3:3], es[2:]...) }, 3, "follows 3"},
		"no first event": {func(es []Event) []Event { return es[1:] }, 2, "follows 0"},
		"back in time": {func(es []Event) []Event {
			es[4].At = es[3].At.Add(-time.Millisecond)
			return es
		}, 5, "is before"},
		"an unknown kind": {func(es []Event) []Event { es[4].Kind = "ticket.fly"; return es }, 5, "unknown kind"},
		"a move outside the table": {func(es []Event) []Event { es[4].Kind = TicketKind("start"); return es }, 5,
			`from "waiting" to "called" by ticket.start`},
		"a move to the wrong state": {func(es []Event) []Event { es[4].Images.Tickets[0].State = ticket.Serving; return es }, 5,
			`from "waiting" to "serving"`},
		"a state changed on the way": {func(es []Event) []Event {
			es[2].Images.Tickets = []ticket.Ticket{{ID: "t9", Office: "demo", State: ticket.Waiting, Seq: 3}}
			return es
		}, 3, `from "" to "waiting" by booking.confirmed`},
		"a second ticket moved along": {func(es []Event) []Event {
			es[4].Images.Tickets = append(es[4].Images.Tickets, ticket.Ticket{ID: "t2", Office: "demo", State: ticket.Called, Seq: 5})
			return es
		}, 5, "ticket t2"},
		"a move of nothing": {func(es []Event) []Event { es[4].Images.Tickets = nil; return es }, 5, "moves no ticket"},
		"another's image":   {func(es []Event) []Event { es[4].Images.Tickets[0].Seq = 4; return es }, 5, "demo/4"},
		"a number given twice": {func(es []Event) []Event {
			es[4] = another(es[3], func(u *ticket.Ticket) { u.ID, u.Visit, u.Seq = "t2", "t2", 5 })
			es[4].Seq, es[4].At = 5, es[3].At
			return es
		}, 5, "was given before"},
		"a void number given": {func(es []Event) []Event {
			e := another(es[3], func(u *ticket.Ticket) { u.ID, u.Visit, u.Series, u.N, u.Seq = "t2", "t2", "A/1", 9001, 10 })
			e.Seq, e.At = 10, es[8].At
			return append(es, e)
		}, 10, "was voided before"},
	} {
		f, err := apply(c.edit(day()))
		var flaw *Flaw
		if !errors.As(err, &flaw) || flaw.Seq != c.seq || !strings.Contains(flaw.What, c.what) {
			t.Errorf("%s: %v, want %q at %d", name, err, c.what, c.seq)
			continue
		}
		if f.Ends["demo"].Seq >= c.seq && name != "a repeat" {
			t.Errorf("%s: folded all the same", name)
		}
	}
}

func TestOfficesMayBeInterleaved(t *testing.T) {
	var both []Event
	for _, e := range day() {
		other := e
		other.Office, other.At, other.Images.Tickets = "demo-2", e.At.Add(-time.Hour), nil
		if _, is := e.Kind.Move(); is {
			other.Kind = KindClosure
		}
		both = append(both, e, other)
	}
	f, err := apply(both)
	if err != nil {
		t.Fatal(err)
	}
	if f.Ends["demo"].Seq != 9 || f.Ends["demo-2"].Seq != 9 {
		t.Errorf("%+v", f.Ends)
	}
}

func TestKindsKnowTheMovesOfTicketsAndCounters(t *testing.T) {
	for _, m := range ticket.Moves() {
		k := TicketKind(string(m))
		if got, ok := k.Move(); !ok || got != m || !k.Known() {
			t.Errorf("%s: %s, %v", k, got, ok)
		}
	}
	for _, r := range counter.Table {
		if k := CounterKind(string(r.Move)); !k.Known() {
			t.Errorf("%s is not known", k)
		}
	}
	if _, ok := KindHeld.Move(); ok || Kind("ticket.").Known() || Kind("").Known() {
		t.Error("a kind that is no move of a ticket is taken for one")
	}
	seen := map[Kind]bool{}
	for _, k := range Kinds() {
		if seen[k] {
			t.Errorf("%s stands twice", k)
		}
		seen[k] = true
	}
}

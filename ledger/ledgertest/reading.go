package ledgertest

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/office"
	"vez/ticket"
)

// reader is what a change and a reader of committed state have in common.
type reader interface {
	State(office string) (office.State, error)
	Ticket(id string) (ticket.Ticket, error)
	TicketByLink(token string) (ticket.Ticket, error)
	LinkOf(ticket string) (string, error)
	TicketByNumber(office string, day office.Day, number string) (ticket.Ticket, error)
	Line(queue string, day office.Day, limit int) ([]ticket.Ticket, error)
	Live(office string, day office.Day) ([]ticket.Ticket, error)
	Dormant(queue string, day office.Day, before time.Time) ([]ticket.Ticket, error)
	Issued(queue string, day office.Day) (map[ticket.Class]int, error)
	Booking(id string) (booking.Booking, error)
	BookingByReference(reference string) (booking.Booking, error)
	BookingsOn(queue string, from, to office.Day) ([]booking.Booking, error)
	BookingsMade(queue string, origin booking.Origin, from office.Day, since time.Time) ([]booking.Booking, error)
	DueBookings(now time.Time, limit int) ([]booking.Booking, error)
	OfficeBookings(office string, day office.Day, states ...booking.State) ([]booking.Booking, error)
	BookingsOf(holder string, since time.Time) ([]booking.Booking, error)
	HolderOf(id string) (string, error)
	TicketsOf(holder string, day office.Day) ([]ticket.Ticket, error)
	Shift(counter string) (counter.Shift, error)
	Shifts(office string) ([]counter.Shift, error)
	Record(kind, id string) (event.Record, error)
	Records(kind, owner string) ([]event.Record, error)
}

// both checks a reader of committed state, then a later change, then a change on another hub.
func (w *world) both(check func(reader)) {
	w.t.Helper()
	check(w.Read(w.ctx))
	for _, d := range []*ledger.DB{w.DB, w.hub()} {
		if err := d.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error { check(tx); return nil }); err != nil {
			w.t.Error(err)
		}
	}
}

func reference(r string) func(*booking.Booking) { return func(b *booking.Booking) { b.Reference = r } }

func one(ts []ticket.Ticket, err error) (ticket.Ticket, error) {
	if len(ts) != 1 {
		return ticket.Ticket{}, fmt.Errorf("%d tickets, %w", len(ts), err)
	}
	return ts[0], err
}

func readers(t *testing.T, w *world) {
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		if _, err := issue(tx, "dsi", "t1"); err != nil {
			return err
		}
		if err := tx.SetLink("t1", "secret"); err != nil {
			return err
		}
		if err := book(tx, "dsi", "b1", "demo"); err != nil {
			return err
		}
		if err := tx.SetHolder("t1", "demo", "macao"); err != nil {
			return err
		}
		found(t, tx)
		return nil
	})
	w.both(func(r reader) { found(t, r); nothing(t, r) })
}

// found asks for the ticket and the booking in every way.
func found(t *testing.T, r reader) {
	t.Helper()
	for by, find := range map[string]func() (ticket.Ticket, error){
		"id":     func() (ticket.Ticket, error) { return r.Ticket("t1") },
		"link":   func() (ticket.Ticket, error) { return r.TicketByLink("secret") },
		"number": func() (ticket.Ticket, error) { return r.TicketByNumber("dsi", today, "A001") },
		"line":   func() (ticket.Ticket, error) { return one(r.Line("dsi-a", today, 5)) },
		"live":   func() (ticket.Ticket, error) { return one(r.Live("dsi", today)) },
		"holder": func() (ticket.Ticket, error) { return one(r.TicketsOf("demo", today)) },
	} {
		if k, err := find(); err != nil || k.ID != "t1" || k.Seq != 1 || k.Joined != 1 || !k.Due.Equal(start) {
			t.Errorf("by %s: %+v, %v", by, k, err)
		}
	}
	if b, err := r.BookingByReference("Rb1"); err != nil || b.ID != "b1" || b.Seq != 2 {
		t.Errorf("by reference: %v %v", b, err)
	}
	if l, err := r.LinkOf("t1"); err != nil || l != "secret" {
		t.Errorf("link: %v %v", l, err)
	}
	if n, err := r.Issued("dsi-a", today); err != nil || !maps.Equal(n, map[ticket.Class]int{ticket.WalkIn: 1}) {
		t.Errorf("issued: %v %v", n, err)
	}
	for id, holder := range map[string]string{"b1": "demo", "t1": "demo", "b2": ""} {
		if got, err := r.HolderOf(id); err != nil || got != holder {
			t.Errorf("holder of %s: %q %v", id, got, err)
		}
	}
}

// nothing asks for what is not there.
func nothing(t *testing.T, r reader) {
	t.Helper()
	for what, ask := range map[string]func() error{
		"ticket":    func() error { _, err := r.Ticket("none"); return err },
		"link":      func() error { _, err := r.TicketByLink("none"); return err },
		"link of":   func() error { _, err := r.LinkOf("none"); return err },
		"number":    func() error { _, err := r.TicketByNumber("dsi", "2026-11-25", "A001"); return err },
		"booking":   func() error { _, err := r.Booking("none"); return err },
		"reference": func() error { _, err := r.BookingByReference("none"); return err },
		"record":    func() error { _, err := r.Record("none", "none"); return err },
	} {
		if err := ask(); fault.CodeOf(err) != fault.UnknownThing {
			t.Errorf("%s: %v", what, err)
		}
	}
	if s, err := r.Shift("dsi-9"); err != nil || s.State != counter.Closed || s.Counter != "dsi-9" {
		t.Errorf("shift never opened: %v %v", s, err)
	}
	if s, err := r.State("nowhere"); err != nil || !reflect.DeepEqual(s, office.State{Office: "nowhere"}) {
		t.Errorf("state of an untouched office: %v %v", s, err)
	}
	if l, err := r.Line("dsi-a", "2026-11-25", 0); err != nil || len(l) != 0 {
		t.Errorf("line of another day: %v %v", l, err)
	}
}

func readsOwn(t *testing.T, w *world) {
	w.issued("dsi", "t1")
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		k, err := issue(tx, "dsi", "t2")
		if err != nil {
			return err
		}
		if line, err := tx.Line("dsi-a", today, 0); err != nil || len(line) != 2 || line[1].ID != "t2" {
			t.Errorf("line: %v %v", line, err)
		}
		k.State, k.Counter = ticket.Called, "dsi-1"
		d := draft(k, ticket.Call)
		d.Images.Shifts = []counter.Shift{{Counter: "dsi-1", Office: "dsi", State: counter.Open, Ticket: "t2"}}
		if _, err := tx.Append(d); err != nil {
			return err
		}
		if line, err := tx.Line("dsi-a", today, 0); err != nil || len(line) != 1 || line[0].ID != "t1" {
			t.Errorf("line after the call: %v %v", line, err)
		}
		if s, err := tx.Shifts("dsi"); err != nil || len(s) != 1 || s[0].Ticket != "t2" || s[0].Seq != 3 {
			t.Errorf("shifts: %v %v", s, err)
		}
		if got, err := tx.Ticket("t2"); err != nil || got.State != ticket.Called || got.Seq != 3 || got.Joined != 2 {
			t.Errorf("ticket: %v %v", got, err)
		}
		if live, err := tx.Live("dsi", today); err != nil || len(live) != 2 {
			t.Errorf("live: %v %v", live, err)
		}
		return nil
	})
}

// own changes the lists that a change was given, and refuses.
func own(t *testing.T, w *world) {
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		k := ticket.Ticket{ID: "t1", Visit: "t1", Office: "dsi", Queue: "dsi-a", Day: today, Series: "A/x", N: 1, Number: "A001",
			State: ticket.Waiting, Class: ticket.WalkIn, Needs: []office.Need{office.NeedLoop}}
		d := draft(k, ticket.Issue)
		d.Images.Office = &office.State{Office: "dsi", Closures: []office.Closure{{ID: "c"}}}
		d.Images.Shifts = []counter.Shift{{Counter: "dsi-1", Office: "dsi", State: counter.Open, Queues: []counter.Served{{Queue: "dsi-a"}}}}
		_, err := tx.Append(d)
		return err
	})
	look := func(tx *ledger.Tx) (ticket.Ticket, []ticket.Ticket, counter.Shift, office.State) {
		k, err1 := tx.Ticket("t1")
		line, err2 := tx.Line("dsi-a", today, 0)
		s, err3 := tx.Shift("dsi-1")
		o, err4 := tx.State("dsi")
		if err := errors.Join(err1, err2, err3, err4); err != nil || len(line) != 1 {
			t.Fatal(line, err)
		}
		return k, line, s, o
	}
	for range 2 {
		err := w.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
			k, line, s, o := look(tx)
			k.Needs[0], line[0].Needs[0], s.Queues[0].Queue, o.Closures[0].ID = "x", "x", "x", "x"
			k, line, s, o = look(tx)
			if k.Needs[0] == "x" || line[0].Needs[0] == "x" || s.Queues[0].Queue == "x" || o.Closures[0].ID == "x" {
				t.Errorf("the next is given %v, %v, %v, %v", k, line, s, o)
			}
			return errRefused
		})
		if !errors.Is(err, errRefused) {
			t.Fatal(err)
		}
	}
}

func lines(t *testing.T, w *world) {
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		for i, minutes := range []int{5, 3, 5, 1, 3, 9, 7} {
			n, err := tx.NextNumber("dsi", today, "A", 8999)
			if err != nil {
				return err
			}
			k := ticket.Ticket{ID: fmt.Sprint("t", i), Visit: fmt.Sprint("t", i), Office: "dsi", Queue: "dsi-a", Day: today, Series: "A", N: n,
				Number: ticket.Number("A", n), State: ticket.Waiting, Class: ticket.WalkIn, Due: start.Add(time.Duration(minutes) * time.Minute), Joined: -1}
			move := ticket.Issue
			if i > 4 {
				k.State, k.Class, move = ticket.Remote, ticket.Afar, ticket.Take
			}
			if _, err := tx.Append(draft(k, move)); err != nil {
				return err
			}
		}
		return nil
	})
	w.both(func(r reader) {
		line, err := r.Line("dsi-a", today, 0)
		if got := ids(line); err != nil || !slices.Equal(got, []string{"t3", "t1", "t4", "t0", "t2"}) {
			t.Errorf("line: %v %v", got, err)
		}
		line, err = r.Line("dsi-a", today, 2)
		if got := ids(line); err != nil || !slices.Equal(got, []string{"t3", "t1"}) {
			t.Errorf("first two: %v %v", got, err)
		}
		sleepers, err := r.Dormant("dsi-a", today, start.Add(9*time.Minute))
		if got := ids(sleepers); err != nil || !slices.Equal(got, []string{"t6"}) {
			t.Errorf("dormant: %v %v", got, err)
		}
		n, err := r.Issued("dsi-a", today)
		if err != nil || !maps.Equal(n, map[ticket.Class]int{ticket.WalkIn: 5, ticket.Afar: 2}) {
			t.Errorf("issued: %v %v", n, err)
		}
	})
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		k, err := tx.Ticket("t6")
		if err != nil {
			return err
		}
		k.Passed = start
		_, err = tx.Append(event.Draft{Office: "dsi", Kind: event.KindOpened, Images: event.Images{Tickets: []ticket.Ticket{k}}})
		return err
	})
	w.both(func(r reader) {
		if sleepers, err := r.Dormant("dsi-a", today, start.Add(9*time.Minute)); err != nil || len(sleepers) != 0 {
			t.Errorf("a passed one is dormant still: %v %v", ids(sleepers), err)
		}
	})
}

func ids(ts []ticket.Ticket) []string {
	out := make([]string, len(ts))
	for i, t := range ts {
		out[i] = t.ID
	}
	return out
}

func bookings(t *testing.T, w *world) {
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		for id, edit := range map[string]func(*booking.Booking){
			"b1": func(b *booking.Booking) { b.Day, b.Start = office.Day("2026-11-25"), day(1) },
			"b2": func(b *booking.Booking) { b.State, b.HeldUntil = booking.Held, start.Add(5*time.Minute) },
			"b3": func(b *booking.Booking) { b.State, b.FreeAt = booking.Cancelled, start.Add(20*time.Minute) },
			"b4": func(b *booking.Booking) { b.State, b.Freed = booking.Lapsed, true },
			"b5": func(b *booking.Booking) { b.Day, b.Start, b.Made = office.Day("2026-11-20"), day(-4), day(-9) },
		} {
			if err := book(tx, "dsi", id, "demo", edit); err != nil {
				return err
			}
		}
		return nil
	})
	w.both(func(r reader) {
		for what, ask := range map[string]struct {
			find func() ([]booking.Booking, error)
			want []string
		}{
			"on two days": {func() ([]booking.Booking, error) { return r.BookingsOn("dsi-a", today, "2026-11-25") }, []string{"b1", "b2", "b3"}},
			"on one day":  {func() ([]booking.Booking, error) { return r.BookingsOn("dsi-a", "2026-11-25", "2026-11-25") }, []string{"b1"}},
			"not yet due": {func() ([]booking.Booking, error) { return r.DueBookings(start.Add(4*time.Minute), 9) }, nil},
			"a hold due":  {func() ([]booking.Booking, error) { return r.DueBookings(start.Add(5*time.Minute), 9) }, []string{"b2"}},
			"all due":     {func() ([]booking.Booking, error) { return r.DueBookings(start.Add(time.Hour), 9) }, []string{"b2", "b3"}},
			"first due":   {func() ([]booking.Booking, error) { return r.DueBookings(start.Add(time.Hour), 1) }, []string{"b2"}},
			"by state":    {func() ([]booking.Booking, error) { return r.OfficeBookings("dsi", today, booking.Held, booking.Lapsed) }, []string{"b2", "b4"}},
			"of a holder": {func() ([]booking.Booking, error) { return r.BookingsOf("demo", day(-2)) }, []string{"b1", "b2", "b3", "b4"}},
			"of nobody":   {func() ([]booking.Booking, error) { return r.BookingsOf("other", day(-2)) }, nil},
		} {
			got, err := ask.find()
			var found []string
			for _, b := range got {
				found = append(found, b.ID)
			}
			slices.Sort(found)
			if err != nil || !slices.Equal(found, ask.want) {
				t.Errorf("%s: %v %v", what, found, err)
			}
		}
		if mine, err := r.BookingsOf("demo", day(-2)); err != nil || mine[0].ID != "b1" {
			t.Errorf("the newest start is not first: %v %v", mine, err)
		}
	})
}

// images checks that what Append returns, what is stored and what is listed are one.
func images(t *testing.T, w *world) {
	zone := time.FixedZone("Macao", 8*3600)
	given := ticket.Ticket{ID: "t1", Visit: "t1", Office: "dsi", Queue: "dsi-a", Day: today, Series: "A", N: 1, Number: "A001",
		State: ticket.Waiting, Class: ticket.WalkIn, Due: start.In(zone).Add(123456 * time.Nanosecond), Joined: -1, Seq: 99}
	paused := office.State{Office: "dsi", Day: today, PausedAt: start.In(zone), Closures: []office.Closure{{ID: "c", From: start, To: start}}}
	var made event.Event
	w.do(at("dsi"), func(tx *ledger.Tx) (err error) {
		if _, err := tx.NextNumber("dsi", today, "A", 8999); err != nil {
			return err
		}
		d := draft(given, ticket.Issue)
		d.Detail, d.Reason, d.Images.Office = map[string]any{"b": 2, "a": "<1>"}, "why", &paused
		made, err = tx.Append(d)
		return err
	})
	if given.Seq != 99 || given.Joined != -1 {
		t.Error("the caller's ticket was changed")
	}
	stored, err := w.Read(w.ctx).Ticket("t1")
	if err != nil || !reflect.DeepEqual(stored, made.Images.Tickets[0]) {
		t.Errorf("stored %+v, told %+v, %v", stored, made.Images.Tickets[0], err)
	}
	if stored.Seq != 1 || stored.Joined != 1 || !stored.Due.Equal(start) || stored.Due.Location() != time.UTC {
		t.Errorf("stored %+v", stored)
	}
	state, err := w.Read(w.ctx).State("dsi")
	if err != nil || !reflect.DeepEqual(&state, made.Images.Office) || !state.Paused() {
		t.Errorf("state %+v, told %+v, %v", state, made.Images.Office, err)
	}
	listed := w.events("dsi")[0]
	if string(listed.Detail) != `{"a":"<1>","b":2}` || listed.Reason != "why" || listed.Actor != "clerk:demo" || listed.Kind != "ticket.issue" {
		t.Errorf("listed %+v", listed)
	}
	listed.Detail, made.Detail = nil, nil
	if !reflect.DeepEqual(listed, made) {
		t.Errorf("listed %+v\nmade   %+v", listed, made)
	}
}

func undos(t *testing.T, w *world) {
	k := w.issued("dsi", "t1")
	u := event.Undo{Counter: "dsi-1", Kind: "ticket.call", First: 2, Seq: 2, At: start, Before: event.Images{Tickets: []ticket.Ticket{k}}}
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		if _, ok, err := tx.Undo("dsi-1"); ok || err != nil {
			t.Errorf("an undo before any move: %v", err)
		}
		return tx.SetUndo(u)
	})
	for range 2 {
		w.do(at("dsi"), func(tx *ledger.Tx) error {
			got, ok, err := tx.Undo("dsi-1")
			if err != nil || !ok || !reflect.DeepEqual(got, u) {
				t.Errorf("undo %+v, %v", got, err)
			}
			return nil
		})
	}
	w.do(at("dsi"), func(tx *ledger.Tx) error { return tx.DropUndo("dsi-1") })
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		if _, ok, err := tx.Undo("dsi-1"); ok || err != nil {
			t.Errorf("an undo after it was dropped: %v", err)
		}
		return nil
	})
}

func snapshot(t *testing.T, w *world) {
	none, err := w.Snapshot(w.ctx, "dsi")
	if err != nil || none.Head.Seq != 0 || none.Head.Epoch != w.Epoch() || len(none.Tickets) != 0 {
		t.Fatalf("snapshot of an untouched office: %+v %v", none, err)
	}
	w.issued("iam", "other")
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		for i := range 3 {
			if _, err := issue(tx, "dsi", fmt.Sprint("t", i)); err != nil {
				return err
			}
		}
		if err := book(tx, "dsi", "b1", ""); err != nil {
			return err
		}
		if err := book(tx, "dsi", "b2", "", func(b *booking.Booking) { b.State, b.Freed = booking.Lapsed, true }); err != nil {
			return err
		}
		_, err := call(tx, "dsi", "dsi-1")
		return err
	})
	s, err := w.Snapshot(w.ctx, "dsi")
	if err != nil || len(s.Tickets) != 3 || len(s.Bookings) != 1 || len(s.Shifts) != 1 || s.State.Office != "dsi" {
		t.Fatalf("snapshot: %+v %v", s, err)
	}
	if s.Head != (event.Head{Office: "dsi", Epoch: w.Epoch(), Seq: 6}) || !s.At.Equal(start) {
		t.Errorf("head: %+v at %s", s.Head, s.At)
	}
	heads, err := w.Heads(w.ctx)
	if err != nil || !slices.Equal(heads, []event.Head{s.Head, {Office: "iam", Epoch: w.Epoch(), Seq: 1}}) {
		t.Errorf("heads: %v %v", heads, err)
	}
	after, err := w.After(w.ctx, "dsi", 2, 3)
	if err != nil || len(after) != 3 || after[0].Seq != 3 {
		t.Errorf("after: %v %v", after, err)
	}
}

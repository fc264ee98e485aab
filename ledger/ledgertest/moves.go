package ledgertest

import (
	"sync"
	"testing"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/ticket"
)

// issue gives a walk-in the next number of queue A at an office.
func issue(tx *ledger.Tx, office, id string) (ticket.Ticket, error) {
	return issueUpTo(tx, office, id, ticket.LastOnline)
}

// issueUpTo is issue with a last number.
func issueUpTo(tx *ledger.Tx, office, id string, last int) (ticket.Ticket, error) {
	n, err := tx.NextNumber(office, today, "A", last)
	if err != nil {
		return ticket.Ticket{}, err
	}
	t := ticket.Ticket{ID: id, Visit: id, Office: office, Queue: office + "-a", Day: today, Series: "A", N: n,
		Number: ticket.Number("A", n), State: ticket.Waiting, Class: ticket.WalkIn, Arrival: tx.Now(), Due: tx.Now(), Joined: -1}
	e, err := tx.Append(draft(t, ticket.Issue))
	if err != nil {
		return t, err
	}
	return e.Images.Tickets[0], nil
}

func draft(t ticket.Ticket, m ticket.Move) event.Draft {
	return event.Draft{Office: t.Office, Kind: event.TicketKind(string(m)), Actor: "clerk:demo", Counter: t.Counter,
		Images: event.Images{Tickets: []ticket.Ticket{t}}}
}

// call brings the first of a line to a counter; "" when nobody waits.
func call(tx *ledger.Tx, office, at string) (string, error) {
	line, err := tx.Line(office+"-a", today, 1)
	if err != nil || len(line) == 0 {
		return "", err
	}
	t := line[0]
	t.State, t.Counter, t.CalledAt = ticket.Called, at, tx.Now()
	d := draft(t, ticket.Call)
	d.Images.Shifts = []counter.Shift{{Counter: at, Office: office, State: counter.Open, Ticket: t.ID}}
	_, err = tx.Append(d)
	return t.ID, err
}

// book holds a place for a holder.
func book(tx *ledger.Tx, office, id, holder string, edit ...func(*booking.Booking)) error {
	b := booking.Booking{ID: id, Reference: "R" + id, Office: office, Queue: office + "-a", Service: "renewal", Day: today,
		State: booking.Confirmed, Class: booking.Standard, Origin: booking.Online, Start: start, End: start, People: 1, Made: tx.Now()}
	for _, f := range edit {
		f(&b)
	}
	if _, err := tx.Append(event.Draft{Office: office, Kind: event.KindConfirmed, Images: event.Images{Bookings: []booking.Booking{b}}}); err != nil {
		return err
	}
	if holder == "" {
		return nil
	}
	return tx.SetHolder(id, holder, "macao")
}

func at(offices ...string) event.Scope { return event.Scope{Offices: offices} }

// do makes a change that must succeed.
func (w *world) do(s event.Scope, decide func(*ledger.Tx) error) {
	w.t.Helper()
	if err := w.Do(w.ctx, s, decide); err != nil {
		w.t.Fatal(err)
	}
}

// issued issues one ticket.
func (w *world) issued(office, id string) (out ticket.Ticket) {
	w.t.Helper()
	w.do(at(office), func(tx *ledger.Tx) (err error) {
		out, err = issue(tx, office, id)
		return err
	})
	return out
}

// together runs n callers at once and gives their errors by number.
func together(n int, f func(i int) error) []error {
	errs := make([]error, n)
	var all, gate sync.WaitGroup
	gate.Add(1)
	for i := range n {
		all.Go(func() {
			gate.Wait()
			errs[i] = f(i)
		})
	}
	gate.Done()
	all.Wait()
	return errs
}

// events reads all of an office.
func (w *world) events(office string) []event.Event {
	w.t.Helper()
	out, err := w.After(w.ctx, office, 0, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// sound checks that the ledger proves itself and that an office's events and numbers have no gap.
func (w *world) sound(office string, tickets int) {
	w.t.Helper()
	r, err := w.Verify(w.ctx, nil)
	if err != nil || !r.Sound() {
		w.t.Fatalf("verify: %v %v", err, r.Flaws)
	}
	numbers := map[int]bool{}
	for i, e := range w.events(office) {
		if e.Seq != int64(i+1) {
			w.t.Fatalf("event %d of %s has sequence %d", i+1, office, e.Seq)
		}
		for _, t := range e.Images.Tickets {
			numbers[t.N] = true
		}
	}
	for n := 1; n <= tickets; n++ {
		if !numbers[n] {
			w.t.Errorf("number %d of %d was not given", n, tickets)
		}
	}
	if len(numbers) != tickets {
		w.t.Errorf("%d numbers were given, not %d", len(numbers), tickets)
	}
}

func want(t testing.TB, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("answer is %v, not %q", err, code)
	}
}

package hall

import (
	"context"
	"slices"
	"time"

	"vez/counter"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// NextRequest says what becomes of the ticket that is still open.
type NextRequest struct {
	// Finish ends it with this outcome first; "" leaves it, and then an open ticket refuses the call.
	Finish ticket.Outcome
	// Miss declares the called one missed first.
	Miss bool
}

// lookahead is how many waiting tickets of a queue are read at first to find
// one that may be called; where none of them may, lookfurther times as many are
// read, and so on to the end of the line.
const (
	lookahead   = 32
	lookfurther = 8
)

// softAfter is how long a soft need waits for a counter that offers it.
const softAfter = 5 * time.Minute

// Next calls the next ticket to a counter. The desk's Ticket has no ID when
// nobody waits. Faults: counter_closed, counter_taken, counter_busy,
// hall_paused, miss_too_soon.
func (h *Hall) Next(ctx context.Context, act Act, counterID string, r NextRequest) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.running(); err != nil {
			return err
		}
		if err := d.settle(r); err != nil {
			return err
		}
		if err := d.free(); err != nil {
			return err
		}
		if d.shift.State == counter.Closed {
			return nil // it was closing, and this one was the last
		}
		if err := counter.CanCall(d.shift); err != nil {
			return err
		}
		return d.callNext()
	})
}

// settle ends the open ticket as the request says.
func (d *desk) settle(r NextRequest) error {
	if d.open == nil {
		return nil
	}
	if r.Miss && d.open.State == ticket.Called {
		return d.miss()
	}
	if r.Finish != "" && d.open.State == ticket.Serving {
		return d.finish(r.Finish)
	}
	return nil
}

func (d *desk) callNext() error {
	pick, ok, err := d.choose()
	if err != nil || !ok {
		return err
	}
	return d.call(pick.Ticket, ticket.Call, pick.Invited, "", pick.Why)
}

// choose reads the lines of the counter's policy and picks, or says that nobody may be called.
func (d *desk) choose() (ticket.Pick, bool, error) {
	now := d.tx.Now()
	c := ticket.Choice{Now: now, Offers: d.shift.Offers, SoftAfter: softAfter}
	day := d.office.Day(now)
	for _, s := range d.shift.Queues {
		q := d.h.cat.Queue(s.Queue)
		if q == nil {
			continue
		}
		line, err := d.readLine(&c, ticket.Queue{ID: q.ID, Rules: q.RulesOn(day), AtLatest: s.AtLatest}, day)
		if err != nil {
			return ticket.Pick{}, false, err
		}
		c.Queues = append(c.Queues, line)
	}
	pick, ok := ticket.Choose(c)
	return pick, ok, nil
}

// readLine reads as much of a queue's line as shows whom the queue would send.
// Each queue is looked at by itself: however the first ones of another stand,
// the counter's list decides between those who may be called.
func (d *desk) readLine(c *ticket.Choice, q ticket.Queue, day office.Day) (ticket.Queue, error) {
	for limit := lookahead; ; limit *= lookfurther {
		var err error
		if q.Line, err = d.tx.Line(q.ID, day, limit); err != nil {
			return q, err
		}
		if c.NeedsElsewhere == nil && needy(q.Line) {
			if c.NeedsElsewhere, err = d.offeredElsewhere(); err != nil {
				return q, err
			}
		}
		if len(q.Line) < limit || shows(*c, q) {
			return q, nil
		}
	}
}

// shows tells whether the first ones of a line show whom the queue would send:
// somebody who may be called, who did not let an invitation pass, and, where the
// call comes early, who arrived before everybody further back.
func shows(c ticket.Choice, q ticket.Queue) bool {
	c.Queues = []ticket.Queue{q}
	pick, ok := ticket.Choose(c)
	if !ok || !pick.Ticket.Asked.IsZero() && c.Now.Before(pick.Ticket.Told()) {
		return false
	}
	last := q.Line[len(q.Line)-1].Due // who is further back is due, and so came into the line, no earlier
	return pick.Why.Rule != ticket.RuleEarlyCall || !last.Before(pick.Ticket.Since())
}

// needy tells whether somebody in a line has a need.
func needy(line []ticket.Ticket) bool {
	return slices.ContainsFunc(line, func(t ticket.Ticket) bool { return len(t.Needs) > 0 })
}

// offeredElsewhere tells which needs another open counter of the office meets.
func (d *desk) offeredElsewhere() (func(office.Need) bool, error) {
	shifts, err := d.tx.Shifts(d.office.ID)
	if err != nil {
		return nil, err
	}
	offered := map[office.Need]bool{}
	for _, s := range shifts {
		if s.Counter == d.counter.ID || s.State != counter.Open {
			continue
		}
		for _, n := range s.Offers {
			offered[n] = true
		}
	}
	return func(n office.Need) bool { return offered[n] }, nil
}

// call brings a waiting ticket to this counter, and marks the dormant ones it overtakes.
func (d *desk) call(t ticket.Ticket, m ticket.Move, invited bool, reason string, why ticket.Reason) error {
	was := t
	state, err := ticket.Next(t.State, m)
	if err != nil {
		return err
	}
	t.State, t.Counter, t.CalledAt, t.Recalls, t.Invited = state, d.counter.ID, d.tx.Now(), 0, invited
	d.before(was)
	passed, err := d.passed(t)
	if err != nil {
		return err
	}
	if _, err := d.record(was, t, m, true, reason, why, passed...); err != nil {
		return err
	}
	d.why = why
	return nil
}

// passed marks the dormant remote tickets whose due this call overtakes: from
// now their grace runs, unless the call is undone.
func (d *desk) passed(t ticket.Ticket) ([]ticket.Ticket, error) {
	dormant, err := d.tx.Dormant(t.Queue, t.Day, t.Due)
	for i := range dormant {
		d.before(dormant[i])
		dormant[i].Passed = d.tx.Now()
	}
	return dormant, err
}

// Call calls one ticket out of turn ("call this one"), with a named reason.
// Faults: reason_needed, unknown_reason, filing_order, illegal_move and those of
// Next.
func (h *Hall) Call(ctx context.Context, act Act, counterID, ticketID, reason string) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.running(); err != nil {
			return err
		}
		if err := d.taking(ticket.CallThis); err != nil {
			return err
		}
		t, err := d.ticket(ticketID)
		if err != nil {
			return err
		}
		return d.callThis(t, reason)
	})
}

// mostNamed bounds the list of those passed over, since every event is kept.
const mostNamed = 50

func (d *desk) callThis(t ticket.Ticket, reason string) error {
	q := d.h.cat.Queue(t.Queue)
	if q.RulesOn(t.Day).FilingOrder {
		return fault.New(fault.FilingOrder)
	}
	if reason == "" {
		return fault.New(fault.ReasonNeeded)
	}
	if !ticket.KnownReason(reason) {
		return fault.New(fault.UnknownReason, "reason", reason)
	}
	why := ticket.Reason{Rule: ticket.RuleNamed, Due: t.Due, Arrival: t.Arrival, HeadStart: t.HeadStart}
	line, err := d.tx.Line(t.Queue, t.Day, 0)
	if err != nil {
		return err
	}
	for _, u := range line {
		switch {
		case u.ID == t.ID || !u.Before(t):
		case len(why.Passed) < mostNamed:
			why.Passed = append(why.Passed, ticket.Passed{Ticket: u.ID, Number: u.Number, Why: reason})
		default:
			why.More++
		}
	}
	return d.call(t, ticket.CallThis, d.tx.Now().Before(t.Told()), reason, why)
}

// Recall calls the open ticket once more; its state stays.
func (h *Hall) Recall(ctx context.Context, act Act, counterID string) (Desk, error) {
	return h.withOpen(ctx, act, counterID, func(d *desk, t ticket.Ticket) error {
		was := t
		state, err := ticket.Next(t.State, ticket.Recall)
		if err != nil {
			return err
		}
		t.State = state
		t.Recalls++
		_, err = d.record(was, t, ticket.Recall, true, "", nil)
		return err
	})
}

// withOpen decides a command about the ticket open at a counter.
func (h *Hall) withOpen(ctx context.Context, act Act, counterID string, decide func(d *desk, t ticket.Ticket) error) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.running(); err != nil {
			return err
		}
		t, err := d.opened()
		if err != nil {
			return err
		}
		return decide(d, t)
	})
}

// withTicket decides a command about a ticket that the clerk named.
func (h *Hall) withTicket(ctx context.Context, act Act, counterID, ticketID string, decide func(d *desk, t ticket.Ticket) error) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.running(); err != nil {
			return err
		}
		t, err := d.ticket(ticketID)
		if err != nil {
			return err
		}
		return decide(d, t)
	})
}

package hall

import (
	"context"
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

// lookahead is how many waiting tickets of a queue are looked at, besides those
// further back whom the choice turns on; lookfurther, where somebody further
// back is called, so that the first mostNamed who were passed over are named.
const (
	lookahead   = 32
	lookfurther = 2 * mostNamed
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
	for n := lookahead; ; n = lookfurther {
		c, err := d.fronts(n)
		if err != nil {
			return ticket.Pick{}, false, err
		}
		pick, ok := ticket.Choose(c)
		if !ok || d.failed != nil {
			return pick, false, d.failed
		}
		unseen, err := d.unseen(c, pick.Ticket)
		if err != nil || unseen == 0 || n == lookfurther {
			pick.Why.More += unseen
			return pick, true, err
		}
	}
}

// fronts reads what the choice turns on in the lines of the counter's policy.
func (d *desk) fronts(n int) (ticket.Choice, error) {
	now := d.tx.Now()
	c := ticket.Choice{Now: now, Offers: d.shift.Offers, SoftAfter: softAfter}
	day := d.office.Day(now)
	c.NeedsElsewhere = d.meetsElsewhere
	for _, s := range d.shift.Queues {
		q := d.h.cat.Queue(s.Queue)
		if q == nil {
			continue
		}
		rules := q.RulesOn(day)
		line, err := d.tx.Front(q.ID, day, c, rules, n)
		if err != nil {
			return c, err
		}
		c.Queues = append(c.Queues, ticket.Queue{ID: q.ID, Line: line, Rules: rules, AtLatest: s.AtLatest})
	}
	return c, nil
}

// unseen counts those who stand before a ticket in the lines, but not in the
// fronts that were read: the call passes over each of them.
func (d *desk) unseen(c ticket.Choice, t ticket.Ticket) (n int, err error) {
	for _, q := range c.Queues {
		if len(q.Line) < lookahead {
			continue // that is all of it
		}
		_, all, err := d.tx.Ahead(q.ID, t, 0)
		if err != nil {
			return 0, err
		}
		for _, u := range q.Line {
			if u.Before(t) {
				all--
			}
		}
		n += all
	}
	return n, nil
}

// meetsElsewhere tells whether another open counter of the office meets a need.
// The counters are looked at only where somebody has a soft need; d.failed is set
// when they cannot be.
func (d *desk) meetsElsewhere(n office.Need) bool {
	if d.elsewhere == nil && d.failed == nil {
		d.elsewhere, d.failed = d.offeredElsewhere()
	}
	return d.failed == nil && d.elsewhere(n)
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
	if err := d.outOfTurn(t); err != nil {
		return err
	}
	if reason == "" {
		return fault.New(fault.ReasonNeeded)
	}
	if !ticket.KnownReason(reason) {
		return fault.New(fault.UnknownReason, "reason", reason)
	}
	why := ticket.Reason{Rule: ticket.RuleNamed, Due: t.Due, Arrival: t.Arrival, HeadStart: t.HeadStart}
	ahead, all, err := d.tx.Ahead(t.Queue, t, mostNamed)
	if err != nil {
		return err
	}
	for _, u := range ahead {
		why.Passed = append(why.Passed, ticket.Passed{Ticket: u.ID, Number: u.Number, Why: reason})
	}
	why.More = all - len(ahead)
	return d.call(t, ticket.CallThis, d.tx.Now().Before(t.Told()), reason, why)
}

// outOfTurn refuses to call a ticket before others where the order of filing is law.
func (d *desk) outOfTurn(t ticket.Ticket) error {
	if d.h.cat.Queue(t.Queue).RulesOn(t.Day).FilingOrder {
		return fault.New(fault.FilingOrder)
	}
	return nil
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

package hall

import (
	"context"
	"time"

	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// Return puts a ticket back into its line: a missed one within the grace keeps
// its due, later it gets due = now (late); a called, served or parked one keeps
// its due. With ticketID "" it is the one open at this counter.
func (h *Hall) Return(ctx context.Context, act Act, counterID, ticketID string) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.running(); err != nil {
			return err
		}
		t, err := d.named(ticketID)
		if err != nil {
			return err
		}
		return d.putBack(t)
	})
}

// named finds the ticket a clerk means: by id, or the open one.
func (d *desk) named(id string) (ticket.Ticket, error) {
	if id == "" {
		return d.opened()
	}
	t, err := d.ticket(id)
	if err != nil {
		return t, err
	}
	busy := t.State == ticket.Called || t.State == ticket.Serving
	if busy && t.ID != d.shift.Ticket {
		return t, fault.New(fault.NotYours, "number", t.Number, "counter", t.Counter)
	}
	return t, nil
}

func (d *desk) putBack(t ticket.Ticket) error {
	was := t
	move := ticket.Return
	due, err := d.h.dueBack(t, d.tx.Now())
	if fault.CodeOf(err) == fault.GraceOver {
		move, due = ticket.ReturnLate, ticket.ReturnedLate(d.tx.Now())
	} else if err != nil {
		return err
	}
	state, err := ticket.Next(t.State, move)
	if err != nil {
		return err
	}
	t = back(t, due)
	t.State = state
	_, err = d.record(was, t, move, false, "", nil)
	return err
}

// dueBack is the due of a ticket that goes back into its line, as ticket.Returned
// has it. In filing order nobody keeps an old place, but who was only called.
func (h *Hall) dueBack(t ticket.Ticket, now time.Time) (time.Time, error) {
	rules := h.cat.Queue(t.Queue).RulesOn(t.Day)
	due, err := ticket.Returned(t, now, rules)
	if err == nil && rules.FilingOrder && t.State != ticket.Called {
		due = now
	}
	return due, err
}

// back is a ticket in its line again, behind those with the same due when its
// own is another now.
func back(t ticket.Ticket, due time.Time) ticket.Ticket {
	if due = millis(due); !due.Equal(t.Due) {
		t.Joined = -1
	}
	t = unbound(t)
	t.Due = due
	return t
}

// unbound forgets the present call, service and absence of a ticket that joins a line.
func unbound(t ticket.Ticket) ticket.Ticket {
	t.Counter, t.CalledAt, t.ServingAt, t.MissedAt, t.ParkedUntil, t.Recalls, t.Invited =
		"", time.Time{}, time.Time{}, time.Time{}, time.Time{}, 0, false
	return t
}

// ThisOneIsHere puts the called ticket back and starts the one whose holder
// stands at the counter: one transaction, one undo. A closing counter takes no
// other than its last: counter_closing.
func (h *Hall) ThisOneIsHere(ctx context.Context, act Act, counterID, ticketID string) (Desk, error) {
	return h.withTicket(ctx, act, counterID, ticketID, func(d *desk, t ticket.Ticket) error {
		if err := counter.CanTake(d.shift, ticket.CallThis); err != nil {
			return err
		}
		if t.State != ticket.Waiting && t.State != ticket.Missed {
			_, err := ticket.Next(t.State, ticket.CallThis)
			return err
		}
		if d.open != nil {
			if d.open.State != ticket.Called {
				return d.free()
			}
			if t.State == ticket.Waiting { // refused before anything is written
				if err := d.outOfTurn(t); err != nil {
					return err
				}
			}
			if err := d.putBack(*d.open); err != nil {
				return err
			}
		}
		if t.State == ticket.Missed {
			return d.startHere(t) // whoever missed it, its holder is here
		}
		if err := d.callThis(t, "present"); err != nil {
			return err
		}
		return d.start(*d.open)
	})
}

// TransferRequest says where a ticket goes: to another queue of the office, or
// to the queue that a counter serves first.
type TransferRequest struct {
	Queue   string
	Counter string
	// Place is due (keeps its due: wrong queue, our mistake), front or end; "" is due.
	Place string
	// Reason is a code, needed for the front.
	Reason string
}

// Transfer sends the open ticket to another queue, keeping its number.
func (h *Hall) Transfer(ctx context.Context, act Act, counterID string, r TransferRequest) (Desk, error) {
	c, _, err := h.desk(counterID)
	if err != nil {
		return Desk{}, err
	}
	to, err := h.target(c.Office, r)
	if err != nil {
		return Desk{}, err
	}
	return h.withOpen(ctx, act, counterID, func(d *desk, t ticket.Ticket) error { return d.transfer(t, to, r) })
}

func (h *Hall) target(officeID string, r TransferRequest) (*office.Queue, error) {
	queue := r.Queue
	if queue == "" && r.Counter != "" {
		c := h.cat.Counter(r.Counter)
		if c == nil || c.Office != officeID || len(c.Queues) == 0 {
			return nil, fault.New(fault.UnknownThing, "what", r.Counter)
		}
		queue = c.Queues[0]
	}
	if queue == "" {
		return nil, fault.New(fault.InvalidField, "field", "queue", "why", "")
	}
	return h.queueOf(officeID, "", queue)
}

func (d *desk) transfer(t ticket.Ticket, to *office.Queue, r TransferRequest) error {
	was := t
	from := d.h.cat.Queue(t.Queue)
	if r.Place == ticket.PlaceFront && (to.RulesOn(t.Day).FilingOrder || from.RulesOn(t.Day).FilingOrder) {
		return fault.New(fault.FilingOrder)
	}
	if r.Place == ticket.PlaceFront && r.Reason == "" {
		return fault.New(fault.ReasonNeeded)
	}
	if r.Reason != "" && !ticket.KnownReason(r.Reason) {
		return fault.New(fault.UnknownReason, "reason", r.Reason)
	}
	state, err := ticket.Next(t.State, ticket.Transfer)
	if err != nil {
		return err
	}
	now := d.tx.Now()
	if t.Due, err = ticket.Transferred(t, to.ID, r.Place, now, to.RulesOn(t.Day)); err != nil {
		return err
	}
	t = unbound(t)
	t.State, t.Queue, t.Due, t.Callable, t.Joined = state, to.ID, millis(t.Due), time.Time{}, -1
	if d.h.cat.QueueFor(t.Service, to.Office) != to {
		t.Service = ""
	}
	d.h.estimate(&t)
	_, err = d.record(was, t, ticket.Transfer, false, r.Reason, map[string]string{"from": was.Queue, "place": r.Place})
	return err
}

// Continue ends the present service and joins the queue of the visit's next
// one; the number is kept, due = now.
func (h *Hall) Continue(ctx context.Context, act Act, counterID, service string) (Desk, error) {
	c, _, err := h.desk(counterID)
	if err != nil {
		return Desk{}, err
	}
	q, err := h.queueOf(c.Office, service, "")
	if err != nil {
		return Desk{}, err
	}
	return h.withOpen(ctx, act, counterID, func(d *desk, t ticket.Ticket) error {
		was := t
		state, err := ticket.Next(t.State, ticket.Continue)
		if err != nil {
			return err
		}
		t = unbound(t)
		t.State, t.Queue, t.Service, t.Due, t.Callable, t.Joined = state, q.ID, service, d.tx.Now(), time.Time{}, -1
		d.h.estimate(&t)
		_, err = d.record(was, t, ticket.Continue, false, "", map[string]string{"from": was.Service})
		return err
	})
}

// Reopen takes up a ticket that was finished today.
func (h *Hall) Reopen(ctx context.Context, act Act, counterID, ticketID string) (Desk, error) {
	return h.withTicket(ctx, act, counterID, ticketID, func(d *desk, t ticket.Ticket) error {
		if err := d.taking(ticket.Reopen); err != nil {
			return err
		}
		was := t
		state, err := ticket.Next(t.State, ticket.Reopen)
		if err != nil {
			return err
		}
		if t.Day != d.office.Day(d.tx.Now()) {
			return fault.New(fault.IllegalMove, "move", string(ticket.Reopen), "state", string(t.State))
		}
		t.State, t.Outcome, t.EndedAt, t.Counter, t.ServingAt = state, "", time.Time{}, d.counter.ID, d.tx.Now()
		_, err = d.record(was, t, ticket.Reopen, true, "", nil)
		return err
	})
}

// CancelTicket ends a ticket by its holder or by staff.
func (h *Hall) CancelTicket(ctx context.Context, act Act, id string) (ticket.Ticket, error) {
	return h.withLone(ctx, act, id, ticket.Cancel, func(tx Tx, t *ticket.Ticket) error {
		t.EndedAt = tx.Now()
		return nil
	})
}

// Unserve ends a ticket that the office could not serve; it gives a return pass.
func (h *Hall) Unserve(ctx context.Context, act Act, id string) (ticket.Ticket, error) {
	return h.withLone(ctx, act, id, ticket.Unserve, func(tx Tx, t *ticket.Ticket) error {
		t.EndedAt = tx.Now()
		return nil
	})
}

// stepOutFor is how long a holder who stepped out is expected to be away.
const stepOutFor = 15 * time.Minute

// StepOut parks a waiting ticket at its holder's wish, once.
func (h *Hall) StepOut(ctx context.Context, act Act, id string) (ticket.Ticket, error) {
	return h.withLone(ctx, act, id, ticket.StepOut, func(tx Tx, t *ticket.Ticket) error {
		if t.SteppedOut {
			return fault.New(fault.SteppedOutOnce)
		}
		t.SteppedOut, t.ParkedUntil = true, tx.Now().Add(stepOutFor)
		return nil
	})
}

// ComeBack returns a ticket whose holder stepped out or was parked, or was missed
// and is here again within the grace, with the same due; after the grace:
// grace_over. In a filing order the due is now, and who was missed goes to staff:
// filing_order.
// From a counter only its clerk sends somebody back: illegal_move.
func (h *Hall) ComeBack(ctx context.Context, act Act, id string) (ticket.Ticket, error) {
	return h.withLone(ctx, act, id, ticket.Return, func(tx Tx, t *ticket.Ticket) error {
		if !ticket.May(t.State, ticket.Return, ticket.Holder) {
			return fault.New(fault.IllegalMove, "move", string(ticket.Return), "state", string(t.State))
		}
		due, err := h.dueBack(*t, tx.Now())
		if fault.CodeOf(err) == fault.GraceOver && h.cat.Queue(t.Queue).RulesOn(t.Day).FilingOrder {
			return fault.New(fault.FilingOrder) // there never was a grace
		}
		if err != nil {
			return err
		}
		*t = back(*t, due)
		return nil
	})
}

// withLone makes a move of a ticket that no counter holds, such as its holder's own.
func (h *Hall) withLone(ctx context.Context, act Act, id string, m ticket.Move, edit func(tx Tx, t *ticket.Ticket) error) (ticket.Ticket, error) {
	seen, err := h.ledger.Read(ctx).Ticket(id)
	if err != nil {
		return seen, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{seen.Office}}, func(tx Tx) (ticket.Ticket, []string, error) {
		t, err := tx.Ticket(id)
		if err != nil {
			return t, nil, err
		}
		d := &desk{h: h, tx: tx, act: act, office: h.cat.Office(t.Office), counter: &office.Counter{}}
		t, err = d.lone(t, m, edit)
		return t, []string{id}, err
	}, func(r Reader, ids []string) (ticket.Ticket, error) { return r.Ticket(ids[0]) })
}

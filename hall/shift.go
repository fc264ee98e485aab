package hall

import (
	"context"
	"time"

	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/office"
)

// OpenCounter opens a counter for the actor with a policy: the queues asked
// for, else the counter's own. An open counter of the same clerk gets the new
// policy. Faults: counter_taken, queue_not_here, not_found.
func (h *Hall) OpenCounter(ctx context.Context, act Act, counterID string, queues []string) (Desk, error) {
	c, o, err := h.desk(counterID)
	if err != nil {
		return Desk{}, err
	}
	policy, err := h.policy(c, o, queues)
	if err != nil {
		return Desk{}, err
	}
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := counter.CanOpen(d.shift, act.Actor); err != nil {
			return err
		}
		state, err := counter.Next(d.shift.State, counter.MoveOpen)
		if err != nil {
			return err
		}
		s := d.shift
		open := s.Clerk == act.Actor && s.State != counter.Closed && s.State != ""
		if !open {
			s.Since = d.tx.Now()
		}
		s.Counter, s.Office, s.Clerk, s.State = c.ID, o.ID, act.Actor, state
		s.Reason, s.BackAt, s.WritingUp = "", time.Time{}, false
		s.Offers = c.Offers
		if !open || len(queues) > 0 {
			s.Queues = policy
		}
		return d.setShift(s, counter.MoveOpen, "")
	})
}

// policy turns queue ids into a counter's ordered list, its own where none are asked for.
func (h *Hall) policy(c *office.Counter, o *office.Office, queues []string) ([]counter.Served, error) {
	asked := make([]counter.Served, 0, len(queues))
	for _, id := range queues {
		q, err := h.queueOf(o.ID, "", id)
		if err != nil {
			return nil, err
		}
		asked = append(asked, counter.Served{Queue: q.ID})
	}
	return counter.Policy(c.Queues, asked), nil
}

// CloseRequest says what becomes of a ticket that is still open.
type CloseRequest struct {
	// After closes when the open ticket is finished.
	After bool
	// Manager may close a counter that another clerk holds; its ticket goes back.
	Manager bool
}

// CloseCounter ends the shift. With a ticket open it is refused
// (counter_busy) unless After is set, which makes the counter closing.
func (h *Hall) CloseCounter(ctx context.Context, act Act, counterID string, r CloseRequest) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		var err error
		if d.shift.State == counter.Closed || d.shift.State == "" {
			return fault.New(fault.CounterClosed)
		}
		if !r.Manager {
			if err := d.mine(); err != nil {
				return err
			}
		}
		s := d.shift
		if d.open != nil {
			switch {
			case r.After:
			case r.Manager:
				return d.closeBusy()
			default:
				return d.free()
			}
			if s.State, err = counter.Next(s.State, counter.MoveClosing); err != nil {
				return err
			}
			return d.setShift(s, counter.MoveClosing, "")
		}
		return d.shut("")
	})
}

// closeBusy puts the open ticket back and closes. The clerk, whose move it was
// not, cannot undo it.
func (d *desk) closeBusy() error {
	if err := d.putBack(*d.open); err != nil {
		return err
	}
	d.undo = event.Undo{}
	if err := d.tx.DropUndo(d.counter.ID); err != nil {
		return err
	}
	if d.shift.State == counter.Closed {
		return nil // it was closing, and this one was the last
	}
	return d.shut("manager")
}

// shut ends the shift.
func (d *desk) shut(reason string) error {
	s := d.shift
	state, err := counter.Next(s.State, counter.MoveClose)
	if err != nil {
		return err
	}
	s.State, s.Queues, s.WritingUp = state, nil, false
	return d.setShift(s, counter.MoveClose, reason)
}

// Break pauses an open counter without a ticket, with a reason code and the
// time it is back (zero: not said).
func (h *Hall) Break(ctx context.Context, act Act, counterID, reason string, back time.Time) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.free(); err != nil {
			return err
		}
		s := d.shift
		state, err := counter.Next(s.State, counter.MoveBreak)
		if err != nil {
			return err
		}
		s.State, s.Reason, s.BackAt = state, reason, millis(back)
		return d.setShift(s, counter.MoveBreak, reason)
	})
}

// Back ends a break.
func (h *Hall) Back(ctx context.Context, act Act, counterID string) (Desk, error) {
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		s := d.shift
		state, err := counter.Next(s.State, counter.MoveBack)
		if err != nil {
			return err
		}
		s.State, s.Reason, s.BackAt = state, "", time.Time{}
		return d.setShift(s, counter.MoveBack, "")
	})
}

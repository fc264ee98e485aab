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

// Start begins to serve the called ticket.
func (h *Hall) Start(ctx context.Context, act Act, counterID string) (Desk, error) {
	return h.withOpen(ctx, act, counterID, func(d *desk, t ticket.Ticket) error { return d.start(t) })
}

func (d *desk) start(t ticket.Ticket) error {
	if _, err := ticket.Next(t.State, ticket.Start); err != nil {
		return err
	}
	if t.Counter != d.counter.ID {
		return fault.New(fault.NotYours, "number", t.Number, "counter", t.Counter)
	}
	return d.startHere(t)
}

// startHere begins to serve a ticket, whichever counter declared it missed.
func (d *desk) startHere(t ticket.Ticket) error {
	was := t
	state, err := ticket.Next(t.State, ticket.Start)
	if err != nil {
		return err
	}
	t.State, t.Counter, t.ServingAt, t.MissedAt = state, d.counter.ID, d.tx.Now(), time.Time{}
	_, err = d.record(was, t, ticket.Start, true, "", nil)
	return err
}

// StartMissed starts a ticket that this counter declared missed and that came
// after all. Faults: not_yours where another counter called or missed it.
func (h *Hall) StartMissed(ctx context.Context, act Act, counterID, ticketID string) (Desk, error) {
	return h.withTicket(ctx, act, counterID, ticketID, func(d *desk, t ticket.Ticket) error {
		if err := d.taking(ticket.Start); err != nil {
			return err
		}
		return d.start(t)
	})
}

// Finish ends the service with an outcome ("" means served). An incomplete
// visit gives a return pass. The counter is then writing up until its next call.
func (h *Hall) Finish(ctx context.Context, act Act, counterID string, outcome ticket.Outcome) (Desk, error) {
	if outcome == "" {
		outcome = ticket.Served
	}
	return h.withOpen(ctx, act, counterID, func(d *desk, _ ticket.Ticket) error { return d.finish(outcome) })
}

func (d *desk) finish(outcome ticket.Outcome) error {
	switch outcome {
	case ticket.Served, ticket.Incomplete, ticket.NotServed, ticket.Left:
	default:
		return fault.New(fault.InvalidField, "field", "outcome", "why", string(outcome))
	}
	was := *d.open
	t := was
	state, err := ticket.Next(t.State, ticket.Finish)
	if err != nil {
		return err
	}
	t.State, t.Outcome, t.EndedAt = state, outcome, d.tx.Now()
	_, err = d.record(was, t, ticket.Finish, false, "", nil)
	return err
}

// Miss declares that the called person did not come. It opens 60 s after the
// first call, 120 s for the need "more time" or a far zone, never by count
// alone. A call before the time told was an invitation: the ticket goes back
// with the same due and nothing is counted against it.
func (h *Hall) Miss(ctx context.Context, act Act, counterID string) (Desk, error) {
	return h.withOpen(ctx, act, counterID, func(d *desk, _ ticket.Ticket) error { return d.miss() })
}

func (d *desk) miss() error {
	was := *d.open
	t := was
	rules := d.h.cat.Queue(t.Queue).RulesOn(t.Day)
	if _, err := ticket.Next(t.State, ticket.Miss); err != nil {
		return err
	}
	now := d.tx.Now()
	if wait := ticket.CanMiss(t, now, d.far(), rules); wait > 0 {
		return fault.New(fault.MissTooSoon, "seconds", int((wait+time.Second-1)/time.Second))
	}
	if t.Invited {
		t.State, t.Counter, t.CalledAt, t.Recalls, t.Invited = ticket.Waiting, "", time.Time{}, 0, false
		t.Asked = now
		// The tie-break stays: nothing is counted against the holder.
		_, err := d.record(was, t, ticket.Return, false, "invitation", nil)
		return err
	}
	t.State, t.MissedAt, t.Recalls = ticket.Missed, now, 0
	_, err := d.record(was, t, ticket.Miss, false, "", nil)
	return err
}

func (d *desk) far() bool {
	for _, z := range d.office.Zones {
		if z.ID == d.counter.Zone {
			return z.Far
		}
	}
	return false
}

// Park sets the served ticket aside; minutes 0 means open-ended.
func (h *Hall) Park(ctx context.Context, act Act, counterID string, minutes int) (Desk, error) {
	if minutes < 0 || minutes > 24*60 {
		return Desk{}, fault.New(fault.InvalidField, "field", "minutes", "why", minutes)
	}
	return h.withOpen(ctx, act, counterID, func(d *desk, t ticket.Ticket) error {
		was := t
		state, err := ticket.Next(t.State, ticket.Park)
		if err != nil {
			return err
		}
		t.State, t.ParkedUntil = state, time.Time{}
		if minutes > 0 {
			t.ParkedUntil = d.tx.Now().Add(time.Duration(minutes) * time.Minute)
		}
		_, err = d.record(was, t, ticket.Park, false, "", nil)
		return err
	})
}

// Resume takes a parked ticket up again, at any counter of its queue.
func (h *Hall) Resume(ctx context.Context, act Act, counterID, ticketID string) (Desk, error) {
	return h.withTicket(ctx, act, counterID, ticketID, func(d *desk, t ticket.Ticket) error {
		if err := d.taking(ticket.Resume); err != nil {
			return err
		}
		was := t
		state, err := ticket.Next(t.State, ticket.Resume)
		if err != nil {
			return err
		}
		t.State, t.Counter, t.ServingAt, t.ParkedUntil = state, d.counter.ID, d.tx.Now(), time.Time{}
		_, err = d.record(was, t, ticket.Resume, true, "", nil)
		return err
	})
}

// TakeOver takes a called or served ticket from another counter, such as one
// whose console is lost.
func (h *Hall) TakeOver(ctx context.Context, act Act, counterID, ticketID string) (Desk, error) {
	return h.withTicket(ctx, act, counterID, ticketID, func(d *desk, t ticket.Ticket) error {
		if err := d.taking(ticket.TakeOver); err != nil {
			return err
		}
		state, err := ticket.Next(t.State, ticket.TakeOver)
		if err != nil {
			return err
		}
		return d.takeOver(t, state)
	})
}

func (d *desk) takeOver(t ticket.Ticket, state ticket.State) error {
	was := t
	other, err := d.tx.Shift(t.Counter)
	if err != nil {
		return err
	}
	d.before(was)
	d.undo.Before.Shifts = append(d.undo.Before.Shifts, other)
	other.Ticket = ""
	if other.State == counter.Closing {
		other.State, other.Queues = counter.Closed, nil
	}
	t.State, t.Counter = state, d.counter.ID
	mine := d.shift
	mine.Ticket, mine.WritingUp = t.ID, false
	ev, err := d.tx.Append(event.Draft{Office: d.office.ID, Kind: event.TicketKind(string(ticket.TakeOver)), Actor: d.act.recorded(), Counter: d.counter.ID,
		Images: event.Images{Tickets: []ticket.Ticket{t}, Shifts: []counter.Shift{other, mine}}})
	if err != nil {
		return err
	}
	d.took(ev)
	return nil
}

// ServeRequest names what a person without a ticket came for.
type ServeRequest struct {
	Service, Queue string
	Lang           string
	Needs          []office.Need
}

// ServeHere gives a person without a ticket a number and starts, in one move.
func (h *Hall) ServeHere(ctx context.Context, act Act, counterID string, r ServeRequest) (Desk, error) {
	c, _, err := h.desk(counterID)
	if err != nil {
		return Desk{}, err
	}
	q, err := h.queueOf(c.Office, r.Service, r.Queue)
	if err != nil {
		return Desk{}, err
	}
	return h.atCounter(ctx, act, counterID, func(d *desk) error {
		if err := d.mine(); err != nil {
			return err
		}
		if err := d.running(); err != nil {
			return err
		}
		if err := d.taking(ticket.Serve); err != nil {
			return err
		}
		return d.serveHere(q, r)
	})
}

func (d *desk) serveHere(q *office.Queue, r ServeRequest) error {
	now := d.tx.Now()
	t, err := d.h.numbered(d.tx, q, ticket.Ticket{Service: r.Service, Class: ticket.WalkIn, Lang: r.Lang, Needs: r.Needs,
		Arrival: now, Due: now}, ticket.Serve)
	if err != nil {
		return err
	}
	t.Counter, t.ServingAt = d.counter.ID, now
	if t, err = d.record(ticket.Ticket{}, t, ticket.Serve, true, "", nil); err != nil {
		return err
	}
	link, err := d.h.newSecret()
	if err != nil {
		return err
	}
	return d.tx.SetLink(t.ID, link)
}

package api

import (
	"context"
	"slices"

	"vez/fault"
	"vez/hall"
	"vez/may"
	"vez/office"
)

// Who may act for whose queue is for the room may to say, as on the pages. Here
// it is asked with the roles that an operation is for.

// serves tells whether the caller holds one of the operation's roles for a queue
// of an office. A citizen's holds everywhere, and a kiosk's for every department
// of its office.
func (a *API) serves(c *call, queue, officeID string) bool {
	return slices.ContainsFunc(c.op.audience.Roles, func(r role) bool {
		return holds(c.who, r) && (r == citizen || may.Act(a.cat, c.who, r, queue, officeID))
	})
}

// allow refuses who does not serve a queue.
func (a *API) allow(c *call, queue, officeID string) error {
	if !a.serves(c, queue, officeID) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

// allowMeant refuses who does not serve the queue that a service or a queue stands
// for at an office, as the hall has it. One that is not there is left to the hall
// to refuse.
func (a *API) allowMeant(c *call, officeID, service, queue string) error {
	q := a.cat.Queue(queue)
	if service != "" {
		q = a.cat.QueueFor(service, officeID)
	}
	if q == nil || q.Office != officeID {
		return nil
	}
	return a.allow(c, q.ID, officeID)
}

// allowQueues refuses who does not serve each of the queues that a counter is to
// be opened for.
func (a *API) allowQueues(c *call, n *office.Counter, asked []string) error {
	if len(asked) == 0 {
		asked = n.Queues
	}
	for _, id := range asked {
		if err := a.allowMeant(c, n.Office, "", id); err != nil {
			return err
		}
	}
	return nil
}

// allowClaim refuses who does not serve the queue of what they check in. What is
// of another office is left to the hall to refuse. A kiosk serves every queue of
// its office and is spared the reading.
func (a *API) allowClaim(ctx context.Context, c *call, r hall.CheckInRequest) error {
	if c.who.Kind != "" {
		return nil
	}
	claim, err := a.Hall.Claim(ctx, r)
	if err != nil || claim.Office != r.Office {
		return err
	}
	return a.allowMeant(c, r.Office, "", claim.Queue)
}

// touches refuses who does not serve the ticket that they name at a counter. One
// that is not there, or is of another office, is left to the hall to refuse.
func (a *API) touches(ctx context.Context, c *call, counterID, ticketID string) error {
	t, err := a.Hall.Ticket(ctx, ticketID)
	switch {
	case fault.CodeOf(err) == fault.UnknownThing || err == nil && t.Office != a.cat.Counter(counterID).Office:
		return nil
	case err != nil:
		return err
	}
	return a.allow(c, t.Queue, t.Office)
}

// allowHall refuses who does not manage the hall as a whole.
func (a *API) allowHall(c *call, officeID string) error {
	if !may.ManageHall(a.cat, c.who, officeID) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

// allowClosing refuses who may not close the counter of another.
func (a *API) allowClosing(ctx context.Context, c *call, n *office.Counter) error {
	s, err := a.Hall.Read(ctx).Shift(n.ID)
	if err == nil && !may.CloseCounter(a.cat, c.who, n, s) {
		err = fault.New(fault.NotAllowed)
	}
	return err
}

package api

import (
	"context"
	"slices"

	"vez/counter"
	"vez/fault"
	"vez/identity"
	"vez/office"
)

// A centre is shared by departments that are strangers to each other. To work
// there lets somebody look around; what they change must be their department's,
// and the hall as a whole is its host's. The pages keep the same rules: see
// counter/pages/may.go and admin/acts.go.

// departmentOf is whose a queue of an office is. What is in no queue of it, or in
// none any more, is its host's.
func (a *API) departmentOf(queue, officeID string) string {
	if q := a.cat.Queue(queue); q != nil && q.Office == officeID {
		return q.Department
	}
	return a.hostOf(officeID)
}

func (a *API) hostOf(officeID string) string {
	if o := a.cat.Office(officeID); o != nil {
		return o.Host
	}
	return ""
}

// serves tells whether the caller holds one of the operation's roles for the
// department of a queue of an office.
func (a *API) serves(c *call, queue, officeID string) bool {
	return c.op.audience.mayFor(c.who, a.departmentOf(queue, officeID), officeID)
}

// allow refuses who does not serve a queue.
func (a *API) allow(c *call, queue, officeID string) error {
	if !a.serves(c, queue, officeID) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

// meant is the queue that a service or a queue stands for at an office, as the
// hall has it; "" for none.
func (a *API) meant(officeID, service, queue string) string {
	if service == "" {
		return queue
	}
	if q := a.cat.QueueFor(service, officeID); q != nil {
		return q.ID
	}
	return ""
}

// allowQueues refuses who does not serve each of the queues that a counter is to
// be opened for. One of another office is left to the hall to refuse.
func (a *API) allowQueues(c *call, n *office.Counter, asked []string) error {
	if len(asked) == 0 {
		asked = n.Queues
	}
	for _, id := range asked {
		if q := a.cat.Queue(id); q == nil || q.Office != n.Office {
			continue
		}
		if err := a.allow(c, id, n.Office); err != nil {
			return err
		}
	}
	return nil
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

// hosts tells whether somebody manages an office's hall as a whole.
func (a *API) hosts(who identity.Principal, officeID string) bool {
	return who.MayFor(manager, a.hostOf(officeID), officeID)
}

// allowHall refuses who does not manage the hall as a whole.
func (a *API) allowHall(c *call, officeID string) error {
	if !a.hosts(c.who, officeID) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

// manages tells whether somebody manages the department of a queue of an office.
func (a *API) manages(who identity.Principal, queue, officeID string) bool {
	return who.MayFor(manager, a.departmentOf(queue, officeID), officeID)
}

// allowClosing refuses who may not close the counter of another: that is for the
// hall's manager, and for who manages every queue that it serves. A shut one
// counts as serving its own, so that a repeat of the closing is answered again.
func (a *API) allowClosing(ctx context.Context, c *call, n *office.Counter) error {
	if a.hosts(c.who, n.Office) {
		return nil
	}
	s, err := a.Hall.Read(ctx).Shift(n.ID)
	if err != nil {
		return err
	}
	queues := n.Queues
	if s.State != counter.Closed && s.State != "" {
		queues = nil
		for _, q := range s.Queues {
			queues = append(queues, q.Queue)
		}
	}
	if len(queues) == 0 || slices.ContainsFunc(queues, func(id string) bool { return !a.manages(c.who, id, n.Office) }) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

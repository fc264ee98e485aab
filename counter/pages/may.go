package pages

import (
	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/identity"
	"vez/may"
	"vez/office"
	"vez/ticket"
)

// desk is a counter with its office, and who stands before it.
type desk struct {
	who     identity.Principal
	counter *office.Counter
	office  *office.Office
	cat     *office.Catalogue
}

// desk finds the counter of a request and refuses who is no clerk of its office.
func (r *room) desk(c *fiber.Ctx) (desk, error) {
	cat := r.Hall.Catalogue()
	d := desk{who: identity.Of(c), counter: cat.Counter(c.Params("counter")), cat: cat}
	if d.counter == nil {
		return d, fault.New(fault.UnknownThing, "what", "counter")
	}
	d.office = cat.Office(d.counter.Office)
	if !d.who.May(identity.Clerk, d.office.ID) {
		return d, fault.New(fault.NotAllowed)
	}
	return d, nil
}

// serves tells whether the clerk may serve a queue of the office.
func (d desk) serves(queue string) bool {
	return may.Act(d.cat, d.who, identity.Clerk, queue, d.office.ID)
}

// touches refuses a ticket of another office, or of a queue that the clerk may not serve.
func (d desk) touches(t ticket.Ticket) error {
	if t.Office != d.office.ID {
		return fault.New(fault.UnknownThing, "what", t.ID)
	}
	if !d.serves(t.Queue) {
		return fault.New(fault.NotAllowed)
	}
	return nil
}

// manages tells whether the clerk is also the manager of a queue.
func (d desk) manages(queue string) bool {
	return may.Act(d.cat, d.who, identity.Manager, queue, d.office.ID)
}

// queues lists the queues of the office that the clerk may serve: the counter's own first.
func (d desk) queues() []*office.Queue {
	var own, others []*office.Queue
	for _, q := range d.cat.QueuesOf(d.office.ID) {
		switch {
		case !d.serves(q.ID):
		case d.own(q.ID):
			own = append(own, q)
		default:
			others = append(others, q)
		}
	}
	return append(own, others...)
}

// own tells whether the counter serves a queue by default.
func (d desk) own(queue string) bool {
	for _, id := range d.counter.Queues {
		if id == queue {
			return true
		}
	}
	return false
}

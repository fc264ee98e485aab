package hall

import (
	"context"

	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// ChangeRequest says what is different about a waiting ticket; nil leaves it.
type ChangeRequest struct {
	Service  *string
	Needs    *[]office.Need
	Lang     *string
	Priority *bool
	People   *int
}

// ChangeTicket corrects a waiting ticket: another service (and so perhaps
// another queue of the office), needs, language, declared priority. Its due is
// reckoned anew from the same arrival; its number stays. Faults: illegal_move,
// service_not_here, filing_order, not_found.
func (h *Hall) ChangeTicket(ctx context.Context, act Act, id string, r ChangeRequest) (ticket.Ticket, error) {
	return h.withLone(ctx, act, id, ticket.Change, func(tx Tx, t *ticket.Ticket) error {
		if r.Lang != nil {
			t.Lang = *r.Lang
		}
		if r.Needs != nil {
			t.Needs = *r.Needs
		}
		if r.People != nil {
			t.People = max(1, *r.People)
		}
		return h.replace(tx, t, r)
	})
}

// replace reckons the place anew where service or priority changes it.
func (h *Hall) replace(tx Tx, t *ticket.Ticket, r ChangeRequest) error {
	if r.Service == nil && r.Priority == nil {
		return nil
	}
	was, q := *t, h.cat.Queue(t.Queue)
	if r.Service != nil {
		to, err := h.queueOf(t.Office, *r.Service, "")
		if err != nil {
			return err
		}
		q, t.Service, t.Queue = to, *r.Service, to.ID
	}
	rules := q.RulesOn(t.Day)
	if r.Priority != nil {
		t.HeadStart = 0
		if *r.Priority {
			if rules.FilingOrder {
				return fault.New(fault.FilingOrder)
			}
			t.HeadStart = rules.PriorityHeadStart
		}
	}
	if q.ID == was.Queue && t.HeadStart == was.HeadStart && (rules.FilingOrder || t.Start.IsZero()) {
		return nil // nothing it is reckoned from changes: who came back behind stays there
	}
	j := ticket.Joining{Arrival: t.Arrival, Class: t.Class, Start: t.Start, HeadStart: t.HeadStart, Rules: rules}
	// Whether somebody booked came in time was judged at the door, where a late
	// hall or a broken kiosk was known: it is not judged again.
	switch t.Class {
	case ticket.Booked:
		j.KioskDownFor = max(0, t.Arrival.Sub(t.Start))
	case ticket.Late:
		j.Class = ticket.WalkIn
	}
	place, err := ticket.Join(j)
	if err != nil {
		return err
	}
	if !millis(place.Due).Equal(was.Due) || q.ID != was.Queue {
		t.Joined = -1
	}
	t.Due, t.Callable = millis(place.Due), millis(place.Callable)
	h.estimate(t)
	return nil
}

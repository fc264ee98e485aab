package api

import (
	"context"

	"vez/fault"
	"vez/hall"
)

// unlessRepeated gives a refusal of ours back, except to a request that was
// answered before: what it made stands in its own way now, and the hall is to
// render it again.
//
// Whether it was is asked with a booking in the past under the same key: the
// hall looks at the key before anything else, and refuses such a booking in any
// case, so that nothing is changed either way.
func (a *API) unlessRepeated(ctx context.Context, c *call, officeID string, refusal error) error {
	if refusal == nil || c.key.Zero() {
		return refusal
	}
	service := a.serviceAt(officeID)
	if service == "" {
		return refusal
	}
	_, err := a.Hall.Book(ctx, c.act(), hall.BookRequest{Service: service, Office: officeID})
	switch fault.CodeOf(err) {
	case "", fault.UnknownThing, fault.KeyReused: // it made a booking, something else, or something for another body
		return nil
	case fault.LedgerAway, fault.UnknownOutcome, fault.ShuttingDown, fault.Unexpected:
		return err
	}
	return refusal
}

// serviceAt is any service that is offered at an office; "" where none is.
func (a *API) serviceAt(officeID string) string {
	for _, q := range a.cat.QueuesOf(officeID) {
		for _, s := range q.Services {
			if a.cat.QueueFor(s, officeID) != nil {
				return s
			}
		}
	}
	return ""
}

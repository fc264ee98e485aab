package pages

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"vez/event"
	"vez/ticket"
)

// why is the reason of a call, with the code that staff named, if any.
type why struct {
	ticket.Reason
	named string
}

// whys keeps the reason of each counter's present call: one a counter.
type whys struct {
	mu   sync.Mutex
	last map[string]told
}

type told struct {
	ticket string
	called time.Time
	why    why
}

func (w *whys) put(counter string, t ticket.Ticket, reason why) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.last == nil {
		w.last = map[string]told{}
	}
	w.last[counter] = told{t.ID, t.CalledAt, reason}
}

func (w *whys) get(counter string, t ticket.Ticket) (why, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	x, ok := w.last[counter]
	return x.why, ok && x.ticket == t.ID && x.called.Equal(t.CalledAt)
}

// How far back an event of a call is looked for, and how much at once.
const (
	lookBack = 4_000
	lookStep = 250
)

// whyOf tells why the ticket open at a counter was called; false when it was
// not called (served here, resumed) or the event cannot be found.
func (r *room) whyOf(ctx context.Context, counter string, t ticket.Ticket) (why, bool) {
	if t.CalledAt.IsZero() {
		return why{}, false
	}
	if x, ok := r.whys.get(counter, t); ok {
		return x, x.Rule != ""
	}
	if r.Events == nil {
		return why{}, false
	}
	found, err := r.findCall(ctx, t)
	if err == nil {
		r.whys.put(counter, t, found) // also what is not found: it will not be found later
	}
	return found, found.Rule != ""
}

// findCall walks back from a ticket's last event to the event of its present call.
func (r *room) findCall(ctx context.Context, t ticket.Ticket) (why, error) {
	for end := t.Seq; end > 0 && end > t.Seq-lookBack; end -= lookStep {
		start := max(end-lookStep, 0)
		list, err := r.Events.After(ctx, t.Office, start, int(end-start))
		if err != nil {
			return why{}, err
		}
		for i := len(list) - 1; i >= 0; i-- {
			if x, ok := callOf(list[i], t); ok {
				return x, nil
			}
		}
	}
	return why{}, nil
}

// callOf reads the reason off the event of a ticket's present call.
func callOf(e event.Event, t ticket.Ticket) (why, bool) {
	move, ok := e.Kind.Move()
	if !ok || move != ticket.Call && move != ticket.CallThis || len(e.Images.Tickets) == 0 {
		return why{}, false
	}
	if now := e.Images.Tickets[0]; now.ID != t.ID {
		return why{}, false
	}
	x := why{named: e.Reason}
	if json.Unmarshal(e.Detail, &x.Reason) != nil {
		return why{}, false
	}
	return x, true
}

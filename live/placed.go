package live

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vez/event"
	"vez/ticket"
)

// Placed is a ticket as the hub holds it and what its holder sees, of one moment.
type Placed struct {
	// Ticket is the hub's own, not to be written to: another one takes its place with each change.
	Ticket *ticket.Ticket
	Position
}

// Placed gives a ticket of an office's day; false when the hub has none of that id.
func (h *Hub) Placed(ctx context.Context, office, id string) (Placed, bool) {
	var ok bool
	p, err := view(ctx, h, office, func(x *hall, now, machine time.Time) (p Placed) {
		p.Position, ok = x.position(id, now, machine)
		p.Ticket = x.tickets[id]
		return p
	})
	return p, ok && err == nil
}

// Active lists the tickets of an office's day that are not over, if the office is
// held and anything has changed since the version that a call gave; 0 is the first.
func (h *Hub) Active(office string, since uint64) (ids []string, version uint64) {
	x := h.halls[office]
	if x == nil {
		return nil, since
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.loaded || x.version == since {
		return nil, since
	}
	for id, t := range x.tickets {
		if !t.State.Final() {
			ids = append(ids, id)
		}
	}
	return ids, x.version
}

// Newest tells whether what the hub holds of an office is all that the ledger
// has of it. The ledger is asked after the call has begun, so that a view taken
// afterwards is no older than any answer that anybody had before, at whichever
// hub; those who ask at the same time share one question. It is false as well
// while the ledger is away, and after that until everything was compared with it.
func (h *Hub) Newest(ctx context.Context, office string) bool {
	if x := h.halls[office]; x == nil || !x.isLoaded() || !h.doubt.settled() {
		return false
	}
	heads := h.newest.ask(func() []event.Head { return h.heads(ctx) })
	i := slices.IndexFunc(heads, func(want event.Head) bool { return want.Office == office })
	if i < 0 {
		return false
	}
	have, err := h.Head(ctx, office)
	return err == nil && have.Epoch == heads[i].Epoch && have.Seq >= heads[i].Seq
}

// heads asks the ledger; nothing when it is away.
func (h *Hub) heads(ctx context.Context) []event.Head {
	heads, err := h.cfg.Source.Heads(ctx)
	if err != nil {
		h.doubt.raise()
		return nil
	}
	return heads
}

// shared is a question that is asked for several at a time.
type shared[T any] struct {
	busy sync.Mutex // held while it is asked
	mu   sync.Mutex
	next *turn[T] // those who wait for the next time; nil: nobody
}

type turn[T any] struct {
	asking int // how many wait for it
	done   chan struct{}
	answer T
}

// ask gives the answer to a question that was put after the call: its own, or
// that of somebody who was about to put it.
func (s *shared[T]) ask(question func() T) T {
	s.mu.Lock()
	if t := s.next; t != nil {
		t.asking++
		s.mu.Unlock()
		<-t.done
		return t.answer
	}
	t := &turn[T]{asking: 1, done: make(chan struct{})}
	s.next = t
	s.mu.Unlock()
	s.busy.Lock()
	defer s.busy.Unlock()
	runtime.Gosched() // who is as far as this joins; with nobody there it costs nothing
	s.mu.Lock()
	s.next = nil // who comes from now on must ask anew
	s.mu.Unlock()
	defer close(t.done)
	t.answer = question()
	return t.answer
}

// doubt is whether the ledger was away since everything was last compared with
// it: a database that comes back may have lost what it had acknowledged.
type doubt struct{ raised, cleared atomic.Int64 }

func (d *doubt) raise() { d.raised.Add(1) }

func (d *doubt) settled() bool { return d.cleared.Load() >= d.raised.Load() }

package demo

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"time"
)

const (
	// lookEvery is how often the figures of a hall are read, machine time.
	lookEvery = 2 * time.Second
	// forgetAfter is how long the public remembers a ticket, house time.
	forgetAfter = 14 * time.Hour
)

// hall is one office with its public.
type hall struct {
	*sim
	plan  officePlan
	kiosk *caller // gives tickets and checks in, for all who are there
	staff *caller // sees the line

	mu      sync.Mutex
	now     map[string]queueNow
	parties map[string]*party // by ticket
}

func newHall(s *sim, p officePlan) *hall {
	return &hall{sim: s, plan: p, now: map[string]queueNow{}, parties: map[string]*party{},
		kiosk: s.client.as("device", "Demo kiosk of the public", p.ID),
		staff: s.client.as("clerk", "Demo clerk without a counter", p.ID)}
}

// live runs the hall until ctx ends: clerks first, then those who are there at
// once, then everybody else.
func (h *hall) live(ctx context.Context) {
	if !h.look(ctx) {
		return
	}
	clerks := 0
	for _, q := range h.plan.queues {
		for _, d := range q.desks {
			clerks++
			h.start(ctx, newClerk(h, q, d).work)
		}
	}
	h.Log.Info("the simulated public is here", "office", h.plan.ID, "clerks", clerks)
	h.start(ctx, h.watch)
	h.start(ctx, h.booking)
	h.fill(ctx)
	h.arrivals(ctx)
}

// watch keeps the figures fresh.
func (h *hall) watch(ctx context.Context) {
	for h.sleep(ctx, h.machine(lookEvery)) && h.look(ctx) {
		h.forget()
	}
}

// look reads the figures; false at the end.
func (h *hall) look(ctx context.Context) bool {
	var l list[queueNow]
	if err := h.client.as("", "", "").get(ctx, "/api/v1/offices/"+url.PathEscape(h.plan.ID)+"/queues", &l); err != nil {
		h.refused("figures", err)
		return ctx.Err() == nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, q := range l.Items {
		h.now[q.ID] = q
	}
	return true
}

// queue gives a queue as it was last seen.
func (h *hall) queue(id string) queueNow {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now[id]
}

// joined notes a ticket of the public's, before the figures show it.
func (h *hall) joined(t ticketShape, p *party) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p.at = h.Clock.Now()
	h.parties[t.ID] = p
	if q, ok := h.now[t.Queue]; ok && t.State == "waiting" {
		q.Waiting++
		h.now[t.Queue] = q
	}
}

// holder gives who holds a ticket, as they are now; false when it is nobody of the public.
func (h *hall) holder(ticket string) (party, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p, ok := h.parties[ticket]
	if !ok {
		return party{}, false
	}
	return *p, true
}

// amend changes what somebody will do.
func (h *hall) amend(ticket string, change func(p *party)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if p, ok := h.parties[ticket]; ok {
		change(p)
	}
}

// forget drops tickets of yesterday.
func (h *hall) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.Clock.Now()
	for id, p := range h.parties {
		if now.Sub(p.at) > forgetAfter {
			delete(h.parties, id)
		}
	}
}

// line reads who waits in a queue, in order.
func (h *hall) line(ctx context.Context, queue string) ([]entry, error) {
	var l struct{ Waiting []entry }
	err := h.staff.get(ctx, "/api/v1/offices/"+url.PathEscape(h.plan.ID)+"/line?queue="+url.QueryEscape(queue), &l)
	return l.Waiting, err
}

// refused notes what the API did not do. That is part of a hall's life.
func (h *hall) refused(what string, err error) {
	if code := codeOf(err); code != "" {
		h.Log.Debug("the public is refused", "office", h.plan.ID, "what", what, "code", code)
	}
}

// isOpen tells whether people get tickets in a queue now.
func isOpen(q queueNow) bool { return q.Status == "open" || q.Status == "unattended" }

// fill makes the hall as it would be had it been lived in since the morning:
// somebody for most counters, and lines behind them.
func (h *hall) fill(ctx context.Context) {
	type place struct {
		q *queuePlan
		n int
	}
	var places []place
	for _, q := range h.plan.queues {
		c := chanceOf(h.Seed, "fill", q.ID, 0)
		now := h.queue(q.ID)
		if !isOpen(now) || !q.WalkIn || len(q.desks) == 0 {
			continue
		}
		want := float64(len(q.desks))*0.9 + q.line
		n := int(want)
		if c.happens(want - float64(n)) {
			n++
		}
		for i := range max(n-now.Waiting, 0) {
			places = append(places, place{q, i})
		}
	}
	// The first of every queue come before the second of any.
	slices.SortStableFunc(places, func(a, b place) int { return a.n - b.n })
	h.each(ctx, len(places), func(i int) {
		p := places[i]
		c := chanceOf(h.Seed, "filler", p.q.ID, p.n)
		h.walkIn(ctx, c, p.q)
	})
}

// seeders is how many of a hall's requests are made at once while it fills.
const seeders = 3

// each does n things, a few at a time.
func (h *hall) each(ctx context.Context, n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(seeders, n) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range next {
				do(i)
			}
		}()
	}
	for i := 0; i < n && ctx.Err() == nil; i++ {
		next <- i
	}
	close(next)
	wg.Wait()
}

package demo

import (
	"context"
	"errors"
	"net/url"
	"time"
)

// party is who holds a ticket, one person or several, and what they will do.
type party struct {
	service  string
	mean     time.Duration
	lang     string
	people   int
	priority bool
	needs    []string

	walk    time.Duration // from the call to the counter
	absent  bool          // does not hear the call …
	back    time.Duration // … and comes so long after having been missed; 0: never
	leaves  time.Duration // gives up when waiting so long; 0: never
	steps   time.Duration // steps out when waiting so long; 0: never
	serving time.Duration // at the counter
	ending  string        // what comes of it: an outcome, "park" or "transfer"

	at time.Time // when the ticket was taken
}

// somebody makes a party up. Shares are samples, most of them rare enough not to
// spoil a hall and frequent enough to be seen within the hour.
func (h *hall) somebody(c chance, q *queuePlan, s servicePlan) *party {
	p := &party{service: s.id, mean: s.mean, lang: h.language(c), people: 1,
		walk: c.between(6*time.Second, 40*time.Second), serving: c.serviceTime(s.mean), ending: ending(c)}
	if c.happens(0.12) {
		p.people = 2 + c.IntN(2)
	}
	p.priority = c.happens(0.08)
	if len(q.needs) > 0 && c.happens(0.04) {
		p.needs = []string{q.needs[c.IntN(len(q.needs))]}
	}
	switch {
	case c.happens(0.06):
		p.absent = true
		if c.happens(0.6) {
			p.back = c.between(90*time.Second, 9*time.Minute)
		}
	case c.happens(0.03):
		p.leaves = c.between(6*time.Minute, 25*time.Minute)
	case c.happens(0.02):
		p.steps = c.between(2*time.Minute, 6*time.Minute)
	}
	return p
}

func ending(c chance) string {
	ends := []string{"served", "incomplete", "not_served", "left", "park", "transfer"}
	weights := []float64{88, 5, 1.5, 1, 2.5, 2}
	return ends[c.pick(len(ends), func(i int) float64 { return weights[i] })]
}

// language is mostly the office's first.
func (h *hall) language(c chance) string {
	langs := []string{"zh-Hant", "zh-Hans", "en", "pt"}
	weights := []float64{0.16, 0.14, 0.08, 0.06}
	if len(h.plan.Languages) > 0 {
		langs, weights = append(langs, h.plan.Languages[0]), append(weights, 0.56)
	}
	return langs[c.pick(len(langs), func(i int) float64 { return weights[i] })]
}

// service chooses what somebody comes for.
func (q *queuePlan) service(c chance, bookable bool) (servicePlan, bool) {
	i := c.pick(len(q.services), func(i int) float64 {
		if bookable && !q.services[i].bookable {
			return 0
		}
		return q.services[i].weight
	})
	if i < 0 {
		return servicePlan{}, false
	}
	return q.services[i], true
}

// arrivals lets walk-ins come, until the end. They come at random; a long line
// keeps people away and a short one draws them, as its figures are public.
func (h *hall) arrivals(ctx context.Context) {
	for n := 0; ctx.Err() == nil; n++ {
		c := chanceOf(h.Seed, "arrival", h.plan.ID, n)
		rate := func(i int) float64 { return h.rate(h.plan.queues[i]) }
		total := 0.0
		for i := range h.plan.queues {
			total += rate(i)
		}
		// Rates change; a wait without memory may be begun anew at any time.
		const most = time.Minute
		wait := most
		if total > 0 {
			wait = min(c.gap(total), most)
		}
		if !h.sleep(ctx, max(wait, h.machine(20*time.Millisecond))) || wait == most {
			continue
		}
		if i := c.pick(len(h.plan.queues), rate); i >= 0 {
			h.walkIn(ctx, c, h.plan.queues[i])
		}
	}
}

// rate is how many walk in to a queue in an hour like this.
func (h *hall) rate(q *queuePlan) float64 {
	now := h.queue(q.ID)
	if !isOpen(now) || len(q.desks) == 0 {
		return 0
	}
	draw := min(max(1.6-0.6*float64(now.Waiting)/q.line, 0), 1.6)
	return q.walkIns() * crowd(h.Clock.Now().In(h.plan.location)) * draw
}

// walkIn takes a ticket at the kiosk or, now and then, from afar.
func (h *hall) walkIn(ctx context.Context, c chance, q *queuePlan) {
	s, ok := q.service(c, false)
	if !ok {
		return
	}
	p := h.somebody(c, q, s)
	afar := q.Remote && !q.FilingOrder && c.happens(0.07)
	body := map[string]any{"office": h.plan.ID, "service": p.service, "lang": p.lang, "people": p.people, "print": false, "remote": afar}
	by := h.kiosk
	if afar {
		by, body["notice_at"] = h.resident(), 3
	} else {
		body["priority"], body["needs"] = p.priority, p.needs
	}
	var t ticketShape
	if err := by.post(ctx, "/api/v1/tickets", body, &t); err != nil {
		h.refused("ticket", err)
		return
	}
	h.joined(t, p)
	if afar {
		h.start(ctx, func(ctx context.Context) { h.fromAfar(ctx, c, p, t) })
		return
	}
	h.follow(ctx, p, t.ID)
}

// fromAfar comes to the hall after a while and activates the ticket; some never do.
func (h *hall) fromAfar(ctx context.Context, c chance, p *party, t ticketShape) {
	if c.happens(0.15) || !h.sleep(ctx, c.between(3*time.Minute, 20*time.Minute)) {
		return
	}
	h.checkIn(ctx, t.Code, p)
}

// checkIn presents a code at the kiosk. Who is early waits and tries again, once.
func (h *hall) checkIn(ctx context.Context, code string, p *party) {
	for range 2 {
		var in struct{ Ticket ticketShape }
		err := h.kiosk.post(ctx, "/api/v1/check-ins", map[string]any{"office": h.plan.ID, "code": code, "lang": p.lang,
			"priority": p.priority, "needs": p.needs, "print": false}, &in)
		if err == nil {
			h.joined(in.Ticket, p)
			h.follow(ctx, p, in.Ticket.ID)
			return
		}
		h.refused("check-in", err)
		var r *refusal
		if !errors.As(err, &r) || r.Code != "early" || !h.sleep(ctx, time.Duration(r.Minutes+1)*time.Minute) {
			return
		}
	}
}

// follow lets those wait who will not just do so.
func (h *hall) follow(ctx context.Context, p *party, ticket string) {
	at := "/api/v1/tickets/" + url.PathEscape(ticket)
	switch {
	case p.leaves > 0:
		h.start(ctx, func(ctx context.Context) {
			if h.sleep(ctx, p.leaves) && h.stillWaits(ctx, at) {
				h.refused("leave", h.kiosk.do(ctx, "DELETE", at, nil, nil))
			}
		})
	case p.steps > 0:
		h.start(ctx, func(ctx context.Context) {
			if h.sleep(ctx, p.steps) && h.kiosk.post(ctx, at+"/step-out", nil, nil) == nil && h.sleep(ctx, 8*time.Minute) {
				h.refused("come back", h.kiosk.post(ctx, at+"/come-back", nil, nil))
			}
		})
	}
}

// stillWaits tells whether a ticket was not called yet.
func (h *hall) stillWaits(ctx context.Context, at string) bool {
	var t ticketShape
	return h.kiosk.get(ctx, at, &t) == nil && t.State == "waiting"
}

package demo

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// soon are the bookings that a newcomer meets: made at once.
	soon = 75 * time.Minute
	// ahead is how many days are booked in advance, advance for which part of a
	// day's bookings.
	ahead   = 4
	advance = 0.35
	// firstAhead of these are made at once.
	firstAhead = 24
	// bookEvery is the time between others, machine time.
	bookEvery = 800 * time.Millisecond
	// booksAt is when people think of the day.
	booksAt = 8 * time.Hour
	// leaves is how many starts of a day must be free, so that people find some.
	leaves = 8
)

// wish is somebody who would like to come at about an instant.
type wish struct {
	queue *queuePlan
	at    time.Time
	luck  chance
}

// booking makes the bookings of the public: those of today and of coming days
// at the start, then every morning.
func (h *hall) booking(ctx context.Context) {
	now := h.Clock.Now().In(h.plan.location)
	today, coming := h.wishes(now, 1, now), []wish(nil)
	for i := range ahead {
		coming = append(coming, h.wishes(now.AddDate(0, 0, i+1), advance, now)...)
	}
	h.firstBookings(ctx, now, today, coming)
	for ctx.Err() == nil {
		now = h.Clock.Now().In(h.plan.location)
		y, m, d := now.Date()
		if !h.sleepUntil(ctx, time.Date(y, m, d+1, 0, 0, 0, 0, h.plan.location).Add(booksAt)) {
			return
		}
		now = h.Clock.Now().In(h.plan.location)
		h.bookSlowly(ctx, append(h.wishes(now, 1-advance, now), h.wishes(now.AddDate(0, 0, ahead), advance, now)...))
	}
}

// firstBookings books at once what a newcomer may look at, the rest by and by.
func (h *hall) firstBookings(ctx context.Context, now time.Time, today, coming []wish) {
	n := 0
	for n < len(today) && today[n].at.Before(now.Add(soon)) {
		n++
	}
	h.each(ctx, n, func(i int) { h.book(ctx, today[i]) })
	slices.SortStableFunc(coming, func(a, b wish) int { return a.at.Compare(b.at) })
	// Spread over the days, not the next one alone.
	var first, rest []wish
	for i, w := range coming {
		if len(coming) <= firstAhead || i*firstAhead%len(coming) < firstAhead {
			first = append(first, w)
		} else {
			rest = append(rest, w)
		}
	}
	h.each(ctx, len(first), func(i int) { h.book(ctx, first[i]) })
	h.bookSlowly(ctx, append(today[n:], rest...))
}

func (h *hall) bookSlowly(ctx context.Context, wishes []wish) {
	for _, w := range wishes {
		if !h.sleep(ctx, h.machine(bookEvery)) {
			return
		}
		h.book(ctx, w)
	}
}

// wishes are those of the part of a day's booked people who come after an
// instant, in order of time.
func (h *hall) wishes(day time.Time, part float64, after time.Time) []wish {
	var out []wish
	for _, o := range h.plan.opens(day) {
		for _, q := range h.plan.queues {
			c := chanceOf(h.Seed, "wishes", q.ID+o.from.Format("2006-01-02T15"), 0)
			for at := o.from; at.Before(o.to); at = at.Add(time.Hour) {
				for range c.count(q.perHour * q.booked * part * calm(at)) {
					start := at.Add(c.between(0, min(time.Hour, o.to.Sub(at))))
					if start.After(after) {
						out = append(out, wish{q, start, chanceOf(h.Seed, "wish", q.ID+start.Format(time.RFC3339), len(out))})
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b wish) int { return a.at.Compare(b.at) })
	return out
}

var residents atomic.Int64

// resident is somebody who has not been here before.
func (h *hall) resident() *caller {
	return h.client.as("citizen", fmt.Sprintf("demo-public-%s-%d", h.client.run, residents.Add(1)), "")
}

// book takes the free start nearest to a wish, if there are enough left.
func (h *hall) book(ctx context.Context, w wish) {
	s, ok := w.queue.service(w.luck, true)
	if !ok {
		return
	}
	p := h.somebody(w.luck, w.queue, s)
	who := h.resident()
	for range 2 {
		start, ok := h.freeNear(ctx, s.id, w.at)
		if !ok {
			return
		}
		var b bookingShape
		err := who.post(ctx, "/api/v1/bookings", map[string]any{"service": s.id, "office": h.plan.ID, "start": start,
			"people": 1, "lang": p.lang}, &b)
		if err == nil {
			h.start(ctx, func(ctx context.Context) { h.attend(ctx, w, who, b, p) })
			return
		}
		h.refused("booking", err)
		if code := codeOf(err); code != "slot_taken" && code != "slot_not_offered" {
			return
		}
	}
}

// freeNear finds the free start nearest to an instant, within an hour and a half.
func (h *hall) freeNear(ctx context.Context, service string, at time.Time) (time.Time, bool) {
	day := at.In(h.plan.location).Format(time.DateOnly)
	var l list[slotShape]
	err := h.client.as("", "", "").get(ctx, "/api/v1/services/"+url.PathEscape(service)+"/slots?office="+
		url.QueryEscape(h.plan.ID)+"&from="+day+"&to="+day, &l)
	if err != nil {
		h.refused("slots", err)
	}
	best, off := time.Time{}, 90*time.Minute
	for _, s := range l.Items {
		if d := s.Start.Sub(at).Abs(); s.Free > 0 && d < off {
			best, off = s.Start, d
		}
	}
	return best, !best.IsZero() && len(l.Items) > leaves
}

// changeBefore is how long before the start people change their mind; later the
// usual cut-off has passed.
const changeBefore = 3 * time.Hour

// attend is the rest of a booking's life: most come a little early; some come
// late or never, cancel, or choose another time.
func (h *hall) attend(ctx context.Context, w wish, who *caller, b bookingShape, p *party) {
	c, at := w.luck, "/api/v1/bookings/"+url.PathEscape(b.ID)
	free := b.Start.Add(-changeBefore).Sub(h.Clock.Now())
	switch x := c.Float64(); {
	case x < 0.09:
		return // never comes
	case x < 0.13 && free > time.Minute:
		if !h.sleep(ctx, c.between(time.Minute, free)) {
			return
		}
		err := who.do(ctx, "DELETE", at, nil, nil)
		if err == nil {
			return
		}
		h.refused("cancel", err)
	case x < 0.16 && free > 5*time.Minute:
		start, ok := h.freeNear(ctx, p.service, b.Start.Add(45*time.Minute))
		if !ok || !h.sleep(ctx, c.between(time.Minute, 5*time.Minute)) {
			break
		}
		h.refused("reschedule", who.do(ctx, "PATCH", at, map[string]any{"start": start}, &b))
	}
	early := time.Duration((10 + 8*c.NormFloat64()) * float64(time.Minute))
	if c.happens(0.05) {
		early = -c.between(4*time.Minute, 25*time.Minute)
	}
	if h.sleepUntil(ctx, b.Start.Add(-early)) {
		h.checkIn(ctx, b.Code, p)
	}
}

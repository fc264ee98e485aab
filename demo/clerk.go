package demo

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"
)

// clerk works at one counter. What is known of the counter comes from the
// answers; after any refusal it is looked at anew, so that restarts of the hub,
// acts of people and moves that nobody heard the answer of are all one case.
type clerk struct {
	*hall
	q    *queuePlan
	desk deskPlan
	me   *caller
	luck chance
	at   string // path of the counter

	known     bool
	open      bool
	ticket    *ticketShape
	back      time.Time // from the break; zero: not on one
	served    int
	late      time.Duration // after the opening, tomorrow
	notBefore time.Time     // the counter is left to people until then

	today  string
	pauses []pause
	aside  []aside
}

// pause is a break to be taken.
type pause struct {
	from   time.Time
	long   time.Duration
	reason string
}

// aside is somebody who was missed or sent to fill in a form, and comes back.
type aside struct {
	ticket string
	at     time.Time
	verb   string
}

func newClerk(h *hall, q *queuePlan, d deskPlan) *clerk {
	return &clerk{hall: h, q: q, desk: d, at: "/api/v1/counters/" + url.PathEscape(d.ID),
		me: h.client.as("clerk", "Demo clerk "+d.ID, h.plan.ID), luck: chanceOf(h.Seed, "clerk", d.ID, 0)}
}

// work goes on until ctx ends.
func (c *clerk) work(ctx context.Context) {
	for wait := time.Duration(0); c.sleep(ctx, max(wait, c.machine(30*time.Millisecond))); {
		wait = c.step(ctx)
	}
}

// step does the next thing and says after how long to think again.
func (c *clerk) step(ctx context.Context) time.Duration {
	switch {
	case !c.known:
		return c.look(ctx)
	case c.ticket != nil && c.ticket.State == "called":
		return c.await(ctx)
	case c.ticket != nil:
		return c.serve(ctx)
	case !c.back.IsZero():
		return c.comeBack(ctx)
	case !c.open:
		return c.begin(ctx)
	}
	return c.idle(ctx)
}

// post makes a move at the counter. wait is for when it was refused.
func (c *clerk) post(ctx context.Context, verb string, body, out any) (wait time.Duration, ok bool) {
	err := c.me.post(ctx, c.at+"/"+verb, body, out)
	if err == nil {
		return 0, true
	}
	c.hall.refused(verb, err)
	c.known = false
	var r *refusal
	if errors.As(err, &r) && r.Seconds > 0 {
		return time.Duration(r.Seconds+1) * time.Second, false
	}
	return max(c.machine(time.Second), 2*time.Second), false
}

const (
	// respect is how long a counter that somebody else closed or holds is left alone.
	respect = 20 * time.Minute
	// idleFor is the time between two looks for somebody who waits.
	idleFor = 4 * time.Second
)

// look finds out how the counter stands.
func (c *clerk) look(ctx context.Context) time.Duration {
	var d deskShape
	if err := c.me.get(ctx, c.at, &d); err != nil {
		c.refused("look", err)
		return max(time.Minute, c.machine(5*time.Second))
	}
	was := c.open
	c.open, c.ticket, c.back = d.State != "closed", nil, time.Time{}
	if c.open && !d.Shift.Mine {
		// A person is here. The clerk withdraws.
		c.open = false
		return max(respect, c.machine(20*time.Second))
	}
	if was && !c.open {
		c.notBefore = c.Clock.Now().Add(respect)
	}
	c.known = true
	if d.State == "break" {
		c.back = d.Shift.BackAt
		if c.back.IsZero() {
			c.back = c.Clock.Now()
		}
	}
	if c.open && d.Ticket != nil && (d.Ticket.State == "called" || d.Ticket.State == "serving") {
		c.ticket = d.Ticket
	}
	return 0
}

// begin opens the counter when the hall is open, some minutes after it on all
// but the first day.
func (c *clerk) begin(ctx context.Context) time.Duration {
	now := c.Clock.Now()
	if now.Before(c.notBefore) {
		return c.notBefore.Sub(now)
	}
	if s := c.queue(c.q.ID).Status; s == "" || s == "closed" {
		c.late = c.luck.between(0, 4*time.Minute)
		return max(20*time.Second, c.machine(lookEvery))
	}
	if late := c.late; late > 0 {
		c.late = 0
		return late
	}
	var d deskShape
	wait, ok := c.post(ctx, "open", map[string]any{"queues": []string{c.q.ID}}, &d)
	c.open = ok
	return wait
}

// idle is the time between two tickets.
func (c *clerk) idle(ctx context.Context) time.Duration {
	now := c.Clock.Now()
	q := c.queue(c.q.ID)
	if q.Status == "closed" {
		if wait, gone := c.leave(ctx, q, now); gone {
			return wait
		}
	}
	if p, ok := c.pauseDue(now); ok {
		return c.rest(ctx, p.reason, now.Add(p.long))
	}
	if i := slices.IndexFunc(c.aside, func(a aside) bool { return !now.Before(a.at) }); i >= 0 {
		a := c.aside[i]
		c.aside = slices.Delete(c.aside, i, i+1)
		return c.takeUp(ctx, a)
	}
	if q.Waiting == 0 || q.Status == "paused" {
		return c.moment()
	}
	line, err := c.line(ctx, c.q.ID)
	if err != nil {
		c.refused("line", err)
		return c.moment()
	}
	ours := func(id string) bool { _, ok := c.holder(id); return ok }
	if !mayCall(line, c.desk.Offers, c.Clock.Now(), min(c.machine(patience), patienceMost), ours) {
		return c.moment()
	}
	return c.next(ctx)
}

func (c *clerk) moment() time.Duration {
	return max(c.luck.between(idleFor/2, 2*idleFor), c.machine(400*time.Millisecond))
}

func (c *clerk) next(ctx context.Context) time.Duration {
	var got struct{ Ticket ticketShape }
	wait, ok := c.post(ctx, "next", nil, &got)
	if !ok {
		return wait
	}
	if got.Ticket.ID == "" {
		return 2 * c.moment() // nobody whom this counter may call yet
	}
	c.ticket = &got.Ticket
	return 0
}

// takeUp serves somebody who is back, or puts them into the line again.
func (c *clerk) takeUp(ctx context.Context, a aside) time.Duration {
	var t ticketShape
	wait, ok := c.post(ctx, a.verb, map[string]any{"ticket": a.ticket}, &t)
	if ok && t.State == "serving" {
		c.ticket = &t
	}
	return wait
}

const (
	// personWalks is how long a clerk lets a person come who is not of the public,
	// machine time.
	personWalks = 40 * time.Second
	// personServed is how long they are served at most, machine time: long enough
	// to see it, short enough to see the end.
	personServed = 4 * time.Minute
	// farther is how much longer the way to a far zone is.
	farther = 25 * time.Second
)

// await lets the called one come, calls once more, and misses who does not come.
func (c *clerk) await(ctx context.Context) time.Duration {
	now := c.Clock.Now()
	p, ours := c.holder(c.ticket.ID)
	if ours && p.absent {
		return c.callInVain(ctx, p, now)
	}
	walk := p.walk
	switch {
	case !ours:
		walk = c.machine(personWalks)
	case c.served == 0:
		walk /= 6 // at the start of the demonstration they are on their way
	case c.desk.far:
		walk += farther
	}
	if at := c.ticket.CalledAt.Add(walk); now.Before(at) {
		return at.Sub(now)
	}
	var t ticketShape
	wait, ok := c.post(ctx, "start", nil, &t)
	if ok {
		c.ticket = &t
	}
	return wait
}

func (c *clerk) callInVain(ctx context.Context, p party, now time.Time) time.Duration {
	missAfter := 65 * time.Second
	if c.desk.far || slices.Contains(p.needs, "more_time") {
		missAfter = 125 * time.Second
	}
	since := now.Sub(c.ticket.CalledAt)
	recallAt := time.Duration(c.ticket.Recalls+1) * 22 * time.Second
	var t ticketShape
	switch {
	case since >= missAfter:
		wait, ok := c.post(ctx, "miss", nil, &t)
		if ok {
			c.missed(t, p, now)
		}
		return wait
	case c.ticket.Recalls < 2 && since >= recallAt:
		wait, ok := c.post(ctx, "recall", nil, &t)
		if ok {
			c.ticket.Recalls++
		}
		return wait
	case c.ticket.Recalls < 2:
		return recallAt - since
	}
	return missAfter - since
}

// missed lets go of a ticket. Its holder may come back: to this counter at
// once, or into the line.
func (c *clerk) missed(t ticketShape, p party, now time.Time) {
	c.ticket = nil
	if t.State == "waiting" { // it was an invitation; the next call is heard
		c.amend(t.ID, func(p *party) { p.absent = false })
		return
	}
	if p.back == 0 {
		return
	}
	c.amend(t.ID, func(p *party) { p.absent = false })
	verb := "return"
	if c.luck.happens(0.5) {
		verb = "start"
	}
	c.aside = append(c.aside, aside{t.ID, now.Add(p.back), verb})
}

// serve ends a service when it has lasted as long as it takes.
func (c *clerk) serve(ctx context.Context) time.Duration {
	now := c.Clock.Now()
	t := *c.ticket
	p, ours := c.holder(t.ID)
	luck := chanceOf(c.Seed, "serve", t.ID, 0)
	long := p.serving
	if !ours {
		mean := c.q.mean
		if m, ok := c.plan.services[t.Service]; ok {
			mean = m
		}
		long, p.ending = min(luck.serviceTime(mean), c.machine(personServed)), "served"
	} else if c.served == 0 {
		// At the start of the demonstration services are under way.
		long = time.Duration(float64(long) * (0.3 + 0.7*chanceOf(c.Seed, "first", c.desk.ID, 0).Float64()))
	}
	if at := t.Serving.Add(long); now.Before(at) {
		return at.Sub(now)
	}
	wait, ok := c.end(ctx, t, p.ending, now)
	if !ok {
		return wait
	}
	c.ticket = nil
	c.served++
	return c.luck.between(10*time.Second, 70*time.Second) // writing up
}

// end does what comes of a service.
func (c *clerk) end(ctx context.Context, t ticketShape, ending string, now time.Time) (time.Duration, bool) {
	// Whatever comes next is short and ends well.
	onceMore := func(p *party) { p.ending, p.serving = "served", c.luck.serviceTime(max(p.mean/4, time.Minute)) }
	switch ending {
	case "park":
		c.amend(t.ID, onceMore)
		wait, ok := c.post(ctx, "park", map[string]any{"minutes": 8}, nil)
		if ok {
			c.aside = append(c.aside, aside{t.ID, now.Add(c.luck.between(3*time.Minute, 8*time.Minute)), "resume"})
		}
		return wait, ok
	case "transfer":
		if to := c.other(); to != "" {
			c.amend(t.ID, onceMore)
			return c.post(ctx, "transfer", map[string]any{"queue": to, "place": "due"}, nil)
		}
		ending = "served"
	}
	return c.post(ctx, "finish", map[string]any{"outcome": ending}, nil)
}

// other is a staffed queue of the same department to send somebody to who drew
// the wrong ticket; "" where there is none, or order is strict.
func (c *clerk) other() string {
	i := c.luck.pick(len(c.plan.queues), func(i int) float64 {
		q := c.plan.queues[i]
		if q.ID == c.q.ID || q.Department != c.q.Department || q.FilingOrder || c.q.FilingOrder {
			return 0
		}
		return float64(len(q.desks))
	})
	if i < 0 {
		return ""
	}
	return c.plan.queues[i].ID
}

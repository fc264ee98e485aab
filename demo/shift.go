package demo

import (
	"context"
	"time"
)

const (
	// midday is the longest closure of a hall that clerks wait for.
	midday = 4 * time.Hour
	// overtime is how long after closing those who still wait are served.
	overtime = 90 * time.Minute
)

// leave goes to lunch or home when the hall is shut; false while there is
// somebody left to serve.
func (c *clerk) leave(ctx context.Context, q queueNow, now time.Time) (wait time.Duration, gone bool) {
	if q.Until.After(now) && q.Until.Sub(now) < midday && c.sameDay(q.Until, now) {
		return c.rest(ctx, "lunch", q.Until), true
	}
	if opens := c.plan.opens(now); q.Waiting > 0 && len(opens) > 0 && now.Before(opens[len(opens)-1].to.Add(overtime)) {
		return 0, false
	}
	wait, ok := c.post(ctx, "close", nil, nil)
	if ok {
		c.open, c.aside = false, nil
		c.late = c.luck.between(0, 4*time.Minute)
	}
	return wait, true
}

func (c *clerk) sameDay(a, b time.Time) bool {
	return a.In(c.plan.location).Format(time.DateOnly) == b.In(c.plan.location).Format(time.DateOnly)
}

// rest takes a break.
func (c *clerk) rest(ctx context.Context, reason string, until time.Time) time.Duration {
	wait, ok := c.post(ctx, "break", map[string]any{"reason": reason, "back_at": until}, nil)
	if ok {
		c.back = until
	}
	return wait
}

func (c *clerk) comeBack(ctx context.Context) time.Duration {
	if now := c.Clock.Now(); now.Before(c.back) {
		return c.back.Sub(now)
	}
	wait, ok := c.post(ctx, "back", nil, nil)
	if ok {
		c.back = time.Time{}
	}
	return wait
}

// pauseDue gives a break whose time has come. One that could not be begun in
// time is left out.
func (c *clerk) pauseDue(now time.Time) (pause, bool) {
	if day := now.In(c.plan.location).Format(time.DateOnly); day != c.today {
		c.today, c.pauses = day, pausesOf(chanceOf(c.Seed, "pauses", c.desk.ID+day, 0), c.desk.n, len(c.q.desks) == 1, c.plan.opens(now))
	}
	for i, p := range c.pauses {
		if now.Before(p.from) {
			continue
		}
		c.pauses = append(c.pauses[:i:i], c.pauses[i+1:]...)
		return p, now.Before(p.from.Add(p.long))
	}
	return pause{}, false
}

// pausesOf plans a clerk's breaks of a day: lunch in three sittings where the
// hall stays open, and mostly a short one in each half of the day. n tells the
// clerks of an office apart; one who is alone for a queue keeps lunch short.
func pausesOf(luck chance, n int, alone bool, opens []span) []pause {
	if len(opens) == 0 {
		return nil
	}
	y, m, d := opens[0].from.Date()
	at := func(hour int, more time.Duration) time.Time {
		return time.Date(y, m, d, hour, 0, 0, 0, opens[0].from.Location()).Add(more)
	}
	var out []pause
	if luck.happens(0.7) {
		out = append(out, pause{at(10, luck.between(0, 100*time.Minute)), luck.between(8*time.Minute, 14*time.Minute), "pause"})
	}
	if len(opens) == 1 && opens[0].to.After(at(14, 0)) {
		long := 45 * time.Minute
		if alone {
			long = 25 * time.Minute
		}
		out = append(out, pause{at(12, time.Duration(n%3)*45*time.Minute), long, "lunch"})
	}
	if luck.happens(0.7) {
		out = append(out, pause{at(15, luck.between(10*time.Minute, 100*time.Minute)), luck.between(8*time.Minute, 14*time.Minute), "pause"})
	}
	return out
}

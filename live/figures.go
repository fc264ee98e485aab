package live

import (
	"math"
	"slices"
	"time"

	"vez/counter"
	"vez/office"
	"vez/ticket"
)

// figuresFor is how long an office's figures are good without a change: the
// windows in them are rounded to minutes. House time.
const figuresFor = 5 * time.Second

// figures are the last reckoned views of the queues.
type figures struct {
	version uint64
	at      time.Time
	queues  []Queue
}

// queues gives the figures of all queues, reckoned at most once a change and every few seconds.
func (h *hall) queues(now time.Time) []Queue {
	f := &h.figures
	if f.queues != nil && f.version == h.version && !now.Before(f.at) && now.Sub(f.at) < figuresFor {
		return f.queues
	}
	all := h.cat.QueuesOf(h.office.ID)
	out := make([]Queue, 0, len(all))
	desks := h.desks()
	for _, q := range all {
		out = append(out, h.queue(q, desks, now))
	}
	h.figures = figures{h.version, now, out}
	return out
}

// desk is an open counter and what it does.
type desk struct {
	queues []string
	busy   bool
	back   time.Time // when a break ends; zero: not on a break
}

// desks are the counters that are open, or soon will be.
func (h *hall) desks() []desk {
	if h.open == nil {
		h.open = h.reckonDesks()
	}
	return h.open
}

func (h *hall) reckonDesks() []desk {
	out := make([]desk, 0, len(h.shifts))
	for _, s := range h.shifts {
		if s.State != counter.Open && s.State != counter.Break {
			continue
		}
		d := desk{busy: s.Ticket != ""}
		for _, q := range s.Queues {
			d.queues = append(d.queues, q.Queue)
		}
		if s.State == counter.Break {
			if s.BackAt.IsZero() {
				continue
			}
			d.back = s.BackAt
		}
		out = append(out, d)
	}
	return out
}

// staff tells how many counters are open for a queue, how much of them is its
// own (a counter shares itself among its queues in which somebody waits), how
// many of them are free, and when the first one on a break is back.
func (h *hall) staff(queue string, desks []desk) (open int, share float64, free int, back time.Time) {
	for _, d := range desks {
		if !slices.Contains(d.queues, queue) {
			continue
		}
		if !d.back.IsZero() {
			if back.IsZero() || d.back.Before(back) {
				back = d.back
			}
			continue
		}
		open++
		if !d.busy {
			free++
		}
		among := 1
		for _, other := range d.queues {
			if other != queue && len(h.line(other).waiting) > 0 {
				among++
			}
		}
		share += 1 / float64(among)
	}
	return open, share, free, back
}

func (h *hall) queue(q *office.Queue, desks []desk, now time.Time) Queue {
	l, front := h.line(q.ID), h.before(q, now, newcomer, now)
	open, _, _, back := h.staff(q.ID, desks)
	openings := h.openings(q, now)
	out := Queue{
		Queue: q.ID, Prefix: q.Prefix, Zone: q.Zone, Waiting: len(l.waiting), Serving: h.servingNow(l),
		Counters: open, Issued: l.issued, Limit: q.RulesOn(h.office.Day(now)).WalkInLimit,
		Status: office.QueueStatus(q, openings, now, l.issued, open, h.state.Paused()),
	}
	out.Expected = front.expected
	switch out.Status {
	case office.StatusUnattended:
		out.Until = h.local(back)
	case office.StatusClosed:
		out.Until = h.local(office.Until(openings, now))
	}
	if out.Status != office.StatusPaused {
		out.Window = h.window(q, front.work, desks, now)
	}
	return out
}

// servingNow lists the numbers at the counters, newest first.
func (h *hall) servingNow(l *line) []string {
	var at []*ticket.Ticket
	for _, t := range l.at {
		if onBoard(t) {
			at = append(at, t)
		}
	}
	slices.SortFunc(at, func(a, b *ticket.Ticket) int {
		if c := b.CalledAt.Compare(a.CalledAt); c != 0 {
			return c
		}
		return int(b.Seq - a.Seq)
	})
	out := make([]string, 0, len(at))
	for _, t := range at {
		out = append(out, t.Number)
	}
	return out
}

// window reckons when somebody's turn comes who has so much work ahead. While
// every counter is busy, half a service more stands before it. Nothing can be
// said when the hall is shut for the day, or when nobody serves the queue during its hours.
func (h *hall) window(q *office.Queue, ahead []time.Duration, desks []desk, now time.Time) *Window {
	openings := h.openings(q, now)
	if len(openings) == 0 || !now.Before(openings[len(openings)-1].To) {
		return nil
	}
	open, share, free, back := h.staff(q.ID, desks)
	from, counters := now, int(math.Max(1, math.Round(share)))
	switch {
	case open > 0 && free == 0:
		ahead = append(slices.Clip(ahead), h.usual(q)/2)
	case open == 0 && now.Before(openings[0].From):
		counters = max(1, q.Counters)
	case open == 0 && back.After(now):
		from = back
	case open == 0:
		return nil
	}
	a, b := ticket.Window(ahead, counters, from, openings)
	if a.IsZero() || b.IsZero() {
		return nil
	}
	return &Window{From: h.local(a), To: h.local(b)}
}

// local writes an instant in the office's zone; zero stays zero.
func (h *hall) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(h.office.Location())
}

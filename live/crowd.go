package live

import (
	"slices"
	"time"
)

// In a long line one call moves everybody, and everybody may look at a phone.
// Positions are therefore not told with the change but some at a time, the
// sooner the nearer; what happens to a ticket itself is told at once.

// atOnce is how many positions are reckoned before boards may be told something.
const atOnce = 256

// pace is how long a position with so many ahead may be behind.
func pace(ahead int) time.Duration {
	switch {
	case ahead <= 10:
		return 0 // with the next flush
	case ahead <= 100:
		return time.Second
	case ahead <= 1000:
		return refreshEvery
	}
	return 3 * refreshEvery
}

// flushPositions tells holders how their places have changed.
func (h *hall) flushPositions(now, stale time.Time) {
	for due := range slices.Chunk(h.duePositions(now, stale), atOnce) {
		h.pub.Lock()
		for _, t := range due {
			if len(t.subs) > 0 { // nobody has left meanwhile
				t.refresh()
			}
		}
		h.pub.Unlock()
	}
}

// duePositions lists those that may have changed, or were not looked at for some time.
func (h *hall) duePositions(now, stale time.Time) (due []*topic) {
	h.pub.Lock()
	defer h.pub.Unlock()
	old := now.Sub(h.swept) >= time.Second
	if old {
		h.swept = now
	}
	h.mu.Lock()
	moved := make(map[string]uint64, len(h.lines))
	for q, l := range h.lines {
		moved[q] = max(l.moved, h.staffed)
	}
	h.mu.Unlock()
	for _, all := range h.byTicket {
		for _, t := range all {
			waits, turned := now.Sub(t.at), stale.IsZero() != t.stale.IsZero()
			t.stale = stale
			if turned || waits >= max(refreshEvery, pace(t.ahead)) || moved[t.queue] > t.as && waits >= pace(t.ahead) {
				due = append(due, t)
			}
		}
	}
	if old {
		h.sweepPositions(now)
	}
	return due
}

func (h *hall) sweepPositions(now time.Time) {
	for _, all := range h.byTicket {
		for _, t := range all {
			t.sweep(now)
		}
	}
}

// rings is what a line comes to for those who only want to hear that it is different.
type rings struct {
	shown uint64
	stale bool
}

// shown is raised whenever the line of some queues is different; none named means all.
func (h *hall) shown(queues []string) (n uint64) {
	for q, l := range h.lines {
		if len(queues) == 0 || slices.Contains(queues, q) {
			n += l.shown
		}
	}
	return n
}

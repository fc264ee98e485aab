package live

import (
	"context"
	"sync"
	"time"
)

// presenceFor is how long the answer about the consoles is good, machine time.
const presenceFor = 2 * time.Second

// presence keeps the last answers about the consoles, by office.
type presence struct {
	mu    sync.Mutex
	asked map[string]time.Time // machine time
	was   map[string]map[string]time.Time
}

// last is the last answer; nil when there is none.
func (p *presence) last(office string) map[string]time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.was[office]
}

// due tells whether to ask anew, and notes that somebody does.
func (p *presence) due(office string, now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at, ok := p.asked[office]; ok && now.Sub(at) < presenceFor {
		return false
	}
	if p.asked == nil {
		p.asked, p.was = map[string]time.Time{}, map[string]map[string]time.Time{}
	}
	p.asked[office] = now
	return true
}

// keep stores an answer; nil when it is not known, so that nobody is called lost for it.
func (p *presence) keep(office string, seen map[string]time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.was[office] = seen
}

// presence gives the last sign of an office's consoles; nil when it is not known.
func (h *Hub) presence(ctx context.Context, office string) map[string]time.Time {
	if h.cfg.Presence == nil || h.halls[office] == nil {
		return nil
	}
	if h.seen.due(office, h.cfg.Machine.Now()) {
		seen, err := h.cfg.Presence(ctx, office)
		if err != nil {
			seen = nil
		}
		h.seen.keep(office, seen)
	}
	return h.seen.last(office)
}

// askPresence refreshes the answer for streams, which do not wait for it.
func (h *Hub) askPresence(office string, now time.Time) {
	if h.cfg.Presence == nil || !h.seen.due(office, now) {
		return
	}
	h.background(func(ctx context.Context) {
		seen, err := h.cfg.Presence(ctx, office)
		if err != nil {
			seen = nil
		}
		h.seen.keep(office, seen)
	})
}

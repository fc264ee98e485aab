package identity

import (
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
)

// brake slows guessing: after some free tries within a while, each further one
// must wait twice as long as the one before. It lives in one hub's memory, so
// an attacker has as many free tries as there are hubs.
type brake struct {
	clock       clockwork.Clock
	free        int
	first, most time.Duration
	mu          sync.Mutex
	tries       map[string]*tried
}

type tried struct {
	n     int
	last  time.Time
	until time.Time
}

// brakeMost bounds how many names are remembered.
const brakeMost = 10_000

func newBrake(clock clockwork.Clock, free int, first, most time.Duration) *brake {
	return &brake{clock: clock, free: free, first: first, most: most, tries: map[string]*tried{}}
}

// take counts a try under a name, or refuses it: fault.TooOften with seconds.
func (b *brake) take(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	t := b.tries[name]
	if t == nil || now.Sub(t.last) > b.most && now.After(t.until) {
		b.sweep(now)
		t = &tried{}
		b.tries[name] = t
	}
	if now.Before(t.until) {
		return fault.New(fault.TooOften, "seconds", int(t.until.Sub(now)/time.Second)+1)
	}
	t.n, t.last = t.n+1, now
	if over := t.n - b.free; over >= 0 {
		t.until = now.Add(min(b.most, b.first<<min(over, 20)))
	}
	return nil
}

// ease forgets the tries under a name, after one that was right.
func (b *brake) ease(name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.tries, name)
}

func (b *brake) sweep(now time.Time) {
	if len(b.tries) < brakeMost {
		return
	}
	for name, t := range b.tries {
		if now.Sub(t.last) > b.most {
			delete(b.tries, name)
		}
	}
	if len(b.tries) >= brakeMost {
		clear(b.tries)
	}
}

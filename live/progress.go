package live

import (
	"context"
	"sync"
	"sync/atomic"
)

// progress lets readers see what was committed before they came: a clerk who
// has just called somebody reads a page that says so.
type progress struct {
	came, taken atomic.Int64 // commits
	waiting     atomic.Int32
	mu          sync.Mutex
	step        chan struct{} // closed at the next step; nil: nobody waits
}

// did notes that a commit was taken, or given up for the comparison.
func (p *progress) did() {
	p.taken.Add(1)
	if p.waiting.Load() == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.step != nil {
		close(p.step)
		p.step = nil
	}
}

// wait returns once all commits that came before the call are taken, or ctx or hub ends.
func (p *progress) wait(ctx, hub context.Context) {
	want := p.came.Load()
	if p.taken.Load() >= want {
		return
	}
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	for {
		p.mu.Lock()
		if p.step == nil {
			p.step = make(chan struct{})
		}
		step := p.step
		p.mu.Unlock()
		if p.taken.Load() >= want {
			return
		}
		select {
		case <-step:
		case <-ctx.Done():
			return
		case <-hub.Done():
			return
		}
	}
}

package api

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// freshFor is how long after a booking its queue is read from the ledger, so
// that whoever has just booked does not see the place still free.
const freshFor = 2 * time.Second

// turns is how often the live snapshot is given a chance to come up with a
// change that this process has just answered: it is a few microseconds behind.
const turns = 200

// fresh remembers what this process has just changed, for those who look at
// once: the live queues and snapshots follow every commit, but after its reply.
type fresh struct {
	clock clockwork.Clock
	mu    sync.Mutex
	at    map[string]time.Time // when a queue was last booked in, machine time
	seqs  map[string]int64     // the last event of an office that was answered
}

func newFresh(clock clockwork.Clock) *fresh {
	return &fresh{clock: clock, at: map[string]time.Time{}, seqs: map[string]int64{}}
}

// touch marks queues as booked in now.
func (f *fresh) touch(queues ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, q := range queues {
		if q != "" {
			f.at[q] = f.clock.Now()
		}
	}
}

// touched tells whether a queue was booked in a moment ago.
func (f *fresh) touched(queue string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	at, ok := f.at[queue]
	return ok && f.clock.Now().Sub(at) < freshFor
}

// note remembers the event that an answer is of.
func (f *fresh) note(officeID string, seq int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seqs[officeID] = max(f.seqs[officeID], seq)
}

func (f *fresh) noted(officeID string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seqs[officeID]
}

// caughtUp waits a moment for the live snapshot of an office to come to what
// this process has answered, and tells whether it has. Who looks at it after
// their own change thereby sees the change.
func (a *API) caughtUp(ctx context.Context, officeID string) bool {
	seq := a.fresh.noted(officeID)
	for range turns {
		head, err := a.Live.Head(ctx, officeID)
		if err != nil || head.Seq >= seq {
			return err == nil
		}
		runtime.Gosched()
	}
	return false
}

package ledger

import (
	"context"
	"fmt"
	"sync/atomic"

	"vez/event"
	"vez/fault"
)

// batchMost is how many changes one commit carries at most.
const batchMost = 128

// change is one caller's change on its way through a writer.
type change struct {
	scope  event.Scope
	decide func(*Tx) error
	state  atomic.Int32
	err    error // of its last decision
	done   chan error
}

// The states of a change: exactly one of writer and caller takes it from waiting.
const (
	changeWaiting int32 = iota
	changeRunning
	changeGivenUp
)

// Do decides a change in the writer of its office and returns after its
// commit. The error is decide's own refusal, which leaves nothing behind, or
// fault.LedgerAway, fault.LedgerUnusable, fault.DiskFull (nothing was changed),
// fault.UnknownOutcome (the commit's outcome could not be learned),
// fault.ShuttingDown, or fault.Unexpected when decide panics. A context that
// ends while the change waits keeps it from running; once running it ends and
// its outcome is told.
//
// decide may run more than once, refuses before it writes anything, and must
// not keep what it did outside.
func (d *DB) Do(ctx context.Context, scope event.Scope, decide func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &change{scope: scope, decide: decide, done: make(chan error, 1)}
	w, err := d.writer(d.engine.route(scope))
	if err != nil {
		return err
	}
	select {
	case w.queue <- c:
	case <-w.quit:
		return fault.New(fault.ShuttingDown)
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-c.done:
		return err
	case <-ctx.Done():
		if c.state.CompareAndSwap(changeWaiting, changeGivenUp) {
			return ctx.Err()
		}
		return <-c.done
	case <-w.gone:
		return c.abandoned()
	}
}

// abandoned is the answer to a change that came as the writer went.
func (c *change) abandoned() error {
	if c.state.CompareAndSwap(changeWaiting, changeGivenUp) {
		return fault.New(fault.ShuttingDown)
	}
	return <-c.done
}

// writer finds or starts the writer of a route.
func (d *DB) writer(route string) (*writer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fault.New(fault.ShuttingDown)
	}
	w, ok := d.writers[route]
	if !ok {
		w = newWriter(d, fmt.Sprintf("%s/%s", d.name, route))
		d.writers[route] = w
		d.running.Add(1)
		go w.run()
	}
	return w, nil
}

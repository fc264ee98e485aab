package main

import (
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/ledger"
)

// singleMoves is how many moves the naive client commits again.
const singleMoves = 2000

// singleCommits is the rate at which one client commits the rows of the same
// moves, each in a transaction of its own, on the same engine and disk.
func (b *bencher) singleCommits() (float64, error) {
	recorded, skip, err := b.recordMoves()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "vez-bench-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	clock := clockwork.NewRealClock()
	naive, err := ledger.Open(b.ctx, ledger.Config{Dir: dir, House: clock, Machine: clock})
	if err != nil {
		return 0, err
	}
	defer naive.Close()
	n := recorded.Len() - skip
	took, err := recorded.ReplayInto(b.ctx, naive, skip, time.Since, time.Now)
	if err != nil {
		return 0, err
	}
	return float64(n) / took.Seconds(), nil
}

// recordMoves makes moves one after another through the API, one commit each.
func (b *bencher) recordMoves() (*ledger.Recording, int, error) {
	dir, err := os.MkdirTemp("", "vez-bench-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	var recorded *ledger.Recording
	x, err := b.hubWith(dir, func(h *hub) { recorded = ledger.Record(h.memory.db) })
	if err != nil {
		return nil, 0, err
	}
	defer x.end()
	desks, err := x.clerks(1)
	if err != nil {
		return nil, 0, err
	}
	skip := recorded.Len()
	var stop atomic.Bool
	for n := 0; n < singleMoves && !stop.Load(); {
		err := desks[0].visit(func(call func() error) error { n++; return call() })
		if err != nil {
			return nil, 0, fmt.Errorf("recording: %w", err)
		}
	}
	return recorded, skip, nil
}

// listen opens a free port on loopback.
func (b *bencher) listen() (net.Listener, error) {
	return (&net.ListenConfig{}).Listen(b.ctx, "tcp", "127.0.0.1:0")
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/hall"
)

const (
	// healthEvery is how often the ledger is asked whether it is there, and
	// healthAgain how often while it is not: who waits for it is told at once.
	healthEvery = time.Second
	healthAgain = 250 * time.Millisecond
	// healthMost is how long one asking may take.
	healthMost = 2 * time.Second
	// blink is the silence that nobody is told of: a failover, a slow disk.
	blink = 2 * time.Second
	// refuseAfter is the silence after which changes are refused at once, where
	// each would wait for as long as the ledger lets it.
	refuseAfter = 5 * time.Second
)

// health knows whether the ledger answers, for pages that say so, for changes
// that need not wait in vain, and for the figures. It is safe for concurrent use.
type health struct {
	ping           func(context.Context) error
	house, machine clockwork.Clock
	log            *slog.Logger

	mu    sync.Mutex
	heard moment // the last answer
	away  bool
	full  bool // the last change found no room
	bells map[chan struct{}]struct{}
}

// moment is one instant by both clocks.
type moment struct{ house, machine time.Time }

func newHealth(ping func(context.Context) error, house, machine clockwork.Clock, log *slog.Logger) *health {
	h := &health{ping: ping, house: house, machine: machine, log: log, bells: map[chan struct{}]struct{}{}}
	h.heard = h.now()
	return h
}

func (h *health) now() moment { return moment{h.house.Now(), h.machine.Now()} }

// run asks until ctx ends.
func (h *health) run(ctx context.Context) {
	for ctx.Err() == nil {
		limit, cancel := context.WithTimeout(ctx, healthMost)
		err := h.ping(limit)
		cancel()
		if ctx.Err() != nil {
			return
		}
		wait := healthEvery
		if h.hears(err); err != nil {
			wait = healthAgain
		}
		select {
		case <-ctx.Done():
		case <-h.machine.After(wait):
		}
	}
}

// startHealth asks until ctx ends or the answer is called, which waits.
func (h *hub) startHealth(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var asking sync.WaitGroup
	asking.Go(func() { h.health.run(ctx) })
	return func() {
		cancel()
		asking.Wait()
	}
}

// hears takes what one asking came to.
func (h *health) hears(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	was := h.away
	if err == nil {
		h.heard, h.away = now, false
	} else {
		h.away = now.machine.Sub(h.heard.machine) >= blink
	}
	if was == h.away {
		return
	}
	if h.away {
		h.log.Error("the ledger is away: what changes something is refused, kiosks send people to reception", "since", h.heard.machine, "why", err)
	} else {
		h.log.Info("the ledger is back")
	}
	for bell := range h.bells {
		select {
		case bell <- struct{}{}:
		default: // it is ringing already
		}
	}
}

// Away is since when the ledger has not answered, in house time; zero while it does.
func (h *health) Away() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.away {
		return time.Time{}
	}
	return h.heard.house
}

// awaySince is Away in machine time.
func (h *health) awaySince() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.away {
		return time.Time{}
	}
	return h.heard.machine
}

// Subscribe gives a bell that rings when the ledger goes or comes back. Cancel it.
func (h *health) Subscribe() (bell <-chan struct{}, cancel func()) {
	b := make(chan struct{}, 1)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bells[b] = struct{}{}
	return b, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.bells, b)
	}
}

// hopeless tells that the ledger has been away for so long that no change need wait for it.
func (h *health) hopeless() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.away && h.machine.Since(h.heard.machine) >= refuseAfter
}

// back asks a ledger that is known to be away once more, so that the first who
// comes after its return need not wait for the next asking.
func (h *health) back(ctx context.Context) bool {
	limit, cancel := context.WithTimeout(ctx, healthAgain)
	defer cancel()
	if h.ping(limit) != nil {
		return false
	}
	h.hears(nil)
	return true
}

// changed takes what became of a change: a full disk shows in changes alone.
func (h *health) changed(err error) {
	code := fault.CodeOf(err)
	if code != "" && code != fault.DiskFull {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.full = code == fault.DiskFull
}

// room is an error while the ledger has no room to write.
func (h *health) room(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.full {
		return fault.New(fault.DiskFull)
	}
	return nil
}

// tallied is a hall's ledger whose changes are counted, and refused at once
// where they could only wait in vain.
type tallied struct {
	hall.Ledger
	health  *health
	observe func(result string, took time.Duration)
}

// Do decides a change; see hall.Ledger.
func (w tallied) Do(ctx context.Context, scope event.Scope, decide func(hall.Tx) error) error {
	if w.health.hopeless() && !w.health.back(ctx) {
		w.observe(string(fault.LedgerAway), 0)
		return fault.New(fault.LedgerAway)
	}
	began := w.health.machine.Now()
	err := w.Ledger.Do(ctx, scope, decide)
	w.health.changed(err)
	w.observe(resultOf(err), w.health.machine.Since(began))
	return err
}

// resultOf names what became of a change: "ok", the code of its fault, or
// "again" for what is no fault: the close of a day comes first, or nobody waits.
func resultOf(err error) string {
	var f *fault.Error
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &f):
		return string(f.Code)
	}
	return "again"
}

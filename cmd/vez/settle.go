package main

import (
	"context"
	"os"
	"runtime/debug"
	"sync"

	"vez/locale"
)

// startPercent is how far the heap may outgrow what is in use while a hub
// opens: parsing leaves much behind, and whoever waits for the hub would wait
// for the collector, too.
const startPercent = 400

// roomToStart lets the collector rest until the answer is called. Who set GOGC
// has decided otherwise.
func roomToStart() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	usual := debug.SetGCPercent(startPercent)
	return func() { debug.SetGCPercent(usual) }
}

// readTexts reads the catalogue and the texts of pages, at once.
func (h *hub) readTexts() error {
	var reading sync.WaitGroup
	var failed error
	reading.Go(func() { h.text, failed = locale.Load() })
	var err error
	h.cat, err = openCatalogue(h.s)
	if reading.Wait(); err != nil {
		return err
	}
	return failed
}

// startSettling does once what nobody need wait for, until ctx ends or the
// answer is called, which waits: it looks whether papers can be printed, and
// when the live queues stand gives back the memory that starting took.
func (h *hub) startSettling(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	standing := h.memory.queue.Settled()
	var settling sync.WaitGroup
	settling.Go(func() {
		if err := h.press.Ready(); err != nil {
			h.log.Warn("papers cannot be printed; make fonts puts the fonts in place", "err", err)
		}
		select {
		case <-ctx.Done():
		case <-standing:
			debug.FreeOSMemory()
		}
	})
	return func() {
		cancel()
		settling.Wait()
	}
}

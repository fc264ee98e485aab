package main

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

// beside is one more hub on a hub's ledger, whose machine's clock is off.
func (h *hub) beside(t *testing.T, off time.Duration) (*hub, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClockAt(h.machine.Now().Add(off))
	other := &hub{s: h.s, log: h.log, metrics: newMetrics(), name: hubName(), house: h.house, machine: clock, cat: h.cat}
	var err error
	if other.memory, err = openMemory(context.Background(), h.s, h.cat, h.house, clock, h.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(other.memory.Close)
	return other, clock
}

// TestOneHubAuditsHoweverFarTheirClocksAreApart has the hub that audits be wrong
// by hours and be set right; when it dies, the other takes over in minutes.
func TestOneHubAuditsHoweverFarTheirClocksAreApart(t *testing.T) {
	for _, off := range []time.Duration{-5 * time.Hour, 5 * time.Hour} {
		h, _ := watched(t)
		h.mustIssue(t)
		wrong, itsClock := h.beside(t, off)
		right, clock := h.beside(t, 0)
		first, second := &watchman{h: wrong}, &watchman{h: right}
		runs := func(w *watchman) bool {
			t.Helper()
			if err := w.run(context.Background()); err != nil {
				t.Fatal(err)
			}
			return w.a != nil
		}
		for _, step := range []time.Duration{auditEvery, auditEvery, -off, 2 * off, auditEvery} {
			if !runs(first) || runs(second) {
				t.Fatalf("%s apart: who audits changed", off)
			}
			itsClock.Advance(step)
			clock.Advance(auditEvery)
		}
		waited := time.Duration(0)
		for ; !runs(second); waited += auditEvery {
			if waited > 2*auditLease {
				t.Fatalf("%s apart: nobody audits after %s", off, waited)
			}
			clock.Advance(auditEvery)
		}
	}
}

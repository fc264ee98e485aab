package main

import (
	"context"
	"errors"
	"time"

	"vez/audit"
	"vez/event"
	"vez/queue"
)

// Of all hubs one audits at a time; its lease outlives a missed run.
const (
	auditLease = 2*auditEvery + jobMost
	auditPage  = 1000
	// auditSkew is how far the clock of another hub may be ahead of this one's
	// before what it writes is told as being of the future.
	auditSkew = 30 * time.Second
)

// watchman audits the events as they come, and the live queues against them.
// What it finds is an alarm: a promise was broken, and somebody must look.
type watchman struct {
	h    *hub
	a    *audit.Auditor // nil while another hub audits
	told int
	runs int
}

// run is the job.
func (w *watchman) run(ctx context.Context) error {
	db := w.h.memory.db
	leads, err := db.Lease(ctx, "audit", w.h.name, w.h.machine.Now().Add(auditLease))
	if err != nil || !leads {
		w.a = nil
		return err
	}
	if err := w.follow(ctx); err != nil {
		return err
	}
	w.a.Check(w.h.house.Now().Add(auditSkew))
	w.tell()
	if w.runs++; w.runs%compareRuns == 1 {
		return w.compare(ctx)
	}
	return nil
}

// follow feeds what has come since the last run.
func (w *watchman) follow(ctx context.Context) error {
	db := w.h.memory.db
	heads, err := db.Heads(ctx)
	if err != nil {
		return err
	}
	if w.a == nil {
		return w.begin(ctx, heads)
	}
	for _, head := range heads {
		for w.a.Seq(head.Office) < head.Seq {
			events, err := db.After(ctx, head.Office, w.a.Seq(head.Office), auditPage)
			if err != nil {
				return err
			}
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				w.a.Feed(e)
			}
			w.h.metrics.audited.Add(float64(len(events)))
		}
	}
	return nil
}

// begin takes the offices as they stand now.
func (w *watchman) begin(ctx context.Context, heads []event.Head) error {
	a := audit.New(audit.Config{Catalogue: w.h.cat})
	for _, head := range heads {
		snap, err := w.h.memory.db.Snapshot(ctx, head.Office)
		if err != nil {
			return err
		}
		a.Begin(snap)
	}
	w.a, w.told, w.runs = a, 0, 0
	return nil
}

// tell raises the alarm for what is new.
func (w *watchman) tell() {
	all := w.a.Findings()
	for _, f := range all[w.told:] {
		w.alarm(string(f.Invariant), f.Office, f.Seq, f.What)
	}
	w.told = len(all)
}

func (w *watchman) alarm(invariant, office string, seq int64, what string) {
	w.h.metrics.findings.WithLabelValues(invariant).Inc()
	w.h.log.Error("audit: a promise is broken", "invariant", invariant, "office", office, "event", seq, "what", what)
}

// compareRuns is how many runs go by between two comparisons of Redis with the ledger.
const compareRuns = 20

// compare holds the live queues against the ledger, where both have stood still.
func (w *watchman) compare(ctx context.Context) error {
	if up, _ := w.h.memory.queue.Health(); !up {
		return nil
	}
	for _, office := range w.a.Offices() {
		same, err := w.h.memory.queue.Verify(ctx, office)
		switch {
		case errors.Is(err, queue.ErrNewer), errors.Is(err, queue.ErrNotReady): // it moved on meanwhile
		case err != nil:
			return err
		case !same:
			w.alarm(string(audit.I9), office, 0, "the live queues differ from the ledger")
		}
	}
	return nil
}

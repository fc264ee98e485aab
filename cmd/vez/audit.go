package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"vez/audit"
	"vez/event"
	"vez/fault"
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

// watchman audits the events as they come, with the chain of their rows, and
// now and then the live queues and the tables against them. What it finds is an
// alarm: a promise was broken, and somebody must look.
type watchman struct {
	h    *hub
	a    *audit.Auditor // nil while another hub audits
	book watchBook      // as it stands in the ledger
	cut  bool           // the book was cut back, and is not written down yet
	told int
	runs int
}

// auditKind is the kind of the record in which the hub that audits keeps how far
// it came: what happens before another one leads is audited, too.
const (
	auditKind = "audit"
	auditID   = "reached"
)

// watchBook is how far the events of each office were audited.
type watchBook map[string]reached

type reached struct {
	Seq  int64
	Hash []byte
}

// run is the job.
func (w *watchman) run(ctx context.Context) error {
	db := w.h.memory.db
	leads, err := db.Lease(ctx, "audit", w.h.name, w.h.machine.Now().Add(auditLease))
	if err != nil || !leads {
		w.a = nil
		return err
	}
	if w.a == nil {
		err = w.begin(ctx)
	} else {
		err = w.follow(ctx)
	}
	if err != nil {
		return err
	}
	w.a.Check(w.h.house.Now().Add(auditSkew))
	w.tell()
	if w.runs++; w.runs%compareRuns == 1 {
		if err := w.compare(ctx); err != nil {
			return err
		}
	}
	return w.note(ctx)
}

// begin goes on where the hub that audited before came to, and then takes the
// offices as they stand.
func (w *watchman) begin(ctx context.Context) error {
	book, err := w.read(ctx)
	if err != nil {
		return err
	}
	heads, err := w.h.memory.db.Heads(ctx)
	if err != nil {
		return err
	}
	known := map[string]int64{}
	for office, last := range book {
		known[office] = last.Seq
	}
	if _, err := w.lost(ctx, book, known, heads); err != nil {
		return err
	}
	return w.anew(ctx, book, heads)
}

// anew begins where a book ends.
func (w *watchman) anew(ctx context.Context, book watchBook, heads []event.Head) error {
	db := w.h.memory.db
	a := audit.New(audit.Config{Catalogue: w.h.cat})
	for _, head := range heads {
		snap, err := db.Snapshot(ctx, head.Office)
		if err != nil {
			return err
		}
		if last, known := book[head.Office]; known {
			a.Resume(head.Office, last.Seq, last.Hash)
			if err := w.feed(ctx, a, head.Office, snap.Head.Seq); err != nil {
				return err
			}
		}
		a.Begin(snap)
	}
	w.a, w.book, w.told, w.runs = a, book, 0, 0
	return nil
}

// lost raises the alarm for every office whose events end before the last that
// is known, or that has none left, and cuts the book back to where they end:
// the audit begins anew there.
func (w *watchman) lost(ctx context.Context, book watchBook, known map[string]int64, heads []event.Head) (found bool, err error) {
	ends := map[string]int64{}
	for _, head := range heads {
		ends[head.Office] = head.Seq
	}
	for office, last := range known {
		end := ends[office]
		if end >= last {
			continue
		}
		found = true
		w.alarm(string(audit.I10), office, last, fmt.Sprintf("its events end at %d, and were audited up to here", end))
		if book[office].Seq <= end {
			continue
		}
		w.cut = true
		delete(book, office)
		if end == 0 {
			continue
		}
		rows, err := w.h.memory.db.Rows(ctx, office, end-1, 1)
		if err != nil {
			return true, err
		}
		if len(rows) > 0 {
			book[office] = reached{rows[0].Seq, rows[0].Hash}
		}
	}
	return found, nil
}

// follow feeds what has come since the last run.
func (w *watchman) follow(ctx context.Context) error {
	heads, err := w.h.memory.db.Heads(ctx)
	if err != nil {
		return err
	}
	known := map[string]int64{}
	for _, office := range w.a.Offices() {
		known[office] = w.a.Seq(office)
	}
	book := maps.Clone(w.book)
	switch lost, err := w.lost(ctx, book, known, heads); {
	case err != nil:
		return err
	case lost:
		return w.anew(ctx, book, heads)
	}
	for _, head := range heads {
		if err := w.feed(ctx, w.a, head.Office, head.Seq); err != nil {
			return err
		}
	}
	return nil
}

// feed an auditor the rows of an office's events, up to one.
func (w *watchman) feed(ctx context.Context, a *audit.Auditor, office string, last int64) error {
	for a.Seq(office) < last {
		rows, err := w.h.memory.db.Rows(ctx, office, a.Seq(office), int(min(auditPage, last-a.Seq(office))))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			a.FeedRow(r)
		}
		w.h.metrics.audited.Add(float64(len(rows)))
	}
	return nil
}

// read the book of whoever audited last; empty where nobody did.
func (w *watchman) read(ctx context.Context) (watchBook, error) {
	book := watchBook{}
	r, err := w.h.memory.db.Get(ctx, auditKind, auditID)
	switch {
	case fault.CodeOf(err) == fault.UnknownThing:
		return book, nil
	case err != nil:
		return nil, err
	}
	return book, json.Unmarshal(r.Data, &book)
}

// note writes down how far the audit came, if that is any further.
func (w *watchman) note(ctx context.Context) error {
	book, further := maps.Clone(w.book), w.cut
	for _, office := range w.a.Offices() {
		if seq, hash := w.a.Reached(office); seq > book[office].Seq {
			book[office], further = reached{seq, hash}, true
		}
	}
	if !further {
		return nil
	}
	data, err := json.Marshal(book)
	if err != nil {
		return err
	}
	if err := w.h.memory.db.Put(ctx, event.Record{Kind: auditKind, ID: auditID, Data: data}); err != nil {
		return err
	}
	w.book, w.cut = book, false
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

// compareRuns is how many runs go by between two comparisons.
const compareRuns = 20

// compare holds the tables and the live queues against the events, where both
// have stood still.
func (w *watchman) compare(ctx context.Context) error {
	up, _ := w.h.memory.queue.Health()
	for _, office := range w.a.Offices() {
		snap, err := w.h.memory.db.Snapshot(ctx, office)
		if err != nil {
			return err
		}
		w.a.Compare(audit.DumpOf(snap, w.h.cat.Office(office)))
		if !up {
			continue
		}
		same, err := w.h.memory.queue.Verify(ctx, office)
		switch {
		case errors.Is(err, queue.ErrNewer), errors.Is(err, queue.ErrNotReady): // it moved on meanwhile
		case err != nil:
			return err
		case !same:
			w.alarm(string(audit.I9), office, 0, "the live queues differ from the ledger")
		}
	}
	w.tell()
	return nil
}

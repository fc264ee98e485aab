package main

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"vez/audit"
	"vez/config"
	"vez/event"
	"vez/hall"
	"vez/ledger"
	"vez/ticket"
)

// watched is a hub without pages, at ten on a working day.
func watched(t *testing.T) (*hub, *watchman) {
	t.Helper()
	ctx := context.Background()
	at := time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("", 8*3600))
	h := &hub{s: config.Settings{Data: t.TempDir()}, log: newLog(config.Settings{}), metrics: newMetrics(), name: hubName(),
		house: clockwork.NewFakeClockAt(at), machine: clockwork.NewRealClock()}
	var err error
	if h.cat, err = openCatalogue(h.s); err != nil {
		t.Fatal(err)
	}
	if h.memory, err = openMemory(ctx, h.s, h.cat, h.house, h.machine, h.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.memory.Close)
	codes, err := openCodes(ctx, h.memory.db)
	if err != nil {
		t.Fatal(err)
	}
	h.hall = hall.New(hall.Config{Catalogue: h.cat, Ledger: hall.Over(h.memory.db), House: h.house, Machine: h.machine, Codes: codes, Estimate: h.memory.live})
	return h, &watchman{h: h}
}

func (h *hub) mustIssue(t *testing.T) ticket.Ticket {
	t.Helper()
	is, err := h.hall.Issue(context.Background(), hall.Act{Actor: "device:k"}, hall.IssueRequest{Office: "dsi-main", Queue: "dsi-main-card"})
	if err != nil {
		t.Fatal(err)
	}
	return is.Ticket
}

func TestTheWatchmanIsQuietWhenAllIsWellAndRaisesTheAlarmWhenNot(t *testing.T) {
	ctx := context.Background()
	h, w := watched(t)
	h.mustIssue(t)
	run := func() float64 {
		t.Helper()
		if err := w.run(ctx); err != nil {
			t.Fatal(err)
		}
		return testutil.ToFloat64(h.metrics.findings.WithLabelValues(string(audit.I2)))
	}
	run()
	if _, err := h.hall.OpenCounter(ctx, hall.Act{Actor: "clerk:a"}, "dsi-main-1", nil); err != nil {
		t.Fatal(err)
	}
	d, err := h.hall.Next(ctx, hall.Act{Actor: "clerk:a"}, "dsi-main-1", hall.NextRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if n := run(); n != 0 {
		t.Errorf("it raised %v alarms over nothing", n)
	}
	if seen := testutil.ToFloat64(h.metrics.audited); seen < 2 {
		t.Errorf("%v events were audited", seen)
	}
	// Somebody writes past the hall: the same ticket is now called at counter 2.
	twice := d.Ticket
	twice.Counter = "dsi-main-2"
	err = h.memory.db.Do(ctx, event.Scope{Offices: []string{"dsi-main"}}, func(tx *ledger.Tx) error {
		_, err := tx.Append(event.Draft{Office: "dsi-main", Kind: event.TicketKind(string(ticket.Recall)), Actor: "clerk:b", Counter: "dsi-main-2",
			Images: event.Images{Tickets: []ticket.Ticket{twice}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := run(); n == 0 {
		t.Error("a ticket at two counters raised no alarm")
	}
	before := run()
	if again := run(); again != before {
		t.Errorf("the same alarm was raised again: %v, %v", before, again)
	}
}

func TestOnlyOneHubAudits(t *testing.T) {
	ctx := context.Background()
	h, w := watched(t)
	h.mustIssue(t)
	if err := w.run(ctx); err != nil || w.a == nil {
		t.Fatalf("the first hub does not audit: %v", err)
	}
	other := *h
	other.name = hubName()
	second := &watchman{h: &other}
	if err := second.run(ctx); err != nil || second.a != nil {
		t.Errorf("the second hub audits too: %v", err)
	}
}

package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
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

// alarms counts those of an invariant.
func (h *hub) alarms(i audit.Invariant) float64 {
	return testutil.ToFloat64(h.metrics.findings.WithLabelValues(string(i)))
}

// sneak writes past the ledger's program.
func sneak(t *testing.T, h *hub, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(h.s.Data, "ledger.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(context.Background(), statement); err != nil {
		t.Fatal(err)
	}
}

func TestTheNextWatchmanAuditsWhatHappenedWhileNobodyDid(t *testing.T) {
	ctx := context.Background()
	h, w := watched(t)
	first := h.mustIssue(t)
	run := func(w *watchman) {
		t.Helper()
		if err := w.run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	run(w)
	run(w)
	h.mustIssue(t)
	run(w) // it follows, and notes how far it came
	again := h.mustIssue(t)
	run(&watchman{h: h})
	for _, i := range []audit.Invariant{audit.I1, audit.I2, audit.I9, audit.I10} {
		if n := h.alarms(i); n != 0 {
			t.Errorf("%v alarms of %s over nothing", n, i)
		}
	}
	again.Number, again.N = first.Number, first.N
	again.ID = "0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b"
	h.mustIssue(t)
	for _, counter := range []string{"dsi-main-1", "dsi-main-2"} {
		again.State, again.Counter = ticket.Called, counter
		err := h.memory.db.Do(ctx, event.Scope{Offices: []string{"dsi-main"}}, func(tx *ledger.Tx) error {
			_, err := tx.Append(event.Draft{Office: "dsi-main", Kind: event.TicketKind(string(ticket.Call)), Actor: "clerk:b", Counter: counter,
				Images: event.Images{Tickets: []ticket.Ticket{again}}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	run(&watchman{h: h})
	if h.alarms(audit.I2) == 0 {
		t.Error("a ticket called at two counters while nobody audited raised no alarm")
	}
}

func TestTheWatchmanFollowsTheChain(t *testing.T) {
	ctx := context.Background()
	for name, damage := range map[string]string{
		"a time":    "UPDATE events SET at = at + 1 WHERE office = 'dsi-main' AND seq = 2",
		"a hash":    "UPDATE events SET hash = zeroblob(32) WHERE office = 'dsi-main' AND seq = 2",
		"a payload": "UPDATE events SET payload = X'7B7D' WHERE office = 'dsi-main' AND seq = 2",
		"all of it": "UPDATE events SET salt = NULL, payload = NULL WHERE office = 'dsi-main' AND seq = 2",
	} {
		for _, restarted := range []bool{false, true} {
			h, w := watched(t)
			h.mustIssue(t)
			for range 2 {
				if err := w.run(ctx); err != nil {
					t.Fatal(err)
				}
				h.mustIssue(t)
			}
			if restarted {
				w = &watchman{h: h}
			}
			sneak(t, h, strings.ReplaceAll(damage, "seq = 2", "seq = (SELECT max(seq) FROM events WHERE office = 'dsi-main')"))
			if err := w.run(ctx); err != nil {
				t.Fatal(err)
			}
			if h.alarms(audit.I10) == 0 {
				t.Errorf("%s was changed, restarted %v: no alarm", name, restarted)
			}
		}
	}
}

func TestTheWatchmanHoldsTheTablesAgainstTheEvents(t *testing.T) {
	ctx := context.Background()
	h, w := watched(t)
	issued := h.mustIssue(t)
	h.mustIssue(t)
	if err := w.run(ctx); err != nil {
		t.Fatal(err)
	}
	if n := h.alarms(audit.I9); n != 0 {
		t.Errorf("%v alarms over nothing", n)
	}
	sneak(t, h, "DELETE FROM tickets WHERE id = '"+issued.ID+"'")
	for range compareRuns {
		if err := w.run(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if h.alarms(audit.I9) == 0 {
		t.Error("a ticket that vanished from the tables raised no alarm")
	}
}

// TestTheWatchmanSeesThatWhatWasAuditedIsGone cuts an office's events back, or
// takes all of it away: the alarm is raised once, and the audit goes on from there.
func TestTheWatchmanSeesThatWhatWasAuditedIsGone(t *testing.T) {
	ctx := context.Background()
	const of = " WHERE office = 'dsi-main'"
	for name, damage := range map[string][]string{
		"cut back": {
			"UPDATE offices SET (seq, at, hash) = (SELECT seq, at, hash FROM events" + of + " ORDER BY seq DESC LIMIT 1 OFFSET 2)" + of,
			"DELETE FROM events" + of + " AND seq > (SELECT seq FROM offices" + of + ")",
			"DELETE FROM tickets" + of + " AND seq > (SELECT seq FROM offices" + of + ")",
		},
		"gone": {"DELETE FROM events" + of, "DELETE FROM tickets" + of, "DELETE FROM numbers" + of, "DELETE FROM offices" + of},
	} {
		for _, restarted := range []bool{false, true} {
			h, w := watched(t)
			run := func() {
				t.Helper()
				if err := w.run(ctx); err != nil {
					t.Fatal(err)
				}
			}
			again := func() {
				if restarted {
					w = &watchman{h: h}
				}
			}
			for range 2 {
				for range 3 {
					h.mustIssue(t)
				}
				run()
			}
			for _, statement := range damage {
				sneak(t, h, statement)
			}
			again()
			run()
			if n := h.alarms(audit.I10); n != 1 {
				t.Errorf("%s, restarted %v: %v alarms", name, restarted, n)
			}
			again()
			run()
			h.mustIssue(t)
			run()
			again()
			run()
			if n := h.alarms(audit.I10); n != 1 {
				t.Errorf("%s, restarted %v: %v alarms after the first", name, restarted, n-1)
			}
			sneak(t, h, "UPDATE events SET hash = zeroblob(32)"+of+" AND seq = (SELECT max(seq) FROM events"+of+")")
			sneak(t, h, "UPDATE offices SET hash = zeroblob(32)"+of)
			h.mustIssue(t)
			again()
			run()
			if h.alarms(audit.I10) == 1 {
				t.Errorf("%s, restarted %v: the audit does not go on", name, restarted)
			}
		}
	}
}

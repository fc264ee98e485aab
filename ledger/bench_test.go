package ledger_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/counter"
	"vez/event"
	"vez/ledger"
	"vez/ledger/ledgertest"
	"vez/ticket"
)

// The promise: 64 callers together are no slower than one client that commits
// the same rows one by one and reads nothing. Run with -benchtime=20000x.

func BenchmarkChange64SQLite(b *testing.B)     { benchmarkChange(b, onSQLite(b), 64, 50) }
func BenchmarkChange64PostgreSQL(b *testing.B) { benchmarkChange(b, onPostgres(b), 64, 50) }
func BenchmarkChange1SQLite(b *testing.B)      { benchmarkChange(b, onSQLite(b), 1, 50) }
func BenchmarkChange1PostgreSQL(b *testing.B)  { benchmarkChange(b, onPostgres(b), 1, 50) }

// A hundred thousand people wait.
func BenchmarkGrown64SQLite(b *testing.B)     { benchmarkChange(b, onSQLite(b), 64, 12500) }
func BenchmarkGrown64PostgreSQL(b *testing.B) { benchmarkChange(b, onPostgres(b), 64, 12500) }

func BenchmarkSingleCommitSQLite(b *testing.B)     { benchmarkSingle(b, onSQLite) }
func BenchmarkSingleCommitPostgreSQL(b *testing.B) { benchmarkSingle(b, onPostgres) }

const (
	benchDay     = "2026-11-24"
	benchOffices = 8
)

func benchOpen(b *testing.B, p ledgertest.Place) *ledger.DB {
	b.Helper()
	cfg := p.Config
	cfg.House = clockwork.NewFakeClockAt(time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC))
	cfg.Machine = cfg.House
	d, err := ledger.Open(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = d.Close() })
	return d
}

// benchmarkChange lets callers issue and call in turn at eight offices, with
// idempotency keys and undos, over lines of about so many.
func benchmarkChange(b *testing.B, p ledgertest.Place, callers, waiting int) {
	d := benchOpen(b, p)
	benchSeed(b, d, waiting)
	for n := range 4 * benchOffices { // both kinds of change everywhere: statements prepared, memory filled
		if err := benchChange(d, -1-n); err != nil {
			b.Fatal(err)
		}
	}
	took := make([]time.Duration, b.N)
	b.ResetTimer()
	var next atomic.Int64
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			for n := int(next.Add(1) - 1); n < b.N; n = int(next.Add(1) - 1) {
				begun := time.Now()
				if err := benchChange(d, n); err != nil {
					b.Error(err)
				}
				took[n] = time.Since(begun)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// benchmarkSingle records the rows of the same changes, and measures a naive
// client that commits them again.
func benchmarkSingle(b *testing.B, fresh func(testing.TB) ledgertest.Place) {
	d := benchOpen(b, fresh(b))
	recorded := ledger.Record(d)
	benchSeed(b, d, 50)
	for n := range b.N {
		if err := benchChange(d, n); err != nil {
			b.Fatal(err)
		}
	}
	naive := fresh(b)
	benchOpen(b, naive)
	db := naive.SQL(b)
	db.SetMaxOpenConns(1)
	if naive.Config.URL == "" {
		if _, err := db.Exec("PRAGMA synchronous = FULL"); err != nil {
			b.Fatal(err)
		}
	}
	if err := recorded.ReplaySetup(context.Background(), db, benchOffices); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if err := recorded.Replay(context.Background(), db, benchOffices); err != nil {
		b.Fatal(err)
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "changes/s")
}

func benchSeed(b *testing.B, d *ledger.DB, waiting int) {
	b.Helper()
	for o := range benchOffices {
		office := fmt.Sprint("o", o)
		err := d.Do(context.Background(), event.Scope{Offices: []string{office}}, func(tx *ledger.Tx) error {
			for i := range waiting {
				if err := benchIssue(tx, office, fmt.Sprintf("%s-seed%d", office, i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func benchIssue(tx *ledger.Tx, office, id string) error {
	n, err := tx.NextNumber(office, benchDay, "A", 8999)
	if err != nil {
		return err
	}
	now := tx.Now()
	_, err = tx.Append(event.Draft{Office: office, Kind: "ticket.issue", Actor: "device:demo",
		Images: event.Images{Tickets: []ticket.Ticket{{ID: id, Visit: id, Office: office, Queue: office + "-a", Service: "renewal",
			Day: benchDay, Series: "A", N: n, Number: ticket.Number("A", n), State: ticket.Waiting, Class: ticket.WalkIn, Lang: "pt",
			People: 1, Arrival: now, Due: now, Joined: -1, From: now.Add(10 * time.Minute), To: now.Add(25 * time.Minute)}}}})
	return err
}

func benchChange(d *ledger.DB, n int) error {
	office := fmt.Sprint("o", (n&^1)/2&(benchOffices-1))
	k := event.Key{Principal: "clerk:demo", Route: "POST /next", Key: fmt.Sprint("key", n), BodyHash: "0123456789abcdef"}
	return d.Do(context.Background(), event.Scope{Offices: []string{office}}, func(tx *ledger.Tx) error {
		if _, done, err := tx.Repeat(k); err != nil || done {
			return err
		}
		if _, err := tx.State(office); err != nil {
			return err
		}
		if n&1 == 1 {
			return benchCall(tx, office, fmt.Sprintf("%s-%d", office, n&15), k)
		}
		id := fmt.Sprintf("%s-t%d", office, n)
		if err := benchIssue(tx, office, id); err != nil {
			return err
		}
		if err := tx.SetLink(id, "token"+id); err != nil {
			return err
		}
		return tx.Remember(k, []string{id})
	})
}

func benchCall(tx *ledger.Tx, office, at string, k event.Key) error {
	s, err := tx.Shift(at)
	if err != nil {
		return err
	}
	line, err := tx.Line(office+"-a", benchDay, 32)
	if err != nil || len(line) == 0 {
		return err
	}
	was := line[0]
	t := was
	t.State, t.Counter, t.CalledAt = ticket.Called, at, tx.Now()
	if _, err := tx.Dormant(t.Queue, t.Day, t.Due); err != nil {
		return err
	}
	before := event.Images{Tickets: []ticket.Ticket{was}, Shifts: []counter.Shift{s}}
	s.Office, s.Clerk, s.State, s.Ticket = office, "clerk:demo", counter.Open, t.ID
	e, err := tx.Append(event.Draft{Office: office, Kind: "ticket.call", Actor: "clerk:demo", Counter: at,
		Detail: ticket.Reason{Rule: "first_due", Due: t.Due}, Images: event.Images{Tickets: []ticket.Ticket{t}, Shifts: []counter.Shift{s}}})
	if err != nil {
		return err
	}
	if err := tx.SetUndo(event.Undo{Counter: at, Kind: e.Kind, First: e.Seq, Seq: e.Seq, At: tx.Now(), Before: before}); err != nil {
		return err
	}
	return tx.Remember(k, []string{at, t.ID})
}

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/ledger/pgtest"
	"vez/office"
)

// mayBeScanned lists the reads that go through a table, and why they may.
var mayBeScanned = map[string]string{
	"offices": "a few dozen rows",
	"shifts":  "a few hundred rows",
}

// TestEveryReadGoesByAnIndexWhoseColumnsAreGiven keeps reads from growing with
// what has gathered: tickets of past days, bookings of other queues, records of
// other owners. PostgreSQL would read a small table as a whole; it is told not to.
func TestEveryReadGoesByAnIndexWhoseColumnsAreGiven(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) {
		eachPlan(t, Config{Dir: t.TempDir()}, "EXPLAIN QUERY PLAN ", judgeSQLite)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		eachPlan(t, Config{URL: pgtest.URL(t) + "&enable_seqscan=off", Key: "demo"}, "EXPLAIN ", judgePostgres)
	})
}

func eachPlan(t *testing.T, cfg Config, explain string, judge func(text, plan string) string) {
	cfg.House, cfg.Machine = clockwork.NewFakeClock(), clockwork.NewFakeClock()
	d, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	r := &Reader{explain: func(err error) error { return err }, machine: cfg.Machine.Now}
	seen := map[string]bool{}
	r.query = func(text string, args ...any) (*sql.Rows, error) {
		if !seen[text] {
			seen[text] = true
			plan, err := planOf(d, explain+text, args)
			if bad := judge(text, plan); err != nil || bad != "" {
				t.Errorf("%s %v\n%s\n%s", bad, err, text, plan)
			}
		}
		return d.reads.query(context.Background(), text, args...)
	}
	if err := readEverything(r, cfg.Machine.Now()); err != nil {
		t.Fatal(err)
	}
	if len(seen) < 24 {
		t.Errorf("only %d reads were looked at", len(seen))
	}
}

// readEverything asks for all there is; finding nothing is no error.
func readEverything(r *Reader, now time.Time) error {
	const day = office.Day("2026-11-24")
	var errs []error
	add := func(_ any, err error) {
		if err != nil && !strings.Contains(err.Error(), "not_found") {
			errs = append(errs, err)
		}
	}
	add(r.Ticket("t"))
	add(r.TicketByLink("l"))
	add(r.LinkOf("t"))
	add(r.TicketByNumber("o", day, "A001"))
	add(r.Line("q", day, 32))
	add(r.Live("o", day))
	add(r.Dormant("q", day, now))
	add(r.Issued("q", day))
	add(r.Booking("b"))
	add(r.BookingByReference("r"))
	add(r.BookingsOn("q", day, day.Add(30)))
	add(r.BookingsMade("q", booking.Kiosk, day, now))
	add(r.DueBookings(now, 100))
	add(r.OfficeBookings("o", day, booking.Confirmed, booking.Held))
	add(r.BookingsOf("h", now))
	add(r.HolderOf("b"))
	add(r.TicketsOf("h", day))
	add(r.Shift("c"))
	add(r.Shifts("o"))
	add(r.Record("k", "i"))
	add(r.Records("k", "o"))
	add(r.Records("k", ""))
	add(r.after("o", 3, 100))
	add(r.snapshot("o", "e", day))
	add(docs[struct{}](r, sqlLive, "o"))
	return errors.Join(errs...)
}

func planOf(d *DB, text string, args []any) (string, error) {
	rows, err := d.reads.query(context.Background(), text, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for rows.Next() {
		into := make([]any, len(columns))
		for i := range into {
			into[i] = new(any)
		}
		if err := rows.Scan(into...); err != nil {
			return "", err
		}
		fmt.Fprintln(&out, *into[len(into)-1].(*any))
	}
	return out.String(), rows.Err()
}

// judgeSQLite says what is wrong with a plan: a table is scanned, or tickets and
// records are searched by less than what they are found by.
func judgeSQLite(text, plan string) string {
	for _, line := range strings.Split(plan, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "SCAN") && !mayScan(line):
			return "a table is scanned:"
		case strings.HasPrefix(line, "SEARCH tickets") && strings.HasSuffix(line, "(office=?)"):
			return "all tickets of an office are read:"
		case strings.Contains(text, "AND owner = ") && strings.HasSuffix(line, "(kind=?)"):
			return "all records of a kind are read:"
		}
	}
	return ""
}

func mayScan(line string) bool {
	return slices.ContainsFunc(strings.Fields(line), func(w string) bool { return mayBeScanned[w] != "" || w == "(subquery-1)" || w == "t" })
}

func judgePostgres(_, plan string) string {
	for _, line := range strings.Split(plan, "\n") {
		if i := strings.Index(line, "Seq Scan on "); i >= 0 && mayBeScanned[strings.Fields(line[i:])[3]] == "" {
			return "a table is scanned:"
		}
	}
	return ""
}

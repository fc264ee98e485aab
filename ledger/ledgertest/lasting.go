package ledgertest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/office"
)

// busy fills an office with a row of every kind.
func (w *world) busy() {
	w.t.Helper()
	for i := range 6 {
		w.issued("dsi", fmt.Sprint("t", i))
	}
	w.do(at("dsi", "iam"), func(tx *ledger.Tx) error {
		if _, err := call(tx, "dsi", "dsi-1"); err != nil {
			return err
		}
		if err := book(tx, "dsi", "b1", "demo"); err != nil {
			return err
		}
		n, err := tx.NextNumber("dsi", today, "A", 8999)
		if err != nil {
			return err
		}
		state := office.State{Office: "dsi", Day: today, PauseReason: "drill"}
		if _, err = tx.Append(event.Draft{Office: "dsi", Kind: event.KindPaused, Images: event.Images{
			Office: &state, Void: []event.Void{{Day: today, Series: "A", N: n, Reason: "undone"}}}}); err != nil {
			return err
		}
		_, err = issue(tx, "iam", "i1")
		return err
	})
}

// columnsToFlip are the columns that Verify answers for, with a row's key.
var columnsToFlip = map[string][]string{
	"events":   {"office, seq", "seq", "at", "digest", "hash", "salt", "payload"},
	"offices":  {"office", "seq", "at", "hash", "doc"},
	"tickets":  {"id", "office", "queue", "day", "state", "live", "class", "number", "due", "joined", "seq", "doc"},
	"bookings": {"id", "reference", "office", "queue", "day", "state", "freed", "start", "made", "release", "seq", "doc"},
	"shifts":   {"counter", "office", "seq", "doc"},
	"voids":    {"office, day, series, n", "office", "day", "series", "n", "reason"},
	"numbers":  {"office, day, series", "office", "day", "series", "n"},
}

// flips changes one bit of a random row in each column, looks, and puts it back.
func flips(t *testing.T, w *world) {
	w.busy()
	db := w.place.SQL(t)
	sound := func() bool {
		r, err := w.Verify(w.ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		return r.Sound()
	}
	if !sound() {
		t.Fatal("the untouched ledger does not prove itself")
	}
	random := rand.New(rand.NewPCG(1, 2))
	for table, columns := range columnsToFlip {
		key := columns[0]
		if !strings.Contains(key, ",") {
			key = columns[0]
		} else {
			columns = columns[1:]
		}
		for _, column := range columns {
			for range 3 {
				undo := flip(t, db, random, table, key, column)
				if sound() {
					t.Errorf("a flipped bit in %s.%s was not found", table, column)
				}
				undo()
			}
		}
	}
	if !sound() {
		t.Error("the ledger was not put back")
	}
}

func strays(t *testing.T, w *world) {
	w.busy()
	db := w.place.SQL(t)
	for _, damage := range []struct{ do, undo string }{
		{"DELETE FROM tickets WHERE id = 't3'", ""},
		{"INSERT INTO tickets SELECT 'x', office, queue, day, state, live, class, number, due, joined, seq, doc FROM tickets WHERE id = 't1'", "DELETE FROM tickets WHERE id = 'x'"},
		{"INSERT INTO numbers (office, day, series, n) VALUES ('dsi', '2026-11-24', 'Z', 1)", "DELETE FROM numbers WHERE series = 'Z'"},
		{"INSERT INTO shifts (counter, office, seq, doc) VALUES ('x-1', 'x', 1, '{}')", "DELETE FROM shifts WHERE office = 'x'"},
		{"DELETE FROM voids", ""},
		{"DELETE FROM events WHERE office = 'dsi' AND seq = 9", ""},
		{"DELETE FROM events WHERE office = 'dsi' AND seq = 4", ""},
		{"DELETE FROM offices WHERE office = 'iam'", ""},
	} {
		if _, err := db.Exec(damage.do); err != nil {
			t.Fatal(err)
		}
		r, err := w.Verify(w.ctx, nil)
		if err != nil || r.Sound() {
			t.Errorf("%s was not found: %v", damage.do, err)
		}
		if damage.undo == "" {
			continue
		}
		if _, err := db.Exec(damage.undo); err != nil {
			t.Fatal(err)
		}
	}
}

func erasure(t *testing.T, w *world) {
	w.busy()
	db := w.place.SQL(t)
	if _, err := db.Exec("UPDATE events SET salt = NULL, payload = NULL WHERE office = 'dsi' AND seq IN (2, 3)"); err != nil {
		t.Fatal(err)
	}
	chain := func(r ledger.Report) (seqs []int64) {
		for _, f := range r.Flaws {
			if f.Table == "events" {
				seqs = append(seqs, f.Seq)
			}
		}
		return seqs
	}
	// The chain goes on over them, so nothing else is wrong with it; but nothing
	// erases yet, so whoever did tampered with it.
	r, err := w.Verify(w.ctx, nil)
	if err != nil || r.Erased != 2 || !slices.Equal(chain(r), []int64{2, 3}) {
		t.Fatalf("verify: %+v %v", r, err)
	}
	if !slices.ContainsFunc(r.Flaws, func(f ledger.Flaw) bool { return f.Table == "tickets" }) {
		t.Errorf("whose tickets they were is not told: %v", r.Flaws)
	}
	a, err := w.Anchor(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := w.Holds(w.ctx, a, nil); err != nil || r.Erased != 2 || !slices.Equal(chain(r), []int64{2, 3}) {
		t.Errorf("holds: %+v %v", r, err)
	}
	if events := w.events("dsi"); events[1].Seq != 2 || events[1].Kind != "" || events[3].Kind == "" {
		t.Errorf("events: %+v", events[:4])
	}
	if _, err := db.Exec("UPDATE events SET at = at + 1 WHERE office = 'dsi' AND seq = 2"); err != nil {
		t.Fatal(err)
	}
	if r, err := w.Verify(w.ctx, nil); err != nil || !slices.Equal(chain(r), []int64{2, 2, 3}) {
		t.Errorf("a changed time of an erased event was not found: %v %v", r.Flaws, err)
	}
}

func newerSchema(t *testing.T, w *world) {
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.place.SQL(t).Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, '1')"); err != nil {
		t.Fatal(err)
	}
	cfg := w.place.Config
	cfg.House, cfg.Machine = w.house, w.machine
	_, err := ledger.Open(w.ctx, cfg)
	want(t, err, fault.SchemaNewer)
}

func restart(t *testing.T, w *world) {
	w.busy()
	epoch := w.Epoch()
	before, err := w.Snapshot(w.ctx, "dsi")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.DB = w.hub()
	after, err := w.Snapshot(w.ctx, "dsi")
	if err != nil || fmt.Sprint(before) != fmt.Sprint(after) || w.Epoch() != epoch {
		t.Errorf("before %+v\nafter %+v, %v", before, after, err)
	}
	if k := w.issued("dsi", "after"); k.N != 8 {
		t.Errorf("the number after the restart is %d", k.N)
	}
	w.sound("iam", 1)
}

func records(t *testing.T, w *world) {
	put := func(r event.Record) {
		t.Helper()
		if err := w.Put(w.ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	put(event.Record{Kind: "session", ID: "1", Owner: "demo", Data: []byte(`{"a":1}`), Expires: w.machine.Now().Add(time.Minute)})
	put(event.Record{Kind: "session", ID: "2", Owner: "other", Data: []byte(`{}`)})
	put(event.Record{Kind: "token", ID: "1"})
	if r, err := w.Get(w.ctx, "session", "1"); err != nil || string(r.Data) != `{"a":1}` || r.Owner != "demo" || !r.Expires.Equal(start.Add(time.Minute)) {
		t.Errorf("record: %+v %v", r, err)
	}
	for owner, n := range map[string]int{"": 2, "demo": 1, "nobody": 0} {
		if rs, err := w.Records(w.ctx, "session", owner); err != nil || len(rs) != n {
			t.Errorf("records of %q: %v %v", owner, rs, err)
		}
	}
	w.do(at("dsi"), func(tx *ledger.Tx) error {
		if err := tx.Put(event.Record{Kind: "session", ID: "1", Owner: "demo", Data: []byte(`{"a":2}`), Expires: w.machine.Now().Add(time.Minute)}); err != nil {
			return err
		}
		if r, err := tx.Record("session", "1"); err != nil || string(r.Data) != `{"a":2}` {
			t.Errorf("own record: %+v %v", r, err)
		}
		if rs, err := tx.Records("session", "demo"); err != nil || len(rs) != 1 || string(rs[0].Data) != `{"a":2}` {
			t.Errorf("own records: %+v %v", rs, err)
		}
		return tx.Delete("session", "2")
	})
	w.machine.Advance(time.Minute)
	for _, id := range []string{"1", "2"} {
		_, err := w.Get(w.ctx, "session", id)
		want(t, err, fault.UnknownThing)
	}
	if n, err := w.Sweep(w.ctx); err != nil || n != 1 {
		t.Errorf("%d rows were swept, %v", n, err)
	}
	if err := w.Delete(w.ctx, "token", "1"); err != nil {
		t.Error(err)
	}
	_, err := w.Get(w.ctx, "token", "1")
	want(t, err, fault.UnknownThing)
}

func recent(t *testing.T, w *world) {
	ofDSI := func(data []byte) bool { return bytes.Contains(data, []byte(`"office":"dsi"`)) }
	for i, data := range []string{`{"office":"dsi"}`, `{"office":"iam"}`, `{"office":"dsi","n":2}`, `{"office":"dsi","n":3}`} {
		for kind, kept := range map[string]time.Duration{"printed": 100 * time.Hour, "other": 200 * time.Hour} {
			if err := w.Put(w.ctx, event.Record{Kind: kind, ID: fmt.Sprint(i), Owner: "t", Data: []byte(data), Expires: w.machine.Now().Add(kept)}); err != nil {
				t.Fatal(err)
			}
		}
		w.machine.Advance(time.Hour)
	}
	if err := w.Put(w.ctx, event.Record{Kind: "printed", ID: "for ever", Data: []byte(`{"office":"dsi"}`)}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		since time.Duration
		limit int
		want  string
	}{{100 * time.Hour, 9, "3 2 0"}, {100 * time.Hour, 2, "3 2"}, {3 * time.Hour, 9, "3 2"}, {time.Minute, 9, ""}} {
		rs, err := w.Recent(w.ctx, "printed", w.machine.Now().Add(100*time.Hour-c.since), c.limit, ofDSI)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range rs {
			got = append(got, r.ID)
			if r.Kind != "printed" || r.Owner != "t" || !strings.Contains(string(r.Data), `"office":"dsi"`) || r.Expires.IsZero() {
				t.Errorf("record %+v", r)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("of the last %s, %d at most: %q, not %q", c.since, c.limit, got, c.want)
		}
	}
	w.machine.Advance(100 * time.Hour)
	if rs, err := w.Recent(w.ctx, "printed", time.Time{}, 9, ofDSI); err != nil || len(rs) != 0 {
		t.Errorf("expired, and listed: %v %v", rs, err)
	}
}

// A leaseHub is a hub with a machine clock of its own.
type leaseHub struct {
	*ledger.DB
	name  string
	clock *clockwork.FakeClock
}

// takes asks for a lease by the hub's own clock.
func (h leaseHub) takes(t *testing.T, name string, length time.Duration) bool {
	t.Helper()
	got, err := h.Lease(context.Background(), name, h.name, h.clock.Now().Add(length))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (w *world) leaseHubs(off time.Duration) (leaseHub, leaseHub) {
	return leaseHub{w.DB, "hub0", w.machine}, w.leaseHub("hub1", off)
}

func (w *world) leaseHub(name string, off time.Duration) leaseHub {
	clock := clockwork.NewFakeClockAt(w.machine.Now().Add(off))
	return leaseHub{w.hubAt(clock), name, clock}
}

func leases(t *testing.T, w *world) {
	a, b := w.leaseHubs(0)
	if !a.takes(t, "jobs", time.Minute) || b.takes(t, "jobs", time.Minute) || !a.takes(t, "jobs", time.Minute) {
		t.Error("a lease that is held is not held")
	}
	b.clock.Advance(59 * time.Second)
	if b.takes(t, "jobs", time.Minute) {
		t.Error("a lease that was renewed meanwhile is free")
	}
	for range 3 {
		b.clock.Advance(20 * time.Second)
		if b.takes(t, "jobs", time.Minute) {
			break
		}
	}
	if a.takes(t, "jobs", time.Minute) || !b.takes(t, "jobs", time.Minute) {
		t.Error("a lease that was without a sign of life for its time is held")
	}
	if !b.takes(t, "jobs", -time.Minute) || !a.takes(t, "jobs", time.Minute) {
		t.Error("a lease that was given up is held")
	}
	won := 0
	errs := together(16, func(i int) error {
		h := []leaseHub{a, b}[i%2]
		got, err := h.Lease(w.ctx, "one", fmt.Sprint(i), h.clock.Now().Add(time.Minute))
		if got {
			return errors.Join(err, errRefused) // told apart below
		}
		return err
	})
	for _, err := range errs {
		if errors.Is(err, errRefused) {
			won++
		} else if err != nil {
			t.Error(err)
		}
	}
	if won != 1 {
		t.Errorf("%d hubs hold one lease", won)
	}
}

// leasesByWrongClocks has hubs whose clocks are hours apart and are set back and
// forth: a living holder keeps its lease, and a dead one's is free in its time.
func leasesByWrongClocks(t *testing.T, w *world) {
	for i, off := range []time.Duration{-5 * time.Hour, -time.Minute, 0, time.Minute, 5 * time.Hour} {
		name := fmt.Sprint("jobs", i)
		a, b := w.leaseHubs(off)
		for range 10 { // both live; each asks every five seconds, and a's comes first
			if !a.takes(t, name, 15*time.Second) || b.takes(t, name, 15*time.Second) {
				t.Fatalf("%s apart, a lease that is held is not held", off)
			}
			a.clock.Advance(5 * time.Second)
			b.clock.Advance(5 * time.Second)
		}
		for _, step := range []time.Duration{4 * time.Hour, -9 * time.Hour, 5 * time.Hour} {
			a.clock.Advance(step) // set by hand, or by a time server
			if !a.takes(t, name, 15*time.Second) || b.takes(t, name, 15*time.Second) {
				t.Fatalf("stepped by %s, a lease that is held is not held", step)
			}
		}
		waited := time.Duration(0) // a dies
		for ; !b.takes(t, name, 15*time.Second); waited += time.Second {
			if waited > 30*time.Second {
				t.Fatalf("%s apart, a dead hub's lease is held after %s", off, waited)
			}
			b.clock.Advance(time.Second)
		}
		if waited < 7*time.Second {
			t.Errorf("%s apart, a lease was free after %s", off, waited)
		}
		if asks := w.leaseHub("hub2", -off); asks.takes(t, name, -time.Second) {
			t.Errorf("%s apart, one who only asks holds another for dead", off)
		}
	}
}

// leasesSwept has rows of hubs that died go, and those of the living stay.
func leasesSwept(t *testing.T, w *world) {
	a, b := w.leaseHubs(7 * time.Hour)
	if !a.takes(t, "spool:hub0", 12*time.Second) || !b.takes(t, "spool:hub1", 12*time.Second) {
		t.Fatal("no lease")
	}
	var gone int64
	for range 13 {
		n, err := b.Sweep(w.ctx)
		if err != nil {
			t.Fatal(err)
		}
		gone += n
		b.clock.Advance(10 * time.Minute)
		if !b.takes(t, "spool:hub1", 12*time.Second) {
			t.Fatal("the living lost its lease")
		}
	}
	db := w.place.SQL(t)
	var left string
	if err := db.QueryRow("SELECT name FROM leases").Scan(&left); err != nil || left != "spool:hub1" || gone != 1 {
		t.Errorf("%d rows went, %q is left, %v", gone, left, err)
	}
	if !b.takes(t, "spool:hub1", -time.Second) {
		t.Error("it was not given up")
	}
	if err := db.QueryRow("SELECT name FROM leases").Scan(&left); !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("a lease that was given up leaves %q, %v", left, err)
	}
}

func secrets(t *testing.T, w *world) {
	hubs := []*ledger.DB{w.DB, w.hub()}
	got := make([][]byte, 16)
	errs := together(len(got), func(i int) (err error) {
		got[i], err = hubs[i%2].Secret(w.ctx, "signing", func() ([]byte, error) { return fmt.Appendf(nil, "made by %02d", i), nil })
		return err
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for _, g := range got {
		if !bytes.Equal(g, got[0]) || len(g) != len("made by 00") {
			t.Errorf("secrets %q and %q", g, got[0])
		}
	}
	var wrapped []byte
	if err := w.place.SQL(t).QueryRow("SELECT wrapped FROM secrets").Scan(&wrapped); err != nil || bytes.Contains(wrapped, []byte("made by")) {
		t.Errorf("stored %q, %v", wrapped, err)
	}
	cfg := w.place.Config
	cfg.House, cfg.Machine, cfg.Key = w.house, w.machine, "another"
	other, err := ledger.Open(w.ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Close() })
	_, err = other.Secret(w.ctx, "signing", nil)
	want(t, err, fault.Configuration)
}

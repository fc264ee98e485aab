package ledgertest

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vez/event"
	"vez/ledger"
)

// AnchorSuite runs the contract of exported heads: what was cut off or written
// anew is found, though the chain proves itself.
func AnchorSuite(t *testing.T, fresh func(t testing.TB) Place) { anchors(t, newWorld(t, fresh(t))) }

func anchors(t *testing.T, w *world) {
	for i := range 4 {
		w.issued("dsi", fmt.Sprint("t", i))
	}
	w.issued("iam", "i0")
	a, err := w.Anchor(w.ctx)
	if err != nil {
		t.Fatal(err)
	}
	holds := func(what string, sound bool) {
		t.Helper()
		if r, err := w.Holds(w.ctx, a, nil); err != nil || r.Sound() != sound {
			t.Errorf("%s: %v %v", what, r.Flaws, err)
		}
	}
	holds("untouched", true)
	w.issued("dsi", "t4")
	holds("gone on", true)
	db := w.place.SQL(t)
	keep := copyEvents(t, db)
	exec(t, db, "DELETE FROM events WHERE office = 'dsi' AND seq > 2")
	exec(t, db, "UPDATE offices SET seq = 2 WHERE office = 'dsi'")
	holds("cut off", false)
	keep()
	holds("put back", true)
	rewriteChain(t, db, "dsi", 3)
	holds("written anew from the third event", false)
	if r, err := w.Verify(w.ctx, nil); err != nil || hasChainFlaw(r) {
		t.Errorf("the rewritten chain should prove itself, or it shows nothing: %v %v", r.Flaws, err)
	}
	keep()
	exec(t, db, "DELETE FROM events WHERE office = 'iam'")
	holds("an office gone", false)
	keep()
	forged := a
	forged.Heads = slices.Clone(a.Heads)
	forged.Heads[0].Seq--
	if _, err := w.Holds(w.ctx, forged, nil); !errors.Is(err, ledger.ErrAnchor) {
		t.Errorf("a forged export is answered %v", err)
	}
}

func hasChainFlaw(r ledger.Report) bool {
	return slices.ContainsFunc(r.Flaws, func(f ledger.Flaw) bool { return f.Table == "events" })
}

func exec(t *testing.T, db *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := db.Exec(text, args...); err != nil {
		t.Fatal(err)
	}
}

// EpochSuite runs the contract of new epochs.
func EpochSuite(t *testing.T, fresh func(t testing.TB) Place) {
	w := newWorld(t, fresh(t))
	w.issued("dsi", "t1")
	was := w.Epoch()
	if _, err := ledger.Renew(w.ctx, w.config(w.place.Config)); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("with a hub the answer is %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	epoch, err := ledger.Renew(w.ctx, w.config(w.place.Config))
	if err != nil || epoch == was {
		t.Fatalf("epoch %s was %s, %v", epoch, was, err)
	}
	w.remains(epoch, 1)
}

// storedEvent is a row of events.
type storedEvent struct {
	office                      string
	seq, at                     int64
	digest, hash, salt, payload []byte
}

func readEvents(t *testing.T, db *sql.DB) (out []storedEvent) {
	t.Helper()
	rows, err := db.Query("SELECT office, seq, at, digest, hash, salt, payload FROM events ORDER BY office, seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var e storedEvent
		if err := rows.Scan(&e.office, &e.seq, &e.at, &e.digest, &e.hash, &e.salt, &e.payload); err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// copyEvents gives what puts the events back.
func copyEvents(t *testing.T, db *sql.DB) func() {
	all := readEvents(t, db)
	return func() {
		exec(t, db, "DELETE FROM events")
		for _, e := range all {
			exec(t, db, "INSERT INTO events (office, seq, at, digest, hash, salt, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)",
				e.office, e.seq, e.at, e.digest, e.hash, e.salt, e.payload)
		}
	}
}

// rewriteChain does what somebody with the whole database would: it changes an
// event and links everything after it anew.
func rewriteChain(t *testing.T, db *sql.DB, office string, from int64) {
	t.Helper()
	var prev []byte
	for _, e := range readEvents(t, db) {
		if e.office != office {
			continue
		}
		if e.seq >= from {
			e.payload = []byte(strings.Replace(string(e.payload), "clerk:demo", "clerk:else", 1))
			e.digest = event.Digest(e.salt, e.payload)
			e.hash = event.Link(prev, office, e.seq, time.UnixMilli(e.at), e.digest)
			exec(t, db, "UPDATE events SET payload = $1, digest = $2, hash = $3 WHERE office = $4 AND seq = $5", e.payload, e.digest, e.hash, office, e.seq)
		}
		prev = e.hash
	}
	exec(t, db, "UPDATE offices SET hash = $1 WHERE office = $2", prev, office)
}

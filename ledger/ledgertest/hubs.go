package ledgertest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"vez/event"
	"vez/fault"
	"vez/ledger"
)

func callsOnce(t *testing.T, w *world) {
	const tickets = 40
	for i := range tickets {
		w.issued("dsi", fmt.Sprint("t", i))
	}
	hubs := []*ledger.DB{w.DB, w.hub()}
	var mu sync.Mutex
	called := map[string]int{}
	errs := together(16, func(i int) error {
		at16 := fmt.Sprintf("dsi-%d", i)
		for {
			var got string
			err := hubs[i%2].Do(w.ctx, at("dsi"), func(tx *ledger.Tx) (err error) {
				got, err = call(tx, "dsi", at16)
				return err
			})
			if err != nil || got == "" {
				return err
			}
			mu.Lock()
			called[got]++
			mu.Unlock()
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for id, n := range called {
		if n != 1 {
			t.Errorf("%s was called %d times", id, n)
		}
	}
	if len(called) != tickets {
		t.Errorf("%d of %d were called", len(called), tickets)
	}
	w.sound("dsi", tickets)
}

func holderOnce(t *testing.T, w *world) {
	hubs := []*ledger.DB{w.DB, w.hub()}
	errs := together(24, func(i int) error {
		o := fmt.Sprint("office", i%4)
		return hubs[i%2].Do(w.ctx, event.Scope{Offices: []string{o}, Holders: []string{"demo"}}, func(tx *ledger.Tx) error {
			mine, err := tx.BookingsOf("demo", start.AddDate(0, 0, -1))
			if err != nil {
				return err
			}
			if len(mine) > 0 {
				return fault.New(fault.LimitReached)
			}
			return book(tx, o, fmt.Sprint("b", i), "demo")
		})
	})
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		want(t, err, fault.LimitReached)
	}
	mine, err := w.Read(w.ctx).BookingsOf("demo", start.AddDate(0, 0, -1))
	if won != 1 || len(mine) != 1 || err != nil {
		t.Errorf("%d callers won, the holder has %d, %v", won, len(mine), err)
	}
}

func crossOffices(t *testing.T, w *world) {
	hubs := []*ledger.DB{w.DB, w.hub()}
	errs := together(32, func(i int) error {
		scope := event.Scope{Offices: []string{"dsi", "iam"}, Holders: []string{"b", "a", fmt.Sprint("h", i%3)}}
		if i%3 == 1 {
			scope.Offices = []string{"iam", "dsi"}
		}
		if i%3 == 2 {
			scope.Offices = scope.Offices[:1]
		}
		return hubs[i%2].Do(w.ctx, scope, func(tx *ledger.Tx) error {
			for _, o := range scope.Offices {
				if _, err := issue(tx, o, fmt.Sprintf("%s%d", o, i)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	w.sound("dsi", 32)
	w.sound("iam", 22)
}

// lostEnd takes what was committed last away from under a hub, as when a replica
// that lagged behind takes over, and lets another hub go on: the first must not
// decide by what never was, whether it is ahead, at the same number or behind.
func lostEnd(t *testing.T, w *world) {
	db := w.place.SQL(t)
	other := w.hub()
	heard := map[string]int64{}
	w.OnLost(func(office string, seq int64) { heard[office] += seq })
	for round, further := range []int{0, 1, 2, 5} {
		office := fmt.Sprint("lost", round)
		id := func(name string) string { return fmt.Sprint(office, "-", name) }
		issues := func(hub *ledger.DB, name string) {
			t.Helper()
			if err := hub.Do(w.ctx, at(office), func(tx *ledger.Tx) error { _, err := issue(tx, office, id(name)); return err }); err != nil {
				t.Fatal(err)
			}
		}
		issues(w.DB, "a")
		issues(w.DB, "b")
		var seq, when int64
		var hash, doc []byte
		if err := db.QueryRow("SELECT seq, at, hash, doc FROM offices WHERE office = $1", office).Scan(&seq, &when, &hash, &doc); err != nil {
			t.Fatal(err)
		}
		line := func() (got []string) {
			t.Helper()
			err := w.Do(w.ctx, at(office), func(tx *ledger.Tx) error {
				line, err := tx.Line(office+"-a", today, 0)
				got = nil
				for _, u := range line {
					got = append(got, u.ID)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		line() // from now on it is known by heart
		issues(w.DB, "lost")
		issues(w.DB, "lost too")
		for _, s := range []struct {
			text string
			args []any
		}{
			{"DELETE FROM events WHERE office = $1 AND seq > $2", []any{office, seq}},
			{"DELETE FROM tickets WHERE id IN ($1, $2)", []any{id("lost"), id("lost too")}},
			{"UPDATE offices SET seq = $1, at = $2, hash = $3, doc = $4 WHERE office = $5", []any{seq, when, hash, string(doc), office}},
		} {
			if _, err := db.Exec(s.text, s.args...); err != nil {
				t.Fatalf("%s: %v", s.text, err)
			}
		}
		want := []string{id("b")}
		if further == 0 {
			want = []string{id("a"), id("b")}
		}
		for n := range further {
			if n > 0 {
				issues(other, fmt.Sprint("c", n))
				want = append(want, id(fmt.Sprint("c", n)))
				continue
			}
			if err := other.Do(w.ctx, at(office), func(tx *ledger.Tx) error { _, err := call(tx, office, "1"); return err }); err != nil {
				t.Fatal(err)
			}
		}
		if got := line(); !slices.Equal(got, want) {
			t.Errorf("%d events after what was lost, the hub of before decides by the line %v, not %v", further, got, want)
		}
		if heard[office] != seq+2 {
			t.Errorf("%d events after what was lost, it is told of %d, not %d", further, heard[office], seq+2)
		}
	}
}

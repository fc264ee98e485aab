package ledgertest

import (
	"errors"
	"fmt"
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

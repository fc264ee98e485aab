package ledger_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/ledger/ledgertest"
)

func open(t *testing.T, p ledgertest.Place) *ledger.DB {
	t.Helper()
	d, err := tryOpen(p.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return d
}

func tryOpen(cfg ledger.Config) (*ledger.DB, error) {
	cfg.House, cfg.Machine = clockwork.NewRealClock(), clockwork.NewRealClock()
	return ledger.Open(context.Background(), cfg)
}

// issue gives one ticket at an office.
func issue(d *ledger.DB, office, id string) error {
	return d.Do(context.Background(), event.Scope{Offices: []string{office}}, func(tx *ledger.Tx) error { return benchIssue(tx, office, id) })
}

// sound checks that the ledger proves itself and holds so many events at an office.
func sound(t *testing.T, d *ledger.DB, office string, events int) {
	t.Helper()
	r, err := d.Verify(context.Background(), nil)
	if err != nil || !r.Sound() {
		t.Fatalf("verify: %v %v", err, r.Flaws)
	}
	all, err := d.After(context.Background(), office, 0, 0)
	if err != nil || len(all) != events {
		t.Errorf("%d events, not %d, %v", len(all), events, err)
	}
}

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("answer is %v, not %q", err, code)
	}
}

func ticketID(parts ...int) string { return fmt.Sprint("t", parts) }

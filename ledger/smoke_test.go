package ledger_test

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/hall"
	"vez/ledger"
	"vez/ticket"
)

var _ hall.Store[*ledger.Tx, *ledger.Reader] = (*ledger.DB)(nil)

func TestSmoke(t *testing.T) {
	c := clockwork.NewFakeClockAt(time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC))
	d, err := ledger.Open(context.Background(), ledger.Config{Dir: t.TempDir(), House: c, Machine: c})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	err = d.Do(context.Background(), event.Scope{Offices: []string{"o"}}, func(tx *ledger.Tx) error {
		n, err := tx.NextNumber("o", "2026-11-24", "A")
		if err != nil {
			return err
		}
		tk := ticket.Ticket{ID: "t1", Visit: "t1", Office: "o", Queue: "o-a", Day: "2026-11-24", Series: "A", N: n, Number: "A001", State: ticket.Waiting, Class: ticket.WalkIn, Arrival: tx.Now(), Due: tx.Now(), Joined: -1}
		_, err = tx.Append(event.Draft{Office: "o", Kind: "ticket.issue", Images: event.Images{Tickets: []ticket.Ticket{tk}}})
		if err != nil {
			return err
		}
		l, err := tx.Line("o-a", "2026-11-24", 0)
		if err != nil || len(l) != 1 {
			t.Errorf("line %v %v", l, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := d.Heads(context.Background())
	t.Log(h, err)
	s, err := d.Snapshot(context.Background(), "o")
	t.Logf("%+v %v", s, err)
}

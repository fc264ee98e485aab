package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/ledger/ledgertest"
	"vez/ledger/pgtest"
)

// behind is a ledger whose PostgreSQL can only be reached through a proxy.
func behind(t *testing.T) (*ledger.DB, *proxy) {
	url := pgtest.URL(t)
	p := newProxy(t, pgtest.Address(t))
	return open(t, ledgertest.Place{Config: ledger.Config{URL: p.through(t, url), Key: "demo"}}), p
}

func TestACommitWhoseAnswerIsLostIsLookedUp(t *testing.T) {
	d, p := behind(t)
	var heard atomic.Int32
	d.OnCommit(func(e []event.Event) { heard.Add(int32(len(e))) })
	if err := issue(d, "dsi", "t0"); err != nil {
		t.Fatal(err)
	}
	p.loseCommit.Store(true)
	if err := issue(d, "dsi", "t1"); err != nil {
		t.Fatal(err)
	}
	if p.loseCommit.Load() {
		t.Error("no commit was lost")
	}
	if err := issue(d, "dsi", "t2"); err != nil {
		t.Fatal(err)
	}
	sound(t, d, "dsi", 3)
	if heard.Load() != 3 {
		t.Errorf("listeners heard %d events", heard.Load())
	}
}

func TestACommitNobodyCanTellOfIsAnUnknownOutcome(t *testing.T) {
	d, p := behind(t)
	if err := issue(d, "dsi", "t0"); err != nil {
		t.Fatal(err)
	}
	p.deafAfterLoss.Store(true)
	p.loseCommit.Store(true)
	wantCode(t, issue(d, "dsi", "t1"), fault.UnknownOutcome)
	p.deaf.Store(false)
	if err := issue(d, "dsi", "t2"); err != nil {
		t.Fatal(err)
	}
	sound(t, d, "dsi", 3) // it was committed after all
}

func TestARetryWithTheSameKeyLearnsWhatBecameOfAnUnknownOutcome(t *testing.T) {
	d, p := behind(t)
	k := event.Key{Principal: "device:demo", Route: "r", Key: "one"}
	attempt := func(id string) (got []string, err error) {
		err = d.Do(context.Background(), event.Scope{Offices: []string{"dsi"}}, func(tx *ledger.Tx) error {
			ids, done, err := tx.Repeat(k)
			if err != nil || done {
				got = ids
				return err
			}
			if err := benchIssue(tx, "dsi", id); err != nil {
				return err
			}
			got = []string{id}
			return tx.Remember(k, got)
		})
		return got, err
	}
	p.deafAfterLoss.Store(true)
	p.loseCommit.Store(true)
	_, err := attempt("t1")
	wantCode(t, err, fault.UnknownOutcome)
	p.deaf.Store(false)
	if got, err := attempt("t2"); err != nil || got[0] != "t1" {
		t.Errorf("the retry made %v, %v", got, err)
	}
	sound(t, d, "dsi", 1)
}

func TestConnectionsCutInFlightLoseNothingAcknowledgedAndDoNothingTwice(t *testing.T) {
	d, p := behind(t)
	var acked sync.Map
	stop := make(chan struct{})
	var all sync.WaitGroup
	var n atomic.Int32
	for i := range 16 {
		all.Go(func() {
			for j := 0; ; j++ {
				select {
				case <-stop:
					return
				default:
				}
				id := fmt.Sprintf("t%d-%d", i, j)
				switch err := issue(d, "dsi", id); {
				case err == nil:
					acked.Store(id, true)
					n.Add(1)
				case fault.CodeOf(err) != fault.LedgerAway && fault.CodeOf(err) != fault.UnknownOutcome:
					t.Errorf("%s: %v", id, err)
				}
			}
		})
	}
	for cuts := range int32(5) {
		for n.Load() < 40*(cuts+1) { // progress between the cuts
			if err := d.Ping(context.Background()); err != nil {
				t.Log(err)
			}
		}
		p.cut()
	}
	close(stop)
	all.Wait()
	kept := map[string]int{}
	events, err := d.After(context.Background(), "dsi", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		kept[e.Images.Tickets[0].ID]++
	}
	acked.Range(func(id, _ any) bool {
		if kept[id.(string)] != 1 {
			t.Errorf("%s was acknowledged and is there %d times", id, kept[id.(string)])
		}
		return true
	})
	sound(t, d, "dsi", len(events))
}

func TestADatabaseThatDiesIsAwayAndComesBackWithoutARestart(t *testing.T) {
	s := pgtest.New(t)
	d := open(t, ledgertest.Place{Config: ledger.Config{URL: s.URL(t), Key: "demo"}})
	for i := range 5 {
		if err := issue(d, "dsi", ticketID(i)); err != nil {
			t.Fatal(err)
		}
	}
	deciding, killed := make(chan struct{}), make(chan struct{})
	inFlight := make(chan error)
	go func() {
		var once sync.Once
		inFlight <- d.Do(context.Background(), event.Scope{Offices: []string{"dsi"}}, func(tx *ledger.Tx) error {
			once.Do(func() { close(deciding); <-killed })
			return benchIssue(tx, "dsi", "in flight")
		})
	}()
	<-deciding
	s.Kill(t)
	close(killed)
	wantCode(t, <-inFlight, fault.LedgerAway)
	wantCode(t, issue(d, "dsi", "away"), fault.LedgerAway)
	wantCode(t, d.Ping(context.Background()), fault.LedgerAway)
	_, err := d.Read(context.Background()).Ticket(ticketID(0))
	wantCode(t, err, fault.LedgerAway)
	_, err = tryOpen(ledger.Config{URL: s.AnyURL(), Key: "demo"})
	wantCode(t, err, fault.LedgerAway)
	if errors.Unwrap(fault.Of(err)) == nil {
		t.Error("the fault names no cause")
	}
	s.Start(t)
	if err := issue(d, "dsi", "back"); err != nil {
		t.Fatal(err)
	}
	sound(t, d, "dsi", 6)
}

func TestAReadingThatIsNeverAnsweredEndsInAFault(t *testing.T) {
	d, p := behind(t)
	if err := issue(d, "dsi", "t0"); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(context.Background()).Ticket("t0"); err != nil {
		t.Fatal(err)
	}
	p.mute.Store(true)
	_, err := d.Read(context.Background()).Ticket("t0")
	wantCode(t, err, fault.LedgerAway)
	p.heals()
	back(t, "a look", func() error { return looks(d) })
}

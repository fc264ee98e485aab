package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/ledger/ledgertest"
	"vez/ledger/pgtest"
)

const (
	// toldWithin is how long somebody may stand at a counter until they are told:
	// a batch's patience of 8 s, and what a busy machine adds.
	toldWithin = 12 * time.Second
	// atOnce is how long everybody else may, who comes after the first: less than
	// the 3 s of a connection, or the 5 s of a statement, that is waited for.
	atOnce = 2 * time.Second
	// elsewhereWithin is how long a change may take at an office that nobody holds:
	// less than the 4 s for which a lock is waited for.
	elsewhereWithin = 4 * time.Second
	// backWithin is how soon all goes on when the network does.
	backWithin = 5 * time.Second
	// tryEvery is the pause between two tries at what is not back yet.
	tryEvery = 10 * time.Millisecond
)

// took runs something, and tells how long it took.
func took(do func() error) (time.Duration, error) {
	began := time.Now()
	err := do()
	return time.Since(began), err
}

// told fails unless a refusal came with its code and in its time.
func told(t *testing.T, what string, within time.Duration, code fault.Code, do func() error) {
	t.Helper()
	d, err := took(do)
	t.Logf("%s: %v after %s", what, fault.CodeOf(err), d.Round(time.Millisecond))
	if fault.CodeOf(err) != code || d > within {
		t.Errorf("%s: %v after %s; want %s within %s", what, err, d, code, within)
	}
}

// back fails unless something passes soon.
func back(t *testing.T, what string, do func() error) {
	t.Helper()
	began := time.Now()
	for err := do(); err != nil; err = do() {
		if time.Since(began) > backWithin {
			t.Fatalf("%s: %v after %s", what, err, time.Since(began))
		}
		<-time.After(tryEvery)
	}
	t.Logf("%s: again after %s", what, time.Since(began).Round(time.Millisecond))
}

func looks(d *ledger.DB) error {
	_, err := d.Read(context.Background()).Ticket("t0")
	return err
}

func TestADatabaseThatSwallowsEverythingIsWaitedForOnceAndByOne(t *testing.T) {
	t.Parallel()
	d, p := behind(t)
	if err := errors.Join(issue(d, "dsi", "t0"), issue(d, "iam", "i0"), looks(d)); err != nil {
		t.Fatal(err)
	}
	p.mute.Store(true)
	told(t, "the first", toldWithin, fault.LedgerAway, func() error { return issue(d, "dsi", "t1") })
	before, began := p.dialled.Load(), time.Now()
	for i := range 20 {
		told(t, "a later one", atOnce, fault.LedgerAway, func() error { return issue(d, "dsi", fmt.Sprint("t1-", i)) })
		told(t, "a later one elsewhere", atOnce, fault.LedgerAway, func() error { return issue(d, "iam", fmt.Sprint("i1-", i)) })
		told(t, "who looks later", atOnce, fault.LedgerAway, func() error { return looks(d) })
	}
	// The ledger itself looks again after 1.2 s or more; one look may have been on its way.
	more, elapsed := p.dialled.Load()-before, time.Since(began)
	if more > 2+int32(elapsed/time.Second) {
		t.Errorf("%d connections were tried within %s", more, elapsed)
	}
	p.heals()
	back(t, "a change", func() error { return issue(d, "dsi", "t2") })
	back(t, "another", func() error { return issue(d, "iam", "i2") })
	back(t, "a look", func() error { return looks(d) })
	sound(t, d, "dsi", 2)
	sound(t, d, "iam", 2)
}

func TestManyWhoWaitForASilentDatabaseAreAllToldInTime(t *testing.T) {
	t.Parallel()
	d, p := behind(t)
	for i := range 30 { // more offices than connections
		if err := issue(d, fmt.Sprint("o", i), fmt.Sprint("t", i)); err != nil {
			t.Fatal(err)
		}
	}
	p.mute.Store(true)
	var all sync.WaitGroup
	for i := range 90 {
		all.Go(func() {
			switch d, err := took(func() error { return issue(d, fmt.Sprint("o", i%30), fmt.Sprint("u", i)) }); {
			case fault.CodeOf(err) != fault.LedgerAway:
				t.Errorf("told %v", err)
			case d > toldWithin:
				t.Errorf("told after %s", d)
			}
		})
	}
	for range 20 {
		all.Go(func() {
			if d, err := took(func() error { return looks(d) }); fault.CodeOf(err) != fault.LedgerAway || d > toldWithin {
				t.Errorf("who looks is told %v after %s", err, d)
			}
		})
	}
	for range 4 { // a reading of one state has no bound of its own
		all.Go(func() {
			d, err := took(func() error { _, err := d.Snapshot(context.Background(), "o1"); return err })
			if fault.CodeOf(err) != fault.LedgerAway || d > toldWithin {
				t.Errorf("who reads a whole office is told %v after %s", err, d)
			}
		})
	}
	all.Wait()
	p.heals()
	back(t, "a change", func() error { return issue(d, "o1", "v") })
	sound(t, d, "o1", 2)
}

// TestACommitThatIsSwallowedIsUnknownUntilItIsLookedUp loses the answer of a
// COMMIT, or the COMMIT itself; a repeat learns which, and nothing is done twice.
func TestACommitThatIsSwallowedIsUnknownUntilItIsLookedUp(t *testing.T) {
	for name, done := range map[string]bool{"the answer": true, "the commit": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, p := behind(t)
			attempt := func(id string) (got []string, err error) {
				err = d.Do(context.Background(), event.Scope{Offices: []string{"dsi"}}, func(tx *ledger.Tx) error {
					ids, done, err := tx.Repeat(event.Key{Principal: "device:demo", Route: "r", Key: "one"})
					if err != nil || done {
						got = ids
						return err
					}
					if err := benchIssue(tx, "dsi", id); err != nil {
						return err
					}
					got = []string{id}
					return tx.Remember(event.Key{Principal: "device:demo", Route: "r", Key: "one"}, got)
				})
				return got, err
			}
			if err := issue(d, "dsi", "t0"); err != nil {
				t.Fatal(err)
			}
			p.muteAtAnswer.Store(done)
			p.muteAtCommit.Store(!done)
			told(t, "the first", toldWithin, fault.UnknownOutcome, func() error { _, err := attempt("t1"); return err })
			told(t, "the repeat", atOnce, fault.LedgerAway, func() error { _, err := attempt("t2"); return err })
			p.heals()
			var got []string
			back(t, "the repeat", func() (err error) { got, err = attempt("t3"); return err })
			if learned := got[0] == "t1"; learned != done {
				t.Errorf("the repeat gives %v", got)
			}
			sound(t, d, "dsi", 2)
		})
	}
}

// TestOneConnectionThatAFirewallForgotIsNobodysTrouble lets one connection fall
// silent, and all new ones pass.
func TestOneConnectionThatAFirewallForgotIsNobodysTrouble(t *testing.T) {
	t.Parallel()
	d, p := behind(t)
	if err := errors.Join(issue(d, "dsi", "t0"), looks(d)); err != nil {
		t.Fatal(err)
	}
	p.forgets()
	if d, err := took(func() error { return issue(d, "dsi", "t1") }); err != nil || d > toldWithin {
		t.Errorf("%v after %s", err, d)
	}
	told(t, "elsewhere", toldWithin, "", func() error { return issue(d, "iam", "i0") })
	sound(t, d, "dsi", 2)
}

// TestALockThatIsHeldIsToldAsSuch has another hub hold an office for too long:
// who waits is told in time, and nobody else hears of it.
func TestALockThatIsHeldIsToldAsSuch(t *testing.T) {
	t.Parallel()
	place := ledgertest.Place{Config: ledger.Config{URL: pgtest.URL(t), Key: "demo"}}
	d, other := open(t, place), open(t, place)
	if err := issue(d, "dsi", "t0"); err != nil {
		t.Fatal(err)
	}
	holds, let := make(chan struct{}), make(chan struct{})
	held := make(chan error, 1)
	go func() {
		var once sync.Once
		held <- other.Do(context.Background(), event.Scope{Offices: []string{"dsi"}}, func(tx *ledger.Tx) error {
			once.Do(func() { close(holds) })
			<-let
			return benchIssue(tx, "dsi", "frozen")
		})
	}()
	<-holds
	stop := make(chan struct{})
	var others sync.WaitGroup
	others.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			if d, err := took(func() error { return issue(d, "iam", fmt.Sprint("i", i)) }); err != nil || d > elsewhereWithin {
				t.Errorf("elsewhere: %v after %s", err, d)
				return
			}
		}
	})
	// A frozen hub loses its locks before the patience of others ends.
	if d, err := took(func() error { return issue(d, "dsi", "t1") }); err != nil || d > toldWithin {
		t.Errorf("%v after %s", err, d)
	}
	close(stop)
	others.Wait()
	close(let)
	if err := <-held; err != nil {
		t.Error(err) // its second try comes behind
	}
	sound(t, d, "dsi", 3)
}

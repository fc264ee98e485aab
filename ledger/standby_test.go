package ledger_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"vez/event"
	"vez/fault"
	"vez/ledger"
	"vez/ledger/ledgertest"
	"vez/ledger/pgtest"
)

// awaits is a ledger in a server of its own, which can be told to wait for a standby that is not there.
func awaits(t *testing.T) (d *ledger.DB, tell func(statement string)) {
	t.Helper()
	s := pgtest.New(t)
	d = open(t, ledgertest.Place{Config: ledger.Config{URL: s.URL(t), Key: "demo"}})
	db := opener("pgx", s.AnyURL())(t)
	return d, func(statement string) {
		t.Helper()
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// standby makes commits wait for a standby that is not there, or no longer.
func standby(t *testing.T, tell func(string), away bool) {
	t.Helper()
	statement := "ALTER SYSTEM RESET synchronous_standby_names"
	if away {
		statement = "ALTER SYSTEM SET synchronous_standby_names = 'nobody'"
	}
	tell(statement)
	tell("SELECT pg_reload_conf()")
	tell("SELECT pg_sleep(0.5)") // until every process has read it
}

// once issues a ticket under a key, and gives what was issued under it.
func once(d *ledger.DB, key, id string) (got string, err error) {
	k := event.Key{Principal: "device:demo", Route: "r", Key: key}
	err = d.Do(context.Background(), event.Scope{Offices: []string{"dsi"}}, func(tx *ledger.Tx) error {
		ids, done, err := tx.Repeat(k)
		if err != nil || done {
			got = ids[0]
			return err
		}
		if err := benchIssue(tx, "dsi", id); err != nil {
			return err
		}
		got = id
		return tx.Remember(k, []string{id})
	})
	return got, err
}

// TestWhatNoStandbyConfirmedIsNotAcknowledged takes the standby away: what the
// primary alone has may be gone with it, so nobody is told that it was done.
func TestWhatNoStandbyConfirmedIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	d, tell := awaits(t)
	if err := issue(d, "dsi", "t0"); err != nil {
		t.Fatal(err)
	}
	standby(t, tell, true)
	told(t, "the first", toldWithin, fault.UnknownOutcome, func() error { _, err := once(d, "one", "t1"); return err })
	told(t, "its repeat", toldWithin, fault.UnknownOutcome, func() error { _, err := once(d, "one", "t2"); return err })
	standby(t, tell, false)
	if got, err := once(d, "one", "t3"); err != nil || got != "t1" {
		t.Errorf("the repeat gives %q, %v", got, err)
	}
	if err := issue(d, "dsi", "t4"); err != nil {
		t.Error(err)
	}
	sound(t, d, "dsi", 3)
}

// TestACommitWhoseWaitForItsStandbyIsEndedIsNotAcknowledged has somebody cancel
// what runs too long: PostgreSQL answers such a COMMIT with a warning alone.
func TestACommitWhoseWaitForItsStandbyIsEndedIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	d, tell := awaits(t)
	if err := issue(d, "dsi", "t0"); err != nil {
		t.Fatal(err)
	}
	standby(t, tell, true)
	result := make(chan error, 1)
	go func() { _, err := once(d, "one", "t1"); result <- err }()
	for ended := false; !ended; {
		select {
		case err := <-result:
			wantCode(t, err, fault.UnknownOutcome)
			ended = true
		case <-time.After(tryEvery):
			tell("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
		}
	}
	standby(t, tell, false)
	if got, err := once(d, "one", "t2"); err != nil || got != "t1" {
		t.Errorf("the repeat gives %q, %v", got, err)
	}
	sound(t, d, "dsi", 2)
}

// TestWhatAFailoverLostIsDoneAgain takes all of an office away while a change is
// under way, as when a standby that lagged behind takes over: what was done
// under a key is no more, and a repeat must not be told that it is.
func TestWhatAFailoverLostIsDoneAgain(t *testing.T) {
	t.Parallel()
	place := onPostgres(t)
	d, db := open(t, place), place.SQL(t)
	// end ends every other session of the ledger, and takes away what there is.
	end := func() {
		for _, text := range []string{
			"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
			"DELETE FROM events", "DELETE FROM tickets", "DELETE FROM numbers", "DELETE FROM offices", "DELETE FROM repeats", "DELETE FROM commits",
		} {
			if _, err := db.Exec(text); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	for name, lose := range map[string]func(){
		"while a change is under way": func() {
			tries := 0
			err := d.Do(context.Background(), event.Scope{Offices: []string{"dsi"}}, func(tx *ledger.Tx) error {
				if tries++; tries == 1 {
					end()
				}
				return benchIssue(tx, "dsi", "t9")
			})
			if err != nil || tries != 2 {
				t.Errorf("%v after %d tries", err, tries)
			}
		},
		"while nobody asks": func() { end(); <-time.After(1100 * time.Millisecond) }, // idle for so long, the driver changes connections without a word
	} {
		kept := func(id string) (got string) { // no office, so no chain that tells
			err := d.Do(context.Background(), event.Scope{}, func(tx *ledger.Tx) error {
				ids, done, err := tx.Repeat(event.Key{Principal: "device:demo", Route: "kept", Key: "one"})
				if err != nil || done {
					got = ids[0]
					return err
				}
				got = id
				return tx.Remember(event.Key{Principal: "device:demo", Route: "kept", Key: "one"}, []string{id})
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			return got
		}
		if got, err := once(d, "one", "t1"); err != nil || got != "t1" || kept("k1") != "k1" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		lose()
		if got := kept("k2"); got != "k2" {
			t.Errorf("%s: the repeat of a change without an office gives %q", name, got)
		}
		if got, err := once(d, "one", "t2"); err != nil || got != "t2" {
			t.Errorf("%s: the repeat gives %q, %v", name, got, err)
		}
		end()
	}
}

// TestADatabaseThatTakesNoChangesIsAway lets a database only read, as a standby
// does, and what was the primary once it is demoted.
func TestADatabaseThatTakesNoChangesIsAway(t *testing.T) {
	t.Parallel()
	place := onPostgres(t)
	d, db := open(t, place), place.SQL(t)
	takes := func(no string) {
		t.Helper()
		for _, text := range []string{
			"SET default_transaction_read_only = off",
			"DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = " + no + "', current_database()); END $$",
			"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
		} {
			if _, err := db.Exec(text); err != nil {
				t.Fatalf("%s: %v", text, err)
			}
		}
	}
	db.SetMaxOpenConns(1)
	if err := d.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	takes("on")
	wantCode(t, d.Ping(t.Context()), fault.LedgerAway)
	wantCode(t, issue(d, "dsi", "t1"), fault.LedgerAway)
	takes("off")
	back(t, "a ping", func() error { return d.Ping(t.Context()) })
	back(t, "a change", func() error { return issue(d, "dsi", "t1") })
}

// TestOfSeveralHostsTheOneThatTakesChangesIsUsed names a server that only reads
// first. Who only reads may use that one.
func TestOfSeveralHostsTheOneThatTakesChangesIsUsed(t *testing.T) {
	t.Parallel()
	reads, writes := pgtest.New(t), pgtest.New(t)
	ours := func(s *pgtest.Server) (*url.URL, ledger.Config) {
		u, err := url.Parse(s.AnyURL())
		if err != nil {
			t.Fatal(err)
		}
		return u, ledger.Config{URL: u.String(), Key: "demo"}
	}
	first, cfg := ours(reads)
	was := open(t, ledgertest.Place{Config: cfg})
	if _, err := opener("pgx", cfg.URL)(t).Exec("ALTER DATABASE postgres SET default_transaction_read_only = on"); err != nil {
		t.Fatal(err)
	}
	second, _ := ours(writes)
	second.Host = first.Host + "," + second.Host
	cfg.URL = second.String()
	d := open(t, ledgertest.Place{Config: cfg})
	if err := errors.Join(d.Ping(t.Context()), issue(d, "dsi", "t1")); err != nil {
		t.Error(err)
	}
	look, err := ledger.Look(t.Context(), clocks(cfg))
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	if look.Epoch() != was.Epoch() {
		t.Error("who only reads is kept from the first host")
	}
}

package ledger_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vez/ledger"
	"vez/ledger/pgtest"
)

// TestHubsGoOnWritingWhileIndexesAreBuilt opens an older ledger while one hub of
// before stands in the middle of a change: it may take its time, and others write.
func TestHubsGoOnWritingWhileIndexesAreBuilt(t *testing.T) {
	ctx, cfg := context.Background(), ledger.Config{URL: pgtest.URL(t), Key: "demo"}
	d, err := tryOpen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("pgx", cfg.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	do := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := db.ExecContext(ctx, s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	do("DELETE FROM goose_db_version WHERE version_id = 3", "DROP INDEX tickets_alive", "DROP INDEX records_owned",
		"CREATE INDEX tickets_live ON tickets (office, day) WHERE live = 1", "CREATE INDEX records_owner ON records (kind, owner)",
		"CREATE INDEX records_owned ON records (kind)") // an earlier try left this
	change, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := change.ExecContext(ctx, "UPDATE tickets SET day = day; UPDATE records SET kind = kind"); err != nil {
		t.Fatal(err)
	}
	opened := make(chan error, 1)
	go func() {
		d, err := tryOpen(cfg)
		if err == nil {
			err = d.Close()
		}
		opened <- err
	}()
	building := func() (n int) {
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM pg_sleep(0.02), pg_stat_activity WHERE query LIKE '%CREATE INDEX%tickets_alive%' AND pid <> pg_backend_pid() AND wait_event_type = 'Lock'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for began := time.Now(); building() == 0; {
		if time.Since(began) > 30*time.Second {
			t.Fatal("no index is being built")
		}
	}
	other, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for _, s := range []string{"SET lock_timeout = '2s'", "UPDATE tickets SET day = day WHERE live = 0", "UPDATE records SET kind = kind WHERE owner = 'x'"} {
		if _, err := other.ExecContext(ctx, s); err != nil {
			t.Errorf("another hub cannot write: %s: %v", s, err)
		}
	}
	if err := change.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	var indexes string
	if err := db.QueryRowContext(ctx, "SELECT string_agg(indexdef, '; ' ORDER BY indexname) FROM pg_indexes WHERE indexname IN ('tickets_alive', 'tickets_live', 'records_owned', 'records_owner')").Scan(&indexes); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(indexes, "(kind, owner, id)") || !strings.Contains(indexes, "(live, office, day)") || strings.Count(indexes, ";") != 1 {
		t.Errorf("afterwards there are: %s", indexes)
	}
}

func TestNoMigrationBuildsAnIndexThatStopsTheWriters(t *testing.T) {
	files, err := filepath.Glob("migrations/postgres/*.sql")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files[2:] { // with the first nobody is there yet; the second is what it is
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		made := regexp.MustCompile(`CREATE TABLE (\w+)`).FindAllStringSubmatch(string(text), -1)
		for _, m := range regexp.MustCompile(`CREATE (?:UNIQUE )?INDEX (CONCURRENTLY )?\w+ ON (\w+)`).FindAllStringSubmatch(string(text), -1) {
			if m[1] == "" && !slices.ContainsFunc(made, func(new []string) bool { return new[1] == m[2] }) {
				t.Errorf("%s: build it CONCURRENTLY: %s", f, m[0])
			}
		}
	}
}

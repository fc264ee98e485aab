package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jonboulle/clockwork"

	"vez/ledger"
	"vez/ledger/pgtest"
)

// TestHubsMayDoNoMoreThanTheyNeed lets the account of hubs try what only the
// owner of the tables may: everything that the contract asks for is done with this account.
func TestHubsMayDoNoMoreThanTheyNeed(t *testing.T) {
	owner := pgtest.URL(t)
	hub := opener("pgx", asHub(t, owner))(t)
	for _, statement := range []string{
		"UPDATE events SET payload = NULL", "DELETE FROM events", "TRUNCATE events", "DROP TABLE events", "ALTER TABLE events ADD COLUMN x int",
		"DELETE FROM tickets", "DELETE FROM bookings", "UPDATE secrets SET wrapped = ''", "DELETE FROM secrets", "DELETE FROM voids",
		"UPDATE meta SET value = ''", "DELETE FROM numbers", "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)", "CREATE TABLE mine (x int)",
		"CREATE INDEX i ON events (at)",
	} {
		var denied *pgconn.PgError
		if _, err := hub.ExecContext(t.Context(), statement); !errors.As(err, &denied) || denied.Code != "42501" {
			t.Errorf("%s: %v, want to be denied", statement, err)
		}
	}
	rows, err := opener("pgx", owner)(t).QueryContext(t.Context(),
		"SELECT c.relname, has_table_privilege('hubs', c.oid, 'SELECT') FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var table string
		var may bool
		if err := rows.Scan(&table, &may); err != nil {
			t.Fatal(err)
		}
		if n++; !may {
			t.Errorf("nobody has said what hubs may do with the table %s", table)
		}
	}
	if err := rows.Err(); err != nil || n < 10 {
		t.Errorf("%d tables, %v", n, err)
	}
}

func TestTheOwnerKeepsItsRights(t *testing.T) {
	owner, clock := pgtest.URL(t), clockwork.NewRealClock()
	db, err := ledger.Open(t.Context(), ledger.Config{URL: owner, Key: "demo", House: clock, Machine: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.AllowHubs(t.Context(), "postgres"); !errors.Is(err, ledger.ErrOwner) {
		t.Errorf("the owner: %v", err)
	}
	if err := db.AllowHubs(t.Context(), "nobody-of-that-name"); err == nil || errors.Is(err, ledger.ErrOwner) {
		t.Errorf("nobody: %v", err)
	}
}

func TestAHubThatMayNotMigrateSaysWhoMust(t *testing.T) {
	owner, clock := pgtest.URL(t), clockwork.NewRealClock()
	pgtest.Account(t, owner, "hubs")
	_, err := ledger.Open(t.Context(), ledger.Config{URL: pgtest.As(t, owner, "hubs"), Key: "demo", House: clock, Machine: clock})
	if err == nil || !strings.Contains(err.Error(), "run vez migrate with the one that owns them") {
		t.Errorf("%v", err)
	}
}

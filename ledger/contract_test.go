package ledger_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/hall"
	"vez/ledger"
	"vez/ledger/ledgertest"
	"vez/ledger/pgtest"
)

// The ledger is what hall asks for, without knowing it.
var _ hall.Store[*ledger.Tx, *ledger.Reader] = (*ledger.DB)(nil)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestContractOnSQLite(t *testing.T) { ledgertest.Suite(t, onSQLite) }

func TestContractOnPostgreSQL(t *testing.T) { ledgertest.Suite(t, asHubs) }

func onSQLite(t testing.TB) ledgertest.Place {
	dir := t.TempDir()
	return ledgertest.Place{Config: ledger.Config{Dir: dir}, SQL: opener("sqlite", "file:"+filepath.Join(dir, "ledger.db")+"?_pragma=busy_timeout(5000)")}
}

func onPostgres(t testing.TB) ledgertest.Place {
	url := pgtest.URL(t)
	return ledgertest.Place{Config: ledger.Config{URL: url, Key: "demo"}, SQL: opener("pgx", url)}
}

// asHubs is a database whose tables belong to one account, and in which hubs
// work with another that may do no more than they need.
func asHubs(t testing.TB) ledgertest.Place {
	owner := pgtest.URL(t)
	return ledgertest.Place{Config: ledger.Config{URL: asHub(t, owner), Key: "demo"}, SQL: opener("pgx", owner)}
}

// asHub brings a database's schema up and gives the URL of the account of hubs.
func asHub(t testing.TB, owner string) string {
	t.Helper()
	pgtest.Account(t, owner, "hubs")
	clock := clockwork.NewRealClock()
	db, err := ledger.Open(t.Context(), ledger.Config{URL: owner, Key: "demo", House: clock, Machine: clock})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.AllowHubs(t.Context(), "hubs"), db.Close()); err != nil {
		t.Fatal(err)
	}
	return pgtest.As(t, owner, "hubs")
}

func opener(driver, dsn string) func(testing.TB) *sql.DB {
	return func(t testing.TB) *sql.DB {
		db, err := sql.Open(driver, dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db
	}
}

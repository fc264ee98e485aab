package ledger_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"vez/hall"
	"vez/ledger"
	"vez/ledger/ledgertest"
	"vez/ledger/pgtest"
)

// The ledger is what hall asks for, without knowing it.
var _ hall.Store[*ledger.Tx, *ledger.Reader] = (*ledger.DB)(nil)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestContractOnSQLite(t *testing.T) { ledgertest.Suite(t, onSQLite) }

func TestContractOnPostgreSQL(t *testing.T) { ledgertest.Suite(t, onPostgres) }

func onSQLite(t testing.TB) ledgertest.Place {
	dir := t.TempDir()
	return ledgertest.Place{Config: ledger.Config{Dir: dir}, SQL: opener("sqlite", "file:"+filepath.Join(dir, "ledger.db")+"?_pragma=busy_timeout(5000)")}
}

func onPostgres(t testing.TB) ledgertest.Place {
	url := pgtest.URL(t)
	return ledgertest.Place{Config: ledger.Config{URL: url, Key: "demo"}, SQL: opener("pgx", url)}
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

package ledger

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// rights are what hubs do with each table, as PostgreSQL names it. What has
// happened is added and read, and never changed: events, what was voided, secrets.
// UPDATE is also what SELECT … FOR UPDATE asks for.
var rights = map[string]string{
	"events":           "SELECT, INSERT",
	"voids":            "SELECT, INSERT, UPDATE",
	"secrets":          "SELECT, INSERT",
	"meta":             "SELECT, INSERT",
	"goose_db_version": "SELECT",

	"offices":      "SELECT, INSERT, UPDATE",
	"holder_locks": "SELECT, INSERT, UPDATE",
	"tickets":      "SELECT, INSERT, UPDATE",
	"bookings":     "SELECT, INSERT, UPDATE",
	"shifts":       "SELECT, INSERT, UPDATE",
	"numbers":      "SELECT, INSERT, UPDATE",
	"links":        "SELECT, INSERT, UPDATE",

	"holders":   "SELECT, INSERT, UPDATE, DELETE",
	"undos":     "SELECT, INSERT, UPDATE, DELETE",
	"repeats":   "SELECT, INSERT, UPDATE, DELETE",
	"records":   "SELECT, INSERT, UPDATE, DELETE",
	"leases":    "SELECT, INSERT, UPDATE, DELETE",
	"commits":   "SELECT, INSERT, UPDATE, DELETE",
	"reminders": "SELECT, INSERT, UPDATE, DELETE",
}

// ErrNoAccounts says that a ledger in a file belongs to whoever may read the file.
var ErrNoAccounts = errors.New("ledger: SQLite has no accounts")

// ErrOwner says that an account cannot be kept from what it owns.
var ErrOwner = errors.New("ledger: it owns the tables, or is a superuser; hubs need another one")

// AllowHubs gives an account of PostgreSQL what hubs need of this ledger's
// tables, and nothing else: not to alter a table, and not to change or take away
// an event. It is asked for with the account that owns the tables, after every
// migration. Errors: ErrNoAccounts, ErrOwner, and PostgreSQL's.
func (d *DB) AllowHubs(ctx context.Context, account string) error {
	if d.engine.name() != postgresName {
		return ErrNoAccounts
	}
	to := pgx.Identifier{account}.Sanitize()
	var schema string
	if err := d.writes.QueryRowContext(ctx, "SELECT current_schema()").Scan(&schema); err != nil {
		return d.explain(ctx, err)
	}
	var owner bool
	if err := d.writes.QueryRowContext(ctx, "SELECT pg_has_role($1, tableowner, 'MEMBER') FROM pg_tables WHERE schemaname = $2 AND tablename = 'events'",
		account, schema).Scan(&owner); err != nil {
		return fmt.Errorf("account %s: %w", account, d.explain(ctx, err))
	}
	if owner {
		return fmt.Errorf("account %s: %w", account, ErrOwner)
	}
	in := pgx.Identifier{schema}.Sanitize()
	statements := []string{"GRANT USAGE ON SCHEMA " + in + " TO " + to}
	for _, table := range slices.Sorted(maps.Keys(rights)) {
		name := in + "." + pgx.Identifier{table}.Sanitize()
		statements = append(statements, "REVOKE ALL ON "+name+" FROM "+to, "GRANT "+rights[table]+" ON "+name+" TO "+to)
	}
	tx, err := d.writes.BeginTx(ctx, nil)
	if err != nil {
		return d.explain(ctx, err)
	}
	defer func() { _ = tx.Rollback() }()
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", strings.ToLower(s), d.explain(ctx, err))
		}
	}
	return d.explain(ctx, tx.Commit())
}

// refused tells whether PostgreSQL denied a right (SQLSTATE 42501).
func refused(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42501"
}

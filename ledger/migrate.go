package ledger

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"

	"vez/fault"
)

//go:embed migrations
var migrations embed.FS

// migrate brings the schema up to this program's. A schema that is newer is
// refused, for an older program would misread it. The engine's guard keeps
// hubs that start together from migrating twice.
func migrate(ctx context.Context, e engine, db *sql.DB) error {
	unlock, err := e.guard(ctx, db)
	if err != nil {
		return e.classify(err)
	}
	defer unlock()
	p, err := provider(e, db)
	if err != nil {
		return err
	}
	current, target, err := p.GetVersions(ctx)
	if err != nil {
		return notOwner(e, err)
	}
	if current > target {
		return fault.New(fault.SchemaNewer).Because(fmt.Errorf("schema %d, program knows %d", current, target))
	}
	if _, err := p.Up(ctx); err != nil {
		return notOwner(e, fmt.Errorf("migrate from schema %d to %d: %w", current, target, err))
	}
	return nil
}

// notOwner tells whose account must migrate, if this one may not.
func notOwner(e engine, err error) error {
	if refused(err) {
		return fmt.Errorf("this account may not alter the ledger's tables; run vez migrate with the one that owns them, and --hubs for this one: %w", err)
	}
	return e.classify(err)
}

func provider(e engine, db *sql.DB) (*goose.Provider, error) {
	dir, err := fs.Sub(migrations, "migrations/"+e.name())
	if err != nil {
		return nil, err
	}
	dialect := goose.DialectSQLite3
	if e.name() == postgresName {
		dialect = goose.DialectPostgres
	}
	p, err := goose.NewProvider(dialect, db, dir,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

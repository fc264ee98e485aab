package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// pgShop builds a ledger in a schema of its own in the same database, so that
// one transaction can put its tables in the place of others.
type pgShop struct {
	cfg     Config
	admin   *sql.DB
	conn    *sql.Conn // holds the guard of migrations
	target  string    // the schema that hubs use
	own     string    // the workshop's
	old     []string  // tables that are in the target now
	names   []string  // of all tables of a ledger
	loaded  *DB
	adopted bool
}

const (
	pgRestoring = "vez_restoring_"
	pgBefore    = "vez_before_"
	pgRestorer  = "vez restore"
)

func newPostgresShop(ctx context.Context, cfg Config, replace bool, schema int64) (s *pgShop, err error) {
	s = &pgShop{cfg: cfg, own: pgRestoring + newEpoch()}
	if s.names, err = tableNames(ctx, schema); err != nil {
		return nil, err
	}
	hubs, err := s.guard(ctx)
	if err == nil {
		err = s.look(ctx, hubs, replace)
	}
	if err == nil {
		err = s.sweep(ctx)
	}
	if err != nil {
		s.discard()
		return nil, pgEngine{}.classify(err)
	}
	return s, nil
}

// tableNames are the tables of a schema version and of the newest.
func tableNames(ctx context.Context, schema int64) ([]string, error) {
	newest, err := schemaNewest()
	if err != nil {
		return nil, err
	}
	names := []string{versionTable}
	for _, version := range []int64{schema, newest} {
		shapes, err := blueprint(ctx, version)
		if err != nil {
			return nil, err
		}
		for _, t := range shapes {
			names = append(names, t.name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// guard keeps other programs from restoring or migrating, and finds the place;
// hubs is the name that they give themselves in the URL, if any.
func (s *pgShop) guard(ctx context.Context) (hubs string, err error) {
	conf, err := pgx.ParseConfig(s.cfg.URL)
	if err != nil {
		return "", fmt.Errorf("ledger: cannot read the database's URL: %w", err)
	}
	hubs = conf.RuntimeParams["application_name"]
	conf.RuntimeParams["application_name"] = pgRestorer
	s.admin = stdlib.OpenDB(*conf)
	if s.conn, err = s.admin.Conn(ctx); err != nil {
		return hubs, err
	}
	free, err := one[bool](ctx, s.conn, "SELECT pg_try_advisory_lock($1)", pgGuard)
	if err != nil {
		return hubs, err
	}
	if !free {
		return hubs, fmt.Errorf("%w: another program is restoring or migrating this database", ErrInUse)
	}
	if s.target, err = one[string](ctx, s.conn, "SELECT coalesce(current_schema(), '')"); err != nil {
		return hubs, err
	}
	if s.target == "" {
		return hubs, errors.New("the database has no schema to put the ledger into; make one that the role's search_path names")
	}
	return hubs, nil
}

// one reads one value.
func one[T any](ctx context.Context, conn *sql.Conn, text string, args ...any) (v T, err error) {
	err = conn.QueryRowContext(ctx, text, args...).Scan(&v)
	return v, err
}

// look finds what is there.
func (s *pgShop) look(ctx context.Context, hubs string, replace bool) (err error) {
	s.old, err = column[string](ctx, s.conn, `SELECT table_name FROM information_schema.tables
WHERE table_schema = $1 AND table_name = ANY($2) ORDER BY table_name`, s.target, s.names)
	if err != nil || len(s.old) == 0 {
		return err
	}
	for _, table := range s.old {
		filled, err := one[bool](ctx, s.conn, "SELECT EXISTS (SELECT 1 FROM "+s.in(s.target, table)+")")
		if err != nil {
			return err
		}
		if filled && table != versionTable && !replace {
			return fmt.Errorf("%w in this database: name an empty one with VEZ_DATABASE, or move this one aside with --replace", ErrNotEmpty)
		}
	}
	return s.alone(ctx, hubs)
}

// alone tells whether no hub is connected; ErrInUse if one is. The server
// takes a moment to notice that one has gone.
func (s *pgShop) alone(ctx context.Context, hubs string) error {
	for range 20 {
		running, err := one[int](ctx, s.conn, `SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name IN ('vez', $1) AND application_name <> '' AND pid <> pg_backend_pid()`, hubs)
		if err != nil || running == 0 {
			return err
		}
		if _, err := s.conn.ExecContext(ctx, "SELECT pg_sleep(0.1)"); err != nil {
			return err
		}
	}
	return ErrInUse
}

func (*pgShop) in(schema, table string) string { return pgx.Identifier{schema, table}.Sanitize() }

// sweep removes workshops that a crash left: the guard says that nobody is in one.
func (s *pgShop) sweep(ctx context.Context) error {
	left, err := column[string](ctx, s.conn, "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, $1)", pgRestoring)
	if err != nil {
		return err
	}
	for _, schema := range left {
		if _, err := s.conn.ExecContext(ctx, "DROP SCHEMA "+pgx.Identifier{schema}.Sanitize()+" CASCADE"); err != nil {
			return err
		}
	}
	_, err = s.conn.ExecContext(ctx, "CREATE SCHEMA "+pgx.Identifier{s.own}.Sanitize())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42501" {
		return fmt.Errorf("the role may not make schemas in this database; a restore needs it for a while (GRANT CREATE ON DATABASE): %w", err)
	}
	return err
}

// build opens the workshop: every connection finds its tables there.
func (s *pgShop) build(ctx context.Context, schema int64) (*sql.DB, error) {
	at, err := url.Parse(s.cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("ledger: cannot read the database's URL: %w", err)
	}
	query := at.Query()
	query.Set("search_path", s.own)
	query.Set("application_name", pgRestorer)
	query.Set("idle_in_transaction_session_timeout", "0")
	at.RawQuery = query.Encode()
	cfg := s.cfg
	cfg.URL = at.String()
	if s.loaded, err = unopened(cfg); err != nil {
		return nil, err
	}
	write, read, err := s.loaded.engine.connect(cfg)
	if err != nil {
		return nil, err
	}
	s.loaded.writes, s.loaded.reads = write, &pool{db: read, engine: s.loaded.engine}
	return write, migrateTo(ctx, pgEngine{}, write, schema)
}

func (s *pgShop) insert(ctx context.Context, conn *sql.Conn, t BackupTable, rows []byte) error {
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = c.Name
	}
	return conn.Raw(func(dc any) error {
		_, err := dc.(*stdlib.Conn).Conn().PgConn().CopyFrom(ctx, bytes.NewReader(rows), "COPY "+t.Name+" ("+strings.Join(names, ", ")+") FROM STDIN")
		var refused *pgconn.PgError
		if errors.As(err, &refused) && (strings.HasPrefix(refused.Code, "22") || strings.HasPrefix(refused.Code, "23")) { // data, and what it must be
			return damaged("its rows of %s cannot stand together (%v)", t.Name, err)
		}
		return err
	})
}

func (s *pgShop) scratch(ctx context.Context) (*DB, error) {
	p, err := provider(pgEngine{}, s.loaded.writes)
	if err != nil {
		return nil, err
	}
	if _, err := p.Up(ctx); err != nil {
		return nil, err
	}
	restored, err := s.restored(ctx)
	for _, table := range restored {
		if err == nil { // else the first queries would be planned for empty tables
			_, err = s.loaded.writes.ExecContext(ctx, "ANALYZE "+s.in(s.own, table))
		}
	}
	return s.loaded, err
}

// restored are the tables in the workshop.
func (s *pgShop) restored(ctx context.Context) ([]string, error) {
	return column[string](ctx, s.conn, "SELECT table_name FROM information_schema.tables WHERE table_schema = $1", s.own)
}

// adopt moves the tables in one transaction: what is there into a schema that
// is kept, what was restored into its place.
func (s *pgShop) adopt(ctx context.Context) (aside string, err error) {
	err = s.loaded.Close()
	s.loaded = nil
	if err != nil {
		return "", err
	}
	restored, err := s.restored(ctx)
	if err != nil {
		return "", err
	}
	statements := []string{"BEGIN"}
	if len(s.old) > 0 {
		aside = pgBefore + strings.TrimPrefix(s.own, pgRestoring)
		statements = append(statements, "CREATE SCHEMA "+pgx.Identifier{aside}.Sanitize())
	}
	for _, table := range s.old {
		statements = append(statements, "ALTER TABLE "+s.in(s.target, table)+" SET SCHEMA "+pgx.Identifier{aside}.Sanitize())
	}
	for _, table := range restored {
		statements = append(statements, "ALTER TABLE "+s.in(s.own, table)+" SET SCHEMA "+pgx.Identifier{s.target}.Sanitize())
	}
	statements = append(statements, "DROP SCHEMA "+pgx.Identifier{s.own}.Sanitize(), "COMMIT")
	for _, text := range statements {
		if _, err := s.conn.ExecContext(ctx, text); err != nil {
			_, _ = s.conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
			return "", pgEngine{}.classify(err)
		}
	}
	s.adopted = true
	return aside, nil
}

func (s *pgShop) discard() {
	if s.loaded != nil {
		_ = s.loaded.Close()
	}
	if s.conn != nil {
		if !s.adopted {
			_, _ = s.conn.ExecContext(context.Background(), "DROP SCHEMA IF EXISTS "+pgx.Identifier{s.own}.Sanitize()+" CASCADE")
		}
		_ = s.conn.Close() // and with it the guard
	}
	if s.admin != nil {
		_ = s.admin.Close()
	}
}

package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"vez/event"
	"vez/fault"
)

const (
	pgWriters = 12 // connections of writers
	pgReaders = 8  // connections that read
	pgIdle    = 12 // idle ones are kept
	// pgPatience bounds a batch, lock waits included, so that a network that
	// swallows everything ends in a fault instead of a standstill.
	pgPatience = 15 * time.Second
	// pgLook bounds one reading of committed state.
	pgLook = 5 * time.Second
	// pgConnect bounds the making of a connection.
	pgConnect = 3 * time.Second
	// pgGuard is the advisory lock of migrations: "vez" in ASCII.
	pgGuard = 0x76657a
)

// pgEngine keeps the ledger in PostgreSQL, where any number of hubs may write.
type pgEngine struct{}

func (pgEngine) name() string { return postgresName }
func (pgEngine) close()       {}

// route gives each office its own writer; changes without one share the writer "".
func (pgEngine) route(s event.Scope) string {
	if len(s.Offices) == 0 {
		return ""
	}
	return slices.Min(s.Offices)
}

func (pgEngine) snapshot() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

func (e pgEngine) connect(cfg Config) (write, read *sql.DB, err error) {
	conf, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, nil, fmt.Errorf("ledger: cannot read the database's URL: %w", err)
	}
	if conf.ConnectTimeout == 0 {
		conf.ConnectTimeout = pgConnect
	}
	for name, value := range map[string]string{
		"application_name": "vez", "synchronous_commit": "on", "default_transaction_isolation": "read committed",
		// A hub that froze in a transaction must not hold its locks for ever.
		"idle_in_transaction_session_timeout": "30000", "lock_timeout": "10000",
	} {
		if _, set := conf.RuntimeParams[name]; !set {
			conf.RuntimeParams[name] = value
		}
	}
	write, read = stdlib.OpenDB(*conf), stdlib.OpenDB(*conf)
	write.SetMaxOpenConns(pgWriters)
	write.SetMaxIdleConns(pgIdle)
	read.SetMaxOpenConns(pgReaders)
	read.SetMaxIdleConns(pgIdle)
	return write, read, nil
}

func (e pgEngine) settings(ctx context.Context, conn *sql.Conn) error {
	for setting, want := range map[string][]string{
		"synchronous_commit": {"on", "remote_apply"}, "fsync": {"on"}, "full_page_writes": {"on"},
		"transaction_isolation": {"read committed"},
	} {
		var got string
		if err := conn.QueryRowContext(ctx, "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			return e.classify(err)
		}
		if !slices.Contains(want, got) {
			return fmt.Errorf("ledger: PostgreSQL has %s=%s, and nothing is safe without %s", setting, got, want[0])
		}
	}
	return nil
}

func (e pgEngine) guard(ctx context.Context, db *sql.DB) (func(), error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", pgGuard); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", pgGuard)
		_ = conn.Close()
	}, nil
}

// SQLSTATE classes and codes, PostgreSQL documentation appendix A.
func (pgEngine) classify(err error) error {
	if isFault(err) {
		return err
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch {
		case pg.Code == "53100":
			return fault.New(fault.DiskFull).Because(err)
		case pg.Code[:2] == "08", pg.Code[:2] == "53", pg.Code[:3] == "57P", pg.Code == "25P03", pg.Code == "55P03", pg.Code == "25006":
			return away(err)
		}
		return err
	}
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || severed(err) || errors.Is(err, driver.ErrBadConn) ||
		pgconn.Timeout(err) || pgconn.SafeToRetry(err) {
		return away(err)
	}
	return err
}

func (pgEngine) renew(db *sql.DB) {
	db.SetMaxIdleConns(-1)
	db.SetMaxIdleConns(pgIdle)
}

// again is true for deadlocks and serialization failures.
func (pgEngine) again(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

func (pgEngine) link(ctx context.Context, db *sql.DB) (link, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &pgLink{conn: conn}
	l.ctx, l.cancel = context.WithTimeout(context.Background(), pgPatience)
	err = conn.Raw(func(dc any) error {
		l.pg = dc.(*stdlib.Conn).Conn()
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return l, nil
}

// pgLink sends what needs no answer in one round trip.
type pgLink struct {
	conn   *sql.Conn
	pg     *pgx.Conn
	ctx    context.Context // of the whole batch
	cancel context.CancelFunc
}

const (
	pgLockHolders = "SELECT holder FROM holder_locks WHERE holder = ANY($1) ORDER BY holder FOR UPDATE"
	pgLockOffices = "SELECT office FROM offices WHERE office = ANY($1) ORDER BY office FOR UPDATE"
	pgReadOffices = "SELECT office, seq, at, hash, doc FROM offices WHERE office = ANY($1)"
	pgAddHolders  = "INSERT INTO holder_locks (holder) SELECT unnest($1::text[]) ON CONFLICT (holder) DO NOTHING"
)

// begin locks in statements of their own. Where rows to lock are missing, it
// makes them in a transaction of their own and starts again, because locks
// must be taken holders first.
func (l *pgLink) begin(holders, offices []string) ([]*officeRow, error) {
	for {
		rows, missing, err := l.lock(holders, offices)
		if err != nil || !missing {
			return rows, err
		}
		if _, err := l.pg.Exec(l.ctx, "ROLLBACK"); err != nil {
			return nil, err
		}
		if err := l.insertMissing(holders, offices); err != nil {
			return nil, err
		}
	}
}

// lock sends its statements in one round trip; each has a snapshot of its own,
// so that the last reads what is locked.
func (l *pgLink) lock(holders, offices []string) (rows []*officeRow, missing bool, err error) {
	b := &pgx.Batch{}
	b.Queue("BEGIN")
	count := func(wanted int) func(pgconn.CommandTag) error {
		return func(tag pgconn.CommandTag) error {
			missing = missing || tag.RowsAffected() < int64(wanted)
			return nil
		}
	}
	if len(holders) > 0 {
		b.Queue(pgLockHolders, holders).Exec(count(len(holders)))
	}
	if len(offices) > 0 {
		b.Queue(pgLockOffices, offices).Exec(count(len(offices)))
		b.Queue(pgReadOffices, offices).Query(func(found pgx.Rows) error {
			for found.Next() {
				o, err := scanOffice(found)
				if err != nil {
					return err
				}
				rows = append(rows, o)
			}
			return found.Err()
		})
	}
	err = l.pg.SendBatch(l.ctx, b).Close() // runs the functions above in order
	return rows, missing, err
}

func (l *pgLink) insertMissing(holders, offices []string) error {
	if len(holders) > 0 {
		if _, err := l.pg.Exec(l.ctx, pgAddHolders, holders); err != nil {
			return err
		}
	}
	for _, office := range offices {
		if _, err := l.pg.Exec(l.ctx, sqlAddOffice, addOfficeArgs(office)...); err != nil {
			return err
		}
	}
	return nil
}

func (l *pgLink) query(text string, args ...any) (*sql.Rows, error) {
	return l.conn.QueryContext(l.ctx, text, args...)
}

func (l *pgLink) write(ops []op) (err error) {
	if len(ops) == 0 {
		return nil
	}
	b := &pgx.Batch{}
	for _, o := range ops {
		b.Queue(o.text, o.args...)
	}
	res := l.pg.SendBatch(l.ctx, b)
	defer func() { err = errors.Join(err, res.Close()) }()
	for _, o := range ops {
		tag, err := res.Exec()
		if err != nil {
			return fmt.Errorf("%s: %w", firstWords(o.text), err)
		}
		if o.want != anyRows && tag.RowsAffected() != o.want {
			return fmt.Errorf("%w: %s", errClash, firstWords(o.text))
		}
	}
	return nil
}

func (l *pgLink) commit() (unknown bool, err error) {
	tag, err := l.pg.Exec(l.ctx, "COMMIT")
	if err == nil && tag.String() != "COMMIT" {
		err = fmt.Errorf("ledger: commit answered %q", tag.String())
	}
	// On a live connection the server has told the outcome. A closed one says
	// nothing, not even when pgx holds it safe to try again: measured, a COMMIT
	// that was sent, done and not answered ends in "conn closed", which does.
	return err != nil && l.pg.IsClosed(), err
}

func (l *pgLink) rollback() {
	_, _ = l.pg.Exec(l.ctx, "ROLLBACK")
}

func (l *pgLink) release(bad bool) {
	defer l.cancel()
	if bad || l.pg.IsClosed() {
		_ = l.conn.Raw(func(any) error { return errBadConn })
	}
	_ = l.conn.Close()
}

package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
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
	// pgPatience bounds a batch, lock waits and its tries included: somebody
	// stands at a counter.
	pgPatience = 8 * time.Second
	// pgSilence is how long one statement of a batch may go unanswered. What is
	// left of the patience then is for a connection that is new.
	pgSilence = 5 * time.Second
	// pgLock is how long a lock is waited for: that another hub holds it is told
	// before the database seems silent.
	pgLock = 4 * time.Second
	// pgIdleWriter ends the transaction of a hub that froze in it, or was cut
	// off: its locks must be free before others lose their patience. Who only
	// reads holds none.
	pgIdleWriter, pgIdleReader = 5 * time.Second, 30 * time.Second
	// pgLook bounds one reading of committed state.
	pgLook = 5 * time.Second
	// pgConnect bounds the making of a connection.
	pgConnect = 3 * time.Second
	// pgGuard is the advisory lock of migrations: "vez" in ASCII.
	pgGuard = 0x76657a
	// pgGuardFor is how long it is waited for, pgGuardPause between two tries.
	pgGuardFor, pgGuardPause = time.Minute, 50 * time.Millisecond
)

// pgEngine keeps the ledger in PostgreSQL, where any number of hubs may write.
type pgEngine struct{ lines *lines }

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
	writing, err := e.conf(cfg, pgIdleWriter)
	if err != nil {
		return nil, nil, err
	}
	reading, err := e.conf(cfg, pgIdleReader)
	if err != nil {
		return nil, nil, err
	}
	if _, set := writing.RuntimeParams["statement_timeout"]; !set {
		writing.RuntimeParams["statement_timeout"] = "0" // ours is the patience: an account's would end the wait of a COMMIT alone
	}
	writing.OnNotice = warned
	write, read = stdlib.OpenDB(*writing), stdlib.OpenDB(*reading)
	write.SetMaxOpenConns(pgWriters)
	write.SetMaxIdleConns(pgIdle)
	read.SetMaxOpenConns(pgReaders)
	read.SetMaxIdleConns(pgIdle)
	return write, read, nil
}

// conf is the driver's; what the URL sets stays as it is. idle is how long a
// transaction may say nothing.
func (e pgEngine) conf(cfg Config, idle time.Duration) (*pgx.ConnConfig, error) {
	conf, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("ledger: cannot read the database's URL: %w", err)
	}
	if conf.ConnectTimeout == 0 {
		conf.ConnectTimeout = pgConnect
	}
	if cfg.changes && conf.ValidateConnect == nil && several(conf) {
		conf.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	conf.DialFunc = e.lines.dial(conf.DialFunc)
	for name, value := range map[string]string{
		"application_name": "vez", "synchronous_commit": "on", "default_transaction_isolation": "read committed",
		"idle_in_transaction_session_timeout": ms(idle), "lock_timeout": ms(pgLock), "client_min_messages": "warning",
	} {
		if _, set := conf.RuntimeParams[name]; !set {
			conf.RuntimeParams[name] = value
		}
	}
	return conf, nil
}

// several tells that a URL names more than one host: without
// target_session_attrs, the first that answers would do, a standby too.
func several(conf *pgx.ConnConfig) bool {
	return slices.ContainsFunc(conf.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.Host != conf.Host || f.Port != conf.Port })
}

// pgWarning is where a connection keeps the warning that it heard last.
const pgWarning = "warning"

// warned keeps a warning: a COMMIT whose wait for a standby is ended is answered
// as any other, and with one (PostgreSQL's syncrep.c).
func warned(conn *pgconn.PgConn, n *pgconn.Notice) {
	conn.CustomData()[pgWarning] = (*pgconn.PgError)(n)
}

// ms is how PostgreSQL reads a duration.
func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

// look asks the database for anything, on a connection of its own. A refusal is
// an answer too: an error means that nothing came.
func (e pgEngine) look(ctx context.Context, cfg Config) error {
	conf, err := pgEngine{}.conf(cfg, pgIdleReader)
	if err != nil {
		return nil
	}
	conn, err := pgx.ConnectConfig(ctx, conf)
	if err == nil {
		_, err = conn.Exec(ctx, "SELECT 1")
		_ = conn.Close(ctx)
	}
	if err != nil && mute(ctx, err) {
		return errors.Join(errSilent, err)
	}
	return nil
}

// mute tells whether an error means that no answer came in time.
func mute(ctx context.Context, err error) bool {
	var network net.Error
	return ctx.Err() != nil || pgconn.Timeout(err) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &network) && network.Timeout()
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
	// Another program's migration may take its time. Whoever waited for the lock
	// itself would hold a snapshot meanwhile, for which an index that is built
	// beside the writers waits in turn; so it is tried, with a pause before each but the first.
	waited, stop := context.WithTimeout(ctx, pgGuardFor)
	defer stop()
	free, pause := false, time.Duration(0)
	for err == nil && !free {
		err = conn.QueryRowContext(waited, "SELECT pg_try_advisory_lock($1) FROM pg_sleep($2)", pgGuard, pause.Seconds()).Scan(&free)
		pause = pgGuardPause
	}
	if waited.Err() != nil && ctx.Err() == nil {
		err = away(fmt.Errorf("another program has been migrating or restoring this ledger for %s", pgGuardFor))
	}
	if err != nil {
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
	if errors.Is(err, errSilent) || errors.As(err, &connect) || severed(err) || errors.Is(err, driver.ErrBadConn) ||
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

func (pgEngine) leaseTime() string { return "extract(epoch FROM clock_timestamp()) * 1000" }

func (pgEngine) onlyReads() string {
	return "pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on'"
}

func (pgEngine) patience() time.Duration { return pgPatience }

func (pgEngine) link(ctx context.Context, db *sql.DB) (link, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) && mute(ctx, err) {
			err = errors.Join(errSilent, err)
		}
		return nil, err
	}
	l := &pgLink{conn: conn}
	l.ctx, l.cancel = context.WithCancelCause(ctx)
	err = conn.Raw(func(dc any) error {
		l.pg = dc.(*stdlib.Conn).Conn()
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return l, nil
}

// pgKnown marks a connection that was used before.
const pgKnown = "known"

// pgLink sends what needs no answer in one round trip.
type pgLink struct {
	conn   *sql.Conn
	pg     *pgx.Conn
	ctx    context.Context // of the whole batch
	cancel context.CancelCauseFunc
}

func (l *pgLink) fresh() bool {
	marks := l.pg.PgConn().CustomData()
	_, known := marks[pgKnown]
	marks[pgKnown] = true
	return !known
}

// watch ends the batch with errSilent unless the statement that is sent now is
// answered in time; what it gives is called with its answer.
func (l *pgLink) watch() (answered func(error) error) {
	limit, end := context.WithTimeout(context.Background(), pgSilence)
	unwatch := context.AfterFunc(limit, func() { l.cancel(errSilent) })
	return func(err error) error {
		unwatch()
		end()
		if err != nil && errors.Is(context.Cause(l.ctx), errSilent) {
			err = errors.Join(errSilent, err)
		}
		return err
	}
}

func (l *pgLink) exec(text string, args ...any) (pgconn.CommandTag, error) {
	answered := l.watch()
	tag, err := l.pg.Exec(l.ctx, text, args...)
	return tag, answered(err)
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
		if _, err := l.exec("ROLLBACK"); err != nil {
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
	answered := l.watch()
	err = l.pg.SendBatch(l.ctx, b).Close() // runs the functions above in order
	return rows, missing, answered(err)
}

func (l *pgLink) insertMissing(holders, offices []string) error {
	if len(holders) > 0 {
		if _, err := l.exec(pgAddHolders, holders); err != nil {
			return err
		}
	}
	for _, office := range offices {
		if _, err := l.exec(sqlAddOffice, addOfficeArgs(office)...); err != nil {
			return err
		}
	}
	return nil
}

func (l *pgLink) query(text string, args ...any) (*sql.Rows, error) {
	answered := l.watch()
	rows, err := l.conn.QueryContext(l.ctx, text, args...) //nolint:sqlclosecheck,rowserrcheck // the caller's
	return rows, answered(err)
}

// writeMost is how many statements go out in one round trip: one that takes
// long must not seem to go unanswered.
const writeMost = 1000

func (l *pgLink) write(ops []op) error {
	for some := range slices.Chunk(ops, writeMost) {
		if err := l.writeSome(some); err != nil {
			return err
		}
	}
	return nil
}

func (l *pgLink) writeSome(ops []op) (err error) {
	answered := l.watch()
	defer func() { err = answered(err) }()
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
	heard := l.pg.PgConn().CustomData()
	delete(heard, pgWarning)
	tag, err := l.exec("COMMIT")
	if warning, ok := heard[pgWarning].(*pgconn.PgError); ok && err == nil {
		return true, away(warning)
	}
	if err == nil && tag.String() != "COMMIT" {
		err = fmt.Errorf("ledger: commit answered %q", tag.String())
	}
	// On a live connection the server has told the outcome. A closed one says
	// nothing, not even when pgx holds it safe to try again: measured, a COMMIT
	// that was sent, done and not answered ends in "conn closed", which does.
	return err != nil && l.pg.IsClosed(), err
}

func (l *pgLink) rollback() {
	_, _ = l.exec("ROLLBACK")
}

func (l *pgLink) release(bad bool) {
	defer l.cancel(nil)
	if bad || l.pg.IsClosed() {
		_ = l.conn.Raw(func(any) error { return errBadConn })
	}
	_ = l.conn.Close()
}

package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"vez/event"
	"vez/fault"
)

// sqliteReaders is how many connections read beside the one that writes.
const sqliteReaders = 4

// liteEngine keeps the ledger in one file. A BEGIN IMMEDIATE is the lock of
// everything, so that holders and offices need none of their own.
type liteEngine struct {
	mu   sync.Mutex
	idle *liteLink // the writing connection with its prepared statements, between batches
}

func (*liteEngine) name() string                 { return sqliteName }
func (*liteEngine) route(event.Scope) string     { return "" }
func (*liteEngine) snapshot() *sql.TxOptions     { return &sql.TxOptions{ReadOnly: true} }
func (*liteEngine) again(error) bool             { return false }
func (*liteEngine) renew(*sql.DB)                {}
func (*liteEngine) dsn(dir, extra string) string { return liteDSN(dir) + extra }

// liteDSN names the file and every setting that durability stands on. They are
// part of the name so that no connection can be opened without them.
func liteDSN(dir string) string {
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.Join(dir, "ledger.db")}).EscapedPath()}
	return file.String() + "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
		"&_pragma=foreign_keys(ON)&_pragma=temp_store(MEMORY)&_pragma=cache_size(-16000)&_pragma=journal_size_limit(67108864)" +
		"&_pragma=wal_autocheckpoint(4000)" // 16 MB: pages that change again and again are copied once, and a move seldom waits for it
}

func (e *liteEngine) connect(cfg Config) (write, read *sql.DB, err error) {
	if cfg.Dir == "" {
		return nil, nil, errors.New("ledger: no directory for ledger.db")
	}
	if write, err = sql.Open("sqlite", e.dsn(cfg.Dir, "&_txlock=immediate")); err != nil {
		return nil, nil, err
	}
	write.SetMaxOpenConns(1)
	if read, err = sql.Open("sqlite", e.dsn(cfg.Dir, "&_pragma=query_only(ON)")); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read.SetMaxOpenConns(sqliteReaders)
	read.SetMaxIdleConns(sqliteReaders)
	return write, read, nil
}

// settings reads the pragmas back: a driver that ignores them opens without a word.
func (e *liteEngine) settings(ctx context.Context, conn *sql.Conn) error {
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return e.classify(err)
		}
		if got != want {
			return fmt.Errorf("ledger: SQLite has %s=%s, and nothing is safe without %s", pragma, got, want)
		}
	}
	return nil
}

// guard needs nothing: a migration's own transaction excludes every other.
func (*liteEngine) guard(context.Context, *sql.DB) (func(), error) { return func() {}, nil }

func (*liteEngine) classify(err error) error {
	if isFault(err) {
		return err
	}
	var lite *sqlite.Error
	if !errors.As(err, &lite) {
		if severed(err) {
			return away(err)
		}
		return err
	}
	switch lite.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fault.New(fault.DiskFull).Because(err)
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return away(err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fault.New(fault.LedgerUnusable).Because(err)
	}
	return err
}

func (*liteEngine) leaseTime() string { return "unixepoch('now', 'subsec') * 1000" }

func (*liteEngine) onlyReads() string { return "FALSE" }

// patience ends no batch, for statements run without a deadline; it bounds the
// wait for the one connection.
func (*liteEngine) patience() time.Duration { return 15 * time.Second }

func (e *liteEngine) link(ctx context.Context, db *sql.DB) (link, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.idle; l != nil {
		e.idle = nil
		return l, nil
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	return &liteLink{engine: e, conn: conn, prepared: map[string]*sql.Stmt{}}, nil
}

// liteLink is the one connection that writes. Its statements run without a
// deadline: a running batch always ends, and the disk has no network to lose.
type liteLink struct {
	engine   *liteEngine
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
}

// fresh is never true: a file is always the same.
func (*liteLink) fresh() bool { return false }

func (l *liteLink) statement(text string) (*sql.Stmt, error) {
	if st, ok := l.prepared[text]; ok {
		return st, nil
	}
	st, err := l.conn.PrepareContext(context.Background(), text)
	if err == nil {
		l.prepared[text] = st
	}
	return st, err
}

func (l *liteLink) exec(text string, args ...any) (sql.Result, error) {
	st, err := l.statement(text) //nolint:sqlclosecheck // kept with the connection
	if err != nil {
		return nil, err
	}
	return st.ExecContext(context.Background(), args...)
}

func (l *liteLink) begin(_, offices []string) (out []*officeRow, err error) {
	if _, err := l.exec("BEGIN IMMEDIATE"); err != nil {
		return nil, err
	}
	for _, id := range offices {
		rows, err := l.query("SELECT office, seq, at, hash, doc FROM offices WHERE office = $1", id)
		if err != nil {
			return nil, err
		}
		if out, err = scanOffices(rows, out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanOffices(rows *sql.Rows, out []*officeRow) ([]*officeRow, error) {
	defer rows.Close()
	for rows.Next() {
		o, err := scanOffice(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

func (l *liteLink) query(text string, args ...any) (*sql.Rows, error) {
	st, err := l.statement(text) //nolint:sqlclosecheck // kept with the connection
	if err != nil {
		return nil, err
	}
	return st.QueryContext(context.Background(), args...)
}

func (l *liteLink) write(ops []op) error {
	for _, o := range ops {
		res, err := l.exec(o.text, o.args...)
		if err != nil {
			return fmt.Errorf("%s: %w", firstWords(o.text), err)
		}
		if o.want == anyRows {
			continue
		}
		if n, err := res.RowsAffected(); err != nil || n != o.want {
			return errors.Join(fmt.Errorf("%w: %s", errClash, firstWords(o.text)), err)
		}
	}
	return nil
}

// commit knows its outcome as long as SQLite still has the transaction to roll back.
func (l *liteLink) commit() (unknown bool, err error) {
	if _, err = l.exec("COMMIT"); err == nil {
		return false, nil
	}
	_, open := l.exec("ROLLBACK")
	return open != nil, err
}

func (l *liteLink) rollback() { _, _ = l.exec("ROLLBACK") }

func (l *liteLink) release(bad bool) {
	if bad {
		l.close(true)
		return
	}
	l.engine.mu.Lock()
	defer l.engine.mu.Unlock()
	l.engine.idle = l
}

// close ends the idle connection.
func (e *liteEngine) close() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.idle != nil {
		e.idle.close(false)
		e.idle = nil
	}
}

// close ends the connection; a bad one must not go back to the pool.
func (l *liteLink) close(bad bool) {
	for _, st := range l.prepared {
		_ = st.Close()
	}
	if bad {
		_ = l.conn.Raw(func(any) error { return errBadConn })
	}
	_ = l.conn.Close()
}

// firstWords are enough of a statement to find it by.
func firstWords(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(4, len(words))], " ")
}

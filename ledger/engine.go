package ledger

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"time"

	"vez/event"
	"vez/fault"
)

const (
	sqliteName   = "sqlite"
	postgresName = "postgres"
)

// engine is what differs between SQLite and PostgreSQL. SQL texts do not.
type engine interface {
	name() string
	// connect opens the pools to write and to read.
	connect(cfg Config) (write, read *sql.DB, err error)
	// settings reads back what durability stands on and refuses anything less.
	settings(ctx context.Context, conn *sql.Conn) error
	// guard keeps other programs from migrating or creating the same ledger meanwhile.
	guard(ctx context.Context, db *sql.DB) (unlock func(), err error)
	// link takes a connection for one batch of a writer, which ends with ctx.
	link(ctx context.Context, db *sql.DB) (link, error)
	// classify makes a fault of a driver's error; what it does not know stays as it is.
	classify(err error) error
	// renew throws idle connections away: where one was cut, the others were too.
	renew(db *sql.DB)
	// leaseTime is the database's own clock in SQL, in ms.
	leaseTime() string
	// onlyReads is true in SQL where the database takes no changes.
	onlyReads() string
	// patience is how long a batch may take, its tries together.
	patience() time.Duration
	// again tells whether a failed batch may be tried once more as it is.
	again(err error) bool
	// route names the writer of a change: one for all, or one an office.
	route(s event.Scope) string
	// close gives up what the engine keeps between batches.
	close()
	// snapshot are the options of a transaction that reads one state.
	snapshot() *sql.TxOptions
}

// link is a writer's connection, used by one goroutine.
type link interface {
	// fresh tells, once, that the connection is a new one: it may be to a
	// database that took over and lacks what the one before it acknowledged.
	fresh() bool
	// begin opens a transaction, locks holders, then offices, both sorted, and
	// only then reads the offices' rows; one never touched may be missing.
	begin(holders, offices []string) ([]*officeRow, error)
	// query reads within the transaction.
	query(text string, args ...any) (*sql.Rows, error)
	// write runs statements in order; each must touch the rows it wants.
	write(ops []op) error
	// commit ends the transaction; unknown tells that nobody knows whether it did.
	commit() (unknown bool, err error)
	rollback()
	// release gives the connection back, or throws it away when it is bad.
	release(bad bool)
}

// op is a statement that waits to be written.
type op struct {
	text string
	args []any
	want int64 // rows to touch; anyRows for no matter how many
}

const anyRows = -1

// errClash says that a row meant to be new was there already.
var errClash = errors.New("ledger: a row meant to be new is already there")

// errBadConn makes database/sql throw a connection away.
var errBadConn = driver.ErrBadConn

// severed tells whether an error means a lost or refused connection.
func severed(err error) bool {
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, sql.ErrConnDone) || errors.As(err, &network)
}

// isFault tells that an error has a code already.
func isFault(err error) bool {
	var f *fault.Error
	return errors.As(err, &f)
}

// away is the fault for a database that cannot be reached.
func away(err error) error { return fault.New(fault.LedgerAway).Because(err) }

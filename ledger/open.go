package ledger

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/office"
)

// Config says where a ledger is and what it needs of the outside.
type Config struct {
	// URL is "postgres://…", or "" for SQLite.
	URL string
	// Dir holds ledger.db and the file "key" on SQLite; it must exist.
	Dir string
	// Key wraps the secrets (VEZ_KEY). Empty on SQLite: a file "key" is made in
	// Dir with a new ledger. Empty on PostgreSQL: the ledger does not open.
	Key string
	// House time is what happens in offices; Machine time runs keys and records, and is the watch that leases are waited out by.
	House, Machine clockwork.Clock
	// Zone gives an office's time zone; nil means UTC.
	Zone func(office string) *time.Location
	// Log hears of trouble; nil for none.
	Log *slog.Logger

	changes bool // the database must take them; see Look
}

func (c Config) day(id string) office.Day {
	zone := time.UTC
	if c.Zone != nil {
		if z := c.Zone(id); z != nil {
			zone = z
		}
	}
	return office.DayOf(c.House.Now(), zone)
}

// DB is an open ledger. It is safe for concurrent use.
type DB struct {
	cfg    Config
	engine engine
	writes *sql.DB
	reads  *pool
	// silence is nil on SQLite.
	silence *silence
	watch   sync.Map           // name of another's lease: watched
	quiet   map[string]watched // all leases as the last sweep found them
	epoch   string
	wrap    [32]byte // the key that wraps secrets
	name    string   // of this process, for its writers' rows in commits

	mu        sync.Mutex
	writers   map[string]*writer
	listeners []func([]event.Event)
	mourners  []func(office string, seq int64) // see OnLost
	closed    bool
	running   sync.WaitGroup
	models    *models
	seen      seen
}

// Open opens the ledger and brings its schema up to date. It refuses settings
// that would lose acknowledged changes, and to begin a ledger beside the key of
// another, a key beside a ledger, or SQLite on a network disk. A database that
// cannot be reached is fault.LedgerAway with the cause, a file that is damaged or
// may not be written fault.LedgerUnusable, a newer schema fault.SchemaNewer.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	d, err := unopened(cfg)
	if err != nil {
		return nil, err
	}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// unopened chooses the engine of a ledger.
func unopened(cfg Config) (*DB, error) {
	if cfg.House == nil || cfg.Machine == nil {
		return nil, errors.New("ledger: no clocks")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d := &DB{cfg: cfg, writers: map[string]*writer{}, name: rand.Text(), models: newModels()}
	var e engine = &liteEngine{}
	if cfg.URL != "" {
		if !strings.HasPrefix(cfg.URL, "postgres://") && !strings.HasPrefix(cfg.URL, "postgresql://") {
			return nil, fault.New(fault.Configuration, "remedy", "postgres://user@host/database")
		}
		pg := pgEngine{newLines()}
		e = pg
		d.silence = newSilence(func(ctx context.Context) error { return pg.look(ctx, cfg) }, func() { pg.lines.cut(); d.renew() }, d.renew)
	}
	d.engine = e
	return d, nil
}

// renew throws the idle connections away, those that read too.
func (d *DB) renew() {
	d.engine.renew(d.writes)
	d.engine.renew(d.reads.db)
}

func (d *DB) open(ctx context.Context) (err error) {
	d.cfg.changes = true
	if d.cfg.URL == "" {
		if err := ownDisk(d.cfg.Dir); err != nil {
			return err
		}
	}
	begins, err := keyless(d.cfg)
	if err != nil {
		return err
	}
	if !begins {
		if d.wrap, err = wrappingKey(d.cfg); err != nil {
			return err
		}
	}
	write, read, err := d.engine.connect(d.cfg)
	if err != nil {
		return err
	}
	d.writes, d.reads = write, &pool{db: read, engine: d.engine, silence: d.silence}
	for _, db := range []*sql.DB{write, read} {
		if err := d.check(ctx, db); err != nil {
			return err
		}
	}
	if begins {
		if err := d.sealless(ctx); err != nil {
			return err
		}
	}
	if err := migrate(ctx, d.engine, write); err != nil {
		return err
	}
	if begins {
		err = d.keep()
	} else {
		err = d.settleKey(ctx)
	}
	if err != nil {
		return err
	}
	return d.found(ctx)
}

func (d *DB) check(ctx context.Context, db *sql.DB) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return d.explain(ctx, err)
	}
	defer conn.Close()
	return d.engine.settings(ctx, conn)
}

// found draws the epoch of a new ledger, once.
func (d *DB) found(ctx context.Context) error {
	drawn, err := d.writes.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ('epoch', $1) ON CONFLICT (name) DO NOTHING", newEpoch())
	if err != nil {
		return d.explain(ctx, err)
	}
	if err := d.writes.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'epoch'").Scan(&d.epoch); err != nil {
		return d.explain(ctx, err)
	}
	if n, err := drawn.RowsAffected(); err == nil && n > 0 { // who has lost a disk or mistyped an address should see it
		d.cfg.Log.Warn("a new ledger was begun: there was none", "engine", d.engine.name(), "folder", d.cfg.Dir, "epoch", d.epoch)
	}
	return nil
}

// Epoch was drawn when the ledger was created: a projection of another epoch is of another ledger.
func (d *DB) Epoch() string { return d.epoch }

// OnCommit registers a listener that hears the events of every commit of this
// process, in order per office, before the replies are given. It must not
// block. Listeners are registered before the first change.
func (d *DB) OnCommit(hear func([]event.Event)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = append(d.listeners, hear)
}

// Ping tells whether the ledger can be reached and takes changes;
// fault.LedgerAway if not.
func (d *DB) Ping(ctx context.Context) error {
	var reads bool
	err := d.Read(ctx).rows(func(r scanner) error { return r.Scan(&reads) }, "SELECT "+d.engine.onlyReads())
	if err == nil && reads {
		return away(errors.New("ledger: the database takes no changes: it is a standby, or set to read only"))
	}
	return err
}

// Close answers waiting changes with fault.ShuttingDown, lets running ones
// end, and closes the connections.
func (d *DB) Close() error {
	d.mu.Lock()
	if !d.closed {
		d.closed = true
		for _, w := range d.writers {
			close(w.quit)
		}
	}
	d.mu.Unlock()
	d.running.Wait()
	d.silence.close()
	d.engine.close()
	var errs []error
	if d.writes != nil {
		errs = append(errs, d.reads.close(), d.writes.Close())
	}
	return errors.Join(errs...)
}

// explain makes a fault of a database's error. The caller's own cancellation stays what it is.
func (d *DB) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return d.engine.classify(err)
}

// pool reads committed state with statements prepared once.
type pool struct {
	db      *sql.DB
	engine  engine
	silence *silence
	mu      sync.Mutex
	stmts   map[string]*sql.Stmt
}

// bound is the time that one reading may take: a network that swallows
// everything must end in a fault. A file has no network to lose.
func (p *pool) bound(ctx context.Context) (context.Context, context.CancelFunc) {
	if p.engine.name() == sqliteName {
		return ctx, func() {}
	}
	limit, cancel := context.WithTimeoutCause(ctx, pgLook, errSilent)
	return limit, func() {
		if errors.Is(context.Cause(limit), errSilent) {
			p.silence.fell()
		}
		cancel()
	}
}

// query reads, and reads once more where a connection was found cut.
func (p *pool) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := p.silence.admit(ctx); err != nil {
		return nil, shut(err)
	}
	rows, err := p.once(ctx, text, args...)
	if err == nil || fault.CodeOf(p.engine.classify(err)) != fault.LedgerAway {
		return rows, err
	}
	p.engine.renew(p.db)
	if ctx.Err() != nil {
		return rows, err
	}
	return p.once(ctx, text, args...)
}

// still begins a transaction that reads one state. Its beginning is bounded as
// one reading is; what it reads then ends when the database is found silent.
func (p *pool) still(ctx context.Context) (*sql.Tx, error) {
	if err := p.silence.admit(ctx); err != nil {
		return nil, shut(err)
	}
	limit, end := p.bound(ctx)
	defer end()
	tx, err := p.begin(ctx, limit)
	if err != nil && limit.Err() == nil && fault.CodeOf(p.engine.classify(err)) == fault.LedgerAway {
		p.engine.renew(p.db)
		return p.begin(ctx, limit)
	}
	return tx, err
}

// begin begins a transaction of ctx, if it can before limit ends.
func (p *pool) begin(ctx, limit context.Context) (*sql.Tx, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	begun := context.AfterFunc(limit, func() { cancel(context.Cause(limit)) })
	tx, err := p.db.BeginTx(ctx, p.engine.snapshot())
	begun()
	if err != nil {
		cancel(err)
		if limit.Err() != nil {
			err = errors.Join(context.Cause(limit), err)
		}
	}
	return tx, err
}

func (p *pool) once(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if p.engine.name() != sqliteName { // PostgreSQL's driver prepares by itself
		return p.db.QueryContext(ctx, text, args...)
	}
	st, err := p.statement(ctx, text) //nolint:sqlclosecheck // kept until the pool closes
	if err != nil {
		return nil, err
	}
	return st.QueryContext(ctx, args...)
}

// shut is the answer to who was not admitted: that of a ledger that is away,
// unless it is the caller's own end.
func shut(err error) error {
	if errors.Is(err, errShut) {
		return away(err)
	}
	return err
}

func (p *pool) statement(ctx context.Context, text string) (*sql.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if st, ok := p.stmts[text]; ok {
		return st, nil
	}
	st, err := p.db.PrepareContext(ctx, text) //nolint:sqlclosecheck // kept until the pool closes
	if err != nil {
		return nil, err
	}
	if p.stmts == nil {
		p.stmts = map[string]*sql.Stmt{}
	}
	p.stmts[text] = st
	return st, nil
}

func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, st := range p.stmts {
		_ = st.Close()
	}
	return p.db.Close()
}

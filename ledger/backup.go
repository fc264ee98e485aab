package ledger

import (
	"context"
	"crypto/ed25519"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"vez/fault"
)

// BackupOptions say what a backup has beside the rows.
type BackupOptions struct {
	Program string // its version
	// KeyFile puts the file that wraps the secrets into the archive, which then
	// is as secret as the file. ErrNoKeyFile where VEZ_KEY wraps them.
	KeyFile bool
	// AsOf, which may be nil, finds in a record of the state when a hub last wrote
	// to it; get gives nil for a record that is not there.
	AsOf func(get func(kind, id string) ([]byte, error)) (time.Time, error)
	// Progress, which may be nil, hears of rows done and in all.
	Progress func(done, total int)
	// ReadBack, which may be nil, hears of bytes read back and in all.
	ReadBack func(done, total int)
}

// ErrNoKeyFile is the answer to a wish for a key file where there is none.
var ErrNoKeyFile = errors.New("the secrets of this ledger are wrapped by VEZ_KEY, which is in no file that could go into a backup; keep it where you keep passwords")

// Backup writes one state of the ledger to a new file, while others go on
// writing to the ledger. The file appears under its name when all of it is on
// the disk and was read back (ErrReadBack); a crash or a full disk
// (fault.DiskFull) leaves none.
//
// The state is what one read transaction sees: on SQLite a reader of the
// write-ahead log, on PostgreSQL a REPEATABLE READ transaction. Neither
// blocks a writer. Every change acknowledged before the call is in it.
func (d *DB) Backup(ctx context.Context, path string, o BackupOptions) (Manifest, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return Manifest{}, errors.Join(fmt.Errorf("there is a file %s already, and no backup overwrites one", path), err)
	}
	var m Manifest
	err := wholeFile(path, func(f *os.File) (err error) {
		if m, err = d.archive(ctx, f, o); err != nil {
			return err
		}
		return readBack(f, m, o.ReadBack)
	})
	return m, err
}

// readBack reads what was written, from the disk as far as the system lets us,
// and proves it, before it gets its name.
func readBack(f *os.File, m Manifest, progress func(done, total int)) error {
	if err := f.Sync(); err != nil {
		return err
	}
	uncache(f)
	a, err := OpenArchive(f.Name(), ed25519.PublicKey(m.Anchor.Key), progress)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrReadBack, err)
	}
	return a.Close()
}

// ErrReadBack is the answer when the disk does not give back what was written to it.
var ErrReadBack = errors.New("the backup cannot be read back as it was written; the disk may be failing, and nothing was left there")

// wholeFile writes a file that has its name only when all of it is on the disk.
func wholeFile(path string, write func(*os.File) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".part-*") // made with mode 0600
	if err != nil {
		return full(err)
	}
	err = write(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return full(err)
	}
	return syncDir(dir)
}

// full gives a full disk its name.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fault.New(fault.DiskFull).Because(err)
	}
	return err
}

// syncDir makes a rename last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

func (d *DB) archive(ctx context.Context, f io.Writer, o BackupOptions) (Manifest, error) {
	key, err := d.anchorKey(ctx) // before the snapshot, so that the archive has the key
	if err != nil {
		return Manifest{}, err
	}
	s, err := d.freeze(ctx)
	if err != nil {
		return Manifest{}, err
	}
	defer s.end()
	m, shapes, err := s.describe(key, o)
	if err != nil {
		return m, err
	}
	w, err := newArchive(f, m)
	if err != nil {
		return m, err
	}
	defer func() { _ = w.zip.Close() }()
	if err := s.tables(w, shapes, o.Progress); err != nil {
		return m, err
	}
	if o.KeyFile {
		if err := d.addKeyFile(w); err != nil {
			return m, err
		}
	}
	if err := ctx.Err(); err != nil {
		return m, err
	}
	return w.close(key)
}

// addKeyFile puts the file that wraps the secrets into the archive.
func (d *DB) addKeyFile(w *archiveWriter) error {
	if d.cfg.Key != "" {
		return ErrNoKeyFile
	}
	text, err := d.ownKey()
	if err != nil {
		return err
	}
	return w.file(keyName, []byte(text))
}

// frozen is one state of a ledger, as long as it is not ended.
type frozen struct {
	d    *DB
	ctx  context.Context
	conn *sql.Conn
}

// freezing are the statements that begin it. A reader that waits for a slow
// disk is not one that froze.
var freezing = map[string][]string{
	sqliteName: {"BEGIN"},
	postgresName: {"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", "SET LOCAL idle_in_transaction_session_timeout = 0",
		"SET LOCAL statement_timeout = 0"},
}

func (d *DB) freeze(ctx context.Context) (*frozen, error) {
	conn, err := d.reads.db.Conn(ctx)
	if err != nil {
		return nil, d.explain(ctx, err)
	}
	s := &frozen{d: d, ctx: ctx, conn: conn}
	for _, text := range freezing[d.engine.name()] {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			s.end()
			return nil, d.explain(ctx, err)
		}
	}
	return s, nil
}

func (s *frozen) end() {
	_, _ = s.conn.ExecContext(context.WithoutCancel(s.ctx), "ROLLBACK")
	_ = s.conn.Close()
}

// describe begins the manifest; its first statement is the instant of the state.
func (s *frozen) describe(key ed25519.PrivateKey, o BackupOptions) (Manifest, []tableShape, error) {
	a := s.d.anchor()
	r := &Reader{query: func(text string, args ...any) (*sql.Rows, error) { return s.conn.QueryContext(s.ctx, text, args...) },
		explain: func(err error) error { return s.d.explain(s.ctx, err) }}
	if err := r.rows(a.scan, sqlHeads); err != nil {
		return Manifest{}, nil, err
	}
	epoch, err := r.text("SELECT value FROM meta WHERE name = 'epoch'")
	if err != nil {
		return Manifest{}, nil, err
	}
	versions, err := column[int64](s.ctx, s.conn, sqlSchema)
	if err != nil {
		return Manifest{}, nil, s.d.explain(s.ctx, err)
	}
	a.Epoch = epoch
	m := Manifest{Format: archiveFormat, Program: o.Program, Engine: s.d.engine.name(), Schema: versions[0], MadeAt: a.At,
		Anchor: a.sign(key), Tables: []BackupTable{}, LeftOut: leftOut, KeyFile: o.KeyFile}
	if err := notNewer(m.Schema); err != nil {
		return m, nil, err
	}
	if m.ReplayedAt, err = s.replayed(); err != nil {
		return m, nil, err
	}
	if o.AsOf != nil {
		m.AsOf, err = o.AsOf(func(kind, id string) (data []byte, err error) {
			err = r.rows(func(row scanner) error { return row.Scan(&data) }, "SELECT data FROM records WHERE kind = $1 AND id = $2", kind, id)
			return data, err
		})
		if err != nil {
			return m, nil, fmt.Errorf("ledger: tell of when its state is: %w", err)
		}
	}
	shapes, err := blueprint(s.ctx, m.Schema)
	return m, shapes, err
}

// replayed tells of a replica when the last change was made that it has; zero of anything else.
func (s *frozen) replayed() (time.Time, error) {
	if s.d.engine.name() != postgresName {
		return time.Time{}, nil
	}
	ms, err := column[int64](s.ctx, s.conn, `SELECT COALESCE(CAST(extract(epoch FROM pg_last_xact_replay_timestamp()) * 1000 AS BIGINT), 0)
WHERE pg_is_in_recovery()`)
	if err != nil || len(ms) == 0 {
		return time.Time{}, s.d.explain(s.ctx, err)
	}
	return instant(ms[0]), nil
}

const sqlSchema = "SELECT max(version_id) FROM " + versionTable

// Schema tells the ledger's schema, and the newest one, which this program is
// made for. A ledger that is newer is fault.SchemaNewer.
func (d *DB) Schema(ctx context.Context) (is, newest int64, err error) {
	if newest, err = schemaNewest(); err != nil {
		return 0, 0, err
	}
	all, err := column[int64](ctx, d.reads.db, sqlSchema)
	if err != nil {
		return 0, newest, d.explain(ctx, err)
	}
	return all[0], newest, notNewer(all[0])
}

func notNewer(schema int64) error {
	newest, err := schemaNewest()
	if err == nil && schema > newest {
		err = fault.New(fault.SchemaNewer).Because(fmt.Errorf("schema %d, program knows %d", schema, newest))
	}
	return err
}

// tables writes all rows.
func (s *frozen) tables(w *archiveWriter, shapes []tableShape, progress func(done, total int)) error {
	total, done := 0, 0
	shapes = slices.DeleteFunc(shapes, func(t tableShape) bool { return leftOut[t.name] != "" })
	for _, t := range shapes {
		n, err := column[int](s.ctx, s.conn, "SELECT count(*) FROM "+t.name)
		if err != nil {
			return s.d.explain(s.ctx, err)
		}
		total += n[0]
	}
	for _, t := range shapes {
		w.begin(t)
		dump := s.dumpLite
		if s.d.engine.name() == postgresName {
			dump = s.dumpPostgres
		}
		before := done
		err := dump(t, writeFunc(func(p []byte) (int, error) {
			n, err := w.Write(p)
			if now := before + w.table.Rows; progress != nil && now != done {
				done = now
				progress(done, total)
			}
			return n, err
		}))
		if err == nil {
			err = w.end()
		}
		if err != nil {
			return fmt.Errorf("back up %s: %w", t.name, err)
		}
		done = before + w.table.Rows
	}
	if progress != nil {
		progress(total, total)
	}
	return nil
}

type writeFunc func([]byte) (int, error)

func (f writeFunc) Write(p []byte) (int, error) { return f(p) }

// dumpLite writes a table of SQLite. Its driver gives empty bytes as NULL,
// which the query tells apart.
func (s *frozen) dumpLite(t tableShape, w io.Writer) error {
	selects := make([]string, len(t.columns))
	for i, c := range t.columns {
		selects[i] = c.Name
		if c.Type == typeBytes {
			selects[i] = fmt.Sprintf("CASE WHEN length(%[1]s) = 0 THEN '' ELSE %[1]s END", c.Name)
		}
	}
	rows, err := s.conn.QueryContext(s.ctx, "SELECT "+strings.Join(selects, ", ")+" FROM "+t.name)
	if err != nil {
		return s.d.explain(s.ctx, err)
	}
	defer rows.Close()
	var line []byte
	for rows.Next() {
		row, err := columns(rows, len(t.columns))
		if err != nil {
			return s.d.explain(s.ctx, err)
		}
		if line, err = appendRow(line[:0], t.columns, row); err != nil {
			return err
		}
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return s.d.explain(s.ctx, rows.Err())
}

// dumpPostgres lets the server write the rows.
func (s *frozen) dumpPostgres(t tableShape, w io.Writer) error {
	return s.conn.Raw(func(dc any) error {
		_, err := dc.(*stdlib.Conn).Conn().PgConn().CopyTo(s.ctx, w, "COPY (SELECT "+t.list()+" FROM "+pgx.Identifier{t.name}.Sanitize()+") TO STDOUT")
		return s.d.explain(s.ctx, err)
	})
}

// Look opens a ledger to back it up or to read it, whatever its schema: it
// begins and migrates nothing. So a newer program can keep a copy before it
// upgrades, while the older one still runs. It is an error when there is no
// ledger, or no key to its secrets.
func Look(ctx context.Context, cfg Config) (*DB, error) {
	d, err := unopened(cfg)
	if err != nil {
		return nil, err
	}
	if cfg.URL == "" {
		if err := isLedger(cfg); err != nil {
			return nil, err
		}
	}
	if err := d.look(ctx); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

func isLedger(cfg Config) error {
	info, err := os.Stat(filepath.Join(cfg.Dir, liteFile))
	if err == nil && info.Size() == 0 {
		err = fmt.Errorf("%s is empty: %w", liteFile, fs.ErrNotExist)
	}
	if err != nil {
		return fmt.Errorf("there is no ledger in %s; name its folder with --data, or a database with VEZ_DATABASE: %w", cfg.Dir, err)
	}
	if cfg.Key != "" {
		return nil
	}
	if keys, err := fileKeys(cfg.Dir); err != nil || len(keys) == 0 {
		return errors.Join(fmt.Errorf("the key file of the ledger in %s is missing, and VEZ_KEY is not set", cfg.Dir), err)
	}
	return nil
}

func (d *DB) look(ctx context.Context) (err error) {
	if d.wrap, err = wrappingKey(d.cfg); err != nil {
		return err
	}
	write, read, err := d.engine.connect(d.cfg)
	if err != nil {
		return err
	}
	d.writes, d.reads = write, &pool{db: read, engine: d.engine}
	epoch, err := column[string](ctx, read, "SELECT value FROM meta WHERE name = 'epoch'")
	if err != nil {
		return fmt.Errorf("there is no ledger in this database: %w", d.explain(ctx, err))
	}
	if len(epoch) == 0 {
		return errors.New("ledger: the database has the tables of a ledger, but none was begun in it")
	}
	d.epoch = epoch[0]
	_, err = d.chooseKey(ctx)
	return err
}

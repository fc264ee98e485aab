package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// liteFile is the name of a ledger in its folder; SQLite adds to it.
const liteFile = "ledger.db"

// liteShop builds a ledger in a folder inside the data folder, so that it can
// be renamed into place.
type liteShop struct {
	cfg     Config
	dir     string // of the workshop
	key     []byte // key file to put beside the ledger; nil for none
	now     time.Time
	old     *sql.DB // keeps everybody else from opening what is there; nil when nothing is
	filling *sql.DB
	loaded  *DB
}

func newLiteShop(ctx context.Context, cfg Config, replace bool, key []byte, now time.Time) (*liteShop, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("the data folder cannot be made; name another with --data: %w", err)
	}
	if err := ownDisk(cfg.Dir); err != nil {
		return nil, err
	}
	there, err := exists(filepath.Join(cfg.Dir, liteFile))
	if err != nil {
		return nil, err
	}
	if there && !replace {
		return nil, fmt.Errorf("%w in %s: name an empty folder with --data, or move this one aside with --replace", ErrNotEmpty, cfg.Dir)
	}
	if key, err = newKeyFile(cfg.Dir, key, replace); err != nil {
		return nil, err
	}
	s := &liteShop{cfg: cfg, key: key, now: now}
	if there {
		if s.old, err = liteAlone(ctx, cfg.Dir); err != nil {
			return nil, err
		}
	}
	if s.dir, err = os.MkdirTemp(cfg.Dir, ".restoring-"); err != nil {
		s.discard()
		return nil, full(err)
	}
	return s, nil
}

// newKeyFile is the key file to be written; nil when there is none, or it lies there already.
func newKeyFile(dir string, key []byte, replace bool) ([]byte, error) {
	old, err := os.ReadFile(filepath.Join(dir, keyFile))
	switch {
	case errors.Is(err, fs.ErrNotExist) || key == nil:
		return key, nil
	case err != nil:
		return nil, err
	case bytes.Equal(old, key):
		return nil, nil
	case !replace:
		return nil, fmt.Errorf("%w: another key file lies in %s; move it away, or let --replace do so", ErrNotEmpty, dir)
	}
	return key, nil
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// liteAlone takes the ledger for itself until it is closed, so that no hub
// opens it meanwhile; ErrInUse when one has it open. It is in a transaction
// then. A write-ahead log goes into the file on the way: nobody can leave that
// mode who is not alone. A damaged file cannot be held, and no hub opens it.
func liteAlone(ctx context.Context, dir string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", liteName(dir)+"?_pragma=busy_timeout(0)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	var mode string
	err = db.QueryRowContext(ctx, "PRAGMA journal_mode = DELETE").Scan(&mode)
	if err == nil {
		_, err = db.ExecContext(ctx, "BEGIN EXCLUSIVE")
	}
	var lite *sqlite.Error
	if mode == "wal" || errors.As(err, &lite) && (lite.Code()&0xff == sqlite3.SQLITE_BUSY || lite.Code()&0xff == sqlite3.SQLITE_LOCKED) {
		_ = db.Close()
		return nil, fmt.Errorf("%w (%s)", ErrInUse, dir)
	}
	return db, nil
}

func liteName(dir string) string {
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: filepath.Join(dir, liteFile)}).EscapedPath()}
	return file.String()
}

// build makes a file without a journal: what fails is thrown away whole.
func (s *liteShop) build(ctx context.Context, schema int64) (db *sql.DB, err error) {
	db, err = sql.Open("sqlite", liteName(s.dir)+"?_pragma=journal_mode(OFF)&_pragma=synchronous(OFF)&_pragma=cache_size(-65536)")
	if err != nil {
		return nil, err
	}
	s.filling = db
	db.SetMaxOpenConns(1)
	return db, migrateTo(ctx, &liteEngine{}, db, schema)
}

func (s *liteShop) insert(ctx context.Context, conn *sql.Conn, t BackupTable, rows []byte) error {
	marks := make([]string, len(t.Columns))
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		marks[i], names[i] = fmt.Sprint("$", i+1), c.Name
	}
	text := "INSERT INTO " + t.Name + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(marks, ", ") + ")"
	st, err := conn.PrepareContext(ctx, text) //nolint:sqlclosecheck // closed below
	if err != nil {
		return err
	}
	defer st.Close()
	row := make([]any, len(t.Columns))
	for line := range bytes.Lines(rows) {
		if err := parseRow(line[:len(line)-1], t.Columns, row); err != nil {
			return err
		}
		if _, err := st.ExecContext(ctx, row...); err != nil {
			var refused *sqlite.Error
			if errors.As(err, &refused) && refused.Code()&0xff == sqlite3.SQLITE_CONSTRAINT {
				return damaged("its rows of %s cannot stand together (%v)", t.Name, err)
			}
			return err
		}
	}
	return nil
}

// scratch opens the file as a hub would.
func (s *liteShop) scratch(ctx context.Context) (*DB, error) {
	err := s.filling.Close()
	s.filling = nil
	if err != nil {
		return nil, err
	}
	cfg := s.cfg
	cfg.Dir, cfg.URL = s.dir, ""
	s.loaded, err = scratchOf(ctx, cfg)
	return s.loaded, err
}

// scratchOf opens a loaded ledger, at the newest schema.
func scratchOf(ctx context.Context, cfg Config) (*DB, error) {
	d, err := unopened(cfg)
	if err != nil {
		return nil, err
	}
	write, read, err := d.engine.connect(cfg)
	if err != nil {
		return nil, err
	}
	d.writes, d.reads = write, &pool{db: read, engine: d.engine}
	p, err := provider(d.engine, write)
	if err == nil {
		_, err = p.Up(ctx)
	}
	return d, err
}

// adopt renames the file into place, after it is on the disk.
func (s *liteShop) adopt(context.Context) (aside string, err error) {
	if err = s.close(); err != nil {
		return "", err
	}
	if left, err := filepath.Glob(filepath.Join(s.dir, liteFile+"-*")); err != nil || len(left) > 0 {
		return "", errors.Join(fmt.Errorf("ledger: SQLite left %v beside the restored file", left), err)
	}
	if err = syncFile(filepath.Join(s.dir, liteFile)); err != nil {
		return "", full(err)
	}
	if s.key != nil {
		if err = s.bringKey(); err != nil {
			return "", err
		}
	}
	if aside, err = s.putAside(); err == nil {
		err = os.Rename(filepath.Join(s.dir, liteFile), filepath.Join(s.cfg.Dir, liteFile))
	}
	if err != nil {
		if s.key != nil {
			_ = os.Remove(filepath.Join(s.cfg.Dir, keyFile2))
		}
		return aside, err
	}
	if err = syncDir(s.cfg.Dir); err != nil || s.key == nil {
		return aside, err
	}
	if err = os.Rename(filepath.Join(s.cfg.Dir, keyFile2), filepath.Join(s.cfg.Dir, keyFile)); err != nil {
		return aside, err
	}
	return aside, syncDir(s.cfg.Dir)
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// putAside keeps what is there in a folder of its own. The ledger itself and
// its key get a second name, and lose the first when the restored ones take
// it: there is no instant without a ledger, nor one without its key.
func (s *liteShop) putAside() (string, error) {
	moved := []string{liteFile + "-wal", liteFile + "-shm"}
	if s.key != nil {
		moved = append(moved, keyFile)
	}
	aside := ""
	for _, name := range append([]string{liteFile}, moved...) {
		old := filepath.Join(s.cfg.Dir, name)
		if there, err := exists(old); err != nil || !there {
			if err != nil {
				return aside, err
			}
			continue
		}
		if aside == "" {
			aside = filepath.Join(s.cfg.Dir, "before-restore-"+s.now.Format("20060102T150405.000Z"))
			if err := os.Mkdir(aside, 0o700); err != nil {
				return "", full(err)
			}
		}
		kept := filepath.Join(aside, name)
		if (name == liteFile || name == keyFile) && os.Link(old, kept) == nil {
			continue
		}
		if err := os.Rename(old, kept); err != nil {
			return aside, err
		}
	}
	if aside == "" {
		return "", nil
	}
	return aside, syncDir(aside)
}

// bringKey puts the key under its second name, which Open tries too: the
// ledger and its key cannot be renamed at once.
func (s *liteShop) bringKey() error {
	return wholeFile(filepath.Join(s.cfg.Dir, keyFile2), func(f *os.File) error {
		_, err := f.Write(s.key)
		return err
	})
}

func (s *liteShop) close() (err error) {
	if s.filling != nil {
		err = s.filling.Close()
		s.filling = nil
	}
	if s.loaded != nil {
		err = errors.Join(err, s.loaded.Close())
		s.loaded = nil
	}
	return err
}

func (s *liteShop) discard() {
	_ = s.close()
	if s.dir != "" {
		_ = os.RemoveAll(s.dir)
	}
	if s.old != nil {
		_ = s.old.Close()
	}
}

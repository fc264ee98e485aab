package ledger

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"vez/event"
)

// RestoreOptions say how an archive becomes a ledger again.
type RestoreOptions struct {
	// Replace moves the ledger that is there aside. Without it the place must be empty.
	Replace bool
	// AcceptFlaws restores a ledger that does not prove itself; the report lists why.
	AcceptFlaws bool
	// WithoutSecrets leaves the wrapped keys out, for when the key to them is lost.
	WithoutSecrets bool
	// Record decides what becomes of a record; nil keeps them all.
	Record func(event.Record) (event.Record, bool)
	// Batches, which may be nil, lists the batches of letters that may have been
	// made between two instants; Mailed tells that whoever left an address got mails.
	Batches func(from, to time.Time) []event.LetterBatch
	Mailed  bool
	// Progress, which may be nil, hears how far a stage is.
	Progress func(stage string, done, total int)
}

// The stages that a restore tells of.
const (
	StageLoad   = "rows"
	StageVerify = "events"
)

// Restored tells what a restore did.
type Restored struct {
	// Epoch is new; Former is the epoch of the ledger that was backed up.
	Epoch  string `json:"epoch"`
	Former string `json:"former_epoch"`
	Schema int64  `json:"schema"`
	Rows   int    `json:"rows"`
	// Dropped are records that were not to come back.
	Dropped int `json:"records_left_out"`
	// Reminders that fell due since the backup: nobody knows whether they were sent, and they are not sent again.
	Reminders int `json:"reminders_unknown"`
	// Letters that may have been in a batch made since the backup: they are not printed again.
	Letters int `json:"letters_unknown"`
	// Aside is where the ledger that was there is now: a folder or a schema of the database; "" for none.
	Aside string `json:"aside,omitempty"`
	// KeyFile tells that the archive's key file was put into the folder.
	KeyFile bool         `json:"key_file,omitempty"`
	Heads   []AnchorHead `json:"heads"`
	Report  Report       `json:"report"`
}

var (
	// ErrNotEmpty is the answer to a restore over a ledger.
	ErrNotEmpty = errors.New("there is a ledger already")
	// ErrInUse is the answer to a replacement of a ledger that a hub has open.
	ErrInUse = errors.New("a hub has the ledger open; stop it first")
	// ErrWrongKey is the answer to an archive whose secrets no key at hand opens.
	ErrWrongKey = errors.New("the secrets in this backup cannot be opened")
	// ErrFlawed is the answer to an archive whose events do not make its state.
	ErrFlawed = errors.New("the ledger in this backup does not prove itself")
)

// workshop is where an archive becomes a ledger, out of sight of everybody.
type workshop interface {
	// build gives an empty database at a schema.
	build(ctx context.Context, schema int64) (*sql.DB, error)
	// insert loads rows in the text format of COPY, in a transaction on conn.
	insert(ctx context.Context, conn *sql.Conn, t BackupTable, rows []byte) error
	// scratch is the loaded ledger at the newest schema.
	scratch(ctx context.Context) (*DB, error)
	// adopt puts it in its place at once, and tells where what was there went.
	adopt(ctx context.Context) (aside string, err error)
	// discard removes what was not adopted.
	discard()
}

// Restore makes a ledger of an archive, at a place without one. It loads the
// rows out of sight, folds the events, compares them with the state and the
// heads with the signed ones, and only then puts the ledger in its place, at
// once. It draws a new epoch, so that no projection of the former ledger is
// believed. ErrNotEmpty, ErrInUse, ErrWrongKey and ErrFlawed leave everything
// as it was; so does every other error.
func Restore(ctx context.Context, a *Archive, cfg Config, o RestoreOptions) (Restored, error) {
	d, err := unopened(cfg)
	if err != nil {
		return Restored{}, err
	}
	if o.Progress == nil {
		o.Progress = func(string, int, int) {}
	}
	r := &restoring{a: a, d: d, o: o, out: Restored{Epoch: newEpoch(), Former: a.Manifest.Anchor.Epoch, Heads: a.Manifest.Anchor.Heads}}
	if err := r.check(ctx); err != nil {
		return Restored{}, err
	}
	if r.shop, err = r.place(ctx); err != nil {
		return Restored{}, err
	}
	defer r.shop.discard()
	if err := r.load(ctx); err != nil {
		return r.out, err
	}
	if err := r.prove(ctx); err != nil {
		return r.out, err
	}
	r.out.Aside, err = r.shop.adopt(ctx)
	return r.out, err
}

func newEpoch() string { return strings.ToLower(rand.Text()[:16]) }

// restoring is one restore, or the proof of an archive, on its way.
type restoring struct {
	a    *Archive
	d    *DB // only what was configured
	o    RestoreOptions
	shop workshop
	out  Restored
	own  *secretKey // nil for a proof
}

// check looks at everything that can be known before anything is made.
func (r *restoring) check(ctx context.Context) error {
	if err := r.a.fitsSchema(ctx); err != nil {
		return err
	}
	r.own = &secretKey{}
	if r.o.WithoutSecrets {
		return nil
	}
	own, err := r.a.secretKey(r.d.cfg)
	if err != nil {
		return err
	}
	r.own, r.d.wrap, r.out.KeyFile = own, own.wrap, own.file != nil
	return r.a.opens(r.d)
}

// fitsSchema holds the archive's tables against those that its schema makes:
// names of tables and columns are taken from nowhere else.
func (a *Archive) fitsSchema(ctx context.Context) error {
	if a.Manifest.Schema < 1 {
		return damaged("there never was a schema %d", a.Manifest.Schema)
	}
	if err := notNewer(a.Manifest.Schema); err != nil {
		return errors.Join(ErrArchiveNewer, err)
	}
	shapes, err := blueprint(ctx, a.Manifest.Schema)
	if err != nil {
		return err
	}
	for _, t := range a.Manifest.Tables {
		if !slices.ContainsFunc(shapes, func(s tableShape) bool { return s.name == t.Name && slices.Equal(s.columns, t.Columns) }) {
			return damaged("schema %d has no such table %s", a.Manifest.Schema, t.Name)
		}
	}
	return nil
}

// secretKey is the key that wraps the secrets, and the file that it came in.
type secretKey struct {
	wrap [32]byte
	file []byte // to be written beside ledger.db; nil for none
}

// secretKey finds the key for a place: VEZ_KEY, the archive's own, or the file that lies there.
func (a *Archive) secretKey(cfg Config) (*secretKey, error) {
	inside, err := a.member(keyName)
	if err != nil {
		return nil, err
	}
	secret, out := cfg.Key, &secretKey{}
	switch {
	case secret != "":
	case cfg.URL != "":
		return nil, fmt.Errorf("%w: set VEZ_KEY to the key that the backed-up ledger had (or VEZ_KEY_FILE to its key file)", ErrWrongKey)
	case inside != nil:
		secret, out.file = string(inside), inside
	default:
		raw, err := os.ReadFile(filepath.Join(cfg.Dir, keyFile))
		if err != nil {
			return nil, fmt.Errorf("%w: put the key file of the backed-up ledger into %s, or set VEZ_KEY", ErrWrongKey, cfg.Dir)
		}
		secret = string(raw)
	}
	out.wrap, err = wrappingKey(Config{Key: secret})
	return out, err
}

// opens tells whether the ledger's key opens every secret in the archive.
func (a *Archive) opens(d *DB) error {
	return a.table("secrets", func(row []any) error {
		name, _ := row[0].(string)
		wrapped, _ := row[1].([]byte)
		if _, err := d.unwrap(name, wrapped, nil); err != nil {
			return fmt.Errorf("%w: they were wrapped by another VEZ_KEY or key file (%s)", ErrWrongKey, name)
		}
		return nil
	})
}

// table reads the rows of a table by name.
func (a *Archive) table(name string, do func(row []any) error) error {
	for _, t := range a.Manifest.Tables {
		if t.Name == name {
			return a.each(t, do)
		}
	}
	return nil
}

// place finds the workshop of the engine, at a place that may be taken.
func (r *restoring) place(ctx context.Context) (workshop, error) {
	if r.d.engine.name() == postgresName {
		return newPostgresShop(ctx, r.d.cfg, r.o.Replace, r.a.Manifest.Schema)
	}
	return newLiteShop(ctx, r.d.cfg, r.o.Replace, r.own.file, r.d.machineStamp())
}

// load fills the workshop in one transaction.
func (r *restoring) load(ctx context.Context) error {
	db, err := r.shop.build(ctx, r.a.Manifest.Schema)
	if err != nil {
		return r.d.explain(ctx, err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return r.d.explain(ctx, err)
	}
	defer conn.Close()
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return r.d.explain(ctx, err)
	}
	err = r.rows(ctx, conn)
	if err == nil && r.own != nil {
		err = r.mark(ctx, conn)
	}
	end := "COMMIT"
	if err != nil {
		end = "ROLLBACK"
	}
	_, ended := conn.ExecContext(context.WithoutCancel(ctx), end)
	return r.d.explain(ctx, errors.Join(err, ended))
}

func (r *restoring) rows(ctx context.Context, conn *sql.Conn) error {
	done, total := 0, r.a.Manifest.total()
	for _, t := range r.a.Manifest.Tables {
		for _, p := range t.Parts {
			rows, err := r.a.part(p)
			if err != nil {
				return err
			}
			n := p.Rows
			if change := r.changeOf(t.Name); change != nil {
				if rows, n, err = rewrite(rows, t, change); err != nil {
					return err
				}
			}
			if n > 0 {
				if err := r.shop.insert(ctx, conn, t, rows); err != nil {
					return fmt.Errorf("restore %s: %w", t.Name, err)
				}
			}
			r.out.Rows += n
			done += p.Rows
			r.o.Progress(StageLoad, done, total)
		}
	}
	return nil
}

// changeOf tells what a restore changes in the rows of a table; a proof changes nothing.
func (r *restoring) changeOf(table string) func(row []any) bool {
	switch {
	case r.own == nil:
		return nil
	case table == "meta":
		return func(row []any) bool { return row[0] != metaEpoch && row[0] != metaRestored }
	case table == "secrets" && r.o.WithoutSecrets:
		return func([]any) bool { return false }
	case table == "records" && r.o.Record != nil:
		return r.record
	}
	return nil
}

// record asks what becomes of a record. Its columns are kind, id, owner, expires, data.
func (r *restoring) record(row []any) bool {
	var rec event.Record
	rec.Kind, _ = row[0].(string)
	rec.ID, _ = row[1].(string)
	rec.Owner, _ = row[2].(string)
	if at, _ := row[3].(int64); at != 0 {
		rec.Expires = time.UnixMilli(at).UTC()
	}
	rec.Data, _ = row[4].([]byte)
	rec, keep := r.o.Record(rec)
	if !keep {
		r.out.Dropped++
		return false
	}
	row[0], row[1], row[2], row[3], row[4] = rec.Kind, rec.ID, rec.Owner, stamp(rec.Expires), rec.Data
	return true
}

// rewrite changes rows, or drops those for which change is false.
func rewrite(rows []byte, t BackupTable, change func([]any) bool) (out []byte, n int, err error) {
	row := make([]any, len(t.Columns))
	for line := range bytes.Lines(rows) {
		if err := parseRow(line[:len(line)-1], t.Columns, row); err != nil {
			return nil, 0, err
		}
		if !change(row) {
			continue
		}
		if out, err = appendRow(out, t.Columns, row); err != nil {
			return nil, 0, err
		}
		n++
	}
	return out, n, nil
}

// Names in meta.
const (
	metaEpoch    = "epoch"
	metaRestored = "restored" // what the ledger was restored from, last
)

// mark draws the line between the former ledger and this one.
func (r *restoring) mark(ctx context.Context, conn *sql.Conn) error {
	from, err := json.Marshal(map[string]any{"at": r.d.machineStamp(), "epoch": r.out.Former, "made_at": r.a.Manifest.MadeAt,
		"sha256": r.a.Manifest.Body.SHA256})
	if err != nil {
		return err
	}
	for name, value := range map[string]string{metaEpoch: r.out.Epoch, metaRestored: string(from)} {
		if _, err := conn.ExecContext(ctx, "INSERT INTO meta (name, value) VALUES ($1, $2)", name, value); err != nil {
			return err
		}
	}
	return r.reminders(ctx, conn)
}

// A letter is sent before it is due, with its office's batch: what is in a batch
// that may have been made since the backup is never in another. One whose paper
// was being asked for is not asked for again.
const (
	sqlLost = `UPDATE reminders SET state = 'unknown', reason = 'restored'
WHERE state IN ('planned', 'queued') AND due <= $1 OR state = 'sending'`
	sqlLostLetters = `INSERT INTO reminders (booking, start, ahead, channel, state, due, office, day, at, hub, reason, tries, next)
SELECT m.booking, m.start, m.ahead, 'paper', 'unknown', m.due, m.office, $4, CAST($7 AS BIGINT), '', 'restored', 0, 0 FROM reminders m ` + sqlLetters
)

// reminders that fell due after the backup may have been sent by the ledger
// that was lost: what may have arrived is never sent again.
func (r *restoring) reminders(ctx context.Context, conn *sql.Conn) error {
	if r.a.Manifest.Rows("reminders") == 0 {
		return nil
	}
	count := func(into *int, text string, args ...any) error {
		res, err := conn.ExecContext(ctx, text, args...)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		*into += int(n)
		return err
	}
	now := r.d.cfg.House.Now()
	if err := count(&r.out.Reminders, sqlLost, stamp(now)); err != nil || r.o.Batches == nil {
		return err
	}
	mails := int64(0)
	if r.o.Mailed {
		mails = 1
	}
	for _, b := range r.o.Batches(r.a.Manifest.since(), now) {
		err := count(&r.out.Letters, sqlLostLetters, stamp(r.d.machineStamp()), b.Office, stamp(b.Until), string(b.Day), b.Before.Milliseconds(), mails, stamp(now))
		if err != nil {
			return err
		}
	}
	return nil
}

// since is the instant after which an archive knows of nothing.
func (m Manifest) since() time.Time {
	if !m.AsOf.IsZero() && m.AsOf.Before(m.MadeAt) {
		return m.AsOf
	}
	return m.MadeAt
}

// prove folds the events of what was loaded and compares.
func (r *restoring) prove(ctx context.Context) error {
	d, err := r.shop.scratch(ctx)
	if err != nil {
		return r.d.explain(ctx, err)
	}
	newest, err := schemaNewest()
	if err != nil {
		return err
	}
	r.out.Schema = newest
	r.out.Report, err = d.Verify(ctx, func(done, total int) { r.o.Progress(StageVerify, done, total) })
	if err != nil {
		return err
	}
	if err := r.heads(ctx, d); err != nil {
		return err
	}
	if !r.out.Report.Sound() && !r.o.AcceptFlaws {
		return fmt.Errorf("%w: %d flaws, the first: %s", ErrFlawed, len(r.out.Report.Flaws)+r.out.Report.More, r.out.Report.Flaws[0])
	}
	return nil
}

// heads compares where the chains end with what was signed.
func (r *restoring) heads(ctx context.Context, d *DB) error {
	now := Anchor{Heads: []AnchorHead{}}
	if err := d.Read(ctx).rows(now.scan, sqlHeads); err != nil {
		return err
	}
	signed := Anchor{Heads: r.a.Manifest.Anchor.Heads}
	if !bytes.Equal(now.signed(), signed.signed()) {
		r.out.Report.flaw(Flaw{Table: "offices", What: "the chains do not end where the signed heads say"})
	}
	return nil
}

// expects tells whether an anchor can prove anything of the archive: anybody
// can sign heads with a key of their own, and none at all are always held.
func (a *Archive) expects(anchor Anchor) error {
	if err := anchor.Check(); err != nil {
		return err
	}
	if !bytes.Equal(anchor.Key, a.Manifest.Anchor.Key) {
		return fmt.Errorf("%w: the heads bear %s, the backup %s", ErrOtherSigner, anchor.Key, a.Manifest.Anchor.Key)
	}
	if n := a.Manifest.Rows("events"); len(anchor.Heads) == 0 && n > 0 {
		return fmt.Errorf("%w: the backup has %d events", ErrNoHeads, n)
	}
	return nil
}

// Prove restores an archive into a folder for the while, folds its events and
// compares; with an anchor it also proves that the archive holds all of it. An
// anchor of another key is ErrOtherSigner, one without heads ErrNoHeads.
// dir is where the folder is made, "" for the system's own place.
func (a *Archive) Prove(ctx context.Context, cfg Config, dir string, anchor *Anchor, progress func(stage string, done, total int)) (Report, error) {
	if err := a.fitsSchema(ctx); err != nil {
		return Report{}, err
	}
	if anchor != nil {
		if err := a.expects(*anchor); err != nil {
			return Report{}, err
		}
	}
	dir, err := os.MkdirTemp(dir, "vez-proof-")
	if err != nil {
		return Report{}, err
	}
	defer os.RemoveAll(dir)
	cfg.URL, cfg.Dir = "", dir
	d, err := unopened(cfg)
	if err != nil {
		return Report{}, err
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	shop := &liteShop{cfg: d.cfg, dir: dir}
	defer shop.discard()
	r := &restoring{a: a, d: d, o: RestoreOptions{AcceptFlaws: true, Progress: progress}, shop: shop}
	if err := r.load(ctx); err != nil {
		return Report{}, err
	}
	if err := r.prove(ctx); err != nil || anchor == nil {
		return r.out.Report, err
	}
	held, err := shop.loaded.Holds(ctx, *anchor, nil)
	for _, f := range held.Flaws {
		r.out.Report.flaw(f)
	}
	return r.out.Report, err
}

func (d *DB) machineStamp() time.Time { return d.cfg.Machine.Now().UTC().Truncate(time.Millisecond) }

package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"vez/event"
	"vez/office"
	"vez/ticket"
)

// backedUp is a little ledger in an archive, and what it is made of.
type backedUp struct {
	file     []byte
	manifest Manifest
	tables   map[string][]byte // rows as they lie in the archive, by table
	key      ed25519.PrivateKey
}

// newBackedUp gives a ticket in each language at one of two offices and backs it all up.
func newBackedUp(f *testing.F) backedUp {
	f.Helper()
	cfg := inRealTime()
	cfg.Dir, cfg.Key = f.TempDir(), "key"
	d, err := Open(context.Background(), cfg)
	if err != nil {
		f.Fatal(err)
	}
	defer d.Close()
	const day office.Day = "2026-11-24"
	for i, lang := range []string{"zh-Hant", "pt", "en", "zh-Hans"} {
		at, id := fmt.Sprint("o", i%2), fmt.Sprint("t", i)
		err := d.Do(context.Background(), event.Scope{Offices: []string{at}}, func(tx *Tx) error {
			n, err := tx.NextNumber(at, day, "A", 8999)
			if err != nil {
				return err
			}
			_, err = tx.Append(event.Draft{Office: at, Kind: "ticket.issue", Actor: "device:demo", Images: event.Images{Tickets: []ticket.Ticket{{
				ID: id, Visit: id, Office: at, Queue: at + "-a", Day: day, Series: "A", N: n, Number: ticket.Number("A", n), State: ticket.Waiting,
				Class: ticket.WalkIn, Lang: lang, People: 1, Arrival: tx.Now(), Due: tx.Now(), Joined: -1}}}})
			return err
		})
		if err != nil {
			f.Fatal(err)
		}
	}
	path := filepath.Join(f.TempDir(), "backup.tar")
	b := backedUp{tables: map[string][]byte{}}
	if b.manifest, err = d.Backup(context.Background(), path, BackupOptions{Program: "test"}); err != nil {
		f.Fatal(err)
	}
	if b.key, err = d.anchorKey(context.Background()); err != nil {
		f.Fatal(err)
	}
	a, err := OpenArchive(path, nil, nil)
	if err != nil {
		f.Fatal(err)
	}
	defer a.Close()
	for _, t := range b.manifest.Tables {
		for _, p := range t.Parts {
			rows, err := a.part(p)
			if err != nil {
				f.Fatal(err)
			}
			b.tables[t.Name] = append(b.tables[t.Name], rows...)
		}
	}
	if b.file, err = os.ReadFile(path); err != nil {
		f.Fatal(err)
	}
	return b
}

// rewritten is the archive with other rows in one of its tables, sealed by its
// own key as if it had been written so.
func (b backedUp) rewritten(table int, change func([]byte) []byte) ([]byte, error) {
	var out bytes.Buffer
	m := b.manifest
	m.Tables = nil
	w, err := newArchive(&out, m)
	if err != nil {
		return nil, err
	}
	for i, t := range b.manifest.Tables {
		rows := b.tables[t.Name]
		if i == table {
			rows = change(rows)
		}
		w.begin(tableShape{t.Name, t.Columns})
		if _, err := w.Write(rows); err != nil {
			return nil, err
		}
		if err := w.end(); err != nil {
			return nil, err
		}
	}
	_, err = w.close(b.key)
	return out.Bytes(), err
}

// resealed is the archive with another manifest, sealed by its own key.
func (b backedUp) resealed(change func([]byte) []byte) ([]byte, error) {
	text, err := json.MarshalIndent(b.manifest, "", " ")
	if err != nil {
		return nil, err
	}
	text = change(text)
	s := seal{Key: HexBytes(b.key.Public().(ed25519.PublicKey)), Signature: ed25519.Sign(b.key, sealed(text))}
	s.SHA256 = sealed(text)[len("vez/ledger/backup/1"):]
	line, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var m struct {
		MadeAt time.Time `json:"made_at"`
	}
	_ = json.Unmarshal(text, &m) // whatever is no time is none
	end, err := tail(text, line, m.MadeAt)
	return append(bytes.Clone(b.file[:b.manifest.Body.Size]), end...), err
}

// splice puts data over, into, or in the place of the rest of some bytes.
func splice(b []byte, how byte, at uint32, data []byte) []byte {
	i := int(at) % (len(b) + 1)
	switch how % 3 {
	case 0:
		return append(append(bytes.Clone(b[:i]), data...), b[min(i+len(data), len(b)):]...)
	case 1:
		return append(append(bytes.Clone(b[:i]), data...), b[i:]...)
	}
	return append(bytes.Clone(b[:i]), data...)
}

// FuzzRestore restores a backup that is not what was written: some of its bytes
// are changed, or rows or the manifest, with the seal of its own key on them. It
// is refused by name and nothing is left at the place, or it has become a ledger
// that proves itself.
func FuzzRestore(f *testing.F) {
	b := newBackedUp(f)
	for i := range byte(9) {
		for _, data := range []string{"", "0", "\x00", "-1", `"`, "\t", "\n", "999999999999999999", "{}", "null", `\N`, "登記"} {
			f.Add(i, uint32(len(data))*211, byte(i), []byte(data))
		}
	}
	text, err := json.MarshalIndent(b.manifest, "", " ")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{`"size": `, `"raw": `, `"rows": `, `"schema": `, `"format": `, `"name": "`, `"type": "`, `"sha256": "`, `"made_at": "`} {
		f.Add(byte(6), uint32(bytes.Index(text, []byte(name))+len(name)), byte(0), []byte("-"))
		f.Add(byte(7), uint32(bytes.LastIndex(text, []byte(name))+len(name)), byte(0), []byte("-"))
	}
	f.Fuzz(func(t *testing.T, how byte, at uint32, table byte, data []byte) {
		var file []byte
		var err error
		change := func(b []byte) []byte { return splice(b, how, at, data) }
		switch how % 9 / 3 {
		case 0:
			file = change(b.file)
		case 1:
			file, err = b.rewritten(int(table)%len(b.manifest.Tables), change)
		default:
			file, err = b.resealed(change)
		}
		if err != nil {
			return // what no archive can hold
		}
		path := filepath.Join(t.TempDir(), "backup.tar")
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		a, err := OpenArchive(path, nil, nil)
		if err != nil {
			named(t, err)
			return
		}
		defer a.Close()
		if how%9/3 == 0 && !bytes.Equal(file, b.file) {
			t.Fatalf("%d bytes at %d are changed, and nobody sees it", len(data), at)
		}
		restored(t, a)
	})
}

// restored restores into an empty folder, where there is then nothing or a
// ledger that proves itself.
func restored(t *testing.T, a *Archive) {
	t.Helper()
	cfg := inRealTime()
	cfg.Dir, cfg.Key = filepath.Join(t.TempDir(), "data"), "key"
	r, err := Restore(context.Background(), a, cfg, RestoreOptions{})
	if err != nil {
		named(t, err)
		if left, _ := filepath.Glob(filepath.Join(cfg.Dir, "*")); len(left) > 0 {
			t.Fatalf("%v, and it leaves %v", err, left)
		}
		if left, _ := filepath.Glob(filepath.Join(cfg.Dir, ".restoring*")); len(left) > 0 {
			t.Fatalf("%v, and it leaves %v", err, left)
		}
		return
	}
	d, err := Open(context.Background(), cfg)
	if err != nil || !r.Report.Sound() {
		t.Fatalf("what was restored: %v, %v", err, r.Report.Flaws)
	}
	defer d.Close()
	if report, err := d.Verify(context.Background(), nil); err != nil || !report.Sound() {
		t.Fatalf("what was restored does not prove itself: %v, %v", err, report.Flaws)
	}
}

// named tells that a refusal says by name what is wrong.
func named(t *testing.T, err error) {
	t.Helper()
	for _, known := range []error{ErrArchiveDamaged, ErrArchiveNewer, ErrArchiveSigner, ErrFlawed, ErrWrongKey} {
		if errors.Is(err, known) {
			return
		}
	}
	t.Fatalf("refused as nobody expects: %v", err)
}

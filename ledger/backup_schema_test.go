package ledger

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/jonboulle/clockwork"
)

// forge writes an archive that is whole and signed, and says what it likes.
func forge(t *testing.T, m Manifest, tables ...tableShape) (*Archive, error) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	m.Anchor = Anchor{Format: anchorFormat, Heads: []AnchorHead{}}.sign(key)
	path := filepath.Join(t.TempDir(), "forged.tar")
	err := wholeFile(path, func(f *os.File) error {
		w, err := newArchive(f, m)
		if err != nil {
			return err
		}
		for _, table := range tables {
			w.begin(table)
			if err := w.end(); err != nil {
				return err
			}
		}
		_, err = w.close(key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := OpenArchive(path, nil, nil)
	if err == nil {
		t.Cleanup(func() { _ = a.Close() })
	}
	return a, err
}

func forged(t *testing.T, schema int64, tables ...tableShape) *Archive {
	t.Helper()
	a, err := forge(t, Manifest{Format: archiveFormat, Schema: schema}, tables...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func inRealTime() Config {
	return Config{House: clockwork.NewRealClock(), Machine: clockwork.NewRealClock()}
}

func TestAnArchiveOfANewerProgramIsRefusedByName(t *testing.T) {
	if _, err := forge(t, Manifest{Format: archiveFormat + 1, Schema: 1}); !errors.Is(err, ErrArchiveNewer) {
		t.Errorf("a newer format is answered %v", err)
	}
	if _, err := forged(t, 999).Prove(t.Context(), inRealTime(), "", nil, nil); !errors.Is(err, ErrArchiveNewer) {
		t.Errorf("a newer schema is answered %v", err)
	}
}

func TestAnArchiveNamesNoTableThatItsSchemaHasNot(t *testing.T) {
	for _, table := range []tableShape{
		{name: "meta; DROP TABLE events", columns: []BackupColumn{{"name", typeText}, {"value", typeText}}},
		{name: "meta", columns: []BackupColumn{{"name", typeText}, {"value) SELECT 1", typeText}}},
		{name: "meta", columns: []BackupColumn{{"name", typeText}, {"value", typeInt}}},
	} {
		if _, err := forged(t, 1, table).Prove(t.Context(), inRealTime(), "", nil, nil); !errors.Is(err, ErrArchiveDamaged) {
			t.Errorf("%v is answered %v", table, err)
		}
	}
}

func TestABackupOfEverySchemaThereWasBecomesALedgerOfToday(t *testing.T) {
	newest, err := schemaNewest()
	if err != nil {
		t.Fatal(err)
	}
	for version := int64(1); version <= newest; version++ {
		t.Run(fmt.Sprint("schema ", version), func(t *testing.T) {
			shapes, err := blueprint(t.Context(), version)
			if err != nil {
				t.Fatal(err)
			}
			cfg := inRealTime()
			cfg.Dir, cfg.Key = t.TempDir(), "key"
			r, err := Restore(t.Context(), forged(t, version, shapes...), cfg, RestoreOptions{})
			if err != nil || r.Schema != newest {
				t.Fatalf("%+v %v", r, err)
			}
			d, err := Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if d.Epoch() != r.Epoch {
				t.Errorf("epoch %s, not %s", d.Epoch(), r.Epoch)
			}
		})
	}
}

var oddColumns = []BackupColumn{{"a", typeText}, {"b", typeInt}, {"c", typeBytes}}

func TestRowsComeThroughTheTextFormat(t *testing.T) {
	for _, row := range [][]any{
		{"", int64(0), []byte{}}, {nil, nil, nil}, {`\N`, int64(-1 << 63), []byte("\t\n\x00\xff")},
		{"a\tb\nc\\d\re\bf\fg\vh\x01", int64(1<<63 - 1), []byte(`\x`)},
	} {
		line, err := appendRow(nil, oddColumns, row)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]any, len(oddColumns))
		if err := parseRow(line[:len(line)-1], oddColumns, got); err != nil || fmt.Sprintf("%#v", got) != fmt.Sprintf("%#v", row) {
			t.Errorf("%#v came through as %#v, %v", row, got, err)
		}
	}
	for _, bad := range []string{"", "a\tb", "a\t1\t" + `\\x0g`, "a\t1\tzz", "a\tx\t" + `\N`, `a\` + "\t1\t" + `\N`, `a\q` + "\t1\t" + `\N`, "a\t1\t" + `\N` + "\tmore"} {
		if err := parseRow([]byte(bad), oddColumns, make([]any, len(oddColumns))); !errors.Is(err, ErrArchiveDamaged) {
			t.Errorf("%q is answered %v", bad, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	f.Add([]byte(`a\tb` + "\t1\t" + `\\x00ff`))
	f.Fuzz(func(t *testing.T, line []byte) {
		row := make([]any, len(oddColumns))
		if parseRow(line, oddColumns, row) != nil {
			return
		}
		again, err := appendRow(nil, oddColumns, row)
		if err != nil {
			return // text that is none
		}
		back := make([]any, len(oddColumns))
		if err := parseRow(again[:len(again)-1], oddColumns, back); err != nil || fmt.Sprintf("%#v", back) != fmt.Sprintf("%#v", row) {
			t.Fatalf("%q: %#v and %#v, %v", line, row, back, err)
		}
	})
}

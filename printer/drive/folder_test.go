package drive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/layout"
)

var ctx = context.Background()

// page is an empty page with a title.
func page(title string) printer.Document {
	return printer.Document{Format: printer.Roll80, Pages: []*layout.List{{Title: title, Width: 640, Height: 80}},
		Made: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)}
}

func TestTheFolderHoldsWholeDocumentsOnly(t *testing.T) {
	data := t.TempDir()
	d, err := drive.Open("folder:hall", drive.Options{DataDir: data, Clock: clockwork.NewRealClock()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	dir := filepath.Join(data, "paper", "hall")
	for _, title := range []string{"first", "second, longer"} {
		want, err := page(title).PDF()
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Print(ctx, printer.Job{ID: "01-a_B"}, page(title)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "01-a_B.pdf")); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%q, %v", got, err)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 1 {
		t.Errorf("%d files, %v", len(left), err)
	}
	p := d.(printer.Prover)
	if !p.Proves(ctx, printer.Job{ID: "01-a_B"}) || p.Proves(ctx, printer.Job{ID: "02"}) {
		t.Error("the folder cannot tell what came out")
	}
	if st := d.Status(ctx); st != (printer.Status{}) {
		t.Errorf("%+v", st)
	}
}

func TestAJobIDCannotLeaveTheFolder(t *testing.T) {
	f := drive.Folder{Dir: filepath.Join(t.TempDir(), "in")}
	for _, id := range []string{"", "../x", "a/b", "..", "a\x00b", "é"} {
		if err := f.Print(ctx, printer.Job{ID: id}, page("x")); fault.CodeOf(err) != fault.PrintFailed {
			t.Errorf("%q: %v", id, err)
		}
		if f.Proves(ctx, printer.Job{ID: id}) {
			t.Errorf("%q is proved", id)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsAPrinterAway(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	f := drive.Folder{Dir: filepath.Join(file, "sub")}
	if err := f.Print(ctx, printer.Job{ID: "1"}, page("x")); !errors.Is(err, fault.New(fault.PrinterAway)) {
		t.Errorf("got %v", err)
	}
	if st := f.Status(ctx); st.Problem != fault.PrinterAway {
		t.Errorf("%+v", st)
	}
}

func TestWhatACrashLeftUnfinishedIsClearedAwayAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for name, age := range map[string]time.Duration{".print-1": time.Hour, ".print-2": time.Minute, "job.pdf": time.Hour} {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	drive.OpenFolder(dir, clockwork.NewFakeClockAt(now))
	for name, want := range map[string]bool{".print-1": false, ".print-2": true, "job.pdf": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOldPapersAreClearedAwayAndNothingElse(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	const old, young = 32 * 24 * time.Hour, 30 * 24 * time.Hour
	id := func(n int) string { return fmt.Sprintf("0193591e-7a00-7000-8000-%012d.pdf", n) }
	target := filepath.Join(elsewhere, id(9))
	kept := map[string]bool{}
	for name, age := range map[string]time.Duration{
		filepath.Join(dir, id(1)): old, filepath.Join(dir, id(2)): young, filepath.Join(dir, "report.pdf"): old,
		filepath.Join(dir, "x"+id(3)): old, filepath.Join(dir, id(4)+".bak"): old, filepath.Join(dir, strings.ToUpper(id(5))): old,
		filepath.Join(dir, ".print-1"): old, filepath.Join(dir, "reception", id(6)): old, target: old,
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o750), os.WriteFile(name, []byte("x"), 0o600),
			os.Chtimes(name, now.Add(-age), now.Add(-age))); err != nil {
			t.Fatal(err)
		}
		kept[name] = name != filepath.Join(dir, id(1))
	}
	link, inner := filepath.Join(dir, id(7)), filepath.Join(dir, id(8))
	if err := errors.Join(os.Symlink(target, link), os.Mkdir(inner, 0o750), os.Chtimes(inner, now.Add(-old), now.Add(-old))); err != nil {
		t.Fatal(err)
	}
	kept[link], kept[inner] = true, true
	if n, err := (drive.Folder{Dir: dir}).Sweep(now.Add(-31 * 24 * time.Hour)); n != 1 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
	for name, want := range kept {
		if _, err := os.Lstat(name); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := (drive.Folder{Dir: filepath.Join(dir, "nowhere")}).Sweep(now); n != 0 || err != nil {
		t.Errorf("%d removed where nothing is, %v", n, err)
	}
}

func TestAnAddressOfNoKindOpensNothing(t *testing.T) {
	if _, err := drive.Open("fax://1", drive.Options{}); fault.CodeOf(err) != fault.InvalidField {
		t.Errorf("got %v", err)
	}
}

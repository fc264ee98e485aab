package printer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/layout"
)

func TestTheFolderHoldsWholeDocumentsOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool", "papers")
	f := printer.Folder{Dir: dir}
	for _, title := range []string{"first", "second, longer"} {
		want, err := doc(title).PDF()
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Print(ctx, printer.Job{ID: "01-a_B"}, doc(title)); err != nil {
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
	if !f.Proves(ctx, printer.Job{ID: "01-a_B"}) || f.Proves(ctx, printer.Job{ID: "02"}) {
		t.Error("the folder cannot tell what came out")
	}
}

func TestAJobIDCannotLeaveTheFolder(t *testing.T) {
	dir := t.TempDir()
	f := printer.Folder{Dir: filepath.Join(dir, "in")}
	for _, id := range []string{"", "../x", "a/b", "..", "a\x00b", "é"} {
		if err := f.Print(ctx, printer.Job{ID: id}, doc("x")); fault.CodeOf(err) != fault.PrintFailed {
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
	err := printer.Folder{Dir: filepath.Join(file, "sub")}.Print(ctx, printer.Job{ID: "1"}, doc("x"))
	if !errors.Is(err, fault.New(fault.PrinterAway)) {
		t.Errorf("got %v", err)
	}
}

func TestAfterACrashTheFolderProvesWhatWasPrinted(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p1.pdf"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	store := &memory{jobs: []printer.Job{
		{ID: "p1", Kind: printer.KindTicket, Ref: "t1", State: printer.Printing, Hub: "a"},
		{ID: "p2", Kind: printer.KindTicket, Ref: "t2", State: printer.Printing, Hub: "a"},
	}}
	s := printer.NewSpooler(printer.SpoolerConfig{Store: store, Driver: printer.Folder{Dir: dir}, Hub: "a",
		Clock: clockwork.NewFakeClock(), NewID: func() string { return "n" }, Documents: printer.DocumentsFunc(nil)})
	done, err := s.Sweep(ctx)
	if err != nil || done != (printer.Swept{Printed: 1, Unknown: 1}) {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestATicketGoesFromTheOrderToTheFolder(t *testing.T) {
	p, dir, store := press(t), t.TempDir(), &memory{}
	n := 0
	s := printer.NewSpooler(printer.SpoolerConfig{Store: store, Driver: printer.Folder{Dir: dir}, Clock: clockwork.NewFakeClock(),
		NewID: func() string { n++; return fmt.Sprint("job-", n) },
		Documents: printer.DocumentsFunc(func(_ context.Context, job printer.Job, _ printer.Format) (printer.Document, error) {
			tk := sampleTicket("zh-Hant", "pt")
			tk.Copy = job.Copy
			list, err := p.Ticket(tk)
			return printer.Document{Pages: []*layout.List{list}, Made: tk.Issued}, err
		})})
	job, err := s.Print(ctx, "mong-son", printer.KindTicket, "t1")
	if err != nil || job.State != printer.Printed {
		t.Fatalf("%+v, %v", job, err)
	}
	doc, err := os.ReadFile(filepath.Join(dir, "job-1.pdf"))
	if err != nil || !strings.HasPrefix(string(doc), "%PDF-") {
		t.Errorf("%d bytes, %v", len(doc), err)
	}
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/cmd/vez/printjobs"
	"vez/config"
	"vez/event"
	"vez/hall"
	"vez/hall/halltest"
	"vez/ledger"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/spool/spooltest"
)

// printRoom is the store of jobs and printers as serve joins it: hall and
// ledger on SQLite.
func printRoom(t *testing.T, machine clockwork.Clock) spooltest.Backend {
	t.Helper()
	house := clockwork.NewFakeClockAt(halltest.At("09:30"))
	db, err := ledger.Open(context.Background(), ledger.Config{Dir: t.TempDir(), House: house, Machine: machine,
		Zone: func(id string) *time.Location { return halltest.Macao().Office(id).Location() }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h := hall.New(hall.Config{Catalogue: halltest.Macao(), Ledger: hall.Over(db), House: house, Machine: machine, Codes: halltest.NewCodes(t)})
	return spooltest.Backend{Jobs: printjobs.Jobs{Hall: h}, Store: records{db}, Leases: db, Ticket: func(by string) (printer.Job, error) {
		act := hall.Act{Actor: "clerk:c", Key: event.Key{}}
		if by != "" {
			act.Actor = by
		}
		is, err := h.Issue(context.Background(), act, hall.IssueRequest{Office: spooltest.Office, Service: "dsi-criminal-record", Print: true})
		return printjobs.Task(is.Print).Job, err
	}}
}

func TestTheLedgerKeepsJobsPrintersAndLeases(t *testing.T) {
	spooltest.Contract(t, func(t *testing.T) spooltest.Backend { return printRoom(t, clockwork.NewRealClock()) })
}

func TestOnARealLedgerATicketIsOnPaperAtMostOnceAndNeverForgotten(t *testing.T) {
	spooltest.Schedules(t, spooltest.Plan{Seed: 1001, N: 25, Open: func(t *testing.T, clock *clockwork.FakeClock) spooltest.Backend {
		return printRoom(t, clock)
	}})
}

func TestTheFolderLosesOldPapersAtTheStartAndEveryDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewRealClock() // the bubble's
		h := &hub{s: config.Settings{Data: t.TempDir()}, machine: clock, log: slog.New(slog.DiscardHandler)}
		dir := drive.Paper(h.s.Data)
		write := func(name string, age time.Duration) func() bool {
			file, at := filepath.Join(dir, name), clock.Now().Add(-age)
			if err := errors.Join(os.MkdirAll(dir, 0o750), os.WriteFile(file, []byte("x"), 0o600), os.Chtimes(file, at, at)); err != nil {
				t.Fatal(err)
			}
			return func() bool { _, err := os.Stat(file); return err == nil }
		}
		old := write("0193591e-7a00-7000-8000-000000000001.pdf", papersKept+time.Hour)
		young := write("0193591e-7a00-7000-8000-000000000002.pdf", papersKept-time.Hour)
		report := write("report.pdf", 2*papersKept)
		go h.sweepPapers(t.Context())
		synctest.Wait()
		if old() || !young() || !report() {
			t.Errorf("at the start: old %v, young %v, report %v", old(), young(), report())
		}
		clock.Sleep(papersEvery)
		synctest.Wait()
		if young() || !report() {
			t.Errorf("a day later: young %v, report %v", young(), report())
		}
	})
}

func TestAMachineKeepsItsNameWhenItsContainerIsReplaced(t *testing.T) {
	data := t.TempDir()
	first, err := hostName(data)
	if err != nil || first == "" {
		t.Fatalf("%q, %v", first, err)
	}
	if err := os.WriteFile(filepath.Join(data, "host"), []byte("kiosk-box-3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := hostName(data); err != nil || again != "kiosk-box-3" {
		t.Errorf("%q, %v", again, err)
	}
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/cmd/vez/printjobs"
	"vez/event"
	"vez/hall"
	"vez/hall/halltest"
	"vez/ledger"
	"vez/printer"
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

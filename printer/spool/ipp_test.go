package spool_test

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/ipp/ipptest"
	"vez/printer/spool"
	"vez/printer/spool/spooltest"
)

// The spool has less patience than the driver. What it gives up must not come
// out of the printer when a stranger's long job is done: the holder has been
// sent to the phone by then.
func TestATicketBehindAStrangersJobDoesNotComeOutLater(t *testing.T) {
	clock := clockwork.NewRealClock()
	m, at := spooltest.NewMemory(clock), ipptest.Start(t, ipptest.Options{})
	pace := spool.Pace{Print: 4 * time.Second, Status: 50 * time.Millisecond, Trouble: 50 * time.Millisecond, Refresh: 50 * time.Millisecond,
		Poll: 20 * time.Millisecond, Patience: 200 * time.Millisecond}
	fleet := spool.NewFleet(spool.FleetConfig{Store: m, Jobs: m, Clock: clock, NewID: func() string { return "p" }, Host: "here", Pace: pace})
	codes := make(chan string, 10)
	s := spool.New(spool.Config{Fleet: fleet, Jobs: m, Leases: m, Clock: clock, Hub: "hub", Host: "here", Pace: pace,
		BuiltIn: drive.Folder{Dir: t.TempDir()},
		Open: func(p spool.Printer) (printer.Driver, error) {
			return drive.Open(p.Address, drive.Options{Clock: clock})
		},
		Documents: printer.DocumentsFunc(func(_ context.Context, _ printer.Job, f printer.Format) (printer.Document, error) {
			return spooltest.Page(f), nil
		}),
		Probe: func(_ context.Context, _ printer.Job, p spool.Printer, code string) (printer.Document, error) {
			codes <- code
			return spooltest.Page(p.Format), nil
		}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	defer func() { stop(); <-ended }()
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	becomes := func(id string, want printer.State) spool.Task {
		t.Helper()
		for began := clock.Now(); ; <-look.C {
			now, err := m.Job(ctx, id)
			if err != nil || now.State == printer.Unknown || clock.Since(began) > time.Minute {
				t.Fatalf("%s is not %s: %+v, %v", id, want, now, err)
			}
			if now.State == want {
				return now
			}
		}
	}

	p, err := fleet.Add(ctx, "staff:m", spool.Draft{Office: office, Name: "A4", Address: at.URI()})
	if err != nil {
		t.Fatal(err)
	}
	becomes("job-0000", printer.Printed)
	if p, err = fleet.Confirm(ctx, p.ID, <-codes); err != nil || !p.Confirmed {
		t.Fatalf("%+v, %v", p, err)
	}
	at.Occupied(true)
	j := m.Add(office, printer.KindTicket, "")
	if got := becomes(j.ID, printer.Moved); got.Reason != string(fault.PrinterStuck) {
		t.Errorf("%+v", got)
	}
	at.Occupied(false)
	if n := at.Count(j.ID); n != 0 {
		t.Errorf("%d papers came out after all", n)
	}
}

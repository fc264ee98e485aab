package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/uuid"

	"vez/hall"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/spool"
)

// openSpool joins printers, jobs and artwork; nothing prints before startSpool.
func (h *hub) openSpool() error {
	host, err := hostName(h.s.Data)
	if err != nil {
		return err
	}
	store := jobs{h.hall}
	h.fleet = spool.NewFleet(spool.FleetConfig{Store: records{h.memory.db}, Jobs: store, Clock: h.machine, NewID: uuid.NewString,
		Host: host, Log: h.log})
	h.spool = spool.New(spool.Config{Fleet: h.fleet, Jobs: store, Leases: h.memory.db, Documents: h.papers, Probe: h.papers.probe,
		Open:    h.openPrinter,
		BuiltIn: drive.OpenFolder(drive.Paper(h.s.Data), h.machine),
		Clock:   h.machine, Hub: h.name, Host: host, Log: h.log})
	return nil
}

func (h *hub) openPrinter(p spool.Printer) (printer.Driver, error) {
	return drive.Open(p.Address, drive.Options{DataDir: h.s.Data, Format: p.Format, Clock: h.machine, Log: h.log})
}

// startSpool begins to print. The function that it gives ends that; what it
// gives in turn is closed when the last paper is out.
func (h *hub) startSpool(ctx context.Context) func() <-chan struct{} {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.spool.Run(ctx)
	}()
	return func() <-chan struct{} {
		cancel()
		return done
	}
}

// hostName names this machine, to which printers at a cable belong. It is
// written down once, because a container's own name is another after every
// update.
func hostName(data string) (string, error) {
	file := filepath.Join(data, "host")
	text, err := os.ReadFile(file)
	if name := strings.TrimSpace(string(text)); err == nil && name != "" {
		return name, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	name, err := os.Hostname()
	if err != nil || name == "" {
		name = uuid.NewString()[:8]
	}
	return name, os.WriteFile(file, []byte(name+"\n"), 0o600)
}

// jobs keeps the printing room's jobs in the ledger, through the hall that
// records them together with the ticket they print.
type jobs struct{ hall *hall.Hall }

func toTask(j hall.PrintJob) spool.Task {
	t := spool.Task{Job: printer.Job{ID: j.ID, Office: j.Office, Kind: printer.Kind(j.Kind), Ref: j.Ref, Copy: j.Copy,
		State: printer.State(j.State), By: j.By, Large: j.Large, Printer: j.Printer, Hub: j.Hub, Reason: j.Reason, At: j.At}}
	for _, try := range j.Tries {
		t.Tries = append(t.Tries, spool.Try(try))
	}
	return t
}

func fromTask(t spool.Task) hall.PrintJob {
	j := hall.PrintJob{ID: t.ID, Office: t.Office, Kind: string(t.Kind), Ref: t.Ref, Copy: t.Copy, State: string(t.State), By: t.By,
		Large: t.Large, Printer: t.Printer, Hub: t.Hub, Reason: t.Reason, At: t.At}
	for _, try := range t.Tries {
		j.Tries = append(j.Tries, hall.PrintTry(try))
	}
	return j
}

// Pending lists by id, which is by age.
func (s jobs) Pending(ctx context.Context) ([]spool.Task, error) {
	all, err := s.hall.PendingPrints(ctx)
	out := make([]spool.Task, len(all))
	for i, j := range all {
		out[i] = toTask(j)
	}
	return out, err
}

func (s jobs) Job(ctx context.Context, id string) (spool.Task, error) {
	j, err := s.hall.PrintJob(ctx, id)
	return toTask(j), err
}

func (s jobs) Mark(ctx context.Context, was, next spool.Task) (bool, error) {
	return s.hall.MarkPrint(ctx, fromTask(was), fromTask(next))
}

func (s jobs) Ask(ctx context.Context, office string, kind printer.Kind, ref string) (printer.Job, error) {
	j, err := s.hall.AskPaper(ctx, hall.Act{Actor: "job:spool"}, hall.PaperRequest{Office: office, Kind: string(kind), Ref: ref, Again: true})
	return toTask(j).Job, err
}

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"vez/cmd/vez/printjobs"
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
	store := printjobs.Jobs{Hall: h.hall}
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
		var work sync.WaitGroup
		work.Go(func() { h.spool.Run(ctx) })
		work.Go(func() { h.sweepPapers(ctx) })
		work.Wait()
	}()
	return func() <-chan struct{} {
		cancel()
		return done
	}
}

const (
	// papersKept is how long the built-in folder keeps a paper: as long as its job
	// can be looked up. It shares its disk with the ledger.
	papersKept  = 31 * 24 * time.Hour
	papersEvery = 24 * time.Hour
)

// sweepPapers removes old papers from the built-in folder, at once and every day until ctx ends.
func (h *hub) sweepPapers(ctx context.Context) {
	tick := h.machine.NewTicker(papersEvery)
	defer tick.Stop()
	folder := drive.Folder{Dir: drive.Paper(h.s.Data)}
	for {
		removed, err := folder.Sweep(h.machine.Now().Add(-papersKept))
		if err != nil {
			h.log.Warn("old papers in the folder", "err", err)
		}
		if removed > 0 {
			h.log.Info("old papers removed from the folder", "count", removed)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.Chan():
		}
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

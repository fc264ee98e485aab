package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/spf13/cobra"

	bookingpages "vez/booking/pages"
	"vez/config"
	"vez/hall"
	"vez/identity"
	"vez/locale"
	"vez/office"
	"vez/printer"
	"vez/printer/spool"
	"vez/reminder"
	"vez/web"
)

// stopWithin is how long open requests may take at the end.
const stopWithin = 10 * time.Second

func serveCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "serve", Short: "Run a hub: pages, API, live queues", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		s, err := settings(cmd)
		if err != nil {
			return err
		}
		return serve(cmd.Context(), s)
	}}
	config.AddFlags(cmd.Flags())
	return cmd
}

func newLog(s config.Settings) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(s.Log.LogLevel)) // checked with the settings
	opts := &slog.HandlerOptions{Level: level}
	if s.Log.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}

// hub is one running process: the rooms, joined.
type hub struct {
	// name tells this run of the program from all others on the same ledger.
	name      string
	s         config.Settings
	log       *slog.Logger
	house     clockwork.Clock
	machine   clockwork.Clock
	cat       *office.Catalogue
	text      *locale.Bundle
	memory    *memory
	health    *health
	outages   *outages
	hall      *hall.Hall
	press     *printer.Press
	papers    papers
	fleet     *spool.Fleet
	spool     *spool.Spooler
	contacts  *reminder.Contacts
	links     *bookingpages.Links
	reminders *reminder.Service
	who       *identity.Service
	app       *web.App
	metrics   *metrics
	// scratch is the folder of a demo that was given none; it goes with the hub.
	scratch string
}

func hubName() string {
	host, _ := os.Hostname()
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), uuid.NewString()[:8])
}

// serve runs a hub until ctx ends.
func serve(ctx context.Context, s config.Settings) error {
	h := &hub{s: s, log: newLog(s), machine: clockwork.NewRealClock(), metrics: newMetrics(), name: hubName()}
	if bad := s.CheckServing(isFolder); config.Failed(bad) {
		_ = config.Report(os.Stderr, bad, false)
		return errors.New("the settings do not suffice to serve; vez check explains them")
	}
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s (is another program using it? choose one with --listen): %w", s.Listen, err)
	}
	defer ln.Close()
	if err := h.open(ctx, ln.Addr().String()); err != nil {
		return err
	}
	defer h.close()
	return h.run(ctx, ln)
}

// open builds the rooms from the bottom up.
func (h *hub) open(ctx context.Context, addr string) error {
	defer roomToStart()()
	err := h.readTexts()
	if err != nil {
		return err
	}
	if err = h.openData(addr); err != nil {
		return err
	}
	if h.house, err = h.houseClock(); err == nil {
		h.memory, err = openMemory(ctx, h.s, h.cat, h.house, h.machine, h.log)
	}
	if err == nil {
		h.health = newHealth(h.memory.db.Ping, h.house, h.machine, h.log)
		err = h.openHall(ctx)
	}
	if err == nil {
		err = h.openWeb(ctx)
	}
	if err != nil {
		h.close()
	}
	return err
}

// close ends what open began, and clears away the folder of a demo that was not given one.
func (h *hub) close() {
	if h.memory != nil {
		h.memory.Close()
	}
	if h.scratch == "" {
		return
	}
	if err := os.RemoveAll(h.scratch); err != nil {
		h.log.Warn("the folder of the demo is left behind", "folder", h.scratch, "error", err)
	}
}

// openData makes the data folder and fills in the public address of a demo.
func (h *hub) openData(addr string) error {
	if h.s.URL == "" {
		h.s.URL = "http://" + strings.Replace(addr, "127.0.0.1", "localhost", 1)
	}
	h.s.URL = strings.TrimSuffix(h.s.URL, "/")
	if h.s.Demo.Enabled && h.s.Data == "" {
		var err error
		h.scratch, err = os.MkdirTemp("", "vez-demo-")
		h.s.Data = h.scratch
		return err
	}
	h.s.Data = h.s.DataFolder()
	if err := os.MkdirAll(h.s.Data, 0o700); err != nil {
		return fmt.Errorf("the data folder cannot be made; name another with --data: %w", err)
	}
	return nil
}

func (h *hub) openHall(ctx context.Context) error {
	codes, err := openCodes(ctx, h.memory.db)
	if err != nil {
		return err
	}
	h.outages = &outages{store: records{h.memory.db}, house: h.house, machine: h.machine, speed: h.speed(), ahead: h.ahead}
	if err := h.outages.beat(ctx); err != nil {
		return err
	}
	h.hall = hall.New(hall.Config{Catalogue: h.cat, Ledger: tallied{hall.Over(h.memory.db), h.health, h.metrics.changed}, House: h.house, Machine: h.machine,
		Codes: codes, Estimate: h.memory.live, Outage: h.outages.between, Ahead: h.houseAhead, Unlimited: h.s.Demo.Enabled,
		Asked: func(office string) { h.spool.Nudge(office) }})
	dirs := append(append([]string(nil), h.s.Fonts...), filepath.Join(h.s.Data, "fonts"), "fonts", "/usr/share/fonts")
	h.press = printer.NewPress(printer.NewFonts(dirs...), words{h.text})
	h.links = bookingpages.NewLinks(h.hall, h.memory.live)
	h.papers = papers{hall: h.hall, live: h.memory.live, press: h.press, batch: h.memory.db.BatchOf, url: h.s.URL}
	if err := h.openSpool(); err != nil {
		return err
	}
	return h.openReminders(ctx)
}

// run serves until ctx ends, then stops in the order: jobs, streams, HTTP, memories.
func (h *hub) run(ctx context.Context, ln net.Listener) error {
	sched, err := startJobs(h)
	if err != nil {
		return err
	}
	stopSpool := h.startSpool(ctx)
	stopHealth := h.startHealth(ctx)
	stopSettling := h.startSettling(ctx)
	served := make(chan error, 1)
	go func() { served <- h.app.Serve(ln) }()
	h.log.Info("Vez is open", "url", h.s.URL, "listen", ln.Addr().String(), "data", h.s.Data, "house_time", h.house.Now().Format(time.RFC3339))
	stopDemo := h.startDemo(ctx, ln.Addr().String())
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	stopDemo()
	stopSettling()
	stopHealth()
	h.stopReminders(ctx)
	_ = sched.Shutdown()
	papersOut := stopSpool()
	h.memory.live.Close()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	err = errors.Join(err, h.app.Shutdown(stop))
	<-papersOut
	return err
}

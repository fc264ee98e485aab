package spool

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/printer"
)

// Config is what a Spooler works with; Log and Pace may be zero, all else must
// be set.
type Config struct {
	Fleet     *Fleet
	Jobs      Jobs
	Leases    Leases
	Documents printer.Documents
	// Probe composes the page that proves a printer; code is "" for a mere test.
	Probe func(ctx context.Context, job printer.Job, p Printer, code string) (printer.Document, error)
	// Open gives the driver of a printer.
	Open func(p Printer) (printer.Driver, error)
	// BuiltIn prints for offices without printers.
	BuiltIn printer.Driver
	Clock   clockwork.Clock
	// Hub names this run of the program among all that share the store; no
	// later run has the same name.
	Hub string
	// Host names this machine, as in FleetConfig.
	Host string
	Log  *slog.Logger
	Pace Pace
}

// Spooler prints the jobs of a hub's printers. Several may share a store.
type Spooler struct {
	c    Config
	wake chan struct{}
	hub  lease // that this hub lives: what it prints is not taken from it

	mu      sync.Mutex
	inHand  map[string]bool // jobs that this hub works on
	keepers map[string]*keeper

	memory map[string]*memo // the dispatcher's own, by job
}

// New makes a spooler; see Run.
func New(c Config) *Spooler {
	c.Pace = c.Pace.withDefaults()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Spooler{c: c, wake: make(chan struct{}, 1), inHand: map[string]bool{}, keepers: map[string]*keeper{}, memory: map[string]*memo{}}
}

// Nudge tells that a job was recorded at an office, so that it is not first
// found by looking. It does not block.
func (s *Spooler) Nudge(string) {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Run prints until ctx ends; then it lets what is printing end, for as long as
// Pace.Grace, and gives its printers to the other hubs.
func (s *Spooler) Run(ctx context.Context) {
	prints, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var work, keepers sync.WaitGroup
	s.addKeeper(ctx, prints, &keepers, Printer{ID: BuiltIn, Format: printer.Roll80, Confirmed: true})
	for _, loop := range []func(context.Context){
		func(ctx context.Context) { s.keep(ctx, prints, &keepers) },
		func(ctx context.Context) { s.every(ctx, s.c.Pace.Poll, s.wake, s.dispatch) },
	} {
		work.Go(func() { loop(ctx) })
	}
	work.Wait()
	late := s.c.Clock.AfterFunc(s.c.Pace.Grace, stop)
	defer late.Stop()
	keepers.Wait()
	s.release(context.WithoutCancel(ctx))
}

// every calls do at once, then in every pace and whenever wake rings.
func (s *Spooler) every(ctx context.Context, pace time.Duration, wake <-chan struct{}, do func(context.Context)) {
	tick := s.c.Clock.NewTicker(pace)
	defer tick.Stop()
	for {
		do(ctx)
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-tick.Chan():
		}
	}
}

// keep renews this hub's leases, and reads the fleet anew.
func (s *Spooler) keep(ctx, prints context.Context, keepers *sync.WaitGroup) {
	rung, cancel := s.c.Fleet.Subscribe("")
	defer cancel()
	var renewed time.Time
	var known []string
	s.every(ctx, s.c.Pace.Refresh, rung, func(ctx context.Context) {
		if err := s.c.Fleet.Refresh(ctx); err != nil && ctx.Err() == nil {
			s.c.Log.Warn("printers cannot be read", "err", err)
		}
		now, here := s.c.Clock.Now(), s.here()
		if now.Sub(renewed) < s.c.Pace.Lease/3 && slices.Equal(known, ids(here)) {
			return
		}
		renewed, known = now, ids(here)
		s.renew(ctx, &s.hub, "spool:"+s.c.Hub)
		for _, p := range here {
			k := s.addKeeper(ctx, prints, keepers, p)
			s.renew(ctx, &k.lease, "printer:"+p.ID)
			if k.held() {
				s.c.Fleet.beat(ctx, p.ID, s.c.Hub)
			}
		}
		s.dropKeepers(known)
		s.Nudge("")
	})
}

// here are the printers that this machine can reach.
func (s *Spooler) here() []Printer {
	return slices.DeleteFunc(s.c.Fleet.all(), func(p Printer) bool { return p.Host != "" && p.Host != s.c.Host })
}

func ids(printers []Printer) []string {
	out := make([]string, len(printers))
	for i, p := range printers {
		out[i] = p.ID
	}
	return out
}

// addKeeper gives the keeper of a printer, which begins to work if it is new.
func (s *Spooler) addKeeper(ctx, prints context.Context, keepers *sync.WaitGroup, p Printer) *keeper {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.keepers[p.ID]
	if k == nil {
		k = &keeper{s: s, id: p.ID, p: p, wake: make(chan struct{}, 1), quit: make(chan struct{})}
		s.keepers[p.ID] = k
		keepers.Go(func() { k.run(ctx, prints) })
	}
	return k
}

// dropKeepers ends the keepers of printers that were removed.
func (s *Spooler) dropKeepers(here []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, k := range s.keepers {
		if id != BuiltIn && !slices.Contains(here, id) {
			close(k.quit)
			delete(s.keepers, id)
		}
	}
}

func (s *Spooler) keeper(id string) *keeper {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keepers[id]
}

// release gives all leases up, so that others need not wait for their end.
func (s *Spooler) release(ctx context.Context) {
	ctx, cancel := within(ctx, s.c.Clock, s.c.Pace.Grace)
	defer cancel()
	past := s.c.Clock.Now().Add(-time.Second)
	for id, k := range s.keepers {
		if k.lease.held(s.c.Clock.Now()) && id != BuiltIn {
			_, _ = s.c.Leases.Lease(ctx, "printer:"+id, s.c.Hub, past)
		}
	}
	// What is still in hand stays this hub's until the lease ends by itself.
	if len(s.inHand) == 0 {
		_, _ = s.c.Leases.Lease(ctx, "spool:"+s.c.Hub, s.c.Hub, past)
	}
}

// lease is what a hub knows of one of its leases.
type lease struct {
	mu    sync.Mutex
	until time.Time
}

func (l *lease) held(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return now.Before(l.until)
}

func (s *Spooler) renew(ctx context.Context, l *lease, name string) {
	until := s.c.Clock.Now().Add(s.c.Pace.Lease)
	got, err := s.c.Leases.Lease(ctx, name, s.c.Hub, until)
	switch {
	case err != nil:
		if ctx.Err() == nil {
			s.c.Log.Warn("lease", "name", name, "err", err)
		}
		return // the one before may still run
	case !got:
		until = time.Time{}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.until = until
}

// hold takes a job in hand; false when somebody of this hub has it already.
func (s *Spooler) hold(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inHand[id] {
		return false
	}
	s.inHand[id] = true
	return true
}

func (s *Spooler) letGo(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.inHand, id)
}

// mark changes a job in the store, and in the caller's hand if that worked.
func (s *Spooler) mark(ctx context.Context, t *Task, next Task) (bool, error) {
	next.At = s.c.Clock.Now()
	ctx, cancel := within(context.WithoutCancel(ctx), s.c.Clock, s.c.Pace.Grace)
	defer cancel()
	changed, err := s.c.Jobs.Mark(ctx, *t, next)
	if err != nil {
		return false, fmt.Errorf("mark print job %s as %s: %w", t.ID, next.State, err)
	}
	if changed {
		*t = next
	}
	return changed, nil
}

// within is a context that ends after a time of the given clock.
func within(ctx context.Context, clock clockwork.Clock, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	timer := clock.AfterFunc(d, cancel)
	return ctx, func() {
		timer.Stop()
		cancel()
	}
}

package spooltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/layout"
	"vez/printer/spool"
)

// World is a store with hubs and emulated printers, in a time that runs a
// hundred times as fast as ours.
type World struct {
	Backend
	T     testing.TB
	Clock *clockwork.FakeClock
	// Machines by address; "" is the built-in folder's.
	Machines map[string]*Machine
	// Random, if not nil, makes the store fail now and then.
	Random *rand.Rand
	// Documents, if not nil, stand for an empty page.
	Documents printer.Documents

	mu   sync.Mutex
	n    int
	hubs []*Hub

	pause *time.Ticker
}

// Hub is one running spooler.
type Hub struct {
	*spool.Spooler
	Fleet *spool.Fleet
	Name  string

	world *World
	dead  atomic.Bool
	stop  context.CancelFunc
	done  chan struct{}
	codes sync.Map // last code by printer
}

// NewWorld makes a world on a backend whose leases go by clock.
func NewWorld(t testing.TB, clock *clockwork.FakeClock, b Backend) *World {
	w := &World{Backend: b, T: t, Clock: clock, Machines: map[string]*Machine{}, pause: time.NewTicker(pause)}
	w.Machine("")
	t.Cleanup(w.end)
	return w
}

// Machine gives the emulated printer at an address.
func (w *World) Machine(address string) *Machine {
	m := w.Machines[address]
	if m == nil {
		m = &Machine{Clock: w.Clock}
		w.Machines[address] = m
	}
	return m
}

// end stops what still runs.
func (w *World) end() {
	for _, h := range w.hubs {
		h.Kill()
	}
	for _, h := range w.hubs {
		w.Until("hub "+h.Name+" ends", func() bool {
			select {
			case <-h.done:
				return true
			default:
				return false
			}
		})
	}
}

// Step is how far one step moves the clock.
const Step = 100 * time.Millisecond

// pause is how long a step takes in our time, so that stores and goroutines
// keep up.
const pause = time.Millisecond

// Step lets a moment pass.
func (w *World) Step() {
	w.Clock.Advance(Step)
	<-w.pause.C
}

// Pass lets time pass.
func (w *World) Pass(d time.Duration) {
	for ; d > 0; d -= Step {
		w.Step()
	}
}

// patience is how long, in the world's time, something may take before it is taken never to happen.
const patience = 10 * time.Minute

// Until lets time pass until something is so.
func (w *World) Until(what string, so func() bool) {
	w.T.Helper()
	for d := time.Duration(0); !so(); d += Step {
		if d > patience {
			w.T.Fatalf("it never happened that %s\n%s", what, w.describe())
		}
		w.Step()
	}
}

func (w *World) describe() string {
	var b strings.Builder
	all, err := w.Jobs.Pending(context.Background())
	fmt.Fprintf(&b, "pending: %+v, %v\n", all, err)
	for _, h := range w.hubs {
		fmt.Fprintf(&b, "%s dead=%v: %+v\n", h.Name, h.dead.Load(), h.Fleet.State(Office))
	}
	return b.String()
}

// Hub starts a hub on a machine.
func (w *World) Hub(host string) *Hub {
	w.mu.Lock()
	w.n++
	h := &Hub{Name: fmt.Sprintf("hub-%d", w.n), world: w, done: make(chan struct{})}
	w.mu.Unlock()
	s := &shaky{h: h}
	next := 0
	h.Fleet = spool.NewFleet(spool.FleetConfig{Store: s, Jobs: s, Clock: w.Clock, Host: host,
		NewID: func() string { next++; return fmt.Sprintf("%s-p%d", h.Name, next) }})
	docs := w.Documents
	if docs == nil {
		docs = printer.DocumentsFunc(func(_ context.Context, _ printer.Job, f printer.Format) (printer.Document, error) {
			return Page(f), nil
		})
	}
	h.Spooler = spool.New(spool.Config{Fleet: h.Fleet, Jobs: s, Leases: s, Clock: w.Clock, Hub: h.Name, Host: host, Documents: docs,
		BuiltIn: w.Machine("").Driver(h.dead.Load),
		Open:    func(p spool.Printer) (printer.Driver, error) { return w.open(p, h) },
		Probe: func(_ context.Context, _ printer.Job, p spool.Printer, code string) (printer.Document, error) {
			h.codes.Store(p.ID, code)
			return Page(p.Format), nil
		}})
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	w.hubs = append(w.hubs, h)
	go func() {
		defer close(h.done)
		h.Run(ctx)
	}()
	return h
}

func (w *World) open(p spool.Printer, h *Hub) (printer.Driver, error) {
	m := w.Machines[p.Address]
	if m == nil {
		return nil, fmt.Errorf("no machine at %s", p.Address)
	}
	return m.Driver(h.dead.Load), nil
}

// Page is an empty page.
func Page(f printer.Format) printer.Document {
	return printer.Document{Format: f, Pages: []*layout.List{{Title: "page", Width: 576, Height: 80}}}
}

// Kill ends a hub as a power cut would: nothing it does from here on reaches
// store or printer.
func (h *Hub) Kill() {
	h.dead.Store(true)
	h.stop()
	for _, m := range h.world.Machines {
		m.set(func() {})
	}
}

// Stop ends a hub as an operator would.
func (h *Hub) Stop() {
	h.stop()
	h.world.Until(h.Name+" has stopped", func() bool {
		select {
		case <-h.done:
			return true
		default:
			return false
		}
	})
}

// Code is what the page said that a printer printed last at this hub.
func (h *Hub) Code(id string) string {
	code, _ := h.codes.Load(id)
	text, _ := code.(string)
	return text
}

// Printer adds a printer at an address and confirms it with the code of its page, through a hub that
// reaches it.
func (w *World) Printer(h *Hub, d spool.Draft) spool.Printer {
	w.T.Helper()
	d.Office = Office
	if d.Name == "" {
		d.Name = d.Address
	}
	w.Machine(d.Address)
	p, err := h.Fleet.Add(context.Background(), "staff:m", d)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Until("page of "+d.Address, func() bool { return len(w.Machine(d.Address).Out()) > 0 })
	w.Until("printer is seen", func() bool {
		all := h.Fleet.State(Office)
		return len(all) > 0 && !all[0].State.KeeperSeen.IsZero()
	})
	if p, err = h.Fleet.Confirm(context.Background(), p.ID, h.Code(p.ID)); err != nil || !p.Confirmed {
		w.T.Fatalf("%+v, %v", p, err)
	}
	return p
}

// Becomes waits until a job is in a state.
func (w *World) Becomes(id string, state printer.State) spool.Task {
	w.T.Helper()
	var now spool.Task
	w.Until(fmt.Sprintf("job %s is %s", id, state), func() bool {
		var err error
		if now, err = w.Jobs.Job(context.Background(), id); err != nil {
			w.T.Fatal(err)
		}
		return now.State == state
	})
	return now
}

// shaky is a hub's way to the store: it ends with the hub, and fails now and
// then, before or after what was asked has been done.
type shaky struct{ h *Hub }

var errDead = errors.New("this hub was killed")

func (s *shaky) do(call func() error) error {
	fails := 0
	if w := s.h.world; w.Random != nil {
		w.mu.Lock()
		fails = w.Random.IntN(40)
		w.mu.Unlock()
	}
	if s.h.dead.Load() {
		return errDead
	}
	if fails == 1 {
		return fault.New(fault.LedgerAway)
	}
	err := call()
	if fails == 2 && err == nil {
		return fault.New(fault.UnknownOutcome)
	}
	if s.h.dead.Load() {
		return errDead
	}
	return err
}

func (s *shaky) Pending(ctx context.Context) (out []spool.Task, err error) {
	err = s.do(func() (err error) { out, err = s.h.world.Jobs.Pending(ctx); return err })
	return out, err
}

func (s *shaky) Job(ctx context.Context, id string) (out spool.Task, err error) {
	err = s.do(func() (err error) { out, err = s.h.world.Jobs.Job(ctx, id); return err })
	return out, err
}

func (s *shaky) Mark(ctx context.Context, was, next spool.Task) (ok bool, err error) {
	err = s.do(func() (err error) { ok, err = s.h.world.Jobs.Mark(ctx, was, next); return err })
	return ok && err == nil, err
}

func (s *shaky) Ask(ctx context.Context, office string, kind printer.Kind, ref string) (printer.Job, error) {
	j, err := s.h.world.Jobs.Ask(ctx, office, kind, ref)
	if err == nil {
		s.h.Nudge(office)
	}
	return j, err
}

func (s *shaky) Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error {
	return s.do(func() error { return s.h.world.Store.Put(ctx, kind, id, owner, data, expires) })
}

func (s *shaky) Get(ctx context.Context, kind, id string) (data []byte, ok bool, err error) {
	err = s.do(func() (err error) { data, ok, err = s.h.world.Store.Get(ctx, kind, id); return err })
	return data, ok, err
}

func (s *shaky) Delete(ctx context.Context, kind, id string) error {
	return s.do(func() error { return s.h.world.Store.Delete(ctx, kind, id) })
}

func (s *shaky) List(ctx context.Context, kind, owner string) (out map[string][]byte, err error) {
	err = s.do(func() (err error) { out, err = s.h.world.Store.List(ctx, kind, owner); return err })
	return out, err
}

func (s *shaky) Lease(ctx context.Context, name, holder string, until time.Time) (ok bool, err error) {
	err = s.do(func() (err error) { ok, err = s.h.world.Leases.Lease(ctx, name, holder, until); return err })
	return ok && err == nil, err
}

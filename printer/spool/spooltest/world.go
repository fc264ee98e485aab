package spooltest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
	"vez/printer/layout"
	"vez/printer/spool"
)

// Device is an emulated printer.
type Device interface {
	// Driver opens a line to it. A line that is dead belongs to a hub that was
	// killed, and does nothing more.
	Driver(dead func() bool) printer.Driver
	// Trouble makes it paper_out, cover_open or printer_stuck; "" ends that.
	Trouble(code fault.Code)
	// Cut cuts its line, or mends it.
	Cut(cut bool)
	// Restart switches it off and on.
	Restart()
	// Buried tells that a hub was killed.
	Buried()
	// Out lists the jobs that are on paper, one entry for each paper.
	Out() []string
}

// World is a store with hubs and emulated printers, in a time of its own: in a
// bubble of testing/synctest (see Alone) it goes on when nobody has anything
// left to do, else it runs up to a hundred times as fast as ours.
type World struct {
	Backend
	T     testing.TB
	Clock *clockwork.FakeClock
	// Devices by address that are other than a Machine; they are put here before
	// the first hub starts.
	Devices map[string]Device
	// Documents, if not nil, stand for an empty page.
	Documents printer.Documents
	// Askew is how far the clocks of hubs go before the world's that are started
	// from now on.
	Askew time.Duration
	// Alone: store, devices and hubs are in one bubble with the test.
	Alone bool

	mu       sync.Mutex
	machines map[string]*Machine // by address; "" is the built-in folder's
	random   *rand.Rand          // if not nil, the store fails now and then
	n        int
	hubs     []*Hub

	codes  sync.Map     // of the last page, by printer
	asking atomic.Int64 // questions that the store has not answered
	pause  *time.Ticker
}

// Hub is one running spooler.
type Hub struct {
	*spool.Spooler
	Fleet *spool.Fleet
	Name  string

	world *World
	clock askew
	dead  atomic.Bool
	stop  context.CancelFunc
	done  chan struct{}
}

// askew is a clock that goes before the world's, or after it.
type askew struct {
	*clockwork.FakeClock
	by time.Duration
}

func (a askew) Now() time.Time                  { return a.FakeClock.Now().Add(a.by) }
func (a askew) Since(t time.Time) time.Duration { return a.Now().Sub(t) }
func (a askew) Until(t time.Time) time.Duration { return t.Sub(a.Now()) }

// NewWorld makes a world on a backend whose leases go by clock.
func NewWorld(t testing.TB, clock *clockwork.FakeClock, b Backend) *World {
	w := &World{Backend: b, T: t, Clock: clock, machines: map[string]*Machine{}, Devices: map[string]Device{}, pause: time.NewTicker(pause)}
	w.Machine("")
	t.Cleanup(w.End)
	return w
}

// Alone runs a test in a bubble of testing/synctest with its own world in memory and
// a hub on the machine "here": nothing in it is left to how fast our machine is.
func Alone(t *testing.T, at time.Time, test func(t *testing.T, w *World, m *Memory, h *Hub)) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(at)
		m := NewMemory(clock)
		w := NewWorld(t, clock, m.Backend())
		w.Alone = true
		test(t, w, m, w.Hub("here"))
	})
}

// Machine gives the emulated printer at an address.
func (w *World) Machine(address string) *Machine {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.machines[address]
	if m == nil {
		m = &Machine{Clock: w.Clock}
		w.machines[address] = m
	}
	return m
}

// Device gives what is at an address.
func (w *World) Device(address string) Device {
	if d := w.Devices[address]; d != nil {
		return d
	}
	return w.Machine(address)
}

// Slow gives every step so much of our time, for devices that need it.
func (w *World) Slow(step time.Duration) { w.pause.Reset(step) }

// End stops what still runs.
func (w *World) End() {
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

// Step lets a moment pass, and gives everybody time to do what is to be done
// in it; a store outside a bubble, to answer.
func (w *World) Step() {
	w.Clock.Advance(Step)
	if w.Alone {
		synctest.Wait()
		return
	}
	<-w.pause.C
	for n := 0; n < slowest && w.asking.Load() > 0; n++ {
		<-w.pause.C
	}
}

// slowest is how many pauses a store may take to answer in no time.
const slowest = 500

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
	h.clock = askew{w.Clock, w.Askew}
	s := &shaky{h: h}
	next := 0
	h.Fleet = spool.NewFleet(spool.FleetConfig{Store: s, Jobs: s, Clock: h.clock, Host: host,
		NewID: func() string { next++; return fmt.Sprintf("%s-p%d", h.Name, next) }})
	docs := w.Documents
	if docs == nil {
		docs = printer.DocumentsFunc(func(_ context.Context, _ printer.Job, f printer.Format) (printer.Document, error) {
			return Page(f), nil
		})
	}
	h.Spooler = spool.New(spool.Config{Fleet: h.Fleet, Jobs: s, Leases: s, Clock: h.clock, Hub: h.Name, Host: host, Documents: docs,
		BuiltIn: w.Machine("").Driver(h.dead.Load),
		Open:    func(p spool.Printer) (printer.Driver, error) { return w.open(p, h) },
		Probe: func(ctx context.Context, job printer.Job, p spool.Printer, code string) (printer.Document, error) {
			w.codes.Store(p.ID, code)
			return docs.Document(ctx, job, p.Format)
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
	w.mu.Lock()
	known := w.Devices[p.Address] != nil || w.machines[p.Address] != nil
	w.mu.Unlock()
	if !known {
		return nil, fmt.Errorf("no machine at %s", p.Address)
	}
	return w.Device(p.Address).Driver(h.dead.Load), nil
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
	for _, d := range h.world.everything() {
		d.Buried()
	}
}

// everything lists the machines and the other devices.
func (w *World) everything() []Device {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Collect(maps.Values(w.Devices))
	for _, m := range w.machines {
		all = append(all, m)
	}
	return all
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

// Code is what the page said that a printer printed last.
func (w *World) Code(id string) string {
	code, _ := w.codes.Load(id)
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
	device := w.Device(d.Address)
	p, err := h.Fleet.Add(context.Background(), "staff:m", d)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Until("page of "+d.Address, func() bool { return len(device.Out()) > 0 })
	w.Until("printer is seen", func() bool {
		all := h.Fleet.State(Office)
		return len(all) > 0 && !all[0].State.KeeperSeen.IsZero()
	})
	if p, err = h.Fleet.Confirm(context.Background(), p.ID, w.Code(p.ID)); err != nil || !p.Confirmed {
		w.T.Fatalf("%+v, %v", p, err)
	}
	return p
}

// Becomes waits until a job is in a state.
func (w *World) Becomes(id string, state printer.State) spool.Task {
	w.T.Helper()
	for d := time.Duration(0); ; d += Step {
		now, err := w.Jobs.Job(context.Background(), id)
		if err != nil {
			w.T.Fatal(err)
		}
		if now.State == state {
			return now
		}
		if d > patience {
			w.T.Fatalf("it never happened that job %s is %s: %+v\n%s", id, state, now, w.describe())
		}
		w.Step()
	}
}

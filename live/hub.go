package live

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/office"
)

// Source is what live needs of the ledger.
type Source interface {
	// Heads of all offices that have events.
	Heads(ctx context.Context) ([]event.Head, error)
	// After lists an office's events after a sequence number, in order, at most limit.
	After(ctx context.Context, office string, seq int64, limit int) ([]event.Event, error)
	Snapshot(ctx context.Context, office string) (event.Snapshot, error)
}

// Feed is what live needs of the live queues in Redis.
type Feed interface {
	// Follow calls f with the events of the offices after the given heads, in
	// order, from one goroutine, until ctx ends. No events mean that the thread
	// was lost: some were missed. Being away is its own business: it comes back.
	Follow(ctx context.Context, from []event.Head, f func(office, epoch string, es []event.Event))
	// Health tells whether Redis answers, and since when that is so.
	Health() (ok bool, since time.Time)
}

// Config of a hub. Catalogue and Source are needed.
type Config struct {
	Catalogue *office.Catalogue
	Source    Source
	// Feed may be nil: then the ledger alone feeds the hub.
	Feed Feed
	// Presence gives the last sign of each console of an office, machine time; may be nil.
	Presence func(ctx context.Context, office string) (map[string]time.Time, error)
	// House is the clock of the halls, Machine the clock of the program; real ones when nil.
	House, Machine clockwork.Clock
	// MaxAge is how long a subscription lives before its browser must come again; an hour when 0.
	MaxAge time.Duration
	Log    *slog.Logger
}

// Hub holds every office's live state and tells subscribers of its changes.
// It is safe for concurrent use.
type Hub struct {
	cfg    Config
	log    *slog.Logger
	halls  map[string]*hall
	events chan []event.Event
	missed chan struct{} // a commit did not fit into events: compare now

	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup

	commits progress
	loading keyed
	news    freshness
	doubt   doubt
	newest  shared[[]event.Head]
	seen    presence
	closed  atomic.Bool
}

// buffered is how many commits may wait for the hub before it compares with the ledger instead.
const buffered = 4096

// NewHub makes a hub and starts it. Close it before the HTTP server.
func NewHub(cfg Config) *Hub {
	if cfg.House == nil {
		cfg.House = clockwork.NewRealClock()
	}
	if cfg.Machine == nil {
		cfg.Machine = clockwork.NewRealClock()
	}
	if cfg.MaxAge == 0 {
		cfg.MaxAge = time.Hour
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	h := &Hub{cfg: cfg, log: cfg.Log, halls: map[string]*hall{}, events: make(chan []event.Event, buffered), missed: make(chan struct{}, 1)}
	h.ctx, h.stop = context.WithCancel(context.Background())
	for _, o := range cfg.Catalogue.Offices {
		h.halls[o.ID] = newHall(o, cfg.Catalogue)
	}
	h.news.at, h.news.house = cfg.Machine.Now(), cfg.House.Now()
	h.start()
	return h
}

// Close ends all subscriptions first, then the hub's own work.
func (h *Hub) Close() {
	h.closeSubs()
	h.stop()
	h.wg.Wait()
}

// Committed takes the events of a commit of this process. It never blocks.
func (h *Hub) Committed(es []event.Event) {
	h.commits.came.Add(1)
	select {
	case h.events <- es:
	default:
		h.commits.did()
		h.compareSoon()
	}
}

func (h *Hub) compareSoon() {
	select {
	case h.missed <- struct{}{}:
	default:
	}
}

// StaleSince is when the last news came, in machine time, if neither Redis nor
// the ledger has answered for some seconds; zero while the views are fresh.
func (h *Hub) StaleSince() time.Time {
	if h.cfg.Feed != nil {
		if ok, _ := h.cfg.Feed.Health(); ok {
			return time.Time{}
		}
	}
	return h.news.staleSince(h.cfg.Machine.Now())
}

// staleHouse is StaleSince as the clock of the halls showed it.
func (h *Hub) staleHouse() time.Time {
	if h.StaleSince().IsZero() {
		return time.Time{}
	}
	h.news.mu.Lock()
	defer h.news.mu.Unlock()
	return h.news.house
}

// Board is a public screen's picture; zone "" means the whole hall. The error
// is fault.UnknownThing for an unknown office, or why it could not be read.
func (h *Hub) Board(ctx context.Context, office, zone string) (Board, error) {
	return view(ctx, h, office, func(x *hall, now, machine time.Time) Board {
		b := x.board(zone, now, machine)
		b.Stale = x.local(h.staleHouse())
		return b
	})
}

// Queues are the figures of an office's queues.
func (h *Hub) Queues(ctx context.Context, office string) (Queues, error) {
	return view(ctx, h, office, func(x *hall, now, _ time.Time) Queues {
		return Queues{Office: office, At: ID(x.head), Now: x.local(now), Hall: x.whole(now), Queues: x.queues(now), Stale: h.StaleSince()}
	})
}

// Position is what the holder of a ticket sees; fault.UnknownThing when the
// ticket is not of the office's day.
func (h *Hub) Position(ctx context.Context, office, ticket string) (Position, error) {
	var ok bool
	p, err := view(ctx, h, office, func(x *hall, now, machine time.Time) (p Position) {
		p, ok = x.position(ticket, now, machine)
		p.Stale = h.StaleSince()
		return p
	})
	if err == nil && !ok {
		return p, fault.New(fault.UnknownThing, "what", "ticket")
	}
	return p, err
}

// Line is what waits in some queues of an office, all of them when none is named. For staff.
func (h *Hub) Line(ctx context.Context, office string, queues ...string) (Line, error) {
	return view(ctx, h, office, func(x *hall, now, _ time.Time) Line {
		l := x.list(queues, now)
		l.Stale = h.StaleSince()
		return l
	})
}

// Counters are the desks of an office. For staff.
func (h *Hub) Counters(ctx context.Context, office string) (Counters, error) {
	seen := h.presence(ctx, office)
	return view(ctx, h, office, func(x *hall, now, machine time.Time) Counters {
		c := x.counters(seen, now, machine)
		c.Stale = h.StaleSince()
		return c
	})
}

// Counter is one desk. For staff.
func (h *Hub) Counter(ctx context.Context, office, counter string) (Counter, error) {
	c := h.cfg.Catalogue.Counter(counter)
	if c == nil || c.Office != office {
		return Counter{}, fault.New(fault.UnknownThing, "what", "counter")
	}
	seen := h.presence(ctx, office)
	return view(ctx, h, office, func(x *hall, _, machine time.Time) Counter { return x.counter(*c, seen, machine) })
}

// Head is how far the hub has come in an office.
func (h *Hub) Head(ctx context.Context, office string) (event.Head, error) {
	return view(ctx, h, office, func(x *hall, _, _ time.Time) event.Head { return x.head })
}

// State is an office's state, with its closures and pauses. It is there while
// the ledger is away, too.
func (h *Hub) State(ctx context.Context, id string) (office.State, error) {
	return view(ctx, h, id, func(x *hall, _, _ time.Time) office.State {
		s := x.state
		s.Closures = slices.Clone(s.Closures)
		return s
	})
}

// view loads an office if need be and reads from it what this process had committed before.
func view[T any](ctx context.Context, h *Hub, office string, read func(x *hall, now, machine time.Time) T) (T, error) {
	var zero T
	x := h.halls[office]
	if x == nil {
		return zero, fault.New(fault.UnknownThing, "what", "office")
	}
	if err := h.ensure(ctx, x); err != nil {
		return zero, err
	}
	h.commits.wait(ctx, h.ctx)
	x.mu.Lock()
	defer x.mu.Unlock()
	return read(x, h.cfg.House.Now(), h.cfg.Machine.Now()), nil
}

// freshness knows when the ledger was last asked something that it answered:
// the news may be as old as the question, and is never dated later.
type freshness struct {
	mu    sync.Mutex
	at    time.Time // machine time
	house time.Time // the same instant in house time
}

// staleAfter is the silence of both memories after which views say so.
const staleAfter = 5 * time.Second

// came notes an answer. One that was long in coming takes nothing from what was
// heard since it was asked for.
func (f *freshness) came(asked, house time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if asked.After(f.at) {
		f.at, f.house = asked, house
	}
}

func (f *freshness) staleSince(now time.Time) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Sub(f.at) < staleAfter {
		return time.Time{}
	}
	return f.at
}

// keyed is a mutex per key, so that an office is loaded once at a time.
type keyed struct {
	mu   sync.Mutex
	held map[string]chan struct{}
}

// lock waits for a key; false when ctx ended first.
func (k *keyed) lock(ctx context.Context, key string) bool {
	for {
		k.mu.Lock()
		busy, ok := k.held[key]
		if !ok {
			if k.held == nil {
				k.held = map[string]chan struct{}{}
			}
			k.held[key] = make(chan struct{})
			k.mu.Unlock()
			return true
		}
		k.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return false
		}
	}
}

func (k *keyed) unlock(key string) {
	k.mu.Lock()
	close(k.held[key])
	delete(k.held, key)
	k.mu.Unlock()
}

// offices lists the ids of all halls in catalogue order.
func (h *Hub) offices() []string {
	out := make([]string, 0, len(h.halls))
	for _, o := range h.cfg.Catalogue.Offices {
		out = append(out, o.ID)
	}
	return slices.Compact(out)
}

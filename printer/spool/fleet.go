package spool

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
)

// FleetConfig is what a Fleet works with; Log and Pace may be zero.
type FleetConfig struct {
	Store Store
	Jobs  Jobs
	Clock clockwork.Clock
	// NewID makes ids of printers.
	NewID func() string
	// Host names this machine, to which devices and folders belong.
	Host string
	Log  *slog.Logger
	Pace Pace
}

// Fleet knows the printers of all offices and how they are. Who may change them
// is for the screens to decide. It may be used by many goroutines.
type Fleet struct {
	c FleetConfig

	mu      sync.Mutex
	seen    map[string]Seen // by id; without the built-in folder
	signs   map[string]sign // by id: when this hub heard of a printer, by its own watch
	own     string          // the hub's name, once it keeps a printer
	ready   bool            // it has been read once
	edits   int             // of this hub: what was read before one is not believed after it
	builtIn State
	beaten  map[string]State // what this hub wrote last, by id
	rings   map[chan struct{}]ring
	guess   sync.Mutex // one code at a time
}

// sign is what a hub has heard of a printer, in its own time: hubs' clocks may
// differ, so an instant that another wrote says nothing about how long ago it was.
type sign struct {
	met  time.Time // when the printer was first read
	told string    // the state that was read last, as it was stored
}

// ring is somebody who wants to hear of an office.
type ring struct {
	office string
	last   string // what was shown last
}

// NewFleet makes a fleet that has seen nothing yet; see Refresh.
func NewFleet(c FleetConfig) *Fleet {
	c.Pace = c.Pace.withDefaults()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Fleet{c: c, seen: map[string]Seen{}, signs: map[string]sign{}, beaten: map[string]State{}, rings: map[chan struct{}]ring{}}
}

// List reads an office's printers as they are recorded, the first choice first; "" lists all.
func (f *Fleet) List(ctx context.Context, office string) ([]Printer, error) {
	docs, err := f.c.Store.List(ctx, kindPrinter, office)
	if err != nil {
		return nil, fmt.Errorf("printers of %q: %w", office, err)
	}
	out := make([]Printer, 0, len(docs))
	for _, data := range docs {
		var p Printer
		if err := json.Unmarshal(data, &p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b Printer) int { return before(printer.Job{}, a, b) })
	return out, nil
}

// Printer reads one; fault.UnknownThing when there is none.
func (f *Fleet) Printer(ctx context.Context, id string) (Printer, error) {
	data, ok, err := f.c.Store.Get(ctx, kindPrinter, id)
	if err != nil {
		return Printer{}, fmt.Errorf("printer %s: %w", id, err)
	}
	if !ok {
		return Printer{}, fault.New(fault.UnknownThing, "what", "printer")
	}
	var p Printer
	return p, json.Unmarshal(data, &p)
}

func (f *Fleet) put(ctx context.Context, p Printer) error {
	data, err := json.Marshal(p)
	if err == nil {
		err = f.c.Store.Put(ctx, kindPrinter, p.ID, p.Office, data, time.Time{})
	}
	if err != nil {
		return fmt.Errorf("printer %s: %w", p.ID, err)
	}
	f.mu.Lock()
	s := f.seen[p.ID]
	s.Printer = p
	f.seen[p.ID] = s
	f.meet(p)
	f.edits++
	f.mu.Unlock()
	f.tell()
	return nil
}

// Add records a printer that is not used yet and has it print the page with
// its code. Faults: invalid_field as in Draft; why "taken" with the name of the printer that has the
// address already.
func (f *Fleet) Add(ctx context.Context, by string, d Draft) (Printer, error) {
	p, err := d.printer(f.c.Host)
	if err != nil {
		return Printer{}, err
	}
	all, err := f.List(ctx, "")
	if err != nil {
		return Printer{}, err
	}
	for _, other := range all {
		if other.Address == p.Address && other.Host == p.Host {
			return Printer{}, fault.New(fault.InvalidField, "field", "address", "why", "taken", "printer", other.Name, "office", other.Office)
		}
	}
	p.ID, p.Added, p.AddedBy = f.c.NewID(), f.c.Clock.Now(), by
	if err := f.put(ctx, p); err != nil {
		return Printer{}, err
	}
	_, err = f.PrintProbe(ctx, p.ID)
	return p, err
}

// PrintProbe has a printer print its page: with a new code while it is not
// confirmed, as a test afterwards. How it went is the job's to say.
func (f *Fleet) PrintProbe(ctx context.Context, id string) (printer.Job, error) {
	p, err := f.Printer(ctx, id)
	if err != nil {
		return printer.Job{}, err
	}
	return f.c.Jobs.Ask(ctx, p.Office, printer.KindProbe, p.ID)
}

// Change alters a printer. Faults: not_found, invalid_field (name).
func (f *Fleet) Change(ctx context.Context, id string, c Change) (Printer, error) {
	p, err := f.Printer(ctx, id)
	if err != nil {
		return p, err
	}
	if c.Name != nil {
		if p.Name, err = cleanName(*c.Name); err != nil {
			return p, err
		}
	}
	if c.Rank != nil {
		p.Rank = *c.Rank
	}
	if c.Serves != nil {
		p.Serves = cleanServes(*c.Serves)
	}
	return p, f.put(ctx, p)
}

// Remove forgets a printer; one that is not there is no fault. What it prints
// at that moment comes out.
func (f *Fleet) Remove(ctx context.Context, id string) error {
	for _, kind := range []string{kindPrinter, kindState, kindCode} {
		if err := f.c.Store.Delete(ctx, kind, id); err != nil {
			return fmt.Errorf("printer %s: %w", id, err)
		}
	}
	f.mu.Lock()
	delete(f.seen, id)
	delete(f.signs, id)
	delete(f.beaten, id)
	f.edits++
	f.mu.Unlock()
	f.tell()
	return nil
}

// Refresh reads the printers and their states anew. The spooler does so once a
// second.
func (f *Fleet) Refresh(ctx context.Context) error {
	f.mu.Lock()
	edits := f.edits
	f.mu.Unlock()
	printers, err := f.List(ctx, "")
	if err != nil {
		return err
	}
	docs, err := f.c.Store.List(ctx, kindState, "")
	if err != nil {
		return fmt.Errorf("states of printers: %w", err)
	}
	f.mu.Lock()
	if f.edits != edits {
		f.mu.Unlock()
		return f.Refresh(ctx)
	}
	seen := make(map[string]Seen, len(printers))
	for _, p := range printers {
		f.meet(p)
		seen[p.ID] = Seen{Printer: p, State: f.heard(p.ID, string(docs[p.ID]))}
	}
	maps.DeleteFunc(f.signs, func(id string, _ sign) bool { _, there := seen[id]; return !there })
	f.seen, f.ready = seen, true
	f.mu.Unlock()
	f.tell()
	return nil
}

// meet notes when a printer was first seen.
func (f *Fleet) meet(p Printer) {
	s := f.signs[p.ID]
	if s.met.IsZero() {
		s.met = f.moment(p.Added, f.ready)
		f.signs[p.ID] = s
	}
}

// heard gives a printer's state after a look at what is stored. A document that
// is otherwise than at the last look is a sign of life of this moment.
func (f *Fleet) heard(id, stored string) State {
	was, s := f.seen[id].State, f.signs[id]
	heardOf := s.told != ""
	var now State
	if stored == s.told || json.Unmarshal([]byte(stored), &now) != nil {
		return was
	}
	s.told = stored
	f.signs[id] = s
	if now.Hub == f.own {
		return was // this hub knows better
	}
	now.KeeperSeen = f.moment(now.KeeperSeen, heardOf || f.ready)
	return now
}

// moment is when something was seen that is written down with an instant of
// somebody's clock: now, if it is new; what was there before this hub is as old as it says,
// but never so old that its keeper has no time for a sign of life.
func (f *Fleet) moment(written time.Time, isNew bool) time.Time {
	now := f.c.Clock.Now()
	least := now.Add(2*f.c.Pace.Beat - f.c.Pace.Stale)
	switch {
	case isNew || written.After(now):
		return now
	case written.Before(least):
		return least
	}
	return written
}

// equipped says whether an office has a printer for a job, by what is recorded
// this moment: a paper in the folder of an office that has just got a printer
// would be seen by nobody.
func (f *Fleet) equipped(ctx context.Context, j printer.Job) (bool, error) {
	printers, err := f.List(ctx, j.Office)
	return slices.ContainsFunc(printers, func(p Printer) bool { return takes(p, j) }), err
}

// read says whether the printers have been read.
func (f *Fleet) read() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ready
}

// all lists all printers of the snapshot, by id.
func (f *Fleet) all() []Printer {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Printer, 0, len(f.seen))
	for _, s := range f.seen {
		out = append(out, s.Printer)
	}
	slices.SortFunc(out, func(a, b Printer) int { return strings.Compare(a.ID, b.ID) })
	return out
}

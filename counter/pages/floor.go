package pages

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"vez/counter"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// floor is an office as the ledger says it is: its state, its open tickets and
// its counters. It is read for every page, and shared by the streams.
type floor struct {
	now     time.Time // house time, in the office's zone
	day     office.Day
	state   office.State
	tickets []ticket.Ticket
	shifts  map[string]counter.Shift
	// seen is each counter's state as others see it: lost when its console is
	// silent. Empty when the hub cannot tell.
	seen map[string]counter.State
}

func (r *room) readFloor(ctx context.Context, officeID string) (floor, error) {
	o := r.Hall.Catalogue().Office(officeID)
	if o == nil {
		return floor{}, fault.New(fault.UnknownThing, "what", officeID)
	}
	read := r.Hall.Read(ctx)
	f := floor{now: r.Hall.Now().In(o.Location()), shifts: map[string]counter.Shift{}, seen: map[string]counter.State{}}
	f.day = o.Day(f.now)
	var err error
	if f.state, err = read.State(officeID); err != nil {
		return f, err
	}
	if f.state.Day < f.day {
		// The close of an earlier day comes with the first change of this one.
		f.state = office.State{Office: officeID, Day: f.day, Closures: f.state.Closures}
		return f, nil
	}
	if f.tickets, err = read.Live(officeID, f.day); err != nil {
		return f, err
	}
	shifts, err := read.Shifts(officeID)
	if err != nil {
		return f, err
	}
	for _, s := range shifts {
		f.shifts[s.Counter] = s
	}
	if all, err := r.Live.Counters(ctx, officeID); err == nil {
		for _, c := range all.Counters {
			f.seen[c.Shift.Counter] = c.State
		}
	}
	return f, nil
}

// shift of a counter; a closed one where it was never opened.
func (f floor) shift(id string) counter.Shift {
	s, ok := f.shifts[id]
	if !ok || s.State == "" {
		s.Counter, s.State = id, counter.Closed
	}
	return s
}

// stateOf is a counter's state as others see it. What the ledger says wins,
// but for silence, which only the hub hears.
func (f floor) stateOf(id string) counter.State {
	s := f.shift(id)
	if s.State != counter.Closed && f.seen[id] == counter.Lost {
		return counter.Lost
	}
	return s.State
}

// ticket finds an open ticket; false when there is none.
func (f floor) ticket(id string) (ticket.Ticket, bool) {
	i := slices.IndexFunc(f.tickets, func(t ticket.Ticket) bool { return t.ID == id })
	if i < 0 || id == "" {
		return ticket.Ticket{}, false
	}
	return f.tickets[i], true
}

// in lists the tickets of some queues in a state, in the order of the line.
func (f floor) in(state ticket.State, queues func(string) bool) []ticket.Ticket {
	var out []ticket.Ticket
	for _, t := range f.tickets {
		if t.State == state && queues(t.Queue) {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b ticket.Ticket) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	return out
}

// needsSoftAfter is how long a soft need waits for a counter that meets it, as hall has it.
const needsSoftAfter = 5 * time.Minute

// next is whom a call would bring to a counter now; false when nobody may be called.
func (f floor) next(s counter.Shift, cat *office.Catalogue) (ticket.Pick, bool) {
	c := ticket.Choice{Now: f.now, Offers: s.Offers, SoftAfter: needsSoftAfter, NeedsElsewhere: func(n office.Need) bool {
		for _, other := range f.shifts {
			if other.Counter != s.Counter && other.State == counter.Open && slices.Contains(other.Offers, n) {
				return true
			}
		}
		return false
	}}
	for _, served := range s.Queues {
		q := cat.Queue(served.Queue)
		if q == nil {
			continue
		}
		line := f.in(ticket.Waiting, func(id string) bool { return id == q.ID })
		c.Queues = append(c.Queues, ticket.Queue{ID: q.ID, Line: line, Rules: q.RulesOn(f.day), AtLatest: served.AtLatest})
	}
	return ticket.Choose(c)
}

// floors lets the streams of an office share what one of them has read.
type floors struct {
	read  func(ctx context.Context, office string) (floor, error)
	asked atomic.Int64
	mu    sync.Mutex
	last  map[string]*reading

	keeping sync.Mutex
	kept    map[string]floor
}

// keep remembers an office for the time when the ledger is away.
func (f *floors) keep(officeID string, is floor) {
	f.keeping.Lock()
	defer f.keeping.Unlock()
	if f.kept == nil {
		f.kept = map[string]floor{}
	}
	f.kept[officeID] = is
}

// known is an office as it was last seen today; false when it was not.
func (f *floors) known(officeID string, day office.Day) (floor, bool) {
	f.keeping.Lock()
	defer f.keeping.Unlock()
	is, ok := f.kept[officeID]
	return is, ok && is.day == day
}

type reading struct {
	mu    sync.Mutex
	began int64
	floor floor
}

// fresh gives a floor whose reading began after this call did.
func (f *floors) fresh(ctx context.Context, officeID string) (floor, error) {
	want := f.asked.Add(1)
	f.mu.Lock()
	if f.last == nil {
		f.last = map[string]*reading{}
	}
	x := f.last[officeID]
	if x == nil {
		x = &reading{}
		f.last[officeID] = x
	}
	f.mu.Unlock()
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.began >= want {
		return x.floor, nil
	}
	began := f.asked.Load()
	got, err := f.read(ctx, officeID)
	if err != nil {
		return got, err
	}
	x.floor, x.began = got, began
	f.keep(officeID, got)
	return got, nil
}

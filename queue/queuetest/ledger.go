package queuetest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// Start is when the history of a Ledger begins: a Tuesday morning in Macao.
var Start = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

// ErrDown is what a Ledger answers while it is down.
var ErrDown = errors.New("queuetest: the ledger is down")

// Ledger is a durable record in memory: what queue and live take for the truth.
type Ledger struct {
	mu     sync.Mutex
	epoch  string
	events map[string][]event.Event
	down   bool
	erased int64

	// Snapshots counts how often one was read.
	Snapshots int
	// OnSnapshot is called after a snapshot was read and before it is given, if set.
	OnSnapshot func(office string)
}

// NewLedger makes an empty one.
func NewLedger(epoch string) *Ledger {
	return &Ledger{epoch: epoch, events: map[string][]event.Event{}}
}

// Append records an event with its images and gives it as a commit listener
// gets it. Sequence numbers, and the time if it is zero, are filled in.
func (l *Ledger) Append(e event.Event) event.Event {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.Seq = int64(len(l.events[e.Office]) + 1)
	if e.At.IsZero() {
		e.At = Start.Add(time.Duration(e.Seq) * time.Second)
	}
	e.Images = copyOf(e.Images)
	for i := range e.Images.Tickets {
		t := &e.Images.Tickets[i]
		t.Seq = e.Seq
		if t.Joined < 0 {
			t.Joined = e.Seq
		}
	}
	for i := range e.Images.Bookings {
		e.Images.Bookings[i].Seq = e.Seq
	}
	for i := range e.Images.Shifts {
		e.Images.Shifts[i].Seq = e.Seq
	}
	l.events[e.Office] = append(l.events[e.Office], e)
	e.Images = copyOf(e.Images)
	return e
}

// copyOf makes sure that nobody shares rows with the record.
func copyOf(in event.Images) event.Images {
	var out event.Images
	data, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(data, &out)
	}
	if err != nil {
		panic(err)
	}
	return out
}

// Heads as the ledger gives them.
func (l *Ledger) Heads(context.Context) ([]event.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, ErrDown
	}
	var out []event.Head
	for o, es := range l.events {
		out = append(out, event.Head{Office: o, Epoch: l.epoch, Seq: int64(len(es))})
	}
	return out, nil
}

// After as the ledger gives it.
func (l *Ledger) After(_ context.Context, o string, seq int64, limit int) ([]event.Event, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, ErrDown
	}
	es := l.events[o]
	from := min(int(seq), len(es))
	out := slices.Clone(es[from:min(from+limit, len(es))])
	for i, e := range out {
		if e.Seq <= l.erased {
			out[i] = event.Event{Office: o, Seq: e.Seq, At: e.At}
		}
	}
	return out, nil
}

// Erase throws the payloads of all events away up to a sequence number, as
// happens to old ones; the rows stay.
func (l *Ledger) Erase(seq int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erased = seq
}

// Snapshot as the ledger gives it.
func (l *Ledger) Snapshot(_ context.Context, o string) (event.Snapshot, error) {
	s, err := l.snapshot(o)
	l.mu.Lock()
	l.Snapshots++
	l.mu.Unlock()
	if err == nil && l.OnSnapshot != nil {
		l.OnSnapshot(o)
	}
	return s, err
}

func (l *Ledger) snapshot(o string) (event.Snapshot, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return event.Snapshot{}, ErrDown
	}
	es := l.events[o]
	s := event.Snapshot{Head: event.Head{Office: o, Epoch: l.epoch, Seq: int64(len(es))}, State: office.State{Office: o}}
	tickets, bookings, shifts := map[string]ticket.Ticket{}, map[string]booking.Booking{}, map[string]counter.Shift{}
	for _, e := range es {
		s.At = e.At
		for _, t := range e.Images.Tickets {
			tickets[t.ID] = t
		}
		for _, b := range e.Images.Bookings {
			bookings[b.ID] = b
		}
		for _, x := range e.Images.Shifts {
			shifts[x.Counter] = x
		}
		if e.Images.Office != nil {
			s.State = *e.Images.Office
		}
	}
	for _, t := range tickets {
		s.Tickets = append(s.Tickets, t)
	}
	for _, x := range shifts {
		s.Shifts = append(s.Shifts, x)
	}
	for _, b := range bookings {
		if !b.Freed && b.Day >= s.State.Day {
			s.Bookings = append(s.Bookings, b)
		}
	}
	return s, nil
}

// Head of an office.
func (l *Ledger) Head(o string) event.Head {
	l.mu.Lock()
	defer l.mu.Unlock()
	return event.Head{Office: o, Epoch: l.epoch, Seq: int64(len(l.events[o]))}
}

// SetDown takes the ledger away, or brings it back.
func (l *Ledger) SetDown(down bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = down
}

// Rewind forgets an office's events after a sequence number, as a store does
// that was restored; epoch "" keeps the epoch, which a restore must not.
func (l *Ledger) Rewind(o string, seq int64, epoch string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events[o] = slices.Clone(l.events[o][:seq])
	if epoch != "" {
		l.epoch = epoch
	}
}

package queue

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// streamKeeps is about how many events an office's stream holds; who is
// further behind reads the ledger.
const streamKeeps = 500

// entry is an event as the stream carries it to the hubs: what the live views
// need, no actor, no detail, and of a booking only what it takes and when. The
// events of a commit travel in one, as a list that ends with the entry's id.
type entry struct {
	At       int64           `json:"t"` // ms
	Kind     event.Kind      `json:"k"`
	Counter  string          `json:"c,omitempty"`
	Reason   string          `json:"r,omitempty"`
	Tickets  []ticket.Ticket `json:"ti,omitempty"`
	Shifts   []counter.Shift `json:"sh,omitempty"`
	Office   *office.State   `json:"of,omitempty"`
	Bookings []taking        `json:"bo,omitempty"`
}

// taking is a booking without what could lead to its holder.
type taking struct {
	ID      string        `json:"i"`
	Queue   string        `json:"q"`
	Service string        `json:"v,omitempty"` // its own rule of lateness and its length count
	Day     office.Day    `json:"d"`
	State   booking.State `json:"s"`
	Start   int64         `json:"a"`
	End     int64         `json:"e"`
	Freed   bool          `json:"f,omitempty"`
}

func encodeEntry(es []event.Event) (string, error) {
	all := make([]entry, len(es))
	for i := range es {
		all[i] = entryOf(&es[i])
	}
	data, err := json.Marshal(all)
	return string(data), err
}

func entryOf(e *event.Event) entry {
	out := entry{
		At: e.At.UnixMilli(), Kind: e.Kind, Counter: e.Counter, Reason: e.Reason,
		Tickets: e.Images.Tickets, Shifts: e.Images.Shifts, Office: e.Images.Office,
	}
	for _, b := range e.Images.Bookings {
		out.Bookings = append(out.Bookings, taking{b.ID, b.Queue, b.Service, b.Day, b.State, b.Start.UnixMilli(), b.End.UnixMilli(), b.Freed})
	}
	return out
}

// sentMost is how many entries of an office a process keeps in mind, and
// sentLong how many events are too many for one of them.
const (
	sentMost = 8
	sentLong = 200
)

// sent is an entry that this process has written: the very same text need not
// be decoded when it comes back.
type sent struct {
	last int64
	text string
	es   []event.Event
}

func (p *Projection) remember(c commit, es []event.Event) {
	if len(es) > sentLong {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.sent[c.office]
	if len(kept) == sentMost {
		kept = kept[:copy(kept, kept[1:])]
	}
	p.sent[c.office] = append(kept, sent{c.last, c.entry, es})
}

// own gives the events of an entry that this process has written, as a follower is told.
func (p *Projection) own(o string, last int64, text string) []event.Event {
	p.mu.Lock()
	kept := p.sent[o]
	i := slices.IndexFunc(kept, func(s sent) bool { return s.last == last && s.text == text })
	var es []event.Event
	if i >= 0 {
		es = kept[i].es
	}
	p.mu.Unlock()
	out := make([]event.Event, len(es))
	for i := range es {
		in := entryOf(&es[i])
		out[i] = in.event(o, es[i].Seq)
	}
	return out
}

// decodeEntry reads the events of an entry; last is the sequence number of the last one.
func decodeEntry(o string, last int64, text string) ([]event.Event, error) {
	var all []entry
	if strings.HasPrefix(text, "{") { // as hubs of an earlier version write it: one event each
		text = "[" + text + "]"
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		return nil, err
	}
	out := make([]event.Event, len(all))
	for i := range all {
		out[i] = all[i].event(o, last-int64(len(all)-1-i))
	}
	return out, nil
}

// event is what a follower is told.
func (in *entry) event(o string, seq int64) event.Event {
	out := event.Event{
		Office: o, Seq: seq, At: time.UnixMilli(in.At).UTC(), Kind: in.Kind, Counter: in.Counter, Reason: in.Reason,
		Images: event.Images{Tickets: in.Tickets, Shifts: in.Shifts, Office: in.Office},
	}
	for _, b := range in.Bookings {
		out.Images.Bookings = append(out.Images.Bookings, booking.Booking{
			ID: b.ID, Office: o, Queue: b.Queue, Service: b.Service, Day: b.Day, State: b.State, Freed: b.Freed, Seq: seq,
			Start: time.UnixMilli(b.Start).UTC(), End: time.UnixMilli(b.End).UTC(),
		})
	}
	return out
}

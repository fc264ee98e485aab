package queuetest

import (
	"fmt"
	"math/rand/v2"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// The offices of Catalogue.
const (
	Office = "dsi-main"
	Annex  = "dsi-annex"
)

// Day is the business day of a Hall.
const Day office.Day = "2026-11-24"

// Catalogue has an office with queues A and B, three counters in two zones, and
// a second office with queue C.
func Catalogue() *office.Catalogue {
	macao, err := time.LoadLocation("Asia/Macau")
	if err != nil {
		panic(err)
	}
	var week office.Week
	for d := time.Monday; d <= time.Friday; d++ {
		week[d] = []office.Span{{From: 9 * time.Hour, To: 18 * time.Hour}}
	}
	c := &office.Catalogue{Services: []*office.Service{
		{ID: "dsi-card", Minutes: 10, Queues: []string{"dsi-main-a", "dsi-annex-c"}},
		{ID: "dsi-paper", Minutes: 20, Queues: []string{"dsi-main-b"}},
	}}
	add := func(o *office.Office, queues ...*office.Queue) {
		o.TimeZone, o.Jurisdiction, o.Hours = "Asia/Macau", "macao", week
		o.WithLocation(macao)
		c.Offices = append(c.Offices, o)
		for _, q := range queues {
			q.Office, q.Rules = o.ID, office.DefaultRules()
			c.Queues = append(c.Queues, q)
		}
	}
	a, b := "dsi-main-a", "dsi-main-b"
	add(&office.Office{ID: Office, Counters: []office.Counter{
		{ID: "dsi-main-1", Label: "1", Office: Office, Zone: "east", Queues: []string{a}},
		{ID: "dsi-main-2", Label: "2", Office: Office, Zone: "east", Queues: []string{a, b}},
		{ID: "dsi-main-3", Label: "3", Office: Office, Zone: "west", Queues: []string{b}},
	}},
		&office.Queue{ID: a, Prefix: "A", Zone: "east", Counters: 2, Services: []string{"dsi-card"}},
		&office.Queue{ID: b, Prefix: "B", Zone: "west", Counters: 2, Services: []string{"dsi-paper"}})
	add(&office.Office{ID: Annex, Counters: []office.Counter{{ID: "dsi-annex-1", Label: "1", Office: Annex, Queues: []string{"dsi-annex-c"}}}},
		&office.Queue{ID: "dsi-annex-c", Prefix: "C", Counters: 1, Services: []string{"dsi-card"}})
	if err := c.Index(); err != nil {
		panic(err)
	}
	return c
}

// Hall drives one office of a Ledger through plausible moves, without the rules
// of the real one.
type Hall struct {
	Ledger  *Ledger
	Office  string
	Tell    func([]event.Event) // commit listener
	random  *rand.Rand
	numbers map[string]int
	ids     int
	tickets map[string]ticket.Ticket
	books   map[string]booking.Booking
}

// NewHall makes one; seed makes its Moves repeatable.
func NewHall(l *Ledger, o string, seed uint64, tell func([]event.Event)) *Hall {
	return &Hall{Ledger: l, Office: o, Tell: tell, random: rand.New(rand.NewPCG(seed, 1)),
		numbers: map[string]int{}, tickets: map[string]ticket.Ticket{}, books: map[string]booking.Booking{}}
}

// Do records one event and tells of it.
func (h *Hall) Do(kind event.Kind, images event.Images) event.Event {
	e := h.Ledger.Append(event.Event{Office: h.Office, Kind: kind, Actor: "clerk:demo", Images: images})
	for _, t := range e.Images.Tickets {
		h.tickets[t.ID] = t
	}
	for _, b := range e.Images.Bookings {
		h.books[b.ID] = b
	}
	if h.Tell != nil {
		h.Tell([]event.Event{e})
	}
	return e
}

// Ticket as it is now.
func (h *Hall) Ticket(id string) ticket.Ticket { return h.tickets[id] }

// Open begins the day.
func (h *Hall) Open() event.Event {
	return h.Do(event.KindOpened, event.Images{Office: &office.State{Office: h.Office, Day: Day}})
}

// Shift opens a counter for queues.
func (h *Hall) Shift(desk string, queues ...string) event.Event {
	x := counter.Shift{Counter: desk, Office: h.Office, Clerk: "clerk:demo", State: counter.Open, Since: Start}
	for _, q := range queues {
		x.Queues = append(x.Queues, counter.Served{Queue: q})
	}
	return h.Do(event.CounterKind("open"), event.Images{Shifts: []counter.Shift{x}})
}

// Issue gives a walk-in ticket whose due is so long after Start.
func (h *Hall) Issue(queue, prefix string, due time.Duration) ticket.Ticket {
	h.ids++
	h.numbers[queue]++
	t := ticket.Ticket{
		ID: fmt.Sprintf("%s-ticket-%d", h.Office, h.ids), Office: h.Office, Queue: queue, Day: Day, Series: prefix,
		N: h.numbers[queue], Number: ticket.Number(prefix, h.numbers[queue]), State: ticket.Waiting, Class: ticket.WalkIn,
		Arrival: Start.Add(due), Due: Start.Add(due), Joined: -1,
	}
	e := h.Do(event.TicketKind("issue"), event.Images{Tickets: []ticket.Ticket{t}})
	return e.Images.Tickets[0]
}

// Move changes a ticket.
func (h *Hall) Move(kind event.Kind, id string, change func(*ticket.Ticket)) event.Event {
	t := h.tickets[id]
	change(&t)
	return h.Do(kind, event.Images{Tickets: []ticket.Ticket{t}})
}

// Call calls a ticket to a counter.
func (h *Hall) Call(id, desk string) event.Event {
	at := h.now()
	return h.Move(event.TicketKind("call"), id, func(t *ticket.Ticket) {
		t.State, t.Counter, t.CalledAt, t.Recalls = ticket.Called, desk, at, 0
	})
}

// Begin starts serving a called ticket.
func (h *Hall) Begin(id string) event.Event {
	at := h.now()
	return h.Move(event.TicketKind("start"), id, func(t *ticket.Ticket) { t.State, t.ServingAt = ticket.Serving, at })
}

// Finish ends a ticket.
func (h *Hall) Finish(id string) event.Event {
	return h.Move(event.TicketKind("finish"), id, func(t *ticket.Ticket) {
		t.State, t.Outcome, t.Counter = ticket.Done, ticket.Served, ""
	})
}

// Back takes a call back by undo.
func (h *Hall) Back(id string) event.Event {
	return h.Move(event.KindUndo, id, func(t *ticket.Ticket) {
		t.State, t.Counter, t.CalledAt = ticket.Waiting, "", time.Time{}
	})
}

// Book confirms a booking from a start, so long after midnight of a day, office time.
func (h *Hall) Book(queue string, day office.Day, start, long time.Duration) booking.Booking {
	h.ids++
	macao := time.FixedZone("Macao", 8*3600)
	b := booking.Booking{
		ID: fmt.Sprintf("%s-booking-%d", h.Office, h.ids), Reference: "DEMOREF1", Office: h.Office, Queue: queue, Service: "dsi-card", Day: day,
		State: booking.Confirmed, Class: booking.Standard, Start: day.Time(start, macao).UTC(), People: 1,
	}
	b.End = b.Start.Add(long)
	h.Do(event.KindConfirmed, event.Images{Bookings: []booking.Booking{b}})
	return b
}

// now is a second after the last event.
func (h *Hall) now() time.Time {
	return Start.Add(time.Duration(h.Ledger.Head(h.Office).Seq+1) * time.Second)
}

// Moves makes n plausible changes.
func (h *Hall) Moves(n int) {
	queues := map[string][]string{Office: {"dsi-main-a", "dsi-main-b"}, Annex: {"dsi-annex-c"}}[h.Office]
	prefixes := map[string]string{"dsi-main-a": "A", "dsi-main-b": "B", "dsi-annex-c": "C"}
	desks := map[string][]string{Office: {"dsi-main-1", "dsi-main-2", "dsi-main-3"}, Annex: {"dsi-annex-1"}}[h.Office]
	for range n {
		q := queues[h.random.IntN(len(queues))]
		id := h.some()
		t := h.tickets[id]
		switch k := h.random.IntN(10); {
		case k < 3 || id == "":
			h.Issue(q, prefixes[q], time.Duration(h.random.IntN(20))*time.Minute)
		case k < 5:
			h.book(q)
		case k == 5:
			h.Move(event.TicketKind("transfer"), id, func(t *ticket.Ticket) {
				t.State, t.Counter, t.Queue, t.Joined = ticket.Waiting, "", q, -1
			})
		case t.State == ticket.Waiting:
			if desk := h.free(desks); desk != "" {
				h.Call(id, desk)
			}
		case t.State == ticket.Called:
			h.Begin(id)
		case t.State == ticket.Serving && k == 6:
			h.Move(event.TicketKind("park"), id, func(t *ticket.Ticket) { t.State = ticket.Parked })
		default:
			h.Finish(id)
		}
	}
}

// book makes a booking, or moves, cancels or frees one.
func (h *Hall) book(q string) {
	for _, b := range h.books {
		switch {
		case b.Freed:
			continue
		case b.State == booking.Cancelled:
			b.Freed = true
			h.Do(event.KindFreed, event.Images{Bookings: []booking.Booking{b}})
			return
		case h.random.IntN(4) == 0:
			b.State, b.FreeAt = booking.Cancelled, b.Start
			h.Do(event.KindCancelled, event.Images{Bookings: []booking.Booking{b}})
			return
		case h.random.IntN(4) == 0:
			b.Day, b.Start, b.End = b.Day.Add(1), b.Start.AddDate(0, 0, 1), b.End.AddDate(0, 0, 1)
			h.Do(event.KindRescheduled, event.Images{Bookings: []booking.Booking{b}})
			return
		}
		break
	}
	start := time.Duration(9*60+5*h.random.IntN(90)) * time.Minute
	h.Book(q, Day.Add(h.random.IntN(5)), start, time.Duration(5+5*h.random.IntN(9))*time.Minute)
}

// some picks a ticket that is not final; "" when there is none.
func (h *Hall) some() string {
	var live []string
	for i := range h.ids {
		id := fmt.Sprintf("%s-ticket-%d", h.Office, i+1)
		if t, ok := h.tickets[id]; ok && !t.State.Final() {
			live = append(live, id)
		}
	}
	if len(live) == 0 {
		return ""
	}
	return live[h.random.IntN(len(live))]
}

func (h *Hall) free(desks []string) string {
	busy := map[string]bool{}
	for _, t := range h.tickets {
		if t.State == ticket.Called || t.State == ticket.Serving {
			busy[t.Counter] = true
		}
	}
	for _, d := range desks {
		if !busy[d] {
			return d
		}
	}
	return ""
}

package ledger

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// model is what the decisions of one office ask for again and again, kept in
// memory: its tickets that are not final, its lines, its shifts, and the
// bookings of the days that were asked for. It is as true as the tables at its
// sequence number, for every change of a row is an event: once the office's
// row is locked and shows that number, nothing else can have happened, on this
// hub or another. What lies behind is caught up from the events.
//
// Rows are shared by pointer and never changed in place.
type model struct {
	office string
	seq    int64

	loaded bool // live, lines and shifts are there
	live   map[string]*ticket.Ticket
	lines  map[lineKey][]*ticket.Ticket // waiting or remote, in order
	shifts map[string]counter.Shift

	issued   map[queueDay]map[ticket.Class]int
	bookings map[queueDay]map[string]*booking.Booking // not freed
	placed   map[string]queueDay                      // where a booking in bookings is
}

type lineKey struct {
	queue string
	day   office.Day
	state ticket.State
}

type queueDay struct {
	queue string
	day   office.Day
}

// bookingsMost is how many bookings a model keeps before it forgets them all.
const bookingsMost = 100_000

// catchUp is how many events a model is behind at most to be caught up instead of read anew.
const catchUp = 500

func newModel(id string, seq int64) *model {
	return &model{office: id, seq: seq,
		issued: map[queueDay]map[ticket.Class]int{}, bookings: map[queueDay]map[string]*booking.Booking{}, placed: map[string]queueDay{}}
}

// models are those of a process. A batch takes one out while it has the
// office's row locked, and puts it back after its commit.
type models struct {
	mu     sync.Mutex
	byID   map[string]*model
	queues map[string]string // the office of every queue that was ever seen
}

func newModels() *models { return &models{byID: map[string]*model{}, queues: map[string]string{}} }

func (m *models) take(id string) *model {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := m.byID[id]
	delete(m.byID, id)
	return out
}

func (m *models) put(in *model) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if have := m.byID[in.office]; have == nil || have.seq <= in.seq {
		m.byID[in.office] = in
	}
}

func (m *models) officeOf(queue string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.queues[queue]
}

func (m *models) learn(queue, office string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.queues[queue] = office
}

// ticketOf finds a live ticket.
func (m *model) ticketOf(id string) (ticket.Ticket, bool) {
	t, ok := m.live[id]
	if !ok {
		return ticket.Ticket{}, false
	}
	return *t, true
}

// load takes in the office's live tickets and shifts as they are in the tables.
func (m *model) load(tickets []ticket.Ticket, shifts []counter.Shift) {
	m.loaded = true
	m.live, m.lines, m.shifts = make(map[string]*ticket.Ticket, len(tickets)), map[lineKey][]*ticket.Ticket{}, map[string]counter.Shift{}
	for i := range tickets {
		t := &tickets[i]
		m.live[t.ID] = t
		if k, ok := lineOf(t); ok {
			m.lines[k] = append(m.lines[k], t)
		}
	}
	for _, line := range m.lines {
		slices.SortFunc(line, inLine)
	}
	for _, s := range shifts {
		m.shifts[s.Counter] = s
	}
}

func lineOf(t *ticket.Ticket) (lineKey, bool) {
	return lineKey{t.Queue, t.Day, t.State}, t.State == ticket.Waiting || t.State == ticket.Remote
}

func inLine(a, b *ticket.Ticket) int {
	return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Joined, b.Joined), strings.Compare(a.ID, b.ID))
}

// apply takes in an event of the office.
func (m *model) apply(e event.Event) {
	m.seq = e.Seq
	for _, t := range e.Images.Tickets { // a copy: the event goes to others, too
		m.ticket(&t, fresh(e.Kind))
	}
	for _, b := range e.Images.Bookings {
		m.booking(&b)
	}
	if m.loaded {
		for _, s := range e.Images.Shifts {
			m.shifts[s.Counter] = s
		}
	}
}

// fresh tells whether a kind of event may make a ticket that was not there.
func fresh(k event.Kind) bool {
	move, ok := k.Move()
	if !ok {
		return false
	}
	_, err := ticket.Next(ticket.None, move)
	return err == nil
}

func (m *model) ticket(t *ticket.Ticket, fresh bool) {
	old := m.live[t.ID]
	m.count(old, t, fresh)
	if !m.loaded {
		return
	}
	if old != nil {
		m.leave(old)
		delete(m.live, t.ID)
	}
	if t.State.Final() {
		return
	}
	m.live[t.ID] = t
	if k, ok := lineOf(t); ok {
		i, _ := slices.BinarySearchFunc(m.lines[k], t, inLine)
		m.lines[k] = slices.Insert(m.lines[k], i, t)
	}
}

func (m *model) leave(t *ticket.Ticket) {
	k, ok := lineOf(t)
	if !ok {
		return
	}
	if i, found := slices.BinarySearchFunc(m.lines[k], t, inLine); found {
		m.lines[k] = slices.Delete(m.lines[k], i, i+1)
	}
}

// count keeps the numbers of tickets issued. Where it cannot know what a
// ticket was before, the numbers are read anew.
func (m *model) count(old, t *ticket.Ticket, fresh bool) {
	to := queueDay{t.Queue, t.Day}
	switch {
	case old != nil && old.Queue == t.Queue && old.Day == t.Day && old.Class == t.Class:
	case old != nil:
		delete(m.issued, queueDay{old.Queue, old.Day})
		delete(m.issued, to)
	case fresh && m.loaded:
		if n := m.issued[to]; n != nil {
			n[t.Class]++
		}
	default: // reopened, or never seen
		clear(m.issued)
	}
}

func (m *model) booking(b *booking.Booking) {
	if at, ok := m.placed[b.ID]; ok {
		delete(m.bookings[at], b.ID)
		delete(m.placed, b.ID)
	}
	at := queueDay{b.Queue, b.Day}
	if day := m.bookings[at]; day != nil && !b.Freed {
		day[b.ID] = b
		m.placed[b.ID] = at
	}
}

// keepBookings takes in all bookings of a queue on a day that are not freed.
func (m *model) keepBookings(at queueDay, all []booking.Booking) {
	if len(m.placed)+len(all) > bookingsMost {
		clear(m.bookings)
		clear(m.placed)
	}
	day := make(map[string]*booking.Booking, len(all))
	for i := range all {
		day[all[i].ID] = &all[i]
		m.placed[all[i].ID] = at
	}
	m.bookings[at] = day
}

// line copies the first of a line, all with limit 0.
func (m *model) line(k lineKey, limit int) []ticket.Ticket {
	line := m.lines[k]
	if limit > 0 && limit < len(line) {
		line = line[:limit]
	}
	out := make([]ticket.Ticket, len(line))
	for i, t := range line {
		out[i] = ownTicket(*t)
	}
	return out
}

// What a decision is given is its own, down to the lists: it may change them
// and be refused afterwards.

func ownTicket(t ticket.Ticket) ticket.Ticket {
	t.Needs = slices.Clone(t.Needs)
	return t
}

func ownShift(s counter.Shift) counter.Shift {
	s.Queues, s.Offers = slices.Clone(s.Queues), slices.Clone(s.Offers)
	return s
}

func ownState(s office.State) office.State {
	s.Closures = slices.Clone(s.Closures)
	return s
}

// dormant copies the remote tickets due before an instant and not yet passed.
func (m *model) dormant(queue string, day office.Day, before time.Time) []ticket.Ticket {
	var out []ticket.Ticket
	for _, t := range m.lines[lineKey{queue, day, ticket.Remote}] {
		if !t.Due.Before(before) {
			break
		}
		if t.Passed.IsZero() {
			out = append(out, ownTicket(*t))
		}
	}
	return out
}

// ofDay copies the live tickets of a day in the order of their last events.
func (m *model) ofDay(day office.Day) []ticket.Ticket {
	var out []ticket.Ticket
	for _, t := range m.live {
		if t.Day == day {
			out = append(out, ownTicket(*t))
		}
	}
	slices.SortFunc(out, func(a, b ticket.Ticket) int { return cmp.Or(cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID)) })
	return out
}

func (m *model) allShifts() []counter.Shift {
	out := make([]counter.Shift, 0, len(m.shifts))
	for _, s := range m.shifts {
		out = append(out, ownShift(s))
	}
	slices.SortFunc(out, func(a, b counter.Shift) int { return strings.Compare(a.Counter, b.Counter) })
	return out
}

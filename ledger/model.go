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
	hash   []byte // of that event: the same number may come twice, where a database lost its end

	loaded bool // live, lines and shifts are there
	live   map[string]*ticket.Ticket
	lines  map[lineKey]*ticket.Line // of those who wait, and of the remote ones whom no call has passed
	shifts map[string]counter.Shift

	issued   map[queueDay]map[ticket.Class]int
	ended    map[string]issuedAt             // the final tickets of the day that were live here
	bookings map[queueDay][]*booking.Booking // not freed, by start
	placed   map[string]*booking.Booking     // those in bookings
	made     map[queueOrigin]*made
}

// issuedAt is where a ticket counts as issued.
type issuedAt struct {
	queueDay
	class ticket.Class
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

func newModel(o *officeRow) *model {
	return &model{office: o.id, seq: o.seq, hash: o.hash,
		issued: map[queueDay]map[ticket.Class]int{}, ended: map[string]issuedAt{},
		bookings: map[queueDay][]*booking.Booking{}, placed: map[string]*booking.Booking{}, made: map[queueOrigin]*made{}}
}

type queueOrigin struct {
	queue  string
	origin booking.Origin
}

// made are the bookings of a queue and an origin on the day from and later that were made at since or
// later and are not freed: few, for they are counted against a quota of the day.
type made struct {
	from  office.Day
	since time.Time
	byID  map[string]*booking.Booking
}

func newMade(from office.Day, since time.Time, all []booking.Booking) *made {
	out := &made{from, since, make(map[string]*booking.Booking, len(all))}
	for i := range all {
		out.byID[all[i].ID] = &all[i]
	}
	return out
}

func (m *made) counts(b *booking.Booking) bool {
	return !b.Freed && b.Day >= m.from && b.Made.UnixMilli() >= m.since.UnixMilli()
}

// list copies them, by start.
func (m *made) list() []booking.Booking {
	out := make([]booking.Booking, 0, len(m.byID))
	for _, b := range m.byID {
		out = append(out, *b)
	}
	slices.SortFunc(out, func(a, b booking.Booking) int { return byStart(&a, &b) })
	return out
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
	m.live, m.lines, m.shifts = make(map[string]*ticket.Ticket, len(tickets)), map[lineKey]*ticket.Line{}, map[string]counter.Shift{}
	slices.SortFunc(tickets, func(a, b ticket.Ticket) int { return a.Due.Compare(b.Due) }) // joining a line at its end is cheap
	for i := range tickets {
		t := &tickets[i]
		m.live[t.ID] = t
		m.join(t)
	}
	for _, s := range shifts {
		m.shifts[s.Counter] = s
	}
}

func lineOf(t *ticket.Ticket) (lineKey, bool) {
	return lineKey{t.Queue, t.Day, t.State}, t.State == ticket.Waiting || t.State == ticket.Remote && t.Passed.IsZero()
}

func (m *model) join(t *ticket.Ticket) {
	k, ok := lineOf(t)
	if !ok {
		return
	}
	line := m.lines[k]
	if line == nil {
		line = &ticket.Line{}
		m.lines[k] = line
	}
	line.Add(t)
}

// apply takes in an event of the office.
func (m *model) apply(e event.Event) {
	m.seq = e.Seq
	if e.Kind == event.KindDay || e.Kind == event.KindOpened {
		clear(m.ended) // nobody of an earlier day is reopened
	}
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
	m.join(t)
}

func (m *model) leave(t *ticket.Ticket) {
	k, ok := lineOf(t)
	if !ok {
		return
	}
	if line := m.lines[k]; line != nil {
		line.Remove(t)
		if line.Len() == 0 {
			delete(m.lines, k)
		}
	}
}

// count keeps the numbers of tickets issued. Where it cannot know what a
// ticket was before, the numbers are read anew.
func (m *model) count(old, t *ticket.Ticket, fresh bool) {
	was, known := m.ended[t.ID]
	if old != nil {
		was, known = countedAt(old), true
	}
	now := countedAt(t)
	switch {
	case known:
		m.issue(was, -1)
		m.issue(now, 1)
	case fresh && m.loaded:
		m.issue(now, 1)
	default: // reopened after it had ended elsewhere, or never seen
		clear(m.issued)
	}
	delete(m.ended, t.ID)
	if t.State.Final() && m.loaded {
		m.ended[t.ID] = now
	}
}

func countedAt(t *ticket.Ticket) issuedAt { return issuedAt{queueDay{t.Queue, t.Day}, t.Class} }

func (m *model) issue(at issuedAt, n int) {
	counts := m.issued[at.queueDay]
	if counts == nil {
		return
	}
	if counts[at.class] += n; counts[at.class] == 0 {
		delete(counts, at.class)
	}
}

func (m *model) booking(b *booking.Booking) {
	if was := m.placed[b.ID]; was != nil {
		at := queueDay{was.Queue, was.Day}
		if i, found := slices.BinarySearchFunc(m.bookings[at], was, byStart); found {
			m.bookings[at] = slices.Delete(m.bookings[at], i, i+1)
		}
		delete(m.placed, b.ID)
	}
	for k, kept := range m.made {
		delete(kept.byID, b.ID)
		if (k == queueOrigin{b.Queue, b.Origin}) && kept.counts(b) {
			kept.byID[b.ID] = b
		}
	}
	at := queueDay{b.Queue, b.Day}
	if day, kept := m.bookings[at]; kept && !b.Freed {
		i, _ := slices.BinarySearchFunc(day, b, byStart)
		m.bookings[at] = slices.Insert(day, i, b)
		m.placed[b.ID] = b
	}
}

func byStart(a, b *booking.Booking) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Seq, b.Seq), strings.Compare(a.ID, b.ID))
}

// keepBookings takes in all bookings of a queue on a day that are not freed.
func (m *model) keepBookings(at queueDay, all []booking.Booking) {
	if len(m.placed)+len(all) > bookingsMost {
		clear(m.bookings)
		clear(m.placed)
	}
	day := make([]*booking.Booking, len(all))
	for i := range all {
		day[i] = &all[i]
		m.placed[all[i].ID] = &all[i]
	}
	slices.SortFunc(day, byStart)
	m.bookings[at] = day
}

// line is one that must not be changed; an empty one where nobody stands.
func (m *model) line(k lineKey) *ticket.Line {
	if line := m.lines[k]; line != nil {
		return line
	}
	return &ticket.Line{}
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

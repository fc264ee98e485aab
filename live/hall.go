package live

import (
	"slices"
	"sync"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// remembered is how many changes of a hall are kept for boards that were cut off.
const remembered = 512

// hall is an office's live state in memory at a head.
type hall struct {
	office *office.Office
	cat    *office.Catalogue

	// pub is held while changes are applied and told, and by those who join:
	// everybody hears everything in order. It guards topics; take it before mu.
	pub      sync.Mutex
	topics   map[string]*topic
	byTicket map[string][]*topic // those of positions, which are many
	rest     map[*topic]struct{} // all others
	swept    time.Time           // when old subscriptions of positions were looked for, machine time

	mu     sync.Mutex
	loaded bool
	asked  bool // was loaded once: it is to be held again
	head   event.Head
	// day is the calendar date, office time, that the snapshot was taken on.
	day      office.Day
	state    office.State
	tickets  map[string]*ticket.Ticket // of the day; never written to, only replaced
	shifts   map[string]counter.Shift
	bookings map[string]booking.Booking // confirmed, of today and tomorrow
	lines    map[string]*line           // by queue
	// called tells, by ticket, when its last call came to our knowledge, in
	// machine time, and when it was made, in house time.
	called    map[string]calling
	withdrawn []withdrawal
	changes   []*delta // the last ones, by sequence
	floor     int64    // changes after this sequence number are all remembered
	version   uint64   // raised by every change
	staffed   uint64   // the version when counters or the office's state last changed
	open      []desk   // nil: to be made anew
	figures   figures
}

type calling struct {
	seen time.Time // machine time
	made time.Time // house time
}

type withdrawal struct {
	Withdrawn
	seen time.Time
}

// delta is what one event changed.
type delta struct {
	seq       int64
	calls     []Call
	gone      []placed
	withdrawn []Withdrawn
	state     bool // of the office
	queues    map[string]bool
	tickets   map[string]bool // whose state changed
	counters  map[string]bool
	frames    map[string]*Frame // by topic; guarded by the hall's pub
}

type placed struct{ number, zone string }

// visible tells whether a board shows more than figures differently.
func (d *delta) visible() bool {
	return len(d.calls)+len(d.gone)+len(d.withdrawn) > 0 || d.state
}

func newHall(o *office.Office, cat *office.Catalogue) *hall {
	return &hall{office: o, cat: cat, topics: map[string]*topic{}, byTicket: map[string][]*topic{}, rest: map[*topic]struct{}{}}
}

// load replaces everything by a snapshot that is newer than what is held, or of
// another epoch. It reports whether it did.
func (h *hall) load(s event.Snapshot, now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	day := h.office.Day(now)
	if h.loaded && h.head.Epoch == s.Head.Epoch && s.Head.Seq <= h.head.Seq && h.day == day {
		return false
	}
	if h.loaded && h.head.Epoch == s.Head.Epoch && s.Head.Seq < h.head.Seq {
		return false
	}
	h.asked = true
	h.loaded, h.head, h.day, h.state = true, s.Head, day, s.State
	h.tickets = make(map[string]*ticket.Ticket, len(s.Tickets))
	h.shifts = make(map[string]counter.Shift, len(s.Shifts))
	h.bookings = map[string]booking.Booking{}
	h.lines = map[string]*line{}
	h.called = map[string]calling{}
	h.withdrawn, h.changes, h.floor = nil, nil, s.Head.Seq
	h.version++
	h.staffed, h.open = h.version, nil
	for i := range s.Tickets {
		h.putTicket(&s.Tickets[i])
	}
	for _, x := range s.Shifts {
		h.shifts[x.Counter] = x
	}
	for _, b := range s.Bookings {
		h.putBooking(b)
	}
	return true
}

// take applies the event that follows the head; false when it does not follow,
// nil when it is a repeat.
func (h *hall) take(epoch string, e event.Event, machine time.Time) (*delta, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.loaded || epoch != h.head.Epoch || e.Seq > h.head.Seq+1:
		return nil, false
	case e.Seq <= h.head.Seq:
		return nil, true
	}
	d := &delta{seq: e.Seq, queues: map[string]bool{}, tickets: map[string]bool{}, counters: map[string]bool{}}
	for i := range e.Images.Tickets {
		h.moveTicket(d, e, &e.Images.Tickets[i], machine)
	}
	for _, x := range e.Images.Shifts {
		h.putShift(d, x)
	}
	for _, b := range e.Images.Bookings {
		h.putBooking(b)
		d.queues[b.Queue] = true
	}
	if e.Images.Office != nil {
		h.state, d.state = *e.Images.Office, true
		for q, l := range h.lines {
			d.queues[q], l.openDay = true, ""
		}
	}
	h.head.Seq = e.Seq
	h.version++
	for q := range d.queues {
		h.line(q).moved = h.version
	}
	if len(e.Images.Shifts) > 0 || d.state {
		h.staffed, h.open = h.version, nil
	}
	h.remember(d)
	return d, true
}

func (h *hall) remember(d *delta) {
	h.changes = append(h.changes, d)
	if len(h.changes) > 2*remembered {
		cut := len(h.changes) - remembered
		h.floor = h.changes[cut-1].seq
		h.changes = slices.Clone(h.changes[cut:])
	}
}

// since lists the remembered changes after a sequence number; false when some are forgotten.
func (h *hall) since(epoch string, seq int64) ([]*delta, bool) {
	if !h.loaded || epoch != h.head.Epoch || seq < h.floor || seq > h.head.Seq {
		return nil, false
	}
	i, _ := slices.BinarySearchFunc(h.changes, seq+1, func(d *delta, s int64) int { return int(d.seq - s) })
	return h.changes[i:], true
}

func onBoard(t *ticket.Ticket) bool {
	return t != nil && (t.State == ticket.Called || t.State == ticket.Serving) && t.Counter != ""
}

// moveTicket puts a ticket in its new place and notes what a board must say of it.
func (h *hall) moveTicket(d *delta, e event.Event, now *ticket.Ticket, machine time.Time) {
	was := h.tickets[now.ID]
	called := now.State == ticket.Called && (was == nil || was.State != ticket.Called || was.Recalls != now.Recalls)
	if called && e.Kind != event.KindUndo {
		h.called[now.ID] = calling{seen: machine, made: e.At}
	}
	h.putTicket(now)
	d.queues[now.Queue] = true
	if was != nil {
		d.queues[was.Queue] = true
	}
	if was == nil || was.State != now.State || was.Recalls != now.Recalls || was.Counter != now.Counter || was.Queue != now.Queue {
		d.tickets[now.ID] = true
	}
	for _, t := range []*ticket.Ticket{was, now} {
		if t != nil && t.Counter != "" {
			d.counters[t.Counter] = true
		}
	}
	switch {
	case onBoard(now):
		if !onBoard(was) || was.State != now.State || was.Recalls != now.Recalls || was.Counter != now.Counter {
			c := h.call(now)
			c.New = called
			d.calls = append(d.calls, c)
		}
		if onBoard(was) && h.zone(was.Counter) != h.zone(now.Counter) {
			d.gone = append(d.gone, placed{was.Number, h.zone(was.Counter)})
		}
	case onBoard(was):
		h.clear(d, e, was, now, machine)
	}
}

// clear takes a number from the boards, and says so openly when its call was undone.
func (h *hall) clear(d *delta, e event.Event, was, now *ticket.Ticket, machine time.Time) {
	delete(h.called, now.ID)
	zone := h.zone(was.Counter)
	d.gone = append(d.gone, placed{was.Number, zone})
	if e.Kind != event.KindUndo || now.State.Final() {
		return
	}
	w := Withdrawn{Number: was.Number, Zone: zone, At: e.At.In(h.office.Location())}
	d.withdrawn = append(d.withdrawn, w)
	h.withdrawn = append(h.recentWithdrawn(machine), withdrawal{w, machine})
}

func (h *hall) recentWithdrawn(machine time.Time) []withdrawal {
	return slices.DeleteFunc(h.withdrawn, func(w withdrawal) bool { return machine.Sub(w.seen) >= WithdrawnFor })
}

func (h *hall) putTicket(t *ticket.Ticket) {
	if was := h.tickets[t.ID]; was != nil {
		h.line(was.Queue).remove(was)
	}
	h.tickets[t.ID] = t
	h.line(t.Queue).add(t)
}

func (h *hall) putShift(d *delta, x counter.Shift) {
	for _, s := range h.shifts[x.Counter].Queues {
		d.queues[s.Queue] = true
	}
	for _, s := range x.Queues {
		d.queues[s.Queue] = true
	}
	d.counters[x.Counter] = true
	h.shifts[x.Counter] = x
}

// putBooking keeps a booking while it stands for somebody who is expected today or tomorrow.
func (h *hall) putBooking(b booking.Booking) {
	if was, ok := h.bookings[b.ID]; ok {
		h.line(was.Queue).stale()
		delete(h.bookings, b.ID)
	}
	if b.State != booking.Confirmed || (b.Day != h.day && b.Day != h.day.Add(1)) {
		return
	}
	h.bookings[b.ID] = b
	h.line(b.Queue).stale()
}

func (h *hall) line(queue string) *line {
	l := h.lines[queue]
	if l == nil {
		usual := usualMinutes * time.Minute
		if q := h.cat.Queue(queue); q != nil {
			usual = reckonUsual(h.cat, q)
		}
		l = &line{day: h.day, at: map[string]*ticket.Ticket{}, moved: h.version, usual: usual,
			mean: func(service string) time.Duration { return h.mean(service, usual) }}
		h.lines[queue] = l
	}
	return l
}

func (h *hall) zone(counter string) string {
	if c := h.cat.Counter(counter); c != nil {
		return c.Zone
	}
	return ""
}

func (h *hall) label(counter string) string {
	if c := h.cat.Counter(counter); c != nil {
		return c.Label
	}
	return ""
}

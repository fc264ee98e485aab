package live

import (
	"cmp"
	"slices"
	"time"

	"vez/booking"
	"vez/office"
	"vez/ticket"
)

// line is a queue's tickets that are not final, and those who are expected.
type line struct {
	day      office.Day       // of the hall; tickets of an earlier one are not counted
	waiting  []*ticket.Ticket // by due, then joining
	each     []time.Duration  // the mean service time of each who waits
	mean     func(service string) time.Duration
	moved    uint64                    // the hall's version when something last happened here
	shown    uint64                    // raised when what a clerk's line lists changes
	at       map[string]*ticket.Ticket // called, serving, parked, missed and remote, by id
	issued   int                       // tickets of walk-ins today, whatever became of them
	expected *expected                 // nil: to be made anew
	usual    time.Duration             // mean of the queue's services
	openings []office.Interval         // of openDay; nil: to be looked up
	openDay  office.Day
}

// expected are the people who are not there yet but stand in the line already:
// remote tickets and the booked of today. They are counted, so that "ahead" is
// an upper bound that does not rise when they arrive.
type expected struct {
	list  []expectation // by due
	until time.Time     // when the list changes by itself, house time; zero: never
}

type expectation struct {
	due  time.Time
	mean time.Duration
}

func inOrder(a, b *ticket.Ticket) int {
	if a.Before(*b) {
		return -1
	}
	if b.Before(*a) {
		return 1
	}
	return cmp.Compare(a.ID, b.ID)
}

func (l *line) stale() { l.expected = nil }

func (l *line) add(t *ticket.Ticket) {
	if t.State == ticket.Remote {
		l.stale()
	}
	if walkedIn(t) && t.Day == l.day {
		l.issued++
	}
	if listed(t) {
		l.shown++
	}
	switch {
	case t.State == ticket.Waiting:
		i, _ := slices.BinarySearchFunc(l.waiting, t, inOrder)
		l.waiting, l.each = slices.Insert(l.waiting, i, t), slices.Insert(l.each, i, l.mean(t.Service))
	case !t.State.Final() && t.State != ticket.None:
		l.at[t.ID] = t
	}
}

func (l *line) remove(t *ticket.Ticket) {
	if t.State == ticket.Remote {
		l.stale()
	}
	if walkedIn(t) && t.Day == l.day {
		l.issued--
	}
	if listed(t) {
		l.shown++
	}
	delete(l.at, t.ID)
	if t.State != ticket.Waiting {
		return
	}
	switch i, found := slices.BinarySearchFunc(l.waiting, t, inOrder); {
	case !found:
	case i == 0: // the one who is called: however long the line, nobody else is touched
		l.waiting[0] = nil
		l.waiting, l.each = l.waiting[1:], l.each[1:]
	default:
		l.waiting, l.each = slices.Delete(l.waiting, i, i+1), slices.Delete(l.each, i, i+1)
	}
}

// listed tells whether a clerk's line shows a ticket.
func listed(t *ticket.Ticket) bool {
	switch t.State {
	case ticket.Waiting, ticket.Parked, ticket.Missed, ticket.Remote:
		return true
	}
	return false
}

// walkedIn tells whether a ticket counts towards the queue's daily limit: a
// voided or undone one, cancelled before it was ever called, still does.
func walkedIn(t *ticket.Ticket) bool {
	return t.State != ticket.None && (t.Class == ticket.WalkIn || t.Class == ticket.Afar)
}

// expected gives those who are expected in a queue at a moment.
func (h *hall) expected(q *office.Queue, now time.Time) *expected {
	l := h.line(q.ID)
	if x := l.expected; x != nil && (x.until.IsZero() || now.Before(x.until)) {
		return x
	}
	x, usual := &expected{}, h.usual(q)
	for _, t := range l.at {
		if t.State == ticket.Remote && t.Passed.IsZero() {
			x.list = append(x.list, expectation{t.Due, h.mean(t.Service, usual)})
		}
	}
	h.expectBooked(x, q, usual, now)
	slices.SortFunc(x.list, func(a, b expectation) int { return a.due.Compare(b.due) })
	l.expected = x
	return x
}

// expectBooked reckons with the booked of today who may still come in time. In
// a filing-order queue nobody is expected: whoever comes stands behind.
func (h *hall) expectBooked(x *expected, q *office.Queue, usual time.Duration, now time.Time) {
	today := h.office.Day(now)
	rules := q.RulesOn(today)
	if rules.FilingOrder {
		return
	}
	for _, b := range h.bookings {
		if b.Queue != q.ID || b.Day != today || b.State != booking.Confirmed {
			continue
		}
		behind, _ := booking.Lateness(h.cat.Service(b.Service), q, today)
		late := b.Start.Add(behind)
		if !now.Before(late) {
			continue
		}
		if x.until.IsZero() || late.Before(x.until) {
			x.until = late
		}
		x.list = append(x.list, expectation{b.Start.Add(-rules.BookedHeadStart), h.mean(b.Service, usual)})
	}
}

// before is how much of a queue stands in front of somebody.
type before struct {
	waiting, expected int
	work              []time.Duration // their means; not to be written to
}

// people in front, at the most.
func (b before) people() int { return b.waiting + b.expected }

// sampled is about how many means a window is reckoned from: with more ahead,
// every so manieth stands for its neighbours, which makes the window rather wider.
const sampled = 500

// before finds who stands in front of a due and a joining.
func (h *hall) before(q *office.Queue, due time.Time, joined int64, now time.Time) before {
	l, x := h.line(q.ID), h.expected(q, now)
	var out before
	me := &ticket.Ticket{Due: due, Joined: joined}
	out.waiting, _ = slices.BinarySearchFunc(l.waiting, me, inOrder)
	out.expected, _ = slices.BinarySearchFunc(x.list, due, func(e expectation, d time.Time) int { return e.due.Compare(d) })
	stride := 1 + out.people()/sampled
	if stride == 1 && out.expected == 0 {
		out.work = l.each[:out.waiting:out.waiting] // shared by all who stand in this line
		return out
	}
	out.work = make([]time.Duration, 0, out.people()/stride+3)
	for i := 0; i < out.waiting; i += stride {
		n := min(stride, out.waiting-i)
		out.work = append(out.work, time.Duration(n)*l.each[i])
	}
	for i := 0; i < out.expected; i += stride {
		n := min(stride, out.expected-i)
		out.work = append(out.work, time.Duration(n)*x.list[i].mean)
	}
	return out
}

// mean is how long a service takes, or what is usual in its queue.
func (h *hall) mean(service string, usual time.Duration) time.Duration {
	if s := h.cat.Service(service); s != nil && s.Minutes > 0 {
		return time.Duration(s.Minutes) * time.Minute
	}
	return usual
}

// usualMinutes is taken where a queue's services say nothing.
const usualMinutes = 10

// usual is the mean of a queue's services.
func (h *hall) usual(q *office.Queue) time.Duration { return h.line(q.ID).usual }

func reckonUsual(cat *office.Catalogue, q *office.Queue) time.Duration {
	sum, n := 0, 0
	for _, id := range q.Services {
		if s := cat.Service(id); s != nil && s.Minutes > 0 {
			sum, n = sum+s.Minutes, n+1
		}
	}
	if n == 0 {
		return usualMinutes * time.Minute
	}
	return time.Duration(sum) * time.Minute / time.Duration(n)
}

// openings of a queue today, looked up once a day and after every closure.
func (h *hall) openings(q *office.Queue, now time.Time) []office.Interval {
	l, day := h.line(q.ID), h.office.Day(now)
	if l.openDay != day {
		l.openings, l.openDay = h.cat.Openings(q, day, h.state.Closures), day
	}
	return l.openings
}

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
	day      office.Day                // of the hall; tickets of an earlier one are not counted
	waiting  []*ticket.Ticket          // by due, then joining
	at       map[string]*ticket.Ticket // called, serving, parked, missed and remote, by id
	issued   int                       // tickets of walk-ins today, whatever became of them
	expected *expected                 // nil: to be made anew
	means    []time.Duration           // of the first who wait, at most sampled; nil: to be made anew
	usual    time.Duration             // mean of the queue's services; 0: to be reckoned
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
	switch {
	case t.State == ticket.Waiting:
		i, _ := slices.BinarySearchFunc(l.waiting, t, inOrder)
		l.waiting, l.means = slices.Insert(l.waiting, i, t), nil
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
	delete(l.at, t.ID)
	if t.State != ticket.Waiting {
		return
	}
	if i, found := slices.BinarySearchFunc(l.waiting, t, inOrder); found {
		l.waiting, l.means = slices.Delete(l.waiting, i, i+1), nil
	}
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
	work              []time.Duration // their means
}

// people in front, at the most.
func (b before) people() int { return b.waiting + b.expected }

// sampled is about how many means a window is reckoned from: with more ahead,
// every so manieth stands for its neighbours, which makes the window rather wider.
const sampled = 500

// means are those of the first who wait.
func (h *hall) means(l *line, q *office.Queue) []time.Duration {
	if l.means != nil {
		return l.means
	}
	usual := h.usual(q)
	l.means = make([]time.Duration, 0, min(len(l.waiting), sampled)+1)
	for _, t := range l.waiting[:min(len(l.waiting), sampled)] {
		l.means = append(l.means, h.mean(t.Service, usual))
	}
	return l.means
}

// before finds who stands in front of a due and a joining.
func (h *hall) before(q *office.Queue, due time.Time, joined int64, now time.Time) before {
	l, x := h.line(q.ID), h.expected(q, now)
	var out before
	me := &ticket.Ticket{Due: due, Joined: joined}
	out.waiting, _ = slices.BinarySearchFunc(l.waiting, me, inOrder)
	out.expected, _ = slices.BinarySearchFunc(x.list, due, func(e expectation, d time.Time) int { return e.due.Compare(d) })
	stride := 1 + out.people()/sampled
	out.work = make([]time.Duration, 0, out.people()/stride+3)
	if stride == 1 {
		out.work = append(out.work, h.means(l, q)[:out.waiting]...)
	} else {
		usual := h.usual(q)
		for i := 0; i < out.waiting; i += stride {
			n := min(stride, out.waiting-i)
			out.work = append(out.work, time.Duration(n)*h.mean(l.waiting[i].Service, usual))
		}
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
func (h *hall) usual(q *office.Queue) time.Duration {
	l := h.line(q.ID)
	if l.usual == 0 {
		l.usual = reckonUsual(h.cat, q)
	}
	return l.usual
}

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

package live

import (
	"cmp"
	"slices"
	"time"

	"vez/booking"
	"vez/office"
	"vez/ticket"
)

// line is a queue's tickets that are not final, and who is ahead of whom.
type line struct {
	waiting []*ticket.Ticket          // by due, then joining
	at      map[string]*ticket.Ticket // called, serving, parked, missed and remote, by id
	issued  int                       // tickets of walk-ins today, whatever became of them
	order   *order                    // nil: to be made anew
}

// place is somebody in front of somebody: waiting, or expected and reckoned with.
type place struct {
	due    time.Time
	joined int64 // 0 for those who have not joined
	mean   time.Duration
}

// order is the line with those expected between those who wait, so that
// "ahead" is an upper bound that does not rise when the expected arrive.
type order struct {
	places   []place
	means    []time.Duration // of places, in order: a prefix is what is ahead
	expected int
	until    time.Time // when it changes by itself, house time; zero: never
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

func (l *line) stale() { l.order = nil }

func (l *line) add(t *ticket.Ticket) {
	l.order = nil
	if walkedIn(t) {
		l.issued++
	}
	switch {
	case t.State == ticket.Waiting:
		i, _ := slices.BinarySearchFunc(l.waiting, t, inOrder)
		l.waiting = slices.Insert(l.waiting, i, t)
	case !t.State.Final() && t.State != ticket.None:
		l.at[t.ID] = t
	}
}

func (l *line) remove(t *ticket.Ticket) {
	l.order = nil
	if walkedIn(t) {
		l.issued--
	}
	delete(l.at, t.ID)
	if t.State != ticket.Waiting {
		return
	}
	if i, found := slices.BinarySearchFunc(l.waiting, t, inOrder); found {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// walkedIn tells whether a ticket counts towards the queue's daily limit: a
// voided or undone one, cancelled before it was ever called, still does.
func walkedIn(t *ticket.Ticket) bool {
	return t.State != ticket.None && (t.Class == ticket.WalkIn || t.Class == ticket.Afar)
}

// ordered gives the line's order at a moment.
func (h *hall) ordered(q *office.Queue, now time.Time) *order {
	l := h.line(q.ID)
	if o := l.order; o != nil && (o.until.IsZero() || now.Before(o.until)) {
		return o
	}
	o := &order{places: make([]place, 0, len(l.waiting))}
	usual := h.usual(q)
	for _, t := range l.waiting {
		o.places = append(o.places, place{t.Due, t.Joined, h.mean(t.Service, usual)})
	}
	for _, t := range l.at {
		if t.State == ticket.Remote && t.Passed.IsZero() {
			o.expect(t.Due, h.mean(t.Service, usual))
		}
	}
	h.expectBooked(o, q, usual, now)
	slices.SortFunc(o.places, func(a, b place) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.joined, b.joined))
	})
	o.means = make([]time.Duration, len(o.places))
	for i, p := range o.places {
		o.means[i] = p.mean
	}
	l.order = o
	return o
}

func (o *order) expect(due time.Time, mean time.Duration) {
	o.places = append(o.places, place{due: due, mean: mean})
	o.expected++
}

// expectBooked reckons with the booked of today who may still come in time. In
// a filing-order queue nobody is expected: whoever comes stands behind.
func (h *hall) expectBooked(o *order, q *office.Queue, usual time.Duration, now time.Time) {
	if q.Rules.FilingOrder {
		return
	}
	today := h.office.Day(now)
	for _, b := range h.bookings {
		if b.Queue != q.ID || b.Day != today || b.State != booking.Confirmed {
			continue
		}
		late := b.Start.Add(q.Rules.LateBehind)
		if !now.Before(late) {
			continue
		}
		if o.until.IsZero() || late.Before(o.until) {
			o.until = late
		}
		o.expect(b.Start.Add(-q.Rules.BookedHeadStart), h.mean(b.Service, usual))
	}
}

// ahead counts who stands before a due and a joining.
func (o *order) ahead(due time.Time, joined int64) int {
	i, _ := slices.BinarySearchFunc(o.places, place{due: due, joined: joined}, func(a, b place) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.joined, b.joined))
	})
	return i
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
	sum, n := 0, 0
	for _, id := range q.Services {
		if s := h.cat.Service(id); s != nil && s.Minutes > 0 {
			sum, n = sum+s.Minutes, n+1
		}
	}
	if n == 0 {
		return usualMinutes * time.Minute
	}
	return time.Duration(sum) * time.Minute / time.Duration(n)
}

package ticket

import (
	"slices"
	"time"

	"vez/office"
)

// Queue is a queue's waiting tickets as a counter sees them when it chooses.
type Queue struct {
	ID string
	// Line holds waiting tickets, and dormant remote ones if wished, in any order.
	// It is whole, or the first ones by Before; a cut one must reach to a due not
	// before the arrival of every booked ticket in it that is not yet callable, or
	// an early call could overtake somebody further back who was there first.
	Line  []Ticket
	Rules office.Rules
	// AtLatest is how long somebody may wait before an earlier due wins over the
	// counter's list; 0: no limit.
	AtLatest time.Duration
}

// Choice is all that decides which ticket a counter calls next.
type Choice struct {
	Now    time.Time
	Queues []Queue       // in the order of the counter's policy
	Offers []office.Need // what this counter can meet
	// NeedsElsewhere tells whether another open counter meets a need; nil: none does.
	NeedsElsewhere func(office.Need) bool
	// SoftAfter is how long a soft need waits for such a counter.
	SoftAfter time.Duration
}

// Pick is the ticket to call, and why.
type Pick struct {
	Ticket Ticket
	// Invited: the call comes before the time the holder was told; unanswered, the
	// ticket goes back and nothing is counted against it.
	Invited bool
	Why     Reason
}

// candidate is the ticket that a queue would send.
type candidate struct {
	queue int // index in the policy
	*Ticket
	early bool // before its Callable
}

// line is a queue's tickets by Before, and the earliest arrival and the earliest
// due without a booking among those that the counter can serve.
type line struct {
	queue           Queue
	tickets         []*Ticket
	since, unbooked time.Time
}

// Choose takes the first callable ticket of each queue, then the counter's
// policy: the first queue of the list that has one, unless somebody in another
// queue has waited longer than that queue's limit and has the earlier due.
// It gives false when nobody may be called. It depends on nothing but the
// choice, and not on the order of the lines.
func Choose(c Choice) (Pick, bool) {
	lines := make([]line, len(c.Queues))
	for i, q := range c.Queues {
		lines[i] = c.line(q)
	}
	found := c.candidates(lines, false)
	if len(found) == 0 {
		found = c.candidates(lines, true)
	}
	if len(found) == 0 {
		return Pick{}, false
	}
	best := c.byPolicy(found)
	p := Pick{Ticket: *best.Ticket, Invited: c.Now.Before(best.Told())}
	p.Why = c.why(lines, found[0], best)
	return p, true
}

// line puts a queue in order, without touching it.
func (c Choice) line(q Queue) line {
	l := line{queue: q, tickets: make([]*Ticket, len(q.Line))}
	for i := range q.Line {
		t := &q.Line[i]
		l.tickets[i] = t
		if t.State != Waiting || !c.serves(t) {
			continue
		}
		if since := t.Since(); l.since.IsZero() || since.Before(l.since) {
			l.since = since
		}
		if due := t.unbooked(); l.unbooked.IsZero() || due.Before(l.unbooked) {
			l.unbooked = due
		}
	}
	slices.SortFunc(l.tickets, inLine)
	return l
}

// candidates are the first callable ticket of each queue, in policy order.
// Those who did not answer an invitation come in question only where again is set.
func (c Choice) candidates(lines []line, again bool) []candidate {
	var out []candidate
	for i, l := range lines {
		for _, t := range l.tickets {
			ok, early := c.callable(l, t)
			if ok && (again || !c.asked(t)) {
				out = append(out, candidate{i, t, early})
				break
			}
		}
	}
	return out
}

// callable tells whether this counter may call a ticket of a line now, and
// whether it does so before its time. A booked one may be called early when
// nobody whom the counter can serve arrived before it, or when it would stand
// first as a walk-in: so nobody fares worse for having booked.
func (c Choice) callable(l line, t *Ticket) (ok, early bool) {
	if t.State != Waiting || !c.serves(t) {
		return false, false
	}
	if l.queue.Rules.FilingOrder || !c.Now.Before(t.Callable) {
		return true, false
	}
	return !l.since.Before(t.Since()) || !l.unbooked.Before(t.unbooked()), true
}

// asked tells whether a ticket was invited in vain before the time its holder
// was told: calling it again at once would keep everybody else waiting.
func (c Choice) asked(t *Ticket) bool { return !t.Asked.IsZero() && c.Now.Before(t.Told()) }

// byPolicy picks among the candidates, which stand in policy order.
func (c Choice) byPolicy(found []candidate) candidate {
	best := found[0]
	for _, f := range found[1:] {
		limit := c.Queues[f.queue].AtLatest
		if limit > 0 && c.Now.Sub(f.Since()) > limit && f.Before(*best.Ticket) {
			best = f
		}
	}
	return best
}

// Since is when a ticket took its present place: the later of arrival and due.
// A head start makes due earlier than the arrival, coming back late makes it later.
func (t Ticket) Since() time.Time { return later(t.Arrival, t.Due) }

// unbooked is the due that a ticket would have without a booking.
func (t Ticket) unbooked() time.Time { return later(t.Due, t.Arrival.Add(-t.HeadStart)) }

// Told is the time before which the holder need not be there: the booked start
// or the printed From, whichever is later; zero when neither was told.
func (t Ticket) Told() time.Time {
	if t.Class == Booked {
		return later(t.Start, t.From)
	}
	return t.From
}

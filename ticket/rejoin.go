package ticket

import (
	"time"

	"vez/fault"
	"vez/office"
)

// Returned is the due of a ticket that goes back into its line: the old one.
// A missed ticket keeps it within the grace only, and in a filing-order queue
// never; then the fault is GraceOver (params minutes), and staff may return it
// late, with due = now.
func Returned(t Ticket, now time.Time, rules office.Rules) (time.Time, error) {
	if t.State != Missed {
		return t.Due, nil
	}
	grace := rules.ReturnGrace
	if rules.FilingOrder {
		grace = 0
	}
	if rules.FilingOrder || now.Sub(t.MissedAt) > grace {
		return time.Time{}, fault.New(fault.GraceOver, "minutes", int(grace/time.Minute))
	}
	return t.Due, nil
}

// ReturnedLate is the due of a ticket that staff return after the grace.
func ReturnedLate(now time.Time) time.Time { return now }

// Activated is the due of a remote ticket whose holder is here. It is kept
// while no call has overtaken it, and for the remote grace after one has;
// later it is now, or a dormant ticket would be a free option (facts on order).
// In a filing-order queue it is now.
//
// head is the head start of a priority that is declared only now, for nobody
// asks for it from afar; 0 for none.
func Activated(t Ticket, head time.Duration, now time.Time, rules office.Rules) time.Time {
	due := t.Due
	if rules.FilingOrder || !t.Passed.IsZero() && now.Sub(t.Passed) > rules.RemoteGrace {
		due = now
	}
	if rules.FilingOrder {
		return due
	}
	return due.Add(-head)
}

// Where a transferred ticket goes in the line of its new queue.
const (
	PlaceDue   = "due"   // keeps its due: it was our mistake
	PlaceFront = "front" // before everybody; needs a named reason
	PlaceEnd   = "end"   // due = now
)

// frontBefore is longer than any line of a day reaches back.
const frontBefore = 24 * time.Hour

// Transferred is the due of a ticket in the queue it is transferred to, whose id
// and rules are given. To the front is refused in a filing-order queue
// (fault.FilingOrder), where to keep one's due means the instant of arrival;
// but who is sent to the very queue they are served in keeps no old place there,
// as who is put back does not. Those sent to the front stand there in the order
// they were sent.
func Transferred(t Ticket, to, place string, now time.Time, rules office.Rules) (time.Time, error) {
	switch place {
	case PlaceDue, "":
		if rules.FilingOrder && to == t.Queue {
			return now, nil
		}
		if rules.FilingOrder {
			return t.Arrival, nil
		}
		return t.Due, nil
	case PlaceEnd:
		return now, nil
	case PlaceFront:
		if rules.FilingOrder {
			return time.Time{}, fault.New(fault.FilingOrder)
		}
		return now.Add(-frontBefore), nil
	}
	return time.Time{}, fault.New(fault.InvalidField, "field", "place", "why", place)
}

// Continued is the due in the queue of a visit's next service: the arrival when
// that service was declared at check-in, else now.
func Continued(t Ticket, declared bool, now time.Time) time.Time {
	if declared && !t.Arrival.IsZero() {
		return t.Arrival
	}
	return now
}

// CanMiss is how long the counter must still wait before it may declare the
// called person missed; 0 when it may. It counts from the first call of the
// present call, never by the number of calls. far: the person is called into a
// zone that takes longer to reach.
func CanMiss(t Ticket, now time.Time, far bool, rules office.Rules) time.Duration {
	wait := rules.MissAfter
	if far || t.has(office.NeedMoreTime) {
		wait = max(wait, rules.MissAfterMore)
	}
	return max(t.CalledAt.Add(wait).Sub(now), 0)
}

// AfterPause is the ticket after the hall stood still from one instant to
// another: nothing of its running terms ran meanwhile.
func AfterPause(t Ticket, from, to time.Time) Ticket {
	shift := func(at *time.Time) {
		if !at.IsZero() && at.Before(to) {
			*at = at.Add(to.Sub(later(*at, from)))
		}
	}
	shift(&t.CalledAt)
	shift(&t.MissedAt)
	shift(&t.Passed)
	if t.ParkedUntil.After(from) {
		t.ParkedUntil = t.ParkedUntil.Add(to.Sub(from))
	}
	return t
}

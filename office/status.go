package office

import "time"

// Status is how a queue stands for somebody who thinks of coming.
type Status string

// The statuses.
const (
	StatusOpen        Status = "open"
	StatusUnattended  Status = "unattended"   // within its hours, but no counter serves it
	StatusFull        Status = "full"         // the day's tickets for walk-ins are given
	StatusLastTickets Status = "last_tickets" // shortly before closing: the last ticket is given, those who hold one are served
	StatusPaused      Status = "paused"       // the hall stands still
	StatusClosed      Status = "closed"       // outside its hours
)

// Issues tells whether walk-ins get a ticket without more ado.
func (s Status) Issues() bool { return s == StatusOpen }

// QueueStatus derives how a queue stands now, from its openings of the day, the
// tickets given to walk-ins today and the open counters that serve it. Where
// several hold, the first of closed, paused, full, last tickets and unattended is told.
func QueueStatus(q *Queue, openings []Interval, now time.Time, issued, counters int, paused bool) Status {
	rules := rulesDuring(q, openings)
	switch {
	case !openAt(openings, now):
		return StatusClosed
	case paused:
		return StatusPaused
	case rules.WalkIn && rules.WalkInLimit > 0 && issued >= rules.WalkInLimit:
		return StatusFull
	case !now.Before(LastTicketAt(q, openings)):
		return StatusLastTickets
	case counters <= 0:
		return StatusUnattended
	}
	return StatusOpen
}

// LastTicketAt is the instant from which a queue gives no new tickets that
// day: so long before its last closing as its rules say, where LastFiling wins
// over LastTicket. A midday break is no closing. Zero without openings.
func LastTicketAt(q *Queue, openings []Interval) time.Time {
	if len(openings) == 0 {
		return time.Time{}
	}
	rules := rulesDuring(q, openings)
	before := rules.LastTicket
	if rules.LastFiling > 0 {
		before = rules.LastFiling
	}
	return openings[len(openings)-1].To.Add(-before)
}

// Until is when that changes: the closing of the present opening, or else the
// next opening of the day. Zero when there is none left.
func Until(openings []Interval, now time.Time) time.Time {
	for _, i := range openings {
		if i.Has(now) {
			return i.To
		}
		if now.Before(i.From) {
			return i.From
		}
	}
	return time.Time{}
}

// rulesDuring gives the rules of the day that the openings, in the office's zone, are of.
func rulesDuring(q *Queue, openings []Interval) Rules {
	if len(openings) == 0 {
		return q.Rules
	}
	return q.RulesOn(DayOf(openings[0].From, openings[0].From.Location()))
}

func openAt(openings []Interval, now time.Time) bool {
	for _, i := range openings {
		if i.Has(now) {
			return true
		}
	}
	return false
}

package audit

import (
	"encoding/json"
	"slices"
	"time"

	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// transferred is the detail of a transfer.
type transferred struct {
	Place string `json:"place"`
}

// order judges a call, before its images are taken over.
func (s *site) order(e event.Event) {
	m, is := e.Kind.Move()
	if !is || len(e.Images.Tickets) == 0 {
		return
	}
	t := &e.Images.Tickets[0]
	if s.state.Paused() && e.Counter != "" && (m == ticket.Call || m == ticket.CallThis || m == ticket.Miss) {
		s.find(I5, t.ID, "%s: %s while the hall is paused", t.Number, m)
	}
	switch m {
	case ticket.Call:
		s.freeToCall(e, t)
		s.argmin(e, t)
		s.bounded(e, t)
	case ticket.CallThis:
		s.freeToCall(e, t)
		if !ticket.KnownReason(e.Reason) {
			s.find(I5, t.ID, "%s is called out of turn for the reason %q, which is none", t.Number, e.Reason)
		}
		if q := s.rules(t.Queue, t.Day); q != nil && q.FilingOrder {
			s.find(I5, t.ID, "%s is called out of turn in the filing order of %s", t.Number, t.Queue)
		}
	}
}

// freeToCall looks whether the counter may call anybody.
func (s *site) freeToCall(e event.Event, t *ticket.Ticket) {
	sh, known := s.shifts[e.Counter]
	if !known && s.blind {
		return
	}
	if err := counter.CanCall(sh); err != nil {
		s.find(I2, e.Counter, "%s is called to a counter that is %s with ticket %q", t.Number, sh.State, s.number(sh.Ticket))
	}
}

// argmin recomputes the choice on the lines as they stood.
func (s *site) argmin(e event.Event, t *ticket.Ticket) {
	if s.blind || s.office == nil {
		return
	}
	pick, ok := ticket.Choose(s.choice(e))
	switch {
	case !ok:
		s.find(I5, t.ID, "%s is called, and the counter may call nobody", t.Number)
	case pick.Ticket.ID != t.ID:
		s.find(I5, t.ID, "%s due %s is called, and %s due %s is next (%s)", t.Number, s.clock(t.Due),
			pick.Ticket.Number, s.clock(pick.Ticket.Due), pick.Why.Rule)
	}
}

// choice is what the counter of a call had to choose from.
func (s *site) choice(e event.Event) ticket.Choice {
	sh := s.shifts[e.Counter]
	c := ticket.Choice{Now: e.At, Offers: sh.Offers, SoftAfter: s.a.cfg.SoftAfter}
	needy := false
	for _, served := range sh.Queues {
		q := s.a.cfg.Catalogue.Queue(served.Queue)
		if q == nil {
			continue
		}
		line := s.lines[q.ID]
		needy = needy || slices.ContainsFunc(line, func(t ticket.Ticket) bool { return len(t.Needs) > 0 })
		c.Queues = append(c.Queues, ticket.Queue{ID: q.ID, Line: line, Rules: *s.rules(q.ID, s.state.Day), AtLatest: served.AtLatest})
	}
	if needy {
		c.NeedsElsewhere = s.elsewhere(e.Counter)
	}
	return c
}

// elsewhere tells which needs another open counter meets.
func (s *site) elsewhere(id string) func(office.Need) bool {
	return func(n office.Need) bool {
		for _, sh := range s.shifts {
			if sh.Counter != id && sh.State == counter.Open && slices.Contains(sh.Offers, n) {
				return true
			}
		}
		return false
	}
}

// rules of a queue on a day; nil for one that the catalogue does not know.
func (s *site) rules(queue string, day office.Day) *office.Rules {
	q := s.a.cfg.Catalogue.Queue(queue)
	switch {
	case q == nil:
		return nil
	case len(q.Seasons) == 0:
		return &q.Rules
	}
	r := q.RulesOn(day)
	return &r
}

// bound is how far somebody may overtake in the ticket's queue: the largest
// head start and the late grace.
func (s *site) bound(t *ticket.Ticket) time.Duration {
	r := s.rules(t.Queue, t.Day)
	if r == nil {
		return 0
	}
	return max(r.PriorityHeadStart, r.BookedHeadStart) + r.LateBehind
}

// reference is the time that the promise of order speaks of: the arrival, and
// for somebody booked the earlier of arrival and start.
func reference(t *ticket.Ticket) time.Time {
	if !t.Start.IsZero() && t.Start.Before(t.Arrival) {
		return t.Start
	}
	return t.Arrival
}

// bounded holds promise 4: among those whom the counter can serve, nobody who
// walked in is overtaken beyond the bound. Who was asked in vain before the
// window they were told has not been overtaken, and who was put to the front
// for a named reason has overtaken with it.
func (s *site) bounded(e event.Event, t *ticket.Ticket) {
	u := s.tickets[t.ID]
	if u == nil || u.named {
		return
	}
	bound, ref := max(u.bound, s.bound(t)), reference(t)
	offers := s.shifts[e.Counter].Offers
	for i := range s.lines[t.Queue] {
		w := &s.lines[t.Queue][i]
		if w.Class != ticket.WalkIn || w.ID == t.ID || !ref.After(w.Since().Add(bound)) {
			continue
		}
		if len(ticket.Unmet(w.Needs, offers)) > 0 || !w.Asked.IsZero() && e.At.Before(w.Told()) {
			continue
		}
		s.find(I5, t.ID, "%s of %s overtakes %s, who waits since %s, by more than %s", t.Number, s.clock(ref), w.Number, s.clock(w.Since()), bound)
	}
}

// isNamed tells whether a ticket stands before others for a reason that staff named.
func (s *site) isNamed(e *event.Event, u *seat, t *ticket.Ticket, m ticket.Move) bool {
	if m != ticket.Transfer {
		return u.named && u.t.Due.Equal(t.Due)
	}
	var d transferred
	_ = json.Unmarshal(e.Detail, &d) // without a detail it is no transfer to the front
	if d.Place != ticket.PlaceFront {
		return u.named && u.t.Due.Equal(t.Due)
	}
	if !ticket.KnownReason(e.Reason) {
		s.find(I5, t.ID, "%s is put to the front for the reason %q, which is none", t.Number, e.Reason)
	}
	return true
}

// dueAtBirth reckons the due of a ticket that is made, as its class has it.
func (s *site) dueAtBirth(t *ticket.Ticket) {
	if t.State == ticket.Serving { // served at once: it never stood in a line
		return
	}
	due, callable, known := s.reckon(t)
	if known && (!due.Equal(t.Due) || !callable.Equal(t.Callable)) {
		s.find(I5, t.ID, "%s (%s, arrived %s) is due %s and callable %s, reckoned are %s and %s", t.Number, t.Class,
			s.clock(t.Arrival), s.clock(t.Due), s.clock(t.Callable), s.clock(due), s.clock(callable))
	}
}

// reckon is due and callable of a ticket that joins by its class. Whether
// somebody booked came too late was judged by clocks that no event tells; here
// the class says it.
func (s *site) reckon(t *ticket.Ticket) (due, callable time.Time, known bool) {
	r := s.rules(t.Queue, t.Day)
	if r == nil {
		return due, callable, false
	}
	j := ticket.Joining{Arrival: t.Arrival, Class: t.Class, Start: t.Start, HeadStart: t.HeadStart, Rules: *r}
	switch t.Class {
	case ticket.Late:
		j.Class = ticket.WalkIn
	case ticket.Booked:
		j.KioskDownFor = max(0, t.Arrival.Sub(t.Start))
	}
	p, err := ticket.Join(j)
	return millis(p.Due), millis(p.Callable), err == nil
}

// millis cuts an instant as the ledger does.
func millis(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(time.Millisecond)
}

// dueOf judges what a move made of a ticket's due: only some may touch it, and
// each in its own way.
func (s *site) dueOf(e *event.Event, u *seat, t *ticket.Ticket, is bool, m ticket.Move) {
	was := &u.t
	if !is {
		m = ""
	}
	kept := t.Due.Equal(was.Due) && t.Queue == was.Queue
	r := s.rules(t.Queue, t.Day)
	if r == nil {
		return
	}
	now := millis(e.At)
	var right bool
	switch m {
	case ticket.Return:
		due, err := ticket.Returned(*was, e.At, *r)
		right = err == nil && kept && t.Due.Equal(due)
		if r.FilingOrder && was.State != ticket.Called { // nobody keeps an old place there
			right = t.Due.Equal(now) && t.Queue == was.Queue
		}
	case ticket.ReturnLate, ticket.Continue:
		right = t.Due.Equal(now) || m == ticket.Continue && t.Due.Equal(t.Arrival)
	case ticket.Activate:
		declared := t.HeadStart - was.HeadStart
		right = t.Due.Equal(millis(ticket.Activated(*was, declared, e.At, *r))) && t.Queue == was.Queue &&
			(declared == 0 || declared == r.PriorityHeadStart && was.HeadStart == 0)
	case ticket.Change:
		due, _, _ := s.reckon(t)
		right = kept || t.Due.Equal(due)
	case ticket.Transfer:
		var d transferred
		_ = json.Unmarshal(e.Detail, &d)
		due, err := ticket.Transferred(*was, t.Queue, d.Place, e.At, *r)
		right = err == nil && t.Due.Equal(millis(due))
	default:
		right = kept
	}
	if !right {
		s.find(I5, t.ID, "%s in %s due %s becomes %s in %s due %s by %s, which is not how a due is reckoned", t.Number,
			was.Queue, s.clock(was.Due), t.State, t.Queue, s.clock(t.Due), e.Kind)
	}
	if t.State == ticket.Waiting && !t.Due.Equal(was.Due) && t.Joined != e.Seq {
		s.find(I5, t.ID, "%s has a new due and the place of event %d among those with the same", t.Number, t.Joined)
	}
}

package audit

import (
	"fmt"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// site is one office as its events show it.
type site struct {
	a      *Auditor
	id     string
	office *office.Office // nil when the catalogue does not know it
	loc    *time.Location

	seq   int64
	at    time.Time
	state office.State
	ev    *event.Event // being fed

	tickets map[string]*seat // of the day, and those that should not be there any more
	lines   map[string][]ticket.Ticket
	open    map[string]string // counter to the ticket called or served there, by the tickets
	shifts  map[string]counter.Shift

	bookings   map[string]*booking.Booking
	references map[string]string
	slots      map[slot]*daybook
	closures   int // how often they changed

	numbers map[run]*series

	// blind: tickets, shifts and numbers that were never seen may be there all the same; so may bookings.
	blind         bool
	blindBookings bool
	cellsUnknown  bool // bookings that occupy cells may be among those

	told map[string]bool // rows that outlived their day, each told once

	past         [32]byte // of the rows that were forgotten, see StateHash
	pastTickets  map[string]*seat
	pastBookings map[string]*booking.Booking

	today dayCache
}

func newSite(a *Auditor, id string) *site {
	s := &site{a: a, id: id, office: a.cfg.Catalogue.Office(id), pastTickets: map[string]*seat{}, pastBookings: map[string]*booking.Booking{}}
	s.clear()
	if s.office != nil {
		s.loc = s.office.Location()
	}
	return s
}

func (s *site) clear() {
	s.tickets, s.lines, s.open, s.shifts = map[string]*seat{}, map[string][]ticket.Ticket{}, map[string]string{}, map[string]counter.Shift{}
	s.bookings, s.references, s.slots = map[string]*booking.Booking{}, map[string]string{}, map[slot]*daybook{}
	s.numbers, s.told = map[run]*series{}, map[string]bool{}
}

// forget makes the site take rows as they come: something is not known.
func (s *site) forget() {
	s.clear()
	s.state = office.State{}
	s.closures++
	s.blind, s.blindBookings, s.cellsUnknown = true, true, true
}

func (s *site) find(i Invariant, subject, format string, args ...any) {
	seq := s.seq
	if s.ev != nil {
		seq = s.ev.Seq
	}
	s.a.find(Finding{i, s.id, seq, subject, fmt.Sprintf(format, args...)})
}

func (s *site) clock(t time.Time) string {
	if s.loc != nil {
		t = t.In(s.loc)
	}
	return t.Format("2006-01-02 15:04:05.000 -0700")
}

// dayCache keeps the bounds of a calendar day.
type dayCache struct {
	day      office.Day
	from, to time.Time
}

// day is the calendar day of an instant in the office's zone; "" where the zone is not known.
func (s *site) day(t time.Time) office.Day {
	if s.loc == nil {
		return ""
	}
	c := &s.today
	if c.day == "" || t.Before(c.from) || !t.Before(c.to) {
		c.day = office.DayOf(t, s.loc)
		c.from, c.to = c.day.Time(0, s.loc), c.day.Add(1).Time(0, s.loc)
	}
	return c.day
}

// feed judges the event and takes over its images: the last image of a row is
// the row, whether it should be so or not.
func (s *site) feed(e event.Event) {
	s.ev = &e
	defer func() { s.ev, s.seq, s.at = nil, e.Seq, e.At }()
	if e.At.Before(s.at) {
		s.find(I11, "", "time goes back from %s to %s", s.clock(s.at), s.clock(e.At))
	}
	if e.Kind == "" { // erased
		s.forget()
		return
	}
	if !e.Kind.Known() {
		s.find(I1, "", "an event of the unknown kind %q", e.Kind)
	}
	s.belated(e)
	s.order(e)
	s.moveTickets(e)
	s.moveBookings(e)
	s.moveShifts(e)
	s.voids(e)
	s.moveOffice(e)
	s.agree(e)
	s.a.hear(e)
}

// belated finds what happens on a later day before the close of the last one:
// only what the close itself is made of may.
func (s *site) belated(e event.Event) {
	today := s.day(e.At)
	if today == "" || s.blind || s.state.Day >= today {
		return
	}
	if m, ok := e.Kind.Move(); ok {
		switch {
		case e.Counter != "":
		case m == ticket.Expire, m == ticket.Miss, m == ticket.Close, m == ticket.Unserve:
			return
		}
	}
	switch e.Kind {
	case event.KindDay, event.KindOpened, event.KindMissed, event.KindLapsed, event.KindFreed, event.CounterKind(string(counter.MoveClose)):
		return
	}
	s.find(I1, "", "%s on %s, and the day %s is not closed", e.Kind, today, s.state.Day)
}

// moveOffice takes over the office's state and, where its day turns, looks whether all of the old one is over.
func (s *site) moveOffice(e event.Event) {
	o := e.Images.Office
	if o == nil {
		if e.Kind == event.KindDay || e.Kind == event.KindOpened {
			s.find(I11, "", "%s does not say which day begins", e.Kind)
		}
		return
	}
	was := s.state
	s.state = *o
	if !sameClosures(was.Closures, o.Closures) {
		s.closures++
	}
	if o.Day == was.Day {
		return
	}
	if e.Kind != event.KindDay && e.Kind != event.KindOpened {
		s.find(I11, "", "the day turns from %q to %q by %s", was.Day, o.Day, e.Kind)
	}
	if today := s.day(e.At); today != "" && o.Day != today {
		s.find(I11, "", "the day %s begins on %s", o.Day, today)
	}
	if o.Day < was.Day {
		s.find(I11, "", "the day goes back from %s to %s", was.Day, o.Day)
	}
	s.closeDay(o.Day)
}

func sameClosures(a, b []office.Closure) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].ID != b[i].ID || a[i].Queue != b[i].Queue || !a[i].From.Equal(b[i].From) || !a[i].To.Equal(b[i].To) {
			return false
		}
	}
	return true
}

// closeDay finds what lives on when another day begins, and forgets what has ended.
func (s *site) closeDay(next office.Day) {
	p := s.newPast()
	for _, id := range sortedKeys(s.tickets) {
		t := &s.tickets[id].t
		switch {
		case t.Day >= next:
		case t.State.Final():
			p.ticket(s.tickets[id])
		case !s.told[id]:
			s.told[id] = true
			s.leave(t)
			s.find(I1, id, "%s of %s is still %s when %s begins", t.Number, t.Day, t.State, next)
		}
	}
	for _, id := range sortedKeys(s.bookings) {
		b := s.bookings[id]
		switch {
		case b.Day >= next:
		case settled(b):
			p.booking(b)
		case !s.told[id] && (b.State == booking.Held || b.State == booking.Confirmed || b.State == booking.CheckedIn):
			s.told[id] = true
			s.find(I1, id, "the booking of %s is still %s when %s begins", b.Day, b.State, next)
		}
	}
	for _, id := range sortedKeys(s.shifts) {
		if sh := s.shifts[id]; sh.State != counter.Closed {
			s.find(I1, id, "the counter is still %s when %s begins", sh.State, next)
		}
	}
	s.closeNumbers(next)
	p.done()
	s.blind = false
}

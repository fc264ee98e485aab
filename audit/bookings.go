package audit

import (
	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// slot is a queue on a day.
type slot struct {
	queue string
	day   office.Day
}

// daybook is the bookings that may occupy the cells of a slot.
type daybook struct {
	rows     map[string]*booking.Booking
	plan     booking.Plan
	closures int // the count of closures that the plan was reckoned with
}

// moves lists which moves of bookings an event's kind may make. Kinds that are
// not here leave a booking's state alone; an undo is judged by its ticket.
var bookingMoves = map[event.Kind][]booking.Move{
	event.KindHeld:        {booking.Hold},
	event.KindExtended:    {booking.Extend},
	event.KindConfirmed:   {booking.Book, booking.Confirm},
	event.KindCancelled:   {booking.Cancel},
	event.KindRescheduled: {booking.Reschedule},
	event.KindLapsed:      {booking.Lapse, booking.Cancel},
	event.KindFreed:       {booking.Free},
	event.KindCheckedIn:   {booking.CheckIn},
	event.KindMissed:      {booking.Miss},
	event.KindDisplaced:   {booking.Displace},
	event.KindClosure:     {booking.Displace},
	event.KindUndo:        {booking.Reopen, booking.UndoCheckIn, booking.Fulfil, booking.Unserve},
}

// ticketMoves are those that come with a ticket's move.
var ticketMoves = []booking.Move{booking.CheckIn, booking.Fulfil, booking.Unserve, booking.Reopen}

// moveBookings judges the images of bookings, takes them over all at once, and
// then looks whether what they newly occupy had a place.
func (s *site) moveBookings(e event.Event) {
	if len(e.Images.Bookings) == 0 {
		return
	}
	fresh := make([]bool, len(e.Images.Bookings)*booking.CellsPerDay)
	for i := range e.Images.Bookings {
		b := &e.Images.Bookings[i]
		was := s.bookings[b.ID]
		if was == nil {
			was = s.pastBookings[b.ID]
		}
		s.moveBooking(&e, i, was, b)
		s.occupied(&e, was, b, fresh[i*booking.CellsPerDay:(i+1)*booking.CellsPerDay])
	}
	for i := range e.Images.Bookings {
		s.putBooking(e.Images.Bookings[i])
	}
	for i := range e.Images.Bookings {
		s.fit(&e, &e.Images.Bookings[i], fresh[i*booking.CellsPerDay:(i+1)*booking.CellsPerDay])
	}
}

func (s *site) moveBooking(e *event.Event, i int, was, b *booking.Booking) {
	if b.Office != e.Office || b.Seq != e.Seq {
		s.find(I1, b.ID, "the image of the booking is of event %s/%d", b.Office, b.Seq)
	}
	if s.loc != nil && s.day(b.Start) != b.Day {
		s.find(I11, b.ID, "the booking of the day %s starts at %s", b.Day, s.clock(b.Start))
	}
	if b.Made.After(e.At) || b.End.Before(b.Start) {
		s.find(I11, b.ID, "the booking was made at %s for %s to %s", s.clock(b.Made), s.clock(b.Start), s.clock(b.End))
	}
	if other := s.references[b.Reference]; b.Reference != "" && other != "" && other != b.ID {
		s.find(I7, b.ID, "the reference %s is the booking %s, too", b.Reference, other)
	}
	from := booking.None
	switch {
	case was != nil:
		from = was.State
		s.sameBooking(e, was, b)
	case s.blindBookings && !makesBooking(e.Kind):
		return
	case b.Origin == booking.Vacated && e.Kind == event.KindRescheduled && i > 0:
		if b.State != booking.Cancelled {
			s.find(I1, b.ID, "the cells that a rescheduled booking left are %s", b.State)
		}
		return
	}
	if was != nil && b.State == from && !makesBooking(e.Kind) {
		return
	}
	if !legal(e, from, b.State) {
		s.find(I1, b.ID, "the booking goes from %q to %q by %s", from, b.State, e.Kind)
	}
}

func makesBooking(k event.Kind) bool { return k == event.KindHeld || k == event.KindConfirmed }

// legal tells whether an event's kind may bring a booking from a state to another.
func legal(e *event.Event, from, to booking.State) bool {
	moves := bookingMoves[e.Kind]
	if _, is := e.Kind.Move(); is {
		moves = ticketMoves
	}
	for _, m := range moves {
		if got, err := booking.Next(from, m); err == nil && got == to {
			return true
		}
	}
	return false
}

// sameBooking looks that what a booking is stays, and that it goes to another day by rescheduling only.
func (s *site) sameBooking(e *event.Event, was, b *booking.Booking) {
	moved := was.Day != b.Day || !was.Start.Equal(b.Start) || !was.End.Equal(b.End) || was.Queue != b.Queue
	if moved && e.Kind != event.KindRescheduled {
		s.find(I11, b.ID, "the booking moves from %s to %s by %s", s.clock(was.Start), s.clock(b.Start), e.Kind)
	}
	if was.Reference != b.Reference || was.Office != b.Office {
		s.find(I7, b.ID, "the booking with reference %s becomes %s", was.Reference, b.Reference)
	}
	if was.Ticket != "" && b.Ticket != was.Ticket {
		s.find(I7, b.ID, "the booking was ticket %s and is %q", s.number(was.Ticket), s.number(b.Ticket))
	}
	if was.Freed && !b.Freed && b.State == was.State {
		s.find(I4, b.ID, "cells that were given back are taken again by %s", e.Kind)
	}
}

// putBooking takes over an image.
func (s *site) putBooking(b booking.Booking) {
	was := s.bookings[b.ID]
	if was != nil {
		if book := s.slots[slot{was.Queue, was.Day}]; book != nil {
			delete(book.rows, b.ID)
		}
		delete(s.references, was.Reference)
	}
	row := &b
	s.bookings[b.ID] = row
	if b.Reference != "" {
		s.references[b.Reference] = b.ID
	}
	if b.Freed || b.State == booking.Lapsed || b.State == booking.None {
		return
	}
	s.book(slot{b.Queue, b.Day}).rows[b.ID] = row
}

func (s *site) book(at slot) *daybook {
	book := s.slots[at]
	if book == nil {
		book = &daybook{rows: map[string]*booking.Booking{}, closures: -1}
		s.slots[at] = book
	}
	return book
}

// planOf is the plan of a slot with the closures as they are.
func (s *site) planOf(at slot) *booking.Plan {
	book := s.book(at)
	if book.closures != s.closures {
		cat := s.a.cfg.Catalogue
		q := cat.Queue(at.queue)
		openings := cat.Openings(q, at.day, s.state.Closures)
		book.plan = booking.PlanOf(q, openings, at.day, s.loc, booking.BlockMinutes(cat, q))
		book.closures = s.closures
	}
	return &book.plan
}

// occupied marks the cells that the image takes at the event's time and that
// the booking did not take until then.
func (s *site) occupied(e *event.Event, was, b *booking.Booking, fresh []bool) {
	if s.office == nil || s.a.cfg.Catalogue.Queue(b.Queue) == nil || !b.Occupies(e.At) {
		return
	}
	midnight := s.planOf(slot{b.Queue, b.Day}).Midnight
	if midnight.IsZero() {
		return
	}
	from, to := b.Cells(midnight)
	for c := from; c < to; c++ {
		fresh[c] = true
	}
	if was == nil || was.Queue != b.Queue || was.Day != b.Day || !was.Occupies(e.At) {
		return
	}
	from, to = was.Cells(midnight)
	for c := from; c < to; c++ {
		fresh[c] = false
	}
}

// fit looks whether each cell newly taken has a place for all who take it now.
func (s *site) fit(e *event.Event, b *booking.Booking, fresh []bool) {
	if b.Origin == booking.Vacated || s.blindBookings && s.bookings[b.ID] == nil {
		return
	}
	first := -1
	for c := range fresh {
		if fresh[c] {
			first = c
			break
		}
	}
	if first < 0 {
		return
	}
	at := slot{b.Queue, b.Day}
	plan := s.planOf(at)
	var taken [booking.CellsPerDay]int
	for _, other := range s.book(at).rows {
		if !other.Occupies(e.At) {
			continue
		}
		from, to := other.Cells(plan.Midnight)
		for c := from; c < to; c++ {
			taken[c]++
		}
	}
	for c := range fresh {
		if fresh[c] && taken[c] > int(plan.Places[c]) {
			s.find(I4, b.ID, "%s on %s: the cell of %s has %d places and %d bookings by %s", b.Queue, b.Day,
				s.clock(plan.Start(c)), plan.Places[c], taken[c], e.Kind)
			return
		}
	}
}

// settled tells that nothing more comes of a booking of a past day.
func settled(b *booking.Booking) bool {
	switch b.State {
	case booking.Fulfilled, booking.Unserved, booking.Lapsed, booking.Missed:
		return true
	case booking.Cancelled:
		return b.Freed || b.FreeAt.IsZero()
	}
	return false
}

// checkedIn looks that a booking becomes one ticket.
func (s *site) checkedIn(t *ticket.Ticket) {
	if t.Booking == "" {
		return
	}
	b := s.bookings[t.Booking]
	switch {
	case b == nil && s.blindBookings:
	case b == nil:
		s.find(I7, t.ID, "%s is of the booking %s, which is not there", t.Number, t.Booking)
	case b.Ticket != "":
		s.find(I7, b.ID, "the booking is checked in once more, as %s; it is %s", t.Number, s.number(b.Ticket))
	case b.State != booking.Confirmed:
		s.find(I7, b.ID, "the booking is %s and is checked in as %s", b.State, t.Number)
	}
}

// agreeBooking holds a ticket against its booking.
func (s *site) agreeBooking(t *ticket.Ticket) {
	if t.Booking == "" {
		return
	}
	b := s.bookings[t.Booking]
	if b == nil {
		return
	}
	want := booking.CheckedIn
	switch {
	case t.State == ticket.Unserved:
		want = booking.Unserved
	case t.State.Final():
		want = booking.Fulfilled
	}
	if b.State != want || b.Ticket != t.ID {
		s.find(I1, b.ID, "%s is %s and its booking is %s with ticket %q", t.Number, t.State, b.State, s.number(b.Ticket))
	}
}

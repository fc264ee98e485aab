package audit

import (
	"strings"

	"vez/counter"
	"vez/event"
)

const counterPrefix = "counter."

// moveShifts judges the images of shifts by the table of counters and takes them over.
func (s *site) moveShifts(e event.Event) {
	for i := range e.Images.Shifts {
		sh := &e.Images.Shifts[i]
		if sh.Office != e.Office || sh.Seq != e.Seq {
			s.find(I2, sh.Counter, "the image of the shift is of event %s/%d", sh.Office, sh.Seq)
		}
		was, known := s.shifts[sh.Counter]
		if known || !s.blind {
			s.moveShift(e, was, *sh)
		}
		s.shifts[sh.Counter] = *sh
	}
}

func (s *site) moveShift(e event.Event, was, sh counter.Shift) {
	if was.State == "" {
		was.State = counter.Closed
	}
	switch m, is := strings.CutPrefix(string(e.Kind), counterPrefix); {
	case is:
		if to, err := counter.Next(was.State, counter.Move(m)); err != nil || to != sh.State {
			s.find(I2, sh.Counter, "the counter goes from %s to %s by %s", was.State, sh.State, m)
		}
	case e.Kind == event.KindUndo: // its ticket tells
	case was.State == sh.State:
	case was.State == counter.Closing && sh.State == counter.Closed && sh.Ticket == "":
	default:
		s.find(I2, sh.Counter, "the counter goes from %s to %s by %s", was.State, sh.State, e.Kind)
	}
}

// agree holds counters and tickets that the event touched against each other.
func (s *site) agree(e event.Event) {
	for i := range e.Images.Shifts {
		s.agreeAt(e.Images.Shifts[i].Counter)
	}
	for i := range e.Images.Tickets {
		t := &e.Images.Tickets[i]
		if busy(t.State) && !touches(e, t.Counter) {
			s.agreeAt(t.Counter)
		}
		if u := s.tickets[t.ID]; u != nil {
			// The counter it was at before must have let go of it.
			m := u.trail[len(u.trail)-2]
			if busy(m.state) && (m.counter != t.Counter || !busy(t.State)) && !touches(e, m.counter) {
				s.agreeAt(m.counter)
			}
		}
		s.agreeBooking(t)
	}
}

func touches(e event.Event, id string) bool {
	for i := range e.Images.Shifts {
		if e.Images.Shifts[i].Counter == id {
			return true
		}
	}
	return false
}

func (s *site) agreeAt(id string) {
	sh, known := s.shifts[id]
	if !known && s.blind || id == "" {
		return
	}
	open := s.open[id]
	switch {
	case sh.Ticket == open:
	case s.blind && (s.tickets[sh.Ticket] == nil):
	case open == "":
		s.find(I2, id, "the counter has %s, which is %s", s.number(sh.Ticket), s.stateOf(sh.Ticket))
	default:
		s.find(I2, id, "%s is %s there, and the counter says %q", s.number(open), s.stateOf(open), s.number(sh.Ticket))
	}
	if sh.Ticket != "" && (sh.State == counter.Closed || sh.State == counter.Break) {
		s.find(I2, id, "the counter is %s and has %s", sh.State, s.number(sh.Ticket))
	}
}

func (s *site) stateOf(id string) string {
	if u := s.tickets[id]; u != nil {
		return at(u.t.State, u.t.Counter)
	}
	return "not there"
}

// sweep holds everything of the site against each other.
func (s *site) sweep() {
	for _, id := range sortedKeys(s.shifts) {
		s.agreeAt(id)
	}
	for _, id := range sortedKeys(s.open) {
		if _, known := s.shifts[id]; !known {
			s.agreeAt(id)
		}
	}
}

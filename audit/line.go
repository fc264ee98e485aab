package audit

import (
	"slices"

	"vez/ticket"
)

// A line is the waiting tickets of a queue and of the office's day, in the
// order of ticket.Before.

func (s *site) inLine(t *ticket.Ticket) bool {
	return t.State == ticket.Waiting && t.Day == s.state.Day
}

// find is where a ticket stands in a line, or would.
func findIn(line []ticket.Ticket, t *ticket.Ticket) int {
	i, _ := slices.BinarySearchFunc(line, t, func(u ticket.Ticket, t *ticket.Ticket) int {
		switch {
		case u.Before(*t):
			return -1
		case t.Before(u):
			return 1
		}
		return 0
	})
	return i
}

func (s *site) join(t *ticket.Ticket) {
	if !s.inLine(t) {
		return
	}
	line := s.lines[t.Queue]
	s.lines[t.Queue] = slices.Insert(line, findIn(line, t), *t)
}

func (s *site) leave(t *ticket.Ticket) {
	line := s.lines[t.Queue]
	if t.State != ticket.Waiting {
		return
	}
	if i := findIn(line, t); i < len(line) && line[i].ID == t.ID {
		s.lines[t.Queue] = slices.Delete(line, i, i+1)
	}
}

package booking

import (
	"time"

	"vez/fault"
	"vez/office"
)

// Need is what somebody wants of a plan.
type Need struct {
	Cells    int   // that the service covers
	Shortest int   // cells of the queue's shortest service
	Class    Class // the budget it is drawn from
	Now      time.Time
	// NotBefore is the earliest start that the service's rules allow; zero: now.
	NotBefore time.Time
	// NotAfter is the last instant that they allow; zero: no end.
	NotAfter time.Time
	// on gives both for a day where the rules differ between days; nil: they stand above.
	on func(office.Day) (from, to time.Time)
}

// longAgo ends the range of what cannot be booked: no start is before it.
var longAgo = time.Unix(0, 0)

// NeedOf is what a booking of a service in a queue needs, made at now. It
// holds for any day: where the service has other rules in a season, those of
// the plan's day decide how early and how late one may start, and whether at all.
func NeedOf(c *office.Catalogue, s *office.Service, q *office.Queue, class Class, now time.Time) Need {
	n := Need{Cells: CellsFor(s.Minutes), Shortest: ShortestCells(c, q), Class: class, Now: now}
	o := c.Office(q.Office)
	on := func(day office.Day) (from, to time.Time) {
		rules := s.RulesAt(q.ID, day)
		if !rules.Bookable {
			return now, longAgo
		}
		return Range(c, rules, o, now)
	}
	if len(s.Cases) == 0 {
		n.NotBefore, n.NotAfter = on(o.Day(now))
		return n
	}
	n.on = on
	return n
}

// Slot is an offered start: how many bookings of this need would succeed there one after another.
type Slot struct {
	Start time.Time `json:"start"` // in the office's zone
	Free  int       `json:"free"`
}

// Starts lists the offered starts of a day in order, those with nothing free left out.
//
// A start fits when every cell that the service covers has a free place and
// the budgets of its class have room in each half-day it touches. Of those that
// fit, it is offered when it touches a booking or the edge of an opening, or
// leaves no gap shorter than the queue's shortest service; any that fits is
// offered while the day is under half full.
func Starts(p Plan, t Taken, need Need) []Slot {
	if p.Capacity() == 0 {
		return nil
	}
	s := newSheet(&p, &t, need)
	var free [CellsPerDay]uint8
	n := 0
	for c := s.first; c <= s.last; c++ {
		if p.Places[c] <= t.Cells[c] {
			continue
		}
		if free[c] = uint8(s.free(c)); free[c] > 0 { // no more than its places, which fit
			n++
		}
	}
	if n == 0 {
		return nil
	}
	out := make([]Slot, 0, n)
	for c := s.first; c <= s.last; c++ {
		if free[c] > 0 {
			out = append(out, Slot{p.Start(c), int(free[c])})
		}
	}
	return out
}

// Fits decides one booking on what is taken now: it is nil exactly for a start
// that Starts would offer. Otherwise it is fault.SlotTaken for a start that an
// empty day would offer and that has no place left, and fault.SlotNotOffered
// (params: start) for every other.
func Fits(p Plan, t Taken, start time.Time, need Need) error {
	s := newSheet(&p, &t, need)
	c, exact := p.Cell(start)
	notOffered := fault.New(fault.SlotNotOffered, "start", start.In(p.Midnight.Location()))
	if !exact || c < s.first || c > s.last {
		return notOffered
	}
	if s.free(c) > 0 {
		return nil
	}
	empty := newSheet(&p, &Taken{}, need)
	if empty.room(c) > 0 && s.room(c) == 0 {
		return fault.New(fault.SlotTaken, "start", start.In(p.Midnight.Location()))
	}
	return notOffered
}

// sheet is a plan with what is taken of it, summed up for one need.
type sheet struct {
	plan     *Plan
	taken    *Taken
	need     Need
	first    int // cell that the rules allow a start in
	last     int // likewise, included
	capacity int
	used     int       // of the whole day
	budgets  [2]budget // of the halves, for the need's class
}

func newSheet(p *Plan, t *Taken, need Need) sheet {
	need.Cells, need.Shortest = max(1, need.Cells), max(1, need.Shortest)
	s := sheet{plan: p, taken: t, need: need, capacity: p.Capacity()}
	for i := range p.Halves {
		used, guaranteed := use(p, t, p.Halves[i])
		s.used += used
		s.budgets[i] = budgetOf(p.Halves[i], used, guaranteed, need)
	}
	s.bounds()
	return s
}

// bounds finds the cells that a booking may start in by the clock and the rules.
func (s *sheet) bounds() {
	from, until := s.need.NotBefore, s.need.NotAfter
	if s.need.on != nil {
		from, until = s.need.on(s.plan.Day)
	}
	if from.Before(s.need.Now) {
		from = s.need.Now
	}
	first, exact := s.plan.Cell(from)
	if !exact && from.After(s.plan.Midnight) {
		first++
	}
	s.first, s.last = first, CellsPerDay-s.need.Cells
	if until.IsZero() {
		return
	} else if until.Before(s.plan.Midnight) {
		s.last = -1
	} else if last, _ := s.plan.Cell(until); last < s.last {
		s.last = last
	}
}

// free is how many bookings at a cell would be accepted one after another.
func (s *sheet) free(c int) int {
	room := s.room(c)
	for k := s.loose(); k < room; k++ {
		if !s.offered(c, k) {
			return k
		}
	}
	return room
}

// loose is how many bookings may be offered anywhere before the day is half full.
func (s *sheet) loose() int {
	spare := s.capacity - 2*s.used
	if spare <= 0 {
		return 0
	}
	return (spare + 2*s.need.Cells - 1) / (2 * s.need.Cells)
}

// room is how many bookings at a cell its places and budgets bear.
func (s *sheet) room(c int) int {
	room := 255
	for i := c; i < c+s.need.Cells; i++ {
		left := int(s.plan.Places[i]) - int(s.taken.Cells[i])
		if left <= 0 {
			return 0
		}
		room = min(room, left)
	}
	noon := s.plan.Halves[0].To
	morning := min(max(noon-c, 0), s.need.Cells)
	return min(room, s.budgets[0].room(morning), s.budgets[1].room(s.need.Cells-morning))
}

// offered tells whether one more booking at a cell may be offered when k are already there.
func (s *sheet) offered(c, k int) bool {
	if 2*(s.used+k*s.need.Cells) < s.capacity {
		return true
	}
	left, right := s.gap(c-1, -1, k+int(s.taken.Cells[c])), 0
	if left > 0 {
		end := c + s.need.Cells
		right = s.gap(end, 1, k+int(s.taken.Cells[end-1]))
	}
	return left == 0 || right == 0 || left >= s.need.Shortest && right >= s.need.Shortest
}

// gap is how many cells from one on, in a direction, stay free beside a
// booking that is laid on a level of taken places: those where no more is taken
// and a place is there. Counting stops at the shortest service.
func (s *sheet) gap(c, step, level int) int {
	n := 0
	for ; n < s.need.Shortest && c >= 0 && c < CellsPerDay; c += step {
		if int(s.taken.Cells[c]) > level || int(s.plan.Places[c]) <= level {
			break
		}
		n++
	}
	return n
}

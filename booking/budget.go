package booking

import (
	"time"

	"vez/office"
)

// budget is how much of half a day one class may still draw, in cells.
type budget struct {
	common int // that may be taken in any way
	own    int // that a kept guarantee may still begin with; -1: no such bound
}

// budgetOf reckons what a class may draw. Until they flow back, the cells kept
// for the same day and those of the guarantee that are not yet drawn are out of
// reach of the other classes:
//
//	booked      used + n + same day + rest of the guarantee ≤ capacity
//	same day    used + n + rest of the guarantee ≤ capacity, and nothing before its hour
//	guaranteed  used + n + same day ≤ capacity, and begun while the guarantee has a rest
func budgetOf(h Half, used, guaranteed int, need Need) budget {
	sameDay, rest := 0, 0
	if need.Now.Before(h.SameDayAt) {
		sameDay = h.SameDay
	}
	kept := need.Now.Before(h.KeptUntil)
	if kept {
		rest = max(0, h.Guaranteed-guaranteed)
	}
	b := budget{common: h.Capacity - used - sameDay - rest, own: -1}
	switch {
	case need.Class == SameDay && need.Now.Before(h.SameDayAt):
		b.common = 0
	case need.Class == Guaranteed && kept:
		b.common, b.own = h.Capacity-used-sameDay, rest
	}
	return b
}

// room is how many bookings that cover so many cells of this half the budget bears.
func (b budget) room(cells int) int {
	if cells == 0 {
		return 255
	}
	n := max(0, b.common) / cells
	if b.own >= 0 {
		n = min(n, (b.own+cells-1)/cells)
	}
	return n
}

// use counts the taken cells of a half-day that the plan opens.
func use(p *Plan, t *Taken, h Half) (used, guaranteed int) {
	for c := h.From; c < h.To; c++ {
		used += min(int(t.Cells[c]), int(p.Places[c]))
		guaranteed += min(int(t.Guaranteed[c]), int(p.Places[c]))
	}
	return used, guaranteed
}

// ClassFor is the budget that a booking made now for a day is drawn from:
// the guaranteed one when staff gives it, the same day's from its hour on, else the booked one.
func ClassFor(q *office.Queue, loc *time.Location, day office.Day, guaranteed bool, now time.Time) Class {
	switch {
	case guaranteed:
		return Guaranteed
	case office.DayOf(now, loc) == day && !now.Before(day.Time(q.RulesOn(day).SameDayAt, loc)):
		return SameDay
	}
	return Standard
}

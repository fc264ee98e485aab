package office

import (
	"slices"
	"time"
)

// Openings are the times at which a queue is served on a day: its own hours
// or else its office's, without the holidays of the office's jurisdiction and
// without closures of the office or of this queue. They are in order, apart
// from each other, and in the office's zone; none means shut all day.
func (c *Catalogue) Openings(q *Queue, day Day, closures []Closure) []Interval {
	o := c.Office(q.Office)
	if o == nil {
		return nil
	}
	week := o.Hours
	if q.Hours != nil {
		week = *q.Hours
	}
	return c.openings(o, week, day, closures, q.ID)
}

// OfficeOpenings are the times at which an office's hall is open on a day, by
// its own hours, holidays and the closures of the whole office.
func (c *Catalogue) OfficeOpenings(o *Office, day Day, closures []Closure) []Interval {
	return c.openings(o, o.Hours, day, closures, "")
}

func (c *Catalogue) openings(o *Office, week Week, day Day, closures []Closure, queue string) []Interval {
	holiday, off := c.Holidays[o.Jurisdiction][day]
	if off && holiday.Kind != HalfDay {
		return nil
	}
	spans := week[day.Weekday()]
	if len(spans) == 0 {
		return nil
	}
	loc := o.Location()
	clock := day.Clock(loc)
	open := make([]Interval, 0, len(spans))
	for _, s := range spans {
		if off && s.To > Noon {
			s.To = Noon
		}
		if i := (Interval{clock.At(s.From), clock.At(s.To)}); i.From.Before(i.To) {
			open = append(open, i)
		}
	}
	open = merge(open)
	for _, x := range closures {
		if x.Queue == "" || x.Queue == queue {
			open = without(open, Interval{x.From.In(loc), x.To.In(loc)})
		}
	}
	return open
}

// merge orders intervals and joins those that overlap or touch.
func merge(in []Interval) []Interval {
	slices.SortFunc(in, func(a, b Interval) int { return a.From.Compare(b.From) })
	out := in[:0]
	for _, i := range in {
		if n := len(out); n > 0 && !i.From.After(out[n-1].To) {
			if i.To.After(out[n-1].To) {
				out[n-1].To = i.To
			}
			continue
		}
		out = append(out, i)
	}
	return out
}

// without cuts a hole into ordered intervals.
func without(in []Interval, hole Interval) []Interval {
	if !hole.From.Before(hole.To) {
		return in
	}
	out := make([]Interval, 0, len(in)+1)
	for _, i := range in {
		if !i.From.Before(hole.To) || !hole.From.Before(i.To) {
			out = append(out, i)
			continue
		}
		if i.From.Before(hole.From) {
			out = append(out, Interval{i.From, hole.From})
		}
		if hole.To.Before(i.To) {
			out = append(out, Interval{hole.To, i.To})
		}
	}
	return out
}

// openingDays is how far ahead NextOpening looks.
const openingDays = 30

// NextOpening is the first opening of an office's hall that begins at or after
// an instant, within 30 days; false when there is none.
func (c *Catalogue) NextOpening(o *Office, after time.Time, closures []Closure) (Interval, bool) {
	day := o.Day(after)
	for n := 0; n <= openingDays; n++ {
		for _, i := range c.OfficeOpenings(o, day.Add(n), closures) {
			if !i.From.Before(after) {
				return i, true
			}
		}
	}
	return Interval{}, false
}

// WorkingDay tells whether an office works on a date by its hours and
// holidays. A half-day is a working day; closures, which come by surprise, are not asked.
func (c *Catalogue) WorkingDay(o *Office, day Day) bool {
	return len(c.OfficeOpenings(o, day, nil)) > 0
}

// maxIdleDays bounds the search for a working day, for an office without hours.
const maxIdleDays = 60

// WorkingDays is the n-th working day of an office after a date, before it for
// a negative n, the date itself for 0. For an office that does not work for 60
// days on end, calendar days are counted.
func (c *Catalogue) WorkingDays(o *Office, from Day, n int) Day {
	step, left := 1, n
	if n < 0 {
		step, left = -1, -n
	}
	day := from
	for idle := 0; left > 0; idle++ {
		if idle > maxIdleDays {
			return from.Add(n)
		}
		day = day.Add(step)
		if c.WorkingDay(o, day) {
			left, idle = left-1, -1
		}
	}
	return day
}

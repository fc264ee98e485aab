package office

import "time"

// Day is a calendar date of an office, written 2026-11-24.
type Day string

// DayOf is the date an instant falls on in a time zone.
func DayOf(t time.Time, loc *time.Location) Day { return written(t.In(loc)) }

// written is the date on a time's own wall; calendars ask for it by the
// thousand, so it does without Format.
func written(t time.Time) Day {
	y, m, d := t.Date()
	if y < 0 || y > 9999 {
		return Day(t.Format(time.DateOnly))
	}
	b := [len(time.DateOnly)]byte{4: '-', 7: '-'}
	b[0], b[1], b[2], b[3] = digit(y/1000), digit(y/100), digit(y/10), digit(y)
	b[5], b[6], b[8], b[9] = digit(int(m)/10), digit(int(m)), digit(d/10), digit(d)
	return Day(b[:])
}

func digit(n int) byte { return byte('0' + n%10) }

// date is the first instant of the date in UTC, the zero time when it is none:
// what time.Parse says, at a tenth of the price.
func (d Day) date() time.Time {
	if len(d) != len(time.DateOnly) || d[4] != '-' || d[7] != '-' {
		return time.Time{}
	}
	var n [3]int
	for i, c := range []byte(d) {
		switch {
		case i == 4 || i == 7:
		case c < '0' || c > '9':
			return time.Time{}
		default:
			part := i / 4 // 0–3, 5–6, 8–9
			n[part] = n[part]*10 + int(c-'0')
		}
	}
	t := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if y, m, day := t.Date(); y != n[0] || int(m) != n[1] || day != n[2] {
		return time.Time{} // the 31st of a shorter month
	}
	return t
}

// ParseDay checks a written date.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", err
	}
	return Day(t.Format(time.DateOnly)), nil
}

// Time is a wall-clock time of the day in a zone, given as the duration after
// midnight (24 h is the next midnight). A time that the zone skips becomes the
// first instant after the gap, one that it has twice the first of the two. A
// day that is no date gives the zero time.
func (d Day) Time(after time.Duration, loc *time.Location) time.Time {
	t := d.date()
	if t.IsZero() {
		return t
	}
	h, m, s := int(after/time.Hour), int(after%time.Hour/time.Minute), int(after%time.Minute/time.Second)
	return settle(time.Date(t.Year(), t.Month(), t.Day(), h, m, s, 0, loc), t.Add(after.Truncate(time.Second)))
}

// Clock tells many times of one day in one zone for little more than one.
type Clock struct {
	day      Day
	loc      *time.Location
	midnight time.Time
	even     bool // no zone change is near: the day has 24 hours of 60 minutes
}

// Clock of a day in a zone.
func (d Day) Clock(loc *time.Location) Clock {
	c := Clock{day: d, loc: loc, midnight: d.Time(0, loc)}
	if !c.midnight.IsZero() {
		from, to := c.midnight.ZoneBounds()
		c.even = (from.IsZero() || c.midnight.Sub(from) > near) && (to.IsZero() || to.Sub(c.midnight) > near)
	}
	return c
}

// near is how far from a midnight a zone change may touch its day.
const near = 48 * time.Hour

// At is Day.Time.
func (c Clock) At(after time.Duration) time.Time {
	if !c.even || after < 0 || after > 24*time.Hour {
		return c.day.Time(after, c.loc)
	}
	return c.midnight.Add(after.Truncate(time.Second))
}

// settle chooses an instant where a wall-clock time (written as if it were
// UTC) does not name exactly one; time.Date promises no choice there.
func settle(t, wall time.Time) time.Time {
	from, to := t.ZoneBounds()
	switch got := wallOf(t); {
	case got.After(wall): // in a gap, taken as after it
		return from
	case got.Before(wall): // in a gap, taken as before it
		return to
	case from.IsZero():
		return t
	}
	_, before := from.Add(-time.Second).Zone()
	if first := wall.Add(-time.Duration(before) * time.Second); first.Before(from) {
		return first.In(t.Location())
	}
	return t
}

// wallOf writes the clock on the wall as if it were UTC.
func wallOf(t time.Time) time.Time {
	_, offset := t.Zone()
	return t.UTC().Add(time.Duration(offset) * time.Second)
}

// Add is the date n days later.
func (d Day) Add(n int) Day {
	t := d.date()
	if t.IsZero() {
		return d
	}
	return written(t.AddDate(0, 0, n))
}

// Weekday of the date.
func (d Day) Weekday() time.Weekday {
	return d.date().Weekday()
}

// Span is an opening within a day: from and to as durations after midnight, office time.
type Span struct{ From, To time.Duration }

// Week lists the openings of each weekday, time.Sunday first; a day without one is shut.
type Week [7][]Span

// Holiday is a day on which the offices of a jurisdiction are shut, wholly or in the afternoon.
type Holiday struct {
	Day  Day
	Kind string // public, compensatory, half-day
	Name Text
}

// Interval is a stretch of time, From included, To not.
type Interval struct{ From, To time.Time }

// The kinds of a holiday.
const (
	PublicHoliday = "public"
	Compensatory  = "compensatory"
	HalfDay       = "half-day" // shut from Noon
)

// Noon parts the halves of a business day, after midnight, office time: a
// half-day holiday shuts from then on, and budgets of bookings run per half.
const Noon = 13 * time.Hour

// Has tells whether an instant lies in the interval.
func (i Interval) Has(t time.Time) bool { return !t.Before(i.From) && t.Before(i.To) }

// Length of the interval.
func (i Interval) Length() time.Duration { return i.To.Sub(i.From) }

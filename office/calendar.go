package office

import "time"

// Day is a calendar date of an office, written 2026-11-24.
type Day string

// DayOf is the date an instant falls on in a time zone.
func DayOf(t time.Time, loc *time.Location) Day { return Day(t.In(loc).Format(time.DateOnly)) }

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
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	h, m, s := int(after/time.Hour), int(after%time.Hour/time.Minute), int(after%time.Minute/time.Second)
	return settle(time.Date(t.Year(), t.Month(), t.Day(), h, m, s, 0, loc), t.Add(after.Truncate(time.Second)))
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
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Day(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// Weekday of the date.
func (d Day) Weekday() time.Weekday {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t.Weekday()
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

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
// midnight; a time that the zone skips becomes the first instant after the gap.
func (d Day) Time(after time.Duration, loc *time.Location) time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	h, m, s := int(after/time.Hour), int(after%time.Hour/time.Minute), int(after%time.Minute/time.Second)
	return time.Date(t.Year(), t.Month(), t.Day(), h, m, s, 0, loc)
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

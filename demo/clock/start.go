package clock

import "time"

// morning is the hour at which a demonstration finds the halls open.
const morning = 10

// searchDays is how far ahead an open day is looked for: past the longest run
// of holidays.
const searchDays = 30

// Start says where house time starts when nobody says: at now while the halls
// are open, else at 10:00 of the next day on which they are open then, today's
// included. open tells whether they are at an instant; loc is their time zone.
// With no open day within a month it is now.
func Start(now time.Time, loc *time.Location, open func(time.Time) bool) time.Time {
	now = now.In(loc)
	if open(now) {
		return now
	}
	year, month, day := now.Date()
	for i := range searchDays {
		if at := time.Date(year, month, day+i, morning, 0, 0, 0, loc); at.After(now) && open(at) {
			return at
		}
	}
	return now
}

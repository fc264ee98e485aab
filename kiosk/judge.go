package kiosk

import (
	"time"

	"vez/booking"
	"vez/fault"
	"vez/office"
)

// Here is where and when a claim is presented.
type Here struct {
	Now       time.Time
	Catalogue *office.Catalogue
	Office    *office.Office
	Closures  []office.Closure
	// HallLateBy is how late the hall runs; from Rules.HallLate on, the booked may be as late.
	HallLateBy time.Duration
	// KioskDownFor is the time before now while no kiosk here worked: it is no lateness.
	KioskDownFor time.Duration
}

// Answer is what the kiosk says.
type Answer struct {
	// Fault is nil when the person may check in.
	Fault *fault.Error
	// LateBy is the lateness that counts; Behind: the place is behind the punctual.
	LateBy time.Duration
	Behind bool
}

// Go tells whether the person may check in.
func (a Answer) Go() bool { return a.Fault == nil }

// Err is the fault as an error, nil for go.
func (a Answer) Err() error {
	if a.Fault == nil {
		return nil
	}
	return a.Fault
}

// Judge answers a claim. The first that holds of these is told, with params in
// the zone of the office concerned, names in all languages:
//
//	unknown       no such thing, or none that is known here
//	cancelled     start
//	used          number, ticket
//	wrong_office  office, address, office_id, start
//	pass_expired  until
//	wrong_day     date, start, booking (its id, where it still stands)
//	early         start, from (when to come back), minutes until then, booking
//	late          start, minutes
//
// Check-in opens with the hall on the day, or with the queue where that is
// earlier; later only where the queue's rules say so. A return pass counts as a
// booking in time on any day until it ends.
func Judge(c Claim, at Here) Answer {
	for _, ask := range []func(Claim, Here) *fault.Error{
		judgeStanding, judgeOffice, judgeDay, judgeEarly,
	} {
		if f := ask(c, at); f != nil {
			return Answer{Fault: f}
		}
	}
	return judgeLate(c, at)
}

func judgeStanding(c Claim, at Here) *fault.Error {
	switch o := at.Catalogue.Office(c.Office); {
	case c.Standing == Nothing || o == nil || at.Catalogue.Queue(c.Queue) == nil:
		return fault.New(fault.Unknown)
	case c.Standing == Withdrawn:
		return fault.New(fault.Cancelled, "start", c.Start.In(o.Location()))
	case c.Standing == Spent:
		return fault.New(fault.Used, "number", c.Number, "ticket", c.Ticket)
	}
	return nil
}

func judgeOffice(c Claim, at Here) *fault.Error {
	if c.Office == at.Office.ID {
		return nil
	}
	o := at.Catalogue.Office(c.Office)
	return fault.New(fault.WrongOffice, append(booked(c), "office", o.Name.Names(), "address", o.Address.Names(),
		"office_id", o.ID, "start", c.Start.In(o.Location()))...)
}

// booked names the booking of a claim that still stands, so that a reminder of
// it can be printed; none for other claims.
func booked(c Claim) []any {
	if c.Kind == booking.BookingCode && c.Standing == Stands {
		return []any{"booking", c.ID}
	}
	return nil
}

func judgeDay(c Claim, at Here) *fault.Error {
	start := c.Start.In(at.Office.Location())
	if c.Kind == booking.PassCode {
		if at.Now.After(c.Start) || c.Standing == Passed {
			return fault.New(fault.PassExpired, "until", start)
		}
		return nil
	}
	if c.Day != at.Office.Day(at.Now) {
		date := start
		if c.Kind == booking.RemoteCode {
			date = c.Day.Time(0, at.Office.Location())
		}
		return fault.New(fault.WrongDay, append(booked(c), "date", date, "start", start)...)
	}
	return nil
}

func judgeEarly(c Claim, at Here) *fault.Error {
	from := opens(c, at)
	if c.Kind == booking.BookingCode {
		if r := at.Catalogue.Queue(c.Queue).RulesOn(c.Day); r.EarlyRefused > 0 {
			from = latest(from, c.Start.Add(-r.EarlyRefused))
		}
	}
	if !at.Now.Before(from) {
		return nil
	}
	loc := at.Office.Location()
	start := c.Start.In(loc)
	if c.Kind != booking.BookingCode {
		start = from.In(loc)
	}
	return fault.New(fault.Early, append(booked(c), "start", start, "from", from.In(loc), "minutes", minutes(from.Sub(at.Now)))...)
}

// opens is when check-in opens today; zero on a day without openings, where
// being early is not what is wrong.
func opens(c Claim, at Here) time.Time {
	day := at.Office.Day(at.Now)
	hall := at.Catalogue.OfficeOpenings(at.Office, day, at.Closures)
	line := at.Catalogue.Openings(at.Catalogue.Queue(c.Queue), day, at.Closures)
	switch {
	case len(hall) == 0 && len(line) == 0:
		return time.Time{}
	case len(hall) == 0:
		return line[0].From
	case len(line) == 0 || hall[0].From.Before(line[0].From):
		return hall[0].From
	}
	return line[0].From
}

func judgeLate(c Claim, at Here) Answer {
	if c.Kind != booking.BookingCode {
		if c.Standing != Passed {
			return Answer{}
		}
		return Answer{Fault: tooLate(c, at, at.Now.Sub(c.Start))}
	}
	q := at.Catalogue.Queue(c.Queue)
	behind, refused := booking.Lateness(at.Catalogue.Service(c.Service), q, c.Day)
	if late := q.RulesOn(c.Day).HallLate; late > 0 && at.HallLateBy >= late {
		behind, refused = max(behind, at.HallLateBy), max(refused, at.HallLateBy)
	}
	late := max(0, at.Now.Sub(c.Start)-max(0, at.KioskDownFor))
	a := Answer{LateBy: late, Behind: late > behind}
	if late > refused || c.Standing == Passed {
		a.Fault = tooLate(c, at, late)
	}
	return a
}

func tooLate(c Claim, at Here, by time.Duration) *fault.Error {
	return fault.New(fault.Late, "start", c.Start.In(at.Office.Location()), "minutes", minutes(by))
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// minutes rounds up, so that who waits so long is never early again.
func minutes(d time.Duration) int { return int((d + time.Minute - 1) / time.Minute) }

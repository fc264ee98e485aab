package ticket

import (
	"time"

	"vez/fault"
	"vez/office"
)

// Joining is what decides the place of somebody who joins a line.
type Joining struct {
	Arrival time.Time
	Class   Class     // WalkIn, Booked, Afar or Pass; Join itself says Late
	Start   time.Time // booked start
	// HeadStart is that of a declared priority; it counts up to the queue's own.
	HeadStart time.Duration
	Rules     office.Rules // of the queue
	// LateBehind and LateRefused are the service's own; 0: the queue's.
	LateBehind, LateRefused time.Duration
	// HallLateBy is how late the hall runs; from Rules.HallLate on, the booked may be as late.
	HallLateBy time.Duration
	// KioskDownFor is the time before the arrival while no kiosk worked: it is no lateness.
	KioskDownFor time.Duration
}

// Place is where somebody joins a line.
type Place struct {
	Class Class // Late when a booked one comes behind the punctual
	Due   time.Time
	// Callable is from when a booked one may be called although others arrived before; zero: at once.
	Callable time.Time
	// LateBy is how late a booked one came, as far as it counts.
	LateBy time.Duration
}

// Join reckons due (design, section 4, "Order"):
//
//   - a walk-in or a ticket from afar: arrival − head start;
//   - booked and in time: the earlier of arrival − head start and
//     start − the larger of head start and booked head start;
//   - booked and late: as a walk-in, behind the punctual; later still fault.Late (params start);
//   - with a return pass: as booked for the instant of arrival;
//   - in a filing-order queue: arrival, for everybody.
func Join(j Joining) (Place, error) {
	p := Place{Class: j.Class, Due: j.Arrival}
	if j.Class == Booked || j.Class == Late {
		var err error
		if p.Class, p.LateBy, err = j.punctual(); err != nil {
			return Place{}, err
		}
	}
	if j.Rules.FilingOrder {
		return p, nil
	}
	head := min(max(j.HeadStart, 0), j.Rules.PriorityHeadStart)
	p.Due = j.Arrival.Add(-head)
	if p.Class != Booked && p.Class != Pass {
		return p, nil
	}
	start := j.Start
	if p.Class == Pass {
		start = j.Arrival
	}
	// Head starts never add up: the largest counts.
	p.Due = earlier(p.Due, start.Add(-max(head, j.Rules.BookedHeadStart)))
	p.Callable = start.Add(-j.Rules.EarlyCall)
	return p, nil
}

// punctual tells whether a booked one is in time, behind the punctual, or refused.
func (j Joining) punctual() (Class, time.Duration, error) {
	late := max(j.Arrival.Sub(j.Start)-max(j.KioskDownFor, 0), 0)
	behind, refused := j.Rules.LateBehind, j.Rules.LateRefused
	if j.LateBehind > 0 {
		behind = j.LateBehind
	}
	if j.LateRefused > 0 {
		refused = j.LateRefused
	}
	if j.Rules.HallLate > 0 && j.HallLateBy >= j.Rules.HallLate {
		behind, refused = max(behind, j.HallLateBy), max(refused, j.HallLateBy)
	}
	switch {
	case late > refused:
		return Late, late, fault.New(fault.Late, "start", j.Start)
	case late > behind:
		return Late, late, nil
	}
	return Booked, late, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

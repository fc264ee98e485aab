package booking

import (
	"time"

	"vez/fault"
)

// Extended is a hold kept HoldFor longer from now. Faults: BookingState for
// what is no hold, HoldExpired, HoldSpent after MaxExtensions.
func Extended(b Booking, now time.Time) (Booking, error) {
	if _, err := Next(b.State, Extend); err != nil {
		return b, err
	}
	if !now.Before(b.HeldUntil) {
		return b, fault.New(fault.HoldExpired)
	}
	if b.Extended >= MaxExtensions {
		return b, fault.New(fault.HoldSpent)
	}
	b.HeldUntil, b.Extended = now.Add(HoldFor), b.Extended+1
	return b, nil
}

// A freed slot is offered again after a random time between these two, so that
// it cannot be handed to a chosen person; freed later than WalkInsWithin before
// its start it is left to those who walk in.
const (
	ReofferFrom   = 10 * time.Minute
	ReofferTo     = 30 * time.Minute
	WalkInsWithin = 30 * time.Minute
)

// ReofferAt is when a slot that is freed now is offered again, for a random
// number of [0, 1); walkins tells that it never is.
func ReofferAt(now, start time.Time, random float64) (at time.Time, walkins bool) {
	if start.Sub(now) < WalkInsWithin {
		return time.Time{}, true
	}
	delay := ReofferFrom + time.Duration(random*float64(ReofferTo-ReofferFrom))
	return now.Add(delay.Truncate(time.Millisecond)), false
}

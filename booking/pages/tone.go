package pages

import (
	"vez/booking"
	"vez/ticket"
)

// toneOf colours the tag of a booking's state; its words stand beside it.
func toneOf(s booking.State) string {
	switch s {
	case booking.Confirmed:
		return "act"
	case booking.CheckedIn, booking.Fulfilled:
		return "good"
	case booking.Displaced, booking.Held, booking.Unserved:
		return "warn"
	}
	return ""
}

// Tone colours the tag of its state.
func (l bookingLine) Tone() string { return toneOf(l.State) }

// Tone colours the tag of its state.
func (p bookingPage) Tone() string { return toneOf(p.State) }

// Tone colours the tag of its state.
func (l ticketLine) Tone() string {
	switch l.State {
	case ticket.Called:
		return "turn"
	case ticket.Waiting, ticket.Remote:
		return "act"
	case ticket.Serving, ticket.Done:
		return "good"
	case ticket.Missed, ticket.Unserved:
		return "warn"
	}
	return ""
}

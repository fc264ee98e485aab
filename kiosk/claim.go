package kiosk

import (
	"time"

	"vez/booking"
	"vez/office"
	"vez/ticket"
)

// Standing is what has become of a claim.
type Standing string

// The standings.
const (
	Stands    Standing = "stands"
	Withdrawn Standing = "withdrawn" // cancelled, by the holder or by the office
	Spent     Standing = "spent"     // it is a ticket already, or was one
	Passed    Standing = "passed"    // its time went by unused
	Nothing   Standing = "nothing"   // there is no such thing
)

// Claim is what somebody presents at a kiosk, whatever it was read from. A
// list of claims that differ from what their codes say is what a kiosk carries
// for the time when it is cut off: the claim of the list wins.
type Claim struct {
	Kind     booking.CodeKind `json:"kind"`
	ID       string           `json:"id"`
	Office   string           `json:"office"`
	Queue    string           `json:"queue"`
	Service  string           `json:"service,omitempty"` // "" when only the code is known
	Day      office.Day       `json:"day"`
	Start    time.Time        `json:"start"` // booked start; until when a return pass holds
	Standing Standing         `json:"standing"`
	Ticket   string           `json:"ticket,omitempty"` // that it has become
	Number   string           `json:"number,omitempty"`
}

// OfBooking is the claim of a booking; number is that of its ticket, "" without one.
func OfBooking(b booking.Booking, number string) Claim {
	return Claim{
		Kind: booking.BookingCode, ID: b.ID, Office: b.Office, Queue: b.Queue, Service: b.Service,
		Day: b.Day, Start: b.Start, Standing: standing(b.State), Ticket: b.Ticket, Number: number,
	}
}

func standing(s booking.State) Standing {
	switch s {
	case booking.Confirmed:
		return Stands
	case booking.Cancelled, booking.Displaced:
		return Withdrawn
	case booking.CheckedIn, booking.Fulfilled, booking.Unserved:
		return Spent
	case booking.Missed:
		return Passed
	}
	return Nothing // a hold is no promise yet, and nobody was given its code
}

// OfTicket is the claim of a ticket that was taken from afar.
func OfTicket(t ticket.Ticket) Claim {
	c := Claim{
		Kind: booking.RemoteCode, ID: t.ID, Office: t.Office, Queue: t.Queue, Service: t.Service,
		Day: t.Day, Start: t.Arrival, Standing: Spent, Ticket: t.ID, Number: t.Number,
	}
	switch t.State {
	case ticket.Remote:
		c.Standing = Stands
	case ticket.Cancelled:
		c.Standing = Withdrawn
	case ticket.Expired:
		c.Standing = Passed
	case ticket.None:
		c.Standing = Nothing
	}
	return c
}

// OfCode is what a code says by itself, its signature once verified. Its
// office and queue are looked up by their short hashes; one that the catalogue
// does not have, or a queue of another office, makes it Nothing.
func OfCode(c booking.Code, cat *office.Catalogue) Claim {
	claim := Claim{Kind: c.Kind, ID: booking.IDText(c.ID), Start: c.Start, Standing: Nothing}
	for _, o := range cat.Offices {
		if booking.ShortHash(o.ID) != c.Office {
			continue
		}
		claim.Office, claim.Day = o.ID, o.Day(c.Start)
		for _, q := range cat.QueuesOf(o.ID) {
			if booking.ShortHash(q.ID) == c.Queue {
				claim.Queue, claim.Standing = q.ID, Stands
			}
		}
	}
	return claim
}

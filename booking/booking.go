package booking

import (
	"time"

	"vez/office"
)

// State of a booking; design, section 4.
type State string

// The states.
const (
	None      State = ""
	Held      State = "held"
	Confirmed State = "confirmed"
	CheckedIn State = "checked_in"
	Fulfilled State = "fulfilled"
	Unserved  State = "unserved"
	Lapsed    State = "lapsed"
	Cancelled State = "cancelled"
	Missed    State = "missed"
	Displaced State = "displaced"
)

// Open tells whether the holder still has something coming: it counts towards the limits.
func (s State) Open() bool {
	return s == Held || s == Confirmed || s == CheckedIn || s == Displaced
}

// Class is the budget a booking is drawn from; design, section 6.
type Class string

// The classes.
const (
	Standard   Class = "booked"
	SameDay    Class = "same_day"
	Guaranteed Class = "guaranteed"
)

// Origin is who made it.
type Origin string

// The origins.
const (
	Online    Origin = "online"
	Reception Origin = "reception"
	Kiosk     Origin = "kiosk"
	// Vacated marks the nameless row that keeps the old cells of a rescheduled
	// booking until they are offered again; it has no reference and no holder.
	Vacated Origin = "vacated"
)

// CellMinutes is the length of a cell of a queue's capacity.
const CellMinutes = 5

// Cell is the length of a cell.
const Cell = CellMinutes * time.Minute

// HoldFor is how long a hold lasts, and how much one extension adds; ten extensions at most.
const (
	HoldFor       = 5 * time.Minute
	MaxExtensions = 10
)

// Booking is a promise of service at an office on a date and time. It never
// carries its holder: whose it is stands in the holder's jurisdiction alone.
// Times are UTC instants in whole milliseconds; a zero time means "not".
type Booking struct {
	ID        string     `json:"id"`
	Reference string     `json:"reference"` // 8 characters, the last a check character
	Office    string     `json:"office"`
	Queue     string     `json:"queue"`
	Service   string     `json:"service"`
	Day       office.Day `json:"day"`
	State     State      `json:"state"`
	Class     Class      `json:"class"`
	Origin    Origin     `json:"origin"`
	Start     time.Time  `json:"start"`
	End       time.Time  `json:"end"`
	People    int        `json:"people"`
	Lang      string     `json:"lang,omitempty"`
	// HeldUntil is the release instant of a hold.
	HeldUntil time.Time `json:"held_until,omitzero"`
	Extended  int       `json:"extended,omitempty"`
	// FreeAt is when the cells of an ended booking are free again; zero while it
	// occupies them for good or when they have already been freed or never will be (see Freed).
	FreeAt time.Time `json:"free_at,omitzero"`
	// Freed: the cells are no longer occupied.
	Freed  bool      `json:"freed,omitempty"`
	Ticket string    `json:"ticket,omitempty"`
	Made   time.Time `json:"made"`
	Seq    int64     `json:"seq"`
}

// Occupies tells whether the booking takes its cells at an instant. Holds and
// freed cells carry their release instant, and a past one counts as released.
func (b Booking) Occupies(now time.Time) bool {
	if b.Freed {
		return false
	}
	switch b.State {
	case Held:
		return now.Before(b.HeldUntil)
	case Lapsed:
		return false
	case Cancelled, Displaced:
		return b.FreeAt.IsZero() || now.Before(b.FreeAt)
	}
	return true
}

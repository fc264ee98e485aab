package event

import (
	"encoding/json"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/office"
	"vez/ticket"
)

// Kind names what happened. Kinds of ticket moves are the moves of package
// ticket with the prefix "ticket."; the others are listed in kinds.go.
type Kind string

// Draft is what hall wants recorded; the ledger gives it a sequence number, a
// time and its place in the chain.
type Draft struct {
	Office string
	Kind   Kind
	// Actor is a pseudonym: "clerk:…", "citizen:…", "device:…", "job:…".
	Actor   string
	Counter string
	// Reason is a code that staff named, or the rule that chose a call.
	Reason string
	// Detail says more for "why?": a call's reason with whom it passed over, an undone sequence number …
	Detail any
	Images Images
}

// Images are the rows after the event. Folding a chain in order, the last
// image of a row is the row.
type Images struct {
	Tickets  []ticket.Ticket   `json:"tickets,omitempty"`
	Bookings []booking.Booking `json:"bookings,omitempty"`
	Shifts   []counter.Shift   `json:"shifts,omitempty"`
	Office   *office.State     `json:"office,omitempty"`
	// Removed tickets: an undone issue leaves its number as a void row.
	Void []Void `json:"void,omitempty"`
}

// Void is a number that was given and is not used: never a hole.
type Void struct {
	Day    office.Day `json:"day"`
	Series string     `json:"series"`
	N      int        `json:"n"`
	Reason string     `json:"reason"`
}

// Event is a recorded draft.
type Event struct {
	Office  string          `json:"office"`
	Seq     int64           `json:"seq"` // from 1, without gaps, per office
	At      time.Time       `json:"at"`  // never before the event before it
	Kind    Kind            `json:"kind"`
	Actor   string          `json:"actor,omitempty"`
	Counter string          `json:"counter,omitempty"`
	Reason  string          `json:"reason,omitempty"`
	Detail  json.RawMessage `json:"detail,omitempty"` // JSON of Draft.Detail
	Images  Images          `json:"images"`
}

// Head is where an office's events end.
type Head struct {
	Office string
	// Epoch is drawn when a ledger is created or restored.
	Epoch string
	Seq   int64
}

// Snapshot is the live state of an office at a head, read in one transaction:
// what the projection is rebuilt from.
type Snapshot struct {
	Head     Head
	At       time.Time
	State    office.State
	Tickets  []ticket.Ticket   // all of the day but the final ones of earlier days
	Shifts   []counter.Shift   //
	Bookings []booking.Booking // that occupy cells today or later
}

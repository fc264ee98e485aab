package ticket

import (
	"time"

	"vez/office"
)

// State of a ticket; design, section 4.
type State string

// The states.
const (
	None      State = ""          // not yet issued
	Remote    State = "remote"    // taken from afar; keeps its place, cannot be called until activated
	Waiting   State = "waiting"   //
	Called    State = "called"    //
	Serving   State = "serving"   //
	Parked    State = "parked"    //
	Missed    State = "missed"    //
	Done      State = "done"      // final, but for reopen on the same day
	Cancelled State = "cancelled" // final
	Expired   State = "expired"   // final
	Unserved  State = "unserved"  // final: the office could not serve; gives a return pass
)

// Final tells whether nothing more can happen, but for reopening a done one.
func (s State) Final() bool {
	return s == Done || s == Cancelled || s == Expired || s == Unserved
}

// Class is how a ticket came into the line; it decides how due is reckoned.
type Class string

// The classes.
const (
	WalkIn Class = "walkin"
	Booked Class = "booked"
	Late   Class = "late" // booked, but behind the punctual
	Afar   Class = "remote"
	Pass   Class = "pass" // came with a return pass, which counts as a booking in time
)

// Outcome of a finished ticket.
type Outcome string

// The outcomes.
const (
	Served     Outcome = "served"
	Incomplete Outcome = "incomplete" // a paper is missing; gives a return pass
	NotServed  Outcome = "not_served"
	Left       Outcome = "left"
	Unrecorded Outcome = "unrecorded" // the day ended while it was served
)

// Ticket is one person's or party's place in a queue today. Times are UTC
// instants in whole milliseconds; a zero time means "not".
type Ticket struct {
	ID      string     `json:"id"`
	Office  string     `json:"office"`
	Queue   string     `json:"queue"`
	Service string     `json:"service,omitempty"`
	Visit   string     `json:"visit"` // the visit's id; the first ticket's own id
	Day     office.Day `json:"day"`
	// Series is the number series: the queue's prefix online, or "prefix/lease" for a leased block.
	Series  string `json:"series"`
	N       int    `json:"n"`
	Number  string `json:"number"` // "A047"
	State   State  `json:"state"`
	Class   Class  `json:"class"`
	Booking string `json:"booking,omitempty"`
	Lang    string `json:"lang,omitempty"`
	People  int    `json:"people,omitempty"`
	// HeadStart is the declared priority's head start; its ground is never stored.
	HeadStart time.Duration `json:"head_start,omitempty"`
	Needs     []office.Need `json:"needs,omitempty"`

	Arrival time.Time `json:"arrival,omitzero"`
	Due     time.Time `json:"due,omitzero"`
	// Joined is the office sequence number of the event that put it into the line: the tie-break of Due.
	Joined int64 `json:"joined,omitempty"`
	// Start is the booked start, Callable the instant before which a call is only an invitation for the booked.
	Start    time.Time `json:"start,omitzero"`
	Callable time.Time `json:"callable,omitzero"`
	// From and To are the window the holder was told.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`

	Counter     string    `json:"counter,omitempty"`     // where it is called or served, or who parked or missed it
	CalledAt    time.Time `json:"called_at,omitzero"`    // first call of the present call
	Recalls     int       `json:"recalls,omitempty"`     //
	ServingAt   time.Time `json:"serving_at,omitzero"`   //
	MissedAt    time.Time `json:"missed_at,omitzero"`    //
	ParkedUntil time.Time `json:"parked_until,omitzero"` // expected back; zero: open-ended
	SteppedOut  bool      `json:"stepped_out,omitempty"` // the holder used the one step-out
	Passed      time.Time `json:"passed,omitzero"`       // while dormant: when a call overtook its due
	NoticeAt    int       `json:"notice_at,omitempty"`   // tell the phone when so many are ahead
	Outcome     Outcome   `json:"outcome,omitempty"`     //
	EndedAt     time.Time `json:"ended_at,omitzero"`     //
	Invited     bool      `json:"invited,omitempty"`     // the present call came before the time told
	Asked       time.Time `json:"asked,omitzero"`        // an invitation was not answered; see Choose
	Seq         int64     `json:"seq"`                   // office sequence of its last event
}

// Before orders the line: by due, then by joining, then by id. It is a strict
// order among tickets of one office, the same one as of the live lines.
func (t Ticket) Before(u Ticket) bool {
	if !t.Due.Equal(u.Due) {
		return t.Due.Before(u.Due)
	}
	if t.Joined != u.Joined {
		return t.Joined < u.Joined
	}
	return t.ID < u.ID
}

package counter

import (
	"time"

	"vez/office"
)

// State of a counter; design, section 4.
type State string

// The states. Lost is derived from presence and never stored.
const (
	Closed  State = "closed"
	Open    State = "open"
	Break   State = "break"
	Closing State = "closing" // after this one
	Lost    State = "lost"
)

// Served is one queue of a counter's policy; past AtLatest its earliest due wins over the list.
type Served struct {
	Queue    string        `json:"queue"`
	AtLatest time.Duration `json:"at_latest,omitempty"` // 0: no limit
}

// Shift is a clerk at a counter from opening to closing it. One row a counter;
// a closed counter keeps its last shift's row.
type Shift struct {
	Counter string `json:"counter"` // "dsi-main-3"
	Office  string `json:"office"`
	// Clerk is the actor's pseudonym.
	Clerk  string        `json:"clerk,omitempty"`
	State  State         `json:"state"`
	Queues []Served      `json:"queues,omitempty"`
	Offers []office.Need `json:"offers,omitempty"`
	Since  time.Time     `json:"since,omitzero"`
	Reason string        `json:"reason,omitempty"` // of the break, a code
	BackAt time.Time     `json:"back_at,omitzero"` //
	Ticket string        `json:"ticket,omitempty"` // called or served here
	// WritingUp is work after a visit, not idleness.
	WritingUp bool  `json:"writing_up,omitempty"`
	Seq       int64 `json:"seq"`
}

// UndoFor is how long a counter's last move can be undone.
const UndoFor = 15 * time.Second

// LostAfter is the silence of a console after which its counter is lost.
const LostAfter = 60 * time.Second

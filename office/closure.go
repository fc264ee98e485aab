package office

import (
	"slices"
	"time"

	"vez/fault"
)

// Closure is a time the office, or one of its departments or queues, is shut.
type Closure struct {
	ID     string    `json:"id"`
	From   time.Time `json:"from"`
	To     time.Time `json:"to"`
	Queue  string    `json:"queue,omitempty"` // "" for the whole office
	Reason string    `json:"reason"`          // one of ClosureReasons
}

// ClosureReasons are the codes of why an office or a queue is shut.
var ClosureReasons = []string{"typhoon", "rain", "event", "works", "other"}

// ClosureMost is how long a closure may be: its days are gone through one by one
// while everybody else at the office waits.
const ClosureMost = 366 * 24 * time.Hour

// Check refuses a closure that may not be made now: fault.InvalidField for its
// end (field "to") when that does not come after the beginning, comes more than
// ClosureMost after it or has gone by; fault.ReasonNeeded and fault.UnknownReason.
func (c Closure) Check(now time.Time) error {
	switch {
	case !c.From.Before(c.To), c.To.Sub(c.From) > ClosureMost, !now.Before(c.To):
		return fault.New(fault.InvalidField, "field", "to", "why", c.To)
	case c.Reason == "":
		return fault.New(fault.ReasonNeeded)
	case !slices.Contains(ClosureReasons, c.Reason):
		return fault.New(fault.UnknownReason, "reason", c.Reason)
	}
	return nil
}

package office

import (
	"slices"
	"time"
)

// State is what happens to an office as a whole; it changes by events like everything else.
type State struct {
	Office string `json:"office"`
	// Day is the business day the office is in; "" before its first change.
	Day Day `json:"day,omitempty"`
	// PausedAt is set while the hall is paused (fire alarm, power): nothing runs out.
	PausedAt    time.Time `json:"paused_at,omitzero"`
	PauseReason string    `json:"pause_reason,omitempty"`
	// PausedFor is how long the hall was paused today, finished pauses only.
	PausedFor time.Duration `json:"paused_for,omitempty"`
	// Pauses are the finished pauses of today, in order.
	Pauses   []Pause   `json:"pauses,omitempty"`
	Closures []Closure `json:"closures,omitempty"`
}

// Pause is a time in which a hall stood still.
type Pause struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// PausedBetween is for how long the hall stood still between two instants of today.
func (s State) PausedBetween(from, to time.Time) time.Duration {
	all := s.Pauses
	if s.Paused() {
		all = append(slices.Clone(all), Pause{s.PausedAt, to})
	}
	var sum time.Duration
	for _, p := range all {
		begun, ended := p.From, p.To
		if begun.Before(from) {
			begun = from
		}
		if ended.After(to) {
			ended = to
		}
		sum += max(0, ended.Sub(begun))
	}
	return sum
}

// Paused tells whether the hall stands still.
func (s State) Paused() bool { return !s.PausedAt.IsZero() }

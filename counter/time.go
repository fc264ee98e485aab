package counter

import "time"

// TellManagerAfter is how long a counter is lost before the manager is told.
const TellManagerAfter = 2 * time.Minute

// CanUndo tells whether a counter's last move, made at an instant, can still be
// undone; both are machine time.
func CanUndo(at, now time.Time) bool {
	return !at.IsZero() && now.Sub(at) <= UndoFor
}

// Seen is the state that others see of a counter whose console was last heard
// of at an instant (machine time): Lost when that is longer ago than LostAfter,
// unless the counter is closed. Its ticket stays, and any clerk of the queue may
// take it over.
func Seen(s Shift, heard, now time.Time) State {
	if s.State.known() == Closed {
		return Closed
	}
	if now.Sub(heard) > LostAfter {
		return Lost
	}
	return s.State
}

// TellManager tells whether a lost counter has kept a called or served ticket
// waiting so long that the manager is to be told.
func TellManager(s Shift, heard, now time.Time) bool {
	return s.Ticket != "" && Seen(s, heard, now) == Lost && now.Sub(heard) >= LostAfter+TellManagerAfter
}

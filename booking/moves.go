package booking

import "vez/fault"

// Move is a change of a booking's state.
type Move string

// The moves.
const (
	Hold        Move = "hold"         // keep a slot for some minutes
	Book        Move = "book"         // hold and confirm in one
	Extend      Move = "extend"       //
	Confirm     Move = "confirm"      //
	Lapse       Move = "lapse"        // the hold ran out
	Cancel      Move = "cancel"       //
	Reschedule  Move = "reschedule"   // to another slot, which is taken as the old one is freed
	CheckIn     Move = "check_in"     // a ticket exists from now on
	UndoCheckIn Move = "undo_checkin" //
	Fulfil      Move = "fulfil"       // the ticket ended, served or left
	Unserve     Move = "unserve"      // the office could not serve
	Reopen      Move = "reopen"       // the ticket goes on
	Miss        Move = "miss"         // never checked in
	Displace    Move = "displace"     // the office is closed at that time
	Free        Move = "free"         // the cells of an ended booking are offered again
)

// Who makes a move.
const (
	ByHolder = "holder"
	ByStaff  = "staff"
	ByDevice = "device"
	ByJob    = "job"
)

// Rule is one legal move.
type Rule struct {
	From State
	Move Move
	To   State
	By   []string
	Note string
}

// Table lists every legal move of a booking; any other is refused and changes
// nothing. The diagram in docs/states.md shows it.
var Table = []Rule{
	{None, Hold, Held, []string{ByHolder, ByStaff, ByDevice}, "a slot is kept 5 minutes"},
	{None, Book, Confirmed, []string{ByHolder, ByStaff, ByDevice}, "without a hold"},
	{Held, Extend, Held, []string{ByHolder, ByStaff, ByDevice}, "up to ten times"},
	{Held, Reschedule, Held, []string{ByHolder, ByStaff, ByDevice}, "another slot was chosen"},
	{Held, Confirm, Confirmed, []string{ByHolder, ByStaff, ByDevice}, ""},
	{Held, Lapse, Lapsed, []string{ByJob}, "not confirmed in time"},
	{Held, Cancel, Lapsed, []string{ByHolder, ByStaff, ByDevice}, "given up before it was a promise"},
	{Confirmed, Reschedule, Confirmed, []string{ByHolder, ByStaff}, "until the cut-off"},
	{Confirmed, Cancel, Cancelled, []string{ByHolder, ByStaff}, "until the cut-off"},
	{Confirmed, CheckIn, CheckedIn, []string{ByDevice, ByStaff}, "a ticket exists"},
	{Confirmed, Miss, Missed, []string{ByJob}, "never checked in"},
	{Confirmed, Displace, Displaced, []string{ByStaff}, "the office is closed then"},
	{Displaced, Reschedule, Confirmed, []string{ByHolder, ByStaff, ByJob}, "a new time was found"},
	{Displaced, Cancel, Cancelled, []string{ByHolder, ByStaff, ByJob}, ""},
	{Displaced, Free, Displaced, []string{ByJob}, "its cells are free again"},
	{Cancelled, Free, Cancelled, []string{ByJob}, "its cells are free again"},
	{CheckedIn, UndoCheckIn, Confirmed, []string{ByStaff, ByDevice}, ""},
	{CheckedIn, Fulfil, Fulfilled, []string{ByStaff, ByHolder, ByJob}, "the visit ended; leaving is no miss"},
	{CheckedIn, Unserve, Unserved, []string{ByStaff, ByJob}, "gives a return pass"},
	{Fulfilled, Reopen, CheckedIn, []string{ByStaff}, "the ticket was reopened, or its end undone"},
	{Unserved, Reopen, CheckedIn, []string{ByStaff}, "its end was undone"},
}

// Next is the state after a move, or fault.BookingState (params: state, move).
func Next(s State, m Move) (State, error) {
	for _, r := range Table {
		if r.From == s && r.Move == m {
			return r.To, nil
		}
	}
	return s, fault.New(fault.BookingState, "state", string(s), "move", string(m))
}

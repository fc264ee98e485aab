package counter

import (
	"vez/fault"
	"vez/ticket"
)

// Move is a change of a counter's shift. The event kind is "counter." and the move.
type Move string

// The moves.
const (
	MoveOpen    Move = "open"    // by a clerk, with a policy; an open one gets a new policy
	MoveBreak   Move = "break"   // with a reason and a time to be back
	MoveBack    Move = "back"    // from a break, or closing no more
	MoveClosing Move = "closing" // close after this ticket
	MoveClose   Move = "close"   //
)

// Rule is one legal move.
type Rule struct {
	From State
	Move Move
	To   State
	Note string
}

// Table lists every legal move of a shift; docs/states.md draws it. Lost is not
// in it: it is what others see of a counter whose console is silent, see Seen.
var Table = []Rule{
	{Closed, MoveOpen, Open, ""},

	{Open, MoveOpen, Open, "new policy"},
	{Open, MoveBreak, Break, "with nobody at the counter"},
	{Open, MoveClosing, Closing, "after the open ticket"},
	{Open, MoveClose, Closed, "says what becomes of an open ticket"},

	{Break, MoveOpen, Open, "new policy"},
	{Break, MoveBack, Open, ""},
	{Break, MoveClose, Closed, ""},

	{Closing, MoveOpen, Open, "new policy"},
	{Closing, MoveBack, Open, "stays after all"},
	{Closing, MoveClose, Closed, "when the ticket is finished"},
}

// Next is the state after a move, or the fault that names the state which does
// not allow it: see Refused. A counter that was never opened, with the zero
// state, is closed.
func Next(s State, m Move) (State, error) {
	for _, r := range Table {
		if r.From == s.known() && r.Move == m {
			return r.To, nil
		}
	}
	return s, Refused(s)
}

// Refused is why a counter in a state cannot do what is asked of it:
// fault.CounterClosed, CounterOpen, CounterOnBreak or CounterClosing. Lost is
// no state that it is in, only how others see it: fault.IllegalMove.
func Refused(s State) error {
	codes := map[State]fault.Code{Closed: fault.CounterClosed, Open: fault.CounterOpen, Break: fault.CounterOnBreak, Closing: fault.CounterClosing}
	if code, ok := codes[s.known()]; ok {
		return fault.New(code)
	}
	return fault.New(fault.IllegalMove, "state", string(s))
}

func (s State) known() State {
	if s == "" {
		return Closed
	}
	return s
}

// CanOpen tells whether a clerk may open a counter: one that is closed, or
// their own (to change its policy); else fault.CounterTaken.
func CanOpen(s Shift, clerk string) error {
	if s.State.known() != Closed && s.Clerk != clerk {
		return fault.New(fault.CounterTaken)
	}
	return nil
}

// CanTake tells whether a counter may take somebody by a move of the ticket:
// call, call this one, start one that was missed, serve here, resume, reopen or
// take over. Only an open counter may: fault.CounterClosed, CounterOnBreak or
// CounterClosing. What is open at a closing counter may be ended in any way, and
// a counter on a break has nothing open; tickets set aside may go back into
// their line from either.
func CanTake(s Shift, _ ticket.Move) error {
	switch s.State.known() {
	case Closed, Break, Closing:
		return Refused(s.State)
	}
	return nil
}

// CanCall tells whether the next ticket may be called to a counter: as CanTake,
// and fault.CounterBusy (params number: "", ticket) while a ticket is open there.
func CanCall(s Shift) error {
	if err := CanTake(s, ticket.Call); err != nil {
		return err
	}
	if s.Ticket != "" {
		return fault.New(fault.CounterBusy, "number", "", "ticket", s.Ticket)
	}
	return nil
}

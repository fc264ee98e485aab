package ticket

import "vez/fault"

// Move is a change of a ticket's state, or an act on it that leaves the state.
// Its text is part of the record: the event kind is "ticket." and the move.
type Move string

// The moves; design, section 4.
const (
	Take       Move = "take"        // a ticket from afar
	Issue      Move = "issue"       // a walk-in's ticket
	CheckIn    Move = "check_in"    // a booking or return pass becomes a ticket
	Admit      Move = "admit"       // a paper that an offline kiosk gave is entered
	Activate   Move = "activate"    // the holder of a remote ticket is here
	Call       Move = "call"        // the next one
	CallThis   Move = "call_this"   // one out of turn, with a named reason
	Serve      Move = "serve"       // serve here: a person without a ticket; number and start in one
	Start      Move = "start"       //
	Recall     Move = "recall"      //
	Miss       Move = "miss"        //
	Return     Move = "return"      // back into the line with the old due
	ReturnLate Move = "return_late" // after the grace: due is now
	TakeOver   Move = "take_over"   // by another counter of the queue
	Finish     Move = "finish"      // with an outcome
	Continue   Move = "continue"    // this service is done, the visit's next one joins its queue
	Transfer   Move = "transfer"    // wrong queue or counter
	Park       Move = "park"        // set aside by the clerk
	StepOut    Move = "step_out"    // set aside by the holder, once
	Resume     Move = "resume"      // at any counter of the queue
	Reopen     Move = "reopen"      // a finished one, same day
	Change     Move = "change"      // service, class, need or language; due is reckoned anew
	Cancel     Move = "cancel"      //
	Unserve    Move = "unserve"     // the office could not serve
	Expire     Move = "expire"      // at the close of the day
	Close      Move = "close"       // the close of the day ends a serving one
)

// Role is who may make a move.
type Role string

// The roles. Holder is the person the ticket belongs to, on a phone or at a
// kiosk; Job is the program itself, such as the close of the day.
const (
	Holder  Role = "holder"
	Clerk   Role = "clerk"
	Greeter Role = "greeter"
	Manager Role = "manager"
	Job     Role = "job"
)

// Rule is one legal move.
type Rule struct {
	From State
	Move Move
	To   State
	By   []Role
	Note string
}

// Table lists every legal move of a ticket; whatever is not in it is refused.
// docs/states.md draws it. An undo is no move: it restores what was before.
var Table = []Rule{
	{None, Take, Remote, []Role{Holder, Greeter}, "same day; never in filing order"},
	{None, Issue, Waiting, []Role{Holder, Clerk, Greeter, Manager}, ""},
	{None, CheckIn, Waiting, []Role{Holder, Clerk, Greeter, Manager}, "the booking becomes checked in"},
	{None, Admit, Waiting, []Role{Job}, "when the kiosk is back; class, due and number as on the paper"},
	{None, Serve, Serving, []Role{Clerk}, "number and start in one move"},

	{Remote, Activate, Waiting, []Role{Holder, Clerk, Greeter, Manager}, "keeps its due, unless passed longer ago than the remote grace"},
	{Remote, Cancel, Cancelled, []Role{Holder, Clerk, Greeter, Manager}, ""},
	{Remote, Expire, Expired, []Role{Job}, "close of day"},

	{Waiting, Call, Called, []Role{Clerk}, "as Choose says"},
	{Waiting, CallThis, Called, []Role{Clerk, Manager}, "needs a named reason; never in filing order"},
	{Waiting, StepOut, Parked, []Role{Holder, Clerk, Greeter}, "once"},
	{Waiting, Change, Waiting, []Role{Holder, Clerk, Greeter, Manager}, "due is reckoned anew"},
	{Waiting, Cancel, Cancelled, []Role{Holder, Clerk, Greeter, Manager}, ""},
	{Waiting, Unserve, Unserved, []Role{Manager, Job}, "gives a return pass"},

	{Called, Start, Serving, []Role{Clerk}, ""},
	{Called, Recall, Called, []Role{Clerk}, "the first call keeps counting for miss"},
	{Called, Miss, Missed, []Role{Clerk, Job}, "opens some time after the first call; of an invitation: return"},
	{Called, Return, Waiting, []Role{Clerk, Manager, Job}, "same due"},
	{Called, TakeOver, Called, []Role{Clerk, Manager}, ""},
	{Called, Cancel, Cancelled, []Role{Holder, Clerk, Greeter, Manager}, ""},

	{Serving, Finish, Done, []Role{Clerk}, "with an outcome"},
	{Serving, Park, Parked, []Role{Clerk}, ""},
	{Serving, Continue, Waiting, []Role{Clerk}, "same number, the next service's queue"},
	{Serving, Transfer, Waiting, []Role{Clerk}, "keeps its due, or front with a named reason, or end"},
	{Serving, Return, Waiting, []Role{Clerk, Manager}, "same due"},
	{Serving, TakeOver, Serving, []Role{Clerk, Manager}, ""},
	{Serving, Close, Done, []Role{Job}, "close of day; outcome unrecorded"},

	{Parked, Resume, Serving, []Role{Clerk}, "at any counter of the queue"},
	{Parked, Return, Waiting, []Role{Holder, Clerk, Greeter}, "same due"},
	{Parked, Cancel, Cancelled, []Role{Holder, Clerk, Greeter, Manager}, ""},
	{Parked, Unserve, Unserved, []Role{Manager, Job}, "gives a return pass"},

	{Missed, Start, Serving, []Role{Clerk}, "at the counter that missed it"},
	{Missed, Return, Waiting, []Role{Holder, Clerk, Greeter}, "within the grace; same due"},
	{Missed, ReturnLate, Waiting, []Role{Clerk, Greeter, Manager}, "after the grace; due is now"},
	{Missed, Cancel, Cancelled, []Role{Holder, Clerk, Greeter, Manager}, ""},
	{Missed, Expire, Expired, []Role{Job}, "close of day"},

	{Done, Reopen, Serving, []Role{Clerk}, "same day"},
}

type step struct {
	from State
	move Move
}

var steps = func() map[step]Rule {
	m := make(map[step]Rule, len(Table))
	for _, r := range Table {
		m[step{r.From, r.Move}] = r
	}
	return m
}()

// Next is the state after a move, or fault.IllegalMove (params move, state).
func Next(s State, m Move) (State, error) {
	r, ok := steps[step{s, m}]
	if !ok {
		return s, fault.New(fault.IllegalMove, "move", string(m), "state", string(s))
	}
	return r.To, nil
}

// May tells whether a role may make a move from a state.
func May(s State, m Move, by Role) bool {
	for _, r := range steps[step{s, m}].By {
		if r == by {
			return true
		}
	}
	return false
}

// Moves lists every move once, in the order of the table.
func Moves() []Move {
	var out []Move
	seen := map[Move]bool{}
	for _, r := range Table {
		if !seen[r.Move] {
			seen[r.Move] = true
			out = append(out, r.Move)
		}
	}
	return out
}

package event

import (
	"slices"
	"strings"

	"vez/counter"
	"vez/ticket"
)

const (
	ticketPrefix  = "ticket."
	counterPrefix = "counter."
)

// Kinds of what happens to bookings. A booking that is fulfilled or unserved
// changes with its ticket, in the ticket's event.
const (
	KindHeld        Kind = "booking.held"
	KindExtended    Kind = "booking.extended"
	KindConfirmed   Kind = "booking.confirmed"
	KindCancelled   Kind = "booking.cancelled"
	KindRescheduled Kind = "booking.rescheduled"
	KindLapsed      Kind = "booking.lapsed"
	KindFreed       Kind = "booking.freed" // the cells of an ended booking may be taken again
	KindCheckedIn   Kind = "booking.checked_in"
	KindMissed      Kind = "booking.missed"
	KindDisplaced   Kind = "booking.displaced"
)

// Kinds of what happens to an office as a whole.
const (
	KindOpened  Kind = "office.opened" // its business day begins
	KindPaused  Kind = "office.paused"
	KindResumed Kind = "office.resumed"
	KindDay     Kind = "office.closed_day" // the close of the day is done
	KindClosure Kind = "office.closure"    // a closure was set, changed or lifted
)

// KindUndo takes back the last move of a counter: its images are the rows as
// they were before.
const KindUndo Kind = "undo"

// TicketKind is the kind of a move of a ticket.
func TicketKind(move string) Kind { return Kind(ticketPrefix + move) }

// CounterKind is the kind of a move of a counter.
func CounterKind(move string) Kind { return Kind(counterPrefix + move) }

// Move is the ticket move of a kind; false for other kinds.
func (k Kind) Move() (ticket.Move, bool) {
	m, ok := strings.CutPrefix(string(k), ticketPrefix)
	return ticket.Move(m), ok
}

// Kinds lists every kind there is.
func Kinds() []Kind {
	out := []Kind{KindHeld, KindExtended, KindConfirmed, KindCancelled, KindRescheduled, KindLapsed, KindFreed, KindCheckedIn,
		KindMissed, KindDisplaced, KindOpened, KindPaused, KindResumed, KindDay, KindClosure, KindUndo}
	for _, m := range ticket.Moves() {
		out = append(out, TicketKind(string(m)))
	}
	for _, r := range counter.Table {
		if k := CounterKind(string(r.Move)); !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

var known = func() map[Kind]bool {
	m := map[Kind]bool{}
	for _, k := range Kinds() {
		m[k] = true
	}
	return m
}()

// Known tells whether a kind is one of Kinds.
func (k Kind) Known() bool { return known[k] }

package hall

import (
	"context"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// Reader reads committed state. Inside a change it reads the state after the
// changes decided before it. What is not there is a fault.UnknownThing, unless
// said otherwise.
type Reader interface {
	// State of an office; the zero state (with its id) before its first change.
	State(office string) (office.State, error)

	Ticket(id string) (ticket.Ticket, error)
	// TicketByLink finds a ticket by the secret token of its live page.
	TicketByLink(token string) (ticket.Ticket, error)
	// LinkOf is the secret token of a ticket's live page.
	LinkOf(ticket string) (string, error)
	TicketByNumber(office string, day office.Day, number string) (ticket.Ticket, error)
	// Line lists the waiting tickets of a queue by due, then joining; limit 0 means all.
	Line(queue string, day office.Day, limit int) ([]ticket.Ticket, error)
	// Live lists an office's tickets of a day that are not final.
	Live(office string, day office.Day) ([]ticket.Ticket, error)
	// Dormant lists a queue's remote tickets of a day that are due before an instant and not yet marked as passed.
	Dormant(queue string, day office.Day, before time.Time) ([]ticket.Ticket, error)
	// Issued counts a queue's tickets of a day, by class.
	Issued(queue string, day office.Day) (map[ticket.Class]int, error)

	Booking(id string) (booking.Booking, error)
	BookingByReference(reference string) (booking.Booking, error)
	// BookingsOn lists a queue's bookings on the days from and to (both included) that are not Freed, by start.
	BookingsOn(queue string, from, to office.Day) ([]booking.Booking, error)
	// BookingsMade lists a queue's bookings of an origin on the day from and later that were made at since or later and are not Freed, by start.
	BookingsMade(queue string, origin booking.Origin, from office.Day, since time.Time) ([]booking.Booking, error)
	// DueBookings lists bookings whose hold or delayed release has passed at now: Held with HeldUntil, or not Freed with FreeAt; at most limit.
	DueBookings(now time.Time, limit int) ([]booking.Booking, error)
	// OfficeBookings lists an office's bookings of a day in any of the states.
	OfficeBookings(office string, day office.Day, states ...booking.State) ([]booking.Booking, error)
	// BookingsOf lists a holder's bookings made or starting after since, newest start first.
	BookingsOf(holder string, since time.Time) ([]booking.Booking, error)
	// HolderOf gives the pseudonym a booking or remote ticket belongs to; "" when it is a bearer's.
	HolderOf(id string) (string, error)
	// TicketsOf lists a holder's own remote tickets of a day.
	TicketsOf(holder string, day office.Day) ([]ticket.Ticket, error)

	// Shift of a counter; a closed one (with its ids) when it was never opened.
	Shift(counter string) (counter.Shift, error)
	// Shifts lists an office's counters that were ever opened.
	Shifts(office string) ([]counter.Shift, error)

	// Record by kind and id.
	Record(kind, id string) (event.Record, error)
	// Records lists a kind's records by owner ("" for all).
	Records(kind, owner string) ([]event.Record, error)
}

// Tx is a change being decided. Every refusal must come before the first write.
type Tx interface {
	Reader
	// Now is house time in whole milliseconds, frozen for the change, and never
	// before the last event of the locked offices.
	Now() time.Time
	// NextNumber gives the next number of a series, from 1 to last each day, without gaps; after the
	// last it refuses with fault.QueueFull, having written nothing.
	NextNumber(office string, day office.Day, series string, last int) (int, error)
	// Append records a draft: it numbers and chains the event and writes its images to the state tables.
	// The images' Seq is set to the event's; a ticket whose Joined is negative gets it too.
	Append(d event.Draft) (event.Event, error)
	// Front lists those of a queue's line whom a choice turns on: the first n, and whoever further back
	// may be its pick or decides whether another one may be called early; see ticket.Line.
	Front(queue string, day office.Day, c ticket.Choice, r office.Rules, n int) ([]ticket.Ticket, error)
	// Ahead lists the first n who stand before a ticket in a queue's line of its day, and counts all who do.
	Ahead(queue string, t ticket.Ticket, n int) (first []ticket.Ticket, all int, err error)
	// SetHolder says whose a booking or remote ticket is, in a jurisdiction's own table.
	SetHolder(id, holder, jurisdiction string) error
	// SetLink gives a ticket's live page its secret token.
	SetLink(ticket, token string) error
	// Undo is the last undoable move of a counter; false when there is none.
	Undo(counter string) (event.Undo, bool, error)
	SetUndo(u event.Undo) error
	DropUndo(counter string) error
	// Repeat gives the ids a key has made; fault.KeyReused for another body.
	Repeat(k event.Key) (ids []string, done bool, err error)
	Remember(k event.Key, ids []string) error
	Put(r event.Record) error
	Delete(kind, id string) error
}

// Ledger is what hall needs of the durable record.
type Ledger interface {
	// Do decides a change in the writer and returns after its commit. The error
	// is decide's own refusal, or fault.LedgerAway, fault.UnknownOutcome, fault.DiskFull.
	// decide may run more than once; it must not keep what it did outside.
	Do(ctx context.Context, scope event.Scope, decide func(Tx) error) error
	// Read gives a reader of committed state.
	Read(ctx context.Context) Reader
}

// Store is a ledger whose own transaction type is T and reader R; see Over.
type Store[T Tx, R Reader] interface {
	Do(ctx context.Context, scope event.Scope, decide func(T) error) error
	Read(ctx context.Context) R
}

// Over makes a Ledger of a store, so that a store need not know hall.
func Over[T Tx, R Reader](s Store[T, R]) Ledger { return over[T, R]{s} }

type over[T Tx, R Reader] struct{ s Store[T, R] }

func (o over[T, R]) Do(ctx context.Context, scope event.Scope, decide func(Tx) error) error {
	return o.s.Do(ctx, scope, func(tx T) error { return decide(tx) })
}

func (o over[T, R]) Read(ctx context.Context) Reader { return o.s.Read(ctx) }

package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// Reader reads the ledger's state; every method is one statement on what is
// committed when it runs, or inside a change on the state so far.
type Reader struct {
	query func(text string, args ...any) (*sql.Rows, error)
	// bounded, where it is set, gives a query whose answer may not take for ever, and what ends it.
	bounded func() (query func(text string, args ...any) (*sql.Rows, error), end func())
	explain func(error) error
	machine func() time.Time
}

// Read gives a reader of committed state. Its methods give fault.UnknownThing
// for what is not there, fault.LedgerAway for a database that is not, and the
// context's own error when that ends.
func (d *DB) Read(ctx context.Context) *Reader {
	return &Reader{
		bounded: func() (func(string, ...any) (*sql.Rows, error), func()) {
			limit, end := d.reads.bound(ctx)
			return func(text string, args ...any) (*sql.Rows, error) { return d.reads.query(limit, text, args...) }, end
		},
		explain: func(err error) error { return d.explain(ctx, err) },
		machine: d.cfg.Machine.Now,
	}
}

// rows runs a query and hands each row to scan.
func (r *Reader) rows(scan func(scanner) error, text string, args ...any) error {
	query := r.query
	if r.bounded != nil {
		var end func()
		query, end = r.bounded()
		defer end()
	}
	rows, err := query(text, args...)
	if err != nil {
		return r.explain(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return r.explain(err)
		}
	}
	return r.explain(rows.Err())
}

// docs reads a column of documents.
func docs[T any](r *Reader, text string, args ...any) ([]T, error) {
	var out []T
	err := r.rows(func(rows scanner) error {
		var raw sql.RawBytes
		if err := rows.Scan(&raw); err != nil {
			return err
		}
		var v T
		if err := json.Unmarshal(raw, &v); err != nil {
			return fmt.Errorf("ledger: damaged row: %w", err)
		}
		out = append(out, v)
		return nil
	}, text, args...)
	return out, err
}

// doc reads one document, or tells what is unknown.
func doc[T any](r *Reader, what, text string, args ...any) (T, error) {
	out, err := docs[T](r, text, args...)
	if err != nil || len(out) == 0 {
		var none T
		return none, errors.Join(err, unknownIf(err == nil, what))
	}
	return out[0], nil
}

func unknownIf(yes bool, what string) error {
	if yes {
		return fault.New(fault.UnknownThing, "what", what)
	}
	return nil
}

// text reads one text, "" when there is none.
func (r *Reader) text(query string, args ...any) (string, error) {
	var out string
	err := r.rows(func(rows scanner) error { return rows.Scan(&out) }, query, args...)
	return out, err
}

// State of an office; the zero state with its id before its first change.
func (r *Reader) State(id string) (office.State, error) {
	s, err := docs[office.State](r, "SELECT doc FROM offices WHERE office = $1", id)
	if err != nil || len(s) == 0 {
		return office.State{Office: id}, err
	}
	return s[0], nil
}

// Ticket by id.
func (r *Reader) Ticket(id string) (ticket.Ticket, error) {
	return doc[ticket.Ticket](r, "ticket", "SELECT doc FROM tickets WHERE id = $1", id)
}

// TicketByLink finds a ticket by the secret token of its live page.
func (r *Reader) TicketByLink(token string) (ticket.Ticket, error) {
	return doc[ticket.Ticket](r, "ticket",
		"SELECT t.doc FROM links l JOIN tickets t ON t.id = l.ticket WHERE l.token = $1", token)
}

// LinkOf is the secret token of a ticket's live page.
func (r *Reader) LinkOf(id string) (string, error) {
	token, err := r.text("SELECT token FROM links WHERE ticket = $1", id)
	if err == nil && token == "" {
		err = fault.New(fault.UnknownThing, "what", "link")
	}
	return token, err
}

// TicketByNumber finds the ticket that bears a number at an office on a day:
// the live one of a visit, or its last.
func (r *Reader) TicketByNumber(id string, day office.Day, number string) (ticket.Ticket, error) {
	return doc[ticket.Ticket](r, "ticket",
		"SELECT doc FROM tickets WHERE office = $1 AND day = $2 AND number = $3 ORDER BY live DESC, seq DESC LIMIT 1",
		id, string(day), number)
}

// Line lists the waiting tickets of a queue by due, then joining; limit 0 means all.
func (r *Reader) Line(queue string, day office.Day, limit int) ([]ticket.Ticket, error) {
	return docs[ticket.Ticket](r,
		"SELECT doc FROM tickets WHERE queue = $1 AND day = $2 AND state = 'waiting' ORDER BY due, joined LIMIT $3",
		queue, string(day), most(limit))
}

// most is a LIMIT; 0 and less mean all.
func most(limit int) int64 {
	if limit <= 0 {
		return 1 << 62
	}
	return int64(limit)
}

// Live lists an office's tickets of a day that are not final, in the order of their last events.
func (r *Reader) Live(id string, day office.Day) ([]ticket.Ticket, error) {
	return docs[ticket.Ticket](r,
		"SELECT doc FROM tickets WHERE office = $1 AND day = $2 AND live = 1 ORDER BY seq, id", id, string(day))
}

// Dormant lists a queue's remote tickets of a day that are due before an
// instant and not yet marked as passed, by due.
func (r *Reader) Dormant(queue string, day office.Day, before time.Time) ([]ticket.Ticket, error) {
	out, err := docs[ticket.Ticket](r,
		"SELECT doc FROM tickets WHERE queue = $1 AND day = $2 AND state = 'remote' AND due < $3 ORDER BY due, joined",
		queue, string(day), stamp(before))
	return slices.DeleteFunc(out, func(t ticket.Ticket) bool { return !t.Passed.IsZero() }), err
}

// Issued counts a queue's tickets of a day, by class.
func (r *Reader) Issued(queue string, day office.Day) (map[ticket.Class]int, error) {
	out := map[ticket.Class]int{}
	err := r.rows(func(rows scanner) error {
		var class string
		var n int
		err := rows.Scan(&class, &n)
		out[ticket.Class(class)] = n
		return err
	}, "SELECT class, count(*) FROM tickets WHERE queue = $1 AND day = $2 GROUP BY class", queue, string(day))
	return out, err
}

// Booking by id.
func (r *Reader) Booking(id string) (booking.Booking, error) {
	return doc[booking.Booking](r, "booking", "SELECT doc FROM bookings WHERE id = $1", id)
}

// BookingByReference finds a booking by its typed reference.
func (r *Reader) BookingByReference(reference string) (booking.Booking, error) {
	return doc[booking.Booking](r, "booking", "SELECT doc FROM bookings WHERE reference = $1 AND reference <> ''", reference)
}

// BookingsOn lists a queue's bookings on the days from and to, both included, that are not freed, by start.
func (r *Reader) BookingsOn(queue string, from, to office.Day) ([]booking.Booking, error) {
	return docs[booking.Booking](r,
		"SELECT doc FROM bookings WHERE queue = $1 AND day >= $2 AND day <= $3 AND freed = 0 ORDER BY start, seq, id",
		queue, string(from), string(to))
}

// BookingsMade lists a queue's bookings of an origin on the day from and later that were made at since or
// later and are not freed, by start.
func (r *Reader) BookingsMade(queue string, origin booking.Origin, from office.Day, since time.Time) ([]booking.Booking, error) {
	all, err := docs[booking.Booking](r,
		"SELECT doc FROM bookings WHERE queue = $1 AND day >= $2 AND freed = 0 AND made >= $3 ORDER BY start, seq, id",
		queue, string(from), stamp(since))
	return slices.DeleteFunc(all, func(b booking.Booking) bool { return b.Origin != origin }), err
}

// DueBookings lists bookings whose hold or delayed release has passed at now, the longest due first.
func (r *Reader) DueBookings(now time.Time, limit int) ([]booking.Booking, error) {
	return docs[booking.Booking](r,
		"SELECT doc FROM bookings WHERE release > 0 AND release <= $1 ORDER BY release, id LIMIT $2", stamp(now), most(limit))
}

// OfficeBookings lists an office's bookings of a day in any of the states, by start.
func (r *Reader) OfficeBookings(id string, day office.Day, states ...booking.State) ([]booking.Booking, error) {
	if len(states) == 0 {
		return nil, nil
	}
	args := []any{id, string(day)}
	marks := make([]string, len(states))
	for i, s := range states {
		marks[i] = fmt.Sprintf("$%d", i+3)
		args = append(args, string(s))
	}
	return docs[booking.Booking](r, "SELECT doc FROM bookings WHERE office = $1 AND day = $2 AND state IN ("+
		strings.Join(marks, ", ")+") ORDER BY start, seq, id", args...)
}

// BookingsOf lists a holder's bookings made or starting after since, newest start first.
func (r *Reader) BookingsOf(holder string, since time.Time) ([]booking.Booking, error) {
	return docs[booking.Booking](r, `SELECT b.doc FROM holders h JOIN bookings b ON b.id = h.id
WHERE h.holder = $1 AND (b.made > $2 OR b.start > $2) ORDER BY b.start DESC, b.id`, holder, stamp(since))
}

// HolderOf gives the pseudonym a booking or remote ticket belongs to; "" when it is a bearer's.
func (r *Reader) HolderOf(id string) (string, error) {
	return r.text("SELECT holder FROM holders WHERE id = $1", id)
}

// TicketsOf lists a holder's own remote tickets of a day, the oldest first.
func (r *Reader) TicketsOf(holder string, day office.Day) ([]ticket.Ticket, error) {
	return docs[ticket.Ticket](r, `SELECT t.doc FROM holders h JOIN tickets t ON t.id = h.id
WHERE h.holder = $1 AND t.day = $2 ORDER BY t.joined, t.id`, holder, string(day))
}

// Shift of a counter; a closed one with its id when it was never opened.
func (r *Reader) Shift(id string) (counter.Shift, error) {
	s, err := docs[counter.Shift](r, "SELECT doc FROM shifts WHERE counter = $1", id)
	if err != nil || len(s) == 0 {
		return counter.Shift{Counter: id, State: counter.Closed}, err
	}
	return s[0], nil
}

// Shifts lists an office's counters that were ever opened.
func (r *Reader) Shifts(id string) ([]counter.Shift, error) {
	return docs[counter.Shift](r, "SELECT doc FROM shifts WHERE office = $1 ORDER BY counter", id)
}

const recordColumns = "SELECT kind, id, owner, expires, data FROM records WHERE (expires = 0 OR expires > $1) AND kind = $2 "

// Record by kind and id; an expired one is not there any more.
func (r *Reader) Record(kind, id string) (event.Record, error) {
	out, err := r.records(recordColumns+"AND id = $3", kind, id)
	if err != nil || len(out) == 0 {
		return event.Record{}, errors.Join(err, unknownIf(err == nil, kind))
	}
	return out[0], nil
}

// Records lists a kind's records by owner, "" for all, sorted by id.
func (r *Reader) Records(kind, owner string) ([]event.Record, error) {
	if owner == "" {
		return r.records(recordColumns+"ORDER BY id", kind)
	}
	return r.records(recordColumns+"AND owner = $3 ORDER BY id", kind, owner)
}

func (r *Reader) records(text string, args ...any) ([]event.Record, error) {
	var out []event.Record
	err := r.rows(func(rows scanner) error {
		var rec event.Record
		var expires int64
		err := rows.Scan(&rec.Kind, &rec.ID, &rec.Owner, &expires, &rec.Data)
		if expires > 0 {
			rec.Expires = time.UnixMilli(expires).UTC()
		}
		out = append(out, rec)
		return err
	}, text, append([]any{stamp(r.machine())}, args...)...)
	return out, err
}

// scanner is a row to be read.
type scanner interface{ Scan(into ...any) error }

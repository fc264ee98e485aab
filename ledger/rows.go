package ledger

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// Each kind of row has one function that gives its columns in the order of its
// statement: the document, and what it is found by. Verify uses the same
// functions, so that a column that strays from its document is found.

const (
	sqlPutTicket = `INSERT INTO tickets (id, office, queue, day, state, live, class, number, due, joined, seq, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET office = excluded.office, queue = excluded.queue, day = excluded.day, state = excluded.state,
live = excluded.live, class = excluded.class, number = excluded.number, due = excluded.due, joined = excluded.joined,
seq = excluded.seq, doc = excluded.doc`
	sqlPutBooking = `INSERT INTO bookings (id, reference, office, queue, day, state, freed, start, made, release, seq, doc)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (id) DO UPDATE SET reference = excluded.reference, office = excluded.office, queue = excluded.queue, day = excluded.day,
state = excluded.state, freed = excluded.freed, start = excluded.start, made = excluded.made, release = excluded.release,
seq = excluded.seq, doc = excluded.doc`
	sqlPutShift = `INSERT INTO shifts (counter, office, seq, doc) VALUES ($1, $2, $3, $4)
ON CONFLICT (counter) DO UPDATE SET office = excluded.office, seq = excluded.seq, doc = excluded.doc`
	sqlPutVoid = `INSERT INTO voids (office, day, series, n, reason) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (office, day, series, n) DO UPDATE SET reason = excluded.reason`
	sqlAddOffice = `INSERT INTO offices (office, seq, at, hash, doc) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (office) DO NOTHING`
	sqlPutOffice = `UPDATE offices SET seq = $2, at = $3, hash = $4, doc = $5 WHERE office = $1`
	sqlAddEvent  = `INSERT INTO events (office, seq, at, digest, hash, salt, payload) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	sqlPutNumber = `INSERT INTO numbers (office, day, series, n) VALUES ($1, $2, $3, $4)
ON CONFLICT (office, day, series) DO UPDATE SET n = excluded.n`
)

// stamp is an instant as it is stored: UTC milliseconds, 0 for "not".
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func ticketColumns(t ticket.Ticket) ([]any, error) {
	doc, err := event.TicketJSON(t)
	return append(ticketKeys(t), t.Seq, string(doc)), err
}

// ticketKeys are the id and what a ticket is found by.
func ticketKeys(t ticket.Ticket) []any {
	return []any{t.ID, t.Office, t.Queue, string(t.Day), string(t.State), flag(!t.State.Final()), string(t.Class), t.Number, stamp(t.Due), t.Joined}
}

func bookingColumns(b booking.Booking) ([]any, error) {
	doc, err := json.Marshal(b)
	return append(bookingKeys(b), b.Seq, string(doc)), err
}

// bookingKeys are the id and what a booking is found by.
func bookingKeys(b booking.Booking) []any {
	return []any{b.ID, b.Reference, b.Office, b.Queue, string(b.Day), string(b.State), flag(b.Freed), stamp(b.Start), stamp(b.Made), release(b)}
}

// release is when a hold or a delayed release passes; 0 when nothing is due.
func release(b booking.Booking) int64 {
	switch {
	case b.Freed:
		return 0
	case b.State == booking.Held:
		return stamp(b.HeldUntil)
	}
	return stamp(b.FreeAt)
}

// ticketNames and bookingNames are the columns in the order of their statements.
var (
	ticketNames  = strings.Fields("id office queue day state live class number due joined seq doc")
	bookingNames = strings.Fields("id reference office queue day state freed start made release seq doc")
)

// changed updates only the columns that differ from the row as it was: an
// engine takes an entry out of an index and puts it back wherever a column of
// the index is set, be it to the same value, and every page that is touched so
// is written. Somebody who has waited for long is on other pages than whoever came last.
func changed(table string, names []string, was, is []any) op {
	var set []string
	args := []any{is[0]}
	for i := 1; i < len(names); i++ {
		if i < len(was) && was[i] == is[i] {
			continue
		}
		args = append(args, is[i])
		set = append(set, fmt.Sprintf("%s = $%d", names[i], len(args)))
	}
	return op{"UPDATE " + table + " SET " + strings.Join(set, ", ") + " WHERE id = $1", args, 1}
}

func shiftColumns(s counter.Shift) ([]any, error) {
	doc, err := event.ShiftJSON(s)
	return []any{s.Counter, s.Office, s.Seq, string(doc)}, err
}

func voidColumns(id string, v event.Void) []any {
	return []any{id, string(v.Day), v.Series, int64(v.N), v.Reason}
}

// officeColumns are the head of a chain and the state beside it.
func officeColumns(o *officeRow) ([]any, error) {
	doc, err := json.Marshal(o.state)
	return []any{o.id, o.seq, o.at, o.hash, string(doc)}, err
}

// officeRow is the lock row of an office: where its chain ends, and its state.
type officeRow struct {
	id    string
	seq   int64
	at    int64
	hash  []byte
	state office.State
}

// scanOffice reads the columns office, seq, at, hash, doc.
func scanOffice(r scanner) (*officeRow, error) {
	var o officeRow
	var state []byte
	if err := r.Scan(&o.id, &o.seq, &o.at, &o.hash, &state); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(state, &o.state); err != nil {
		return nil, fmt.Errorf("ledger: damaged row of office %s: %w", o.id, err)
	}
	return &o, nil
}

func newOffice(id string) *officeRow {
	return &officeRow{id: id, hash: []byte{}, state: office.State{Office: id}}
}

func addOfficeArgs(id string) []any {
	// The state of an untouched office has no part that cannot be encoded.
	columns, _ := officeColumns(newOffice(id))
	return columns
}

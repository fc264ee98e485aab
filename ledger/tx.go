package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// Tx is a change being decided: it reads the state after the changes decided
// before it and writes its own. It must not be used after its decision.
type Tx struct {
	*Reader         // queries, which see everything written so far
	keyed   *Reader // rows by key that this batch has not touched: no need to flush
	b       *batch
	scope   event.Scope
	now     time.Time
	wrote   bool
	over    bool
	assumed []repeatKey // keys taken for new without a look
}

type numberKey struct {
	office string
	day    office.Day
	series string
}

type recordKey struct{ kind, id string }

func (b *batch) tx(scope event.Scope) *Tx {
	machine := b.w.d.cfg.Machine.Now
	tx := &Tx{
		b: b, scope: scope,
		now: b.w.d.cfg.House.Now().UTC().Truncate(time.Millisecond),
	}
	tx.Reader = &Reader{query: tx.during(b.query), explain: b.explain, machine: machine}
	tx.keyed = &Reader{query: tx.during(b.link.query), explain: b.explain, machine: machine}
	for _, id := range scope.Offices {
		if o, ok := b.offices.get(id); ok && o.at > tx.now.UnixMilli() {
			tx.now = time.UnixMilli(o.at).UTC()
		}
	}
	return tx
}

type query func(text string, args ...any) (*sql.Rows, error)

// during lets a query pass as long as the change is being decided; the
// connection is another's afterwards.
func (tx *Tx) during(q query) query {
	return func(text string, args ...any) (*sql.Rows, error) {
		if tx.over {
			return nil, errOver
		}
		return q(text, args...)
	}
}

// errOver is the use of a change after its decision.
var errOver = errMisuse("a change was used after its decision")

// Now is house time in whole milliseconds UTC, frozen for the change, and
// never before the last event of the locked offices.
func (tx *Tx) Now() time.Time { return tx.now }

// errMisuse is a decision that breaks the rules of a change; it is our own mistake.
func errMisuse(format string, args ...any) error {
	return fault.New(fault.Unexpected).Because(fmt.Errorf("ledger: "+format, args...))
}

// write opens the door for a write of this change.
func (tx *Tx) write() error {
	if tx.over {
		return errOver
	}
	tx.wrote = true
	return nil
}

// locked gives the row of an office of this change's scope.
func (tx *Tx) locked(id string) (*officeRow, error) {
	for _, in := range tx.scope.Offices {
		if in == id {
			o, _ := tx.b.offices.get(id)
			return o, nil
		}
	}
	return nil, errMisuse("office %s is outside of the change's scope", id)
}

// State of an office; the zero state with its id before its first change.
func (tx *Tx) State(id string) (office.State, error) {
	if o, ok := tx.b.offices.get(id); ok {
		return ownState(o.state), nil
	}
	return tx.keyed.State(id)
}

// Ticket by id.
func (tx *Tx) Ticket(id string) (ticket.Ticket, error) {
	t, err := known(&tx.b.tickets, id, func(id string) (ticket.Ticket, error) {
		for office := range tx.b.models {
			m, err := tx.b.full(office)
			if err != nil {
				return ticket.Ticket{}, err
			}
			if t, ok := m.ticketOf(id); ok {
				return t, nil
			}
		}
		return tx.keyed.Ticket(id)
	})
	return ownTicket(t), err
}

// Booking by id.
func (tx *Tx) Booking(id string) (booking.Booking, error) {
	return known(&tx.b.bookings, id, tx.keyed.Booking)
}

// Shift of a counter; a closed one with its id when it was never opened.
func (tx *Tx) Shift(id string) (counter.Shift, error) {
	s, err := known(&tx.b.shifts, id, func(id string) (counter.Shift, error) {
		for office := range tx.b.models {
			m, err := tx.b.full(office)
			if err != nil {
				return counter.Shift{}, err
			}
			if s, ok := m.shifts[id]; ok {
				return s, nil
			}
		}
		return tx.keyed.Shift(id)
	})
	return ownShift(s), err
}

// known answers from the batch, or reads and keeps the row.
func known[V any](h *heap[string, V], id string, read func(string) (V, error)) (V, error) {
	if v, ok := h.get(id); ok {
		return v, nil
	}
	v, err := read(id)
	if err == nil {
		h.learn(id, v)
	}
	return v, err
}

// NextNumber gives the next number of a series, from 1 to last each day, without
// gaps; after the last it refuses with fault.QueueFull, having written nothing.
func (tx *Tx) NextNumber(id string, day office.Day, series string, last int) (int, error) {
	if _, err := tx.locked(id); err != nil {
		return 0, err
	}
	k := numberKey{id, day, series}
	n, ok := tx.b.numbers.get(k)
	if !ok {
		err := tx.keyed.rows(func(r scanner) error { return r.Scan(&n) },
			"SELECT n FROM numbers WHERE office = $1 AND day = $2 AND series = $3", id, string(day), series)
		if err != nil {
			return 0, err
		}
	}
	if n >= last {
		return 0, fault.New(fault.QueueFull, "limit", last)
	}
	if err := tx.write(); err != nil {
		return 0, err
	}
	tx.b.numbers.put(k, n+1)
	return n + 1, nil
}

// SetHolder says whose a booking or remote ticket is, in a jurisdiction's own
// table; an empty holder makes it nobody's.
func (tx *Tx) SetHolder(id, holder, jurisdiction string) error {
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.ops = append(tx.b.ops, op{"DELETE FROM holders WHERE id = $1", []any{id}, anyRows})
	if holder != "" {
		tx.b.ops = append(tx.b.ops, op{"INSERT INTO holders (jurisdiction, id, holder) VALUES ($1, $2, $3)", []any{jurisdiction, id, holder}, 1})
	}
	return nil
}

// SetLink gives a ticket's live page its secret token.
func (tx *Tx) SetLink(id, token string) error {
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.ops = append(tx.b.ops, op{
		"INSERT INTO links (ticket, token) VALUES ($1, $2) ON CONFLICT (ticket) DO UPDATE SET token = excluded.token", []any{id, token}, 1,
	})
	return nil
}

// Undo is the last undoable move of a counter; false when there is none.
func (tx *Tx) Undo(id string) (event.Undo, bool, error) {
	u, err := known(&tx.b.undos, id, func(id string) (*event.Undo, error) {
		out, err := docs[event.Undo](tx.keyed, "SELECT doc FROM undos WHERE counter = $1", id)
		if err != nil || len(out) == 0 {
			return nil, err
		}
		return &out[0], nil
	})
	if err != nil || u == nil {
		return event.Undo{}, false, err
	}
	return *u, true, nil
}

// SetUndo keeps what the last move of a counter looked like before.
func (tx *Tx) SetUndo(u event.Undo) error {
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.undos.put(u.Counter, &u)
	return nil
}

// DropUndo forgets it.
func (tx *Tx) DropUndo(id string) error {
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.undos.put(id, nil)
	return nil
}

func (b *batch) writeUndo(id string, u *event.Undo) error {
	if u == nil {
		b.ops = append(b.ops, op{"DELETE FROM undos WHERE counter = $1", []any{id}, anyRows})
		return nil
	}
	doc, err := event.UndoJSON(*u)
	b.ops = append(b.ops, op{
		"INSERT INTO undos (counter, doc) VALUES ($1, $2) ON CONFLICT (counter) DO UPDATE SET doc = excluded.doc", []any{id, string(doc)}, 1,
	})
	return err
}

// Record by kind and id; an expired one is not there any more.
func (tx *Tx) Record(kind, id string) (event.Record, error) {
	if r, ok := tx.b.records.get(recordKey{kind, id}); ok {
		if r == nil || !r.Expires.IsZero() && !r.Expires.After(tx.keyed.machine()) {
			return event.Record{}, fault.New(fault.UnknownThing, "what", kind)
		}
		return *r, nil
	}
	return tx.keyed.Record(kind, id)
}

// Put writes a record.
func (tx *Tx) Put(r event.Record) error {
	if r.Kind == "" || r.ID == "" {
		return errors.New("ledger: a record needs a kind and an id")
	}
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.records.put(recordKey{r.Kind, r.ID}, &r)
	return nil
}

// Delete removes a record; one that is not there is no fault.
func (tx *Tx) Delete(kind, id string) error {
	if err := tx.write(); err != nil {
		return err
	}
	tx.b.records.put(recordKey{kind, id}, nil)
	return nil
}

func (b *batch) writeRecord(k recordKey, r *event.Record) error {
	if r == nil {
		b.ops = append(b.ops, op{"DELETE FROM records WHERE kind = $1 AND id = $2", []any{k.kind, k.id}, anyRows})
		return nil
	}
	data := r.Data
	if data == nil {
		data = []byte{}
	}
	b.ops = append(b.ops, op{`INSERT INTO records (kind, id, owner, expires, data) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, id) DO UPDATE SET owner = excluded.owner, expires = excluded.expires, data = excluded.data`,
		[]any{r.Kind, r.ID, r.Owner, stamp(r.Expires), data}, 1})
	return nil
}

package ledger

import (
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/ticket"
)

// batch is one transaction with the changes decided in it. What they write is
// kept here and flushed together: before a query that could miss it, and
// before the commit. Rows read or written by key are answered from here.
type batch struct {
	w      *writer
	link   link
	linked *Reader           // reads what was flushed
	models map[string]*model // of the locked offices
	id     string            // random, to look the commit up by
	events []event.Event
	wrote  bool
	// found an answer in the tables that a commit has to confirm: that of a
	// change whose outcome was unknown may not be on every standby yet.
	found bool
	// careful batches look up every key; the first try does not.
	careful bool
	broken  error // the database's own error, whatever a decision made of it

	offices  heap[string, *officeRow]
	tickets  heap[string, ticket.Ticket]
	bookings heap[string, booking.Booking]
	shifts   heap[string, counter.Shift]
	numbers  heap[numberKey, int]
	undos    heap[string, *event.Undo] // nil: dropped
	repeats  heap[repeatKey, repeated]
	records  heap[recordKey, *event.Record] // nil: deleted
	ops      []op                           // rows that are never read by key
}

func newBatch(w *writer, l link) *batch {
	b := &batch{w: w, link: l, id: rand.Text(), models: map[string]*model{}}
	b.linked = &Reader{query: l.query, explain: b.explain, machine: w.d.cfg.Machine.Now}
	return b
}

// heap keeps the rows of one kind by key: those known, and which of them wait to be written.
type heap[K comparable, V any] struct {
	rows  map[K]V
	kept  map[K]V // as the tables have them, where that is known
	dirty map[K]bool
	order []K
}

func (h *heap[K, V]) get(k K) (V, bool) { v, ok := h.rows[k]; return v, ok }

// learn keeps a row as it was read.
func (h *heap[K, V]) learn(k K, v V) {
	if h.rows == nil {
		h.rows, h.dirty = map[K]V{}, map[K]bool{}
	}
	h.rows[k] = v
}

// stands keeps a row as the tables have it, unless a change of it waits.
func (h *heap[K, V]) stands(k K, v V) {
	if h.dirty[k] {
		return
	}
	if h.kept == nil {
		h.kept = map[K]V{}
	}
	h.kept[k] = v
}

// put keeps a row to be written; only its last version will be.
func (h *heap[K, V]) put(k K, v V) {
	h.learn(k, v)
	if !h.dirty[k] {
		h.dirty[k] = true
		h.order = append(h.order, k)
	}
}

// drain hands over what waits to be written, in the order it was first put.
func (h *heap[K, V]) drain(write func(K, V) error) error {
	order := h.order
	h.order = nil
	for _, k := range order {
		delete(h.dirty, k)
		if err := write(k, h.rows[k]); err != nil {
			return err
		}
	}
	return nil
}

// decide locks, decides the changes in turn and writes what they want. Each
// refusal is kept in its change; an error is the batch's own, or a *spoilt.
func (b *batch) decide(cs []*change) error {
	holders, offices := scopes(cs)
	rows, err := b.link.begin(holders, offices)
	if err != nil {
		return err
	}
	if err := b.ready(rows, offices); err != nil {
		return err
	}
	for _, c := range cs {
		if err := b.one(c); err != nil {
			return err
		}
	}
	if !b.wrote && !b.found {
		return nil
	}
	return b.finish()
}

// scopes unites what the changes lock, each kind sorted.
func scopes(cs []*change) (holders, offices []string) {
	for _, c := range cs {
		holders = append(holders, c.scope.Holders...)
		offices = append(offices, c.scope.Offices...)
	}
	slices.Sort(holders)
	slices.Sort(offices)
	return slices.Compact(holders), slices.Compact(offices)
}

// ready keeps the rows of the locked offices and their models. SQLite has no
// row of an untouched office yet; PostgreSQL made one to lock.
func (b *batch) ready(rows []*officeRow, offices []string) error {
	for _, o := range rows {
		b.offices.learn(o.id, o)
	}
	for _, id := range offices {
		o, ok := b.offices.get(id)
		if !ok {
			o = newOffice(id)
			b.offices.learn(id, o)
			b.ops = append(b.ops, op{sqlAddOffice, addOfficeArgs(id), anyRows})
		}
		if err := b.recall(o); err != nil {
			return err
		}
	}
	return nil
}

// one decides a change, and once more if it was wrong about its key.
func (b *batch) one(c *change) error {
	for {
		tx := b.tx(c.scope)
		if b.run(c, tx) && b.broken == nil {
			tx.over = true
			return &spoilt{by: c, err: c.err, panicked: true}
		}
		wrong, err := tx.mistaken()
		tx.over = true
		switch {
		case b.broken != nil:
			return b.broken
		case err != nil:
			return err
		case wrong && tx.wrote:
			return errClash
		case c.err != nil && tx.wrote:
			return &spoilt{by: c, err: c.err}
		case !wrong:
			b.wrote = b.wrote || tx.wrote
			return nil
		}
	}
}

// run decides; a panic becomes the change's error.
func (b *batch) run(c *change, tx *Tx) (panicked bool) {
	defer func() {
		if p := recover(); p != nil {
			c.err = fmt.Errorf("ledger: a decision panicked: %v\n%s", p, debug.Stack())
			panicked = true
		}
	}()
	c.err = c.decide(tx)
	return false
}

// query reads after flushing, so that a decision sees what those before it wrote.
func (b *batch) query(text string, args ...any) (*sql.Rows, error) {
	if err := b.flush(); err != nil {
		return nil, err
	}
	return b.link.query(text, args...)
}

// explain remembers that the database failed: the batch cannot be committed then.
func (b *batch) explain(err error) error {
	if err == nil {
		return nil
	}
	if b.broken == nil && !errors.Is(err, errOver) {
		b.broken = err
	}
	return b.w.d.engine.classify(err)
}

// finish writes everything that still waits, the heads of the chains and the batch's name.
func (b *batch) finish() error {
	b.ops = append(b.ops, op{
		`INSERT INTO commits (writer, batch, at) VALUES ($1, $2, $3)
ON CONFLICT (writer) DO UPDATE SET batch = excluded.batch, at = excluded.at`,
		[]any{b.w.name, b.id, b.w.d.cfg.Machine.Now().UnixMilli()}, 1,
	})
	err := b.offices.drain(func(_ string, o *officeRow) error {
		return row(b, sqlPutOffice, 1, o, officeColumns)
	})
	return errors.Join(err, b.flush())
}

// flush sends what waits to the database.
func (b *batch) flush() error {
	err := errors.Join(
		b.tickets.drain(b.writeTicket),
		b.bookings.drain(b.writeBooking),
		b.shifts.drain(func(_ string, s counter.Shift) error { return row(b, sqlPutShift, 1, s, shiftColumns) }),
		b.numbers.drain(func(k numberKey, n int) error {
			b.ops = append(b.ops, op{sqlPutNumber, []any{k.office, string(k.day), k.series, int64(n)}, 1})
			return nil
		}),
		b.undos.drain(b.writeUndo),
		b.repeats.drain(b.writeRepeat),
		b.records.drain(b.writeRecord),
	)
	if err != nil {
		return err
	}
	ops := b.ops
	b.ops = nil
	return b.link.write(ops)
}

func (b *batch) writeTicket(id string, t ticket.Ticket) error {
	columns, err := ticketColumns(t)
	o := op{sqlPutTicket, columns, 1}
	if was, ok := b.tickets.kept[id]; ok {
		o = changed("tickets", ticketNames, ticketKeys(was), columns)
	}
	b.ops = append(b.ops, o)
	b.tickets.stands(id, t)
	return err
}

func (b *batch) writeBooking(id string, k booking.Booking) error {
	columns, err := bookingColumns(k)
	o := op{sqlPutBooking, columns, 1}
	if was, ok := b.bookings.kept[id]; ok {
		o = changed("bookings", bookingNames, bookingKeys(was), columns)
	}
	b.ops = append(b.ops, o)
	b.bookings.stands(id, k)
	return err
}

// row queues a statement with the columns of a row.
func row[T any](b *batch, text string, want int64, v T, columns func(T) ([]any, error)) error {
	args, err := columns(v)
	b.ops = append(b.ops, op{text, args, want})
	return err
}

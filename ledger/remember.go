package ledger

import (
	"bytes"
	"maps"
	"slices"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// These reads of a change are answered from the model of a locked office.
// What no model can know is read from the tables.

// recall takes the office's model, caught up with the row that is locked now.
func (b *batch) recall(o *officeRow) error {
	m := b.w.d.models.take(o.id)
	if m == nil {
		m = newModel(o)
	}
	if follows, err := b.follows(o, m); err != nil {
		return err
	} else if !follows { // what a database acknowledged it has lost
		b.w.d.seen.forget()
		b.w.d.lost(o, m)
		m = newModel(o)
	}
	if o.seq-m.seq > catchUp {
		m = newModel(o)
	}
	b.models[o.id] = m
	if m.seq == o.seq {
		return nil
	}
	missed, err := b.linked.after(o.id, m.seq, catchUp)
	if err != nil {
		return err
	}
	for _, e := range missed {
		m.apply(e)
	}
	m.hash = o.hash
	if m.seq != o.seq || slices.ContainsFunc(missed, erased) {
		b.models[o.id] = newModel(o)
	}
	return nil
}

// OnLost registers a listener that hears, once, of every office whose events no
// longer go on from one that was committed, with that one's number. It must not
// block. Listeners are registered before the first change.
func (d *DB) OnLost(hear func(office string, seq int64)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mourners = append(d.mourners, hear)
}

func (d *DB) lost(o *officeRow, m *model) {
	d.cfg.Log.Error("ledger: the database has lost events that it had committed", "office", o.id, "committed", m.seq, "ends", o.seq)
	d.mu.Lock()
	mourners := d.mourners
	d.mu.Unlock()
	for _, hear := range mourners {
		hear(o.id, m.seq)
	}
}

// follows tells whether the office's events go on from the one that a model is at.
func (b *batch) follows(o *officeRow, m *model) (bool, error) {
	switch {
	case m.seq > o.seq:
		return false, nil
	case m.seq == o.seq:
		return bytes.Equal(m.hash, o.hash), nil
	case m.seq == 0:
		return true, nil
	}
	var hash []byte
	err := b.linked.rows(func(r scanner) error { return r.Scan(&hash) }, "SELECT hash FROM events WHERE office = $1 AND seq = $2", o.id, m.seq)
	return bytes.Equal(m.hash, hash), err
}

func erased(e event.Event) bool { return e.Kind == "" }

// keepModels gives the models back after a commit, or when nothing was written.
func (b *batch) keepModels() {
	for id, m := range b.models {
		if o, ok := b.offices.get(id); ok && o.seq == m.seq {
			m.hash = o.hash
		}
		b.w.d.models.put(m)
	}
}

const sqlLive = "SELECT doc FROM tickets WHERE office = $1 AND live = 1"

// full is the model of a locked office with its live rows; nil when the office
// is not locked by this batch.
func (b *batch) full(id string) (*model, error) {
	m := b.models[id]
	if m == nil || m.loaded {
		return m, nil
	}
	if err := b.flush(); err != nil {
		return nil, b.explain(err)
	}
	tickets, err := docs[ticket.Ticket](b.linked, sqlLive, id)
	if err != nil {
		return nil, err
	}
	shifts, err := b.linked.Shifts(id)
	if err != nil {
		return nil, err
	}
	for _, t := range tickets {
		b.w.d.models.learn(t.Queue, id)
	}
	m.load(tickets, shifts)
	return m, nil
}

// ofQueue is the full model of the office a queue belongs to; nil when that is
// not known, or not locked.
func (tx *Tx) ofQueue(queue string) (*model, error) {
	id := tx.b.w.d.models.officeOf(queue)
	if id == "" {
		var err error
		if id, err = tx.keyed.text("SELECT office FROM tickets WHERE queue = $1 LIMIT 1", queue); err != nil || id == "" {
			return nil, err
		}
		tx.b.w.d.models.learn(queue, id)
	}
	return tx.b.full(id)
}

// Line lists the waiting tickets of a queue by due, then joining; limit 0 means all.
func (tx *Tx) Line(queue string, day office.Day, limit int) ([]ticket.Ticket, error) {
	m, err := tx.ofQueue(queue)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return tx.Reader.Line(queue, day, limit)
	}
	return m.line(lineKey{queue, day, ticket.Waiting}).First(limit), nil
}

// Front lists those of a queue's line whom a choice turns on; see ticket.Line.
func (tx *Tx) Front(queue string, day office.Day, c ticket.Choice, r office.Rules, n int) ([]ticket.Ticket, error) {
	line, err := tx.waiting(queue, day)
	if err != nil {
		return nil, err
	}
	return line.Front(c, r, n), nil
}

// Ahead lists the first n who stand before a ticket in its queue's line, and
// counts all who do.
func (tx *Tx) Ahead(queue string, t ticket.Ticket, n int) (first []ticket.Ticket, all int, err error) {
	line, err := tx.waiting(queue, t.Day)
	if err != nil {
		return nil, 0, err
	}
	first, all = line.Ahead(t, n)
	return first, all, nil
}

// waiting is the line of a queue, from the model where there is one.
func (tx *Tx) waiting(queue string, day office.Day) (*ticket.Line, error) {
	m, err := tx.ofQueue(queue)
	if err != nil {
		return nil, err
	}
	if m != nil {
		return m.line(lineKey{queue, day, ticket.Waiting}), nil
	}
	all, err := tx.Reader.Line(queue, day, 0)
	line := &ticket.Line{}
	for i := range all {
		line.Add(&all[i])
	}
	return line, err
}

// Dormant lists a queue's remote tickets of a day that are due before an
// instant and not yet marked as passed, by due.
func (tx *Tx) Dormant(queue string, day office.Day, before time.Time) ([]ticket.Ticket, error) {
	m, err := tx.ofQueue(queue)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return tx.Reader.Dormant(queue, day, before)
	}
	return m.line(lineKey{queue, day, ticket.Remote}).DueBefore(before), nil
}

// Live lists an office's tickets of a day that are not final, in the order of their last events.
func (tx *Tx) Live(id string, day office.Day) ([]ticket.Ticket, error) {
	m, err := tx.b.full(id)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return tx.Reader.Live(id, day)
	}
	return m.ofDay(day), nil
}

// Shifts lists an office's counters that were ever opened.
func (tx *Tx) Shifts(id string) ([]counter.Shift, error) {
	m, err := tx.b.full(id)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return tx.Reader.Shifts(id)
	}
	return m.allShifts(), nil
}

// Issued counts a queue's tickets of a day, by class.
func (tx *Tx) Issued(queue string, day office.Day) (map[ticket.Class]int, error) {
	m, err := tx.ofQueue(queue)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return tx.Reader.Issued(queue, day)
	}
	at := queueDay{queue, day}
	n, ok := m.issued[at]
	if !ok {
		if n, err = tx.Reader.Issued(queue, day); err != nil {
			return nil, err
		}
		m.issued[at] = n
	}
	return maps.Clone(n), nil
}

// BookingsOn lists a queue's bookings on the days from and to, both included, that are not freed, by start.
func (tx *Tx) BookingsOn(queue string, from, to office.Day) ([]booking.Booking, error) {
	m := tx.b.models[tx.b.w.d.models.officeOf(queue)]
	if m == nil || from != to { // only single days are decided on
		all, err := tx.Reader.BookingsOn(queue, from, to)
		if len(all) > 0 {
			tx.b.w.d.models.learn(queue, all[0].Office)
		}
		return all, err
	}
	at := queueDay{queue, from}
	if _, kept := m.bookings[at]; !kept {
		all, err := tx.Reader.BookingsOn(queue, from, to)
		if err != nil {
			return nil, err
		}
		m.keepBookings(at, all)
	}
	out := make([]booking.Booking, len(m.bookings[at]))
	for i, b := range m.bookings[at] {
		out[i] = *b
	}
	return out, nil
}

// BookingsMade lists a queue's bookings of an origin on the day from and later that were made at since or
// later and are not freed, by start. What was asked last is kept: from the second time on it reads nothing.
func (tx *Tx) BookingsMade(queue string, origin booking.Origin, from office.Day, since time.Time) ([]booking.Booking, error) {
	m := tx.b.models[tx.b.w.d.models.officeOf(queue)]
	if m == nil {
		all, err := tx.Reader.BookingsMade(queue, origin, from, since)
		if len(all) > 0 {
			tx.b.w.d.models.learn(queue, all[0].Office)
		}
		return all, err
	}
	at := queueOrigin{queue, origin}
	kept := m.made[at]
	if kept == nil || kept.from != from || !kept.since.Equal(since) {
		all, err := tx.Reader.BookingsMade(queue, origin, from, since)
		if err != nil {
			return nil, err
		}
		kept = newMade(from, since, all)
		m.made[at] = kept
	}
	return kept.list(), nil
}

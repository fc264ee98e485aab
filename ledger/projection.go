package ledger

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// Heads tells where the events of every office that has any end.
func (d *DB) Heads(ctx context.Context) ([]event.Head, error) {
	var out []event.Head
	err := d.Read(ctx).rows(func(r scanner) error {
		h := event.Head{Epoch: d.epoch}
		err := r.Scan(&h.Office, &h.Seq)
		out = append(out, h)
		return err
	}, "SELECT office, seq FROM offices WHERE seq > 0 ORDER BY office")
	return out, err
}

// After lists an office's events with a sequence number above seq, in order,
// at most limit. An erased event has only office, number and time.
func (d *DB) After(ctx context.Context, id string, seq int64, limit int) ([]event.Event, error) {
	return d.Read(ctx).after(id, seq, limit)
}

func (r *Reader) after(id string, seq int64, limit int) ([]event.Event, error) {
	var out []event.Event
	err := r.rows(func(rows scanner) error {
		var n, at int64
		var payload sql.RawBytes
		if err := rows.Scan(&n, &at, &payload); err != nil {
			return err
		}
		e := event.Event{Office: id, Seq: n, At: time.UnixMilli(at).UTC()}
		if len(payload) > 0 {
			var err error
			if e, err = decode(payload); err != nil {
				return err
			}
		}
		out = append(out, e)
		return nil
	}, "SELECT seq, at, payload FROM events WHERE office = $1 AND seq > $2 ORDER BY seq LIMIT $3", id, seq, most(limit))
	return out, err
}

// Snapshot reads an office's live state and its head in one transaction: the
// tickets of its business day and those of earlier days that are not final,
// its shifts, and the bookings of today and later whose cells are not freed.
func (d *DB) Snapshot(ctx context.Context, id string) (event.Snapshot, error) {
	tx, err := d.reads.still(ctx)
	if err != nil {
		return event.Snapshot{}, d.explain(ctx, err)
	}
	defer tx.Rollback()
	r := &Reader{
		query:   func(text string, args ...any) (*sql.Rows, error) { return tx.QueryContext(ctx, text, args...) },
		explain: func(err error) error { return d.explain(ctx, err) },
		machine: d.cfg.Machine.Now,
	}
	return r.snapshot(id, d.epoch, d.cfg.day(id))
}

func (r *Reader) snapshot(id, epoch string, today office.Day) (event.Snapshot, error) {
	s := event.Snapshot{Head: event.Head{Office: id, Epoch: epoch}}
	err := r.rows(func(rows scanner) error {
		var at int64
		err := rows.Scan(&s.Head.Seq, &at)
		s.At = time.UnixMilli(at).UTC()
		return err
	}, "SELECT seq, at FROM offices WHERE office = $1", id)
	if err != nil {
		return s, err
	}
	if s.State, err = r.State(id); err != nil {
		return s, err
	}
	day := s.State.Day
	if day == "" {
		day = today
	}
	var errs [3]error
	// Two searches by index: with OR, SQLite reads all tickets the office ever had.
	s.Tickets, errs[0] = docs[ticket.Ticket](r, `SELECT doc FROM (
SELECT seq, id, doc FROM tickets WHERE office = $1 AND day = $2
UNION ALL SELECT seq, id, doc FROM tickets WHERE office = $1 AND live = 1 AND day <> $2) AS t ORDER BY seq, id`, id, string(day))
	s.Shifts, errs[1] = docs[counter.Shift](r, "SELECT doc FROM shifts WHERE office = $1 ORDER BY counter", id)
	s.Bookings, errs[2] = docs[booking.Booking](r, `SELECT doc FROM bookings
WHERE office = $1 AND day >= $2 AND freed = 0 AND state <> 'lapsed' ORDER BY start, seq, id`, id, string(day))
	return s, errors.Join(errs[:]...)
}

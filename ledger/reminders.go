package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"vez/booking"
	"vez/event"
	"vez/office"
)

// What is remindable is read in one statement: the booking, since when it
// stands as it is, whether somebody holds it and whether they left an address.
const (
	remindableColumns = `SELECT b.doc, COALESCE(e.at, b.made), CASE WHEN h.id IS NULL THEN 0 ELSE 1 END, CASE WHEN r.id IS NULL THEN 0 ELSE 1 END, `
	remindableJoins   = `
LEFT JOIN events e ON e.office = b.office AND e.seq = b.seq
LEFT JOIN holders h ON h.id = b.id
LEFT JOIN records r ON r.kind = '` + event.ContactKind + `' AND r.id = h.holder AND (r.expires = 0 OR r.expires > $1) `
	reminderColumns = `m.booking, m.start, m.ahead, m.channel, m.state, m.due, m.office, m.day, m.at, m.hub, m.reason, m.tries, m.next`
)

// NewRemindable lists confirmed bookings that start after from, at the latest
// at to, and have no reminders yet; by start.
func (d *DB) NewRemindable(ctx context.Context, from, to time.Time, limit int) ([]event.Remindable, error) {
	return d.remindable(ctx, remindableColumns+`0 FROM bookings b`+remindableJoins+`
WHERE b.state = 'confirmed' AND b.start > $2 AND b.start <= $3
AND NOT EXISTS (SELECT 1 FROM reminders m WHERE m.booking = b.id AND m.start = b.start)
ORDER BY b.start, b.id LIMIT $4`, stamp(from), stamp(to), most(limit))
}

// AllRemindable lists confirmed bookings by start and id after those of a
// start and id, with a start at the latest at to.
func (d *DB) AllRemindable(ctx context.Context, after time.Time, id string, to time.Time, limit int) ([]event.Remindable, error) {
	return d.remindable(ctx, remindableColumns+`0 FROM bookings b`+remindableJoins+`
WHERE b.state = 'confirmed' AND (b.start, b.id) > ($2, $3) AND b.start <= $4
ORDER BY b.start, b.id LIMIT $5`, stamp(after), id, stamp(to), most(limit))
}

// DueRemindable lists planned reminders that are due at now, with their
// bookings that still stand at the same start; by due.
func (d *DB) DueRemindable(ctx context.Context, now time.Time, limit int) ([]event.Remindable, error) {
	return d.remindable(ctx, remindableColumns+`m.ahead FROM reminders m
JOIN bookings b ON b.id = m.booking AND b.start = m.start AND b.state = 'confirmed'`+remindableJoins+`
WHERE m.state = 'planned' AND m.due <= $2 ORDER BY m.due, m.booking LIMIT $3`, stamp(now), most(limit))
}

func (d *DB) remindable(ctx context.Context, text string, args ...any) ([]event.Remindable, error) {
	var out []event.Remindable
	err := d.Read(ctx).rows(func(rows scanner) error {
		var raw []byte
		var agreed, held, contact, before int64
		if err := rows.Scan(&raw, &agreed, &held, &contact, &before); err != nil {
			return err
		}
		r := event.Remindable{Agreed: instant(agreed), Held: held == 1, Contact: contact == 1, Before: time.Duration(before) * time.Millisecond}
		out = append(out, r)
		return readDoc(raw, &out[len(out)-1].Booking)
	}, text, append([]any{stamp(d.cfg.Machine.Now())}, args...)...)
	return out, err
}

func readDoc(raw []byte, into *booking.Booking) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("ledger: damaged row: %w", err)
	}
	return nil
}

// instant is what stamp has stored.
func instant(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// A planned reminder may get any other state and another due; a queued one may
// still be skipped; everything else stays as it is, so that planning twice does nothing.
const sqlPlanReminder = `INSERT INTO reminders (booking, start, ahead, channel, state, due, office, day, at, hub, reason, tries, next)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (booking, start, ahead, channel) DO UPDATE SET state = excluded.state, due = excluded.due, day = excluded.day,
at = excluded.at, hub = excluded.hub, reason = excluded.reason
WHERE reminders.state = 'planned' AND (excluded.state <> 'planned' OR excluded.due <> reminders.due)
OR reminders.state = 'queued' AND excluded.state = 'skipped'`

// PlanReminders writes reminders that are new, and carries on those that are
// planned; what has gone further is left alone. All or none.
func (d *DB) PlanReminders(ctx context.Context, rs []event.Reminder) error {
	if len(rs) == 0 {
		return nil
	}
	return d.Do(ctx, event.Scope{}, func(tx *Tx) error { return tx.planReminders(rs) })
}

func (tx *Tx) planReminders(rs []event.Reminder) error {
	if err := tx.write(); err != nil {
		return err
	}
	for _, r := range rs {
		tx.b.ops = append(tx.b.ops, op{sqlPlanReminder, append(keyOf4(r.ReminderKey), string(r.State), stamp(r.Due), r.Office, string(r.Day),
			stamp(r.At), r.Hub, r.Reason, int64(r.Tries), stamp(r.Next)), anyRows})
	}
	return nil
}

// keyOf4 are the four columns of a reminder's key.
func keyOf4(k event.ReminderKey) []any {
	return []any{k.Booking, stamp(k.Start), k.Before.Milliseconds(), string(k.Channel)}
}

const (
	reminderKeyIs = ` WHERE booking = $1 AND start = $2 AND ahead = $3 AND channel = $4 `
	sqlClaim      = `UPDATE reminders SET state = 'sending', hub = $5, at = $6` + reminderKeyIs + `AND state = 'queued'
AND EXISTS (SELECT 1 FROM bookings b WHERE b.id = $1 AND b.state = 'confirmed' AND b.start = $2) RETURNING booking`
	sqlUnclaim = `UPDATE reminders SET state = 'skipped', reason = 'changed', at = $5` + reminderKeyIs + `AND state = 'queued'`
)

// ClaimReminder makes a queued reminder one that hub is sending, if its booking
// still stands confirmed at the same start; at is house time. False: it is
// another's, has been sent, or is skipped now because its booking has changed.
// The same commit settles what became of those that were sent before it.
func (d *DB) ClaimReminder(ctx context.Context, k event.ReminderKey, hub string, at time.Time, settled ...event.ReminderMark) (bool, error) {
	var got bool
	err := d.Do(ctx, event.Scope{}, func(tx *Tx) error {
		got = false
		if err := tx.write(); err != nil {
			return err
		}
		tx.markReminders(settled)
		err := tx.rows(func(scanner) error { got = true; return nil }, sqlClaim, append(keyOf4(k), hub, stamp(at))...)
		if err != nil || got {
			return err
		}
		tx.b.ops = append(tx.b.ops, op{sqlUnclaim, append(keyOf4(k), stamp(at)), anyRows})
		return nil
	})
	return got && err == nil, err
}

const sqlMarkReminder = `UPDATE reminders SET state = $5, reason = $6, at = $7, tries = $8, next = $9` + reminderKeyIs +
	`AND ($10 = 'queued' AND state = 'queued' OR $10 = 'sending' AND state IN ('sending', 'unknown') AND hub = $11)`

// MarkReminders changes states as event.ReminderMark says; a reminder that is
// in no such state is left alone.
func (d *DB) MarkReminders(ctx context.Context, marks []event.ReminderMark) error {
	if len(marks) == 0 {
		return nil
	}
	return d.Do(ctx, event.Scope{}, func(tx *Tx) error {
		if err := tx.write(); err != nil {
			return err
		}
		tx.markReminders(marks)
		return nil
	})
}

func (tx *Tx) markReminders(marks []event.ReminderMark) {
	for _, m := range marks {
		tx.b.ops = append(tx.b.ops, op{sqlMarkReminder, append(keyOf4(m.ReminderKey), string(m.To), m.Reason, stamp(m.At),
			int64(m.Tries), stamp(m.Next), string(m.From), m.Hub), anyRows})
	}
}

// tidyReminders are statements with the house time now as $1. A mail of a
// booking that has changed is met by whoever wants to send it.
var tidyReminders = []string{
	`UPDATE reminders SET state = 'skipped', reason = 'past', at = $1 WHERE state = 'planned' AND due <= $1 AND start <= $1 RETURNING booking`,
	`UPDATE reminders SET state = 'skipped', reason = 'past', at = $1 WHERE state = 'queued' AND channel = 'mail' AND start <= $1 RETURNING booking`,
	`UPDATE reminders SET state = 'skipped', reason = 'changed', at = $1 WHERE state = 'planned' AND due <= $1
AND NOT EXISTS (SELECT 1 FROM bookings b WHERE b.id = reminders.booking AND b.state = 'confirmed' AND b.start = reminders.start) RETURNING booking`,
}

// TidyReminders skips what waits in vain: its start is past, or it has fallen
// due and its booking is no longer confirmed at that start. It tells how many there were.
func (d *DB) TidyReminders(ctx context.Context, now time.Time) (int, error) {
	return d.reminderRows(ctx, tidyReminders, stamp(now))
}

// StrandedReminders makes mails that another hub was sending unknown: it leads
// no longer, and nobody can tell whether they went. It tells how many there were.
func (d *DB) StrandedReminders(ctx context.Context, hub string, now time.Time) (int, error) {
	return d.reminderRows(ctx, []string{`UPDATE reminders SET state = 'unknown', reason = 'hub_gone', at = $1
WHERE state = 'sending' AND channel = 'mail' AND hub <> $2 RETURNING booking`}, stamp(now), hub)
}

// SweepReminders deletes what started before an instant of house time and tells how many there were.
func (d *DB) SweepReminders(ctx context.Context, before time.Time) (int, error) {
	return d.reminderRows(ctx, []string{`DELETE FROM reminders WHERE start < $1 RETURNING booking`}, stamp(before))
}

// HasContacts tells whether anybody has left an address that has not expired.
func (d *DB) HasContacts(ctx context.Context) (found bool, err error) {
	err = d.Read(ctx).rows(func(scanner) error { found = true; return nil },
		"SELECT id FROM records WHERE kind = $1 AND (expires = 0 OR expires > $2) LIMIT 1", event.ContactKind, stamp(d.cfg.Machine.Now()))
	return found, err
}

// SweepContacts deletes the addresses that have expired and tells how many there were.
func (d *DB) SweepContacts(ctx context.Context) (int, error) {
	return d.reminderRows(ctx, []string{`DELETE FROM records
WHERE kind = '` + event.ContactKind + `' AND expires > 0 AND expires <= $1 RETURNING id`}, stamp(d.cfg.Machine.Now()))
}

// reminderRows runs statements in one change and counts the rows they touch.
func (d *DB) reminderRows(ctx context.Context, texts []string, args ...any) (n int, err error) {
	err = d.Do(ctx, event.Scope{}, func(tx *Tx) error {
		n = 0
		if err := tx.write(); err != nil {
			return err
		}
		for _, text := range texts {
			if err := tx.rows(func(scanner) error { n++; return nil }, text, args...); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// putOffMost is how far ahead a next try can be: what says later was put off by
// a hub whose clock was wrong.
const putOffMost = time.Hour

// OutgoingReminders lists what is queued on a channel and may be tried at the
// machine's now, with a start after the house's now; the nearest start first.
func (d *DB) OutgoingReminders(ctx context.Context, c event.Channel, now time.Time, limit int) ([]event.Outgoing, error) {
	var out []event.Outgoing
	machine := stamp(d.cfg.Machine.Now())
	err := d.Read(ctx).rows(func(rows scanner) error {
		var o event.Outgoing
		var raw []byte
		if err := scanReminder(rows, &o.Reminder, &raw, &o.Holder, &o.Contact); err != nil {
			return err
		}
		out = append(out, o)
		return readDoc(raw, &out[len(out)-1].Details)
	}, `SELECT `+reminderColumns+`, b.doc, COALESCE(h.holder, ''), r.data FROM reminders m
JOIN bookings b ON b.id = m.booking LEFT JOIN holders h ON h.id = b.id
LEFT JOIN records r ON r.kind = '`+event.ContactKind+`' AND r.id = h.holder AND (r.expires = 0 OR r.expires > $1)
WHERE m.state = 'queued' AND m.channel = $2 AND m.start > $3 AND (m.next <= $1 OR m.next > $5) ORDER BY m.start, m.booking, m.ahead LIMIT $4`,
		machine, string(c), stamp(now), most(limit), machine+putOffMost.Milliseconds())
	return out, err
}

// scanReminder reads reminderColumns and what stands behind them.
func scanReminder(rows scanner, r *event.Reminder, more ...any) error {
	var start, ahead, due, at, tries, next int64
	var channel, state, day string
	into := append([]any{&r.Booking, &start, &ahead, &channel, &state, &due, &r.Office, &day, &at, &r.Hub, &r.Reason, &tries, &next}, more...)
	err := rows.Scan(into...)
	r.Start, r.Before, r.Channel, r.State = instant(start), time.Duration(ahead)*time.Millisecond, event.Channel(channel), event.Remind(state)
	r.Due, r.Day, r.At, r.Tries, r.Next = instant(due), office.Day(day), instant(at), int(tries), instant(next)
	return err
}

func (d *DB) reminders(r *Reader, text string, args ...any) ([]event.Reminder, error) {
	var out []event.Reminder
	err := r.rows(func(rows scanner) error {
		var m event.Reminder
		err := scanReminder(rows, &m)
		out = append(out, m)
		return err
	}, `SELECT `+reminderColumns+` FROM reminders m `+text, args...)
	return out, err
}

// remindersAtOnce is how many bookings one statement asks for.
const remindersAtOnce = 200

// RemindersOf lists the reminders of bookings, by booking, start and how long before it.
func (d *DB) RemindersOf(ctx context.Context, bookings ...string) (out []event.Reminder, err error) {
	for ids := range slices.Chunk(bookings, remindersAtOnce) {
		marks, args := make([]string, len(ids)), make([]any, len(ids))
		for i, id := range ids {
			marks[i], args[i] = fmt.Sprintf("$%d", i+1), id
		}
		some, err := d.reminders(d.Read(ctx), "WHERE m.booking IN ("+strings.Join(marks, ", ")+") ORDER BY m.booking, m.start, m.ahead DESC, m.channel", args...)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// RemindersOn lists an office's reminders of the days from and to, both
// included, what failed first, then the newest; limit 0 means all.
func (d *DB) RemindersOn(ctx context.Context, id string, from, to office.Day, limit int) ([]event.Reminder, error) {
	return d.reminders(d.Read(ctx), `WHERE m.office = $1 AND m.day >= $2 AND m.day <= $3 AND m.ahead > 0
ORDER BY CASE WHEN m.state IN ('failed', 'unknown') THEN 0 ELSE 1 END, m.due DESC, m.booking, m.channel LIMIT $4`,
		id, string(from), string(to), most(limit))
}

// CountReminders counts an office's reminders of the days from and to, both included.
func (d *DB) CountReminders(ctx context.Context, id string, from, to office.Day) (map[event.Channel]map[event.Remind]int, error) {
	out := map[event.Channel]map[event.Remind]int{}
	err := d.Read(ctx).rows(func(rows scanner) error {
		var c event.Channel
		var s event.Remind
		var n int
		err := rows.Scan(&c, &s, &n)
		if out[c] == nil {
			out[c] = map[event.Remind]int{}
		}
		out[c][s] = n
		return err
	}, "SELECT channel, state, count(*) FROM reminders WHERE office = $1 AND day >= $2 AND day <= $3 AND ahead > 0 GROUP BY channel, state",
		id, string(from), string(to))
	return out, err
}

// BatchOf lists the letters of an office's batch of a day, by start and booking.
func (d *DB) BatchOf(ctx context.Context, id string, day office.Day) ([]event.Reminder, error) {
	return d.batchOf(d.Read(ctx), id, day)
}

func (d *DB) batchOf(r *Reader, id string, day office.Day) ([]event.Reminder, error) {
	return d.reminders(r, "WHERE m.office = $1 AND m.day = $2 AND m.channel = 'paper' AND m.state <> 'skipped' ORDER BY m.start, m.booking, m.ahead", id, string(day))
}

// OpenBatches lists the offices and days of batches that are not asked for yet.
func (d *DB) OpenBatches(ctx context.Context) ([]event.Reminder, error) {
	return d.reminders(d.Read(ctx), "WHERE m.state = 'sending' AND m.channel = 'paper' ORDER BY m.office, m.day, m.start, m.booking, m.ahead")
}

// The letters of a batch: causes a day or more ahead that fall due before until
// and have no letter, of bookings that still stand and start on a later day, whose
// holder has left no address, or whom reception has booked in by hand. Where no
// mails go, holders with an address get letters of what they had no mail of.
const sqlLetters = `JOIN bookings b ON b.id = m.booking AND b.start = m.start AND b.state = 'confirmed'
LEFT JOIN holders h ON h.id = b.id
LEFT JOIN records r ON r.kind = '` + event.ContactKind + `' AND r.id = h.holder AND (r.expires = 0 OR r.expires > $1)
WHERE m.office = $2 AND m.channel = 'memo' AND m.state IN ('planned', 'sent') AND m.due < $3 AND b.day > $4 AND m.ahead >= $5
AND (r.id IS NULL OR $6 = 0 AND NOT EXISTS (SELECT 1 FROM reminders p
	WHERE p.booking = m.booking AND p.start = m.start AND p.ahead = m.ahead AND p.channel = 'mail' AND p.state IN ('sending', 'sent', 'unknown')))
AND (h.id IS NOT NULL OR b.doc LIKE '%"origin":"` + string(booking.Reception) + `"%')
AND NOT EXISTS (SELECT 1 FROM reminders p WHERE p.booking = m.booking AND p.start = m.start AND p.ahead = m.ahead AND p.channel = 'paper')
ORDER BY m.start, m.booking, m.ahead`

// MakeBatch makes an office's batch of a day, of all that falls due before
// until and is at least before ahead, at the house time at; of several causes
// of a booking only the nearest. mailed says that whoever has left an address
// gets mails. A batch that is there is given as it is: it never changes.
func (d *DB) MakeBatch(ctx context.Context, id string, day office.Day, until time.Time, before time.Duration, mailed bool, hub string, at time.Time) ([]event.Reminder, error) {
	mails := 0
	if mailed {
		mails = 1
	}
	var out []event.Reminder
	err := d.Do(ctx, event.Scope{Offices: []string{id}}, func(tx *Tx) (err error) {
		if out, err = d.batchOf(tx.Reader, id, day); err != nil || len(out) > 0 {
			return err
		}
		out, err = d.reminders(tx.Reader, sqlLetters, stamp(d.cfg.Machine.Now()), id, stamp(until), string(day), before.Milliseconds(), mails)
		if err != nil || len(out) == 0 {
			return err
		}
		for i := range out {
			out[i].Channel, out[i].State, out[i].Day, out[i].Hub, out[i].At, out[i].Reason = event.ChannelPaper, event.RemindSending, day, hub, at, ""
			if i > 0 && out[i].Booking == out[i-1].Booking {
				out[i].State, out[i].Reason = event.RemindSkipped, "overtaken"
			}
		}
		if err := tx.planReminders(out); err != nil {
			return err
		}
		out = slices.DeleteFunc(out, func(r event.Reminder) bool { return r.State == event.RemindSkipped })
		return nil
	})
	return out, err
}

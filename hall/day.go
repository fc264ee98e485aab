package hall

import (
	"context"
	"errors"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/office"
	"vez/ticket"
)

// jobActor is who closes days and releases holds.
const jobActor = "job:house"

// TurnDay makes the close of every day that has passed at an office and opens
// today. It does nothing when the office is already in today. The first change
// of a later business day makes it unasked; a job only makes it punctual. What a
// close does cannot be taken back: fault.ClockWrong where the ledger's own clock
// says that the day is not over yet.
func (h *Hall) TurnDay(ctx context.Context, officeID string) error {
	o, err := h.office(officeID)
	if err != nil {
		return err
	}
	ahead, err := h.ahead(ctx)
	if err != nil {
		return err
	}
	return h.ledger.Do(ctx, event.Scope{Offices: []string{o.ID}}, func(tx Tx) error {
		s, err := tx.State(o.ID)
		if err != nil {
			return err
		}
		today := o.Day(tx.Now())
		if s.Day >= today {
			return nil
		}
		if ahead > 0 && s.Day >= o.Day(tx.Now().Add(-ahead)) {
			return fault.New(fault.ClockWrong)
		}
		kind, images := event.KindOpened, event.Images{}
		if s.Day != "" {
			kind = event.KindDay
			c := closing{h: h, tx: tx, office: o}
			if err := c.closeDay(s.Day, today); err != nil {
				return err
			}
			if images.Void, err = c.unused(today); err != nil {
				return err
			}
			if s.Paused() { // the pause ends with its day
				if images.Bookings, err = shiftHolds(tx, s); err != nil {
					return err
				}
			}
		}
		next := office.State{Office: o.ID, Day: today}
		for _, cl := range s.Closures {
			if cl.To.After(tx.Now()) {
				next.Closures = append(next.Closures, cl)
			}
		}
		images.Office = &next
		_, err = tx.Append(event.Draft{Office: o.ID, Kind: kind, Actor: jobActor, Images: images})
		return err
	})
}

// closing closes one office's day.
type closing struct {
	h      *Hall
	tx     Tx
	office *office.Office
}

func (c closing) closeDay(day, today office.Day) error {
	live, err := c.tx.Live(c.office.ID, day)
	if err != nil {
		return err
	}
	d := &desk{h: c.h, tx: c.tx, act: Act{Actor: jobActor}, office: c.office, counter: &office.Counter{}}
	for _, t := range live {
		if err := c.end(d, t); err != nil {
			return err
		}
	}
	if err := c.shutCounters(); err != nil {
		return err
	}
	for ; day < today; day = day.Add(1) {
		if err := c.endBookings(day); err != nil {
			return err
		}
	}
	return nil
}

// end brings one ticket to its final state: remote and missed expire, called is
// missed and expires, serving is done with the outcome unrecorded, waiting and
// parked are unserved and give a return pass.
func (c closing) end(d *desk, t ticket.Ticket) error {
	moves := []ticket.Move{ticket.Expire}
	switch t.State {
	case ticket.Called:
		moves = []ticket.Move{ticket.Miss, ticket.Expire}
	case ticket.Serving:
		moves = []ticket.Move{ticket.Close}
	case ticket.Waiting, ticket.Parked:
		moves = []ticket.Move{ticket.Unserve}
	}
	for _, m := range moves {
		var err error
		t, err = d.lone(t, m, func(tx Tx, t *ticket.Ticket) error {
			if m == ticket.Close {
				t.Outcome = ticket.Unrecorded
			}
			if m != ticket.Miss {
				t.EndedAt = tx.Now()
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c closing) shutCounters() error {
	shifts, err := c.tx.Shifts(c.office.ID)
	if err != nil {
		return err
	}
	for _, s := range shifts {
		if s.State == counter.Closed || s.State == "" {
			continue
		}
		s.State, s.Queues, s.Ticket, s.WritingUp = counter.Closed, nil, "", false
		_, err := c.tx.Append(event.Draft{Office: c.office.ID, Kind: event.CounterKind(string(counter.MoveClose)), Actor: jobActor, Counter: s.Counter,
			Reason: "day_over", Images: event.Images{Shifts: []counter.Shift{s}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// endBookings marks the confirmed bookings of a day that nobody checked in as missed, and lapses its holds.
func (c closing) endBookings(day office.Day) error {
	left, err := c.tx.OfficeBookings(c.office.ID, day, booking.Confirmed, booking.Held)
	if err != nil {
		return err
	}
	for _, b := range left {
		kind, move := event.KindMissed, booking.Miss
		if b.State == booking.Held {
			kind, move = event.KindLapsed, booking.Lapse
		}
		if b.State, err = booking.Next(b.State, move); err != nil {
			return err
		}
		b.Freed = b.State == booking.Lapsed
		_, err := c.tx.Append(event.Draft{Office: c.office.ID, Kind: kind, Actor: jobActor, Images: event.Images{Bookings: []booking.Booking{b}}})
		if err != nil {
			return err
		}
	}
	return nil
}

// tickSize is how many due bookings a tick reads at first.
const tickSize = 500

// Tick turns what is due into events: lapsed holds and freed cells. Decisions
// do not wait for it: they treat a past release as made. Holds of a paused hall
// are not due. It gives how many bookings it changed.
func (h *Hall) Tick(ctx context.Context) (int, error) {
	made := 0
	for limit := tickSize; ; limit *= 2 {
		due, err := h.ledger.Read(ctx).DueBookings(h.Now(), limit)
		if err != nil {
			return made, err
		}
		n, err := h.releaseAll(ctx, due)
		made += n
		// Holds that stand still come first each time: where most are, read past them.
		if err != nil || len(due) < limit || 2*n >= limit {
			return made, err
		}
	}
}

func (h *Hall) releaseAll(ctx context.Context, due []booking.Booking) (int, error) {
	byOffice := map[string][]string{}
	for _, b := range due {
		byOffice[b.Office] = append(byOffice[b.Office], b.ID)
	}
	n := 0
	var failed error
	for o, ids := range byOffice {
		made, err := h.release(ctx, o, ids)
		n += made
		failed = errors.Join(failed, err)
	}
	return n, failed
}

func (h *Hall) release(ctx context.Context, officeID string, ids []string) (int, error) {
	n := 0
	err := h.ledger.Do(ctx, event.Scope{Offices: []string{officeID}}, func(tx Tx) error {
		n = 0
		for _, id := range ids {
			b, err := tx.Booking(id)
			if err != nil {
				return err
			}
			if b, err = stands(tx, b); err != nil {
				return err
			}
			kind, ok := released(&b, tx)
			if !ok {
				continue
			}
			if _, err := tx.Append(event.Draft{Office: officeID, Kind: kind, Actor: jobActor, Images: event.Images{Bookings: []booking.Booking{b}}}); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// released makes a past release: a hold lapses, freed cells are free.
func released(b *booking.Booking, tx Tx) (event.Kind, bool) {
	now := tx.Now()
	switch {
	case b.State == booking.Held && !now.Before(b.HeldUntil):
		b.State, b.Freed = booking.Lapsed, true
		return event.KindLapsed, true
	case !b.Freed && !b.FreeAt.IsZero() && !now.Before(b.FreeAt):
		b.Freed = true
		return event.KindFreed, true
	}
	return "", false
}

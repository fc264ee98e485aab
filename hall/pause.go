package hall

import (
	"context"
	"time"

	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// PauseHall stops the hall by one key (fire alarm, power): no call, miss,
// grace, hold or lateness runs until ResumeHall, or until the day is over.
// Pausing twice does nothing.
func (h *Hall) PauseHall(ctx context.Context, act Act, officeID, reason string) (office.State, error) {
	return h.hallWide(ctx, act, officeID, func(tx Tx, s office.State) (office.State, error) {
		if s.Paused() {
			return s, nil
		}
		s.PausedAt, s.PauseReason = tx.Now(), reason
		ev, err := tx.Append(event.Draft{Office: officeID, Kind: event.KindPaused, Actor: act.recorded(), Reason: reason, Images: event.Images{Office: &s}})
		if err != nil {
			return s, err
		}
		return *ev.Images.Office, nil
	})
}

// ResumeHall lets the hall go on: every clock that ran is set forward by the pause.
func (h *Hall) ResumeHall(ctx context.Context, act Act, officeID string) (office.State, error) {
	return h.hallWide(ctx, act, officeID, func(tx Tx, s office.State) (office.State, error) {
		if !s.Paused() {
			return s, nil
		}
		paused := s.PausedAt
		s.PausedFor += tx.Now().Sub(paused)
		s.PausedAt, s.PauseReason = time.Time{}, ""
		images := event.Images{Office: &s}
		var err error
		if images.Tickets, err = shiftTickets(tx, officeID, s.Day, paused); err != nil {
			return s, err
		}
		if images.Bookings, err = shiftHolds(tx, officeID, paused); err != nil {
			return s, err
		}
		ev, err := tx.Append(event.Draft{Office: officeID, Kind: event.KindResumed, Actor: act.recorded(), Images: images})
		if err != nil {
			return s, err
		}
		return *ev.Images.Office, nil
	})
}

func shiftTickets(tx Tx, officeID string, day office.Day, paused time.Time) ([]ticket.Ticket, error) {
	live, err := tx.Live(officeID, day)
	if err != nil {
		return nil, err
	}
	var out []ticket.Ticket
	for _, was := range live {
		t := ticket.AfterPause(was, paused, tx.Now())
		if t.CalledAt != was.CalledAt || t.MissedAt != was.MissedAt || t.ParkedUntil != was.ParkedUntil || t.Passed != was.Passed {
			out = append(out, t)
		}
	}
	return out, nil
}

// shiftHolds gives an office's holds, of whatever day, the time that they did not
// run since it was paused. None lasts longer than HoldFor from now.
func shiftHolds(tx Tx, officeID string, paused time.Time) ([]booking.Booking, error) {
	due, err := tx.DueBookings(tx.Now().Add(booking.HoldFor), 0)
	if err != nil {
		return nil, err
	}
	var out []booking.Booking
	for _, was := range due {
		if b := standing(was, paused, tx.Now()); was.Office == officeID && !b.HeldUntil.Equal(was.HeldUntil) {
			out = append(out, b)
		}
	}
	return out, nil
}

// standing is a hold as it were had its hall, paused at an instant, gone on at
// now: what was left of it then, or when it was made since, is left of it still.
// A hold that had run out before is as it was, and so is any other booking.
func standing(b booking.Booking, paused, now time.Time) booking.Booking {
	if b.State != booking.Held || paused.IsZero() || !paused.Before(b.HeldUntil) {
		return b
	}
	if made := b.HeldUntil.Add(-booking.HoldFor); made.After(paused) {
		paused = made
	}
	if now.After(paused) {
		b.HeldUntil = b.HeldUntil.Add(now.Sub(paused))
	}
	return b
}

// Standing is a booking as it counts at an instant, given the state of its
// office: a hold does not run while the hall is paused, so that its HeldUntil
// lies as far ahead as it did when the pause began.
func Standing(b booking.Booking, s office.State, now time.Time) booking.Booking {
	return standing(b, s.PausedAt, now)
}

// hallWide decides a command about an office as a whole.
func (h *Hall) hallWide(ctx context.Context, act Act, officeID string, decide func(tx Tx, s office.State) (office.State, error)) (office.State, error) {
	return change(ctx, h, act, event.Scope{Offices: []string{officeID}}, func(tx Tx) (office.State, []string, error) {
		s, err := tx.State(officeID)
		if err != nil {
			return s, nil, err
		}
		s, err = decide(tx, s)
		return s, []string{officeID}, err
	}, func(r Reader, ids []string) (office.State, error) { return r.State(ids[0]) })
}

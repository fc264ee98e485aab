package hall

import (
	"context"
	"slices"
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
		images := event.Images{Office: &s}
		var err error
		if images.Tickets, err = shiftTickets(tx, officeID, s.Day, s.PausedAt); err != nil {
			return s, err
		}
		if images.Bookings, err = shiftHolds(tx, s); err != nil {
			return s, err
		}
		s.PausedFor += tx.Now().Sub(s.PausedAt)
		s.Pauses = append(slices.Clone(s.Pauses), office.Pause{From: s.PausedAt, To: tx.Now()})
		s.PausedAt, s.PauseReason = time.Time{}, ""
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
// run while it was paused; s is its state until now. None lasts longer than
// HoldFor from now.
func shiftHolds(tx Tx, s office.State) ([]booking.Booking, error) {
	due, err := tx.DueBookings(tx.Now().Add(booking.HoldFor), 0)
	if err != nil {
		return nil, err
	}
	var out []booking.Booking
	for _, was := range due {
		if b := Standing(was, s, tx.Now()); was.Office == s.Office && !b.HeldUntil.Equal(was.HeldUntil) {
			out = append(out, b)
		}
	}
	return out, nil
}

// Standing is a booking as it counts at an instant, given the state of its
// office: as if a hall that is paused went on just then. What was left of a hold
// when the pause began, or when it was made since, is left of it still; one that
// had run out before is as it was, and so is one that a closure has taken the
// place of, and any other booking.
func Standing(b booking.Booking, s office.State, now time.Time) booking.Booking {
	if b.State != booking.Held || !s.Paused() || !s.PausedAt.Before(b.HeldUntil) {
		return b
	}
	if _, closed := closure(s, b); closed {
		return b
	}
	from := s.PausedAt
	if made := b.HeldUntil.Add(-booking.HoldFor); made.After(from) {
		from = made
	}
	if now.After(from) {
		b.HeldUntil = b.HeldUntil.Add(now.Sub(from))
	}
	return b
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

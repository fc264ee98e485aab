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
// grace, hold or lateness runs until ResumeHall. Pausing twice does nothing.
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
		lost := tx.Now().Sub(paused)
		s.PausedFor += lost
		s.PausedAt, s.PauseReason = time.Time{}, ""
		images := event.Images{Office: &s}
		var err error
		if images.Tickets, err = shiftTickets(tx, officeID, s.Day, paused); err != nil {
			return s, err
		}
		if images.Bookings, err = shiftHolds(tx, officeID, s.Day, lost); err != nil {
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

func shiftHolds(tx Tx, officeID string, day office.Day, lost time.Duration) ([]booking.Booking, error) {
	held, err := tx.OfficeBookings(officeID, day, booking.Held)
	if err != nil {
		return nil, err
	}
	for i := range held {
		held[i].HeldUntil = held[i].HeldUntil.Add(lost)
	}
	return held, nil
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

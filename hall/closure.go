package hall

import (
	"context"
	"strconv"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/office"
)

// CloseRequestOffice shuts an office, or one queue of it, for a time.
type CloseRequestOffice struct {
	Office, Queue string
	From, To      time.Time
	// Reason is one of office.ClosureReasons.
	Reason string
}

// Closed says what a closure did.
type Closed struct {
	Closure   office.Closure
	Displaced int
}

// CloseOffice records a closure and displaces the confirmed bookings that fall
// into it; their holders choose another slot or cancel. Holds that fall into it
// can no longer be confirmed, only moved. Faults: those of office.Closure.Check.
func (h *Hall) CloseOffice(ctx context.Context, act Act, r CloseRequestOffice) (Closed, error) {
	o, err := h.office(r.Office)
	if err != nil {
		return Closed{}, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{o.ID}}, func(tx Tx) (Closed, []string, error) {
		id, err := h.newID()
		if err != nil {
			return Closed{}, nil, err
		}
		c := office.Closure{ID: id, From: millis(r.From), To: millis(r.To), Queue: r.Queue, Reason: r.Reason}
		if err := c.Check(tx.Now()); err != nil {
			return Closed{}, nil, err
		}
		s, err := tx.State(o.ID)
		if err != nil {
			return Closed{}, nil, err
		}
		s.Closures = append(s.Closures[:len(s.Closures):len(s.Closures)], c)
		images := event.Images{Office: &s}
		if images.Bookings, err = displaced(tx, o, c); err != nil {
			return Closed{}, nil, err
		}
		_, err = tx.Append(event.Draft{Office: o.ID, Kind: event.KindClosure, Actor: act.recorded(), Reason: r.Reason, Images: images})
		n := len(images.Bookings)
		return Closed{Closure: c, Displaced: n}, []string{o.ID, id, strconv.Itoa(n)}, err
	}, closedAgain)
}

func displaced(tx Tx, o *office.Office, c office.Closure) ([]booking.Booking, error) {
	var out []booking.Booking
	for day := o.Day(c.From); day <= o.Day(c.To); day = day.Add(1) {
		list, err := tx.OfficeBookings(o.ID, day, booking.Confirmed)
		if err != nil {
			return nil, err
		}
		for _, b := range list {
			if !covers(c, b) {
				continue
			}
			if b.State, err = booking.Next(b.State, booking.Displace); err != nil {
				return nil, err
			}
			out = append(out, b)
		}
	}
	return out, nil
}

// covers tells whether a booking falls into a closure, wholly or in part.
func covers(c office.Closure, b booking.Booking) bool {
	return (c.Queue == "" || c.Queue == b.Queue) && b.Start.Before(c.To) && c.From.Before(b.End)
}

// notClosed refuses what would keep a hold that falls into a closure made since:
// fault.TimeClosed.
func (h *Hall) notClosed(tx Tx, b booking.Booking) error {
	s, err := tx.State(b.Office)
	if err != nil {
		return err
	}
	if _, closed := closure(s, b); closed {
		return fault.New(fault.TimeClosed)
	}
	return nil
}

// closure finds the closure of an office that a booking falls into.
func closure(s office.State, b booking.Booking) (office.Closure, bool) {
	for _, c := range s.Closures {
		if covers(c, b) {
			return c, true
		}
	}
	return office.Closure{}, false
}

// closedAgain gives a closure as it was made, with whom it displaced then.
func closedAgain(r Reader, ids []string) (Closed, error) {
	s, err := r.State(ids[0])
	if err != nil {
		return Closed{}, err
	}
	var out Closed
	if len(ids) > 2 {
		if out.Displaced, err = strconv.Atoi(ids[2]); err != nil {
			return out, err
		}
	}
	for _, c := range s.Closures {
		if c.ID == ids[1] {
			out.Closure = c
		}
	}
	return out, nil
}

package hall

import (
	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/ticket"
)

// lone makes a move of a ticket without a counter's command. Where a counter
// has it open, that counter lets go of it in the same event.
func (d *desk) lone(t ticket.Ticket, m ticket.Move, edit func(tx Tx, t *ticket.Ticket) error) (ticket.Ticket, error) {
	was := t
	state, err := ticket.Next(t.State, m)
	if err != nil {
		return t, err
	}
	if err := edit(d.tx, &t); err != nil {
		return was, err
	}
	t.State = state
	images := event.Images{Tickets: []ticket.Ticket{t}}
	if b, changed, err := d.bookingAfter(was, t); err != nil {
		return t, err
	} else if changed {
		images.Bookings = []booking.Booking{b}
	}
	if was.State == ticket.Called || was.State == ticket.Serving {
		s, err := d.tx.Shift(was.Counter)
		if err != nil {
			return t, err
		}
		if s.Ticket == t.ID {
			s.Ticket = ""
			if s.State == counter.Closing {
				s.State, s.Queues = counter.Closed, nil
			}
			images.Shifts = []counter.Shift{s}
		}
	}
	ev, err := d.tx.Append(event.Draft{Office: t.Office, Kind: event.TicketKind(string(m)), Actor: d.act.recorded(), Images: images})
	if err != nil {
		return t, err
	}
	return ev.Images.Tickets[0], nil
}

package audit

import (
	"slices"
	"strings"

	"vez/booking"
	"vez/event"
	"vez/ticket"
)

// Ack is something that a reply has promised: a ticket or booking is there,
// and, with a Seq, that it was in a state (and at a counter) as of that event.
type Ack struct {
	Office  string
	ID      string
	Seq     int64 // of its last event when it was acknowledged; 0: only that it exists
	State   string
	Counter string
}

// AckTicket is the promise of a reply that shows a ticket.
func AckTicket(t ticket.Ticket) Ack {
	a := Ack{Office: t.Office, ID: t.ID, Seq: t.Seq, State: string(t.State)}
	if busy(t.State) {
		a.Counter = t.Counter
	}
	return a
}

// AckBooking is the promise of a reply that shows a booking.
func AckBooking(b booking.Booking) Ack {
	return Ack{Office: b.Office, ID: b.ID, Seq: b.Seq, State: string(b.State)}
}

// Acked tells what was acknowledged. Tell it before the events are fed, or
// while the row is still live; Close finds what never came (I1 for what should
// be there at all, I6 for what was acknowledged as of an event).
func (a *Auditor) Acked(acks ...Ack) {
	for _, k := range acks {
		if !a.kept(k) {
			a.acks[k.ID] = append(a.acks[k.ID], k)
		}
	}
}

// kept tells whether what was already fed proves an ack.
func (a *Auditor) kept(k Ack) bool {
	s := a.sites[k.Office]
	if s == nil {
		return false
	}
	if u := s.tickets[k.ID]; u != nil {
		if k.Seq == 0 {
			return true
		}
		for _, m := range u.trail {
			if m.seq == k.Seq {
				return k.says(string(m.state), m.counter)
			}
		}
		return u.trail[0].seq > k.Seq // too long ago to say
	}
	if b := s.bookings[k.ID]; b != nil {
		return k.Seq == 0 || b.Seq > k.Seq || b.Seq == k.Seq && k.says(string(b.State), "")
	}
	return false
}

func (k Ack) says(state, counter string) bool {
	return (k.State == "" || k.State == state) && (k.Counter == "" || k.Counter == counter)
}

// hear settles what the images of an event prove.
func (a *Auditor) hear(e event.Event) {
	if len(a.acks) == 0 {
		return
	}
	for i := range e.Images.Tickets {
		t := &e.Images.Tickets[i]
		a.proves(t.ID, e.Seq, string(t.State), t.Counter)
	}
	for i := range e.Images.Bookings {
		b := &e.Images.Bookings[i]
		a.proves(b.ID, e.Seq, string(b.State), "")
	}
}

func (a *Auditor) proves(id string, seq int64, state, counter string) {
	left := slices.DeleteFunc(a.acks[id], func(k Ack) bool {
		return k.Seq == 0 || k.Seq == seq && k.says(state, counter)
	})
	if len(left) == 0 {
		delete(a.acks, id)
		return
	}
	a.acks[id] = left
}

// settle finds what was acknowledged and is not in the history. Until all is
// over, what may still come is waited for.
func (a *Auditor) settle(over bool) {
	for _, id := range sortedKeys(a.acks) {
		a.acks[id] = slices.DeleteFunc(a.acks[id], func(k Ack) bool {
			if !over && (k.Seq == 0 || k.Seq > a.Seq(k.Office)) {
				return false
			}
			a.lost(k)
			return true
		})
		if len(a.acks[id]) == 0 {
			delete(a.acks, id)
		}
	}
}

func (a *Auditor) lost(k Ack) {
	if k.Seq == 0 {
		a.find(Finding{I1, k.Office, 0, k.ID, "it was acknowledged, and the events do not know it"})
		return
	}
	said := strings.TrimSpace(at(ticket.State(k.State), k.Counter))
	a.find(Finding{I6, k.Office, k.Seq, k.ID, "it was acknowledged as " + said + " by this event, and the history does not say so"})
}

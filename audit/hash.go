package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"hash"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/ticket"
)

// StateHash is SHA-256 over all that the events of an office have made: its
// state, each row and number, and those that were forgotten, in a form that
// does not depend on how the events were paged. Folding the same events again
// gives the same hash (I7); so does a restored copy.
func (a *Auditor) StateHash(officeID string) [32]byte {
	s := a.sites[officeID]
	if s == nil {
		return [32]byte{}
	}
	h := sha256.New()
	h.Write(s.past[:])
	_ = binary.Write(h, binary.BigEndian, []int64{s.seq, s.at.UnixMilli()})
	state := s.state
	row(h, event.Images{Office: &state})
	for _, id := range sortedKeys(s.tickets) {
		row(h, event.Images{Tickets: []ticket.Ticket{s.tickets[id].t}})
	}
	for _, id := range sortedKeys(s.bookings) {
		row(h, event.Images{Bookings: []booking.Booking{*s.bookings[id]}})
	}
	for _, id := range sortedKeys(s.shifts) {
		row(h, event.Images{Shifts: []counter.Shift{s.shifts[id]}})
	}
	for _, r := range s.runs() {
		x := s.numbers[r]
		_ = json.NewEncoder(h).Encode([]any{r.day, r.series, spans(x.given), spans(x.void)})
	}
	return [32]byte(h.Sum(nil))
}

// row writes a row's canonical JSON, as the ledger's payloads have it.
func row(h hash.Hash, im event.Images) {
	_ = json.NewEncoder(h).Encode(im.Normal()) // plain data: it cannot fail
}

func spans(s set) [][2]int {
	out := make([][2]int, len(s))
	for i, p := range s {
		out[i] = [2]int{p.from, p.to}
	}
	return out
}

// past takes rows out of memory and into the hash.
type past struct {
	s *site
	h hash.Hash
	n int
}

func (s *site) newPast() *past {
	p := &past{s: s, h: sha256.New()}
	p.h.Write(s.past[:])
	return p
}

func (p *past) ticket(u *seat) {
	p.n++
	row(p.h, event.Images{Tickets: []ticket.Ticket{u.t}})
	delete(p.s.tickets, u.t.ID)
	delete(p.s.told, u.t.ID)
	if p.s.a.cfg.Remember {
		p.s.pastTickets[u.t.ID] = u
	}
}

func (p *past) booking(b *booking.Booking) {
	p.n++
	row(p.h, event.Images{Bookings: []booking.Booking{*b}})
	delete(p.s.bookings, b.ID)
	delete(p.s.references, b.Reference)
	delete(p.s.told, b.ID)
	if p.s.a.cfg.Remember {
		p.s.pastBookings[b.ID] = b
	}
	if book := p.s.slots[slot{b.Queue, b.Day}]; book != nil {
		delete(book.rows, b.ID)
	}
}

// done keeps the hash, and forgets the slots of days that are over.
func (p *past) done() {
	if p.n > 0 {
		p.s.past = [32]byte(p.h.Sum(nil))
	}
	for at, book := range p.s.slots {
		if at.day < p.s.state.Day && len(book.rows) == 0 {
			delete(p.s.slots, at)
		}
	}
}

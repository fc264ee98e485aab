package ledger

import (
	"crypto/rand"
	"encoding/json"
	"fmt"

	"vez/event"
)

// Append records a draft: the event gets its office's next sequence number,
// its time and its place in the chain, and the images become the rows of the
// state tables. The images' Seq is set to the event's; a ticket whose Joined
// is negative gets it too. Draft and images are not touched; the event holds
// its own, in UTC and whole milliseconds.
func (tx *Tx) Append(d event.Draft) (event.Event, error) {
	o, err := tx.locked(d.Office)
	if err != nil {
		return event.Event{}, err
	}
	e, err := tx.draw(d, o.seq+1)
	if err != nil {
		return event.Event{}, err
	}
	payload, err := event.Payload(e)
	if err != nil {
		return event.Event{}, errMisuse("%w", err)
	}
	if err := tx.write(); err != nil {
		return event.Event{}, err
	}
	tx.chain(o, e, payload)
	tx.keep(o, e.Images)
	tx.b.models[o.id].apply(e)
	tx.b.events = append(tx.b.events, e)
	return e, nil
}

// draw makes an event of a draft.
func (tx *Tx) draw(d event.Draft, seq int64) (event.Event, error) {
	e := event.Event{
		Office: d.Office, Seq: seq, At: tx.now, Kind: d.Kind, Actor: d.Actor, Counter: d.Counter, Reason: d.Reason,
		Images: d.Images.Normal(),
	}
	if d.Detail != nil {
		raw, err := json.Marshal(d.Detail)
		if err != nil {
			return e, errMisuse("detail of %s: %w", d.Kind, err)
		}
		e.Detail = raw
	}
	return e, number(&e)
}

// number puts the event's sequence number into its images, which must be of its office.
func number(e *event.Event) error {
	elsewhere := func(what, id, office string) error {
		return errMisuse("event of %s has the image of %s %s of office %q", e.Office, what, id, office)
	}
	for i := range e.Images.Tickets {
		t := &e.Images.Tickets[i]
		t.Seq = e.Seq
		if t.Joined < 0 {
			t.Joined = e.Seq
		}
		if t.Office != e.Office {
			return elsewhere("ticket", t.ID, t.Office)
		}
	}
	for i := range e.Images.Bookings {
		b := &e.Images.Bookings[i]
		b.Seq = e.Seq
		if b.Office != e.Office {
			return elsewhere("booking", b.ID, b.Office)
		}
	}
	for i := range e.Images.Shifts {
		s := &e.Images.Shifts[i]
		s.Seq = e.Seq
		if s.Office != e.Office {
			return elsewhere("shift", s.Counter, s.Office)
		}
	}
	if s := e.Images.Office; s != nil && s.Office != e.Office {
		return elsewhere("state", s.Office, s.Office)
	}
	return nil
}

// chain links the event to the one before it.
func (tx *Tx) chain(o *officeRow, e event.Event, payload []byte) {
	salt := make([]byte, event.SaltSize)
	// crypto/rand never fails.
	_, _ = rand.Read(salt)
	digest := event.Digest(salt, payload)
	o.seq, o.at, o.hash = e.Seq, e.At.UnixMilli(), event.Link(o.hash, e.Office, e.Seq, e.At, digest)
	tx.b.offices.put(o.id, o)
	tx.b.ops = append(tx.b.ops, op{sqlAddEvent, []any{e.Office, e.Seq, o.at, digest, o.hash, salt, payload}, 1})
}

// keep makes the images the state.
func (tx *Tx) keep(o *officeRow, im event.Images) {
	for _, t := range im.Tickets {
		tx.standing(o, t.ID)
		tx.b.tickets.put(t.ID, t)
		tx.b.w.d.models.learn(t.Queue, o.id)
	}
	for _, k := range im.Bookings {
		if was, ok := tx.b.bookings.get(k.ID); ok {
			tx.b.bookings.stands(k.ID, was)
		}
		tx.b.bookings.put(k.ID, k)
		tx.b.w.d.models.learn(k.Queue, o.id)
	}
	for _, s := range im.Shifts {
		tx.b.shifts.put(s.Counter, s)
	}
	for _, v := range im.Void {
		tx.b.ops = append(tx.b.ops, op{sqlPutVoid, voidColumns(o.id, v), 1})
	}
	if im.Office != nil {
		o.state = *im.Office
	}
}

// standing keeps a ticket as it stands in the tables before it is first changed,
// as far as it was read or the model has it.
func (tx *Tx) standing(o *officeRow, id string) {
	was, ok := tx.b.tickets.get(id)
	if !ok {
		was, ok = tx.b.models[o.id].ticketOf(id)
	}
	if ok {
		tx.b.tickets.stands(id, was)
	}
}

// decode reads an event from its payload.
func decode(payload []byte) (event.Event, error) {
	var e event.Event
	if err := json.Unmarshal(payload, &e); err != nil {
		return e, fmt.Errorf("ledger: damaged payload: %w", err)
	}
	return e, nil
}

package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vez/booking"
	"vez/counter"
	"vez/office"
	"vez/ticket"
)

// Payload is the canonical JSON of an event: fields in the order of the types,
// times in UTC and whole milliseconds, the keys of Detail sorted, no spaces.
// Reading it back and writing it again gives the same bytes.
func Payload(e Event) ([]byte, error) {
	var err error
	if e.Detail, err = canonical(e.Detail); err != nil {
		return nil, fmt.Errorf("detail of %s: %w", e.Kind, err)
	}
	utc(&e.At)
	e.Images = e.Images.Normal()
	b, err := eventJSON(&e)
	if err != nil {
		return nil, fmt.Errorf("payload of %s: %w", e.Kind, err)
	}
	return b, nil
}

// canonical writes JSON with sorted keys and numbers as they were.
func canonical(raw json.RawMessage) (json.RawMessage, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if d.More() {
		return nil, fmt.Errorf("more than one JSON value")
	}
	if v == nil {
		return nil, nil
	}
	return encode(v)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Normal gives the images with every instant in UTC and whole milliseconds, as
// the ledger keeps them. The receiver is not touched.
func (im Images) Normal() Images {
	im.Tickets = each(im.Tickets, func(t *ticket.Ticket) {
		utc(&t.Arrival, &t.Due, &t.Start, &t.Callable, &t.From, &t.To, &t.CalledAt, &t.ServingAt, &t.MissedAt,
			&t.ParkedUntil, &t.Passed, &t.Asked, &t.EndedAt)
	})
	im.Bookings = each(im.Bookings, func(b *booking.Booking) {
		utc(&b.Start, &b.End, &b.HeldUntil, &b.FreeAt, &b.Made)
	})
	im.Shifts = each(im.Shifts, func(s *counter.Shift) { utc(&s.Since, &s.BackAt) })
	if im.Office != nil {
		o := *im.Office
		utc(&o.PausedAt)
		o.Pauses = each(o.Pauses, func(p *office.Pause) { utc(&p.From, &p.To) })
		o.Closures = each(o.Closures, func(c *office.Closure) { utc(&c.From, &c.To) })
		im.Office = &o
	}
	return im
}

// each applies f to the elements of a copy.
func each[T any](in []T, f func(*T)) []T {
	out := slices.Clone(in)
	for i := range out {
		f(&out[i])
	}
	return out
}

// utc puts instants into the ledger's form; the zero time stays zero.
func utc(ts ...*time.Time) {
	for _, t := range ts {
		if !t.IsZero() {
			*t = t.UTC().Truncate(time.Millisecond)
		}
	}
}

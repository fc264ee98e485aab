package api

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"vez/booking"
)

// slotWriter writes Slots as JSON, with commas between them.
type slotWriter struct {
	b    []byte
	days int // that may still come
}

// day writes the starts of one office and day.
func (w *slotWriter) day(officeID string, slots []booking.Slot) {
	w.days--
	if len(slots) == 0 {
		return
	}
	before, b := len(w.b), w.b
	d := dayOf(officeID, slots)
	for i := range slots {
		if len(b) > 0 {
			b = append(b, ',')
		}
		b = d.append(b, slots[i])
	}
	if before == 0 {
		// One day tells how long the others will be.
		b = slices.Grow(b, len(b)*max(w.days, 0))
	}
	w.b = b
}

// slotDay is what the starts of a day have in common.
type slotDay struct {
	first      time.Time
	base       int // minutes after midnight of the first start
	date, tail []byte
	free       []byte
	// plain: nothing but the clock differs within the day; false where clocks are changed on it.
	plain bool
}

func dayOf(officeID string, slots []booking.Slot) slotDay {
	first, last := slots[0].Start, slots[len(slots)-1].Start
	_, offset := first.Zone()
	_, after := last.Zone()
	id, _ := json.Marshal(officeID) // a text cannot fail
	return slotDay{
		first: first, base: first.Hour()*60 + first.Minute(), plain: offset == after,
		date: first.AppendFormat([]byte(`{"start":"`), "2006-01-02T"), tail: first.AppendFormat(nil, `:00Z07:00","free":`),
		free: append(append([]byte(`,"office":`), id...), '}'),
	}
}

// append writes one start.
func (d *slotDay) append(b []byte, s booking.Slot) []byte {
	minute := d.base + int(s.Start.Sub(d.first)/time.Minute)
	if d.plain && minute < 24*60 {
		h, m := minute/60, minute%60
		b = append(b, d.date...)
		b = append(b, '0'+byte(h/10), '0'+byte(h%10), ':', '0'+byte(m/10), '0'+byte(m%10))
		b = append(b, d.tail...)
	} else {
		b = s.Start.AppendFormat(append(b, `{"start":"`...), time.RFC3339)
		b = append(b, `","free":`...)
	}
	b = strconv.AppendInt(b, int64(s.Free), 10)
	return append(b, d.free...)
}

// joinSlots makes one List of the parts.
func joinSlots(parts [][]byte) []byte {
	parts = slices.DeleteFunc(parts, func(p []byte) bool { return len(p) == 0 })
	size := 64
	for _, p := range parts {
		size += len(p) + 1
	}
	b := append(make([]byte, 0, size), `{"items":[`...)
	for i, p := range parts {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, p...)
	}
	return append(b, `],"next":null}`...)
}

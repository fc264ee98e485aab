package audit

import (
	"bytes"
	"slices"
	"strings"

	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// Dump is a projection's live state of an office in neutral words.
type Dump struct {
	Office string
	Seq    int64 // of the last event it has seen
	// Lines holds the ids of the waiting tickets of each queue, in order.
	Lines map[string][]string
	// Counters holds the ticket called or served at each counter that has one.
	Counters map[string]string
	// Cells holds how many bookings take each cell, from the day's first instant
	// on, by queue and day, today and later. Where the bytes end there are none.
	// Bookings count until an event frees them, run out or not.
	Cells map[string]map[office.Day][]byte
}

// Dump is what the events fed so far say.
func (a *Auditor) Dump(officeID string) Dump {
	s := a.sites[officeID]
	if s == nil {
		s = newSite(a, officeID)
	}
	d := emptyDump(officeID, s.seq)
	for q, line := range s.lines {
		for i := range line {
			d.Lines[q] = append(d.Lines[q], line[i].ID)
		}
	}
	for c, t := range s.open {
		d.Counters[c] = t
	}
	for at, book := range s.slots {
		if at.day < s.state.Day || s.loc == nil {
			continue
		}
		for _, b := range book.rows {
			d.count(b, s.office)
		}
	}
	return d
}

// DumpOf is what a snapshot of the ledger says, for a comparison with its own events.
func DumpOf(snap event.Snapshot, o *office.Office) Dump {
	d := emptyDump(snap.Head.Office, snap.Head.Seq)
	waiting := slices.DeleteFunc(slices.Clone(snap.Tickets), func(t ticket.Ticket) bool { return t.State != ticket.Waiting })
	slices.SortFunc(waiting, func(x, y ticket.Ticket) int {
		if x.Before(y) {
			return -1
		}
		return 1
	})
	for i := range waiting {
		d.Lines[waiting[i].Queue] = append(d.Lines[waiting[i].Queue], waiting[i].ID)
	}
	for i := range snap.Tickets {
		if t := &snap.Tickets[i]; busy(t.State) {
			d.Counters[t.Counter] = t.ID
		}
	}
	for i := range snap.Bookings {
		if b := &snap.Bookings[i]; o != nil && b.Day >= snap.State.Day && !b.Freed && b.State != booking.Lapsed {
			d.count(b, o)
		}
	}
	return d
}

func emptyDump(officeID string, seq int64) Dump {
	return Dump{Office: officeID, Seq: seq, Lines: map[string][]string{}, Counters: map[string]string{}, Cells: map[string]map[office.Day][]byte{}}
}

// count adds the cells of a booking.
func (d Dump) count(b *booking.Booking, o *office.Office) {
	if d.Cells[b.Queue] == nil {
		d.Cells[b.Queue] = map[office.Day][]byte{}
	}
	cells := d.Cells[b.Queue][b.Day]
	if cells == nil {
		cells = make([]byte, booking.CellsPerDay)
		d.Cells[b.Queue][b.Day] = cells
	}
	from, to := b.Cells(b.Day.Time(0, o.Location()))
	for c := max(from, 0); c < to; c++ {
		if cells[c] < 255 {
			cells[c]++
		}
	}
}

// Compare holds a projection against the events fed so far (I9). It gives
// false, and judges nothing, unless both are at the same event: then feed on, or
// ask the projection again. Behind erased events, lines and counters are compared
// from the next business day on, and cells never.
func (a *Auditor) Compare(d Dump) bool {
	s := a.sites[d.Office]
	if s == nil || s.seq != d.Seq {
		return false
	}
	want := a.Dump(d.Office)
	if !s.blind {
		s.compareLines(d, want)
	}
	if s.cellsUnknown {
		return true
	}
	for _, q := range bothKeys(d.Cells, want.Cells) {
		for _, day := range bothKeys(d.Cells[q], want.Cells[q]) {
			s.compareCells(q, day, d.Cells[q][day], want.Cells[q][day])
		}
	}
	return true
}

func (s *site) compareLines(d, want Dump) {
	for _, q := range bothKeys(d.Lines, want.Lines) {
		if !slices.Equal(d.Lines[q], want.Lines[q]) {
			s.find(I9, q, "the projection's line is [%s], by the events it is [%s]", s.written(d.Lines[q]), s.written(want.Lines[q]))
		}
	}
	for _, c := range bothKeys(d.Counters, want.Counters) {
		if d.Counters[c] != want.Counters[c] {
			s.find(I9, c, "the projection has %q there, by the events it is %q", s.number(d.Counters[c]), s.number(want.Counters[c]))
		}
	}
}

func (s *site) compareCells(q string, day office.Day, got, want []byte) {
	got, want = bytes.TrimRight(got, "\x00"), bytes.TrimRight(want, "\x00")
	if bytes.Equal(got, want) {
		return
	}
	cell := func(b []byte, c int) int {
		if c < len(b) {
			return int(b[c])
		}
		return 0
	}
	for c := range max(len(got), len(want)) {
		if x, y := cell(got, c), cell(want, c); x != y {
			s.find(I9, q, "on %s the projection counts %d bookings on cell %d, by the events there are %d", day, x, c, y)
			return
		}
	}
}

// written writes a line by its numbers.
func (s *site) written(ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = s.number(id)
	}
	if len(out) > 20 {
		out = append(out[:20], "…")
	}
	return strings.Join(out, " ")
}

func bothKeys[K ~string, V any](a, b map[K]V) []K {
	keys := sortedKeys(a)
	for k := range b {
		if _, both := a[k]; !both {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys
}

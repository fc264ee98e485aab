package queue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// memberOf encodes a waiting ticket so that members with an equal score sort by joining.
func memberOf(t *ticket.Ticket) string { return fmt.Sprintf("%016d:%s", max(t.Joined, 0), t.ID) }

// placeOf says where a ticket is: waiting in a line, at a counter, or nowhere in the live queues.
func placeOf(t *ticket.Ticket) string {
	switch t.State {
	case ticket.Waiting:
		return "w " + t.Queue + " " + strconv.FormatInt(t.Due.UnixMilli(), 10) + " " + memberOf(t)
	case ticket.Called, ticket.Serving:
		if t.Counter != "" {
			return "c " + t.Counter + " " + t.ID + " " + t.Number + " " + string(t.State)
		}
	}
	return ""
}

// cellsOf says which cells a booking takes. Whether a hold or a release has
// run out is not asked here: the ledger makes an event of it within a second.
func cellsOf(b *booking.Booking, loc *time.Location) string {
	if b.Freed || b.State == booking.Lapsed || b.State == booking.None {
		return ""
	}
	from, to := b.Cells(b.Day.Time(0, loc))
	from, to = max(from, 0), min(to, booking.CellsPerDay)
	if to <= from {
		return ""
	}
	return b.Queue + " " + string(b.Day) + " " + strconv.Itoa(from) + " " + strconv.Itoa(to-from)
}

// pair is an id and where it is.
type pair struct{ id, at string }

// commit is a run of an office's events as the script takes it: of each ticket
// and booking only the last image counts.
type commit struct {
	office      string
	first, last int64
	day         office.Day
	entry       string
	tickets     []pair
	bookings    []pair
}

// commitOf folds a run of events without gaps.
func commitOf(es []event.Event, loc *time.Location) (commit, error) {
	c := commit{office: es[0].Office, first: es[0].Seq, last: es[len(es)-1].Seq}
	var err error
	if c.entry, err = encodeEntry(es); err != nil {
		return c, err
	}
	tickets, bookings := map[string]int{}, map[string]int{}
	for i := range es {
		e := &es[i]
		for j := range e.Images.Tickets {
			t := &e.Images.Tickets[j]
			c.tickets = set(c.tickets, tickets, t.ID, placeOf(t))
		}
		for j := range e.Images.Bookings {
			b := &e.Images.Bookings[j]
			c.bookings = set(c.bookings, bookings, b.ID, cellsOf(b, loc))
		}
		if e.Images.Office != nil {
			c.day = e.Images.Office.Day
		}
	}
	return c, nil
}

func set(list []pair, index map[string]int, id, at string) []pair {
	if i, ok := index[id]; ok {
		list[i].at = at
		return list
	}
	index[id] = len(list)
	return append(list, pair{id, at})
}

// args are the script's; see script/apply.lua.
func (c commit) args(epoch string) []any {
	out := make([]any, 0, 9+2*len(c.tickets)+2*len(c.bookings))
	out = append(out, epoch, c.first, c.last, prefix(c.office), string(c.day), streamKeeps,
		c.entry, len(c.tickets), len(c.bookings))
	for _, list := range [][]pair{c.tickets, c.bookings} {
		for _, p := range list {
			out = append(out, p.id, p.at)
		}
	}
	return out
}

// Picture is an office's projection in a form that can be compared: what is in
// Redis, or what a snapshot of the ledger would make of it.
type Picture struct {
	Head  string
	Day   office.Day
	Lines map[string][]string // queue to "score member", in order
	// Serving is counter to "ticket number state".
	Serving map[string]string
	// Cells is "queue:day" to the occupancy without trailing zeros.
	Cells map[string]string
	Top   string // id of the last stream entry
}

// PictureOf is what the projection of a snapshot must be; loc is the office's zone.
func PictureOf(s event.Snapshot, loc *time.Location) Picture {
	r := rebuildOf(s, loc)
	p := Picture{
		Head: headOf(s.Head), Day: s.State.Day, Lines: map[string][]string{}, Serving: r.serving, Cells: map[string]string{},
	}
	for q, l := range r.lines {
		p.Lines[q] = sortedLine(l)
	}
	for suffix, cells := range r.cells {
		p.Cells[strings.TrimPrefix(suffix, "cells:")] = strings.TrimRight(string(cells), "\x00")
	}
	if s.Head.Seq > 0 {
		p.Top = entryID(s.Head.Seq)
	}
	return p
}

func headOf(h event.Head) string { return h.Epoch + ":" + strconv.FormatInt(h.Seq, 10) }

func parseHead(office, s string) (event.Head, bool) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return event.Head{}, false
	}
	seq, err := strconv.ParseInt(s[i+1:], 10, 64)
	return event.Head{Office: office, Epoch: s[:i], Seq: seq}, err == nil
}

package live

import (
	"slices"
	"time"

	"vez/office"
	"vez/ticket"
)

// call is a ticket as a board shows it.
func (h *hall) call(t *ticket.Ticket) Call {
	c := Call{
		Number: t.Number, Booked: t.Class == ticket.Booked || t.Class == ticket.Late || t.Class == ticket.Pass,
		Counter: t.Counter, Label: h.label(t.Counter), Zone: h.zone(t.Counter), Queue: t.Queue, State: t.State,
		Since: h.local(t.CalledAt), Called: h.local(t.CalledAt), Recalls: t.Recalls,
	}
	if q := h.cat.Queue(t.Queue); q != nil {
		c.Prefix = q.Prefix
	}
	if m, ok := h.called[t.ID]; ok && m.made.After(t.CalledAt) {
		c.Called = h.local(m.made)
	}
	if c.Called.IsZero() { // served without a call
		c.Since, c.Called = h.local(t.ServingAt), h.local(t.ServingAt)
	}
	return c
}

// calls lists what a board shows, newest first; zone "" means the whole hall.
func (h *hall) calls(zone string, machine time.Time) []Call {
	out := []Call{}
	for _, l := range h.lines {
		for _, t := range l.at {
			if !onBoard(t) || (zone != "" && h.zone(t.Counter) != zone) {
				continue
			}
			c := h.call(t)
			seen, ok := h.called[t.ID]
			c.New = ok && t.State == ticket.Called && machine.Sub(seen.seen) < NewFor
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Call) int {
		if c := b.Called.Compare(a.Called); c != 0 {
			return c
		}
		if a.Number < b.Number {
			return -1
		}
		return 1
	})
	return out
}

func (h *hall) board(zone string, now, machine time.Time) Board {
	out := Board{
		Office: h.office.ID, Zone: zone, At: ID(h.head), Now: h.local(now), Hall: h.whole(now),
		Calls: h.calls(zone, machine), Queues: h.queues(now),
	}
	h.withdrawn = h.recentWithdrawn(machine)
	for _, w := range h.withdrawn {
		if zone == "" || w.Zone == zone {
			out.Withdrawn = append(out.Withdrawn, w.Withdrawn)
		}
	}
	return out
}

// whole is what holds for the office at a moment.
func (h *hall) whole(now time.Time) Hall {
	out := Hall{Day: h.office.Day(now), Paused: h.state.Paused(), PausedAt: h.local(h.state.PausedAt), PauseReason: h.state.PauseReason}
	for _, c := range h.state.Closures {
		if c.Queue == "" && (office.Interval{From: c.From, To: c.To}).Has(now) {
			out.Closed, out.Until = c.Reason, h.local(c.To)
		}
	}
	return out
}

// change is a delta as a zone's boards are told it; false when it does not concern them.
func (h *hall) change(d *delta, zone string, now time.Time) (Change, bool) {
	out := Change{At: ID(h.headAt(d.seq))}
	for _, c := range d.calls {
		if zone == "" || c.Zone == zone {
			out.Calls = append(out.Calls, c)
		}
	}
	for _, g := range d.gone {
		still := func(c Call) bool { return c.Number == g.number && (zone == "" || c.Zone == zone) }
		if (zone == "" || g.zone == zone) && !slices.ContainsFunc(d.calls, still) {
			out.Gone = append(out.Gone, g.number)
		}
	}
	for _, w := range d.withdrawn {
		if zone == "" || w.Zone == zone {
			out.Withdrawn = append(out.Withdrawn, w)
		}
	}
	if d.state {
		w := h.whole(now)
		out.Hall = &w
	}
	return out, len(out.Calls)+len(out.Gone)+len(out.Withdrawn) > 0 || out.Hall != nil
}

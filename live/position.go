package live

import (
	"math"
	"slices"
	"time"

	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

func (h *hall) headAt(seq int64) event.Head {
	return event.Head{Office: h.office.ID, Epoch: h.head.Epoch, Seq: seq}
}

// position is what a ticket's holder sees; false when the ticket is not of this day.
func (h *hall) position(id string, now, machine time.Time) (Position, bool) {
	t := h.tickets[id]
	if t == nil || t.State == ticket.None {
		return Position{}, false
	}
	out := Position{
		Office: h.office.ID, At: ID(h.head), Now: h.local(now), Number: t.Number, State: t.State, Queue: t.Queue,
		Booked: t.Class == ticket.Booked || t.Class == ticket.Late || t.Class == ticket.Pass, Outcome: t.Outcome,
	}
	if !t.From.IsZero() && !t.To.IsZero() {
		out.Told = &Window{h.local(t.From), h.local(t.To)}
	}
	q := h.cat.Queue(t.Queue)
	if q != nil {
		out.Zone = q.Zone
	}
	switch t.State {
	case ticket.Called, ticket.Serving, ticket.Missed:
		out.Counter, out.Label, out.Called = t.Counter, h.label(t.Counter), h.local(t.CalledAt)
		if z := h.zone(t.Counter); z != "" {
			out.Zone = z
		}
		if t.State == ticket.Called {
			out.Recalls = t.Recalls
		}
		if t.State == ticket.Missed && q != nil && !h.state.Paused() {
			out.BackBy = h.local(t.MissedAt.Add(q.RulesOn(t.Day).ReturnGrace))
		}
	case ticket.Parked:
		out.BackBy = h.local(t.ParkedUntil)
	case ticket.Waiting, ticket.Remote:
		if q != nil {
			h.inLine(&out, t, q, now)
		}
	}
	out.Notices = h.notices(&out, t, q, now, machine)
	return out, true
}

// inLine says how many are ahead and when the turn may come. A booked ticket
// is not promised to be called before it is callable.
func (h *hall) inLine(out *Position, t *ticket.Ticket, q *office.Queue, now time.Time) {
	joined := t.Joined
	if t.State == ticket.Remote {
		joined = 0 // stands in the line without having joined; equals are not ahead of it
	}
	front := h.before(q, t.Due, joined, now)
	out.Ahead = front.people()
	if h.state.Paused() {
		return
	}
	w := h.window(q, front.work, h.desks(), now)
	if w != nil && w.From.Before(t.Callable) && w.To.Before(t.Callable) {
		w = &Window{From: h.local(t.Callable), To: h.local(t.Callable.Add(w.To.Sub(w.From)))}
	}
	out.Window = w
}

func (h *hall) notices(p *Position, t *ticket.Ticket, q *office.Queue, now, machine time.Time) []string {
	if t.State.Final() {
		return nil
	}
	var out []string
	say := func(when bool, code string) {
		if when {
			out = append(out, code)
		}
	}
	whole := h.whole(now)
	inLine := t.State == ticket.Waiting || t.State == ticket.Remote
	say(whole.Paused, NoticePaused)
	say(whole.Closed != "", NoticeClosed)
	say(t.State == ticket.Remote, NoticeActivate)
	say(t.State == ticket.Remote && !t.Passed.IsZero(), NoticePassed)
	say(inLine && t.NoticeAt > 0 && p.Ahead <= t.NoticeAt, NoticeNear)
	say(inLine && q != nil && h.unattended(q, now), NoticeUnattended)
	say(t.SteppedOut, NoticeSteppedOut)
	say(slices.ContainsFunc(h.recentWithdrawn(machine), func(w withdrawal) bool { return w.Number == t.Number }), NoticeWithdrawn)
	return out
}

func (h *hall) unattended(q *office.Queue, now time.Time) bool {
	for _, f := range h.queues(now) {
		if f.Queue == q.ID {
			return f.Status == office.StatusUnattended
		}
	}
	return false
}

// list is the clerk's line of some queues; none named means all of the office's.
func (h *hall) list(queues []string, now time.Time) Line {
	out := Line{Office: h.office.ID, At: ID(h.head), Now: h.local(now), Waiting: []Entry{}, Parked: []Entry{}, Missed: []Entry{}, Remote: []Entry{}}
	var waiting, rest []*ticket.Ticket
	for _, q := range h.cat.QueuesOf(h.office.ID) {
		if len(queues) > 0 && !slices.Contains(queues, q.ID) {
			continue
		}
		l := h.line(q.ID)
		waiting = append(waiting, l.waiting...)
		for _, t := range l.at {
			rest = append(rest, t)
		}
	}
	slices.SortFunc(waiting, inOrder)
	slices.SortFunc(rest, inOrder)
	for _, t := range waiting {
		out.Waiting = append(out.Waiting, h.entry(t))
	}
	for _, t := range rest {
		switch t.State {
		case ticket.Parked:
			out.Parked = append(out.Parked, h.entry(t))
		case ticket.Missed:
			out.Missed = append(out.Missed, h.entry(t))
		case ticket.Remote:
			out.Remote = append(out.Remote, h.entry(t))
		}
	}
	return out
}

func (h *hall) entry(t *ticket.Ticket) Entry {
	e := Entry{
		Ticket: t.ID, Number: t.Number, Queue: t.Queue, Service: t.Service, State: t.State, Class: t.Class, Lang: t.Lang,
		People: t.People, Needs: t.Needs, Priority: t.HeadStart > 0, Arrival: h.local(t.Arrival), Due: h.local(t.Due),
		Start: h.local(t.Start), Callable: h.local(t.Callable),
	}
	switch t.State {
	case ticket.Parked:
		e.Counter, e.Until = t.Counter, h.local(t.ParkedUntil)
	case ticket.Missed:
		e.Counter = t.Counter
		if q := h.cat.Queue(t.Queue); q != nil {
			e.Until = h.local(t.MissedAt.Add(q.RulesOn(t.Day).ReturnGrace))
		}
	}
	return e
}

// counters lists the desks; seen is when each console gave its last sign, nil when that is not known.
func (h *hall) counters(seen map[string]time.Time, now, machine time.Time) Counters {
	out := Counters{Office: h.office.ID, At: ID(h.head), Now: h.local(now), Hall: h.whole(now), Counters: []Counter{}}
	for _, c := range h.office.Counters {
		out.Counters = append(out.Counters, h.counter(c, seen, machine))
	}
	return out
}

func (h *hall) counter(c office.Counter, seen map[string]time.Time, machine time.Time) Counter {
	s, ok := h.shifts[c.ID]
	if !ok {
		s = counter.Shift{Counter: c.ID, Office: h.office.ID, State: counter.Closed}
	}
	out := Counter{Shift: s, Label: c.Label, Zone: c.Zone, State: s.State, Seen: seen[c.ID], Ticket: h.tickets[s.Ticket]}
	silent := machine.Sub(out.Seen)
	if seen != nil && s.State != counter.Closed && !out.Seen.IsZero() && silent >= counter.LostAfter {
		out.State = counter.Lost
	}
	return out
}

// newcomer is the place of somebody who joins now.
const newcomer = math.MaxInt64

// Estimate is what somebody can expect who joins a queue with a due: how many
// are ahead at the most, and the window of the turn. The window is zero when
// nothing can be said; so is everything of an office that cannot be read.
func (h *Hub) Estimate(office, queue string, due time.Time) (ahead int, from, to time.Time) {
	q := h.cfg.Catalogue.Queue(queue)
	if q == nil {
		return 0, from, to
	}
	w, err := view(h.ctx, h, office, func(x *hall, now, _ time.Time) *Window {
		front := x.before(q, due, newcomer, now)
		ahead = front.people()
		return x.window(q, front.work, x.desks(), now)
	})
	if err != nil || w == nil {
		return ahead, from, to
	}
	return ahead, w.From, w.To
}

package audit

import (
	"encoding/json"
	"strings"
	"time"

	"vez/event"
	"vez/ticket"
)

// seat is a ticket with as much of its past as an undo can reach.
type seat struct {
	t ticket.Ticket
	// trail holds what it was after each of its last events, the latest last.
	trail [6]mark
	// bound is the largest head start and late grace of the queues it was in.
	bound time.Duration
	// named: staff put it to the front for a named reason.
	named bool
	// partial: it was there before anything was seen of it.
	partial bool
}

// mark is what an undo brings back.
type mark struct {
	seq     int64
	state   ticket.State
	counter string
	queue   string
	due     time.Time
	joined  int64
}

func markOf(t *ticket.Ticket) mark {
	return mark{t.Seq, t.State, t.Counter, t.Queue, t.Due, t.Joined}
}

func (m mark) same(n mark) bool {
	return m.state == n.state && m.counter == n.counter && m.queue == n.queue && m.due.Equal(n.due) && m.joined == n.joined
}

// before is what the ticket was before an event; known is false when it was
// not there yet, or so long ago that it is not remembered.
func (u *seat) before(seq int64) (m mark, known, forgotten bool) {
	for i := len(u.trail) - 1; i >= 0; i-- {
		if u.trail[i].seq == 0 {
			return mark{}, false, u.partial
		}
		if u.trail[i].seq < seq {
			return u.trail[i], true, false
		}
	}
	return mark{}, false, true
}

func busy(s ticket.State) bool { return s == ticket.Called || s == ticket.Serving }

// makes tells whether a move makes a ticket.
func makes(m ticket.Move) bool { return making[m] }

var making = func() map[ticket.Move]bool {
	m := map[ticket.Move]bool{}
	for _, r := range ticket.Table {
		if r.From == ticket.None {
			m[r.Move] = true
		}
	}
	return m
}()

// undone is the detail of an undo.
type undone struct {
	First int64 `json:"first"`
	Last  int64 `json:"last"`
}

// moveTickets judges the images of tickets, then takes them over all at once.
func (s *site) moveTickets(e event.Event) {
	if m, is := e.Kind.Move(); is && len(e.Images.Tickets) == 0 {
		s.find(I1, "", "%s moves no ticket", m)
	}
	var back undone
	if e.Kind == event.KindUndo && (json.Unmarshal(e.Detail, &back) != nil || back.First == 0) {
		s.find(I1, "", "the undo does not say what it takes back")
	}
	for i := range e.Images.Tickets {
		s.moveTicket(&e, i, back)
	}
	for i := range e.Images.Tickets {
		s.unseat(e.Images.Tickets[i].ID)
	}
	for i := range e.Images.Tickets {
		s.reseat(&e, i)
	}
}

// moveTicket judges one image.
func (s *site) moveTicket(e *event.Event, i int, back undone) {
	t := &e.Images.Tickets[i]
	if t.Office != e.Office || t.Seq != e.Seq {
		s.find(I1, t.ID, "the image of %s is of event %s/%d", t.Number, t.Office, t.Seq)
	}
	s.shape(e, t)
	outlived := !t.State.Final() && t.Day < s.state.Day
	if outlived && !s.told[t.ID] {
		s.told[t.ID] = true
		s.find(I1, t.ID, "%s of %s is %s on %s", t.Number, t.Day, t.State, s.state.Day)
	}
	u := s.tickets[t.ID]
	if u == nil {
		u = s.pastTickets[t.ID]
	}
	move, is := e.Kind.Move()
	is = is && i == 0
	switch {
	case is && makes(move) && u != nil:
		s.find(I7, t.ID, "%s is made once more, as %s; it was %s", t.Number, t.State, u.t.State)
	case is && makes(move):
		s.born(e, move, t)
	case u == nil && !s.blind && !outlived:
		s.find(I1, t.ID, "%s is %s by %s, and nobody ever made it", t.Number, t.State, e.Kind)
	case u == nil:
	default:
		s.identity(&u.t, t)
		s.step(e, u, t, is, move, back)
	}
}

// shape is what holds for any image of a ticket by itself.
func (s *site) shape(e *event.Event, t *ticket.Ticket) {
	switch {
	case busy(t.State) && t.Counter == "":
		s.find(I2, t.ID, "%s is %s at no counter", t.Number, t.State)
	case (t.State == ticket.Waiting || t.State == ticket.Remote) && t.Counter != "":
		s.find(I2, t.ID, "%s is %s and at counter %s", t.Number, t.State, t.Counter)
	}
	if _, known := states[t.State]; !known {
		s.find(I1, t.ID, "%s is in the unknown state %q", t.Number, t.State)
	}
	s.instants(e, t)
}

var states = func() map[ticket.State]bool {
	m := map[ticket.State]bool{}
	for _, r := range ticket.Table {
		m[r.To] = true
	}
	return m
}()

// instants looks that nothing happened in the future and nobody waited less than nothing.
func (s *site) instants(e *event.Event, t *ticket.Ticket) {
	for _, at := range [...]struct {
		what string
		at   time.Time
	}{{"arrival", t.Arrival}, {"call", t.CalledAt}, {"service", t.ServingAt}, {"miss", t.MissedAt}, {"passing", t.Passed},
		{"invitation", t.Asked}, {"end", t.EndedAt}} {
		switch {
		case at.at.IsZero():
		case at.at.After(e.At):
			s.find(I11, t.ID, "%s: its %s is at %s, after the event", t.Number, at.what, s.clock(at.at))
		case at.at.Before(t.Arrival):
			s.find(I11, t.ID, "%s: its %s is at %s, before its arrival", t.Number, at.what, s.clock(at.at))
		}
	}
}

// born judges a ticket that is made.
func (s *site) born(e *event.Event, m ticket.Move, t *ticket.Ticket) {
	if to, _ := ticket.Next(ticket.None, m); to != t.State {
		s.find(I1, t.ID, "%s is %s after %s, not %s", t.Number, t.State, m, to)
	}
	today := s.day(e.At)
	if today == "" {
		today = t.Day
	}
	switch {
	case t.Day != today:
		s.find(I11, t.ID, "%s of the day %s is made on %s", t.Number, t.Day, today)
	case t.Day != s.state.Day && !s.blind:
		s.find(I11, t.ID, "%s is of %s, and the office is in %q", t.Number, t.Day, s.state.Day)
	case s.loc != nil && s.day(t.Arrival) != t.Day:
		s.find(I11, t.ID, "%s of the day %s arrived at %s", t.Number, t.Day, s.clock(t.Arrival))
	case s.loc != nil && !t.Start.IsZero() && s.day(t.Start) != t.Day:
		s.find(I11, t.ID, "%s of the day %s is booked for %s", t.Number, t.Day, s.clock(t.Start))
	}
	s.give(t)
	s.dueAtBirth(t)
	s.checkedIn(t)
}

// identity looks that what a ticket is stays.
func (s *site) identity(was, t *ticket.Ticket) {
	if was.Day != t.Day {
		s.find(I11, t.ID, "%s moves from %s to %s", t.Number, was.Day, t.Day)
	}
	if was.Number != t.Number || was.Series != t.Series || was.N != t.N || was.Visit != t.Visit {
		s.find(I3, t.ID, "%s (%s, %d) of visit %s becomes %s (%s, %d) of visit %s",
			was.Number, was.Series, was.N, was.Visit, t.Number, t.Series, t.N, t.Visit)
	}
	if !was.Arrival.Equal(t.Arrival) {
		s.find(I11, t.ID, "%s: its arrival moves from %s to %s", t.Number, s.clock(was.Arrival), s.clock(t.Arrival))
	}
}

// step judges one image of a ticket that is known.
func (s *site) step(e *event.Event, u *seat, t *ticket.Ticket, is bool, m ticket.Move, back undone) {
	was := &u.t
	if e.Kind == event.KindUndo {
		s.undone(e, u, t, back)
		return
	}
	want := was.State
	if is {
		to, err := ticket.Next(was.State, m)
		if err != nil {
			s.illegal(e, was, t, m)
			return
		}
		want = to
	}
	if want != t.State {
		s.find(I1, t.ID, "%s goes from %s to %s by %s", t.Number, was.State, t.State, e.Kind)
		return
	}
	moved := busy(was.State) && busy(t.State) && was.Counter != t.Counter
	if moved && (!is || m != ticket.TakeOver) {
		s.find(I2, t.ID, "%s is %s at %s, and by %s at %s", t.Number, was.State, was.Counter, e.Kind, t.Counter)
	}
	if is && busy(t.State) && t.Counter != e.Counter {
		s.find(I2, t.ID, "%s is %s at %s by an act of %q", t.Number, t.State, t.Counter, e.Counter)
	}
	s.dueOf(e, u, t, is, m)
}

// illegal names a move that the table does not have: where it would bring a
// ticket to a second counter, as that.
func (s *site) illegal(e *event.Event, was, t *ticket.Ticket, m ticket.Move) {
	again := m == ticket.Call || m == ticket.CallThis || was.Counter != t.Counter
	if busy(was.State) && busy(t.State) && again {
		s.find(I2, t.ID, "%s is %s at %s and becomes %s at %s by %s", t.Number, was.State, was.Counter, t.State, t.Counter, m)
		return
	}
	s.find(I1, t.ID, "%s is %s and %s does not apply; it becomes %s", t.Number, was.State, m, t.State)
}

// undone judges what an undo makes of a ticket: what it was before the first
// event that is taken back, and only while nobody else has moved it since.
func (s *site) undone(e *event.Event, u *seat, t *ticket.Ticket, back undone) {
	if back.First == 0 {
		return
	}
	if u.t.Seq < back.First || u.t.Seq > back.Last {
		s.find(I1, t.ID, "%s was moved by event %d, and the undo takes back %d to %d", t.Number, u.t.Seq, back.First, back.Last)
		return
	}
	m, known, forgotten := u.before(back.First)
	switch {
	case forgotten:
	case !known && t.State != ticket.Cancelled:
		s.find(I1, t.ID, "%s was made by what is undone, and is %s", t.Number, t.State)
	case known && !m.same(markOf(t)):
		s.find(I1, t.ID, "%s was %s in %s due %s before what is undone, and becomes %s in %s due %s", t.Number,
			at(m.state, m.counter), m.queue, s.clock(m.due), at(t.State, t.Counter), t.Queue, s.clock(t.Due))
	}
}

func at(state ticket.State, counter string) string {
	if counter == "" {
		return string(state)
	}
	return string(state) + " at " + counter
}

// unseat takes a ticket out of the line or from its counter.
func (s *site) unseat(id string) {
	u := s.tickets[id]
	if u == nil {
		return
	}
	if busy(u.t.State) && s.open[u.t.Counter] == id {
		delete(s.open, u.t.Counter)
	}
	s.leave(&u.t)
}

// reseat takes over an image.
func (s *site) reseat(e *event.Event, i int) {
	t := &e.Images.Tickets[i]
	u := s.tickets[t.ID]
	if u == nil {
		u = s.pastTickets[t.ID]
	}
	m, is := e.Kind.Move()
	is = is && i == 0
	if u == nil {
		u = &seat{partial: !is || !makes(m)}
		u.named = u.partial
	}
	s.tickets[t.ID] = u
	if is {
		u.named = s.isNamed(e, u, t, m)
	}
	u.set(*t)
	u.bound = max(u.bound, s.bound(t))
	s.place(t)
}

func (u *seat) set(t ticket.Ticket) {
	u.t = t
	copy(u.trail[:], u.trail[1:])
	u.trail[len(u.trail)-1] = markOf(&t)
}

// seat puts a ticket of a snapshot where it is.
func (s *site) seat(t ticket.Ticket) {
	u := &seat{bound: s.bound(&t), partial: true, named: true}
	u.set(t)
	s.tickets[t.ID] = u
	s.place(&t)
}

// place puts a ticket into its line or to its counter.
func (s *site) place(t *ticket.Ticket) {
	if busy(t.State) && t.Counter != "" {
		if other := s.open[t.Counter]; other != "" && other != t.ID {
			s.find(I2, t.Counter, "%s is %s there while %s is", t.Number, t.State, s.number(other))
		}
		s.open[t.Counter] = t.ID
	}
	s.join(t)
}

func (s *site) number(id string) string {
	if u := s.tickets[id]; u != nil {
		return u.t.Number
	}
	return id
}

// prefixOf is the letters of a series: "A" of "A" and of "A/lease".
func prefixOf(series string) string {
	p, _, _ := strings.Cut(series, "/")
	return p
}

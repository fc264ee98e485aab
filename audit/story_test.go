package audit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"vez/audit"
	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/office"
	"vez/ticket"
)

// story makes histories as a hall would, by hand and without a ledger.
type story struct {
	cat      *office.Catalogue
	now      time.Time
	emit     func(event.Event)
	events   []event.Event
	seq      map[string]int64
	day      map[string]office.Day
	closures []office.Closure
	tickets  map[string]ticket.Ticket
	lines    map[string][]string
	bookings map[string]booking.Booking
	shifts   map[string]counter.Shift
	numbers  map[string]int
	ids      int
}

// catalogue has offices with a plain queue, a filing one and a small one with one place a cell.
func catalogue(zone string, offices ...string) *office.Catalogue {
	week := office.Week{}
	for d := range week {
		week[d] = []office.Span{{From: 0, To: 24 * time.Hour}}
	}
	c := &office.Catalogue{Holidays: map[string]map[office.Day]office.Holiday{}}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		panic(err)
	}
	for _, id := range offices {
		o := &office.Office{ID: id, Jurisdiction: "macao", TimeZone: zone, Hours: week}
		o.WithLocation(loc)
		c.Offices = append(c.Offices, o)
		for i, name := range []string{"card", "deeds", "small"} {
			r := office.DefaultRules()
			r.FilingOrder = name == "deeds"
			r.BookedShare = 0.5
			c.Queues = append(c.Queues, &office.Queue{ID: id + "-" + name, Office: id, Prefix: string(rune('A' + i)), Counters: 2, Rules: r})
		}
	}
	if err := c.Index(); err != nil {
		panic(err)
	}
	return c
}

// morning is 09:30 in Macao.
var morning = time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC)

func newStory(zone string, now time.Time, offices ...string) *story {
	s := &story{cat: catalogue(zone, offices...), now: now, seq: map[string]int64{}, day: map[string]office.Day{}, tickets: map[string]ticket.Ticket{},
		lines: map[string][]string{}, bookings: map[string]booking.Booking{}, shifts: map[string]counter.Shift{}, numbers: map[string]int{}}
	s.emit = func(e event.Event) { s.events = append(s.events, e) }
	return s
}

func (s *story) today(o string) office.Day { return s.cat.Office(o).Day(s.now) }

// tell records an event, with images as it made them.
func (s *story) tell(o string, kind event.Kind, at string, reason string, detail any, im event.Images) event.Event {
	s.seq[o]++
	e := event.Event{Office: o, Seq: s.seq[o], At: s.now, Kind: kind, Counter: at, Reason: reason, Images: im}
	if detail != nil {
		e.Detail, _ = json.Marshal(detail)
	}
	for i := range im.Tickets {
		t := &im.Tickets[i]
		t.Seq = e.Seq
		if t.Joined < 0 {
			t.Joined = e.Seq
		}
		s.keep(*t)
	}
	for i := range im.Bookings {
		im.Bookings[i].Seq = e.Seq
		s.bookings[im.Bookings[i].ID] = im.Bookings[i]
	}
	for i := range im.Shifts {
		im.Shifts[i].Seq = e.Seq
		s.shifts[im.Shifts[i].Counter] = im.Shifts[i]
	}
	s.emit(e)
	return e
}

func (s *story) keep(t ticket.Ticket) {
	was := s.tickets[t.ID]
	s.lines[was.Queue] = slices.DeleteFunc(s.lines[was.Queue], func(id string) bool { return id == t.ID })
	s.tickets[t.ID] = t
	if t.State == ticket.Waiting {
		line := append(s.lines[t.Queue], t.ID)
		for i := len(line) - 1; i > 0 && t.Before(s.tickets[line[i-1]]); i-- {
			line[i], line[i-1] = line[i-1], line[i]
		}
		s.lines[t.Queue] = line
	}
	if t.State.Final() && t.Day != s.day[t.Office] {
		delete(s.tickets, t.ID)
	}
}

func (s *story) pass(d time.Duration) { s.now = s.now.Add(d) }

// begin opens the office's day.
func (s *story) begin(o string) {
	s.day[o] = s.today(o)
	s.tell(o, event.KindOpened, "", "", nil, event.Images{Office: &office.State{Office: o, Day: s.day[o], Closures: s.closures}})
}

// turn closes the day and begins the next one.
func (s *story) turn(o string) {
	var live []ticket.Ticket
	for _, t := range s.tickets {
		if t.Office == o && !t.State.Final() {
			live = append(live, t)
		}
	}
	slices.SortFunc(live, func(a, b ticket.Ticket) int { return int(a.Seq - b.Seq) })
	for _, t := range live {
		m := ticket.Expire
		switch t.State {
		case ticket.Waiting, ticket.Parked:
			m = ticket.Unserve
		case ticket.Serving:
			m = ticket.Close
		case ticket.Called:
			t = s.move(t, ticket.Miss, "", "", nil, nil)
		}
		s.move(t, m, "", "", nil, nil)
	}
	for _, sh := range s.shifts {
		if sh.Office == o && sh.State != counter.Closed {
			sh.State, sh.Ticket = counter.Closed, ""
			s.tell(o, event.CounterKind("close"), sh.Counter, "day_over", nil, event.Images{Shifts: []counter.Shift{sh}})
		}
	}
	for _, b := range s.bookings {
		if b.Office == o && b.State == booking.Confirmed && b.Day < s.today(o) {
			b.State = booking.Missed
			s.tell(o, event.KindMissed, "", "", nil, event.Images{Bookings: []booking.Booking{b}})
			delete(s.bookings, b.ID)
		}
	}
	s.day[o] = s.today(o)
	for id, t := range s.tickets {
		if t.Office == o && t.Day != s.day[o] {
			delete(s.tickets, id)
		}
	}
	s.tell(o, event.KindDay, "", "", nil, event.Images{Office: &office.State{Office: o, Day: s.day[o]}})
}

// counter opens one.
func (s *story) counter(o, id string, queues ...string) {
	sh := counter.Shift{Counter: id, Office: o, State: counter.Open, Since: s.now}
	for _, q := range queues {
		sh.Queues = append(sh.Queues, counter.Served{Queue: q})
	}
	s.tell(o, event.CounterKind("open"), id, "", nil, event.Images{Shifts: []counter.Shift{sh}})
}

// fresh is a ticket as it is made.
func (s *story) fresh(queue string, class ticket.Class) ticket.Ticket {
	q := s.cat.Queue(queue)
	s.ids++
	id, day := fmt.Sprintf("t%d", s.ids), s.today(q.Office)
	key := string(day) + q.Office + q.Prefix
	s.numbers[key]++
	n := s.numbers[key]
	return ticket.Ticket{ID: id, Visit: id, Office: q.Office, Queue: queue, Day: day, Series: q.Prefix, N: n, Number: ticket.Number(q.Prefix, n),
		State: ticket.Waiting, Class: class, Arrival: s.now, Due: s.now, Joined: -1}
}

// issue gives a walk-in's ticket.
func (s *story) issue(queue string, edits ...func(*ticket.Ticket)) string {
	t := s.fresh(queue, ticket.WalkIn)
	for _, edit := range edits {
		edit(&t)
	}
	s.tell(t.Office, event.TicketKind("issue"), "", "", nil, event.Images{Tickets: []ticket.Ticket{t}})
	return t.ID
}

// book confirms a booking of some minutes.
func (s *story) book(queue string, start time.Time, minutes int) string {
	s.ids++
	o := s.cat.Queue(queue).Office
	b := booking.Booking{ID: fmt.Sprintf("b%d", s.ids), Reference: fmt.Sprintf("REF%d", s.ids), Office: o, Queue: queue,
		Day: s.cat.Office(o).Day(start), State: booking.Confirmed, Start: start, End: start.Add(time.Duration(minutes) * time.Minute), Made: s.now}
	s.tell(o, event.KindConfirmed, "", "", nil, event.Images{Bookings: []booking.Booking{b}})
	return b.ID
}

// arrive checks a booking in.
func (s *story) arrive(id string) string {
	b := s.bookings[id]
	t := s.fresh(b.Queue, ticket.Booked)
	t.Booking, t.Start = id, b.Start
	p, err := ticket.Join(ticket.Joining{Arrival: s.now, Class: ticket.Booked, Start: b.Start, Rules: s.cat.Queue(b.Queue).Rules})
	if err != nil {
		panic(err)
	}
	t.Class, t.Due, t.Callable = p.Class, p.Due, p.Callable
	b.State, b.Ticket = booking.CheckedIn, t.ID
	s.tell(b.Office, event.TicketKind("check_in"), "", "", nil, event.Images{Tickets: []ticket.Ticket{t}, Bookings: []booking.Booking{b}})
	return t.ID
}

// move makes a move by the table, at a counter or at none.
func (s *story) move(t ticket.Ticket, m ticket.Move, at, reason string, detail any, edit func(*ticket.Ticket)) ticket.Ticket {
	was := t
	to, err := ticket.Next(t.State, m)
	if err != nil {
		panic(err)
	}
	t.State = to
	var im event.Images
	switch to {
	case ticket.Called:
		t.Counter, t.CalledAt = at, s.now
	case ticket.Serving:
		t.Counter, t.ServingAt = at, s.now
	case ticket.Waiting:
		t.Counter, t.CalledAt, t.ServingAt = "", time.Time{}, time.Time{}
	}
	if t.State.Final() {
		t.EndedAt = s.now
		if b, ok := s.bookings[t.Booking]; ok {
			b.State = booking.Fulfilled
			if to == ticket.Unserved {
				b.State = booking.Unserved
			}
			im.Bookings = []booking.Booking{b}
		}
	}
	if edit != nil {
		edit(&t)
	}
	if sh, ok := s.shifts[was.Counter]; ok && sh.Ticket == t.ID {
		sh.Ticket = ""
		im.Shifts = []counter.Shift{sh}
	}
	if t.State == ticket.Called || t.State == ticket.Serving {
		sh := s.shifts[at]
		sh.Ticket = t.ID
		im.Shifts = append(slices.DeleteFunc(im.Shifts, func(x counter.Shift) bool { return x.Counter == at }), sh)
	}
	im.Tickets = []ticket.Ticket{t}
	e := s.tell(t.Office, event.TicketKind(string(m)), at, reason, detail, im)
	return e.Images.Tickets[0]
}

// next calls the first of the counter's first line that has one.
func (s *story) next(at string) string {
	for _, q := range s.shifts[at].Queues {
		if line := s.lines[q.Queue]; len(line) > 0 {
			return s.move(s.tickets[line[0]], ticket.Call, at, "", nil, nil).ID
		}
	}
	return ""
}

func (s *story) do(id string, m ticket.Move, at string) { s.move(s.tickets[id], m, at, "", nil, nil) }

// aDay is a valid history of two days: walk-ins, bookings, calls, an undo, leased numbers, a close.
func aDay() *story {
	s := newStory("Asia/Macau", morning, "main", "other")
	s.begin("main")
	s.begin("other")
	b := s.book("main-card", morning.Add(30*time.Minute), 15)
	s.book("main-card", morning.Add(45*time.Minute), 15)
	s.counter("main", "main-1", "main-card")
	s.counter("main", "main-2", "main-card", "main-deeds")
	for range 5 {
		s.issue("main-card")
		s.issue("other-card")
		s.pass(time.Minute)
	}
	s.issue("main-deeds")
	s.arrive(b)
	s.pass(26 * time.Minute)
	for range 2 {
		first, second := s.next("main-1"), s.next("main-2")
		s.pass(time.Minute)
		s.do(first, ticket.Start, "main-1")
		s.pass(time.Minute)
		s.do(second, ticket.Start, "main-2")
		s.do(first, ticket.Finish, "main-1")
		s.do(second, ticket.Park, "main-2")
		s.do(second, ticket.Resume, "main-2")
		s.do(second, ticket.Finish, "main-2")
	}
	s.undoneCall("main-1")
	s.leased("main-card", 9001, 9003)
	s.next("main-1")
	s.pass(24 * time.Hour)
	s.turn("main")
	s.turn("other")
	s.counter("main", "main-1", "main-card")
	s.issue("main-card")
	s.next("main-1")
	return s
}

// undoneCall calls somebody and takes it back.
func (s *story) undoneCall(at string) {
	was, sh := s.tickets[s.lines["main-card"][0]], s.shifts[at]
	s.next(at)
	last := s.seq["main"]
	s.tell("main", event.KindUndo, at, "", map[string]any{"first": last, "last": last, "kind": "ticket.call"},
		event.Images{Tickets: []ticket.Ticket{was}, Shifts: []counter.Shift{sh}})
}

// leased enters one paper of a block and voids the others.
func (s *story) leased(queue string, from, to int) {
	t := s.fresh(queue, ticket.WalkIn)
	q := s.cat.Queue(queue)
	s.numbers[string(t.Day)+q.Office+q.Prefix]--
	t.Series, t.N, t.Number = q.Prefix+"/lease", from+1, ticket.Number(q.Prefix, from+1)
	s.tell(q.Office, event.TicketKind("admit"), "", "", nil, event.Images{Tickets: []ticket.Ticket{t}})
	var void []event.Void
	for n := from; n <= to; n++ {
		if n != t.N {
			void = append(void, event.Void{Day: t.Day, Series: t.Series, N: n, Reason: "unused"})
		}
	}
	s.tell(q.Office, event.KindClosure, "", "", nil, event.Images{Void: void})
}

func auditor(s *story) *audit.Auditor { return audit.New(audit.Config{Catalogue: s.cat}) }

// found feeds a history to its end.
func found(s *story, acks ...audit.Ack) []audit.Finding {
	a := auditor(s)
	a.Acked(acks...)
	for _, e := range s.events {
		a.Feed(e)
	}
	a.Close(s.now)
	return a.Findings()
}

func clean(t *testing.T, findings []audit.Finding) {
	t.Helper()
	for _, f := range findings[:min(len(findings), 5)] {
		t.Errorf("a false alarm, one of %d: %s", len(findings), f)
	}
}

// caught wants the first finding to be of an invariant, about something.
func caught(t *testing.T, findings []audit.Finding, want audit.Invariant, subject string) {
	t.Helper()
	if len(findings) == 0 {
		t.Errorf("nothing is found, want %s", want)
		return
	}
	if f := findings[0]; f.Invariant != want || subject != "" && f.Subject != subject {
		t.Errorf("found %v, want %s about %q", findings, want, subject)
	}
}

// at finds the n-th event of a kind, from 0.
func (s *story) at(kind string, n int) int {
	for i := range s.events {
		if string(s.events[i].Kind) == kind {
			if n == 0 {
				return i
			}
			n--
		}
	}
	panic("no event " + kind)
}

// drop takes an event out as if it had never been, numbering the later ones anew.
func (s *story) drop(i int) {
	gone := s.events[i]
	s.events = slices.Delete(s.events, i, i+1)
	for k := i; k < len(s.events); k++ {
		e := &s.events[k]
		if e.Office != gone.Office {
			continue
		}
		e.Seq--
		e.Images = clone(e.Images)
		for j := range e.Images.Tickets {
			e.Images.Tickets[j].Seq--
		}
		for j := range e.Images.Bookings {
			e.Images.Bookings[j].Seq--
		}
		for j := range e.Images.Shifts {
			e.Images.Shifts[j].Seq--
		}
	}
}

func clone(im event.Images) event.Images {
	im.Tickets, im.Bookings, im.Shifts = slices.Clone(im.Tickets), slices.Clone(im.Bookings), slices.Clone(im.Shifts)
	return im
}

package simtest

import (
	"slices"
	"time"
)

// answer is what a counter's console shows.
type answer struct {
	desk    *desk
	changed *person
}

// move is a counter's command being made.
type move struct {
	o       *oracle
	d       *desk
	u       undo
	changed *person
}

// at begins a command of a clerk at a counter.
func (o *oracle) at(n int) *move {
	o.today()
	return &move{o: o, d: o.desks[n]}
}

// ready refuses whoever does not hold the shift, and a hall that stands still.
func (m *move) ready(clerk string) string {
	switch {
	case m.d.state == "closed":
		return "counter_closed"
	case m.d.clerk != clerk:
		return "counter_taken"
	case !m.o.pausedAt.IsZero():
		return "hall_paused"
	}
	return ""
}

// opened refuses where nobody is at the counter.
func (m *move) opened(clerk string) string {
	if no := m.ready(clerk); no != "" {
		return no
	}
	if m.d.ticket == nil {
		return "nothing_open"
	}
	return ""
}

// taking refuses where somebody is at the counter, or nobody may come to it.
func (m *move) taking(clerk string) string {
	if no := m.ready(clerk); no != "" {
		return no
	}
	return m.free()
}

func (m *move) free() string {
	switch {
	case m.d.ticket != nil:
		return "counter_busy"
	}
	return m.d.closed()
}

// closed tells why nobody may come to a counter that is not open.
func (d *desk) closed() string {
	return map[string]string{"closed": "counter_closed", "break": "counter_on_break", "closing": "counter_closing"}[d.state]
}

// keep remembers a row as it was before the command.
func (m *move) keep(p *person) {
	for _, k := range m.u.people {
		if k.row == p {
			return
		}
	}
	m.u.people = append(m.u.people, kept[person]{p, *p})
	if p.booking == nil {
		return
	}
	m.u.promises = append(m.u.promises, kept[promise]{p.booking, *p.booking})
}

func (m *move) keepDesk(d *desk) {
	for _, k := range m.u.desks {
		if k.row == d {
			return
		}
	}
	m.u.desks = append(m.u.desks, kept[desk]{d, *d})
}

// record makes one move of a ticket at the counter: where it is afterwards.
func (m *move) record(p *person, open, writing bool) {
	m.keepDesk(m.d)
	m.o.tick++
	if m.u.first == 0 {
		m.u.first = m.o.tick
	}
	p.touched, m.d.touched = m.o.tick, m.o.tick
	m.d.writing = writing
	switch {
	case open:
		m.d.ticket = p
	case m.d.ticket == p:
		m.d.ticket = nil
		if m.d.state == "closing" {
			m.d.state, m.d.queues = "closed", nil
		}
	}
	m.u.last = m.o.tick
	m.changed = p
}

// done keeps the undo of a command that moved something.
func (m *move) done() (answer, string) {
	if m.u.first > 0 {
		m.u.at = m.o.machine
		m.d.undo = &m.u
	}
	return answer{m.d, m.changed}, ""
}

func refused(code string) (answer, string) { return answer{}, code }

// open opens a counter, or gives an open one another list.
func (o *oracle) open(n int, clerk string, queues []string) (answer, string) {
	m := o.at(n)
	d := m.d
	if d.state != "closed" && d.clerk != clerk {
		return refused("counter_taken")
	}
	was := d.state
	o.tick++
	d.state, d.clerk, d.writing, d.touched = "open", clerk, false, o.tick
	if was == "closed" || len(queues) > 0 {
		d.queues = queues
		if len(queues) == 0 {
			d.queues = d.bench.queues
		}
	}
	return m.done()
}

// shut closes a counter, after this one if asked for.
func (o *oracle) shut(n int, clerk string, after, manager bool) (answer, string) {
	m := o.at(n)
	d := m.d
	if d.state == "closed" {
		return refused("counter_closed")
	}
	if !manager && d.clerk != clerk {
		return refused("counter_taken")
	}
	if d.ticket != nil {
		switch {
		case after && d.state == "open":
			o.tick++
			d.state, d.touched = "closing", o.tick
			return m.done()
		case after:
			return refused(d.closed())
		case !manager:
			return refused("counter_busy")
		}
		m.putBack(d.ticket)
		m.u.first, d.undo = 0, nil // it was not the clerk's own move
		if d.state == "closed" {
			return m.done()
		}
	}
	o.tick++
	d.state, d.queues, d.writing, d.touched = "closed", nil, false, o.tick
	return m.done()
}

// rest begins a break, or ends it.
func (o *oracle) rest(n int, clerk string, begin bool) (answer, string) {
	m := o.at(n)
	d := m.d
	switch {
	case d.state == "closed":
		return refused("counter_closed")
	case d.clerk != clerk:
		return refused("counter_taken")
	case begin && d.ticket != nil:
		return refused("counter_busy")
	case begin && d.state != "open":
		return refused(d.closed())
	case !begin && d.state == "open":
		return refused("counter_open")
	}
	o.tick++
	d.state, d.touched = "open", o.tick
	if begin {
		d.state = "break"
	}
	return m.done()
}

// next calls whoever's turn it is.
func (o *oracle) next(n int, clerk, finish string, miss bool) (answer, string) {
	m := o.at(n)
	if no := m.ready(clerk); no != "" {
		return refused(no)
	}
	if p := m.d.ticket; p != nil {
		switch {
		case miss && p.state == "called":
			if no := m.miss(); no != "" {
				return refused(no)
			}
		case finish != "" && p.state == "serving":
			m.finish(finish)
		}
	}
	if m.d.ticket != nil {
		return refused("counter_busy")
	}
	if m.d.state == "closed" {
		return m.done()
	}
	if m.d.state != "open" {
		return refused(m.d.closed())
	}
	if p := o.turn(m.d); p != nil {
		m.call(p, o.now.Before(p.told()))
	}
	return m.done()
}

// turn finds whose turn it is: of each queue of the counter's list the first
// who may be called; the list decides between them.
func (o *oracle) turn(d *desk) *person {
	for _, again := range []bool{false, true} {
		for _, q := range d.queues {
			if p := o.first(d, q, again); p != nil {
				return p
			}
		}
	}
	return nil
}

// first is the first of a queue who may be called to a counter. Who let an
// invitation pass is asked again before the time told only when nobody else is there.
func (o *oracle) first(d *desk, queue string, again bool) *person {
	line := slices.DeleteFunc(o.waiting(queue), func(p *person) bool { return !o.serves(d, p) })
	for _, p := range line {
		if !p.asked.IsZero() && o.now.Before(p.told()) && !again {
			continue
		}
		if lineOf(queue).filing || !o.now.Before(p.callable) || o.fair(p, line) {
			return p
		}
	}
	return nil
}

// fair tells whether a booked one may be called early: nobody took a place
// before, or it would stand first without a booking.
func (o *oracle) fair(p *person, line []*person) bool {
	unbooked := func(p *person) time.Time { return later(p.due, p.arrival.Add(-p.head)) }
	first, firstUnbooked := true, true
	for _, q := range line {
		first = first && !q.since().Before(p.since())
		firstUnbooked = firstUnbooked && !unbooked(q).Before(unbooked(p))
	}
	return first || firstUnbooked
}

// serves tells whether a counter meets the needs of a ticket: hard ones always,
// soft ones unless another open counter does and five minutes are not over.
func (o *oracle) serves(d *desk, p *person) bool {
	for _, need := range p.needs {
		if slices.Contains(d.bench.offers, need) {
			continue
		}
		if need == "low_desk" || need == "sign" || need == "loop" {
			return false
		}
		for _, other := range o.desks {
			if other != d && other.state == "open" && slices.Contains(other.bench.offers, need) && o.now.Sub(p.since()) < 5*time.Minute {
				return false
			}
		}
	}
	return true
}

// call calls a ticket and marks the dormant ones it overtakes.
func (m *move) call(p *person, invited bool) {
	m.keep(p)
	p.state, p.counter, p.calledAt, p.invited = "called", m.d.bench.id, m.o.now, invited
	m.record(p, true, false)
	for _, q := range m.o.people {
		if q.state == "remote" && q.queue == p.queue && q.day == p.day && q.passed.IsZero() && q.due.Before(p.due) {
			m.keep(q)
			q.passed, q.touched = m.o.now, m.o.tick
		}
	}
}

// callThis calls one out of turn, with a named reason.
func (o *oracle) callThis(n int, clerk string, p *person, reason string) (answer, string) {
	m := o.at(n)
	if no := m.taking(clerk); no != "" {
		return refused(no)
	}
	if no := m.outOfTurn(p, reason); no != "" {
		return refused(no)
	}
	return m.done()
}

func (m *move) outOfTurn(p *person, reason string) string {
	switch {
	case lineOf(p.queue).filing:
		return "filing_order"
	case reason == "":
		return "reason_needed"
	case reason == "because":
		return "unknown_reason"
	case p.state != "waiting":
		return "illegal_move"
	}
	m.call(p, m.o.now.Before(p.told()))
	return ""
}

// verb makes a simple move of the open ticket.
func (o *oracle) verb(n int, clerk, verb string) (answer, string) {
	m := o.at(n)
	if no := m.opened(clerk); no != "" {
		return refused(no)
	}
	p := m.d.ticket
	no := ""
	switch verb {
	case "recall":
		if no = onlyIn(p, "called"); no == "" {
			m.keep(p)
			m.record(p, true, false)
		}
	case "start":
		if no = onlyIn(p, "called"); no == "" {
			m.start(p)
		}
	case "miss":
		no = m.miss()
	case "park":
		if no = onlyIn(p, "serving"); no == "" {
			m.keep(p)
			p.state = "parked"
			m.record(p, false, true)
		}
	default: // an outcome
		if no = onlyIn(p, "serving"); no == "" {
			m.finish(verb)
		}
	}
	if no != "" {
		return refused(no)
	}
	return m.done()
}

func onlyIn(p *person, states ...string) string {
	if !slices.Contains(states, p.state) {
		return "illegal_move"
	}
	return ""
}

func (m *move) start(p *person) {
	m.keep(p)
	p.state, p.counter, p.missedAt = "serving", m.d.bench.id, time.Time{}
	m.record(p, true, false)
}

func (m *move) finish(outcome string) {
	p := m.d.ticket
	m.keep(p)
	p.state, p.outcome, p.ended = "done", outcome, m.o.now
	m.record(p, false, true)
	m.o.follow(p)
}

// miss opens a minute after the first call, two for who needs more time; an
// invitation that nobody answered costs nothing.
func (m *move) miss() string {
	p := m.d.ticket
	if p.state != "called" {
		return "illegal_move"
	}
	wait := time.Minute
	if slices.Contains(p.needs, "more_time") {
		wait = 2 * time.Minute
	}
	if m.o.now.Before(p.calledAt.Add(wait)) {
		return "miss_too_soon"
	}
	m.keep(p)
	if p.invited {
		p.state, p.counter, p.calledAt, p.invited, p.asked = "waiting", "", time.Time{}, false, m.o.now
	} else {
		p.state, p.missedAt = "missed", m.o.now
	}
	m.record(p, false, false)
	return ""
}

// putBack returns a ticket to its line: a missed one with its due within the
// grace; in filing order only a called one keeps its place.
func (m *move) putBack(p *person) string {
	if no := onlyIn(p, "called", "serving", "parked", "missed"); no != "" {
		return no
	}
	m.keep(p)
	filing, due := lineOf(p.queue).filing, p.due
	if p.state == "missed" && m.o.now.Sub(p.missedAt) > 30*time.Minute || filing && p.state != "called" {
		due = m.o.now
	}
	m.o.back(p, due)
	joinedAnew := p.joined == m.o.tick
	m.record(p, false, false)
	if joinedAnew {
		p.joined = m.o.tick
	}
	return ""
}

// giveBack returns the open ticket, or one that was set aside.
func (o *oracle) giveBack(n int, clerk string, p *person) (answer, string) {
	m := o.at(n)
	if no := m.ready(clerk); no != "" {
		return refused(no)
	}
	switch {
	case p == nil && m.d.ticket == nil:
		return refused("nothing_open")
	case p == nil:
		p = m.d.ticket
	case (p.state == "called" || p.state == "serving") && m.d.ticket != p:
		return refused("not_yours")
	}
	if no := m.putBack(p); no != "" {
		return refused(no)
	}
	return m.done()
}

// take brings a named ticket to a free counter: resume, reopen, take over, or
// start one that this counter missed.
func (o *oracle) take(n int, clerk string, p *person, verb string) (answer, string) {
	m := o.at(n)
	if no := m.taking(clerk); no != "" {
		return refused(no)
	}
	var no string
	switch verb {
	case "resume":
		if no = onlyIn(p, "parked"); no == "" {
			m.start(p)
		}
	case "reopen":
		if no = onlyIn(p, "done"); no == "" && p.day != o.day {
			no = "illegal_move"
		}
		if no == "" {
			m.start(p)
			p.outcome, p.ended = "", time.Time{}
			o.follow(p)
		}
	case "start":
		if no = onlyIn(p, "called", "missed"); no == "" && p.counter != m.d.bench.id {
			no = "not_yours"
		}
		if no == "" {
			m.start(p)
		}
	case "take over":
		if no = onlyIn(p, "called", "serving"); no == "" {
			m.takeOver(p)
		}
	}
	if no != "" {
		return refused(no)
	}
	return m.done()
}

func (m *move) takeOver(p *person) {
	m.keep(p)
	m.keepDesk(m.d)
	p.counter = m.d.bench.id
	for _, other := range m.o.desks {
		if other.ticket != p {
			continue
		}
		m.keepDesk(other)
		other.ticket = nil
		if other.state == "closing" {
			other.state, other.queues = "closed", nil
		}
		other.touched = m.o.tick + 1 // by the same move
	}
	m.record(p, true, false)
}

// isHere starts the one who stands at the counter, and puts back the called one.
func (o *oracle) isHere(n int, clerk string, p *person) (answer, string) {
	m := o.at(n)
	if no := m.ready(clerk); no != "" {
		return refused(no)
	}
	if m.d.state != "open" {
		return refused(m.d.closed())
	}
	if no := onlyIn(p, "waiting", "missed"); no != "" {
		return refused(no)
	}
	if p.state == "waiting" && lineOf(p.queue).filing && (m.d.ticket == nil || m.d.ticket.state == "called") {
		return refused("filing_order")
	}
	if d := m.d.ticket; d != nil {
		if d.state != "called" {
			return refused("counter_busy")
		}
		m.putBack(d)
	}
	if p.state == "waiting" {
		m.outOfTurn(p, "present")
	}
	m.start(p)
	return m.done()
}

// serveHere gives somebody without a ticket a number and starts.
func (o *oracle) serveHere(n int, clerk, service string) (answer, string) {
	m := o.at(n)
	if no := m.taking(clerk); no != "" {
		return refused(no)
	}
	p := o.issued(lineFor(service), &person{service: service, class: "walkin", state: "serving", due: o.now, counter: m.d.bench.id})
	m.record(p, true, false)
	p.joined = o.tick
	m.u.issued = p
	return m.done()
}

// transfer sends the open ticket to another queue.
func (o *oracle) transfer(n int, clerk, queue, place, reason string) (answer, string) {
	m := o.at(n)
	if no := m.opened(clerk); no != "" {
		return refused(no)
	}
	p, to := m.d.ticket, lineOf(queue)
	switch {
	case place == "front" && (to.filing || lineOf(p.queue).filing):
		return refused("filing_order")
	case place == "front" && reason == "":
		return refused("reason_needed")
	case reason == "because":
		return refused("unknown_reason")
	case p.state != "serving":
		return refused("illegal_move")
	}
	m.keep(p)
	due := p.due
	switch {
	case place == "front":
		due = o.now.Add(-24 * time.Hour)
	case place == "end":
		due = o.now
	case to.filing && p.queue == queue: // as if it were put back
		due = o.now
	case to.filing:
		due = p.arrival
	}
	p.queue = queue
	if lineFor(p.service) != to {
		p.service = ""
	}
	m.elsewhere(p, due)
	return m.done()
}

// carryOn ends the present service; the visit's next one begins in its queue.
func (o *oracle) carryOn(n int, clerk, service string) (answer, string) {
	m := o.at(n)
	if no := m.opened(clerk); no != "" {
		return refused(no)
	}
	p := m.d.ticket
	if no := onlyIn(p, "serving"); no != "" {
		return refused(no)
	}
	m.keep(p)
	p.queue, p.service = lineFor(service).id, service
	m.elsewhere(p, o.now)
	return m.done()
}

// elsewhere puts the open ticket into another line.
func (m *move) elsewhere(p *person, due time.Time) {
	m.o.back(p, due)
	p.callable = time.Time{}
	m.record(p, false, false)
	p.joined = m.o.tick
}

// takeBack undoes the last move of a counter.
func (o *oracle) takeBack(n int, clerk string) (answer, string) {
	m := o.at(n)
	u := m.d.undo
	if !o.pausedAt.IsZero() {
		return refused("hall_paused")
	}
	if u == nil || o.machine.Sub(u.at) > 15*time.Second {
		return refused("nothing_to_undo")
	}
	if m.d.clerk != clerk {
		return refused("counter_taken")
	}
	for _, k := range u.people {
		moved := k.row.touched < u.first || k.row.touched > u.last
		switch {
		case k.row.day != o.day:
			return refused("nothing_to_undo")
		case moved && k.was.state != "remote":
			return refused("moved_on")
		}
	}
	for _, k := range u.desks {
		if k.row.touched < u.first || k.row.touched > u.last {
			return refused("moved_on")
		}
	}
	o.tick++
	var restored *person
	for _, k := range u.people {
		if k.row.touched >= u.first && k.row.touched <= u.last {
			*k.row = k.was
			k.row.touched = o.tick
			if restored == nil {
				restored = k.row
			}
		}
	}
	for _, k := range u.promises {
		*k.row = k.was
	}
	for _, k := range u.desks {
		mark := k.row.undo
		*k.row = k.was
		k.row.touched, k.row.undo = o.tick, mark
	}
	if p := u.issued; p != nil { // its number is void
		p.state, p.ended, p.counter, p.touched = "cancelled", o.now, "", o.tick
		if restored == nil {
			restored = p
		}
	}
	m.d.undo = nil
	return answer{m.d, restored}, ""
}

package simtest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// person is a ticket as the oracle keeps it.
type person struct {
	series  string
	n       int
	queue   string
	service string
	class   string // walkin, booked, late, remote, pass
	state   string
	day     string
	booking *promise
	holder  string
	head    time.Duration
	needs   []string

	arrival, due, start, callable time.Time
	joined                        int
	counter                       string
	calledAt, missedAt, passed    time.Time
	asked, ended                  time.Time
	invited, stepped              bool
	outcome                       string
	touched                       int // when it was last moved
}

func (p *person) number() string { return fmt.Sprintf("%s%03d", p.series, p.n) }

func (p *person) final() bool {
	return p.state == "done" || p.state == "cancelled" || p.state == "expired" || p.state == "unserved"
}

// since is when it took its place, told until when its holder need not be there.
func (p *person) since() time.Time { return later(p.arrival, p.due) }

func (p *person) told() time.Time {
	if p.class == "booked" {
		return p.start
	}
	return time.Time{}
}

// promise is a booking; rest is one that only keeps the cells a rescheduled one left.
type promise struct {
	service, state, holder string
	start, end, made       time.Time
	heldUntil, freeAt      time.Time
	extended               int
	freed, rest            bool
	ticket                 *person
}

func (b *promise) day() string { return dayOf(b.start) }

// desk is a counter's shift.
type desk struct {
	bench   bench
	state   string // closed, open, break, closing
	clerk   string
	queues  []string
	ticket  *person
	writing bool
	touched int
	undo    *undo
}

// undo is how the rows of a counter's last move were before it.
type undo struct {
	first, last int
	at          time.Time
	people      []kept[person]
	promises    []kept[promise]
	desks       []kept[desk]
	issued      *person
}

type kept[T any] struct {
	row *T
	was T
}

type closure struct {
	from, to time.Time
	queue    string
}

// oracle is the whole world once more, without the rooms.
type oracle struct {
	now     time.Time // house time
	machine time.Time

	day      string
	pausedAt time.Time
	pauses   [][2]time.Time
	closures []closure
	people   []*person
	promises []*promise
	desks    []*desk
	numbers  map[string]int
	passes   map[granted]bool // used
	tick     int              // moves so far

}

func newOracle(now time.Time) *oracle {
	o := &oracle{now: now, machine: now, numbers: map[string]int{}, passes: map[granted]bool{}}
	for _, b := range benches {
		o.desks = append(o.desks, &desk{bench: b, state: "closed"})
	}
	return o
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func dayOf(t time.Time) string { return t.In(macau).Format(time.DateOnly) }

func midnight(day string) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, day, macau)
	if err != nil {
		panic(err)
	}
	return t
}

// openings are the times a queue ("" for the hall) is open on a day.
func (o *oracle) openings(queue, day string) [][2]time.Time {
	at := midnight(day)
	open := [][2]time.Time{{at.Add(opensAt), at.Add(closesAt)}}
	for _, c := range o.closures {
		if c.queue != "" && c.queue != queue {
			continue
		}
		var left [][2]time.Time
		for _, i := range open {
			if before := [2]time.Time{i[0], earlier(i[1], c.from)}; before[0].Before(before[1]) {
				left = append(left, before)
			}
			if after := [2]time.Time{later(i[0], c.to), i[1]}; after[0].Before(after[1]) {
				left = append(left, after)
			}
		}
		open = left
	}
	return open
}

// today closes the days that are over before anything else happens.
func (o *oracle) today() {
	today := dayOf(o.now)
	if o.day >= today {
		return
	}
	if o.day != "" {
		o.closeDay(today)
		o.goOn()
	}
	o.day, o.pausedAt = today, time.Time{}
	o.closures = slices.DeleteFunc(o.closures, func(c closure) bool { return !c.to.After(o.now) })
}

func (o *oracle) closeDay(today string) {
	for _, p := range o.people {
		if p.day != o.day || p.final() {
			continue
		}
		switch p.state {
		case "waiting", "parked":
			o.end(p, "unserved")
		case "serving":
			p.outcome = "unrecorded"
			o.end(p, "done")
		default:
			o.end(p, "expired")
		}
	}
	for _, d := range o.desks {
		if d.state != "closed" {
			o.tick++
			d.state, d.queues, d.ticket, d.writing, d.touched = "closed", nil, nil, false, o.tick
		}
	}
	for _, b := range o.promises {
		if b.day() < o.day || b.day() >= today {
			continue
		}
		switch b.state {
		case "confirmed":
			b.state = "missed"
		case "held":
			b.state, b.freed = "lapsed", true
		}
	}
}

// end brings a ticket to a final state; its booking goes along and its counter lets go.
func (o *oracle) end(p *person, state string) {
	o.leave(p)
	o.tick++
	p.state, p.ended, p.touched = state, o.now, o.tick
	o.follow(p)
}

// follow moves the booking with its ticket. Leaving later is no miss.
func (o *oracle) follow(p *person) {
	if p.booking == nil {
		return
	}
	switch p.state {
	case "unserved":
		p.booking.state = "unserved"
	case "done", "expired", "cancelled":
		p.booking.state = "fulfilled"
	default:
		p.booking.state = "checked_in"
	}
}

// leave lets a counter go of a ticket that somebody else moves.
func (o *oracle) leave(p *person) {
	for _, d := range o.desks {
		if d.ticket == p {
			o.tick++
			d.ticket, d.touched = nil, o.tick
			if d.state == "closing" {
				d.state, d.queues = "closed", nil
			}
		}
	}
}

// waiting is a queue's line, in order.
func (o *oracle) waiting(queue string) []*person {
	var out []*person
	for _, p := range o.people {
		if p.state == "waiting" && p.queue == queue && p.day == o.day {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b *person) int { return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.joined, b.joined)) })
	return out
}

// join puts a ticket into the line.
func (o *oracle) join(p *person, due time.Time) {
	o.tick++
	p.state, p.due, p.joined, p.touched = "waiting", due, o.tick, o.tick
}

// issued gives a new ticket its number.
func (o *oracle) issued(l *line, p *person) *person {
	o.numbers[o.day+l.prefix]++
	p.series, p.n, p.queue, p.day, p.arrival = l.prefix, o.numbers[o.day+l.prefix], l.id, o.day, o.now
	o.people = append(o.people, p)
	return p
}

// headStart is that of a declared priority.
func headStart(l *line, priority bool) time.Duration {
	if priority && !l.filing {
		return 30 * time.Minute
	}
	return 0
}

// issue gives a walk-in's ticket, or one from afar.
func (o *oracle) issue(service string, remote, priority bool, needs []string, holder string) (*person, string) {
	l := lineFor(service)
	o.today()
	if !o.pausedAt.IsZero() {
		return nil, "hall_paused"
	}
	if remote && l.filing {
		return nil, "filing_order"
	}
	open := o.openings(l.id, o.day)
	if len(open) == 0 || o.now.Before(open[0][0]) || !o.now.Before(open[len(open)-1][1].Add(-lastIssue)) {
		return nil, o.noTickets(l.id)
	}
	walkIns, mine := 0, false
	for _, p := range o.people {
		if p.queue != l.id || p.day != o.day {
			continue
		}
		if p.class == "walkin" || p.class == "remote" {
			walkIns++
		}
		mine = mine || holder != "" && p.holder == holder && !p.final()
	}
	if l.limit > 0 && walkIns >= l.limit {
		return nil, "queue_full"
	}
	if mine {
		return nil, "already_in_line"
	}
	p := o.issued(l, &person{service: service, class: "walkin", head: headStart(l, priority), needs: needs, holder: holder})
	o.join(p, o.now.Add(-p.head))
	if remote {
		p.class, p.state = "remote", "remote"
	}
	return p, ""
}

// noTickets is why a queue that is not open gives no tickets: the hall is shut
// as long as the queue is, or the queue alone.
func (o *oracle) noTickets(queue string) string {
	inside := slices.ContainsFunc(o.openings("", o.day), func(i [2]time.Time) bool { return !o.now.Before(i[0]) && o.now.Before(i[1]) })
	next := o.nextOpening(queue)
	switch {
	case next.IsZero():
		return "closed_for_now"
	case inside || !next.Equal(o.nextOpening("")):
		return "queue_closed"
	}
	return "office_closed"
}

// nextOpening is when a queue ("" for the hall) opens within thirty days.
func (o *oracle) nextOpening(queue string) time.Time {
	for n := range 31 {
		for _, i := range o.openings(queue, midnight(o.day).AddDate(0, 0, n).Format(time.DateOnly)) {
			if !i[0].Before(o.now) {
				return i[0]
			}
		}
	}
	return time.Time{}
}

// checkIn turns a booking into a ticket.
func (o *oracle) checkIn(b *promise, priority bool, needs []string) (*person, string) {
	o.today()
	switch b.state {
	case "held", "lapsed":
		return nil, "unknown"
	case "cancelled", "displaced":
		return nil, "cancelled"
	case "checked_in", "fulfilled", "unserved":
		return nil, "used"
	}
	l := lineFor(b.service)
	if b.day() != dayOf(o.now) {
		return nil, "wrong_day"
	}
	if o.early(l) {
		return nil, "early"
	}
	behind, refused := 10*time.Minute, 30*time.Minute
	hall := time.Duration(0)
	for i, p := range o.waiting(l.id) {
		if i < 32 && p.class == "booked" && !p.stepped && (l.filing || !p.callable.IsZero()) { // who came from elsewhere, or waits by their own wish, tells nothing
			hall = max(hall, o.now.Sub(p.start))
		}
	}
	if hall >= 20*time.Minute { // if the hall runs late, so may the booked
		behind, refused = max(behind, hall), max(refused, hall)
	}
	late := o.now.Sub(b.start)
	late -= o.stood(b.start) // while the hall stands still nobody is late
	if late > refused || b.state == "missed" {
		return nil, "late"
	}
	if !o.pausedAt.IsZero() {
		return nil, "hall_paused"
	}
	p := o.issued(l, &person{service: b.service, class: "booked", booking: b, start: b.start, head: headStart(l, priority), needs: needs})
	due := o.now.Add(-p.head)
	switch {
	case late > behind:
		p.class = "late"
	case !l.filing:
		due = earlier(due, b.start.Add(-max(p.head, time.Hour)))
		p.callable = b.start.Add(-5 * time.Minute)
	}
	if l.filing {
		due = o.now
	}
	o.join(p, due)
	b.state, b.ticket = "checked_in", p
	return p, ""
}

// early tells that the doors are not open yet.
func (o *oracle) early(l *line) bool {
	var from time.Time
	for _, open := range [][][2]time.Time{o.openings("", dayOf(o.now)), o.openings(l.id, dayOf(o.now))} {
		if len(open) > 0 && (from.IsZero() || open[0][0].Before(from)) {
			from = open[0][0]
		}
	}
	return o.now.Before(from)
}

// activate wakes a ticket from afar by its code.
func (o *oracle) activate(p *person, priority bool, needs []string) (*person, string) {
	o.today()
	switch p.state {
	case "remote", "expired":
	case "cancelled":
		return nil, "cancelled"
	default:
		return nil, "used"
	}
	if p.day != dayOf(o.now) {
		return nil, "wrong_day"
	}
	if o.early(lineOf(p.queue)) {
		return nil, "early"
	}
	if p.state == "expired" {
		return nil, "late"
	}
	if !o.pausedAt.IsZero() {
		return nil, "hall_paused"
	}
	due := p.due
	if !p.passed.IsZero() && o.now.Sub(p.passed) > 10*time.Minute {
		due = o.now
	}
	if p.head == 0 {
		p.head = headStart(lineOf(p.queue), priority)
		due = due.Add(-p.head)
	}
	o.rejoin(p, due)
	if len(needs) > 0 {
		p.needs = needs
	}
	return p, ""
}

// granted is what a pass was given for: a ticket's end, to the second.
type granted struct {
	of    *person
	ended int64
}

// mayReturn tells whether a ticket's end gives a pass.
func (p *person) mayReturn() bool {
	return p.state == "unserved" || p.state == "done" && p.outcome == "incomplete"
}

// usePass takes a return pass of a ticket: it counts as a booking in time.
func (o *oracle) usePass(of *person, ended time.Time, queue string, until time.Time, priority bool, needs []string) (*person, string) {
	o.today()
	l := lineOf(queue)
	switch {
	case o.passes[granted{of, ended.Unix()}]:
		return nil, "used"
	case !of.mayReturn() || of.ended.Unix() != ended.Unix():
		return nil, "cancelled"
	case o.now.After(until):
		return nil, "pass_expired"
	case o.early(l):
		return nil, "early"
	case !o.pausedAt.IsZero():
		return nil, "hall_paused"
	}
	p := o.issued(l, &person{class: "pass", head: headStart(l, priority), needs: needs})
	due := o.now
	if !l.filing {
		due = o.now.Add(-max(p.head, time.Hour))
		p.callable = o.now.Add(-5 * time.Minute)
	}
	o.join(p, due)
	o.passes[granted{of, ended.Unix()}] = true
	return p, ""
}

// lone makes a move of a ticket that needs no counter.
func (o *oracle) lone(p *person, state string, from ...string) string {
	o.today()
	if !slices.Contains(from, p.state) {
		return "illegal_move"
	}
	o.end(p, state)
	return ""
}

func (o *oracle) cancel(p *person) string {
	return o.lone(p, "cancelled", "remote", "waiting", "called", "parked", "missed")
}

func (o *oracle) unserve(p *person) string { return o.lone(p, "unserved", "waiting", "parked") }

// stepOut parks a waiting ticket at its holder's wish, once.
func (o *oracle) stepOut(p *person) string {
	o.today()
	switch {
	case p.state != "waiting":
		return "illegal_move"
	case p.stepped:
		return "stepped_out_once"
	}
	o.tick++
	p.state, p.stepped, p.touched = "parked", true, o.tick
	return ""
}

// comeBack returns a parked or missed ticket at its holder's wish.
func (o *oracle) comeBack(p *person) string {
	o.today()
	if p.state != "parked" && p.state != "missed" {
		return "illegal_move"
	}
	filing := lineOf(p.queue).filing
	if p.state == "missed" && filing {
		return "filing_order"
	}
	if p.state == "missed" && o.now.Sub(p.missedAt) > 30*time.Minute {
		return "grace_over"
	}
	due := p.due
	if filing {
		due = o.now
	}
	o.back(p, due)
	return ""
}

// rejoin puts a ticket into the line; with the old due it keeps its place.
func (o *oracle) rejoin(p *person, due time.Time) {
	joined, same := p.joined, due.Equal(p.due)
	o.join(p, due)
	if same {
		p.joined = joined
	}
}

// back puts a ticket into the line again.
func (o *oracle) back(p *person, due time.Time) {
	o.rejoin(p, due)
	p.counter, p.calledAt, p.missedAt, p.invited = "", time.Time{}, time.Time{}, false
}

// change corrects a waiting ticket.
func (o *oracle) change(p *person, service *string, priority *bool, needs *[]string) string {
	o.today()
	if p.state != "waiting" {
		return "illegal_move"
	}
	was := *p
	if needs != nil {
		p.needs = *needs
	}
	l := lineOf(p.queue)
	if service != nil {
		p.service, l = *service, lineFor(*service)
		p.queue = l.id
	}
	if priority != nil {
		if *priority && l.filing {
			*p = was
			return "filing_order"
		}
		p.head = headStart(l, *priority)
	}
	o.tick++
	p.touched = o.tick
	if service == nil && priority == nil || p.queue == was.queue && p.head == was.head && (l.filing || p.start.IsZero()) {
		return ""
	}
	o.replace(p, was, l)
	return ""
}

// replace reckons due anew from the same arrival; who came late was judged at the door.
func (o *oracle) replace(p *person, was person, l *line) {
	due, callable := p.arrival.Add(-p.head), time.Time{}
	start := p.start
	if p.class == "pass" {
		start = p.arrival
	}
	if p.class == "booked" || p.class == "pass" {
		due = earlier(due, start.Add(-max(p.head, time.Hour)))
		callable = start.Add(-5 * time.Minute)
	}
	if l.filing {
		due, callable = p.arrival, time.Time{}
	}
	if !due.Equal(was.due) || p.queue != was.queue {
		p.joined = o.tick
	}
	p.due, p.callable = due, callable
}

// pause and resume of the whole hall.
func (o *oracle) pause() string {
	o.today()
	if o.pausedAt.IsZero() {
		o.tick++
		o.pausedAt = o.now
	}
	return ""
}

func (o *oracle) resumeHall() string {
	o.today()
	if o.pausedAt.IsZero() {
		return ""
	}
	o.tick++
	lost := func(at time.Time) time.Time {
		if at.IsZero() || !at.Before(o.now) {
			return at
		}
		return at.Add(o.now.Sub(later(at, o.pausedAt)))
	}
	for _, p := range o.people {
		if p.day != o.day || p.final() {
			continue
		}
		called, missed, passed := lost(p.calledAt), lost(p.missedAt), lost(p.passed)
		if called != p.calledAt || missed != p.missedAt || passed != p.passed {
			p.calledAt, p.missedAt, p.passed, p.touched = called, missed, passed, o.tick
		}
	}
	o.goOn()
	o.pauses = append(o.pauses, [2]time.Time{o.pausedAt, o.now})
	o.pausedAt = time.Time{}
	return ""
}

// stood is how long the hall has stood still since an instant.
func (o *oracle) stood(since time.Time) (sum time.Duration) {
	pauses := o.pauses
	if !o.pausedAt.IsZero() { // it stands still now
		pauses = append(slices.Clip(pauses), [2]time.Time{o.pausedAt, o.now})
	}
	for _, p := range pauses {
		if from := later(p[0], since); from.Before(p[1]) {
			sum += p[1].Sub(from)
		}
	}
	return sum
}

// close shuts the office, or a queue, for a time that is not over yet; the booked
// are displaced.
func (o *oracle) close(c closure) (displaced int, refused string) {
	o.today()
	if !c.to.After(o.now) {
		return 0, "invalid_field"
	}
	o.closures = append(o.closures, c)
	for _, b := range o.promises {
		if b.state == "confirmed" && (c.queue == "" || lineFor(b.service).id == c.queue) && b.start.Before(c.to) && c.from.Before(b.end) {
			b.state = "displaced"
			displaced++
		}
	}
	return displaced, ""
}

// written lists all there is, to be compared with the ledger.
func (o *oracle) written() string {
	var out []string
	for i, p := range o.people {
		out = append(out, fmt.Sprintf("t%d %s", i, o.show(p)))
	}
	for i, b := range o.promises {
		if !b.rest {
			out = append(out, fmt.Sprintf("b%d %s", i, o.promised(b)))
		}
	}
	for _, d := range o.desks {
		out = append(out, o.shift(d))
	}
	return strings.Join(out, "\n")
}

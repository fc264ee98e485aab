package simtest

import (
	"slices"
	"time"
)

const cell = 5 * time.Minute

// mayBook are the rules of a service for a person; moving does not count.
func (o *oracle) mayBook(service string, start time.Time, holder string, moving *promise) string {
	if start.Before(o.now) {
		return "too_soon"
	}
	if dayOf(start) > dayOf(o.now.AddDate(0, 0, 30)) {
		return "too_far_ahead"
	}
	if holder == "" {
		return ""
	}
	var same, open, day int
	for _, b := range o.promises {
		since := o.now.AddDate(0, 0, -1)
		if b == moving || b.rest || b.holder != holder || !b.made.After(since) && !b.start.After(since) {
			continue
		}
		coming := o.coming(b)
		if coming {
			open++
			if b.service == service {
				same++
			}
		}
		if (coming || b.state == "fulfilled") && b.day() == dayOf(start) {
			day++
		}
	}
	if same >= 1 || open >= 3 || day >= 2 {
		return "limit_reached"
	}
	return ""
}

// coming tells whether a booking is still something to come.
func (o *oracle) coming(b *promise) bool {
	switch b.state {
	case "held":
		return o.now.Before(o.until(b))
	case "displaced":
		return true
	case "confirmed", "checked_in":
		return b.day() >= dayOf(o.now)
	}
	return false
}

// takes tells whether a booking takes its cells now.
func (o *oracle) takes(b *promise) bool {
	switch {
	case b.freed || b.state == "lapsed":
		return false
	case b.state == "held":
		return o.now.Before(o.until(b))
	case b.state == "cancelled" || b.state == "displaced":
		return b.freeAt.IsZero() || o.now.Before(b.freeAt)
	}
	return true
}

// fits tells whether a start is offered: room in every cell, and no gap shorter
// than the shortest service unless the day is under half full.
func (o *oracle) fits(service string, start time.Time, except *promise) string {
	l, day := lineFor(service), dayOf(start)
	first := midnight(day)
	places, taken := map[int]int{}, map[int]int{}
	capacity, used := 0, 0
	for _, open := range o.openings(l.id, day) {
		for c := 0; c < 288; c++ {
			if from := first.Add(time.Duration(c) * cell); !from.Before(open[0]) && !from.Add(cell).After(open[1]) {
				places[c] = l.places
				capacity += l.places
			}
		}
	}
	for _, b := range o.promises {
		if b == except || lineFor(b.service) != l || b.day() != day || !o.takes(b) {
			continue
		}
		for at := b.start; at.Before(b.end); at = at.Add(cell) {
			c := int(at.Sub(first) / cell)
			taken[c]++
			if taken[c] <= places[c] {
				used++
			}
		}
	}
	if start.Sub(first)%cell != 0 {
		return "slot_not_offered"
	}
	from := int(start.Sub(first) / cell)
	to := from + (minutes[service]+4)/5
	empty, room := to <= 288, to <= 288
	for c := from; c < to; c++ {
		empty = empty && places[c] > 0
		room = room && places[c] > taken[c]
	}
	switch {
	case !empty:
		return "slot_not_offered"
	case !room:
		return "slot_taken"
	case 2*used < capacity || tidy(l, places, taken, from, to):
		return ""
	}
	return "slot_not_offered"
}

// tidy tells whether a start touches what is there or leaves no gap too short.
func tidy(l *line, places, taken map[int]int, from, to int) bool {
	shortest := 288
	for _, s := range l.services {
		shortest = min(shortest, minutes[s]/5)
	}
	gap := func(c, step, level int) (n int) {
		for ; n < shortest && taken[c] <= level && places[c] > level; c += step {
			n++
		}
		return n
	}
	left, right := gap(from-1, -1, taken[from]), gap(to, 1, taken[to-1])
	return left == 0 || right == 0 || left >= shortest && right >= shortest
}

// book makes a booking or a hold.
func (o *oracle) book(service string, start time.Time, holder string, hold bool) (*promise, string) {
	o.today()
	if no := o.mayBook(service, start, holder, nil); no != "" {
		return nil, no
	}
	if no := o.fits(service, start, nil); no != "" {
		return nil, no
	}
	b := &promise{service: service, state: "confirmed", holder: holder, start: start, end: ending(service, start), made: o.now}
	if hold {
		b.state, b.heldUntil = "held", o.now.Add(5*time.Minute)
	}
	o.promises = append(o.promises, b)
	return b, ""
}

func ending(service string, start time.Time) time.Time {
	return start.Add(time.Duration(minutes[service]) * time.Minute)
}

// mine refuses strangers as if there were nothing.
func (b *promise) mine(holder string) bool {
	return holder == "" || b.holder == "" || b.holder == holder
}

// until is when a hold runs out. It does not run while the hall stands still,
// unless the time it is for has been shut.
func (o *oracle) until(b *promise) time.Time {
	if b.state != "held" || o.pausedAt.IsZero() || !o.pausedAt.Before(b.heldUntil) || o.shutAt(b) {
		return b.heldUntil
	}
	stood := o.now.Sub(later(o.pausedAt, b.heldUntil.Add(-5*time.Minute)))
	return b.heldUntil.Add(max(stood, 0))
}

// goOn gives holds the time that they did not run.
func (o *oracle) goOn() {
	for _, b := range o.promises {
		b.heldUntil = o.until(b)
	}
}

// held refuses what is no hold any more.
func (o *oracle) held(b *promise) string {
	switch {
	case b.state == "lapsed", b.state == "held" && !o.now.Before(o.until(b)):
		return "hold_expired"
	case b.state != "held":
		return "booking_state"
	}
	return ""
}

func (o *oracle) extend(b *promise, holder string) string {
	o.today()
	switch {
	case !b.mine(holder):
		return "not_found"
	case b.state != "held":
		return "booking_state"
	case !o.now.Before(o.until(b)):
		return "hold_expired"
	case b.extended >= 10:
		return "hold_spent"
	case o.shutAt(b):
		return "time_closed"
	}
	b.heldUntil, b.extended = o.now.Add(5*time.Minute), b.extended+1
	return ""
}

func (o *oracle) confirm(b *promise, holder string) string {
	o.today()
	if !b.mine(holder) {
		return "not_found"
	}
	if b.state == "confirmed" {
		return ""
	}
	if no := o.held(b); no != "" {
		return no
	}
	if o.shutAt(b) {
		return "time_closed"
	}
	if no := o.mayBook(b.service, b.start, holder, b); no != "" {
		return no
	}
	b.state = "confirmed"
	if holder != "" {
		b.holder = holder
	}
	return ""
}

// shutAt tells whether the office has meanwhile closed at a booking's time.
func (o *oracle) shutAt(b *promise) bool {
	return slices.ContainsFunc(o.closures, func(c closure) bool {
		return (c.queue == "" || c.queue == lineFor(b.service).id) && b.start.Before(c.to) && c.from.Before(b.end)
	})
}

// mayChange is the holder's right to change: until two hours before.
func (o *oracle) mayChange(b *promise, staff bool) string {
	switch {
	case staff, b.state == "held", b.state == "displaced":
		return ""
	case b.state != "confirmed":
		return "booking_state"
	case o.now.After(b.start.Add(-2 * time.Hour)):
		return "cutoff_passed"
	}
	return ""
}

// drop gives a booking up. freeAt is what the hall drew for its cells.
func (o *oracle) drop(b *promise, holder string, staff bool) string {
	o.today()
	switch {
	case !b.mine(holder):
		return "not_found"
	case b.state == "cancelled", b.state == "lapsed":
		return ""
	case b.state == "held":
		b.state, b.freed = "lapsed", true
		return ""
	}
	if no := o.mayChange(b, staff); no != "" {
		return no
	}
	if b.state != "confirmed" && b.state != "displaced" {
		return "booking_state"
	}
	b.state = "cancelled"
	return ""
}

// reschedule moves a booking; rest keeps the cells it leaves, if any.
func (o *oracle) reschedule(b *promise, holder string, start time.Time, staff bool) (rest *promise, code string) {
	o.today()
	if !b.mine(holder) {
		return nil, "not_found"
	}
	if b.state == "confirmed" && b.start.Equal(start) {
		return nil, ""
	}
	if b.state == "held" && !o.now.Before(o.until(b)) {
		return nil, "hold_expired"
	}
	until := o.until(b)
	if no := o.mayChange(b, staff); no != "" {
		return nil, no
	}
	if no := o.mayBook(b.service, start, holder, b); no != "" {
		return nil, no
	}
	if no := o.fits(b.service, start, b); no != "" {
		return nil, no
	}
	if b.state != "held" && b.state != "confirmed" && b.state != "displaced" {
		return nil, "booking_state"
	}
	from, to, end := b.start, b.end, ending(b.service, start)
	if start.Before(to) && from.Before(end) {
		if start.After(from) {
			to = start
		} else {
			from = end
		}
	}
	if b.state == "confirmed" && from.Before(to) {
		rest = &promise{service: b.service, state: "cancelled", rest: true, start: from, end: to, made: o.now}
		o.promises = append(o.promises, rest)
	}
	if b.state == "displaced" {
		b.state = "confirmed"
	}
	b.start, b.end, b.freeAt, b.heldUntil = start, end, time.Time{}, until
	return rest, ""
}

// release makes past releases; nobody waits for it.
func (o *oracle) release() {
	for _, b := range o.promises {
		switch {
		case b.state == "held" && !o.now.Before(o.until(b)):
			b.state, b.freed = "lapsed", true
		case !b.freed && !b.freeAt.IsZero() && !o.now.Before(b.freeAt):
			b.freed = true
		}
	}
}

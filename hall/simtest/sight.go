package simtest

import (
	"fmt"
	"strings"
	"time"
)

// clock writes an instant as both sides do.
func clock(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(macau).Format("02T15:04:05.000")
}

// show writes a ticket.
func (o *oracle) show(p *person) string {
	if p == nil {
		return "nobody"
	}
	return sight{p.number(), p.day, p.queue, p.service, p.class, p.state, p.counter, p.outcome, p.needs, p.head,
		p.arrival, p.due, p.start, p.callable, p.calledAt, p.missedAt, p.passed, p.invited, p.stepped}.String()
}

func (o *oracle) promised(b *promise) string {
	number := ""
	if b.ticket != nil {
		number = b.ticket.number()
	}
	return promiseSight{b.service, b.state, b.start, b.heldUntil, b.freed, b.extended, number}.String()
}

func (o *oracle) shift(d *desk) string {
	number := ""
	if d.ticket != nil {
		number = d.ticket.number()
	}
	return shiftSight{d.bench.id, d.state, d.clerk, d.queues, number, d.writing}.String()
}

func (o *oracle) answered(a answer, code string) string {
	if code != "" {
		return code
	}
	return fmt.Sprintf("%s | %s | %s", o.shift(a.desk), o.show(a.desk.ticket), o.show(a.changed))
}

// sight is what is compared of a ticket.
type sight struct {
	number, day, queue, service, class, state, counter, outcome string
	needs                                                       []string
	head                                                        time.Duration
	arrival, due, start, callable, called, missed, passed       time.Time
	invited, stepped                                            bool
}

func (s sight) String() string {
	if s.state != "called" && s.state != "serving" && s.state != "missed" {
		s.counter = ""
	}
	if s.state != "called" {
		s.called, s.invited = time.Time{}, false
	}
	if s.state != "missed" {
		s.missed = time.Time{}
	}
	if s.state != "remote" {
		s.passed = time.Time{}
	}
	return fmt.Sprintf("%s of %s %s/%s %s %s@%s %s %v head %s arrival %s due %s start %s callable %s called %s missed %s passed %s %v %v",
		s.number, s.day, s.queue, s.service, s.class, s.state, s.counter, s.outcome, s.needs, s.head, clock(s.arrival), clock(s.due),
		clock(s.start), clock(s.callable), clock(s.called), clock(s.missed), clock(s.passed), s.invited, s.stepped)
}

type promiseSight struct {
	service, state   string
	start, heldUntil time.Time
	freed            bool
	extended         int
	ticket           string
}

func (s promiseSight) String() string {
	if s.state != "held" {
		s.heldUntil = time.Time{}
	}
	return fmt.Sprintf("%s %s %s until %s +%d %s", s.service, s.state, clock(s.start), clock(s.heldUntil), s.extended, s.ticket)
}

type shiftSight struct {
	counter, state, clerk string
	queues                []string
	ticket                string
	writing               bool
}

func (s shiftSight) String() string {
	if s.state == "closed" || s.state == "" {
		return s.counter + " closed"
	}
	return fmt.Sprintf("%s %s %s %s %s %v", s.counter, s.state, s.clerk, strings.Join(s.queues, ","), s.ticket, s.writing)
}

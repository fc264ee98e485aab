package simtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/counter"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/ticket"
)

// draw chooses: n gives one of 0 … below-1.
type draw interface{ n(below int) int }

// one draws from a list.
func one[T any](d draw, list ...T) T { return list[d.n(len(list))] }

// fatal is what a test and a drawn program have in common.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// began is when programs begin: Tuesday, half an hour after the doors opened.
var began = time.Date(2026, 11, 24, 9, 30, 0, 0, macau)

// pass is the text of a return pass, as it was given.
type pass struct {
	of    *person
	ended time.Time
	code  string
	queue string
	until time.Time
}

// game plays the same acts in the hall and by the oracle.
type game struct {
	t     fatal
	ctx   context.Context
	halls []*hall.Hall // hubs of one house
	hub   int          // the one that acts
	// house and machine are the hall's clocks; a step of time moves both and the oracle's.
	house, machine *clockwork.FakeClock
	o              *oracle
	tickets        []string // ids as the oracle's people
	bookings       []string // ids as the oracle's promises
	codes          map[*person]string
	passes         []pass
	log            []string
	keys           int
	// flaky is nil where the ledger always answers.
	flaky *flaky
	told  map[string]int // how often each answer was given
	// acked hears of every row that a reply has shown.
	acked func(ticket.Ticket, booking.Booking)
}

func newGame(t fatal, halls []*hall.Hall, house, machine *clockwork.FakeClock) *game {
	g := &game{t: t, ctx: context.Background(), halls: halls, house: house, machine: machine, o: newOracle(house.Now()),
		codes: map[*person]string{}, told: map[string]int{}, acked: func(ticket.Ticket, booking.Booking) {}}
	return g
}

// hallOn makes a hall; all it draws comes from random.
func hallOn(c *office.Catalogue, l hall.Ledger, house, machine clockwork.Clock, codes hall.Codes, random io.Reader) *hall.Hall {
	return hall.New(hall.Config{Catalogue: c, Ledger: l, House: house, Machine: machine, Codes: codes, Random: random})
}

// flaky is a ledger that sometimes does not tell.
type flaky struct {
	hall.Ledger
	// lose is what happens to the next change: its answer is lost after the commit, or it is not made.
	lose fault.Code
}

// Do makes a change, and perhaps does not tell.
func (f *flaky) Do(ctx context.Context, scope event.Scope, decide func(hall.Tx) error) error {
	lose := f.lose
	f.lose = ""
	if lose == fault.LedgerAway {
		return fault.New(lose)
	}
	err := f.Ledger.Do(ctx, scope, decide)
	if err == nil && lose != "" {
		return fault.New(lose)
	}
	return err
}

// try acts at a hub, and with the same key at the other where the outcome was
// not learned: it must be made once, and told as it would have been.
func try[T any](g *game, act func(*hall.Hall) (T, error)) (T, error) {
	out, err := act(g.hall())
	if code := fault.CodeOf(err); g.flaky != nil && (code == fault.UnknownOutcome || code == fault.LedgerAway) {
		g.log = append(g.log, "    "+string(code)+", asked again")
		g.told[string(code)]++
		g.hub = (g.hub + 1) % len(g.halls)
		return act(g.hall())
	}
	return out, err
}

func (g *game) hall() *hall.Hall { return g.halls[g.hub] }

// same compares the answers to one act.
func (g *game) same(act, real, rule string) {
	g.t.Helper()
	g.log = append(g.log, fmt.Sprintf("%s  %s → %s", clock(g.o.now), act, rule))
	if rule != "true" && rule != "false" && strings.Trim(rule, "abcdefghijklmnopqrstuvwxyz_") == "" && rule != "" {
		g.told[rule]++
	}
	if real != rule {
		g.t.Fatalf("%s\nthe hall says\n  %s\nthe rules say\n  %s", strings.Join(g.log, "\n"), real, rule)
	}
}

// code of an error; what is no fault at all, or our own mistake, ends the program.
func (g *game) code(err error) string {
	g.t.Helper()
	if err == nil {
		return ""
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Code == fault.Unexpected {
		g.t.Fatalf("%s\nbroke down: %v", strings.Join(g.log, "\n"), err)
	}
	return string(f.Code)
}

func sightOf(t ticket.Ticket) string {
	if t.ID == "" {
		return "nobody"
	}
	s := sight{number: t.Number, day: string(t.Day), queue: t.Queue, service: t.Service, class: string(t.Class), state: string(t.State),
		counter: t.Counter, outcome: string(t.Outcome), head: t.HeadStart, arrival: t.Arrival, due: t.Due, start: t.Start, callable: t.Callable,
		called: t.CalledAt, missed: t.MissedAt, passed: t.Passed, invited: t.Invited, stepped: t.SteppedOut}
	for _, n := range t.Needs {
		s.needs = append(s.needs, string(n))
	}
	return s.String()
}

func (g *game) promiseOf(b booking.Booking) string {
	s := promiseSight{service: b.Service, state: string(b.State), start: b.Start, heldUntil: b.HeldUntil, freed: b.Freed, extended: b.Extended}
	if b.Ticket != "" {
		t, err := g.hall().Ticket(g.ctx, b.Ticket)
		g.code(err)
		s.ticket = t.Number
	}
	return s.String()
}

func (g *game) shiftOf(s counter.Shift) string {
	out := shiftSight{counter: s.Counter, state: string(s.State), clerk: s.Clerk, writing: s.WritingUp}
	for _, q := range s.Queues {
		out.queues = append(out.queues, q.Queue)
	}
	if s.Ticket != "" {
		t, err := g.hall().Ticket(g.ctx, s.Ticket)
		g.code(err)
		out.ticket = t.Number
	}
	return out.String()
}

// came compares the answer to whoever asked for a ticket, and keeps its id.
func (g *game) came(act string, is hall.Issued, err error, p *person, no string) {
	g.t.Helper()
	real, rule := g.code(err), no
	if err == nil {
		real = sightOf(is.Ticket)
		g.acked(is.Ticket, booking.Booking{})
	}
	if no == "" {
		rule = g.o.show(p)
	}
	g.same(act, real, rule)
	if err == nil && len(g.tickets) < len(g.o.people) {
		g.tickets = append(g.tickets, is.Ticket.ID)
	}
}

// desk compares the answer to a clerk.
func (g *game) desk(act string, d hall.Desk, err error, a answer, no string) {
	g.t.Helper()
	real := g.code(err)
	if err == nil {
		real = fmt.Sprintf("%s | %s | %s", g.shiftOf(d.Shift), sightOf(d.Ticket), sightOf(d.Changed))
		g.acked(d.Ticket, booking.Booking{})
		g.acked(d.Changed, booking.Booking{})
	}
	g.same(act, real, g.o.answered(a, no))
	if len(g.tickets) < len(g.o.people) { // served here without a ticket
		g.tickets = append(g.tickets, d.Ticket.ID)
	}
}

// moved compares the answer to a move of a ticket by its holder or staff.
func (g *game) moved(act string, t ticket.Ticket, err error, p *person, no string) {
	g.t.Helper()
	real, rule := g.code(err), no
	if err == nil {
		real = sightOf(t)
		g.acked(t, booking.Booking{})
	}
	if no == "" {
		rule = g.o.show(p)
	}
	g.same(act, real, rule)
}

// booked compares the answer about a booking.
func (g *game) booked(act string, b booking.Booking, err error, p *promise, no string) {
	g.t.Helper()
	real, rule := g.code(err), no
	if err == nil {
		real = g.promiseOf(b)
		g.acked(ticket.Ticket{}, b)
	}
	if no == "" {
		rule = g.o.promised(p)
	}
	g.same(act, real, rule)
}

// freed takes over when cells come back, which the hall draws by lot: after 10 to
// 30 minutes; never when the start is less than 30 minutes away.
func (g *game) freed(p *promise, start, freeAt time.Time) {
	g.t.Helper()
	after := freeAt.Sub(g.o.now)
	switch {
	case start.Sub(g.o.now) < 30*time.Minute && !freeAt.IsZero(),
		start.Sub(g.o.now) >= 30*time.Minute && (after < 10*time.Minute || after > 30*time.Minute):
		g.t.Fatalf("%s\nits cells come back at %s", strings.Join(g.log, "\n"), clock(freeAt))
	}
	p.freeAt = freeAt
}

// whole compares everything that the ledger holds with what the oracle does.
func (g *game) whole() {
	g.t.Helper()
	var out []string
	r := g.hall().Read(g.ctx)
	for i, id := range g.tickets {
		t, err := r.Ticket(id)
		g.code(err)
		out = append(out, fmt.Sprintf("t%d %s", i, sightOf(t)))
	}
	for i, id := range g.bookings {
		if id == "" {
			continue
		}
		b, err := r.Booking(id)
		g.code(err)
		out = append(out, fmt.Sprintf("b%d %s", i, g.promiseOf(b)))
	}
	for _, b := range benches {
		s, err := r.Shift(b.id)
		g.code(err)
		out = append(out, g.shiftOf(s))
	}
	real, rule := out, strings.Split(g.o.written(), "\n")
	for i := range max(len(real), len(rule)) {
		if i >= len(real) || i >= len(rule) || real[i] != rule[i] {
			g.t.Fatalf("%s\nthe ledger holds\n  %s\nby the rules\n  %s", strings.Join(g.log, "\n"), at(real, i), at(rule, i))
		}
	}
}

func at(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "nothing"
}

// advance lets time pass on both sides.
func (g *game) advance(house, machine time.Duration) {
	g.house.Advance(house)
	if g.machine != g.house {
		g.machine.Advance(machine)
	}
	g.o.now, g.o.machine = g.house.Now(), g.machine.Now()
}

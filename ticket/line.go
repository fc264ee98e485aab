package ticket

import (
	"slices"
	"strings"
	"time"

	"vez/office"
)

// Line keeps the waiting tickets of a queue so that whom a choice turns on is
// found without looking at the rest: however many wait, Front, Ahead, Add and
// Remove cost about the same. It knows no rule of its own; what it hands out is
// for Choose, which picks from it exactly whom it would pick from all.
//
// Tickets are shared by pointer and must not be changed while they are in. The
// zero Line is empty. It is not safe for concurrent use.
type Line struct {
	all    pile
	groups map[string]*group // by needs
}

// group is those of a line who have the same needs: a counter can serve all of
// them, none of them, or those who have waited for some minutes.
type group struct {
	needs    []office.Need
	since    pile // by Since, then as the line
	unbooked pile // by the due without a booking, then as the line
	ripe     pile // as the line, those whose gate was passed at asOf
	later    pile // by gate, then as the line; the others
	asked    pile // as the line, those who let an invitation pass
	asOf     time.Time
}

func inLine(a, b *Ticket) int {
	switch {
	case a.Before(*b):
		return -1
	case b.Before(*a):
		return 1
	}
	return 0
}

// by orders by an instant, then as the line.
func by(at func(*Ticket) time.Time) func(a, b *Ticket) int {
	return func(a, b *Ticket) int {
		if c := at(a).Compare(at(b)); c != 0 {
			return c
		}
		return inLine(a, b)
	}
}

var (
	bySince    = by(func(t *Ticket) time.Time { return t.Since() })
	byUnbooked = by(func(t *Ticket) time.Time { return t.unbooked() })
	byGate     = by(gate)
)

// gate is the instant before which a ticket is not called in its turn: it is not
// yet callable, or it was invited in vain and need not be there.
func gate(t *Ticket) time.Time {
	if t.Asked.IsZero() {
		return t.Callable
	}
	return later(t.Callable, t.Told())
}

// Len is how many are in the line.
func (l *Line) Len() int { return l.all.size }

// Add puts a waiting ticket in its place.
func (l *Line) Add(t *Ticket) {
	if l.groups == nil {
		l.groups, l.all.order = map[string]*group{}, inLine
	}
	l.all.add(t)
	key := needsKey(t)
	g := l.groups[key]
	if g == nil {
		g = &group{needs: t.Needs, since: pile{order: bySince}, unbooked: pile{order: byUnbooked},
			ripe: pile{order: inLine}, later: pile{order: byGate}, asked: pile{order: inLine}}
		l.groups[key] = g
	}
	g.since.add(t)
	g.unbooked.add(t)
	if gate(t).After(g.asOf) {
		g.later.add(t)
	} else {
		g.ripe.add(t)
	}
	if !t.Asked.IsZero() {
		g.asked.add(t)
	}
}

// Remove takes a ticket out, as it was added.
func (l *Line) Remove(t *Ticket) {
	l.all.remove(t)
	g := l.groups[needsKey(t)]
	if g == nil {
		return
	}
	for _, p := range []*pile{&g.since, &g.unbooked, &g.ripe, &g.later, &g.asked} {
		p.remove(t)
	}
	if g.since.size == 0 {
		delete(l.groups, needsKey(t))
	}
}

// needsKey is the same for the same needs, in whatever order.
func needsKey(t *Ticket) string {
	switch len(t.Needs) {
	case 0:
		return ""
	case 1:
		return string(t.Needs[0])
	}
	needs := make([]string, len(t.Needs))
	for i, n := range t.Needs {
		needs[i] = string(n)
	}
	slices.Sort(needs)
	return strings.Join(slices.Compact(needs), "\n")
}

// First copies the first n, all with n 0.
func (l *Line) First(n int) []Ticket {
	if n <= 0 || n > l.all.size {
		n = l.all.size
	}
	out := make([]Ticket, 0, n)
	for t := range l.all.all {
		if len(out) == n {
			break
		}
		out = append(out, t.own())
	}
	return out
}

// Ahead copies the first n who stand before a ticket, and counts all who do.
func (l *Line) Ahead(t Ticket, n int) (first []Ticket, all int) {
	if l.all.size == 0 {
		return nil, 0
	}
	if all = l.all.rank(&t); all == 0 || n <= 0 {
		return nil, all
	}
	return l.First(min(n, all)), all
}

// DueBefore copies those who are due before an instant.
func (l *Line) DueBefore(at time.Time) []Ticket {
	var out []Ticket
	for t := range l.all.all {
		if !t.Due.Before(at) {
			break
		}
		out = append(out, t.own())
	}
	return out
}

// Front copies those of the line whom a choice turns on: the first n (all with
// n 0), and whoever further back may be its pick or decides whether another one
// may be called early. Choose finds the same ticket, by the same rule, in them
// as in the whole line, with the rules of the queue and whatever other queues.
func (l *Line) Front(c Choice, r office.Rules, n int) []Ticket {
	out := l.First(n)
	if len(out) == l.all.size {
		return out
	}
	var keys []*Ticket
	for _, g := range l.groups {
		keys = g.keys(keys, c, r)
	}
	last := &out[len(out)-1]
	keys = slices.DeleteFunc(keys, func(t *Ticket) bool { return inLine(t, last) <= 0 })
	slices.SortFunc(keys, inLine)
	for _, t := range slices.Compact(keys) {
		out = append(out, t.own())
	}
	return out
}

// own is a copy that shares nothing.
func (t *Ticket) own() Ticket {
	u := *t
	u.Needs = slices.Clone(t.Needs)
	return u
}

// keys adds those of a group that a choice may turn on: of those the counter
// can serve now the first who may be called in turn, asked before or not, and
// those who came first, with or without their bookings.
func (g *group) keys(out []*Ticket, c Choice, r office.Rules) []*Ticket {
	if hopeless, _ := c.prospect(g.needs); hopeless {
		return out
	}
	g.ripen(c.Now)
	out = g.ripe.until(out, func(t *Ticket) bool { return c.serves(t) && !c.asked(t) })
	out = g.asked.until(out, func(t *Ticket) bool { return c.serves(t) && (r.FilingOrder || !c.Now.Before(t.Callable)) })
	if r.FilingOrder { // everybody may be called in turn; nobody has a gate but those invited in vain
		var rest pile
		rest.order = inLine
		for t := range g.later.all {
			if t.Asked.IsZero() {
				rest.add(t)
			}
		}
		out = rest.until(out, c.serves)
	}
	out = g.since.earliest(out, Ticket.Since, c)
	return g.unbooked.earliest(out, Ticket.unbooked, c)
}

// until adds the first of a pile that is fit.
func (p *pile) until(out []*Ticket, fit func(*Ticket) bool) []*Ticket {
	for t := range p.all {
		if fit(t) {
			return append(out, t)
		}
	}
	return out
}

// earliest adds the first one by an instant that can be served, and the first
// with the same instant who was not invited in vain.
func (p *pile) earliest(out []*Ticket, at func(Ticket) time.Time, c Choice) []*Ticket {
	var first *Ticket
	for t := range p.all {
		switch {
		case first != nil && at(*t).After(at(*first)):
			return out
		case !c.serves(t):
			continue
		case first == nil:
			first = t
			out = append(out, t)
		case !c.asked(t):
			out = append(out, t)
		}
		if !c.asked(t) {
			return out
		}
	}
	return out
}

// ripen moves those whose gate has passed. Where a clock was set back, all are sorted anew.
func (g *group) ripen(now time.Time) {
	if now.Before(g.asOf) {
		for t := range g.ripe.all {
			g.later.add(t)
		}
		g.ripe = pile{order: inLine}
	}
	g.asOf = now
	for t := g.later.first(); t != nil && !gate(t).After(now); t = g.later.first() {
		g.later.remove(t)
		g.ripe.add(t)
	}
}

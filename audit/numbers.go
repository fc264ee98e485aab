package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vez/event"
	"vez/office"
	"vez/ticket"
)

// run is one series of numbers of a day.
type run struct {
	day    office.Day
	series string
}

func (r run) leased() bool { return strings.Contains(r.series, "/") }

// series is what was given of a run.
type series struct {
	given set // to tickets, or voided
	void  set
	loose bool // begun where not everything was seen
}

// set is a set of numbers as intervals, ordered and apart.
type set []span

type span struct{ from, to int } // to included

// at is the index of the first interval that ends at n or later.
func (s set) at(n int) int {
	i, _ := slices.BinarySearchFunc(s, n, func(p span, n int) int { return p.to - n })
	return i
}

func (s set) has(n int) bool {
	i := s.at(n)
	return i < len(s) && s[i].from <= n
}

func (s *set) add(n int) {
	if s.has(n) {
		return
	}
	i := s.at(n)
	*s = slices.Insert(*s, i, span{n, n})
	if i+1 < len(*s) && (*s)[i+1].from == n+1 {
		(*s)[i].to = (*s)[i+1].to
		*s = slices.Delete(*s, i+1, i+2)
	}
	if i > 0 && (*s)[i-1].to == n-1 {
		(*s)[i-1].to = (*s)[i].to
		*s = slices.Delete(*s, i, i+1)
	}
}

func (s set) last() int {
	if len(s) == 0 {
		return 0
	}
	return s[len(s)-1].to
}

func (s *site) series(day office.Day, name string) *series {
	r := run{day, name}
	x := s.numbers[r]
	if x == nil {
		x = &series{loose: s.blind}
		s.numbers[r] = x
	}
	return x
}

func numeral(day office.Day, name string, n int) string { return fmt.Sprintf("%s/%s/%d", day, name, n) }

// give judges the number of a ticket that is made.
func (s *site) give(t *ticket.Ticket) {
	subject := numeral(t.Day, t.Series, t.N)
	if want := ticket.Number(prefixOf(t.Series), t.N); t.Number != want {
		s.find(I3, subject, "the number is written %s, not %s", t.Number, want)
	}
	if q := s.a.cfg.Catalogue.Queue(t.Queue); q != nil && q.Prefix != prefixOf(t.Series) {
		s.find(I3, subject, "%s has not the prefix %s of %s", t.Number, q.Prefix, t.Queue)
	}
	if u := s.tickets[t.Visit]; u != nil && t.Visit != t.ID && u.t.Series == t.Series && u.t.N == t.N && u.t.Day == t.Day {
		return // one visit, one number
	}
	s.take(t.Day, t.Series, t.N)
}

// take gives a number out: never twice, and in a series of the hub's own the next one.
func (s *site) take(day office.Day, name string, n int) {
	x, subject := s.series(day, name), numeral(day, name, n)
	r := run{day, name}
	switch {
	case x.void.has(n):
		s.find(I3, subject, "the number was voided before")
	case x.given.has(n):
		s.find(I3, subject, "the number was given before")
	case r.leased() && n < ticket.FirstOffline || !r.leased() && n > ticket.LastOnline || n < 1:
		s.find(I3, subject, "the number is outside of its series")
	case r.leased():
		if other := s.leasedElsewhere(r, n); other != "" {
			s.find(I3, subject, "the number was given in the block %s, too", other)
		}
	case n != x.given.last()+1 && (!x.loose || len(x.given) > 0):
		s.find(I3, subject, "the number follows %d", x.given.last())
	}
	x.given.add(n)
}

// leasedElsewhere finds the other block of a day and prefix that has a number.
func (s *site) leasedElsewhere(r run, n int) string {
	for other, x := range s.numbers {
		if other != r && other.day == r.day && other.leased() && prefixOf(other.series) == prefixOf(r.series) && x.given.has(n) {
			return other.series
		}
	}
	return ""
}

// voids takes over numbers that were given to nobody, or to a ticket that was undone by the same event.
func (s *site) voids(e event.Event) {
	for _, v := range e.Images.Void {
		x := s.series(v.Day, v.Series)
		switch {
		case x.void.has(v.N):
			s.find(I3, numeral(v.Day, v.Series, v.N), "the number is voided twice")
		case x.given.has(v.N):
			if !undoes(e, v) {
				s.find(I3, numeral(v.Day, v.Series, v.N), "the number is voided, and a ticket has it")
			}
		default:
			s.take(v.Day, v.Series, v.N)
		}
		x.void.add(v.N)
	}
}

// undoes tells whether the event ends the ticket whose number it voids.
func undoes(e event.Event, v event.Void) bool {
	return e.Kind == event.KindUndo && slices.ContainsFunc(e.Images.Tickets, func(t ticket.Ticket) bool {
		return t.State == ticket.Cancelled && t.Day == v.Day && t.Series == v.Series && t.N == v.N
	})
}

// runs lists the series in order.
func (s *site) runs() []run {
	out := make([]run, 0, len(s.numbers))
	for r := range s.numbers {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b run) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.series, b.series))
	})
	return out
}

// closeNumbers looks at the series of days that are over, where a leased block
// must be whole now, and forgets them: no ticket of those days can be made any more.
func (s *site) closeNumbers(next office.Day) {
	for _, r := range s.runs() {
		if r.day >= next {
			continue
		}
		if x := s.numbers[r]; r.leased() && !x.loose && len(x.given) > 1 {
			s.find(I3, numeral(r.day, r.series, x.given[0].to+1), "the number of a leased block was neither given nor voided")
		}
		delete(s.numbers, r)
	}
}

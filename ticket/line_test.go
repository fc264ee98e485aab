package ticket

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/office"
)

// drawWaiting draws somebody of a line, often at the same instants as others and
// with what sets tickets apart: classes, head starts, needs, invitations let
// pass, coming back late, a printed window.
func drawWaiting(t *rapid.T, n int, rules office.Rules) Ticket {
	u := drawTicket(t, n, rules)
	u.State = Waiting
	minute := func(label string) time.Time { return at(rapid.IntRange(-60, 60).Draw(t, label)) }
	switch rapid.IntRange(0, 9).Draw(t, "mark") {
	case 0:
		u.Asked = minute("asked")
		u.From = minute("told")
	case 1:
		u.Due = later(u.Arrival, minute("back"))
	case 2:
		u.Callable = minute("callable")
	case 3:
		u.Joined = int64(rapid.IntRange(0, 3).Draw(t, "joined"))
	}
	return u
}

// mirror is a line beside the plain list of those in it.
type mirror struct {
	Line
	plain []*Ticket
	rules office.Rules
}

func (m *mirror) sorted() []Ticket {
	out := make([]Ticket, len(m.plain))
	for i, t := range m.plain {
		out[i] = *t
	}
	slices.SortFunc(out, func(a, b Ticket) int { return inLine(&a, &b) })
	return out
}

func TestTheFrontOfALineSendsWhomTheWholeLineWouldSend(t *testing.T) {
	cut := map[string]int{}
	enough := func() bool {
		return cut[RuleFirstDue] >= 20 && cut[RuleEarlyCall] > 0 && cut[RulePolicyOrder] > 0 && cut[RuleAtLatest] > 0
	}
	for round := 0; round < 20 && !enough(); round++ {
		rapid.Check(t, func(t *rapid.T) { chooseFromFronts(t, cut) })
	}
	if !enough() {
		t.Errorf("too few lines were cut to say much: %v", cut)
	}
}

// chooseFromFronts lets people come and go in a few lines, and now and then
// chooses; cut counts by which rule a line was chosen from that was cut short.
func chooseFromFronts(t *rapid.T, cut map[string]int) {
	lines := make([]*mirror, rapid.IntRange(1, 3).Draw(t, "queues"))
	for i := range lines {
		lines[i] = &mirror{rules: drawRules(t)}
	}
	c, n := drawChoice(t), 0
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		m := rapid.SampledFrom(lines).Draw(t, "line")
		switch op := rapid.IntRange(0, 9).Draw(t, "op"); {
		case op < 6:
			n++
			u := drawWaiting(t, n, m.rules)
			m.Add(&u)
			m.plain = append(m.plain, &u)
		case op < 8 && len(m.plain) > 0:
			i := rapid.IntRange(0, len(m.plain)-1).Draw(t, "who")
			m.Remove(m.plain[i])
			m.plain = slices.Delete(m.plain, i, i+1)
		case op == 8: // the clock may be set back, too
			c.Now = noon.Add(time.Duration(rapid.IntRange(-90, 90).Draw(t, "now")) * time.Minute)
		default:
			compareChoices(t, c, lines, cut)
		}
	}
	compareChoices(t, c, lines, cut)
}

// compareChoices chooses from the whole lines and from their fronts.
func compareChoices(t *rapid.T, c Choice, lines []*mirror, cut map[string]int) {
	c.Offers = rapid.SliceOfNDistinct(rapid.SampledFrom(drawnNeeds), 0, 4, rapid.ID).Draw(t, "these offers")
	whole, front := c, c
	whole.Queues, front.Queues = nil, nil
	n, short := rapid.IntRange(2, 6).Draw(t, "looked at"), false
	for i, m := range lines {
		q := Queue{ID: fmt.Sprint("q", i), Rules: m.rules, AtLatest: time.Duration(max(0, rapid.IntRange(-20, 40).Draw(t, "at latest"))) * time.Minute}
		q.Line = m.sorted()
		if got := m.First(0); !reflect.DeepEqual(got, q.Line) && len(got)+len(q.Line) > 0 {
			t.Fatalf("the line is\n%v\nnot\n%v", got, q.Line)
		}
		whole.Queues = append(whole.Queues, q)
		q.Line = m.Front(c, m.rules, n)
		short = short || len(q.Line) < len(m.plain)
		front.Queues = append(front.Queues, q)
	}
	want, ok := Choose(whole)
	got, ok2 := Choose(front)
	if ok != ok2 || got.Ticket.ID != want.Ticket.ID || got.Invited != want.Invited || got.Why.Rule != want.Why.Rule {
		t.Fatalf("the fronts send %s by %s, the lines %s by %s", got.Ticket.ID, got.Why.Rule, want.Ticket.ID, want.Why.Rule)
	}
	if !ok {
		return
	}
	if short {
		cut[want.Why.Rule]++
	}
	for i, m := range lines {
		list := whole.Queues[i].Line
		before := slices.IndexFunc(list, func(u Ticket) bool { return !u.Before(want.Ticket) })
		if before < 0 {
			before = len(list)
		}
		first, all := m.Ahead(want.Ticket, 2)
		if all != before || len(first) != min(2, before) || len(first) > 0 && !reflect.DeepEqual(first, list[:len(first)]) {
			t.Fatalf("%d stand before %s, %v first, not %d of %v", all, want.Ticket.ID, first, before, list)
		}
	}
}

func TestALineOfThousandsStaysInOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var l Line
	var plain []*Ticket
	for i := range 20_000 {
		if len(plain) > 0 && (r.IntN(3) == 0 || i > 17_000 && r.IntN(4) > 0) {
			n := r.IntN(len(plain))
			l.Remove(plain[n])
			plain = slices.Delete(plain, n, n+1)
			continue
		}
		u := tk(fmt.Sprint(i), 0)
		u.Due, u.Joined = u.Due.Add(time.Duration(r.IntN(5000))*time.Second), int64(i)
		l.Add(&u)
		plain = append(plain, &u)
	}
	slices.SortFunc(plain, inLine)
	if l.Len() != len(plain) {
		t.Fatalf("%d in the line, not %d", l.Len(), len(plain))
	}
	for i, u := range l.First(0) {
		if u.ID != plain[i].ID {
			t.Fatalf("%s stands at %d, not %s", u.ID, i, plain[i].ID)
		}
		if _, n := l.Ahead(u, 0); n != i {
			t.Fatalf("%d stand before %s, not %d", n, u.ID, i)
		}
	}
	at := plain[len(plain)/2].Due
	for _, u := range l.DueBefore(at) {
		if !u.Due.Before(at) {
			t.Fatalf("%s is due at %s", u.ID, u.Due)
		}
	}
}

// BenchmarkFront shows what a choice costs in the least kind line: early birds
// and needs that the counter does not meet stand before the first it may call.
func BenchmarkFront(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			var l Line
			for i := range n {
				u := tk(fmt.Sprint(i), -300)
				u.Joined = int64(i)
				switch i % 3 {
				case 0:
					u.Needs = []office.Need{office.NeedSign}
				case 1:
					u.Class, u.Start, u.Callable = Booked, at(240), at(235)
				case 2:
					u.Due = at(-10) // came back late
				}
				l.Add(&u)
			}
			c := Choice{Now: noon, Queues: []Queue{wait("a")}}
			for b.Loop() {
				c.Queues[0].Line = l.Front(c, c.Queues[0].Rules, 32)
				if _, ok := Choose(c); !ok {
					b.Fatal("nobody")
				}
			}
		})
	}
}

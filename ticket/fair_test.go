package ticket

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "vez/hall/rapidtest" // the same programs in every run
	"vez/office"
)

// drawRules draws the rules of a queue.
func drawRules(t *rapid.T) office.Rules {
	r := office.DefaultRules()
	r.FilingOrder = rapid.IntRange(0, 4).Draw(t, "filing") == 0
	minutes := func(name string, most int) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(t, name)) * time.Minute
	}
	r.PriorityHeadStart, r.BookedHeadStart = minutes("priority", 60), minutes("booked", 120)
	r.EarlyCall, r.LateBehind = minutes("early", 15), minutes("behind", 20)
	r.LateRefused = r.LateBehind + minutes("refused", 30)
	return r
}

var drawnNeeds = []office.Need{office.NeedLowDesk, office.NeedSign, office.NeedMoreTime, "language:pt"}

// drawTicket draws somebody who came into a line before now (noon) by Join.
func drawTicket(t *rapid.T, n int, rules office.Rules) Ticket {
	arrival := at(-rapid.IntRange(0, 180).Draw(t, "arrival"))
	class := rapid.SampledFrom([]Class{WalkIn, WalkIn, Booked, Booked, Afar, Pass}).Draw(t, "class")
	u := Ticket{ID: fmt.Sprint(n), Number: Number("A", n), State: Waiting, Class: class, Arrival: arrival, Joined: int64(n)}
	j := Joining{Arrival: arrival, Class: class, Rules: rules}
	if rapid.Bool().Draw(t, "priority") {
		j.HeadStart = rules.PriorityHeadStart
	}
	if class == Booked {
		j.Start = arrival.Add(time.Duration(rapid.IntRange(-60, 180).Draw(t, "start")) * time.Minute)
		u.Start = j.Start
	}
	p, err := Join(j)
	if err != nil { // too late: takes a walk-in's ticket instead
		j.Class, u.Start = WalkIn, time.Time{}
		p, _ = Join(j)
	}
	u.Class, u.Due, u.Callable, u.HeadStart = p.Class, p.Due, p.Callable, j.HeadStart
	if rapid.IntRange(0, 3).Draw(t, "needy") == 0 {
		u.Needs = []office.Need{rapid.SampledFrom(drawnNeeds).Draw(t, "need")}
	}
	if class == Afar && rapid.Bool().Draw(t, "dormant") {
		u.State = Remote
	}
	if u.State == Waiting && !rules.FilingOrder && arrival.Before(noon) && rapid.IntRange(0, 9).Draw(t, "missed") == 0 {
		u.Due = arrival.Add(noon.Sub(arrival) / 2) // came back after the grace
	}
	return u
}

// drawChoice draws up to three queues and what a counter offers.
func drawChoice(t *rapid.T) Choice {
	c := Choice{Now: noon, SoftAfter: time.Duration(rapid.IntRange(0, 10).Draw(t, "soft")) * time.Minute,
		Offers:         rapid.SliceOfNDistinct(rapid.SampledFrom(drawnNeeds), 0, 4, rapid.ID).Draw(t, "offers"),
		NeedsElsewhere: elsewhere(rapid.SliceOfNDistinct(rapid.SampledFrom(drawnNeeds), 0, 4, rapid.ID).Draw(t, "elsewhere")...)}
	n := 0
	for i := range rapid.IntRange(1, 3).Draw(t, "queues") {
		q := Queue{ID: fmt.Sprint("q", i), Rules: drawRules(t)}
		if rapid.Bool().Draw(t, "limited") {
			q.AtLatest = time.Duration(rapid.IntRange(1, 60).Draw(t, "at latest")) * time.Minute
		}
		for range rapid.IntRange(0, 7).Draw(t, "waiting") {
			n++
			q.Line = append(q.Line, drawTicket(t, n, q.Rules))
		}
		c.Queues = append(c.Queues, q)
	}
	return c
}

// reference is the time that the promise of order speaks of: the arrival, and
// for somebody booked the earlier of arrival and start.
func reference(t Ticket) time.Time {
	if t.Start.IsZero() {
		return t.Arrival
	}
	return earlier(t.Arrival, t.Start)
}

func TestNobodyWhoWalkedInIsOvertakenBeyondTheBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChoice(t)
		pick, ok := Choose(c)
		if !ok {
			return
		}
		for _, q := range c.Queues {
			if !slices.ContainsFunc(q.Line, func(u Ticket) bool { return u.ID == pick.Ticket.ID }) {
				continue
			}
			bound := max(q.Rules.PriorityHeadStart, q.Rules.BookedHeadStart) + q.Rules.LateBehind
			for _, w := range q.Line {
				if w.Class != WalkIn || w.State != Waiting || !c.serves(&w) {
					continue
				}
				// Who came back after the grace waits from then on.
				if latest := w.Since().Add(bound); reference(pick.Ticket).After(latest) {
					t.Fatalf("%s (%s) overtakes %s of %s by more than %s", pick.Ticket.ID, reference(pick.Ticket), w.ID, w.Arrival, bound)
				}
			}
		}
	})
}

func TestADayOfCallsKeepsTheBoundAndServesEverybody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		var coming []Ticket
		for n := range rapid.IntRange(1, 25).Draw(t, "people") {
			u := drawTicket(t, n+1, rules)
			u.State, u.Needs = Waiting, nil
			coming = append(coming, u)
		}
		slices.SortFunc(coming, func(a, b Ticket) int { return a.Since().Compare(b.Since()) })
		bound := max(rules.PriorityHeadStart, rules.BookedHeadStart) + rules.LateBehind
		served, now := 0, at(-180)
		var here []Ticket
		for ; len(coming)+len(here) > 0; now = now.Add(7 * time.Minute) {
			for len(coming) > 0 && !coming[0].Since().After(now) {
				here, coming = append(here, coming[0]), coming[1:]
			}
			pick, ok := Choose(Choice{Now: now, Queues: []Queue{{Line: here, Rules: rules}}})
			if ok != (len(here) > 0) {
				t.Fatalf("%d wait and ok is %v", len(here), ok)
			}
			if !ok {
				continue
			}
			served++
			here = slices.DeleteFunc(here, func(u Ticket) bool { return u.ID == pick.Ticket.ID })
			for _, w := range here {
				if w.Class == WalkIn && reference(pick.Ticket).After(w.Since().Add(bound)) {
					t.Fatalf("%s overtakes %s by more than %s", pick.Ticket.ID, w.ID, bound)
				}
			}
		}
		if served == 0 {
			t.Fatal("nobody was served")
		}
	})
}

func TestNobodyFaresWorseForHavingBooked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChoice(t)
		var tickets []*Ticket
		rules := map[*Ticket]office.Rules{}
		for i := range c.Queues {
			for k := range c.Queues[i].Line {
				u := &c.Queues[i].Line[k]
				if (u.Class == Booked || u.Class == Late || u.Class == Pass) && !u.Due.After(u.Arrival) {
					tickets, rules[u] = append(tickets, u), c.Queues[i].Rules
				}
			}
		}
		if len(tickets) == 0 {
			return
		}
		b := rapid.SampledFrom(tickets).Draw(t, "booked")
		asBooked, _ := Choose(c)
		p, err := Join(Joining{Arrival: b.Arrival, Class: WalkIn, HeadStart: b.HeadStart, Rules: rules[b]})
		if err != nil {
			t.Fatal(err)
		}
		b.Class, b.Due, b.Callable, b.Start = p.Class, p.Due, p.Callable, time.Time{}
		asWalkIn, ok := Choose(c)
		if ok && asWalkIn.Ticket.ID == b.ID && asBooked.Ticket.ID != b.ID {
			t.Fatalf("%s would be called as a walk-in, and %s is because it is booked", b.ID, asBooked.Ticket.ID)
		}
	})
}

func TestChooseFindsSomebodyExactlyWhenThisCounterCanServeSomebody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChoice(t)
		can := false
		for _, q := range c.Queues {
			for _, u := range q.Line {
				can = can || u.State == Waiting && c.serves(&u)
			}
		}
		pick, ok := Choose(c)
		if ok != can {
			t.Fatalf("ok is %v, somebody can be served: %v", ok, can)
		}
		if ok && (pick.Ticket.State != Waiting || !c.serves(&pick.Ticket) || pick.Why.Rule == "") {
			t.Fatalf("picked %+v", pick)
		}
	})
}

func TestChooseDoesNotDependOnTheOrderOfTheLines(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChoice(t)
		first, ok := Choose(c)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for i := range c.Queues {
			l := slices.Clone(c.Queues[i].Line)
			random.Shuffle(len(l), func(a, b int) { l[a], l[b] = l[b], l[a] })
			c.Queues[i].Line = l
		}
		again, ok2 := Choose(c)
		if ok != ok2 || !reflect.DeepEqual(first, again) {
			t.Fatalf("%+v, then %+v", first, again)
		}
	})
}

func TestFilingOrderIsTheOrderOfArrival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := drawRules(t)
		rules.FilingOrder = true
		c := Choice{Now: noon, Queues: []Queue{{Rules: rules}}}
		for n := range rapid.IntRange(1, 12).Draw(t, "waiting") {
			u := drawTicket(t, n+1, rules)
			u.State, u.Needs = Waiting, nil
			c.Queues[0].Line = append(c.Queues[0].Line, u)
		}
		pick, _ := Choose(c)
		for _, u := range c.Queues[0].Line {
			if u.Arrival.Before(pick.Ticket.Arrival) || u.Arrival.Equal(pick.Ticket.Arrival) && u.Joined < pick.Ticket.Joined {
				t.Fatalf("%s is called before %s", pick.Ticket.ID, u.ID)
			}
		}
	})
}

func TestEverybodyPassedOverByDueIsNamed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawChoice(t)
		pick, ok := Choose(c)
		if !ok {
			return
		}
		named := map[string]string{}
		for _, p := range pick.Why.Passed {
			named[p.Ticket] = p.Why
		}
		if named[pick.Ticket.ID] != "" {
			t.Fatal("a ticket passes itself")
		}
		for _, q := range c.Queues {
			for _, u := range q.Line {
				if u.ID != pick.Ticket.ID && u.Before(pick.Ticket) && named[u.ID] == "" {
					t.Fatalf("%s stands before %s and is not named", u.ID, pick.Ticket.ID)
				}
			}
		}
	})
}

func TestBeforeIsAStrictTotalOrder(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) Ticket {
		return Ticket{ID: fmt.Sprint(rapid.IntRange(0, 3).Draw(t, "id")), Joined: int64(rapid.IntRange(0, 2).Draw(t, "joined")),
			Due: at(rapid.IntRange(0, 2).Draw(t, "due"))}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := draw.Draw(t, "a"), draw.Draw(t, "b"), draw.Draw(t, "c")
		if a.Before(a) {
			t.Fatal("before itself")
		}
		if a.Before(b) && b.Before(a) {
			t.Fatal("before each other")
		}
		if a.Before(b) && b.Before(c) && !a.Before(c) {
			t.Fatal("not transitive")
		}
		if !a.Before(b) && !b.Before(a) && !reflect.DeepEqual(a, b) {
			t.Fatal("two tickets stand at one place")
		}
	})
}

package ticket

import (
	"reflect"
	"testing"
	"time"

	"vez/office"
)

// tk is a waiting ticket of a test's line that arrived at a minute after noon.
func tk(id string, arrival int, edit ...func(*Ticket)) Ticket {
	t := Ticket{ID: id, Number: id, State: Waiting, Class: WalkIn, Arrival: at(arrival), Due: at(arrival), Joined: int64(arrival + 1000)}
	for _, e := range edit {
		e(&t)
	}
	return t
}

// booked at a minute after noon; due is reckoned by the default rules.
func booked(start int) func(*Ticket) {
	return func(t *Ticket) {
		p, err := Join(Joining{Arrival: t.Arrival, Class: Booked, Start: at(start), Rules: office.DefaultRules()})
		if err != nil {
			panic(err)
		}
		t.Class, t.Start, t.Due, t.Callable = p.Class, at(start), p.Due, p.Callable
	}
}

func need(n office.Need) func(*Ticket) {
	return func(t *Ticket) { t.Needs = append(t.Needs, n) }
}

func priority(t *Ticket) { t.HeadStart, t.Due = 30*min1, t.Arrival.Add(-30*min1) }

func dormant(t *Ticket) { t.State, t.Class = Remote, Afar }

func told(from int) func(*Ticket) { return func(t *Ticket) { t.From = at(from) } }

func asked(t *Ticket) { t.Asked = t.Arrival }

func late(due int) func(*Ticket) { return func(t *Ticket) { t.Due = at(due) } }

func wait(id string, ts ...Ticket) Queue {
	return Queue{ID: id, Line: ts, Rules: office.DefaultRules()}
}

func within(q Queue, minutes int) Queue {
	q.AtLatest = time.Duration(minutes) * time.Minute
	return q
}

func elsewhere(ns ...office.Need) func(office.Need) bool {
	return func(n office.Need) bool {
		for _, m := range ns {
			if n == m {
				return true
			}
		}
		return false
	}
}

func TestTheReasonNamesTheRuleAndWhomItPassedOverAndWhy(t *testing.T) {
	filing := wait("f", tk("F1", -20), tk("F2", -30, booked(30)))
	filing.Rules.FilingOrder = true
	for name, c := range map[string]struct {
		choice  Choice
		want    string // number and rule
		invited bool
		passed  []Passed
	}{
		"nobody waits":      {Choice{Queues: []Queue{wait("a")}}, "", false, nil},
		"only dormant ones": {Choice{Queues: []Queue{wait("a", tk("R1", -9, dormant))}}, "", false, nil},
		"the only one":      {Choice{Queues: []Queue{wait("a", tk("A1", -9)), wait("b")}}, "A1 only_one", false, nil},
		"first come":        {Choice{Queues: []Queue{wait("a", tk("A2", -8), tk("A1", -9))}}, "A1 first_due", false, nil},
		"a booked one passes those who came before": {
			Choice{Queues: []Queue{wait("a", tk("A1", -40), tk("B1", -5, booked(0)))}}, "B1 first_due", false,
			[]Passed{{"A1", "A1", WhyLaterDue}}},
		"but not before its time": {
			Choice{Queues: []Queue{wait("a", tk("A1", -10), tk("B1", -5, booked(6)))}}, "A1 first_due", false,
			[]Passed{{"B1", "B1", WhyNotYetCallable}}},
		"five minutes before its time it is an invitation": {
			Choice{Queues: []Queue{wait("a", tk("A1", -10), tk("B1", -5, booked(5)))}}, "B1 first_due", true,
			[]Passed{{"A1", "A1", WhyLaterDue}}},
		"an early bird is called when nobody came before": {
			Choice{Queues: []Queue{wait("a", tk("A1", -10), tk("B1", -20, booked(60)))}}, "B1 early_call", true, nil},
		"nor is one kept waiting by a priority that came after it": {
			Choice{Queues: []Queue{wait("a", tk("P1", -5, priority), tk("B1", -20, booked(20)))}}, "B1 early_call", true, nil},
		"who came back late did not come before": {
			Choice{Queues: []Queue{wait("a", tk("A1", -90, late(-2)), tk("B1", -20, booked(60)))}}, "B1 early_call", true,
			nil},
		"dormant ones are passed over": {
			Choice{Queues: []Queue{wait("a", tk("R1", -30, dormant), tk("A1", -10), tk("A2", -5))}}, "A1 first_due", false,
			[]Passed{{"R1", "R1", WhyRemote}}},
		"a hard need waits for its counter": {
			Choice{Queues: []Queue{wait("a", tk("L1", -300, need(office.NeedLowDesk)), tk("A1", -10))}}, "A1 first_due", false,
			[]Passed{{"L1", "L1", WhyNeedsOther}}},
		"which is this one": {
			Choice{Offers: []office.Need{office.NeedLowDesk}, Queues: []Queue{wait("a", tk("L1", -30, need(office.NeedLowDesk)), tk("A1", -10))}},
			"L1 first_due", false, nil},
		"a soft need waits some minutes": {
			Choice{SoftAfter: 5 * min1, NeedsElsewhere: elsewhere("language:pt"),
				Queues: []Queue{wait("a", tk("P1", -4, need("language:pt")), tk("A1", -1))}}, "A1 first_due", false,
			[]Passed{{"P1", "P1", WhyNeedsOther}}},
		"and no longer": {
			Choice{SoftAfter: 5 * min1, NeedsElsewhere: elsewhere("language:pt"),
				Queues: []Queue{wait("a", tk("P1", -5, need("language:pt")), tk("A1", -1))}}, "P1 first_due", false, nil},
		"and not at all when no other counter meets it": {
			Choice{SoftAfter: 5 * min1, NeedsElsewhere: elsewhere(),
				Queues: []Queue{wait("a", tk("P1", -1, need("language:pt")), tk("A1", 0))}}, "P1 first_due", false, nil},
		"one who waits for another counter keeps nobody from an early call": {
			Choice{Queues: []Queue{wait("a", tk("L1", -50, need(office.NeedSign)), tk("B1", -20, booked(60)))}}, "B1 early_call", true,
			[]Passed{{"L1", "L1", WhyNeedsOther}}},
		"the counter's list comes first": {
			Choice{Queues: []Queue{wait("a", tk("A1", -3)), wait("b", tk("B1", -30), tk("B2", -2))}}, "A1 policy_order", false,
			[]Passed{{"B1", "B1", WhyPolicy}}},
		"until somebody waits too long": {
			Choice{Queues: []Queue{wait("a", tk("A1", -3)), within(wait("b", tk("B1", -30)), 20)}}, "B1 at_latest", false,
			[]Passed{{"A1", "A1", WhyLaterDue}}},
		"a limit helps only the earlier due": {
			Choice{Queues: []Queue{wait("a", tk("A1", -40), tk("A2", -35)), within(wait("b", tk("B1", -30)), 20)}}, "A1 first_due", false, nil},
		"of two past their limits the earlier due": {
			Choice{Queues: []Queue{wait("a", tk("A1", -3)), within(wait("b", tk("B1", -30)), 20), within(wait("c", tk("C1", -31)), 20)}},
			"C1 at_latest", false, []Passed{{"A1", "A1", WhyLaterDue}}},
		"at the limit the list still holds": {
			Choice{Queues: []Queue{wait("a", tk("A1", -3)), within(wait("b", tk("B1", -20)), 20)}}, "A1 policy_order", false,
			[]Passed{{"B1", "B1", WhyPolicy}}},
		"before the printed time it is an invitation": {
			Choice{Queues: []Queue{wait("a", tk("A1", -3, told(4)))}}, "A1 only_one", true, nil},
		"an unanswered one is not repeated while others wait": {
			Choice{Queues: []Queue{wait("a", tk("A1", -30, told(4), asked), tk("A2", -3))}}, "A2 first_due", false,
			[]Passed{{"A1", "A1", WhyInvited}}},
		"but when nobody else does": {
			Choice{Queues: []Queue{wait("a", tk("A1", -30, told(4), asked))}}, "A1 only_one", true, nil},
		"and counts no more after the time told": {
			Choice{Queues: []Queue{wait("a", tk("A1", -30, told(0), asked), tk("A2", -3))}}, "A1 first_due", false, nil},
		"filing order knows no head start": {Choice{Queues: []Queue{filing}}, "F2 first_due", true, nil},
	} {
		c.choice.Now = noon
		pick, ok := Choose(c.choice)
		got := ""
		if ok {
			got = pick.Ticket.Number + " " + pick.Why.Rule
		}
		if got != c.want || pick.Invited != c.invited || !reflect.DeepEqual(pick.Why.Passed, c.passed) {
			t.Errorf("%s: %q invited %v passed %+v\nwant %q invited %v passed %+v", name, got, pick.Invited, pick.Why.Passed, c.want, c.invited, c.passed)
		}
	}
}

func TestTheReasonTellsTheHeadStart(t *testing.T) {
	pick, _ := Choose(Choice{Now: noon, Queues: []Queue{wait("a", tk("B1", -5, booked(0)))}})
	if w := pick.Why; w.HeadStart != 55*min1 || !w.Due.Equal(at(-60)) || !w.Arrival.Equal(at(-5)) {
		t.Errorf("%+v", w)
	}
}

func TestTheListOfThosePassedIsBoundedAndCountsTheRest(t *testing.T) {
	q := wait("a", tk("B1", -1, booked(0)))
	for i := range 80 {
		q.Line = append(q.Line, tk(Number("A", i), -50+i/4))
	}
	pick, _ := Choose(Choice{Now: noon, Queues: []Queue{q}})
	if pick.Ticket.ID != "B1" || len(pick.Why.Passed) != 50 || pick.Why.More != 30 {
		t.Errorf("%s passed %d and %d more", pick.Ticket.ID, len(pick.Why.Passed), pick.Why.More)
	}
}

func BenchmarkChooseAmongFiveHundredEarlyBirds(b *testing.B) {
	q := wait("a", tk("L1", -200, need(office.NeedLowDesk)))
	for i := range 500 {
		q.Line = append(q.Line, tk(Number("B", i), -i/5, booked(100+i/5)))
	}
	for b.Loop() {
		if _, ok := Choose(Choice{Now: noon, Queues: []Queue{q}}); !ok {
			b.Fatal("nobody")
		}
	}
}

package ticket

import "time"

// Rules that choose a ticket, as they stand in Reason.Rule.
const (
	RuleFirstDue    = "first_due"    // the earliest due of all it could call
	RuleOnlyOne     = "only_one"     // nobody else waits
	RulePolicyOrder = "policy_order" // the counter's list puts its queue first, though another due is earlier
	RuleAtLatest    = "at_latest"    // its queue's limit is passed: the earlier due wins over the list
	RuleEarlyCall   = "early_call"   // booked and before its time, but nobody arrived earlier
	RuleNamed       = "named"        // staff called it out of turn, for a named reason
)

// Why somebody was passed over, as it stands in Passed.Why; after a call out of
// turn it is one of CallReasons.
const (
	WhyLaterDue       = "later_due"           // arrived earlier, but its due is later
	WhyNotYetCallable = "not_yet_callable"    // booked, before its time
	WhyNeedsOther     = "needs_other_counter" // a need that this counter does not meet
	WhyRemote         = "remote"              // from afar and not yet activated
	WhyPolicy         = "policy"              // in a queue that the counter's list puts behind
	WhyInvited        = "invited"             // did not come to an early call, and need not yet be there
)

// mostPassed bounds the list, since every event is kept.
const mostPassed = 50

// Reason says why a ticket was called: the rule, what its due was reckoned
// from, and whom the call passed over.
type Reason struct {
	Rule    string    `json:"rule"`
	Due     time.Time `json:"due,omitzero"`
	Arrival time.Time `json:"arrival,omitzero"`
	// HeadStart is how far due lies before the arrival or the booked start.
	HeadStart time.Duration `json:"head_start,omitempty"`
	// Passed lists those before it by due, in any of the counter's queues, and
	// those of its own queue who arrived before it.
	Passed []Passed `json:"passed,omitempty"`
	// More counts those passed over beyond the first fifty.
	More int `json:"more,omitempty"`
}

// Passed is one ticket passed over.
type Passed struct {
	Ticket string `json:"ticket"`
	Number string `json:"number"`
	Why    string `json:"why"`
}

// why explains the choice of best, where the list alone would have taken listed.
func (c Choice) why(lines []line, listed, best candidate) Reason {
	r := Reason{Due: best.Due, Arrival: best.Arrival, HeadStart: best.headStart()}
	waiting, behindList := 0, false
	for i, l := range lines {
		for _, t := range l.tickets {
			if t.State == Waiting {
				waiting++
			}
			why := c.passed(l, i == best.queue, t, listed, best)
			behindList = behindList || why == WhyPolicy
			r.pass(t, why)
		}
	}
	switch {
	case best.early:
		r.Rule = RuleEarlyCall
	case best.Ticket != listed.Ticket:
		r.Rule = RuleAtLatest
	case waiting == 1:
		r.Rule = RuleOnlyOne
	case behindList:
		r.Rule = RulePolicyOrder
	default:
		r.Rule = RuleFirstDue
	}
	return r
}

// pass notes a ticket that was passed over; "" is none.
func (r *Reason) pass(t *Ticket, why string) {
	switch {
	case why == "":
	case len(r.Passed) == mostPassed:
		r.More++
	default:
		r.Passed = append(r.Passed, Passed{Ticket: t.ID, Number: t.Number, Why: why})
	}
}

// passed tells why the choice of best passed over t of a line, which is
// its own or another; "" when it did not.
func (c Choice) passed(l line, own bool, t *Ticket, listed, best candidate) string {
	before := t.Before(*best.Ticket)
	switch {
	case t == best.Ticket:
		return ""
	case !before && own && t.State == Waiting && t.Since().Before(best.Since()):
		return WhyLaterDue
	case t == listed.Ticket:
		return WhyLaterDue // but another queue's limit was passed
	case !before:
		return ""
	case t.State == Remote:
		return WhyRemote
	case t.State != Waiting:
		return ""
	case !c.serves(t):
		return WhyNeedsOther
	}
	if ok, _ := c.callable(l, t); !ok {
		return WhyNotYetCallable
	}
	if c.asked(t) {
		return WhyInvited
	}
	return WhyPolicy
}

// headStart is how far due was put before the instant it is reckoned from.
func (t Ticket) headStart() time.Duration {
	switch t.Class {
	case Booked:
		return max(earlier(t.Arrival, t.Start).Sub(t.Due), 0)
	case Afar:
		return t.HeadStart
	}
	return max(t.Arrival.Sub(t.Due), 0)
}

package catalogue

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"vez/fault/near"
	"vez/office"
)

// level says where rules stand; a nearer level wins over a farther one, key by key.
type level int

const (
	atCatalogue level = iota
	atDepartment
	atOffice
	atQueue
	atService
	inSeason
)

// layer is what one place says: changes to be made to the rules of queues and
// to those of booking.
type layer struct {
	queue   []func(*office.Rules)
	booking []func(*office.ServiceRules)
}

func (l layer) onQueue(r office.Rules) office.Rules {
	for _, set := range l.queue {
		set(&r)
	}
	return r
}

func (l layer) onBooking(r office.ServiceRules) office.ServiceRules {
	for _, set := range l.booking {
		set(&r)
	}
	return r
}

// rule is a key: it reads a value into a change of queue rules, of booking rules, or of either.
type rule struct {
	queue   func(string) (func(*office.Rules), error)
	booking func(string) (func(*office.ServiceRules), error)
}

func ofQueue[T any](read func(string) (T, error), set func(*office.Rules, T)) rule {
	return rule{queue: func(s string) (func(*office.Rules), error) {
		v, err := read(s)
		return func(r *office.Rules) { set(r, v) }, err
	}}
}

func ofBooking[T any](read func(string) (T, error), set func(*office.ServiceRules, T)) rule {
	return rule{booking: func(s string) (func(*office.ServiceRules), error) {
		v, err := read(s)
		return func(r *office.ServiceRules) { set(r, v) }, err
	}}
}

// ofBoth is a rule of queues that a service may set for itself.
func ofBoth(q, b rule) rule { return rule{queue: q.queue, booking: b.booking} }

// limit is how many walk-in tickets a day: so many, no limit, or (in a season) so many percent.
type limit struct {
	none    bool
	n       int
	percent int
}

func walkInLimit(s string) (limit, error) {
	if s == "none" {
		return limit{none: true}, nil
	}
	if p, ok := strings.CutSuffix(s, "%"); ok {
		n, err := count(p)
		if err == nil && n > 0 && n <= 1000 {
			return limit{percent: n}, nil
		}
	} else if n, err := count(s); err == nil {
		return limit{n: n}, nil
	}
	return limit{}, fmt.Errorf("write a number of tickets, 0 for by booking only, or none; in a season also 150%%")
}

func setWalkIn(r *office.Rules, l limit) {
	switch {
	case l.percent > 0:
		r.WalkInLimit = int(math.Round(float64(r.WalkInLimit*l.percent) / 100))
	case l.none:
		r.WalkIn, r.WalkInLimit = true, 0
	default:
		r.WalkIn, r.WalkInLimit = l.n > 0, l.n
	}
}

// rules are all keys there are; docs/catalogue.md lists them, and a test compares.
var rules = map[string]rule{
	"daily-walk-in-limit": ofQueue(walkInLimit, setWalkIn),
	"filing-order":        ofQueue(yesNo, func(r *office.Rules, v bool) { r.FilingOrder = v }),
	"remote":              ofQueue(yesNo, func(r *office.Rules, v bool) { r.Remote = v }),
	"last-ticket":         ofQueue(duration, func(r *office.Rules, v time.Duration) { r.LastTicket = v }),
	"last-filing":         ofQueue(duration, func(r *office.Rules, v time.Duration) { r.LastFiling = v }),
	"priority-head-start": ofQueue(duration, func(r *office.Rules, v time.Duration) { r.PriorityHeadStart = v }),
	"booked-head-start":   ofQueue(duration, func(r *office.Rules, v time.Duration) { r.BookedHeadStart = v }),
	"early-call":          ofQueue(duration, func(r *office.Rules, v time.Duration) { r.EarlyCall = v }),
	"early-refused":       ofQueue(duration, func(r *office.Rules, v time.Duration) { r.EarlyRefused = v }),
	"late-behind": ofBoth(
		ofQueue(duration, func(r *office.Rules, v time.Duration) { r.LateBehind = v }),
		ofBooking(duration, func(r *office.ServiceRules, v time.Duration) { r.LateBehind = v })),
	"late-refused": ofBoth(
		ofQueue(duration, func(r *office.Rules, v time.Duration) { r.LateRefused = v }),
		ofBooking(duration, func(r *office.ServiceRules, v time.Duration) { r.LateRefused = v })),
	"hall-late":        ofQueue(duration, func(r *office.Rules, v time.Duration) { r.HallLate = v }),
	"remote-grace":     ofQueue(duration, func(r *office.Rules, v time.Duration) { r.RemoteGrace = v }),
	"miss-after":       ofQueue(duration, func(r *office.Rules, v time.Duration) { r.MissAfter = v }),
	"miss-after-more":  ofQueue(duration, func(r *office.Rules, v time.Duration) { r.MissAfterMore = v }),
	"return-grace":     ofQueue(duration, func(r *office.Rules, v time.Duration) { r.ReturnGrace = v }),
	"booked-share":     ofQueue(percent, func(r *office.Rules, v float64) { r.BookedShare = v }),
	"same-day-share":   ofQueue(percent, func(r *office.Rules, v float64) { r.SameDayShare = v }),
	"same-day-at":      ofQueue(clock, func(r *office.Rules, v time.Duration) { r.SameDayAt = v }),
	"guaranteed-share": ofQueue(percent, func(r *office.Rules, v float64) { r.GuaranteedShare = v }),
	"guaranteed-until": ofQueue(duration, func(r *office.Rules, v time.Duration) { r.GuaranteedUntil = v }),
	"kiosk-quota":      ofQueue(count, func(r *office.Rules, v int) { r.KioskQuota = v }),

	"bookable": ofBooking(yesNo, func(r *office.ServiceRules, v bool) { r.Bookable = v }),
	"horizon": ofBooking(horizon, func(r *office.ServiceRules, v ahead) {
		r.HorizonDays, r.HorizonWorkingDays = int(v.time/(24*time.Hour)), v.work
	}),
	"lead": ofBooking(distanceAhead, func(r *office.ServiceRules, v ahead) { r.Lead, r.LeadDays = v.time, v.work }),
	"cutoff": ofBooking(distanceAhead, func(r *office.ServiceRules, v ahead) {
		r.Cutoff, r.CutoffWorkingDays = v.time, v.work
	}),
	"limit-per-service": ofBooking(count, func(r *office.ServiceRules, v int) { r.LimitService = v }),
	"limit-open":        ofBooking(count, func(r *office.ServiceRules, v int) { r.LimitOpen = v }),
	"limit-per-day":     ofBooking(count, func(r *office.ServiceRules, v int) { r.LimitDay = v }),
	"max-people":        ofBooking(count, func(r *office.ServiceRules, v int) { r.MaxPeople = v }),
	"set-date":          ofBooking(yesNo, func(r *office.ServiceRules, v bool) { r.SetDate = v }),
	"no-show-limit":     ofBooking(count, func(r *office.ServiceRules, v int) { r.NoShowLimit = v }),
	"no-show-days":      ofBooking(count, func(r *office.ServiceRules, v int) { r.NoShowDays = v }),
	"pause-days":        ofBooking(count, func(r *office.ServiceRules, v int) { r.PauseDays = v }),
	"named":             ofBooking(yesNo, func(r *office.ServiceRules, v bool) { r.Named = v }),
	"discreet":          ofBooking(yesNo, func(r *office.ServiceRules, v bool) { r.Discreet = v }),
	"remind":            ofBooking(durations, func(r *office.ServiceRules, v []time.Duration) { r.Remind = v }),
}

// layer reads the "rules" of an object.
func (o *object) layer(at level) (l layer) {
	f, ok := o.take("rules")
	if !ok {
		return l
	}
	in := o.src.object(f.node, f.line, "the rules of "+o.what)
	for _, key := range in.names {
		in.asked[key] = true
		in.rule(&l, at, key)
	}
	return l
}

func (o *object) rule(l *layer, at level, key string) {
	r, known := rules[key]
	if !known {
		o.src.wrong(o.fields[key].line, near.Word(key, ruleNames(), 3, "docs/catalogue.md"), "there is no rule %q", key)
		return
	}
	text, line, ok := o.ruleText(key)
	if !ok {
		return
	}
	if at == atService && r.booking == nil {
		o.src.wrong(line, "set it at the queue, the office, the department or for all", "%q is a rule of a queue, not of a service", key)
		return
	}
	if strings.HasSuffix(text, "%") && key == "daily-walk-in-limit" && at != inSeason {
		o.src.wrong(line, "write a number of tickets", "a share of %q makes sense in a season only", key)
		return
	}
	if err := l.add(r, at, text); err != nil {
		o.src.wrong(line, err.Error(), "%q is no value for %q", text, key)
	}
}

// add takes a rule's value in. A key that queues and services share is the
// queue's, at a service its own, and in a season both: there it wins over the service.
func (l *layer) add(r rule, at level, text string) error {
	if r.queue != nil && at != atService {
		set, err := r.queue(text)
		if err != nil {
			return err
		}
		l.queue = append(l.queue, set)
	}
	if r.booking != nil && (r.queue == nil || at == atService || at == inSeason) {
		set, err := r.booking(text)
		if err != nil {
			return err
		}
		l.booking = append(l.booking, set)
	}
	return nil
}

// ruleText gives a rule's value; a sequence reads like its items with commas.
func (o *object) ruleText(key string) (string, int, bool) {
	f, ok := o.need(key, "write a value, or take the line out")
	if !ok {
		return "", 0, false
	}
	if _, ok := f.node.(*ast.SequenceNode); !ok {
		v, ok := o.word(key)
		return strings.TrimSpace(v.text), v.line, ok
	}
	var parts []string
	for _, v := range o.src.values(f.node, f.line, fmt.Sprintf("%q", key)) {
		parts = append(parts, v.text)
	}
	return strings.Join(parts, ", "), f.line, len(parts) > 0
}

func ruleNames() []string {
	out := make([]string, 0, len(rules))
	for k := range rules {
		out = append(out, k)
	}
	return out
}

// season is a layer that holds in a part of the year.
type season struct {
	office.Season
	layer
	line int
}

// seasons reads the list of an object.
func (o *object) seasons() (out []season) {
	o.each("seasons", "a season of "+o.what, func(in *object) {
		s := season{line: in.line}
		s.From, s.To = in.monthDay("from"), in.monthDay("to")
		if _, ok := in.need("rules", "say what changes"); ok {
			s.layer = in.layer(inSeason)
		}
		for _, before := range out {
			if s.From != "" && s.To != "" && overlap(s.Season, before.Season) {
				o.src.wrong(in.line, "let seasons follow each other", "this season overlaps the one on line %d", before.line)
			}
		}
		out = append(out, s)
	})
	return out
}

// overlap tells whether two seasons share a day: one of them then holds on the other's first day.
func overlap(a, b office.Season) bool {
	return a.Holds(office.Day("2028-"+b.From)) || b.Holds(office.Day("2028-"+a.From))
}

func (o *object) monthDay(key string) string {
	v, ok := o.must(key, "write month and day such as 03-01")
	if !ok {
		return ""
	}
	s, err := dayOfYear(v.text)
	if err != nil {
		o.src.wrong(v.line, err.Error(), "%q is no day of the year", v.text)
	}
	return s
}

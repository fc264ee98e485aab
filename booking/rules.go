package booking

import (
	"slices"
	"time"

	"vez/fault"
	"vez/office"
)

// RuleInput is what the rules of a service are asked about.
type RuleInput struct {
	Catalogue *office.Catalogue
	Office    *office.Office
	Queue     *office.Queue // that serves it there; nil when none does
	Service   *office.Service
	Now       time.Time
	Start     time.Time
	People    int // 0 means 1
	Class     Class
	Origin    Origin
	// Mine are the holder's bookings, in any state, long enough back for the
	// no-show rule; none for a bearer.
	Mine []Booking
	// Moving is the booking that is rescheduled to Start; nil for a new one.
	// It does not count against the limits.
	Moving *Booking

	rules office.ServiceRules // that apply there on the day of Start
}

// CheckRules tells whether the rules allow a booking, whatever the cells say.
// Faults: NotBookable, ServiceNotHere, TooManyPeople, TooSoon, TooFarAhead,
// SetDateOnly, BookingPaused, LimitReached (scope service, open or day).
func CheckRules(in RuleInput) error {
	if err := checkOffered(in); err != nil {
		return err
	}
	in.rules = in.Service.RulesAt(in.Queue.ID, in.Office.Day(in.Start))
	for _, rule := range []func(RuleInput) error{
		checkBookable, checkPeople, checkRange, checkSetDate, checkMissed, checkLimits,
	} {
		if err := rule(in); err != nil {
			return err
		}
	}
	return nil
}

func checkOffered(in RuleInput) error {
	if in.Queue == nil || in.Queue.Office != in.Office.ID || !slices.Contains(in.Service.Queues, in.Queue.ID) {
		return fault.New(fault.ServiceNotHere, "office", in.Office.Name.Names())
	}
	return nil
}

func checkBookable(in RuleInput) error {
	if !in.rules.Bookable {
		return fault.New(fault.NotBookable)
	}
	return nil
}

func checkPeople(in RuleInput) error {
	switch most := max(1, in.rules.MaxPeople); {
	case in.People < 0:
		return fault.New(fault.InvalidField, "field", "people", "why", "below 1")
	case in.People > most:
		return fault.New(fault.TooManyPeople, "max", most)
	}
	return nil
}

// Range is the first and the last instant at which a booking made at now may
// start by the rules of its service: lead and horizon, the last day included
// to its end. Where rules differ by queue or season, those of the start's day
// count (see office.Service.RulesAt).
func Range(c *office.Catalogue, r office.ServiceRules, o *office.Office, now time.Time) (from, to time.Time) {
	today, loc := o.Day(now), o.Location()
	from = now.Add(r.Lead)
	if r.LeadDays > 0 {
		if t := c.WorkingDays(o, today, r.LeadDays).Time(0, loc); t.After(from) {
			from = t
		}
	}
	return from, lastDay(c, r, o, now).Add(1).Time(0, loc).Add(-time.Millisecond)
}

func lastDay(c *office.Catalogue, r office.ServiceRules, o *office.Office, now time.Time) office.Day {
	if n := r.HorizonWorkingDays; n > 0 {
		return c.WorkingDays(o, o.Day(now), n)
	}
	return o.Day(now).Add(r.HorizonDays)
}

// Horizon is the last day that is worth showing for a service at an office:
// no rule of it, in any queue or season, reaches further at now.
func Horizon(c *office.Catalogue, s *office.Service, o *office.Office, now time.Time) office.Day {
	last := lastDay(c, s.Rules, o, now)
	for _, other := range s.Cases {
		last = max(last, lastDay(c, other.Rules, o, now))
	}
	return last
}

func checkRange(in RuleInput) error {
	from, to := Range(in.Catalogue, in.rules, in.Office, in.Now)
	switch {
	case in.Start.Before(from):
		return fault.New(fault.TooSoon, "minutes", int((from.Sub(in.Now)+time.Minute-1)/time.Minute))
	case in.Start.After(to):
		return fault.New(fault.TooFarAhead, "days", daysBetween(in.Office.Day(in.Now), in.Office.Day(to)))
	}
	return nil
}

func daysBetween(a, b office.Day) int {
	return int(b.Time(0, time.UTC).Sub(a.Time(0, time.UTC)) / (24 * time.Hour))
}

// checkSetDate keeps a service that is done on its named date only from being moved to another.
// Where the office itself was closed, another date is the remedy.
func checkSetDate(in RuleInput) error {
	m := in.Moving
	if m == nil || !in.rules.SetDate || m.State == Displaced || in.Office.Day(in.Start) == m.Day {
		return nil
	}
	return fault.New(fault.SetDateOnly, "date", m.Start.In(in.Office.Location()))
}

// checkMissed pauses booking online for who has missed too many. Staff and the
// kiosk go on booking for them, and they may always come without a booking.
func checkMissed(in RuleInput) error {
	if in.Origin != "" && in.Origin != Online || in.Moving != nil {
		return nil
	}
	until := PausedUntil(in.Catalogue, in.rules, in.Mine)
	if in.Now.Before(until) {
		return fault.New(fault.BookingPaused, "until", until.In(in.Office.Location()))
	}
	return nil
}

// LookBack is how many days back a person's bookings matter to the rules: a
// pause that still runs may rest on a booking missed long before it began.
func LookBack(r office.ServiceRules) int { return max(r.NoShowDays, 0) + max(r.PauseDays, 0) + 1 }

// PausedUntil is the end of the last pause that missed bookings have brought
// about: each that is the NoShowLimit-th within NoShowDays begins one of
// PauseDays. Those of services without a limit do not count. Zero: none.
func PausedUntil(c *office.Catalogue, r office.ServiceRules, mine []Booking) time.Time {
	if r.NoShowLimit <= 0 {
		return time.Time{}
	}
	var missed []time.Time
	for _, b := range mine {
		of := c.Service(b.Service)
		if b.State == Missed && (of == nil || of.RulesAt(b.Queue, b.Day).NoShowLimit > 0) {
			missed = append(missed, b.Start)
		}
	}
	slices.SortFunc(missed, time.Time.Compare)
	for last := len(missed) - 1; last >= r.NoShowLimit-1; last-- {
		first := missed[last-r.NoShowLimit+1]
		if !missed[last].After(first.AddDate(0, 0, r.NoShowDays)) {
			return missed[last].AddDate(0, 0, r.PauseDays)
		}
	}
	return time.Time{}
}

// checkLimits counts the holder's other bookings. A limit of 0 is none.
func checkLimits(in RuleInput) error {
	var service, open, day int
	for _, b := range in.Mine {
		if in.Moving != nil && b.ID == in.Moving.ID {
			continue
		}
		coming := b.coming(in.Now, in.Office.Day(in.Now))
		if coming {
			open++
		}
		if coming && b.Service == in.Service.ID {
			service++
		}
		if (coming || b.State == Fulfilled) && b.Office == in.Office.ID && b.Day == in.Office.Day(in.Start) {
			day++
		}
	}
	r := in.rules
	for _, l := range []struct {
		scope        string
		count, limit int
	}{{"service", service, r.LimitService}, {"open", open, r.LimitOpen}, {"day", day, r.LimitDay}} {
		if l.limit > 0 && l.count >= l.limit {
			return fault.New(fault.LimitReached, "limit", l.limit, "scope", l.scope)
		}
	}
	return nil
}

// coming tells whether a booking counts as open: a hold that has run out does
// not, nor one of a past day that its office's close has not yet reached.
func (b Booking) coming(now time.Time, today office.Day) bool {
	switch {
	case !b.State.Open():
		return false
	case b.State == Held:
		return now.Before(b.HeldUntil)
	}
	return b.State == Displaced || b.Day >= today
}

// Cutoff is the last instant at which a booking of a service that starts at
// start may be changed or cancelled by its holder: so long before, or at the
// same time of day so many working days of the office before.
func Cutoff(s *office.Service, o *office.Office, c *office.Catalogue, start time.Time) time.Time {
	queue := ""
	if q := c.QueueFor(s.ID, o.ID); q != nil {
		queue = q.ID
	}
	r := s.RulesAt(queue, o.Day(start))
	n := r.CutoffWorkingDays
	if n <= 0 {
		return start.Add(-r.Cutoff)
	}
	local := start.In(o.Location())
	clock := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute
	return c.WorkingDays(o, o.Day(start), -n).Time(clock, o.Location())
}

// CanChange tells whether a holder may still reschedule or cancel: a hold
// always, a displaced booking always (the office was at fault), a confirmed one
// until its cut-off (fault.CutoffPassed, params: until); any other is fault.BookingState.
func CanChange(b Booking, c *office.Catalogue, now time.Time) error {
	switch b.State {
	case Held, Displaced:
		return nil
	case Confirmed:
	default:
		return fault.New(fault.BookingState, "state", string(b.State))
	}
	s, o := c.Service(b.Service), c.Office(b.Office)
	if s == nil || o == nil {
		return fault.New(fault.NotBookable)
	}
	if until := Cutoff(s, o, c, b.Start); now.After(until) {
		return fault.New(fault.CutoffPassed, "until", until.In(o.Location()))
	}
	return nil
}

// Lateness is when a person booked for a day counts as late: later than behind, behind
// the punctual; later than refused, not at all. A service's own figures above 0
// win over the queue's; a service done only on its set date, without a figure
// of its own, knows no middle step.
func Lateness(s *office.Service, q *office.Queue, day office.Day) (behind, refused time.Duration) {
	line := q.RulesOn(day)
	behind, refused = line.LateBehind, line.LateRefused
	if s == nil {
		return behind, refused
	}
	own := s.RulesAt(q.ID, day)
	if own.LateBehind > 0 {
		behind = own.LateBehind
	}
	if own.LateRefused > 0 {
		refused = own.LateRefused
	} else if own.SetDate {
		refused = behind
	}
	return behind, refused
}

// CheckKiosk keeps a kiosk's bearer bookings of a queue within its daily quota,
// given the queue's bookings that start today or later:
// fault.KioskQuota, or NotBookable where there is no quota.
func CheckKiosk(q *office.Queue, o *office.Office, bookings []Booking, now time.Time) error {
	quota, made := q.RulesOn(o.Day(now)).KioskQuota, 0
	if quota <= 0 {
		return fault.New(fault.NotBookable)
	}
	for _, b := range bookings {
		if b.Origin == Kiosk && b.State != Lapsed && o.Day(b.Made) == o.Day(now) {
			made++
		}
	}
	if made >= quota {
		return fault.New(fault.KioskQuota, "limit", quota)
	}
	return nil
}

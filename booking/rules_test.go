package booking

import (
	"errors"
	"testing"
	"time"

	"vez/fault"
	"vez/office"
)

// ask is a plain request for a service on Tuesday, made the Friday before.
func (x hall) ask(service string) RuleInput {
	return RuleInput{
		Catalogue: x.cat, Office: x.office, Queue: x.queue, Service: x.cat.Service(service), Class: Standard, Origin: Online,
		Now: x.at("2026-11-20", "10:00"), Start: x.at("2026-11-24", "10:00"), People: 1,
	}
}

// own is a booking of the holder's in some state, for 10:00 of a day.
func (x hall) own(id, service string, day office.Day, state State) Booking {
	b := x.booked(day, "10:00", 15, Standard)
	b.ID, b.Service, b.State = id, service, state
	return b
}

func TestTheRulesOfAServiceRefuse(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	for _, c := range []struct {
		name   string
		change func(in *RuleInput, r *office.ServiceRules)
		want   fault.Code
		param  string
		value  any
	}{
		{"nothing", func(*RuleInput, *office.ServiceRules) {}, "", "", nil},
		{"a service that takes no bookings", func(_ *RuleInput, r *office.ServiceRules) { r.Bookable = false }, fault.NotBookable, "", nil},
		{"a service that is given elsewhere", func(in *RuleInput, _ *office.ServiceRules) { in.Queue = nil }, fault.ServiceNotHere, "", nil},
		{"a queue that does not serve it", func(in *RuleInput, _ *office.ServiceRules) { in.Queue = &office.Queue{ID: "x", Office: "here"} }, fault.ServiceNotHere, "", nil},
		{"too many people", func(in *RuleInput, _ *office.ServiceRules) { in.People = 5 }, fault.TooManyPeople, "max", 4},
		{"as many as may come", func(in *RuleInput, _ *office.ServiceRules) { in.People = 4 }, "", "", nil},
		{"nobody", func(in *RuleInput, _ *office.ServiceRules) { in.People = -1 }, fault.InvalidField, "field", "people"},
		{"the past", func(in *RuleInput, _ *office.ServiceRules) { in.Start = in.Now.Add(-time.Minute) }, fault.TooSoon, "minutes", 0},
		{"within the lead", func(in *RuleInput, r *office.ServiceRules) { r.Lead = 96*h + 1 }, fault.TooSoon, "minutes", 96*60 + 1},
		{"just after the lead", func(in *RuleInput, r *office.ServiceRules) { r.Lead = 96 * h }, "", "", nil},
		{"before the second working day", func(in *RuleInput, r *office.ServiceRules) { r.LeadDays, in.Start = 2, x.at("2026-11-23", "17:00") }, fault.TooSoon, "minutes", 86 * 60},
		{"on the second working day", func(_ *RuleInput, r *office.ServiceRules) { r.LeadDays = 2 }, "", "", nil},
		{"beyond the horizon", func(_ *RuleInput, r *office.ServiceRules) { r.HorizonDays = 3 }, fault.TooFarAhead, "days", 3},
		{"on the horizon", func(_ *RuleInput, r *office.ServiceRules) { r.HorizonDays = 4 }, "", "", nil},
		{"beyond the working days", func(_ *RuleInput, r *office.ServiceRules) { r.HorizonDays, r.HorizonWorkingDays = 0, 1 }, fault.TooFarAhead, "days", 3},
		{"within the working days", func(_ *RuleInput, r *office.ServiceRules) { r.HorizonDays, r.HorizonWorkingDays = 0, 2 }, "", "", nil},
		{"a second of the service", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "short", "2026-11-30", Confirmed)}
		}, fault.LimitReached, "scope", "service"},
		{"a second where two are allowed", func(in *RuleInput, r *office.ServiceRules) {
			r.LimitService = 2
			in.Mine = []Booking{x.own("1", "short", "2026-11-30", Confirmed)}
		}, "", "", nil},
		{"a fourth in all", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "a", "2026-11-30", Confirmed), x.own("2", "b", "2026-11-30", CheckedIn), x.own("3", "c", "2026-11-30", Displaced)}
		}, fault.LimitReached, "scope", "open"},
		{"a third that day there", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "a", "2026-11-24", Confirmed), x.own("2", "b", "2026-11-24", Fulfilled)}
		}, fault.LimitReached, "scope", "day"},
		{"ended ones do not count", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "short", "2026-11-24", Cancelled), x.own("2", "short", "2026-11-24", Lapsed), x.own("3", "short", "2026-11-24", Unserved)}
		}, "", "", nil},
		{"a hold that ran out does not count", func(in *RuleInput, _ *office.ServiceRules) {
			b := x.own("1", "short", "2026-11-24", Held)
			b.HeldUntil, in.Mine = in.Now, []Booking{b}
		}, "", "", nil},
		{"one of a past day does not count", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "short", "2026-11-19", Confirmed)}
		}, "", "", nil},
		{"the one that is moved does not count", func(in *RuleInput, _ *office.ServiceRules) {
			b := x.own("1", "short", "2026-11-30", Confirmed)
			in.Mine, in.Moving = []Booking{b}, &b
		}, "", "", nil},
		{"no limits", func(in *RuleInput, r *office.ServiceRules) {
			r.LimitService, r.LimitOpen, r.LimitDay = 0, 0, 0
			for range 9 {
				in.Mine = append(in.Mine, x.own("1", "short", "2026-11-24", Confirmed))
			}
		}, "", "", nil},
		{"another day for a set date", func(in *RuleInput, r *office.ServiceRules) {
			b := x.own("1", "short", "2026-11-30", Confirmed)
			r.SetDate, in.Moving = true, &b
		}, fault.SetDateOnly, "date", x.at("2026-11-30", "10:00")},
		{"another time on a set date", func(in *RuleInput, r *office.ServiceRules) {
			b := x.own("1", "short", "2026-11-24", Confirmed)
			r.SetDate, in.Moving = true, &b
		}, "", "", nil},
		{"another day for a set date that the office closed", func(in *RuleInput, r *office.ServiceRules) {
			b := x.own("1", "short", "2026-11-30", Displaced)
			r.SetDate, in.Moving = true, &b
		}, "", "", nil},
		{"too many missed", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "a", "2026-11-10", Missed), x.own("2", "b", "2026-09-10", Missed), x.own("3", "c", "2026-10-01", Missed)}
		}, fault.BookingPaused, "until", x.at("2026-12-10", "10:00")},
		{"too many missed, at reception", func(in *RuleInput, _ *office.ServiceRules) {
			in.Origin = Reception
			in.Mine = []Booking{x.own("1", "a", "2026-11-10", Missed), x.own("2", "b", "2026-09-10", Missed), x.own("3", "c", "2026-10-01", Missed)}
		}, "", "", nil},
		{"as many missed in a longer time", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "a", "2026-11-10", Missed), x.own("2", "b", "2026-08-10", Missed), x.own("3", "c", "2026-10-01", Missed)}
		}, "", "", nil},
		{"a pause that is over", func(in *RuleInput, _ *office.ServiceRules) {
			in.Mine = []Booking{x.own("1", "a", "2026-10-21", Missed), x.own("2", "b", "2026-10-20", Missed), x.own("3", "c", "2026-10-01", Missed)}
		}, "", "", nil},
		{"missed, where that is never counted", func(in *RuleInput, r *office.ServiceRules) {
			r.NoShowLimit = 0
			in.Mine = []Booking{x.own("1", "a", "2026-11-10", Missed), x.own("2", "b", "2026-11-10", Missed), x.own("3", "c", "2026-11-10", Missed)}
		}, "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := x.ask("short")
			service := *in.Service
			in.Service = &service
			c.change(&in, &service.Rules)
			err := CheckRules(in)
			if got := fault.CodeOf(err); got != c.want {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if c.param == "" {
				return
			}
			got := fault.Of(err).Params[c.param]
			if at, ok := got.(time.Time); ok && at.Equal(c.value.(time.Time)) {
				return
			}
			if got != c.value {
				t.Errorf("%s is %v, want %v", c.param, got, c.value)
			}
		})
	}
}

func TestWhatASlotPageOffersTheRulesAllow(t *testing.T) {
	x := newHall(t, "Europe/Lisbon")
	s := x.cat.Service("short")
	for _, r := range []office.ServiceRules{{Bookable: true, HorizonDays: 7}, {Bookable: true, HorizonWorkingDays: 3, LeadDays: 1}, {Bookable: true, HorizonDays: 2, Lead: 26 * h}} {
		s.Rules = r
		now := x.at("2026-10-22", "12:00")
		need := NeedOf(x.cat, s, x.queue, Standard, now)
		for d := range 12 {
			p := x.plan(office.Day("2026-10-22").Add(d))
			offered := map[int64]bool{}
			for _, slot := range Starts(p, Taken{}, need) {
				offered[slot.Start.Unix()] = true
			}
			for c := range p.Places {
				in := x.ask("short")
				in.Now, in.Start = now, p.Start(c)
				want := CheckRules(in) == nil && p.Places[c] > 0 && c+3 <= CellsPerDay && p.Places[c+2] > 0
				if offered[p.Start(c).Unix()] != want {
					t.Fatalf("%+v: %v offered %v, allowed %v", r, p.Start(c), !want, want)
				}
			}
		}
	}
}

func TestTheCutOffIsReckonedInHoursOrWorkingDays(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	s := x.cat.Service("short")
	b := x.own("1", "short", "2026-12-09", Confirmed) // a Wednesday after a holiday
	for _, c := range []struct {
		hours, days int
		want        time.Time
	}{
		{2, 0, x.at("2026-12-09", "08:00")}, {0, 0, x.at("2026-12-09", "10:00")},
		{2, 1, x.at("2026-12-07", "10:00")}, {2, 2, x.at("2026-12-04", "10:00")},
	} {
		s.Rules.Cutoff, s.Rules.CutoffWorkingDays = time.Duration(c.hours)*h, c.days
		if got := Cutoff(s, x.office, x.cat, b.Start); !got.Equal(c.want) {
			t.Errorf("%+v: %v", c, got)
		}
		if err := CanChange(b, x.cat, c.want); err != nil {
			t.Errorf("%+v: at the cut-off: %v", c, err)
		}
		err := CanChange(b, x.cat, c.want.Add(1))
		if until, ok := fault.Of(err).Params["until"].(time.Time); fault.CodeOf(err) != fault.CutoffPassed || !ok || !until.Equal(c.want) {
			t.Errorf("%+v: after the cut-off: %v", c, err)
		}
	}
}

func TestWhoMayChangeWhat(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	long := x.at("2027-01-01", "00:00")
	for state, want := range map[State]fault.Code{
		Held: "", Displaced: "", Confirmed: fault.CutoffPassed, CheckedIn: fault.BookingState, Fulfilled: fault.BookingState,
		Cancelled: fault.BookingState, Missed: fault.BookingState, Lapsed: fault.BookingState, None: fault.BookingState,
	} {
		if got := fault.CodeOf(CanChange(x.own("1", "short", "2026-11-24", state), x.cat, long)); got != want {
			t.Errorf("%q: %q, want %q", state, got, want)
		}
	}
}

func TestLatenessIsTheServicesOrTheQueues(t *testing.T) {
	q := &office.Queue{Rules: office.DefaultRules()}
	const min = time.Minute
	for _, c := range []struct {
		service *office.Service
		b, r    time.Duration
	}{
		{nil, 10 * min, 30 * min},
		{&office.Service{}, 10 * min, 30 * min},
		{&office.Service{Rules: office.ServiceRules{LateBehind: 5 * min, LateRefused: 15 * min}}, 5 * min, 15 * min},
		{&office.Service{Rules: office.ServiceRules{SetDate: true}}, 10 * min, 10 * min},
		{&office.Service{Rules: office.ServiceRules{SetDate: true, LateRefused: 15 * min}}, 10 * min, 15 * min},
	} {
		if b, r := Lateness(c.service, q, "2026-11-24"); b != c.b || r != c.r {
			t.Errorf("%+v: %v, %v", c, b, r)
		}
	}
}

func TestAKioskHasAQuotaOfBearerBookings(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	now := x.at("2026-11-24", "10:00")
	x.queue.Rules.KioskQuota = 2
	made := func(origin Origin, at time.Time) Booking { return Booking{Origin: origin, State: Confirmed, Made: at} }
	list := []Booking{made(Kiosk, now), made(Online, now), made(Kiosk, now.Add(-24*h))}
	if err := CheckKiosk(x.queue, x.office, list, now); err != nil {
		t.Errorf("one of two is given: %v", err)
	}
	if err := CheckKiosk(x.queue, x.office, append(list, made(Kiosk, now)), now); !errors.Is(err, fault.New(fault.KioskQuota)) {
		t.Errorf("two of two are given: %v", err)
	}
	x.queue.Rules.KioskQuota = 0
	if err := CheckKiosk(x.queue, x.office, nil, now); !errors.Is(err, fault.New(fault.NotBookable)) {
		t.Errorf("without a quota: %v", err)
	}
}

// The month before the tax is due, bookings open later and the day is another one.
func TestAPauseStandsOnWhatTheLookBackReaches(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	in := x.ask("short")
	r := office.DefaultServiceRules()
	r.NoShowLimit, r.NoShowDays, r.PauseDays = 2, 3, 30
	in.Service.Rules = r
	all := []Booking{x.own("1", "short", "2026-11-03", Missed), x.own("2", "short", "2026-11-06", Missed)}
	for day := office.Day("2026-11-07"); day <= "2026-12-05"; day = day.Add(1) {
		in.Now, in.Start, in.Mine = x.at(day, "08:00"), x.at(day.Add(1), "10:00"), nil
		for _, b := range all {
			if b.Start.After(in.Now.AddDate(0, 0, -LookBack(r))) {
				in.Mine = append(in.Mine, b)
			}
		}
		if err := checkMissed(RuleInput{Catalogue: in.Catalogue, Office: in.Office, Now: in.Now, Mine: in.Mine, rules: r}); fault.CodeOf(err) != fault.BookingPaused {
			t.Fatalf("on %s the pause that lasts until 12-06 is forgotten: %v", day, err)
		}
	}
}

func TestASeasonWithoutBookingOffersNothing(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	s, now := x.cat.Service("short"), x.at("2026-11-24", "08:00")
	rules := s.Rules
	rules.Bookable = false
	s.Cases = []office.ServiceCase{{Season: office.Season{From: "12-01", To: "12-31"}, Rules: rules}}
	need := NeedOf(x.cat, s, x.queue, Standard, now)
	for day, want := range map[office.Day]bool{"2026-11-30": true, "2026-12-01": false} {
		if got := len(Starts(x.plan(day), Taken{}, need)) > 0; got != want {
			t.Errorf("%s: offered %v", day, got)
		}
	}
	s.Cases, s.Rules = nil, rules
	if list := Starts(x.plan("2026-11-24"), Taken{}, NeedOf(x.cat, s, x.queue, Standard, now)); len(list) > 0 {
		t.Errorf("offered today though never booked: %v", list[0])
	}
}

func TestASeasonHasItsOwnRules(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	s, now := x.cat.Service("short"), x.at("2026-11-24", "08:00")
	december := office.Season{From: "12-01", To: "12-31"}
	rules := s.Rules
	rules.HorizonDays, rules.Cutoff, rules.LateRefused = 9, 24*h, 12*time.Minute
	elsewhere := s.Rules
	elsewhere.Bookable = false
	s.Cases = []office.ServiceCase{{Season: december, Rules: rules}, {Queue: "there-a", Rules: elsewhere}}
	line := x.queue.Rules
	line.BookedShare = 1
	x.queue.Seasons = []office.QueueSeason{{Season: december, Rules: line}}

	need := NeedOf(x.cat, s, x.queue, Standard, now)
	for day, want := range map[office.Day]int{"2026-11-30": 3, "2026-12-03": 5, "2026-12-04": 0, "2026-12-24": 0} {
		got := 0
		if list := Starts(x.plan(day), Taken{}, need); len(list) > 0 {
			got = list[0].Free
		}
		in := x.ask("short")
		in.Now, in.Start = now, x.at(day, "09:00")
		err := CheckRules(in)
		if got != want || (err == nil) != (want > 0) {
			t.Errorf("%s: %d free, want %d; rules say %v", day, got, want, err)
		}
	}
	if got := Horizon(x.cat, s, x.office, now); got != "2026-12-24" {
		t.Errorf("days are shown until %s", got)
	}
	for start, want := range map[time.Time]time.Duration{x.at("2026-11-30", "10:00"): 2 * h, x.at("2026-12-03", "10:00"): 24 * h} {
		if got := start.Sub(Cutoff(s, x.office, x.cat, start)); got != want {
			t.Errorf("%v: changed until %v before", start, got)
		}
	}
	for day, want := range map[office.Day]time.Duration{"2026-11-30": 30 * time.Minute, "2026-12-03": 12 * time.Minute} {
		if _, got := Lateness(s, x.queue, day); got != want {
			t.Errorf("%s: refused after %v", day, got)
		}
	}
}

package ticket

import (
	"testing"
	"time"

	"vez/fault"
	"vez/office"
)

// noon is 12:00 of the day the tests play on.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// at is so many minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

const min1 = time.Minute

func TestDueIsReckonedAsTheDesignSays(t *testing.T) {
	rules := office.DefaultRules()
	filing := rules
	filing.FilingOrder = true
	short := rules
	short.BookedHeadStart = 10 * min1
	for name, c := range map[string]struct {
		in       Joining
		class    Class
		due      int // minutes after noon
		callable int // likewise; 999: at once
	}{
		"walk-in":                        {Joining{Class: WalkIn}, WalkIn, 0, 999},
		"walk-in with priority":          {Joining{Class: WalkIn, HeadStart: 30 * min1}, WalkIn, -30, 999},
		"priority counts up to queue's":  {Joining{Class: WalkIn, HeadStart: 300 * min1}, WalkIn, -30, 999},
		"priority is never negative":     {Joining{Class: WalkIn, HeadStart: -30 * min1}, WalkIn, 0, 999},
		"from afar":                      {Joining{Class: Afar}, Afar, 0, 999},
		"booked, on the minute":          {Joining{Class: Booked, Start: at(0)}, Booked, -60, -5},
		"booked, 10 min early":           {Joining{Class: Booked, Start: at(10)}, Booked, -50, 5},
		"booked, 3 h early":              {Joining{Class: Booked, Start: at(180)}, Booked, 0, 175},
		"booked and priority never add":  {Joining{Class: Booked, Start: at(0), HeadStart: 30 * min1}, Booked, -60, -5},
		"booked, early, with priority":   {Joining{Class: Booked, Start: at(60), HeadStart: 30 * min1}, Booked, -30, 55},
		"the larger head start counts":   {Joining{Class: Booked, Start: at(-5), HeadStart: 30 * min1, Rules: short}, Booked, -35, -10},
		"10 min late is in time":         {Joining{Class: Booked, Start: at(-10)}, Booked, -70, -15},
		"11 min late is behind":          {Joining{Class: Booked, Start: at(-11)}, Late, 0, 999},
		"late with priority":             {Joining{Class: Booked, Start: at(-11), HeadStart: 30 * min1}, Late, -30, 999},
		"30 min late is still taken":     {Joining{Class: Booked, Start: at(-30)}, Late, 0, 999},
		"the service is stricter":        {Joining{Class: Booked, Start: at(-6), LateBehind: 5 * min1}, Late, 0, 999},
		"the service is milder":          {Joining{Class: Booked, Start: at(-40), LateRefused: 45 * min1}, Late, 0, 999},
		"no kiosk worked":                {Joining{Class: Booked, Start: at(-40), KioskDownFor: 35 * min1}, Booked, -100, -45},
		"hall late by less than 20":      {Joining{Class: Booked, Start: at(-15), HallLateBy: 19 * min1}, Late, 0, 999},
		"hall late by 20":                {Joining{Class: Booked, Start: at(-20), HallLateBy: 20 * min1}, Booked, -80, -25},
		"hall late by 45":                {Joining{Class: Booked, Start: at(-45), HallLateBy: 45 * min1}, Booked, -105, -50},
		"return pass":                    {Joining{Class: Pass}, Pass, -60, -5},
		"filing order: walk-in":          {Joining{Class: WalkIn, HeadStart: 30 * min1, Rules: filing}, WalkIn, 0, 999},
		"filing order: booked":           {Joining{Class: Booked, Start: at(30), Rules: filing}, Booked, 0, 999},
		"filing order: booked, but late": {Joining{Class: Booked, Start: at(-11), Rules: filing}, Late, 0, 999},
		"filing order: return pass":      {Joining{Class: Pass, Rules: filing}, Pass, 0, 999},
	} {
		c.in.Arrival = noon
		if c.in.Rules.BookedHeadStart == 0 {
			c.in.Rules = rules
		}
		p, err := Join(c.in)
		if err != nil || p.Class != c.class || !p.Due.Equal(at(c.due)) {
			t.Errorf("%s: %s due %s, %v; want %s due %s", name, p.Class, p.Due, err, c.class, at(c.due))
		}
		if c.callable == 999 && !p.Callable.IsZero() || c.callable != 999 && !p.Callable.Equal(at(c.callable)) {
			t.Errorf("%s: callable %s, want %d min after noon", name, p.Callable, c.callable)
		}
	}
}

func TestTooLateIsRefusedWithTheStart(t *testing.T) {
	rules := office.DefaultRules()
	for name, j := range map[string]Joining{
		"31 min":                    {Start: at(-31)},
		"service refuses at once":   {Start: at(-3), LateRefused: 2 * min1},
		"hall 40 late, they are 41": {Start: at(-41), HallLateBy: 40 * min1},
		"kiosk down for a part":     {Start: at(-41), KioskDownFor: 10 * min1},
	} {
		j.Class, j.Arrival, j.Rules = Booked, noon, rules
		p, err := Join(j)
		if fault.CodeOf(err) != fault.Late || fault.Of(err).Params["start"] != j.Start {
			t.Errorf("%s: %+v, %v; want it refused", name, p, err)
		}
	}
}

func TestReturnKeepsDueWithinTheGraceOnly(t *testing.T) {
	rules := office.DefaultRules()
	filing := rules
	filing.FilingOrder = true
	missed := Ticket{State: Missed, Due: at(-50), MissedAt: at(0)}
	for name, c := range map[string]struct {
		t     Ticket
		now   time.Time
		rules office.Rules
		code  fault.Code
	}{
		"at once":               {missed, at(0), rules, ""},
		"at 30 min":             {missed, at(30), rules, ""},
		"after 30 min":          {missed, at(30).Add(time.Millisecond), rules, fault.GraceOver},
		"filing order":          {missed, at(0), filing, fault.GraceOver},
		"called, filing order":  {Ticket{State: Called, Due: at(-50)}, at(90), filing, ""},
		"parked for two hours":  {Ticket{State: Parked, Due: at(-50)}, at(120), rules, ""},
		"served and sent again": {Ticket{State: Serving, Due: at(-50)}, at(10), rules, ""},
	} {
		due, err := Returned(c.t, c.now, c.rules)
		if fault.CodeOf(err) != c.code || c.code == "" && !due.Equal(at(-50)) {
			t.Errorf("%s: due %s, %v; want code %q", name, due, err, c.code)
		}
	}
	if got := ReturnedLate(at(40)); !got.Equal(at(40)) {
		t.Errorf("late: due %s", got)
	}
}

func TestADormantTicketKeepsItsDueUntilItWasPassedForLongerThanTheGrace(t *testing.T) {
	rules := office.DefaultRules()
	filing := rules
	filing.FilingOrder = true
	dormant := Ticket{State: Remote, Due: at(-90)}
	passed := dormant
	passed.Passed = at(0)
	for name, c := range map[string]struct {
		t     Ticket
		now   int
		rules office.Rules
		due   int
	}{
		"never passed":           {dormant, 30, rules, -90},
		"passed, within grace":   {passed, 10, rules, -90},
		"passed, after grace":    {passed, 11, rules, 11},
		"filing order, in grace": {passed, 1, filing, 1},
	} {
		if due := Activated(c.t, 0, at(c.now), c.rules); !due.Equal(at(c.due)) {
			t.Errorf("%s: due %s, want %s", name, due, at(c.due))
		}
	}
}

func TestTransferGoesWhereItIsSent(t *testing.T) {
	rules := office.DefaultRules()
	filing := rules
	filing.FilingOrder = true
	served := Ticket{State: Serving, Queue: "here", Due: at(-60), Arrival: at(-30)}
	for name, c := range map[string]struct {
		place string
		rules office.Rules
		due   int
		code  fault.Code
	}{
		"our mistake":             {PlaceDue, rules, -60, ""},
		"not said":                {"", rules, -60, ""},
		"end":                     {PlaceEnd, rules, 0, ""},
		"front":                   {PlaceFront, rules, -24 * 60, ""},
		"filing: arrival decides": {PlaceDue, filing, -30, ""},
		"filing: no front":        {PlaceFront, filing, 0, fault.FilingOrder},
		"nowhere":                 {"left", rules, 0, fault.InvalidField},
	} {
		due, err := Transferred(served, "there", c.place, noon, c.rules)
		if fault.CodeOf(err) != c.code || c.code == "" && !due.Equal(at(c.due)) {
			t.Errorf("%s: due %s, %v; want %s, code %q", name, due, err, at(c.due), c.code)
		}
	}
	if due, err := Transferred(served, "here", PlaceDue, noon, filing); err != nil || !due.Equal(noon) {
		t.Errorf("filing, to its own queue: due %s, %v; who was served keeps no old place", due, err)
	}
	if due, err := Transferred(served, "here", PlaceDue, noon, rules); err != nil || !due.Equal(served.Due) {
		t.Errorf("to its own queue: due %s, %v", due, err)
	}
	if got := Continued(served, true, noon); !got.Equal(at(-30)) {
		t.Errorf("declared at check-in: due %s", got)
	}
	if got := Continued(served, false, noon); !got.Equal(noon) {
		t.Errorf("not declared: due %s", got)
	}
}

func TestMissOpensByTimeNeverByCount(t *testing.T) {
	rules := office.DefaultRules()
	for name, c := range map[string]struct {
		after time.Duration
		needs []office.Need
		far   bool
		want  time.Duration
	}{
		"at once":              {0, nil, false, 60 * time.Second},
		"after 59 s":           {59 * time.Second, nil, false, time.Second},
		"after 60 s":           {60 * time.Second, nil, false, 0},
		"more time, at 60 s":   {60 * time.Second, []office.Need{office.NeedMoreTime}, false, 60 * time.Second},
		"far zone, at 60 s":    {60 * time.Second, nil, true, 60 * time.Second},
		"both, at 120 s":       {120 * time.Second, []office.Need{office.NeedMoreTime}, true, 0},
		"a need of other kind": {60 * time.Second, []office.Need{office.NeedLowDesk}, false, 0},
	} {
		called := Ticket{State: Called, CalledAt: noon, Recalls: 9, Needs: c.needs}
		if got := CanMiss(called, noon.Add(c.after), c.far, rules); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestNoTermRunsWhileTheHallIsPaused(t *testing.T) {
	// Paused from minute 10 to minute 30.
	in := Ticket{CalledAt: at(5), MissedAt: at(15), Passed: at(40), ParkedUntil: at(20)}
	out := AfterPause(in, at(10), at(30))
	for name, c := range map[string]struct{ got, want time.Time }{
		"called before it: 5 minutes have run":   {out.CalledAt, at(25)},
		"missed within it: nothing has run":      {out.MissedAt, at(30)},
		"passed after it":                        {out.Passed, at(40)},
		"expected back within it: still 10 more": {out.ParkedUntil, at(40)},
	} {
		if !c.got.Equal(c.want) {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
	if got := AfterPause(Ticket{}, at(10), at(30)); !got.CalledAt.IsZero() || !got.ParkedUntil.IsZero() {
		t.Error("a term that was not set is set now")
	}
}

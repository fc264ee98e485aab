package may_test

import (
	"testing"

	"vez/counter"
	"vez/identity"
	"vez/may"
	"vez/office"
)

// centre is hosted by "host" and shared with "guest"; "else" is the guest's own.
func centre(t *testing.T) *office.Catalogue {
	t.Helper()
	c := &office.Catalogue{
		Offices: []*office.Office{
			{ID: "centre", Host: "host", Counters: []office.Counter{
				{ID: "c1", Office: "centre", Queues: []string{"hosts"}},
				{ID: "c2", Office: "centre", Queues: []string{"guests"}},
				{ID: "c3", Office: "centre"},
			}},
			{ID: "else", Host: "guest"},
		},
		Queues: []*office.Queue{
			{ID: "hosts", Office: "centre", Department: "host"},
			{ID: "guests", Office: "centre", Department: "guest"},
			{ID: "away", Office: "else", Department: "guest"},
		},
	}
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	return c
}

func somebody(t *testing.T, grant string) identity.Principal {
	t.Helper()
	g, err := identity.ParseGrant(grant)
	if err != nil {
		t.Fatal(err)
	}
	return identity.Principal{Subject: "clerk:x", Grants: []identity.Grant{g}}
}

func TestWhoActsForAQueueIsOfItsDepartment(t *testing.T) {
	cat := centre(t)
	for _, c := range []struct {
		grant, queue string
		want         bool
	}{
		{"clerk:guest:centre", "guests", true},
		{"clerk:guest", "guests", true},
		{"clerk:*:centre", "guests", true},
		{"manager:guest:centre", "guests", true}, // who is a clerk too
		{"clerk:guest:centre", "hosts", false},
		{"clerk:host:centre", "guests", false},
		{"clerk:guest:else", "guests", false},
		{"greeter:guest:centre", "guests", false},
		{"clerk:guest", "away", false}, // no queue of the centre
		{"clerk", "away", false},
		{"clerk:host:centre", "gone", false},
		{"clerk", "gone", false},
		{"clerk", "", false},
	} {
		if got := may.Act(cat, somebody(t, c.grant), identity.Clerk, c.queue, "centre"); got != c.want {
			t.Errorf("%s for %q: %v", c.grant, c.queue, got)
		}
	}
}

func TestTheHallIsItsHostsAndAQueueAlsoItsManagers(t *testing.T) {
	cat := centre(t)
	for _, c := range []struct {
		grant string
		hall  bool
		close string // of "hosts" and "guests"
	}{
		{"manager:host:centre", true, "hosts guests"},
		{"manager", true, "hosts guests"},
		{"manager:guest", false, "guests"},
		{"manager:host:else", false, ""},
		{"admin", false, ""},
		{"clerk:host", false, ""},
	} {
		who := somebody(t, c.grant)
		if got := may.ManageHall(cat, who, "centre"); got != c.hall {
			t.Errorf("%s manages the hall: %v", c.grant, got)
		}
		if got := may.CloseOffice(cat, who, "centre", ""); got != c.hall {
			t.Errorf("%s closes the office: %v", c.grant, got)
		}
		closes := ""
		for _, q := range []string{"hosts", "guests"} {
			if may.CloseOffice(cat, who, "centre", q) {
				closes += " " + q
			}
		}
		if closes != "" {
			closes = closes[1:]
		}
		if closes != c.close {
			t.Errorf("%s closes %q, want %q", c.grant, closes, c.close)
		}
	}
	if who := somebody(t, "manager"); may.ManageHall(cat, who, "nowhere") || may.CloseOffice(cat, who, "nowhere", "hosts") {
		t.Error("an office that is not there is managed")
	}
}

func TestAColleaguesCounterIsClosedByWhoManagesAllThatItServes(t *testing.T) {
	cat := centre(t)
	host, guest := somebody(t, "manager:host:centre"), somebody(t, "manager:guest:centre")
	open := func(queues ...string) (s counter.Shift) {
		s.State = counter.Open
		for _, q := range queues {
			s.Queues = append(s.Queues, counter.Served{Queue: q})
		}
		return s
	}
	shut := counter.Shift{State: counter.Closed}
	for _, c := range []struct {
		name, counter string
		shift         counter.Shift
		want          bool // of the guest; the host may always
	}{
		{"its own", "c2", open("guests"), true},
		{"its own at the host's", "c1", open("guests"), true},
		{"mixed", "c2", open("guests", "hosts"), false},
		{"the host's", "c1", open("hosts"), false},
		{"the host's at its own", "c2", open("hosts"), false},
		{"one that serves nothing", "c2", open(), false},
		{"its own, shut", "c2", shut, true},
		{"its own, never opened", "c2", counter.Shift{}, true},
		{"the host's, shut", "c1", shut, false},
		{"nobody's, shut", "c3", shut, false},
	} {
		n := cat.Counter(c.counter)
		if got := may.CloseCounter(cat, guest, n, c.shift); got != c.want {
			t.Errorf("%s: %v for the guest", c.name, got)
		}
		if !may.CloseCounter(cat, host, n, c.shift) {
			t.Errorf("%s: refused to the host", c.name)
		}
	}
	if may.CloseCounter(cat, somebody(t, "clerk:guest"), cat.Counter("c2"), open("guests")) {
		t.Error("a clerk closes a colleague's counter")
	}
}

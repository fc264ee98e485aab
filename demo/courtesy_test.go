package demo

import (
	"testing"
	"time"
)

func TestATicketOfAPersonIsNotCalledBeforeTheyCouldLook(t *testing.T) {
	now := morning
	ago := func(d time.Duration) time.Time { return now.Add(-d) }
	ours := func(id string) bool { return id[0] == 'p' }
	for name, c := range map[string]struct {
		line []entry
		want bool
	}{
		"nobody waits":                             {nil, false},
		"one of the public":                        {[]entry{{Ticket: "p1", Arrival: now}}, true},
		"a person who has just come":               {[]entry{{Ticket: "x1", Arrival: ago(10 * time.Second)}}, false},
		"a person who has waited":                  {[]entry{{Ticket: "x1", Arrival: ago(patience)}}, true},
		"a person behind one of the public":        {[]entry{{Ticket: "p1", Arrival: now}, {Ticket: "x1", Arrival: now}}, true},
		"a person before one of the public":        {[]entry{{Ticket: "x1", Arrival: now}, {Ticket: "p1", Arrival: now}}, false},
		"a person behind one who is not yet due":   {[]entry{{Ticket: "p1", Arrival: now, Callable: now.Add(time.Hour)}, {Ticket: "x1", Arrival: now}}, false},
		"only the public, and not yet due":         {[]entry{{Ticket: "p1", Arrival: now, Callable: now.Add(time.Hour)}}, true},
		"a person whom another counter must serve": {[]entry{{Ticket: "x1", Arrival: now, Needs: []string{"low_desk"}}, {Ticket: "p1", Arrival: now}}, true},
		"nobody whom this counter can serve":       {[]entry{{Ticket: "p1", Arrival: now, Needs: []string{"sign"}}}, false},
		"a language is met as well as can be":      {[]entry{{Ticket: "p1", Arrival: now, Needs: []string{"language:pt"}}}, true},
	} {
		if got := mayCall(c.line, []string{"loop"}, now, patience, ours); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAClerkWaitsForAPersonsTicketButNotForLong(t *testing.T) {
	server := newHub(t, 1)
	s, err := newSim(Config{URL: server.server.URL, Clock: server.clock, Scale: 1})
	if err != nil {
		t.Fatal(err)
	}
	h := newHall(s, planOffice(fakeOffice(), fakeServices(), 1))
	q := h.plan.queues[1]
	c := newClerk(h, q, q.desks[0])
	step := func() {
		t.Helper()
		h.look(t.Context())
		if wait := c.step(t.Context()); wait < 0 {
			t.Errorf("waits for %v", wait)
		}
	}
	step() // looks
	step() // opens
	mine := server.issue("hall-b", "waiting")
	step()
	if mine.State != "waiting" {
		t.Fatalf("a ticket that a person has just taken is %s", mine.State)
	}
	mine.Arrival = mine.Arrival.Add(-patience)
	step()
	if mine.State != "called" || mine.Counter != q.desks[0].ID {
		t.Fatalf("a ticket that has lain there for %v is %s", patience, mine.State)
	}
	if wait := c.step(t.Context()); wait < personWalks/2 || wait > personWalks {
		t.Errorf("the person gets %v to come", wait)
	}
}

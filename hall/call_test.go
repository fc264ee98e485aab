package hall

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"vez/office"
	"vez/ticket"
)

// drawLine draws a line in its order: walk-ins, people booked before and after
// their time, needs that the counter meets or not, invitations let pass.
func drawLine(r *rand.Rand, now time.Time) []ticket.Ticket {
	minutes := func(most int) time.Duration { return time.Duration(r.IntN(most+1)) * time.Minute }
	line := make([]ticket.Ticket, 1+r.IntN(40))
	for i := range line {
		t := ticket.Ticket{ID: fmt.Sprintf("%02d", i), State: ticket.Waiting, Class: ticket.WalkIn, Arrival: now.Add(-minutes(90)), Joined: int64(i)}
		t.Due = t.Arrival
		switch r.IntN(4) {
		case 0:
			t.Class, t.Start = ticket.Booked, now.Add(minutes(120)-time.Hour)
			t.Due, t.Callable = t.Arrival, t.Start.Add(-5*time.Minute)
			if head := t.Start.Add(-time.Hour); head.Before(t.Due) {
				t.Due = head
			}
			if r.IntN(3) == 0 {
				t.Asked = now.Add(-time.Minute)
			}
		case 1:
			t.HeadStart = 30 * time.Minute
			t.Due = t.Arrival.Add(-t.HeadStart)
		}
		if r.IntN(3) > 0 {
			t.Needs = []office.Need{office.NeedSign}
		}
		line[i] = t
	}
	slices.SortFunc(line, func(a, b ticket.Ticket) int {
		if a.Before(b) {
			return -1
		}
		return 1
	})
	return line
}

func TestTheFirstOnesOfALineShowWhomTheWholeLineWouldSend(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	c := ticket.Choice{Now: now, SoftAfter: softAfter}
	r := rand.New(rand.NewPCG(1, 2))
	early, cut := 0, 0
	for range 20000 {
		line := drawLine(r, now)
		whole := ticket.Queue{ID: "q", Line: line, Rules: office.DefaultRules()}
		first := whole
		first.Line = line[:1+r.IntN(len(line))]
		if !shows(c, first) {
			continue
		}
		c.Queues = []ticket.Queue{first}
		got, _ := ticket.Choose(c)
		c.Queues = []ticket.Queue{whole}
		want, ok := ticket.Choose(c)
		if !ok || got.Ticket.ID != want.Ticket.ID {
			t.Fatalf("the first %d of %d send %s, all of them %s", len(first.Line), len(line), got.Ticket.ID, want.Ticket.ID)
		}
		if len(first.Line) < len(line) {
			cut++
			if want.Why.Rule == ticket.RuleEarlyCall {
				early++
			}
		}
	}
	if cut < 1000 || early < 100 {
		t.Errorf("only %d lines were cut, %d of them for an early call", cut, early)
	}
}

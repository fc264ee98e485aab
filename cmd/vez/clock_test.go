package main

import (
	"context"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/hall"
	"vez/ticket"
)

// TestAHubWhoseClockIsAheadEndsNoDay has a second hub whose clock says tomorrow,
// as one does that reads local time for UTC until the network sets it right.
func TestAHubWhoseClockIsAheadEndsNoDay(t *testing.T) {
	ctx := context.Background()
	h, _ := watched(t)
	waits := h.mustIssue(t)
	const off = 24 * time.Hour
	house, machine := clockwork.NewFakeClockAt(h.house.Now().Add(off)), clockwork.NewFakeClockAt(h.machine.Now().Add(off))
	wrong := &hub{s: h.s, log: h.log, metrics: newMetrics(), name: hubName(), house: house, machine: machine, cat: h.cat}
	var err error
	if wrong.memory, err = openMemory(ctx, h.s, h.cat, house, machine, h.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(wrong.memory.Close)
	codes, err := openCodes(ctx, wrong.memory.db)
	if err != nil {
		t.Fatal(err)
	}
	wrong.hall = hall.New(hall.Config{Catalogue: h.cat, Ledger: hall.Over(wrong.memory.db), House: house, Machine: machine, Codes: codes, Ahead: wrong.houseAhead})
	issue := func(x *hub) error {
		_, err := x.hall.Issue(ctx, hall.Act{Actor: "device:k"}, hall.IssueRequest{Office: "dsi-main", Queue: "dsi-main-card"})
		return err
	}

	if err := turnDays(ctx, wrong.hall, wrong.memory.db); fault.CodeOf(err) != fault.ClockWrong {
		t.Errorf("the close of the day: %v", err)
	}
	if err := issue(wrong); fault.CodeOf(err) != fault.ClockWrong {
		t.Errorf("the first ticket of a day that has not come: %v", err)
	}
	if err := wrong.sweep(ctx); fault.CodeOf(err) != fault.ClockWrong {
		t.Errorf("throwing away what is old: %v", err)
	}
	if now, err := h.hall.Ticket(ctx, waits.ID); err != nil || now.State != ticket.Waiting {
		t.Errorf("who waits is %s, %v", now.State, err)
	}
	if err := issue(h); err != nil {
		t.Errorf("the other hub's people: %v", err)
	}

	// That it was not there while it dreamt is no outage either.
	right := &outages{store: records{h.memory.db}, house: h.house, machine: h.machine, speed: 1, ahead: h.ahead}
	dreams := &outages{store: records{wrong.memory.db}, house: house, machine: machine, speed: 1, ahead: wrong.ahead}
	for _, o := range []*outages{right, dreams, right} {
		if err := o.beat(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if got := right.between("dsi-main", h.house.Now().Add(-off), h.house.Now().Add(2*off)); got != 0 {
		t.Errorf("%s are forgiven", got)
	}

	// Once the clock is right it goes on by itself.
	wrong.hall = hall.New(hall.Config{Catalogue: h.cat, Ledger: hall.Over(wrong.memory.db), House: house, Machine: machine, Codes: codes,
		Ahead: func(context.Context) (time.Duration, error) { return 0, nil }})
	if err := turnDays(ctx, wrong.hall, wrong.memory.db); err != nil {
		t.Fatal(err)
	}
	if now, err := h.hall.Ticket(ctx, waits.ID); err != nil || now.State != ticket.Unserved {
		t.Errorf("after the day who waited is %s, %v", now.State, err)
	}
}

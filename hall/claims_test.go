package hall_test

import (
	"context"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/hall/halltest"
	"vez/office"
	"vez/ticket"
)

// TestATransferredTicketMakesNoHallLate has somebody booked for eleven come into
// another line at a quarter to twelve: that line runs on time, and who is 45
// minutes late for it is late.
func TestATransferredTicketMakesNoHallLate(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	first, late := h.booked("citizen:a", "renew", at(11, 0)), h.booked("citizen:b", "quick", at(11, 0))
	h.clock.Advance(85 * time.Minute) // 10:55
	if _, err := h.scan("main", h.code(first)); err != nil {
		t.Fatal(err)
	}
	counter := h.open(1)
	h.clock.Advance(5 * time.Minute)
	h.next(1)
	if _, err := h.Start(ctx, h.clerk(1), counter); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(45 * time.Minute)
	if _, err := h.Transfer(ctx, h.clerk(1), counter, hall.TransferRequest{Queue: "main-small", Place: ticket.PlaceDue}); err != nil {
		t.Fatal(err)
	}
	_, err := h.scan("main", h.code(late))
	wantCode(t, err, fault.Late)
}

// TestPriorityIsHeardWhereARemoteTicketWakesUp declares at the kiosk what nobody
// asks from afar, and keeps the needs that were said before.
func TestPriorityIsHeardWhereARemoteTicketWakesUp(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	taken, err := h.Issue(ctx, h.act("citizen:a"), hall.IssueRequest{Office: "main", Service: "renew", Remote: true, Holder: "citizen:a", Needs: []office.Need{office.NeedMoreTime}})
	if err != nil {
		t.Fatal(err)
	}
	h.issue("renew")
	code, err := h.TicketCode(taken.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	is, err := h.CheckIn(ctx, h.act("device:k1"), hall.CheckInRequest{Office: "main", Code: code, Priority: true})
	if err != nil || is.Ticket.HeadStart <= 0 || !is.Ticket.Due.Equal(taken.Ticket.Due.Add(-is.Ticket.HeadStart)) || len(is.Ticket.Needs) != 1 {
		t.Fatalf("%+v, %v", is.Ticket, err)
	}
}

// TestAPassHoldsForTheEndThatGrantedIt takes back an end that gave a pass, and
// gives another for a later one.
func TestAPassHoldsForTheEndThatGrantedIt(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	counter := h.open(1)
	tk := h.next(1).Ticket
	reopened := func() {
		t.Helper()
		h.clock.Advance(time.Minute)
		if _, err := h.Reopen(ctx, h.clerk(1), counter, tk.ID); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Start(ctx, h.clerk(1), counter); err != nil {
		t.Fatal(err)
	}
	mistaken := finished(t, h, counter, tk.ID, ticket.Incomplete)
	reopened()
	_, err := h.scan("main", mistaken)
	wantCode(t, err, fault.Cancelled)
	granted := finished(t, h, counter, tk.ID, ticket.Incomplete)
	_, err = h.scan("main", mistaken)
	wantCode(t, err, fault.Cancelled)
	if _, err := h.scan("main", granted); err != nil {
		t.Fatal(err)
	}
	_, err = h.scan("main", granted)
	wantCode(t, err, fault.Used)
	reopened()
	if _, err := h.scan("main", finished(t, h, counter, tk.ID, ticket.Incomplete)); err != nil {
		t.Errorf("the pass of a later end: %v", err)
	}
}

// finished ends the ticket that is served at a counter, and gives its pass.
func finished(t *testing.T, h *house, counter, id string, outcome ticket.Outcome) string {
	t.Helper()
	ctx := context.Background()
	if _, err := h.Finish(ctx, h.clerk(1), counter, outcome); err != nil {
		t.Fatal(err)
	}
	now, err := h.Ticket(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	code, err := h.TicketCode(now)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// TestAHoldThatMovesLeavesItsOldTimeFree moves a hold, which promises nothing
// yet: nobody waits for what it leaves.
func TestAHoldThatMovesLeavesItsOldTimeFree(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	held, err := h.Book(ctx, h.act("citizen:a"), hall.BookRequest{Service: "quick", Office: "main", Start: at(15, 0), Holder: "citizen:a", Hold: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Reschedule(ctx, h.act("citizen:a"), held.ID, "citizen:a", hall.RescheduleRequest{Start: at(16, 0)}); err != nil {
		t.Fatal(err)
	}
	h.booked("citizen:b", "quick", at(15, 0))
	_, err = h.book("citizen:c", "quick", at(16, 0))
	wantCode(t, err, fault.SlotTaken)
}

// TestAMovedBookingIsOfTheQueueThatServesItNow moves a booking after its service
// went to another queue: it takes its place there, and nobody else the same.
func TestAMovedBookingIsOfTheQueueThatServesItNow(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	b := h.booked("citizen:a", "collect", at(15, 0))
	cat := testCatalogue(t)
	cat.Queue("main-card").Services = []string{"renew"}
	cat.Queue("main-small").Services = []string{"quick", "collect"}
	cat.Service("collect").Queues = []string{"main-small"}
	if err := cat.Index(); err != nil {
		t.Fatal(err)
	}
	after := hall.New(hall.Config{Catalogue: cat, Ledger: halltest.Strict(t, hall.Over(h.db)), House: h.clock, Machine: h.clock, Codes: h.codes})
	moved, err := after.Reschedule(ctx, h.act("citizen:a"), b.ID, "citizen:a", hall.RescheduleRequest{Start: at(16, 0)})
	if err != nil || moved.Queue != "main-small" || moved.State != booking.Confirmed {
		t.Fatalf("%+v, %v", moved, err)
	}
	_, err = after.Book(ctx, h.act("citizen:b"), hall.BookRequest{Service: "quick", Office: "main", Start: at(16, 0), Holder: "citizen:b"})
	wantCode(t, err, fault.SlotTaken)
}

func TestAClosureIsMadeByTheRule(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		to     time.Time
		reason string
		code   fault.Code
	}{
		{at(14, 0).AddDate(7000, 0, 0), "works", fault.InvalidField},
		{at(14, 0).Add(office.ClosureMost), "works", ""},
		{at(15, 0), "alarm", fault.UnknownReason},
		{at(15, 0), "", fault.ReasonNeeded},
	} {
		_, err := h.CloseOffice(context.Background(), h.act("clerk:m"), hall.CloseRequestOffice{Office: "main", From: at(14, 0), To: c.to, Reason: c.reason})
		wantCode(t, err, c.code)
	}
	if s, err := h.Read(context.Background()).State("main"); err != nil || len(s.Closures) != 1 {
		t.Error(s.Closures, err)
	}
}

func TestAClosureIsAnsweredAgainOnceItIsOver(t *testing.T) {
	h := newHouse(t)
	act := hall.Act{Actor: "clerk:m", Key: event.Key{Principal: "clerk:m", Route: "closures", Key: "k", BodyHash: "b"}}
	r := hall.CloseRequestOffice{Office: "main", From: at(14, 0), To: at(15, 0), Reason: "works"}
	first, err := h.CloseOffice(context.Background(), act, r)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(at(15, 0).Sub(h.clock.Now()))
	if again, err := h.CloseOffice(context.Background(), act, r); err != nil || again.Closure.ID != first.Closure.ID {
		t.Error(again, err)
	}
	_, err = h.CloseOffice(context.Background(), h.act("clerk:m"), r)
	wantCode(t, err, fault.InvalidField)
}

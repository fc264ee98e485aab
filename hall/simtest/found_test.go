package simtest

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
)

// newHouse is a hall on a ledger of its own.
func newHouse(t *testing.T) (*hall.Hall, *clockwork.FakeClock) {
	t.Helper()
	clock := clockwork.NewFakeClockAt(began)
	db, end := openLedger(t, clock, clock)
	t.Cleanup(end)
	return hallOn(catalogue(), hall.Over(db), clock, clock, newCodes(), nil), clock
}

// By the table of moves a holder returns who is parked or missed; who is served
// goes back by a clerk alone.
func TestNobodySendsThemselvesBackFromACounter(t *testing.T) {
	h, _ := newHouse(t)
	is, err := h.Issue(t.Context(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: officeID, Service: "collect"})
	if err != nil {
		t.Fatal(err)
	}
	clerk := hall.Act{Actor: "clerk:1"}
	if _, err = h.OpenCounter(t.Context(), clerk, "main-1", nil); err != nil {
		t.Fatal(err)
	}
	if _, err = h.Next(t.Context(), clerk, "main-1", hall.NextRequest{}); err != nil {
		t.Fatal(err)
	}
	if _, err = h.Start(t.Context(), clerk, "main-1"); err != nil {
		t.Fatal(err)
	}
	if now, err := h.ComeBack(t.Context(), hall.Act{Actor: "citizen:a"}, is.Ticket.ID); fault.CodeOf(err) != fault.IllegalMove {
		t.Fatalf("%v: the served one is %s", err, now.State)
	}
}

// While the hall stands still, nobody is late.
func TestAPauseMakesNobodyLate(t *testing.T) {
	h, clock := newHouse(t)
	b, err := h.Book(t.Context(), hall.Act{Actor: "citizen:a"}, hall.BookRequest{Service: "quick", Office: officeID, Start: began.Add(30 * time.Minute), Holder: "citizen:a"})
	if err != nil {
		t.Fatal(err)
	}
	manager := hall.Act{Actor: "clerk:m"}
	clock.Advance(28 * time.Minute)
	if _, err = h.PauseHall(t.Context(), manager, officeID, "fire_alarm"); err != nil {
		t.Fatal(err)
	}
	clock.Advance(45 * time.Minute) // everybody stands outside, and nobody can check in
	if _, err = h.ResumeHall(t.Context(), manager, officeID); err != nil {
		t.Fatal(err)
	}
	is, err := h.CheckIn(t.Context(), hall.Act{Actor: "device:k1"}, hall.CheckInRequest{Office: officeID, Reference: b.Reference})
	if err != nil || is.Ticket.Class != "booked" {
		t.Fatalf("%v %s", err, is.Ticket.Class)
	}
}

// What a reply that was lost had said, the repeat says again.
func TestAClosureAskedTwiceDisplacesOnceAndSaysSoTwice(t *testing.T) {
	h, _ := newHouse(t)
	start := began.Add(2 * time.Hour)
	if _, err := h.Book(t.Context(), hall.Act{Actor: "citizen:a"}, hall.BookRequest{Service: "quick", Office: officeID, Start: start}); err != nil {
		t.Fatal(err)
	}
	act := hall.Act{Actor: "clerk:m", Key: event.Key{Principal: "clerk:m", Route: "closures", Key: "k", BodyHash: "b"}}
	r := hall.CloseRequestOffice{Office: officeID, From: start, To: start.Add(time.Hour), Reason: "typhoon"}
	first, err := h.CloseOffice(t.Context(), act, r)
	if err != nil || first.Displaced != 1 {
		t.Fatalf("%v %+v", err, first)
	}
	again, err := h.CloseOffice(t.Context(), act, r)
	if err != nil || again != first {
		t.Fatalf("%v: %+v, then %+v", err, first, again)
	}
}

// Who was let in because the hall ran late is not refused when staff correct the ticket.
func TestWhoWasLetInIsNotRefusedAfterwards(t *testing.T) {
	h, clock := newHouse(t)
	kiosk, start := hall.Act{Actor: "device:k1"}, began.Add(time.Hour)
	var booked []booking.Booking
	for range 2 {
		b, err := h.Book(t.Context(), kiosk, hall.BookRequest{Service: "collect", Office: officeID, Start: start})
		if err != nil {
			t.Fatal(err)
		}
		booked = append(booked, b)
	}
	var last hall.Issued
	for i, late := range []time.Duration{0, 35 * time.Minute} {
		clock.Advance(start.Add(late).Sub(clock.Now()))
		var err error
		if last, err = h.CheckIn(t.Context(), kiosk, hall.CheckInRequest{Office: officeID, Reference: booked[i].Reference}); err != nil {
			t.Fatal(err)
		}
	}
	yes := true
	if _, err := h.ChangeTicket(t.Context(), hall.Act{Actor: "clerk:r"}, last.Ticket.ID, hall.ChangeRequest{Priority: &yes}); err != nil {
		t.Fatal(err)
	}
}

package hall_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/ticket"
)

// at is a time today in Macao.
func at(hour, minute int) time.Time { return time.Date(2026, 11, 24, hour, minute, 0, 0, macau) }

func (h *house) book(holder, service string, start time.Time) (booking.Booking, error) {
	return h.Book(context.Background(), h.act(holder), hall.BookRequest{Service: service, Office: "main", Start: start, Holder: holder})
}

func (h *house) booked(holder, service string, start time.Time) booking.Booking {
	h.t.Helper()
	b, err := h.book(holder, service, start)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}

func (h *house) scan(office, code string) (hall.Issued, error) {
	return h.CheckIn(context.Background(), h.act("device:k1"), hall.CheckInRequest{Office: office, Code: code})
}

func (h *house) code(b booking.Booking) string {
	h.t.Helper()
	code, err := h.BookingCode(b)
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

func TestABookingBecomesATicketByItsCode(t *testing.T) {
	h := newHouse(t)
	b := h.booked("citizen:a", "renew", at(10, 0))
	if b.State != booking.Confirmed || len(b.Reference) != 8 {
		t.Fatalf("%+v", b)
	}
	is, err := h.scan("main", h.code(b))
	if err != nil {
		t.Fatal(err)
	}
	if is.Ticket.Class != ticket.Booked || is.Ticket.Booking != b.ID || !is.Ticket.Due.Equal(at(9, 0)) {
		t.Fatalf("%+v", is.Ticket)
	}
	got, _ := h.Read(context.Background()).Booking(b.ID)
	if got.State != booking.CheckedIn || got.Ticket != is.Ticket.ID {
		t.Fatalf("%+v", got)
	}
	_, err = h.scan("main", h.code(b))
	wantCode(t, err, fault.Used)
}

func TestTypingTheReferenceWorksToo(t *testing.T) {
	h := newHouse(t)
	b := h.booked("citizen:a", "renew", at(10, 0))
	is, err := h.CheckIn(context.Background(), h.act("device:k1"), hall.CheckInRequest{Office: "main", Reference: booking.ReferenceWords(b.Reference)})
	if err != nil || is.Ticket.Booking != b.ID {
		t.Fatalf("%+v %v", is, err)
	}
}

func TestEveryCheckInAnswer(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	today := h.booked("citizen:a", "renew", at(12, 0))
	tomorrow := h.booked("citizen:b", "renew", at(12, 0).AddDate(0, 0, 1))
	gone := h.booked("citizen:c", "renew", at(16, 0))
	if _, err := h.CancelBooking(ctx, h.act("citizen:c"), gone.ID, "citizen:c", false); err != nil {
		t.Fatal(err)
	}
	other := newHouse(t)
	strange := other.booked("citizen:z", "renew", at(10, 0))
	good := h.code(today)
	for _, c := range []struct {
		name, office, code string
		want               fault.Code
	}{
		{"wrong office", "across", good, fault.WrongOffice},
		{"wrong day", "main", h.code(tomorrow), fault.WrongDay},
		{"cancelled", "main", h.code(gone), fault.Cancelled},
		{"forged", "main", other.code(strange), fault.Forged},
		{"truncated", "main", good[:100], fault.Unknown},
		{"nothing of ours", "main", "HTTPS://EXAMPLE.ORG/X", fault.Unknown},
		{"no such office", "nowhere", good, fault.UnknownThing},
	} {
		_, err := h.scan(c.office, c.code)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	h.clock.Advance(3*time.Hour + time.Minute)
	_, err := h.scan("main", good)
	wantCode(t, err, fault.Late)
}

func TestFourHundredRivalsForOnePlaceMakeOneBooking(t *testing.T) {
	h := newHouse(t)
	const rivals = 400
	start := at(11, 0)
	before := 0
	// main-small has one place: the other counter is for walk-ins.
	var mu sync.Mutex
	won, codes := 0, map[fault.Code]int{}
	var wg sync.WaitGroup
	for i := range rivals {
		wg.Go(func() {
			holder := "citizen:" + time.Duration(i).String()
			_, err := h.book(holder, "quick", start)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
				return
			}
			codes[fault.CodeOf(err)]++
		})
	}
	wg.Wait()
	if won != before+1 || codes[fault.SlotTaken] != rivals-1 {
		t.Fatalf("%d won, losers heard %v", won, codes)
	}
}

func TestAHoldIsKeptConfirmedOrLapses(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	hold := func() booking.Booking {
		b, err := h.Book(ctx, h.act("citizen:a"), hall.BookRequest{Service: "quick", Office: "main", Start: at(11, 0), Hold: true})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := hold()
	_, err := h.book("citizen:b", "quick", at(11, 0))
	wantCode(t, err, fault.SlotTaken)
	h.clock.Advance(4 * time.Minute)
	if b, err = h.ExtendHold(ctx, h.act("citizen:a"), b.ID, ""); err != nil || b.Extended != 1 {
		t.Fatalf("%+v %v", b, err)
	}
	h.clock.Advance(5 * time.Minute)
	_, err = h.Confirm(ctx, h.act("citizen:a"), b.ID, "citizen:a")
	wantCode(t, err, fault.HoldExpired)
	// A past hold counts as released before anything has turned it into an event.
	b = hold()
	if b, err = h.Confirm(ctx, h.act("citizen:a"), b.ID, "citizen:a"); err != nil || b.State != booking.Confirmed {
		t.Fatalf("%+v %v", b, err)
	}
	if n, err := h.Tick(ctx); err != nil || n != 1 {
		t.Fatalf("ticked %d %v", n, err)
	}
	if _, err := h.Confirm(ctx, h.act("citizen:a"), b.ID, "citizen:stranger"); fault.CodeOf(err) != fault.UnknownThing {
		t.Fatalf("a stranger confirmed: %v", err)
	}
}

func TestAFreedSlotComesBackAfterARandomWhile(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	b := h.booked("citizen:a", "quick", at(15, 0))
	if _, err := h.CancelBooking(ctx, h.act("citizen:a"), b.ID, "citizen:a", false); err != nil {
		t.Fatal(err)
	}
	_, err := h.book("citizen:friend", "quick", at(15, 0))
	wantCode(t, err, fault.SlotTaken)
	h.clock.Advance(9*time.Minute + 59*time.Second)
	_, err = h.book("citizen:friend", "quick", at(15, 0))
	wantCode(t, err, fault.SlotTaken)
	h.clock.Advance(21 * time.Minute)
	h.booked("citizen:friend", "quick", at(15, 0))
}

func TestReschedulingTakesTheNewSlotAndFreesTheOldInOne(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	b := h.booked("citizen:a", "quick", at(15, 0))
	h.booked("citizen:b", "quick", at(16, 0))
	move := func(to time.Time) (booking.Booking, error) {
		return h.Reschedule(ctx, h.act("citizen:a"), b.ID, "citizen:a", hall.RescheduleRequest{Start: to})
	}
	_, err := move(at(16, 0))
	wantCode(t, err, fault.SlotTaken)
	got, _ := h.Read(ctx).Booking(b.ID)
	if !got.Start.Equal(at(15, 0)) || got.State != booking.Confirmed {
		t.Fatalf("a refused move changed the booking: %+v", got)
	}
	moved, err := move(at(15, 30))
	if err != nil || moved.ID != b.ID || moved.Reference != b.Reference || !moved.Start.Equal(at(15, 30)) {
		t.Fatalf("%+v %v", moved, err)
	}
	_, err = h.book("citizen:c", "quick", at(15, 0))
	wantCode(t, err, fault.SlotTaken)
	h.clock.Advance(31 * time.Minute)
	h.booked("citizen:c", "quick", at(15, 0))
	is, err := h.scan("main", h.code(b))
	if err != nil || !is.Ticket.Start.Equal(at(15, 30)) {
		t.Fatalf("the old code must lead to the new time: %+v %v", is.Ticket, err)
	}
}

func TestTheCutOffAndTheLimits(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	b := h.booked("citizen:a", "renew", at(11, 0))
	_, err := h.CancelBooking(ctx, h.act("citizen:a"), b.ID, "citizen:a", false)
	wantCode(t, err, fault.CutoffPassed)
	_, err = h.book("citizen:a", "renew", at(12, 0))
	wantCode(t, err, fault.LimitReached)
	_, err = h.book("citizen:a", "collect", at(12, 0).AddDate(0, 0, 40))
	wantCode(t, err, fault.TooFarAhead)
	_, err = h.book("citizen:a", "collect", at(9, 0))
	wantCode(t, err, fault.TooSoon)
	_, err = h.CancelBooking(ctx, h.act("citizen:b"), b.ID, "citizen:b", false)
	wantCode(t, err, fault.UnknownThing)
}

func TestABookingAcrossTheBorderCarriesNobody(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	holder := "citizen:pseudonym-of-a-resident"
	b, err := h.Book(ctx, h.act(holder), hall.BookRequest{Service: "permit", Office: "across", Start: at(10, 0), Holder: holder})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.scan("across", h.code(b)); err != nil {
		t.Fatal(err)
	}
	events, err := h.db.After(ctx, "across", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		p, err := event.Payload(e)
		if err != nil {
			t.Fatal(err)
		}
		if contains(p, holder) {
			t.Fatalf("event %d %s names the holder: %s", e.Seq, e.Kind, p)
		}
	}
}

func TestARemoteTicketIsDormantUntilActivatedAndPassedAfterTheGrace(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	remote, err := h.Issue(ctx, h.act("citizen:a"), hall.IssueRequest{Office: "main", Service: "renew", Remote: true, Holder: "citizen:a"})
	if err != nil || remote.Ticket.State != ticket.Remote {
		t.Fatalf("%+v %v", remote, err)
	}
	h.clock.Advance(time.Minute)
	walkIn := h.issue("renew")
	h.open(1)
	if d := h.next(1); d.Ticket.ID != walkIn.Ticket.ID {
		t.Fatalf("a dormant ticket was called: %+v", d.Ticket)
	}
	code, err := h.TicketCode(remote.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(11 * time.Minute)
	is, err := h.scan("main", code)
	if err != nil || is.Ticket.Number != remote.Ticket.Number || !is.Ticket.Due.Equal(h.clock.Now()) {
		t.Fatalf("passed longer ago than the grace, due is activation: %+v %v", is.Ticket, err)
	}
	_, err = h.scan("main", code)
	wantCode(t, err, fault.Used)
}

func TestAnUnservedTicketGivesAReturnPassThatCountsOnce(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	is := h.issue("renew")
	u, err := h.Unserve(ctx, h.act("clerk:m"), is.Ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	code, err := h.TicketCode(u)
	if err != nil || code == "" {
		t.Fatalf("%q %v", code, err)
	}
	h.clock.Advance(24 * time.Hour)
	back, err := h.scan("main", code)
	if err != nil || back.Ticket.Class != ticket.Pass || !back.Ticket.Due.Before(back.Ticket.Arrival) {
		t.Fatalf("%+v %v", back.Ticket, err)
	}
	_, err = h.scan("main", code)
	wantCode(t, err, fault.Used)
}

func TestAClosureDisplacesItsBookings(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	in, out := h.booked("citizen:a", "renew", at(15, 0)), h.booked("citizen:b", "renew", at(11, 0))
	c, err := h.CloseOffice(ctx, h.act("clerk:m"), hall.CloseRequestOffice{Office: "main", From: at(14, 0), To: at(18, 0), Reason: "typhoon"})
	if err != nil || c.Displaced != 1 {
		t.Fatalf("%+v %v", c, err)
	}
	a, _ := h.Read(ctx).Booking(in.ID)
	b, _ := h.Read(ctx).Booking(out.ID)
	if a.State != booking.Displaced || b.State != booking.Confirmed {
		t.Fatalf("%s %s", a.State, b.State)
	}
	moved, err := h.Reschedule(ctx, h.act("citizen:a"), in.ID, "citizen:a", hall.RescheduleRequest{Start: at(15, 0).AddDate(0, 0, 1)})
	if err != nil || moved.State != booking.Confirmed {
		t.Fatalf("%+v %v", moved, err)
	}
	_, err = h.book("citizen:c", "renew", at(15, 0))
	wantCode(t, err, fault.SlotNotOffered)
}

func TestNobodyStandsTwiceInALine(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	r := hall.IssueRequest{Office: "main", Service: "renew", Holder: "citizen:a"}
	first, err := h.Issue(ctx, h.act("citizen:a"), r)
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Issue(ctx, h.act("citizen:a"), r)
	wantCode(t, err, fault.AlreadyInLine)
	if _, err := h.CancelTicket(ctx, h.act("citizen:a"), first.Ticket.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Issue(ctx, h.act("citizen:a"), r); err != nil {
		t.Fatal(err)
	}
}

func TestAKiosksSlipsStayWithinTheQuota(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	quota := h.Catalogue().Queue("main-card").Rules.KioskQuota
	start := at(9, 0).AddDate(0, 0, 1)
	for i := range quota + 1 {
		_, err := h.Book(ctx, h.act("device:k1"), hall.BookRequest{Service: "collect", Office: "main", Start: start.Add(time.Duration(i) * 5 * time.Minute), Origin: booking.Kiosk})
		if i < quota && err != nil {
			t.Fatal(err)
		}
		if i == quota {
			wantCode(t, err, fault.KioskQuota)
		}
	}
}

func TestARepeatedCallTellsTheSameReason(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	c := h.open(1)
	act := h.clerk(1)
	act.Key = event.Key{Principal: "clerk:1", Route: "POST next", Key: "k", BodyHash: "x"}
	first, err := h.Next(ctx, act, c, hall.NextRequest{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Next(ctx, act, c, hall.NextRequest{})
	if err != nil || again.Ticket.ID != first.Ticket.ID || again.Why.Rule != first.Why.Rule || again.Why.Rule == "" {
		t.Fatalf("%+v\n%+v\n%v", first.Why, again.Why, err)
	}
}

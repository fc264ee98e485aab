package hall_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/ticket"
)

func wantCode(t *testing.T, err error, code fault.Code) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Fatalf("got fault %q (%v), want %q", got, err, code)
	}
}

func TestAWalkInIsCalledServedAndFinished(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	is := h.issue("renew")
	if is.Ticket.Number != "A001" || is.Ticket.State != ticket.Waiting || len(is.Link) != 26 {
		t.Fatalf("issued %+v link %q", is.Ticket, is.Link)
	}
	c := h.open(1)
	d := h.next(1)
	if d.Ticket.ID != is.Ticket.ID || d.Ticket.State != ticket.Called || d.Why.Rule == "" {
		t.Fatalf("called %+v because %+v", d.Ticket, d.Why)
	}
	if _, err := h.Recall(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	d, err := h.Start(ctx, h.clerk(1), c)
	if err != nil || d.Ticket.State != ticket.Serving {
		t.Fatalf("%+v %v", d.Ticket, err)
	}
	d, err = h.Finish(ctx, h.clerk(1), c, "")
	if err != nil || d.Changed.State != ticket.Done || d.Changed.Outcome != ticket.Served || d.Ticket.ID != "" {
		t.Fatalf("%+v %v", d, err)
	}
	if d = h.next(1); d.Ticket.ID != "" {
		t.Fatalf("nobody waits, yet %s was called", d.Ticket.Number)
	}
}

func TestABusyCounterCallsNobodyElse(t *testing.T) {
	h := newHouse(t)
	h.issue("renew")
	h.issue("renew")
	c := h.open(1)
	h.next(1)
	_, err := h.Next(context.Background(), h.clerk(1), c, hall.NextRequest{})
	wantCode(t, err, fault.CounterBusy)
}

func TestACounterBelongsToItsClerk(t *testing.T) {
	h := newHouse(t)
	c := h.open(1)
	_, err := h.OpenCounter(context.Background(), h.clerk(2), c, nil)
	wantCode(t, err, fault.CounterTaken)
	_, err = h.Next(context.Background(), h.clerk(2), c, hall.NextRequest{})
	wantCode(t, err, fault.CounterTaken)
}

func TestMissOpensAfterAMinuteNeverByCount(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	c := h.open(1)
	h.next(1)
	for range 5 {
		if _, err := h.Recall(ctx, h.clerk(1), c); err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.Miss(ctx, h.clerk(1), c)
	wantCode(t, err, fault.MissTooSoon)
	h.clock.Advance(time.Minute)
	d, err := h.Miss(ctx, h.clerk(1), c)
	if err != nil || d.Changed.State != ticket.Missed {
		t.Fatalf("%+v %v", d.Changed, err)
	}
	due := d.Changed.Due
	h.clock.Advance(29 * time.Minute)
	d, err = h.Return(ctx, h.clerk(1), c, d.Changed.ID)
	if err != nil || !d.Changed.Due.Equal(due) || d.Changed.State != ticket.Waiting {
		t.Fatalf("within the grace the due stays: %+v %v", d.Changed, err)
	}
}

func TestAMissedOneAfterTheGraceGoesBehind(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	c := h.open(1)
	id := h.next(1).Ticket.ID
	h.clock.Advance(time.Minute)
	if _, err := h.Miss(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(31 * time.Minute)
	d, err := h.Return(ctx, h.clerk(1), c, id)
	if err != nil || !d.Changed.Due.Equal(h.clock.Now()) {
		t.Fatalf("%+v %v", d.Changed, err)
	}
}

func TestUndoRestoresStateDueAndCounter(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	is := h.issue("renew")
	c := h.open(1)
	h.next(1)
	d, err := h.Undo(ctx, h.clerk(1), c)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.Ticket(ctx, is.Ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	got.Seq = is.Ticket.Seq
	if fmt.Sprint(got) != fmt.Sprint(is.Ticket) || d.Ticket.ID != "" || d.Shift.Ticket != "" {
		t.Fatalf("after undo\n%+v\nwant\n%+v\nshift %+v", got, is.Ticket, d.Shift)
	}
	_, err = h.Undo(ctx, h.clerk(1), c)
	wantCode(t, err, fault.NothingToUndo)
}

func TestUndoOfFinishAndNextIsOne(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	first, second := h.issue("renew"), h.issue("renew")
	c := h.open(1)
	h.next(1)
	if _, err := h.Start(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	d, err := h.Next(ctx, h.clerk(1), c, hall.NextRequest{Finish: ticket.Served})
	if err != nil || d.Ticket.ID != second.Ticket.ID {
		t.Fatalf("%+v %v", d.Ticket, err)
	}
	d, err = h.Undo(ctx, h.clerk(1), c)
	if err != nil || d.Ticket.ID != first.Ticket.ID || d.Ticket.State != ticket.Serving {
		t.Fatalf("%+v %v", d.Ticket, err)
	}
	if u, _ := h.Ticket(ctx, second.Ticket.ID); u.State != ticket.Waiting {
		t.Fatalf("the second is %s", u.State)
	}
}

func TestUndoIsRefusedOnceTheTicketHasMovedOn(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	c1, c2 := h.open(1), h.open(2)
	id := h.next(1).Ticket.ID
	if _, err := h.TakeOver(ctx, h.clerk(2), c2, id); err != nil {
		t.Fatal(err)
	}
	_, err := h.Undo(ctx, h.clerk(1), c1)
	wantCode(t, err, fault.MovedOn)
}

func TestUndoClosesAfterFifteenSeconds(t *testing.T) {
	h := newHouse(t)
	h.issue("renew")
	c := h.open(1)
	h.next(1)
	h.clock.Advance(16 * time.Second)
	_, err := h.Undo(context.Background(), h.clerk(1), c)
	wantCode(t, err, fault.NothingToUndo)
}

func TestUndoOfServeHereLeavesAVoidNumberNotAHole(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	c := h.open(1)
	d, err := h.ServeHere(ctx, h.clerk(1), c, hall.ServeRequest{Service: "renew"})
	if err != nil || d.Ticket.State != ticket.Serving || d.Ticket.Number != "A001" {
		t.Fatalf("%+v %v", d.Ticket, err)
	}
	if _, err := h.Undo(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.Ticket(ctx, d.Ticket.ID); got.State != ticket.Cancelled {
		t.Fatalf("the undone ticket is %s", got.State)
	}
	if is := h.issue("renew"); is.Ticket.Number != "A002" {
		t.Fatalf("next number %s", is.Ticket.Number)
	}
}

func TestParkResumeTransferContinue(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	c := h.open(1)
	id := h.next(1).Ticket.ID
	must := func(d hall.Desk, err error) hall.Desk {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	must(h.Start(ctx, h.clerk(1), c))
	d := must(h.Park(ctx, h.clerk(1), c, 20))
	if d.Changed.State != ticket.Parked || !d.Changed.ParkedUntil.Equal(h.clock.Now().Add(20*time.Minute)) {
		t.Fatalf("%+v", d.Changed)
	}
	d = must(h.Resume(ctx, h.clerk(1), c, id))
	d = must(h.Transfer(ctx, h.clerk(1), c, hall.TransferRequest{Queue: "main-small"}))
	if d.Changed.Queue != "main-small" || d.Changed.Number != "A001" || d.Changed.State != ticket.Waiting {
		t.Fatalf("%+v", d.Changed)
	}
	c2 := h.open(2, "main-small")
	d = h.next(2)
	must(h.Start(ctx, h.clerk(2), c2))
	d = must(h.Continue(ctx, h.clerk(2), c2, "collect"))
	if d.Changed.Queue != "main-card" || !d.Changed.Due.Equal(h.clock.Now()) {
		t.Fatalf("%+v", d.Changed)
	}
}

func TestAFilingOrderQueueIsStrict(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	is, err := h.Issue(ctx, h.act("device:k"), hall.IssueRequest{Office: "main", Service: "deed", Priority: true})
	if err != nil || !is.Ticket.Due.Equal(is.Ticket.Arrival) {
		t.Fatalf("%+v %v", is.Ticket, err)
	}
	_, err = h.Issue(ctx, h.act("device:k"), hall.IssueRequest{Office: "main", Service: "deed", Remote: true})
	wantCode(t, err, fault.FilingOrder)
	c := h.open(1, "main-deeds")
	_, err = h.Call(ctx, h.clerk(1), c, is.Ticket.ID, "manager")
	wantCode(t, err, fault.FilingOrder)
}

func TestAnOutOfOrderCallNeedsANamedReason(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	second := h.issue("renew")
	c := h.open(1)
	_, err := h.Call(ctx, h.clerk(1), c, second.Ticket.ID, "")
	wantCode(t, err, fault.ReasonNeeded)
	_, err = h.Call(ctx, h.clerk(1), c, second.Ticket.ID, "because")
	wantCode(t, err, fault.UnknownReason)
	d, err := h.Call(ctx, h.clerk(1), c, second.Ticket.ID, "manager")
	if err != nil || len(d.Why.Passed) != 1 || d.Why.Passed[0].Number != "A001" {
		t.Fatalf("%+v %v", d.Why, err)
	}
}

func TestSixtyFourClerksCallEachTicketOnceInDueOrder(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	const tickets, clerks = 300, 64
	for range tickets {
		h.issue("renew")
		h.clock.Advance(time.Millisecond)
	}
	for n := 1; n <= clerks; n++ {
		h.open(n)
	}
	var mu sync.Mutex
	called := map[string]int{}
	var wg sync.WaitGroup
	for n := 1; n <= clerks; n++ {
		wg.Go(func() {
			c := fmt.Sprintf("main-%d", n)
			for {
				d, err := h.Next(ctx, h.clerk(n), c, hall.NextRequest{Finish: ticket.Served})
				if err != nil {
					t.Error(err)
					return
				}
				if d.Ticket.ID == "" {
					return
				}
				mu.Lock()
				called[d.Ticket.ID]++
				mu.Unlock()
				if _, err := h.Start(ctx, h.clerk(n), c); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	if len(called) != tickets {
		t.Fatalf("%d of %d tickets were called", len(called), tickets)
	}
	inDueOrder(t, h, tickets)
	for id, n := range called {
		if n != 1 {
			t.Fatalf("ticket %s was called %d times", id, n)
		}
	}
}

// inDueOrder checks on the ledger's own events that every call took the earliest due.
func inDueOrder(t *testing.T, h *house, want int) {
	t.Helper()
	events, err := h.db.After(context.Background(), "main", 0, 100000)
	if err != nil {
		t.Fatal(err)
	}
	last, n := ticket.Ticket{}, 0
	for _, e := range events {
		if e.Kind != event.TicketKind(string(ticket.Call)) {
			continue
		}
		n++
		if u := e.Images.Tickets[0]; u.Before(last) {
			t.Fatalf("event %d calls %s after %s", e.Seq, u.Number, last.Number)
		}
		last = e.Images.Tickets[0]
	}
	if n != want {
		t.Fatalf("%d call events, want %d", n, want)
	}
}

func TestAPausedHallStandsStill(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.issue("renew")
	c := h.open(1)
	h.next(1)
	if _, err := h.PauseHall(ctx, h.act("clerk:m"), "main", "fire_alarm"); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(10 * time.Minute)
	_, err := h.Miss(ctx, h.clerk(1), c)
	wantCode(t, err, fault.HallPaused)
	if _, err := h.ResumeHall(ctx, h.act("clerk:m"), "main"); err != nil {
		t.Fatal(err)
	}
	_, err = h.Miss(ctx, h.clerk(1), c)
	wantCode(t, err, fault.MissTooSoon)
}

func TestTheFirstChangeOfALaterDayClosesTheDay(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	waiting := h.issue("renew")
	served := h.issue("renew")
	c := h.open(1)
	if d := h.next(1); d.Ticket.ID != waiting.Ticket.ID {
		t.Fatal("order")
	}
	if _, err := h.Start(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(24 * time.Hour)
	if is := h.issue("renew"); is.Ticket.Number != "A001" || is.Ticket.Day != "2026-11-25" {
		t.Fatalf("%+v", is.Ticket)
	}
	a, _ := h.Ticket(ctx, waiting.Ticket.ID)
	b, _ := h.Ticket(ctx, served.Ticket.ID)
	if a.State != ticket.Done || a.Outcome != ticket.Unrecorded || b.State != ticket.Unserved {
		t.Fatalf("served %s/%s, waiting %s", a.State, a.Outcome, b.State)
	}
	_, err := h.Next(ctx, h.clerk(1), c, hall.NextRequest{})
	wantCode(t, err, fault.CounterClosed)
}

func TestAKeyDoesNothingTwice(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	act := hall.Act{Actor: "device:k", Key: event.Key{Principal: "device:k", Route: "POST /tickets", Key: "k1", BodyHash: "x"}}
	r := hall.IssueRequest{Office: "main", Service: "renew", Print: true}
	a, err := h.Issue(ctx, act, r)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Issue(ctx, act, r)
	if err != nil || a.Ticket.ID != b.Ticket.ID || a.Link != b.Link || a.Print.ID != b.Print.ID {
		t.Fatalf("%+v\n%+v\n%v", a, b, err)
	}
	act.Key.BodyHash = "y"
	_, err = h.Issue(ctx, act, r)
	wantCode(t, err, fault.KeyReused)
}

func TestChangingTheServiceReckonsTheDueAnewAndKeepsTheNumber(t *testing.T) {
	h := newHouse(t)
	is := h.issue("renew")
	h.clock.Advance(10 * time.Minute)
	service, yes := "quick", true
	got, err := h.ChangeTicket(context.Background(), h.act("clerk:g"), is.Ticket.ID, hall.ChangeRequest{Service: &service, Priority: &yes})
	if err != nil || got.Queue != "main-small" || got.Number != "A001" || !got.Due.Equal(is.Ticket.Arrival.Add(-30*time.Minute)) {
		t.Fatalf("%+v %v", got, err)
	}
}

func TestAMissedHolderComesBackAtTheKioskWithinTheGrace(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	is := h.issue("renew")
	c := h.open(1)
	h.next(1)
	h.clock.Advance(time.Minute)
	if _, err := h.Miss(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	got, err := h.ComeBack(ctx, h.act("device:k1"), is.Ticket.ID)
	if err != nil || got.State != ticket.Waiting || !got.Due.Equal(is.Ticket.Due) || got.Counter != "" {
		t.Fatalf("%+v %v", got, err)
	}
	h.next(1)
	h.clock.Advance(time.Minute)
	if _, err := h.Miss(ctx, h.clerk(1), c); err != nil {
		t.Fatal(err)
	}
	h.clock.Advance(31 * time.Minute)
	_, err = h.ComeBack(ctx, h.act("device:k1"), is.Ticket.ID)
	wantCode(t, err, fault.GraceOver)
}

// TestAClosedQueueSaysSoAndSinceWhenItIsNot: the office and one of its queues
// are closed for different reasons, and a person is told which.
func TestAClosedQueueSaysSoAndSinceWhenItIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		queue    string
		from, to time.Time
		code     fault.Code
		opens    time.Time
	}{
		"the queue alone":        {"main-card", at(9, 0), at(22, 0), fault.QueueClosed, at(9, 0).AddDate(0, 0, 1)},
		"the whole office":       {"", at(9, 0), at(22, 0), fault.OfficeClosed, at(9, 0).AddDate(0, 0, 1)},
		"the queue for two days": {"main-card", at(0, 0), at(0, 0).AddDate(0, 0, 2), fault.QueueClosed, at(9, 0).AddDate(0, 0, 2)},
		"nobody knows how long":  {"", at(9, 0), at(9, 0).AddDate(0, 2, 0), fault.ClosedForNow, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.clock.Advance(at(9, 40).Sub(h.clock.Now()))
			if _, err := h.CloseOffice(context.Background(), h.act("clerk:m"), hall.CloseRequestOffice{Office: "main", Queue: c.queue, From: c.from, To: c.to, Reason: "works"}); err != nil {
				t.Fatal(err)
			}
			_, err := h.Issue(context.Background(), h.act("device:k1"), hall.IssueRequest{Office: "main", Service: "renew"})
			wantCode(t, err, c.code)
			if opens, _ := fault.Of(err).Params["opens"].(time.Time); !opens.Equal(c.opens) {
				t.Errorf("it opens %s, want %s", opens, c.opens)
			}
		})
	}
}

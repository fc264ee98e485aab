package hall_test

import (
	"reflect"
	"testing"
	"time"

	"vez/counter"
	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/ticket"
)

// steps drives a hall by hand, in the main office.
type steps struct {
	*audited
	test *testing.T
}

func newSteps(t *testing.T) steps {
	a, done := newAudited(t, auditStarts[0])
	t.Cleanup(done)
	return steps{a, t}
}

func (s steps) as(counter string) hall.Act { return hall.Act{Actor: "clerk:" + counter} }

// take issues a walk-in's ticket; a second passes.
func (s steps) take(service string, needs ...office.Need) string {
	s.test.Helper()
	is, err := s.Issue(s.ctx, kioskAct, hall.IssueRequest{Office: "main", Service: service, Needs: needs})
	if err != nil {
		s.test.Fatal(err)
	}
	s.house.Advance(time.Second)
	return is.Ticket.ID
}

func (s steps) must(d hall.Desk, err error) hall.Desk {
	s.test.Helper()
	if err != nil {
		s.test.Fatal(err)
	}
	return d
}

// is looks that a ticket is in a state.
func (s steps) is(id string, want ticket.State) {
	s.test.Helper()
	if got, err := s.Ticket(s.ctx, id); err != nil || got.State != want {
		s.test.Errorf("%s is %s (%v), want %s", got.Number, got.State, err, want)
	}
}

// open opens a counter.
func (s steps) open(counter string, queues ...string) {
	s.test.Helper()
	s.must(s.OpenCounter(s.ctx, s.as(counter), counter, queues))
}

func (s steps) call(counter string) string {
	s.test.Helper()
	return s.must(s.Next(s.ctx, s.as(counter), counter, hall.NextRequest{})).Ticket.ID
}

func TestWhoSteppedOutOfAFilingOrderComesBackBehind(t *testing.T) {
	s := newSteps(t)
	first, second := s.take("main-deed"), s.take("main-deed")
	_, err := s.StepOut(s.ctx, kioskAct, first)
	s.may(err)
	got, err := s.ComeBack(s.ctx, kioskAct, first)
	if err != nil || !got.Due.Equal(s.house.Now()) {
		t.Errorf("it comes back with due %s (%v)", got.Due, err)
	}
	same := "main-deed"
	if got, err = s.ChangeTicket(s.ctx, kioskAct, first, hall.ChangeRequest{Service: &same}); err != nil || !got.Due.Equal(s.house.Now()) {
		t.Errorf("to ask for the same again brings the old place back: due %s (%v)", got.Due, err)
	}
	s.open("main-1", "main-deeds")
	if s.call("main-1") != second {
		t.Error("who stepped out is called before who stayed")
	}
	s.house.Advance(time.Minute)
	s.must(s.Miss(s.ctx, s.as("main-1"), "main-1"))
	_, err = s.ComeBack(s.ctx, kioskAct, second)
	wantCode(t, err, fault.FilingOrder)
	d := s.must(s.Return(s.ctx, s.as("main-1"), "main-1", second))
	if !d.Changed.Due.Equal(s.house.Now()) {
		t.Errorf("who was missed is returned with due %s", d.Changed.Due)
	}
	s.feed(100)
}

func TestACounterOnABreakTakesNobody(t *testing.T) {
	s := newSteps(t)
	const here, there = "main-1", "main-2"
	act := s.as(here)
	s.open(here)
	s.open(there)
	done, missed, parked, called := s.take("main-renew"), s.take("main-renew"), s.take("main-renew"), s.take("main-renew")
	waiting := s.take("main-renew")
	s.call(here)
	s.must(s.Start(s.ctx, act, here))
	s.must(s.Finish(s.ctx, act, here, ""))
	s.call(here)
	s.house.Advance(time.Minute)
	s.must(s.Miss(s.ctx, act, here))
	s.call(here)
	s.must(s.Start(s.ctx, act, here))
	s.must(s.Park(s.ctx, act, here, 0))
	s.call(there)
	s.must(s.Break(s.ctx, act, here, "lunch", time.Time{}))
	for name, verb := range map[string]func() (hall.Desk, error){
		"next":         func() (hall.Desk, error) { return s.Next(s.ctx, act, here, hall.NextRequest{}) },
		"call":         func() (hall.Desk, error) { return s.Call(s.ctx, act, here, waiting, "manager") },
		"this is here": func() (hall.Desk, error) { return s.ThisOneIsHere(s.ctx, act, here, waiting) },
		"start":        func() (hall.Desk, error) { return s.StartMissed(s.ctx, act, here, missed) },
		"resume":       func() (hall.Desk, error) { return s.Resume(s.ctx, act, here, parked) },
		"take over":    func() (hall.Desk, error) { return s.TakeOver(s.ctx, act, here, called) },
		"reopen":       func() (hall.Desk, error) { return s.Reopen(s.ctx, act, here, done) },
		"serve here": func() (hall.Desk, error) {
			return s.ServeHere(s.ctx, act, here, hall.ServeRequest{Service: "main-renew"})
		},
	} {
		if _, err := verb(); fault.CodeOf(err) != fault.CounterOnBreak {
			t.Errorf("%s on a break: %v", name, err)
		}
	}
	_, err := s.Undo(s.ctx, act, here) // the break came after the last move
	wantCode(t, err, fault.MovedOn)
	s.must(s.Return(s.ctx, act, here, parked)) // that takes nobody
	for id, want := range map[string]ticket.State{done: ticket.Done, missed: ticket.Missed, called: ticket.Called, waiting: ticket.Waiting,
		parked: ticket.Waiting} {
		s.is(id, want)
	}
	s.must(s.Back(s.ctx, act, here))
	s.call(here)
	s.feed(100)
}

func TestNobodyIsStartedWhoIsCalledElsewhere(t *testing.T) {
	s := newSteps(t)
	s.take("main-renew")
	s.open("main-1")
	s.open("main-2")
	id := s.call("main-1")
	_, err := s.StartMissed(s.ctx, s.as("main-2"), "main-2", id)
	wantCode(t, err, fault.NotYours)
	s.is(id, ticket.Called)
	s.house.Advance(time.Minute)
	s.must(s.Miss(s.ctx, s.as("main-1"), "main-1"))
	_, err = s.StartMissed(s.ctx, s.as("main-2"), "main-2", id)
	wantCode(t, err, fault.NotYours)
	s.must(s.StartMissed(s.ctx, s.as("main-1"), "main-1", id))
	s.feed(100)
}

func TestUndoOfThisOneIsHereRemembersWhoMissedIt(t *testing.T) {
	s := newSteps(t)
	missed, called := s.take("main-renew"), s.take("main-renew")
	s.open("main-1")
	s.open("main-2")
	s.call("main-1")
	s.house.Advance(time.Minute)
	s.must(s.Miss(s.ctx, s.as("main-1"), "main-1"))
	s.call("main-2")
	d := s.must(s.ThisOneIsHere(s.ctx, s.as("main-2"), "main-2", missed))
	if d.Ticket.ID != missed || d.Ticket.State != ticket.Serving {
		t.Fatalf("started %+v", d.Ticket)
	}
	s.must(s.Undo(s.ctx, s.as("main-2"), "main-2"))
	s.is(called, ticket.Called)
	if got, err := s.Ticket(s.ctx, missed); err != nil || got.State != ticket.Missed || got.Counter != "main-1" {
		t.Errorf("%s at %q (%v), want it missed at main-1", got.State, got.Counter, err)
	}
	s.feed(100)
}

func TestACounterThatClosesAfterThisOneTakesNoOther(t *testing.T) {
	s := newSteps(t)
	first, second := s.take("main-renew"), s.take("main-renew")
	s.open("main-1")
	s.call("main-1")
	s.must(s.CloseCounter(s.ctx, s.as("main-1"), "main-1", hall.CloseRequest{After: true}))
	_, err := s.ThisOneIsHere(s.ctx, s.as("main-1"), "main-1", second)
	wantCode(t, err, fault.CounterClosing)
	s.is(first, ticket.Called)
	s.is(second, ticket.Waiting)
	s.must(s.Start(s.ctx, s.as("main-1"), "main-1"))
	if d := s.must(s.Finish(s.ctx, s.as("main-1"), "main-1", "")); d.Shift.State != counter.Closed {
		t.Errorf("after its last the counter is %s", d.Shift.State)
	}
	s.feed(100)
}

func TestUndoDoesNotReachIntoYesterday(t *testing.T) {
	s := newSteps(t)
	s.pass(14*time.Hour + 29*time.Minute + 50*time.Second) // 23:59:50
	id := s.take("main-renew")
	s.open("main-1")
	s.call("main-1")
	s.must(s.Start(s.ctx, s.as("main-1"), "main-1"))
	s.must(s.CloseCounter(s.ctx, s.as("main-1"), "main-1", hall.CloseRequest{After: true}))
	s.must(s.Finish(s.ctx, s.as("main-1"), "main-1", ""))
	s.pass(12 * time.Second)
	_, err := s.Undo(s.ctx, s.as("main-1"), "main-1")
	wantCode(t, err, fault.NothingToUndo)
	s.is(id, ticket.Done)
	s.open("main-1")
	_, err = s.Reopen(s.ctx, s.as("main-1"), "main-1", id)
	wantCode(t, err, fault.IllegalMove)
	s.feed(100)
}

func (a *audited) pass(d time.Duration) {
	a.house.Advance(d)
	a.machine.Advance(d)
}

func TestALongLineDoesNotChangeTheCountersList(t *testing.T) {
	s := newSteps(t)
	for range 300 {
		s.take("main-renew", office.NeedSign)
	}
	card := s.take("main-renew")
	small := s.take("main-quick")
	s.open("main-1", "main-card", "main-small")
	s.open("main-2", "main-small", "main-card")
	if got := s.call("main-1"); got != card {
		t.Error("the first queue has somebody whom the counter may call, and it called another")
	}
	if got := s.call("main-2"); got != small {
		t.Error("the other way round it calls from the other queue")
	}
	s.feed(100)
}

func TestUndoOfAReturnLeavesTheOpenTicketAlone(t *testing.T) {
	s := newSteps(t)
	away := s.take("main-renew")
	s.take("main-renew")
	_, err := s.StepOut(s.ctx, kioskAct, away)
	s.may(err)
	s.open("main-1")
	open := s.call("main-1")
	d := s.must(s.Return(s.ctx, s.as("main-1"), "main-1", away))
	if d.Ticket.ID != open || d.Ticket.State != ticket.Called {
		t.Errorf("after the return of another the desk shows %+v", d.Ticket)
	}
	d = s.must(s.Undo(s.ctx, s.as("main-1"), "main-1"))
	if d.Ticket.ID != open || d.Ticket.State != ticket.Called {
		t.Errorf("after the undo the desk shows %+v", d.Ticket)
	}
	s.is(away, ticket.Parked)
	s.is(open, ticket.Called)
	s.feed(100)
}

func TestUndoOfACallLetsTheDormantTicketKeepItsGrace(t *testing.T) {
	s := newSteps(t)
	far := func() string {
		is, err := s.Issue(s.ctx, kioskAct, hall.IssueRequest{Office: "main", Service: "main-renew", Remote: true})
		s.may(err)
		s.house.Advance(time.Second)
		return is.Ticket.ID
	}
	asleep, awake := far(), far()
	called := s.take("main-renew")
	s.open("main-1")
	s.call("main-1")
	if u, _ := s.Ticket(s.ctx, asleep); u.Passed.IsZero() {
		t.Fatal("the call overtakes a dormant ticket unmarked")
	}
	up, err := s.Ticket(s.ctx, awake)
	s.may(err)
	code, err := s.TicketCode(up)
	s.may(err)
	_, err = s.CheckIn(s.ctx, kioskAct, hall.CheckInRequest{Office: "main", Code: code})
	s.may(err)
	d := s.must(s.Undo(s.ctx, s.as("main-1"), "main-1"))
	if d.Changed.ID != called {
		t.Errorf("the undo is about %s", d.Changed.Number)
	}
	if u, _ := s.Ticket(s.ctx, asleep); !u.Passed.IsZero() || u.State != ticket.Remote {
		t.Errorf("nobody has overtaken it, and it is %s, passed at %s", u.State, u.Passed)
	}
	s.is(awake, ticket.Waiting)
	s.is(called, ticket.Waiting)
	s.feed(100)
}

func TestNothingOfACallOrServiceIsLeftOfWhoComesBack(t *testing.T) {
	s := newSteps(t)
	b, err := s.Book(s.ctx, kioskAct, hall.BookRequest{Service: "main-renew", Office: "main", Start: s.house.Now().Add(30 * time.Minute)})
	s.may(err)
	is, err := s.CheckIn(s.ctx, kioskAct, hall.CheckInRequest{Office: "main", Reference: b.Reference})
	s.may(err)
	s.open("main-1")
	if d := s.must(s.Next(s.ctx, s.as("main-1"), "main-1", hall.NextRequest{})); !d.Ticket.Invited {
		t.Fatalf("it is no invitation: %+v", d.Ticket)
	}
	s.must(s.Start(s.ctx, s.as("main-1"), "main-1"))
	s.must(s.Park(s.ctx, s.as("main-1"), "main-1", 10))
	got, err := s.ComeBack(s.ctx, kioskAct, is.Ticket.ID)
	s.may(err)
	want := is.Ticket
	want.Seq = got.Seq
	if !reflect.DeepEqual(got, want) {
		t.Errorf("after the return\n%+v\nwant it as it was issued\n%+v", got, want)
	}
	s.feed(100)
}

func TestAManagerClosesACounterWhateverItDoes(t *testing.T) {
	for name, prepare := range map[string]func(s steps, act hall.Act, c string){
		"open":    func(steps, hall.Act, string) {},
		"called":  func(s steps, _ hall.Act, c string) { s.call(c) },
		"serving": func(s steps, act hall.Act, c string) { s.call(c); s.must(s.Start(s.ctx, act, c)) },
		"closing": func(s steps, act hall.Act, c string) {
			s.call(c)
			s.must(s.CloseCounter(s.ctx, act, c, hall.CloseRequest{After: true}))
		},
		"on a break": func(s steps, act hall.Act, c string) { s.must(s.Break(s.ctx, act, c, "lunch", time.Time{})) },
		"in a paused hall": func(s steps, _ hall.Act, c string) {
			s.call(c)
			_, err := s.PauseHall(s.ctx, s.as("m"), "main", "fire_alarm")
			s.may(err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSteps(t)
			id := s.take("main-renew")
			before, _ := s.Ticket(s.ctx, id)
			s.open("main-1")
			prepare(s, s.as("main-1"), "main-1")
			d := s.must(s.CloseCounter(s.ctx, s.as("m"), "main-1", hall.CloseRequest{Manager: true}))
			if d.Shift.State != counter.Closed || d.Ticket.ID != "" {
				t.Errorf("the counter is %s with %q", d.Shift.State, d.Ticket.Number)
			}
			after, _ := s.Ticket(s.ctx, id)
			if after.State != ticket.Waiting || !after.Due.Equal(before.Due) {
				t.Errorf("its ticket is %s, due %s", after.State, after.Due)
			}
			want := fault.NothingToUndo
			if name == "in a paused hall" {
				want = fault.HallPaused
			}
			_, err := s.Undo(s.ctx, s.as("main-1"), "main-1")
			wantCode(t, err, want)
			s.feed(100)
		})
	}
}

// TestAClerkTakesNothingBackInAHallThatStandsStill: to undo a miss would call
// somebody during the fire alarm.
func TestAClerkTakesNothingBackInAHallThatStandsStill(t *testing.T) {
	s := newSteps(t)
	id := s.take("main-renew")
	s.open("main-1")
	s.call("main-1")
	s.house.Advance(time.Minute)
	s.must(s.Miss(s.ctx, s.as("main-1"), "main-1"))
	_, err := s.PauseHall(s.ctx, s.as("m"), "main", "fire_alarm")
	s.may(err)
	_, err = s.Undo(s.ctx, s.as("main-1"), "main-1")
	wantCode(t, err, fault.HallPaused)
	s.is(id, ticket.Missed)
	s.feed(100)
}

// TestATransferToItsOwnQueueIsNoWayAroundFilingOrder: as a return, it puts who
// was served behind those who wait.
func TestATransferToItsOwnQueueIsNoWayAroundFilingOrder(t *testing.T) {
	s := newSteps(t)
	first, second := s.take("main-deed"), s.take("main-deed")
	s.open("main-1", "main-deeds")
	s.call("main-1")
	s.must(s.Start(s.ctx, s.as("main-1"), "main-1"))
	s.house.Advance(time.Minute)
	d := s.must(s.Transfer(s.ctx, s.as("main-1"), "main-1", hall.TransferRequest{Queue: "main-deeds", Place: ticket.PlaceDue}))
	if !d.Changed.Due.Equal(s.house.Now()) {
		t.Errorf("who was served stands at %s", d.Changed.Due)
	}
	if got := s.call("main-1"); got != second {
		t.Errorf("%s is called, not %s who waited; it was served before", got, first)
	}
	s.feed(100)
}

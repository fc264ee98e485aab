package live_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"vez/event"
	"vez/live"
	"vez/queue/queuetest"
)

// wronglyNewest tells whether the hub calls itself the newest without being at
// the ledger's head. A comparison that was still to come may bring it there:
// then it says so rightly.
func (s *stand) wronglyNewest() bool {
	s.Helper()
	newest := s.hub.Newest(s.Context(), queuetest.Office)
	have, err := s.hub.Head(s.Context(), queuetest.Office)
	if err != nil {
		s.Fatal(err)
	}
	return newest && have != s.ledger.Head(queuetest.Office)
}

func TestAHubThatIsBehindTheLedgerDoesNotCallItselfNewest(t *testing.T) {
	s := newStand(t)
	s.board("")
	if !s.hub.Newest(t.Context(), queuetest.Office) {
		t.Error("at the head, and not the newest")
	}
	s.hall.Tell = nil // another hub commits, and its stream is late
	one := s.hall.Issue(a, "A", 0)
	if s.wronglyNewest() {
		t.Error("the newest without what another hub has committed")
	}
	s.feed.send(queuetest.Office, "e1")
	s.reached()
	if p, ok := s.hub.Placed(t.Context(), queuetest.Office, one.ID); !s.hub.Newest(t.Context(), queuetest.Office) || !ok || p.Ticket.ID != one.ID {
		t.Errorf("caught up it has %+v, %v", p, ok)
	}
	if s.hub.Newest(t.Context(), "nowhere") || s.hub.Newest(t.Context(), queuetest.Annex) {
		t.Error("the newest of what it does not hold")
	}
}

func TestAfterTheLedgerWasAwayAHubComparesBeforeItCallsItselfNewest(t *testing.T) {
	s := newStand(t)
	s.hall.Moves(30)
	s.board("")
	s.ledger.SetDown(true)
	if s.hub.Newest(t.Context(), queuetest.Office) {
		t.Error("the newest without a ledger")
	}
	s.ledger.Rewind(queuetest.Office, 3, "") // it comes back without what it had acknowledged
	s.ledger.SetDown(false)
	if s.wronglyNewest() {
		t.Error("the newest with what the ledger has lost")
	}
	for deadline := time.Now().Add(patience); !s.hub.Newest(t.Context(), queuetest.Office); {
		s.clock.Advance(time.Second)
		if time.Now().After(deadline) {
			t.Fatal("never the newest again")
		}
	}
	if have, _ := s.hub.Head(t.Context(), queuetest.Office); have != s.ledger.Head(queuetest.Office) {
		t.Errorf("it is at %v", have)
	}
}

// TestAHallThatNobodyAskedForIsHeldWhenTheLedgerGoes has a hub that nobody looks
// at, and then takes the ledger away.
func TestAHallThatNobodyAskedForIsHeldWhenTheLedgerGoes(t *testing.T) {
	s := newStand(t)
	id := s.hall.Issue(b, "B", 0).ID
	var version uint64
	for deadline := time.Now().Add(patience); version == 0; {
		s.clock.Advance(time.Second)
		if _, version = s.hub.Active(queuetest.Office, 0); time.Now().After(deadline) {
			t.Fatal("the hall is never held")
		}
	}
	s.ledger.SetDown(true)
	if ids, _ := s.hub.Active(queuetest.Office, 0); !slices.Contains(ids, id) {
		t.Errorf("%s is not among %v", id, ids)
	}
	if p, ok := s.hub.Placed(t.Context(), queuetest.Office, id); !ok || p.Ticket.ID != id {
		t.Errorf("who comes first while the ledger is away finds nothing: %v %v", p.Ticket, ok)
	}
	if ids, same := s.hub.Active(queuetest.Office, version); ids != nil || same != version {
		t.Errorf("nothing has changed since %d: %v, %d", version, ids, same)
	}
}

// TestAHubTakesALedgerThatLostItsEndAsItIsNow lets the ledger lose what it had
// acknowledged and go on further than the hub had heard: the same numbers stand
// for other events.
func TestAHubTakesALedgerThatLostItsEndAsItIsNow(t *testing.T) {
	s := newStand(t)
	s.hall.Moves(30)
	s.board("")
	before, err := s.ledger.Snapshot(t.Context(), queuetest.Office)
	if err != nil {
		t.Fatal(err)
	}
	s.ledger.SetDown(true)
	if s.hub.Newest(t.Context(), queuetest.Office) {
		t.Error("the newest without a ledger")
	}
	s.ledger.Rewind(queuetest.Office, 3, "")
	for range 60 {
		s.hall.Issue(b, "B", 0)
	}
	s.ledger.SetDown(false)
	for deadline := time.Now().Add(patience); !s.hub.Newest(t.Context(), queuetest.Office); {
		s.clock.Advance(time.Second)
		if time.Now().After(deadline) {
			t.Fatal("never the newest again")
		}
	}
	now, err := s.ledger.Snapshot(t.Context(), queuetest.Office)
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, want := range now.Tickets {
		there[want.ID] = true
		if p, ok := s.hub.Placed(t.Context(), queuetest.Office, want.ID); !ok || p.Ticket.State != want.State {
			t.Errorf("%s is %s in the ledger, and %v at the hub", want.ID, want.State, ok)
		}
	}
	for _, lost := range before.Tickets {
		if _, ok := s.hub.Placed(t.Context(), queuetest.Office, lost.ID); ok && !there[lost.ID] {
			t.Errorf("%s never was, and the hub has it", lost.ID)
		}
	}
}

// asker marks the questions of a test: the hub compares by itself too.
type asker struct{}

// slowLedger lets the questions of a test through one by one.
type slowLedger struct {
	*queuetest.Ledger
	slow  atomic.Bool
	asked chan struct{}
	let   chan struct{}
}

func (l *slowLedger) Heads(ctx context.Context) ([]event.Head, error) {
	if l.slow.Load() && ctx.Value(asker{}) != nil {
		l.asked <- struct{}{}
		<-l.let
	}
	return l.Ledger.Heads(ctx)
}

func TestThoseWhoAskAtOnceShareAQuestionThatIsPutAfterThem(t *testing.T) {
	const many = 50
	l := &slowLedger{asked: make(chan struct{}, 2*many), let: make(chan struct{})}
	s := newStand(t, func(c *live.Config) { l.Ledger = c.Source.(*queuetest.Ledger); c.Source = l })
	s.board("")
	l.slow.Store(true)
	var wg sync.WaitGroup
	var newest atomic.Int32
	ctx := context.WithValue(t.Context(), asker{}, true)
	come := func() {
		if s.hub.Newest(ctx, queuetest.Office) {
			newest.Add(1)
		}
	}
	wg.Go(come)
	<-l.asked // one is under way: who comes now must not have its answer
	for range many {
		wg.Go(come)
	}
	for deadline := time.Now().Add(patience); s.hub.Asking() < many; <-time.After(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Errorf("%d of %d wait for the next question", s.hub.Asking(), many)
			break
		}
	}
	close(l.let)
	wg.Wait()
	if n := len(l.asked); n != 1 {
		t.Errorf("%d who asked put %d questions", many, n)
	}
	if newest.Load() != many+1 {
		t.Errorf("%d of %d were told", newest.Load(), many+1)
	}
}

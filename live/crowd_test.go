package live_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"vez/live"
	"vez/queue/queuetest"
)

func asIs(_ string, view any) ([]byte, error) { return json.Marshal(view) }

// listen opens a stream and reads its snapshot.
func listen(t *testing.T, hub *live.Hub, f live.Filter) *live.Sub {
	t.Helper()
	s, err := hub.Subscribe(context.Background(), queuetest.Office, f, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	<-s.C
	return s
}

// taken waits until the hub has taken what was committed.
func taken(t *testing.T, hub *live.Hub) {
	t.Helper()
	if _, err := hub.Head(context.Background(), queuetest.Office); err != nil {
		t.Fatal(err)
	}
}

// aheadIn is what a position that was sent says of those ahead.
func aheadIn(t *testing.T, s *live.Sub) int {
	t.Helper()
	select {
	case f := <-s.C:
		var p live.Position
		if err := json.Unmarshal(f.Data, &p); err != nil {
			t.Fatal(err)
		}
		return p.Ahead
	case <-time.After(patience):
		t.Fatal("nothing was told")
	}
	return 0
}

func TestWhoIsNearIsToldWithTheNextFlushAndWhoIsFarSoon(t *testing.T) {
	s := newStand(t)
	s.hall.Shift(desk1, a)
	var ids []string
	for i := range 300 {
		ids = append(ids, s.hall.Issue(a, "A", time.Duration(i)*time.Second).ID)
	}
	near := listen(t, s.hub, live.Filter{Kind: live.KindPosition, Ticket: ids[5]})
	far := listen(t, s.hub, live.Filter{Kind: live.KindPosition, Ticket: ids[250]})
	s.hall.Call(ids[0], desk1)
	taken(t, s.hub)
	s.hub.Flush()
	if n := aheadIn(t, near); n != 4 {
		t.Errorf("%d are ahead of the sixth", n)
	}
	if len(far.C) != 0 {
		t.Error("who is far was told with every call")
	}
	s.clock.Advance(5 * time.Second)
	s.hub.Flush()
	if n := aheadIn(t, far); n != 249 {
		t.Errorf("%d are ahead of the 251st", n)
	}
	s.hall.Call(ids[250], desk1) // out of order: told at once, however far it was
	if n := aheadIn(t, far); n != 0 {
		t.Errorf("%d are ahead of one who is called", n)
	}
}

func TestWhoJoinsDoesNotKeepTheNewsFromThoseWhoListen(t *testing.T) {
	s := newStand(t)
	s.hall.Shift(desk1, a)
	var ids []string
	for range 4 {
		ids = append(ids, s.hall.Issue(a, "A", 0).ID)
	}
	taken(t, s.hub)
	kiosk := listen(t, s.hub, live.Filter{Kind: live.KindPosition, Ticket: ids[3]})
	s.hall.Call(ids[0], desk1)
	taken(t, s.hub)
	listen(t, s.hub, live.Filter{Kind: live.KindPosition, Ticket: ids[3]}) // the phone of the same holder
	s.hub.Flush()
	if n := aheadIn(t, kiosk); n != 2 {
		t.Errorf("%d are ahead", n)
	}
}

func TestAConsoleIsRungWhenItsLineIsDifferentAndNotOtherwise(t *testing.T) {
	s := newStand(t)
	s.hall.Shift(desk1, a)
	first := s.hall.Issue(a, "A", 0)
	taken(t, s.hub)
	line := listen(t, s.hub, live.Filter{Kind: live.KindLine, Queues: []string{a}, Form: live.FormRing,
		Encode: func(_ string, view any) ([]byte, error) { return []byte("{}"), nil }})
	for _, step := range []struct {
		what string
		do   func()
		ring bool
	}{
		{"a ticket joins", func() { s.hall.Issue(a, "A", time.Minute) }, true},
		{"one is called", func() { s.hall.Call(first.ID, desk1) }, true},
		{"its service begins", func() { s.hall.Begin(first.ID) }, false},
		{"another queue's line grows", func() { s.hall.Issue(b, "B", 0) }, false},
		{"it ends", func() { s.hall.Finish(first.ID) }, false},
	} {
		step.do()
		taken(t, s.hub)
		s.hub.Flush()
		if got := len(line.C); got > 1 || (got == 1) != step.ring {
			t.Errorf("%s: it rang %d times", step.what, got)
		}
		for len(line.C) > 0 {
			<-line.C
		}
	}
}

func TestAReaderOfATicketWhoIsCutTakesNobodyAlong(t *testing.T) {
	s := newStand(t)
	s.hall.Shift(desk1, a)
	first := s.hall.Issue(a, "A", 0)
	taken(t, s.hub)
	asleep := listen(t, s.hub, live.Filter{Kind: live.KindPosition, Ticket: first.ID, Form: "other", Encode: asIs})
	awake := listen(t, s.hub, live.Filter{Kind: live.KindPosition, Ticket: first.ID})
	for range 40 {
		s.hall.Call(first.ID, desk1)
		aheadIn(t, awake)
		s.hall.Back(first.ID)
		aheadIn(t, awake)
	}
	select {
	case <-asleep.Done():
		if !errors.Is(asleep.Err(), live.ErrSlow) {
			t.Error(asleep.Err())
		}
	default:
		t.Error("it is kept")
	}
}

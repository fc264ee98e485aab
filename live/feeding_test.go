package live_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/live"
	"vez/office"
	"vez/queue"
	"vez/queue/queuetest"
	"vez/ticket"
)

func TestWhatOtherHubsCommitComesByTheStream(t *testing.T) {
	s := newStand(t)
	s.board("")
	s.hall.Tell = func(es []event.Event) { s.feed.send(queuetest.Office, "e1", es...) }
	one := s.hall.Issue(a, "A", 0)
	s.hall.Call(one.ID, desk1)
	if got := s.board("").Calls; len(got) != 1 {
		t.Errorf("the board shows %+v", got)
	}
}

func TestTheSameEventsTwiceAndOutOfOrderCountOnce(t *testing.T) {
	s := newStand(t)
	s.board("")
	r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	r.next()
	var es []event.Event
	s.hall.Tell = func(e []event.Event) { es = append(es, e...) }
	one := s.hall.Issue(a, "A", 0)
	s.hall.Call(one.ID, desk1)
	s.hall.Begin(one.ID)
	for _, i := range []int{1, 0, 1, 2, 0, 2, 1} {
		s.hub.Committed(es[i : i+1])
		s.feed.send(queuetest.Office, "e1", es[i])
	}
	s.reached()
	for _, want := range []string{"e1.3", "e1.4"} {
		if c := r.change(); c.At != want {
			t.Errorf("came %s, want %s", c.At, want)
		}
	}
}

func TestWithoutRedisAndWithoutOwnCommitsTheLedgerFeedsTheHub(t *testing.T) {
	s := newStand(t)
	s.board("")
	r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	r.next()
	s.feed.set(false)
	s.hall.Tell = nil
	one := s.hall.Issue(a, "A", 0)
	s.hall.Call(one.ID, desk1)
	s.clock.Advance(time.Second)
	if c := r.change(); !slices.Equal(numbers(c.Calls), []string{"A001"}) {
		t.Errorf("came %+v", c)
	}
}

func TestALostThreadIsMendedFromTheLedger(t *testing.T) {
	s := newStand(t)
	s.board("")
	s.hall.Tell = nil
	s.hall.Moves(50)
	s.feed.send(queuetest.Office, "e1")
	s.reached()
}

func TestWhatWasErasedIsReadAnew(t *testing.T) {
	s := newStand(t)
	s.board("")
	s.hall.Tell = nil
	for range 5 {
		s.hall.Issue(a, "A", 0)
	}
	s.ledger.Erase(4)
	s.clock.Advance(time.Second)
	s.reached()
	if q, err := s.hub.Queues(t.Context(), queuetest.Office); err != nil || q.Queues[0].Waiting != 5 {
		t.Errorf("the queue is %+v (%v)", q.Queues[0], err)
	}
}

func TestARestoredLedgerReplacesTheHall(t *testing.T) {
	for _, epoch := range []string{"e2", ""} {
		s := newStand(t)
		s.hall.Moves(30)
		s.board("")
		r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
		r.next()
		s.ledger.Rewind(queuetest.Office, 3, epoch)
		s.clock.Advance(time.Second)
		f := r.next()
		for f.Event != live.EventSnapshot {
			f = r.next()
		}
		if want := live.ID(s.ledger.Head(queuetest.Office)); f.ID != want {
			t.Errorf("the snapshot is of %s, want %s", f.ID, want)
		}
	}
}

func TestANewDayIsReadAnew(t *testing.T) {
	s := newStand(t)
	s.hall.Book(a, queuetest.Day.Add(3), 9*time.Hour, 10*time.Minute)
	s.board("")
	s.house.Advance(3 * 24 * time.Hour)
	s.clock.Advance(time.Second)
	for deadline := time.Now().Add(patience); ; {
		q, err := s.hub.Queues(t.Context(), queuetest.Office)
		if err != nil {
			t.Fatal(err)
		}
		if q.Hall.Day == queuetest.Day.Add(3) && q.Queues[0].Expected == 0 && q.Queues[0].Status == office.StatusUnattended {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the day does not begin: %+v", q)
		}
	}
}

func TestYesterdaysTicketsDoNotFillTodaysLimit(t *testing.T) {
	s := newStand(t)
	s.hall.Issue(a, "A", 0)
	s.board("")
	s.house.Advance(24 * time.Hour)
	s.clock.Advance(time.Second)
	for deadline := time.Now().Add(patience); ; {
		q, err := s.hub.Queues(t.Context(), queuetest.Office)
		if err != nil {
			t.Fatal(err)
		}
		if q.Hall.Day == queuetest.Day.Add(1) && q.Queues[0].Issued == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d walk-ins are counted on the new day %s", q.Queues[0].Issued, q.Hall.Day)
		}
	}
}

func TestStaleOnlyWhenBothMemoriesAreAway(t *testing.T) {
	s := newStand(t)
	s.board("")
	r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	r.next()
	s.ledger.SetDown(true)
	s.clock.Advance(10 * time.Second)
	if at := s.hub.StaleSince(); !at.IsZero() {
		t.Errorf("stale since %v though Redis answers", at)
	}
	s.feed.set(false)
	s.clock.Advance(time.Second)
	if at := s.hub.StaleSince(); !at.Equal(noon) {
		t.Errorf("stale since %v, want %v", at, noon)
	}
	f := r.next()
	for f.Event != live.EventStale {
		f = r.next()
	}
	if got := string(f.Data); f.ID != "" || got != `{"since":"2026-11-24T10:00:00+08:00"}` {
		t.Errorf("the board is told %q %s", f.ID, got)
	}
	s.ledger.SetDown(false)
	for deadline := time.Now().Add(patience); !s.hub.StaleSince().IsZero(); {
		s.clock.Advance(time.Second)
		if time.Now().After(deadline) {
			t.Fatal("stale for ever")
		}
	}
}

// The board has hidden the banner, for it heard something again.
func TestABoardThatComesAgainHearsThatTheNewsAreOldByTheHallsClock(t *testing.T) {
	house := clockwork.NewFakeClockAt(noon.Add(26 * time.Hour))
	s := newStand(t, func(c *live.Config) { c.House = house })
	last := s.board("").At
	s.ledger.SetDown(true)
	s.feed.set(false)
	s.clock.Advance(10 * time.Second)
	house.Advance(time.Hour) // it runs faster
	for _, from := range []string{last, ""} {
		r := s.subscribe(live.Filter{Kind: live.KindBoard}, from)
		var got string
		for len(r.sub.C) > 0 {
			switch f := r.next(); f.Event {
			case live.EventStale:
				got = string(f.Data)
			case live.EventSnapshot:
				got = fmt.Sprintf(`{"since":%q}`, decode[live.Board](s, f).Stale.Format(time.RFC3339))
			}
		}
		if got != `{"since":"2026-11-25T12:00:00+08:00"}` {
			t.Errorf("after %q it is told %q", from, got)
		}
		r.sub.Close()
	}
}

func TestAnOfficeThatCannotBeReadSaysWhy(t *testing.T) {
	s := newStand(t)
	s.ledger.SetDown(true)
	if _, err := s.hub.Board(t.Context(), queuetest.Annex, ""); !errors.Is(err, queuetest.ErrDown) {
		t.Errorf("the error is %v", err)
	}
	s.ledger.SetDown(false)
	if _, err := s.hub.Board(t.Context(), queuetest.Annex, ""); err != nil {
		t.Error(err)
	}
}

func TestASlowReaderIsCutAndResumes(t *testing.T) {
	s := newStand(t)
	slow := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	quick := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	quick.next()
	var last string
	var sent []string
	for range 40 {
		one := s.hall.Issue(a, "A", 0)
		s.hall.Call(one.ID, desk1)
		s.hall.Finish(one.ID)
		for range 2 {
			sent = append(sent, quick.change().At)
		}
	}
	select {
	case <-slow.sub.Done():
	case <-time.After(patience):
		t.Fatal("the slow reader is not cut")
	}
	if !errors.Is(slow.sub.Err(), live.ErrSlow) {
		t.Errorf("cut because %v", slow.sub.Err())
	}
	var got []string
	for len(slow.sub.C) > 0 {
		if f := slow.next(); f.ID != "" {
			last = f.ID
			if f.Event == live.EventChange {
				got = append(got, f.ID)
			}
		}
	}
	again := s.subscribe(live.Filter{Kind: live.KindBoard}, last)
	for len(again.sub.C) > 0 {
		if f := again.next(); f.Event == live.EventChange {
			got = append(got, f.ID)
		}
	}
	if !slices.Equal(got, sent) {
		t.Errorf("in all it heard %v\nwant %v", got, sent)
	}
}

func TestFiguresComeAtMostFourTimesASecond(t *testing.T) {
	s := newStand(t)
	r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	r.next()
	for range 100 {
		s.hall.Issue(a, "A", 0)
	}
	s.reached()
	if n := len(r.sub.C); n != 0 {
		t.Errorf("%d frames came before a quarter of a second went by", n)
	}
	s.clock.Advance(250 * time.Millisecond)
	q := decode[live.Queues](s, r.next())
	if q.Queues[0].Waiting != 100 || q.At != "e1.101" {
		t.Errorf("came %+v", q)
	}
	if n := len(r.sub.C); n != 0 {
		t.Errorf("%d frames more came", n)
	}
}

func TestAHolderHearsAtOnceOfTheCallAndSoonOfTheLine(t *testing.T) {
	s := newStand(t)
	one, two := s.hall.Issue(a, "A", 0), s.hall.Issue(a, "A", 0)
	r := s.subscribe(live.Filter{Kind: live.KindPosition, Ticket: two.ID}, "")
	if p := decode[live.Position](s, r.next()); p.Ahead != 1 {
		t.Errorf("first it sees %+v", p)
	}
	s.hall.Call(one.ID, desk1)
	s.reached()
	s.clock.Advance(250 * time.Millisecond)
	if p := decode[live.Position](s, r.next()); p.Ahead != 0 || p.State != ticket.Waiting {
		t.Errorf("then it sees %+v", p)
	}
	s.hall.Call(two.ID, desk3)
	if p := decode[live.Position](s, r.next()); p.State != ticket.Called || p.Label != "3" {
		t.Errorf("called it sees %+v", p)
	}
}

func TestStreamsEndWithAgeAndWithTheHub(t *testing.T) {
	s := newStand(t)
	old := s.subscribe(live.Filter{Kind: live.KindQueues}, "")
	s.clock.Advance(time.Hour)
	<-old.sub.Done()
	if !errors.Is(old.sub.Err(), live.ErrAged) {
		t.Errorf("ended because %v", old.sub.Err())
	}
	r := s.subscribe(live.Filter{Kind: live.KindQueues}, "")
	s.hub.Close()
	<-r.sub.Done()
	if !errors.Is(r.sub.Err(), live.ErrClosed) {
		t.Errorf("ended because %v", r.sub.Err())
	}
	if _, err := s.hub.Subscribe(t.Context(), queuetest.Office, live.Filter{Kind: live.KindBoard}, ""); err == nil {
		t.Error("a closed hub takes subscribers")
	}
}

// boardWithin is how soon a board is right by the clock on the wall: two seconds
// by the design, and what a busy machine adds.
const boardWithin = 5 * time.Second

// Two hubs on one ledger and one Redis, all clocks real: what one commits is on
// the other's board, also when the committing hub dies before it projects, and
// after Redis was emptied.
func TestBoardsAreRightWithinTwoSeconds(t *testing.T) {
	for name, open := range map[string]func(testing.TB) *queuetest.Backend{"miniredis": queuetest.Mini, "redis": queuetest.Real} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			back, ledger := open(t), queuetest.NewLedger("e1")
			p := queue.New(queue.Config{Client: back.Client, Source: ledger, Catalogue: queuetest.Catalogue()})
			t.Cleanup(p.Close)
			hub := live.NewHub(live.Config{Catalogue: queuetest.Catalogue(), Source: ledger, Feed: p, House: clockwork.NewFakeClockAt(noon)})
			t.Cleanup(hub.Close)
			s := &stand{T: t, ledger: ledger, hub: hub}
			s.hall = queuetest.NewHall(ledger, queuetest.Office, 1, nil)
			s.hall.Open()
			r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
			for i, before := range []func(){
				func() {},
				func() { back.Client.FlushAll(t.Context()) },
				func() { back.Cut() },
				func() { back.Mend() },
				func() { s.hall.Tell = p.Committed }, // as another hub would
			} {
				before()
				one := s.hall.Issue(a, "A", 0)
				began := time.Now()
				s.hall.Call(one.ID, desk1)
				if c := r.change(); !slices.Equal(numbers(c.Calls), []string{fmt.Sprintf("A%03d", i+1)}) {
					t.Fatalf("step %d: came %+v", i, c)
				}
				d := time.Since(began)
				if t.Logf("step %d: it took %v", i, d.Round(time.Millisecond)); d > boardWithin {
					t.Errorf("step %d: not within %v", i, boardWithin)
				}
				s.hall.Finish(one.ID)
				r.change()
			}
		})
	}
}

package queuetest

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/office"
	"vez/queue"
)

// patience bounds what a test waits for; nothing takes as long when it is right.
const patience = 10 * time.Second

// stand is one projection on a backend with its ledger and hall.
type stand struct {
	*testing.T
	b      *Backend
	ledger *Ledger
	hall   *Hall
	clock  *clockwork.FakeClock
	p      *queue.Projection
}

func newStand(t *testing.T, b *Backend) *stand {
	s := &stand{T: t, b: b, ledger: NewLedger("e1"), clock: clockwork.NewFakeClockAt(Start)}
	s.p = s.hub()
	s.hall = NewHall(s.ledger, Office, 7, s.p.Committed)
	s.settle(s.p)
	return s
}

// hub starts one more projection on the same Redis and ledger.
func (s *stand) hub() *queue.Projection {
	p := queue.New(queue.Config{Client: s.b.Client, Source: s.ledger, Catalogue: Catalogue(), Clock: s.clock})
	s.Cleanup(p.Close)
	return p
}

// settle waits for a comparison that began after the call.
func (s *stand) settle(p *queue.Projection) {
	s.Helper()
	for range 2 {
		done := p.Settled()
		p.Compare()
		s.wait(done)
	}
}

func (s *stand) wait(done <-chan struct{}) {
	s.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		s.Fatal("nothing happened in time")
	}
}

// right waits until an office is what the ledger makes of it.
func (s *stand) right(office string) {
	s.Helper()
	deadline := time.Now().Add(patience)
	for {
		s.settle(s.p)
		have, want, err := s.pictures(office)
		switch {
		case err == nil && have.Equal(want):
			return
		case err == nil && have.Head == want.Head || time.Now().After(deadline):
			s.differ(have, want, err)
		}
	}
}

// pictures are what Redis has, and what the ledger makes of it. The error is
// why Redis could not be read.
func (s *stand) pictures(o string) (have, want queue.Picture, err error) {
	s.Helper()
	have, err = s.p.Dump(s.Context(), o)
	snap, broken := s.ledger.snapshot(o)
	if broken != nil {
		s.Fatal(broken)
	}
	return have, queue.PictureOf(snap, Catalogue().Office(o).Location()), err
}

// shown is what Redis has now.
func (s *stand) shown(o string) queue.Picture {
	s.Helper()
	have, _, err := s.pictures(o)
	if err != nil {
		s.Fatal(err)
	}
	return have
}

func (s *stand) differ(have, want queue.Picture, err error) {
	s.Helper()
	s.Fatalf("Redis differs from the ledger (%v)\nhave %+v\nwant %+v", err, have, want)
}

// Suite runs everything that the projection promises on a backend.
func Suite(t *testing.T, open func(t testing.TB) *Backend) {
	for _, c := range []struct {
		name string
		test func(*stand)
	}{
		{"applied events and a rebuild make the same projection", applied},
		{"a repeated commit changes nothing", repeated},
		{"a lost commit is caught up from the ledger without a rebuild", gap},
		{"a flushed Redis is right again at the next comparison", flushed},
		{"a stale replica catches up without a rebuild", stale},
		{"what was erased is not caught up but rebuilt", erased},
		{"another epoch is rebuilt", otherEpoch},
		{"a Redis ahead of the ledger is rebuilt", ahead},
		{"a ledger that lost its end and gave its numbers anew is believed", anew},
		{"a torn stream is rebuilt", torn},
		{"keys of another type are made anew", foreign},
		{"a damaged line is found by Verify and mended", damaged},
		{"two hubs may apply the same and each other's commits", twoHubs},
		{"a rebuild gives way to a newer head", newer},
		{"without Redis nobody waits, and on its return it is right", away},
		{"a line is ordered by due, then by joining", order},
		{"cells say how many places are taken, and never that what is missing is free", cells},
		{"a day that is over is forgotten", dayOver},
		{"a great office is rebuilt in chunks", great},
		{"a burst in one commit is applied", burst},
		{"followers get every event once, in order, without actors or references", followed},
		{"followers hear of a lost thread", lost},
		{"consoles are seen and limits limit", presence},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(newStand(t, open(t))) })
	}
}

func applied(s *stand) {
	s.hall.Open()
	for range 10 {
		s.hall.Moves(30)
		s.right(Office)
	}
	have := s.shown(Office)
	if len(have.Lines) == 0 || len(have.Cells) == 0 || len(have.Serving) == 0 {
		s.Fatalf("the history shows too little: %+v", have)
	}
	if err := s.p.Rebuild(s.Context(), Office); err != nil {
		s.Fatal(err)
	}
	again := s.shown(Office)
	if !again.Equal(have) {
		s.Fatalf("rebuilt differs from live\nlive    %+v\nrebuilt %+v", have, again)
	}
	if same, err := s.p.Verify(s.Context(), Office); !same || err != nil {
		s.Fatalf("Verify says %v, %v", same, err)
	}
}

func repeated(s *stand) {
	s.hall.Open()
	s.hall.Moves(20)
	s.right(Office)
	before := s.b.Client.XLen(s.Context(), eventsOf(Office)).Val()
	es, _ := s.ledger.After(s.Context(), Office, 0, 100)
	s.p.Committed(es)
	s.p.Committed(es[5:])
	s.p.Committed(es[10:12])
	s.right(Office)
	if n := s.b.Client.XLen(s.Context(), eventsOf(Office)).Val(); n != before {
		s.Errorf("the stream has %d entries, had %d", n, before)
	}
}

// eventsOf is written out here so that the suite also holds the name fast.
func eventsOf(o string) string { return "vez:{" + o + "}:events" }

func gap(s *stand) {
	s.hall.Open()
	s.right(Office)
	rebuilds := s.snapshots()
	s.hall.Tell = nil
	s.hall.Moves(3)
	s.hall.Tell = s.p.Committed
	s.hall.Moves(3)
	s.right(Office)
	s.notRebuilt(rebuilds)
}

// snapshots counts what the projection has read so far.
func (s *stand) snapshots() int {
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	return s.ledger.Snapshots
}

// notRebuilt fails when a snapshot was read since.
func (s *stand) notRebuilt(since int) {
	s.Helper()
	if n := s.snapshots() - since; n > 0 {
		s.Errorf("%d snapshots were read: it was rebuilt", n)
	}
}

func flushed(s *stand) {
	s.hall.Open()
	s.hall.Moves(40)
	s.right(Office)
	s.b.Client.FlushAll(s.Context())
	s.tick(Office)
}

// equalNow does not wait for anything.
func (s *stand) equalNow(o string) {
	s.Helper()
	have, want, err := s.pictures(o)
	if err != nil || !have.Equal(want) {
		s.differ(have, want, err)
	}
}

// tick lets a second go by and waits until an office is right, asking for no
// comparison: one that was under way before may end first.
func (s *stand) tick(o string) {
	s.Helper()
	s.clock.Advance(time.Second)
	for late := time.After(patience); ; {
		done := s.p.Settled()
		have, want, err := s.pictures(o)
		if err == nil && have.Equal(want) {
			return
		}
		select {
		case <-done:
		case <-late:
			s.differ(have, want, err)
		}
	}
}

// quiet waits until no commit of any office is on its way: comparisons pass by
// what seems to be. Commits are applied in turn, so that one of the annex comes
// after all that were before.
func (s *stand) quiet() {
	s.Helper()
	NewHall(s.ledger, Annex, 3, s.p.Committed).Open()
	s.right(Annex)
}

func stale(s *stand) {
	s.hall.Open()
	s.hall.Moves(20)
	s.right(Office)
	s.quiet()
	s.hall.Tell = nil // the master that had these was lost
	s.hall.Moves(50)
	before := s.snapshots()
	s.tick(Office)
	s.notRebuilt(before)
}

func erased(s *stand) {
	s.hall.Open()
	s.right(Office)
	s.quiet()
	s.hall.Tell = nil
	s.hall.Moves(30)
	s.ledger.Erase(20)
	s.settle(s.p)
	s.equalNow(Office)
}

func otherEpoch(s *stand) {
	s.hall.Open()
	s.hall.Moves(40)
	s.right(Office)
	s.ledger.Rewind(Office, 15, "e2")
	s.settle(s.p)
	s.equalNow(Office)
	if have := s.shown(Office); !strings.HasPrefix(have.Head, "e2:") {
		s.Errorf("the head is %s", have.Head)
	}
}

func ahead(s *stand) {
	s.hall.Open()
	s.hall.Moves(40)
	s.right(Office)
	s.ledger.Rewind(Office, 15, "")
	s.settle(s.p)
	s.equalNow(Office)
}

// anew takes the ledger away; the one that comes back has lost three events, and
// gives their numbers to others before anybody compares: the heads agree.
func anew(s *stand) {
	s.hall.Open()
	s.hall.Moves(20)
	s.right(Office)
	s.quiet()
	before := s.ledger.Head(Office).Seq
	for range 3 {
		s.hall.Issue("dsi-main-a", "A", time.Minute)
	}
	s.right(Office)
	s.ledger.SetDown(true)
	s.settle(s.p)
	s.ledger.Rewind(Office, before, "")
	s.ledger.SetDown(false)
	for range 3 {
		s.hall.Issue("dsi-main-b", "B", time.Minute)
	}
	s.quiet()
	s.settle(s.p)
	s.equalNow(Office)
}

func torn(s *stand) {
	s.hall.Open()
	s.hall.Moves(10)
	s.right(Office)
	s.b.Client.Del(s.Context(), eventsOf(Office))
	s.hall.Moves(1)
	s.right(Office)
}

func foreign(s *stand) {
	s.hall.Open()
	s.right(Office)
	s.b.Client.Set(s.Context(), "vez:{"+Office+"}:place", "nonsense", 0)
	s.hall.Moves(10)
	s.right(Office)
}

func damaged(s *stand) {
	s.hall.Open()
	for range 5 {
		s.hall.Issue("dsi-main-a", "A", time.Minute)
	}
	s.right(Office)
	s.b.Client.ZPopMin(s.Context(), "vez:{"+Office+"}:line:dsi-main-a", 2)
	if same, err := s.p.Verify(s.Context(), Office); same || err != nil {
		s.Fatalf("Verify says %v, %v", same, err)
	}
	s.equalNow(Office)
}

func twoHubs(s *stand) {
	other := s.hub()
	s.settle(other)
	n := 0
	s.hall.Tell = func(es []event.Event) {
		switch n++; n % 3 {
		case 0:
			s.p.Committed(es)
		case 1:
			other.Committed(es)
		default:
			other.Committed(es)
			s.p.Committed(es)
		}
	}
	annex := NewHall(s.ledger, Annex, 3, s.hall.Tell)
	s.hall.Open()
	annex.Open()
	for range 20 {
		s.hall.Moves(10)
		annex.Moves(5)
	}
	s.settle(other)
	s.right(Office)
	s.right(Annex)
}

func newer(s *stand) {
	other := s.hub()
	s.settle(other)
	s.hall.Open()
	s.hall.Moves(10)
	s.right(Office)
	var once bool
	s.ledger.OnSnapshot = func(o string) {
		if o != Office || once {
			return
		}
		once = true // the other hub goes on between our snapshot and our swap
		s.hall.Tell = other.Committed
		s.hall.Moves(5)
		s.onTop(Office)
	}
	if err := s.p.Rebuild(s.Context(), Office); err != nil {
		s.Fatal(err)
	}
	first := s.b.Client.XRangeN(s.Context(), eventsOf(Office), "-", "+", 1).Val()
	if len(first) == 0 || first[0].Values["e"] == nil {
		s.Errorf("the stream begins with %v: the older rebuild was swapped in", first)
	}
	s.equalNow(Office)
	s.noTemps()
}

// onTop waits until Redis is at the ledger's head, by its stream.
func (s *stand) onTop(o string) {
	s.Helper()
	head := s.ledger.Head(o).Seq
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if top := s.b.Client.XRevRangeN(s.Context(), eventsOf(o), "+", "-", 1).Val(); len(top) > 0 && strings.HasPrefix(top[0].ID, itoa(head)+"-") {
			return
		}
	}
	s.Fatal("the events did not arrive")
}

// noTemps fails when keys of a rebuild were left that will not expire.
func (s *stand) noTemps() {
	s.Helper()
	for _, k := range s.b.Client.Keys(s.Context(), "vez:*:tmp:*").Val() {
		if s.b.Client.PTTL(s.Context(), k).Val() <= 0 {
			s.Errorf("%s stays for ever", k)
		}
	}
}

func away(s *stand) {
	s.hall.Open()
	s.hall.Moves(10)
	s.right(Office)
	s.b.Cut()
	began := time.Now()
	for range 6000 { // more than the buffer holds
		s.hall.Tell([]event.Event{{Office: Office, Seq: 1}})
	}
	s.hall.Moves(30)
	if d := time.Since(began); d > patience { // who waits takes 2 s a commit
		s.Errorf("the commits waited %v", d)
	}
	s.settle(s.p)
	if up, _ := s.p.Health(); up {
		s.Fatal("Redis is said to be there")
	}
	if _, err := s.p.CellsOf(s.Context(), []string{"dsi-main-a"}, []office.Day{Day}); !errors.Is(err, queue.ErrAway) {
		s.Errorf("CellsOf says %v", err)
	}
	if ok, _ := s.p.Allow(s.Context(), "door", 1, time.Hour); !ok {
		s.Error("a limit holds without Redis")
	}
	s.clock.Advance(time.Second)
	s.b.Mend()
	s.right(Office)
	if up, since := s.p.Health(); !up || !since.Equal(s.clock.Now()) {
		s.Errorf("Health says %v since %v", up, since)
	}
}

func order(s *stand) {
	s.hall.Open()
	var want []string
	for range 12 { // joined 2 to 13: as text, 10 would come before 9
		want = append(want, s.hall.Issue("dsi-main-a", "A", time.Minute).ID)
	}
	first := s.hall.Issue("dsi-main-a", "A", 0).ID
	s.right(Office)
	got, err := s.p.Line(s.Context(), "dsi-main-a", 0)
	if want = append([]string{first}, want...); err != nil || !slices.Equal(got, want) {
		s.Errorf("the line is %v (%v), want %v", got, err, want)
	}
}

func cells(s *stand) {
	s.hall.Open()
	s.hall.Book("dsi-main-a", Day, 10*time.Hour, 15*time.Minute)
	b := s.hall.Book("dsi-main-a", Day, 10*time.Hour+5*time.Minute, 30*time.Minute)
	s.right(Office)
	days := []office.Day{Day, Day.Add(1)}
	got, err := s.p.CellsOf(s.Context(), []string{"dsi-main-a", "dsi-annex-c"}, days)
	if err != nil {
		s.Fatal(err)
	}
	taken := got["dsi-main-a"][Day]
	if want := []byte{0, 1, 2, 2, 1, 1, 1, 1}; !slices.Equal(taken[119:], want[:len(taken)-119]) || len(taken) != 127 {
		s.Errorf("taken from 9:55 are %v", taken[119:])
	}
	if len(got["dsi-main-a"][Day.Add(1)]) != 0 || len(got["dsi-annex-c"]) != 0 {
		s.Errorf("days without bookings have %v", got)
	}
	b.Freed = true
	s.hall.Do(event.KindFreed, event.Images{Bookings: images(b)})
	s.right(Office)
	s.p.Close()
	s.b.Client.FlushAll(s.Context())
	if _, err := s.p.CellsOf(s.Context(), []string{"dsi-main-a"}, days); !errors.Is(err, queue.ErrNotReady) {
		s.Errorf("an empty Redis says %v", err)
	}
}

func dayOver(s *stand) {
	s.hall.Open()
	s.hall.Book("dsi-main-a", Day, 10*time.Hour, 15*time.Minute)
	s.hall.Book("dsi-main-a", Day.Add(1), 10*time.Hour, 15*time.Minute)
	s.right(Office)
	s.hall.Do(event.KindOpened, event.Images{Office: &office.State{Office: Office, Day: Day.Add(1)}})
	s.right(Office)
	if have := s.shown(Office); len(have.Cells) != 1 {
		s.Errorf("cells are %v", have.Cells)
	}
	for deadline := time.Now().Add(patience); s.b.Client.HLen(s.Context(), "vez:{"+Office+"}:booked").Val() != 1; {
		if time.Now().After(deadline) {
			s.Fatal("yesterday's booking stays")
		}
	}
}

func great(s *stand) {
	s.hall.Tell = nil
	s.hall.Open()
	for i := range 1300 {
		s.hall.Issue("dsi-main-a", "A", time.Duration(i%7)*time.Minute)
		s.hall.Book("dsi-main-b", Day.Add(i%200), 9*time.Hour, 20*time.Minute)
	}
	s.b.Client.FlushAll(s.Context())
	s.right(Office)
	s.noTemps()
	s.ledger.Rewind(Office, 1, "")
	s.right(Office)
	if n := len(s.b.Client.Keys(s.Context(), "vez:{"+Office+"}:cells:*").Val()); n != 0 {
		s.Errorf("%d days of cells stay", n)
	}
}

func burst(s *stand) {
	var es []event.Event
	s.hall.Tell = func(e []event.Event) { es = append(es, e...) }
	s.hall.Open()
	s.hall.Moves(1500)
	before := s.snapshots()
	s.p.Committed(es)
	s.right(Office)
	s.notRebuilt(before)
}

func followed(s *stand) {
	s.hall.Open()
	s.right(Office)
	f := s.follow(s.ledger.Head(Office))
	s.hall.Moves(200)
	want := s.ledger.Head(Office).Seq
	for seq := int64(2); seq <= want; seq++ {
		got := f.next(s)
		if got.lost || got.epoch != "e1" || got.e.Seq != seq {
			s.Fatalf("after %d came %+v", seq-1, got)
		}
		sent, _ := s.ledger.After(s.Context(), Office, seq-1, 1)
		if got.e.Kind != sent[0].Kind || !got.e.At.Equal(sent[0].At) || len(got.e.Images.Tickets) != len(sent[0].Images.Tickets) {
			s.Fatalf("%d came as %+v", seq, got.e)
		}
		if got.e.Actor != "" || slices.ContainsFunc(got.e.Images.Bookings, func(b booking.Booking) bool { return b.Reference != "" || b.Lang != "" || b.People != 0 }) {
			s.Fatalf("too much is told: %+v", got.e)
		}
	}
}

func lost(s *stand) {
	s.hall.Open()
	s.hall.Moves(20)
	s.right(Office)
	f := s.follow(s.ledger.Head(Office))
	s.ledger.Rewind(Office, 5, "e2")
	s.settle(s.p)
	if got := f.next(s); !got.lost || got.epoch != "e2" {
		s.Fatalf("came %+v", got)
	}
	s.hall.Issue("dsi-main-a", "A", 0)
	for got := f.next(s); got.e.Seq != 6; got = f.next(s) {
		if !got.lost {
			s.Fatalf("came %+v", got)
		}
	}
}

// heard is one thing that a follower was told.
type heard struct {
	epoch string
	e     event.Event
	lost  bool
}

type follower chan heard

func (s *stand) follow(from event.Head) follower {
	f := make(follower, 10000)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.p.Follow(ctx, []event.Head{from, {Office: Annex}}, func(o, epoch string, es []event.Event) {
			if o != Office {
				return
			}
			if len(es) == 0 {
				f <- heard{epoch: epoch, lost: true}
			}
			for _, e := range es {
				f <- heard{epoch: epoch, e: e}
			}
		})
	}()
	s.Cleanup(func() {
		stop()
		s.wait(ended)
	})
	return f
}

func (f follower) next(s *stand) heard {
	s.Helper()
	select {
	case h := <-f:
		return h
	case <-time.After(patience):
		s.Fatal("nothing came")
	}
	return heard{}
}

func presence(s *stand) {
	ctx := s.Context()
	s.settle(s.p)
	if err := s.p.Touch(ctx, Office, "dsi-main-1"); err != nil {
		s.Fatal(err)
	}
	seen, err := s.p.Present(ctx, Office)
	if err != nil || !seen["dsi-main-1"].Equal(s.clock.Now()) {
		s.Errorf("seen are %v (%v)", seen, err)
	}
	for i := range 3 {
		if ok, _ := s.p.Allow(ctx, "door", 3, time.Minute); !ok {
			s.Fatalf("act %d is refused", i+1)
		}
	}
	ok, wait := s.p.Allow(ctx, "door", 3, time.Minute)
	if ok || wait != 20*time.Second {
		s.Errorf("the fourth act: %v, wait %v", ok, wait)
	}
	s.clock.Advance(wait)
	if ok, _ := s.p.Allow(ctx, "door", 3, time.Minute); !ok {
		s.Error("refused after the wait")
	}
	if ok, _ := s.p.Allow(ctx, "window", 3, time.Minute); !ok {
		s.Error("another key shares the limit")
	}
}

func images(b ...booking.Booking) []booking.Booking { return b }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

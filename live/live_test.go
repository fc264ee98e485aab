package live_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"go.uber.org/goleak"

	"vez/event"
	"vez/live"
	"vez/office"
	"vez/queue/queuetest"
	"vez/ticket"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	a, b     = "dsi-main-a", "dsi-main-b"
	desk1    = "dsi-main-1"
	desk3    = "dsi-main-3"
	patience = 10 * time.Second
)

// noon of the halls: ten in the morning of the business day, Macao.
var noon = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)

// stand is a hub on a ledger in memory.
type stand struct {
	*testing.T
	ledger *queuetest.Ledger
	hall   *queuetest.Hall
	house  *clockwork.FakeClock
	clock  *clockwork.FakeClock
	feed   *feed
	hub    *live.Hub
}

func newStand(t *testing.T, change ...func(*live.Config)) *stand {
	s := &stand{T: t, ledger: queuetest.NewLedger("e1"), house: clockwork.NewFakeClockAt(noon), clock: clockwork.NewFakeClockAt(noon), feed: newFeed()}
	cfg := live.Config{Catalogue: queuetest.Catalogue(), Source: s.ledger, Feed: s.feed, House: s.house, Machine: s.clock}
	for _, c := range change {
		c(&cfg)
	}
	s.hub = live.NewHub(cfg)
	t.Cleanup(s.hub.Close)
	s.hall = queuetest.NewHall(s.ledger, queuetest.Office, 1, s.hub.Committed)
	s.hall.Open()
	return s
}

// feed is a stream that a test sends on by hand.
type feed struct {
	mu   sync.Mutex
	ok   bool
	f    func(office, epoch string, es []event.Event)
	open chan struct{}
}

func newFeed() *feed { return &feed{ok: true, open: make(chan struct{})} }

func (f *feed) Follow(ctx context.Context, _ []event.Head, g func(office, epoch string, es []event.Event)) {
	f.mu.Lock()
	f.f = g
	f.mu.Unlock()
	close(f.open)
	<-ctx.Done()
}

func (f *feed) Health() (bool, time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ok, noon
}

func (f *feed) set(ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ok = ok
}

func (f *feed) send(office, epoch string, es ...event.Event) {
	<-f.open
	f.f(office, epoch, es)
}

// reached waits until the hub is at the ledger's head.
func (s *stand) reached() {
	s.Helper()
	want := s.ledger.Head(queuetest.Office)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		have, err := s.hub.Head(s.Context(), queuetest.Office)
		if err != nil {
			s.Fatal(err)
		}
		if have == want {
			return
		}
	}
	s.Fatal("the hub does not come to the head")
}

func (s *stand) board(zone string) live.Board {
	s.Helper()
	s.reached()
	v, err := s.hub.Board(s.Context(), queuetest.Office, zone)
	if err != nil {
		s.Fatal(err)
	}
	return v
}

func (s *stand) position(id string) live.Position {
	s.Helper()
	s.reached()
	v, err := s.hub.Position(s.Context(), queuetest.Office, id)
	if err != nil {
		s.Fatal(err)
	}
	return v
}

func (s *stand) subscribe(f live.Filter, lastID string) *reader {
	s.Helper()
	sub, err := s.hub.Subscribe(s.Context(), queuetest.Office, f, lastID)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(sub.Close)
	return &reader{s, sub}
}

type reader struct {
	s   *stand
	sub *live.Sub
}

func (r *reader) next() *live.Frame {
	r.s.Helper()
	select {
	case f := <-r.sub.C:
		return f
	case <-time.After(patience):
		r.s.Fatal("no frame came")
	}
	return nil
}

// change reads on to the next change.
func (r *reader) change() live.Change {
	r.s.Helper()
	for {
		if f := r.next(); f.Event == live.EventChange {
			return decode[live.Change](r.s, f)
		}
	}
}

func decode[T any](s *stand, f *live.Frame) T {
	s.Helper()
	var v T
	if err := json.Unmarshal(f.Data, &v); err != nil {
		s.Fatal(err)
	}
	return v
}

func numbers(calls []live.Call) []string {
	var out []string
	for _, c := range calls {
		out = append(out, c.Number)
	}
	return out
}

func TestBoardShowsCallsNewestFirstUntilTheyEnd(t *testing.T) {
	s := newStand(t)
	one, two, three := s.hall.Issue(a, "A", 0), s.hall.Issue(a, "A", 0), s.hall.Issue(b, "B", 0)
	s.hall.Call(one.ID, desk1)
	s.hall.Call(three.ID, desk3)
	s.hall.Begin(one.ID)
	if got := numbers(s.board("").Calls); !slices.Equal(got, []string{"B001", "A001"}) {
		t.Errorf("the hall's board shows %v", got)
	}
	if got := s.board("east").Calls; len(got) != 1 || got[0].Label != "1" || got[0].State != ticket.Serving || got[0].New {
		t.Errorf("the east board shows %+v", got)
	}
	s.hall.Finish(one.ID)
	s.hall.Call(two.ID, desk1)
	got := s.board("")
	if !slices.Equal(numbers(got.Calls), []string{"A002", "B001"}) || !got.Calls[0].New {
		t.Errorf("after the next call it shows %+v", got.Calls)
	}
	s.clock.Advance(live.NewFor)
	if s.board("").Calls[0].New {
		t.Error("a call is new for ever")
	}
}

func TestAReaderSeesWhatWasCommittedBefore(t *testing.T) {
	s := newStand(t)
	s.board("")
	for range 200 {
		one := s.hall.Issue(a, "A", 0)
		if _, err := s.hub.Position(t.Context(), queuetest.Office, one.ID); err != nil {
			t.Fatalf("%s is not seen: %v", one.Number, err)
		}
	}
}

func TestRecallMakesACallTheNewestAgain(t *testing.T) {
	s := newStand(t)
	one, two := s.hall.Issue(a, "A", 0), s.hall.Issue(b, "B", 0)
	s.hall.Call(one.ID, desk1)
	s.hall.Call(two.ID, desk3)
	s.board("")
	s.clock.Advance(time.Minute)
	s.hall.Move(event.TicketKind("recall"), one.ID, func(t *ticket.Ticket) { t.Recalls++ })
	if got := s.board("").Calls; got[0].Number != "A001" || !got[0].New || got[0].Recalls != 1 || !got[0].Since.Before(got[0].Called) {
		t.Errorf("the board shows %+v", got)
	}
}

func TestAnUndoneCallIsTakenBackOpenly(t *testing.T) {
	s := newStand(t)
	one := s.hall.Issue(a, "A", 0)
	r := s.subscribe(live.Filter{Kind: live.KindBoard, Zone: "east"}, "")
	s.hall.Call(one.ID, desk1)
	s.hall.Back(one.ID)
	if c := r.change(); !slices.Equal(numbers(c.Calls), []string{"A001"}) {
		t.Errorf("first came %+v", c)
	}
	if c := r.change(); !slices.Equal(c.Gone, []string{"A001"}) || len(c.Withdrawn) != 1 || c.Withdrawn[0].Number != "A001" {
		t.Errorf("then came %+v", c)
	}
	if got := s.board("east"); len(got.Calls) != 0 || len(got.Withdrawn) != 1 {
		t.Errorf("the board shows %+v", got)
	}
	if got := s.position(one.ID).Notices; !slices.Contains(got, live.NoticeWithdrawn) {
		t.Errorf("the holder is told %v", got)
	}
	s.clock.Advance(live.WithdrawnFor)
	if got := s.board("east"); len(got.Withdrawn) != 0 {
		t.Errorf("the board still shows %+v", got.Withdrawn)
	}
}

func TestABoardCutGetsExactlyTheMissedEvents(t *testing.T) {
	s := newStand(t)
	var ids []string
	for range 8 {
		ids = append(ids, s.hall.Issue(a, "A", 0).ID)
	}
	r := s.subscribe(live.Filter{Kind: live.KindBoard}, "")
	if f := r.next(); f.Event != live.EventSnapshot {
		t.Fatalf("first came %s", f.Event)
	}
	var all []*live.Frame
	for _, id := range ids {
		s.hall.Call(id, desk1)
		s.hall.Begin(id)
		s.hall.Finish(id)
		for range 3 {
			f := r.next()
			for f.Event != live.EventChange {
				f = r.next()
			}
			all = append(all, f)
		}
	}
	for cut := range all {
		again := s.subscribe(live.Filter{Kind: live.KindBoard}, all[cut].ID)
		if f := again.next(); f.Event != live.EventQueues || f.ID != "" {
			t.Fatalf("cut at %s: before the changes and the clock to reckon them by came %s %q", all[cut].ID, f.Event, f.ID)
		}
		for _, want := range all[cut+1:] {
			if got := again.next(); got.ID != want.ID || string(got.Data) != string(want.Data) {
				t.Fatalf("cut at %s: came %s %s, want %s %s", all[cut].ID, got.ID, got.Data, want.ID, want.Data)
			}
		}
		if f := again.next(); f.Event != live.EventQueues || f.ID != all[len(all)-1].ID {
			t.Fatalf("cut at %s: then came %s", all[cut].ID, f.Event)
		}
		again.sub.Close()
	}
}

func TestAnIDThatIsNotKnownGetsASnapshot(t *testing.T) {
	s := newStand(t)
	s.hall.Issue(a, "A", 0)
	s.board("")
	for _, id := range []string{"", "nonsense", "e0.1", "e1.99", "e1.-1", "e1.0"} {
		if f := s.subscribe(live.Filter{Kind: live.KindBoard}, id).next(); f.Event != live.EventSnapshot {
			t.Errorf("%q got %s", id, f.Event)
		}
	}
}

func TestFramesSpeakServerSentEvents(t *testing.T) {
	s := newStand(t)
	s.hall.Issue(a, "A", 0)
	s.board("")
	plain := live.Filter{Kind: live.KindBoard, Form: "lines", Encode: func(string, any) ([]byte, error) { return []byte("one\r\ntwo\n"), nil }}
	if got := string(s.subscribe(plain, "").next().Bytes()); got != "id: e1.2\nevent: snapshot\ndata: one\ndata: two\n\n" {
		t.Errorf("the frame is %q", got)
	}
}

func TestViewsTellTheTimeOfTheOffice(t *testing.T) {
	s := newStand(t)
	one := s.hall.Issue(a, "A", 0)
	s.hall.Call(one.ID, desk1)
	data, err := json.Marshal(s.board(""))
	if err != nil || !strings.Contains(string(data), `"now":"2026-11-24T10:00:00+08:00"`) {
		t.Errorf("the board is %s", data)
	}
}

func TestPublicViewsNameNobody(t *testing.T) {
	s := newStand(t)
	one := s.hall.Issue(a, "A", 0)
	s.hall.Book(a, queuetest.Day, 11*time.Hour, 10*time.Minute)
	s.hall.Call(one.ID, desk1)
	q, err := s.hub.Queues(t.Context(), queuetest.Office)
	if err != nil {
		t.Fatal(err)
	}
	for name, view := range map[string]any{"board": s.board(""), "position": s.position(one.ID), "queues": q} {
		data, _ := json.Marshal(view)
		for _, secret := range []string{one.ID, "clerk:", "DEMOREF", "-booking-"} {
			if strings.Contains(string(data), secret) {
				t.Errorf("%s says %q: %s", name, secret, data)
			}
		}
	}
}

func TestPositionCountsThoseBeforeAndThoseExpected(t *testing.T) {
	s := newStand(t)
	s.hall.Shift(desk1, a)
	one, two := s.hall.Issue(a, "A", 10*time.Minute), s.hall.Issue(a, "A", 20*time.Minute)
	if p := s.position(two.ID); p.Ahead != 1 || p.Window == nil || p.Window.To.Before(p.Window.From) {
		t.Errorf("the second sees %+v", p)
	}
	if p := s.position(one.ID); p.Ahead != 0 {
		t.Errorf("the first sees %+v", p)
	}
	// Booked for 10:45: reckoned from 9:45, between the two (9:40 and 9:50).
	s.hall.Book(a, queuetest.Day, 10*time.Hour+45*time.Minute, 10*time.Minute)
	s.hall.Book(a, queuetest.Day.Add(1), 10*time.Hour+45*time.Minute, 10*time.Minute)
	if p, q := s.position(one.ID), s.position(two.ID); p.Ahead != 0 || q.Ahead != 2 {
		t.Errorf("with a booked person expected, %d and %d are ahead", p.Ahead, q.Ahead)
	}
	s.house.Advance(55*time.Minute + time.Second) // later than behind the punctual
	if q := s.position(two.ID); q.Ahead != 1 {
		t.Errorf("%d are ahead after the booked did not come", q.Ahead)
	}
	s.hall.Call(one.ID, desk1)
	if p := s.position(one.ID); p.State != ticket.Called || p.Label != "1" || p.Zone != "east" || p.Ahead != 0 {
		t.Errorf("called, it sees %+v", p)
	}
}

func TestQueuesSayHowTheyStand(t *testing.T) {
	s := newStand(t)
	figures := func() live.Queue {
		t.Helper()
		s.reached()
		q, err := s.hub.Queues(t.Context(), queuetest.Office)
		if err != nil {
			t.Fatal(err)
		}
		return q.Queues[0]
	}
	if q := figures(); q.Status != office.StatusUnattended || q.Window != nil || q.Queue != a {
		t.Errorf("without a counter: %+v", q)
	}
	s.hall.Shift(desk1, a)
	for range 3 {
		s.hall.Issue(a, "A", time.Minute)
	}
	if q := figures(); q.Status != office.StatusOpen || q.Waiting != 3 || q.Counters != 1 || q.Issued != 3 || q.Window == nil {
		t.Errorf("open: %+v", q)
	}
	one := s.hall.Issue(a, "A", 0)
	s.hall.Call(one.ID, desk1)
	if q := figures(); q.Waiting != 3 || !slices.Equal(q.Serving, []string{"A004"}) {
		t.Errorf("with one called: %+v", q)
	}
	s.hall.Do(event.KindPaused, event.Images{Office: &office.State{Office: queuetest.Office, Day: queuetest.Day, PausedAt: noon}})
	if q := figures(); q.Status != office.StatusPaused || q.Window != nil {
		t.Errorf("paused: %+v", q)
	}
}

func TestTheClerksLineIsInOrder(t *testing.T) {
	s := newStand(t)
	late, early := s.hall.Issue(b, "B", time.Minute), s.hall.Issue(a, "A", 0)
	parked := s.hall.Issue(a, "A", 0)
	s.hall.Call(parked.ID, desk1)
	s.hall.Move(event.TicketKind("park"), parked.ID, func(t *ticket.Ticket) { t.State = ticket.Parked })
	s.reached()
	l, err := s.hub.Line(t.Context(), queuetest.Office)
	if err != nil || len(l.Waiting) != 2 || l.Waiting[0].Ticket != early.ID || l.Waiting[1].Ticket != late.ID || len(l.Parked) != 1 {
		t.Errorf("the line is %+v (%v)", l, err)
	}
	if l, _ := s.hub.Line(t.Context(), queuetest.Office, b); len(l.Waiting) != 1 || len(l.Parked) != 0 {
		t.Errorf("the line of B is %+v", l)
	}
}

func TestASilentConsoleIsLost(t *testing.T) {
	seen := map[string]time.Time{desk1: noon.Add(-61 * time.Second), desk3: noon.Add(-59 * time.Second)}
	s := newStand(t, func(c *live.Config) {
		c.Presence = func(context.Context, string) (map[string]time.Time, error) { return seen, nil }
	})
	s.hall.Shift(desk1, a)
	s.hall.Shift(desk3, b)
	s.reached()
	c, err := s.hub.Counters(t.Context(), queuetest.Office)
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, x := range c.Counters {
		states = append(states, string(x.State))
	}
	if !slices.Equal(states, []string{"lost", "closed", "open"}) {
		t.Errorf("the counters are %v", states)
	}
}

func TestUnknownThingsAreSaidToBeUnknown(t *testing.T) {
	s := newStand(t)
	if _, err := s.hub.Board(t.Context(), "nowhere", ""); err == nil {
		t.Error("an unknown office has a board")
	}
	if _, err := s.hub.Position(t.Context(), queuetest.Office, "nobody"); err == nil {
		t.Error("an unknown ticket has a position")
	}
	for _, f := range []live.Filter{{Kind: live.KindPosition, Ticket: "nobody"}, {Kind: "other"}, {Kind: live.KindCounter, Counter: "dsi-annex-1"}} {
		if _, err := s.hub.Subscribe(t.Context(), queuetest.Office, f, ""); err == nil {
			t.Errorf("%+v may be followed", f)
		}
	}
}

package simtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/audit"
	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/ledger"
	"vez/office"
	"vez/queue"
	"vez/ticket"
)

// seeded draws from a seed.
type seeded struct{ *rand.Rand }

func (s seeded) n(below int) int { return s.IntN(max(below, 1)) }

// hub is one of the programs on the ledger: its live queues, its way to Redis,
// and the commits that are on their way between the two.
type hub struct {
	link   *link
	client redis.UniversalClient
	live   *queue.Projection
	inbox  [][]event.Event
}

// simulation is one house with two hubs, run by a seed.
type simulation struct {
	*game
	test   *testing.T
	d      seeded
	cat    *office.Catalogue
	db     *ledger.DB
	redis  redis.UniversalClient // of the server itself, which nothing is wrong with
	hubs   []*hub
	stale  []func(redis.Pipeliner)
	acks   []audit.Ack
	counts map[string]int
}

// promised is how long a projection may be wrong once nothing is in its way: it
// is compared every second.
const promised = 2 * time.Second

// simulate runs a schedule in a bubble and gives what it did: a digest that the
// same seed gives again, and how often each thing happened.
func simulate(t *testing.T, seed uint64, steps int) (digest string, counts map[string]int) {
	synctest.Test(t, func(t *testing.T) {
		s := newSimulation(t, seed)
		defer s.end()
		for range steps {
			s.next()
		}
		s.settle()
		s.judge()
		digest, counts = s.digest(), s.counts
		for code, n := range s.told {
			counts["answer "+code] += n
		}
	})
	return digest, counts
}

func newSimulation(t *testing.T, seed uint64) *simulation {
	s := &simulation{test: t, d: seeded{rand.New(rand.NewPCG(seed, 2))}, cat: catalogue(), counts: map[string]int{}}
	house, machine := clockwork.NewFakeClockAt(began), clockwork.NewFakeClockAt(began)
	db, closeLedger := openLedger(t, house, machine)
	t.Cleanup(closeLedger)
	s.db = db
	db.OnCommit(func(es []event.Event) { s.hubs[s.hub].inbox = append(s.hubs[s.hub].inbox, es) })
	l := &flaky{Ledger: hall.Over(db)}
	random := rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, seed)))
	codes := newCodes()
	var halls []*hall.Hall
	for range 2 {
		halls = append(halls, hallOn(s.cat, l, house, machine, codes, random))
	}
	s.game = newGame(s, halls, house, machine)
	s.flaky = l
	s.acked = func(t ticket.Ticket, b booking.Booking) {
		if t.ID != "" {
			s.acks = append(s.acks, audit.AckTicket(t))
		}
		if b.ID != "" {
			s.acks = append(s.acks, audit.AckBooking(b))
		}
	}
	var stop func()
	s.redis, stop = queue.Embedded(clockwork.NewRealClock())
	t.Cleanup(stop)
	dial := s.redis.(*redis.Client).Options().Dialer
	for range 2 {
		h := &hub{link: &link{dial: func() (net.Conn, error) { return dial(context.Background(), "", "") }, open: map[*wire]bool{}}}
		s.hubs = append(s.hubs, h)
		s.start(h)
	}
	return s
}

// Helper and Fatalf make a simulation what a game reports to: with its seed.
func (s *simulation) Helper() { s.test.Helper() }

// Fatalf ends the test.
func (s *simulation) Fatalf(format string, args ...any) {
	s.test.Helper()
	s.test.Fatalf(format, args...)
}

func (s *simulation) start(h *hub) {
	h.client = h.link.client(s.redis)
	h.live = queue.New(queue.Config{Client: h.client, Source: s.db, Catalogue: s.cat})
	synctest.Wait()
}

// crash ends a hub between commit and projection: what was on its way is gone.
func (s *simulation) crash(h *hub) {
	h.live.Close()
	_ = h.client.Close()
	h.inbox = nil
	synctest.Wait()
}

func (s *simulation) end() {
	for _, h := range s.hubs {
		h.link.set(cut)
		s.crash(h)
	}
}

// trouble is what goes wrong between ledger and live queues.
var trouble = []struct {
	name   string
	weight int
	do     func(s *simulation, h *hub)
}{
	{"deliver", 30, func(s *simulation, h *hub) { s.deliver(h, 0, true) }},
	{"deliver late", 6, func(s *simulation, h *hub) { s.deliver(h, s.d.n(len(h.inbox)), true) }},
	{"deliver twice", 4, func(s *simulation, h *hub) { s.deliver(h, s.d.n(len(h.inbox)), false) }},
	{"lose", 3, func(s *simulation, h *hub) { h.inbox = h.inbox[min(1, len(h.inbox)):] }},
	{"cut", 2, func(_ *simulation, h *hub) { h.link.set(cut) }},
	{"mute", 2, func(_ *simulation, h *hub) { h.link.set(mute) }},
	{"silent", 2, func(_ *simulation, h *hub) { h.link.set(silent) }},
	{"mend", 6, func(_ *simulation, h *hub) { h.link.set(whole) }},
	{"crash", 2, func(s *simulation, h *hub) { s.crash(h); s.start(h) }},
	{"flush", 1, func(s *simulation, _ *hub) { s.redis.FlushAll(s.ctx) }},
	{"copy", 2, (*simulation).copy},
	{"go back", 2, (*simulation).goBack},
	{"wait", 6, func(s *simulation, _ *hub) { s.wait(time.Duration(50+s.d.n(2500)) * time.Millisecond) }},
	{"settle", 1, func(s *simulation, _ *hub) { s.settle() }},
}

// next lets somebody act at a hub, or something go wrong.
func (s *simulation) next() {
	s.hub = s.d.n(len(s.hubs))
	if s.d.n(2) == 0 {
		at := time.Now()
		s.flaky.lose = one(s.d, "", "", "", "", "", "", "", "", fault.UnknownOutcome, fault.LedgerAway)
		s.step(s.d)
		s.flaky.lose = ""
		if took := time.Since(at); took > 0 {
			s.Fatalf("%s\nsomebody waited %s for Redis", strings.Join(s.log, "\n"), took)
		}
		synctest.Wait()
		return
	}
	sum := 0
	for _, x := range trouble {
		sum += x.weight
	}
	n := s.d.n(sum)
	for _, x := range trouble {
		if n -= x.weight; n < 0 {
			s.log = append(s.log, fmt.Sprintf("    %s hub %d", x.name, s.hub))
			s.counts[x.name]++
			x.do(s, s.hubs[s.hub])
			break
		}
	}
	synctest.Wait()
}

// deliver brings a commit to the hub's live queues, and keeps it for another time unless once.
func (s *simulation) deliver(h *hub, n int, once bool) {
	if len(h.inbox) == 0 {
		return
	}
	h.live.Committed(h.inbox[n])
	if once {
		h.inbox = slices.Delete(h.inbox, n, n+1)
	}
}

func (s *simulation) copy(*hub) {
	stale, err := copyKeys(s.ctx, s.redis)
	if err != nil {
		s.Fatalf("%v", err)
	}
	s.stale = stale
}

// goBack lets an old replica take over.
func (s *simulation) goBack(*hub) {
	if s.stale == nil {
		return
	}
	if err := goBack(s.ctx, s.redis, s.stale); err != nil {
		s.Fatalf("%v", err)
	}
}

func (s *simulation) wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// settle mends every way, lets the promised time go by, and looks: what each hub
// shows is what the ledger says, unasked.
func (s *simulation) settle() {
	for _, h := range s.hubs {
		h.link.set(whole)
	}
	s.wait(patience + promised)
	if wrong := s.wrong(); wrong != "" {
		s.Fatalf("%s\n%s", strings.Join(s.log, "\n"), wrong)
	}
	s.whole()
}

// wrong tells which hub shows something else than the ledger says, "" for none.
func (s *simulation) wrong() string {
	snap, err := s.db.Snapshot(s.ctx, officeID)
	if err != nil {
		return err.Error()
	}
	want := queue.PictureOf(snap, macau)
	for i, h := range s.hubs {
		if snap.Head.Seq == 0 {
			break
		}
		got, err := s.dump(h)
		if err != nil || !got.Equal(want) {
			return fmt.Sprintf("hub %d shows %v\n  %+v\nthe ledger says\n  %+v", i, err, got, want)
		}
	}
	return ""
}

// dump reads what a hub shows. A connection that was cut while it lay idle is
// found out by whoever takes it up next, and no client asks twice by itself.
func (s *simulation) dump(h *hub) (p queue.Picture, err error) {
	for range 20 {
		if p, err = h.live.Dump(s.ctx, officeID); err == nil {
			break
		}
	}
	return p, err
}

// patience is how long an exchange with a silent Redis may last at most.
const patience = 2 * time.Second

// judge lets the audit look at all that has happened.
func (s *simulation) judge() {
	a := audit.New(audit.Config{Catalogue: s.cat, Remember: true})
	again := audit.New(audit.Config{Catalogue: s.cat, Remember: true})
	a.Acked(s.acks...)
	events, err := s.db.After(s.ctx, officeID, 0, 1<<30)
	if err != nil {
		s.Fatalf("%v", err)
	}
	for _, e := range events {
		a.Feed(e)
		again.Feed(e)
	}
	for _, h := range s.hubs {
		if got, err := s.dump(h); len(events) > 0 && (err != nil || !a.Compare(dumpOf(got, int64(len(events))))) {
			s.Fatalf("%s\nnot compared: %v %s", strings.Join(s.log, "\n"), err, got.Head)
		}
	}
	a.Close(s.house.Now())
	if f := a.Findings(); len(f) > 0 {
		s.Fatalf("%s\nthe audit finds %v", strings.Join(s.log, "\n"), f)
	}
	if a.StateHash(officeID) != again.StateHash(officeID) {
		s.Fatalf("folding twice gives two states")
	}
	if _, err := s.db.Verify(s.ctx, nil); err != nil {
		s.Fatalf("the ledger does not prove itself: %v", err)
	}
}

// dumpOf is a picture of the live queues in the audit's words.
func dumpOf(p queue.Picture, seq int64) audit.Dump {
	d := audit.Dump{Office: officeID, Seq: seq, Lines: map[string][]string{}, Counters: map[string]string{}, Cells: map[string]map[office.Day][]byte{}}
	for q, members := range p.Lines {
		for _, m := range members {
			_, id, _ := strings.Cut(strings.Fields(m)[1], ":")
			d.Lines[q] = append(d.Lines[q], id)
		}
	}
	for c, at := range p.Serving {
		d.Counters[c] = strings.Fields(at)[0]
	}
	for key, cells := range p.Cells {
		q, day, _ := strings.Cut(key, ":")
		if d.Cells[q] == nil {
			d.Cells[q] = map[office.Day][]byte{}
		}
		d.Cells[q][office.Day(day)] = []byte(cells)
	}
	return d
}

// digest tells one run from another.
func (s *simulation) digest() string {
	h := sha256.Sum256([]byte(strings.Join(s.log, "\n") + s.o.written()))
	return hex.EncodeToString(h[:8])
}

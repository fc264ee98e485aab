package hall_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/audit"
	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/hall/halltest"
	"vez/ledger"
	"vez/office"
	"vez/ticket"
)

// auditCatalogue has two offices that work all week: one in Macao, and one
// where clocks change. Counters offer different things.
func auditCatalogue() *office.Catalogue {
	week := office.Week{}
	for d := range week {
		week[d] = []office.Span{{From: 0, To: 24 * time.Hour}}
	}
	c := &office.Catalogue{Departments: []*office.Department{{ID: "dsi"}}, Holidays: map[string]map[office.Day]office.Holiday{}}
	for id, zone := range map[string]string{"main": "Asia/Macau", "lisbon": "Europe/Lisbon"} {
		o := &office.Office{ID: id, Jurisdiction: "macao", TimeZone: zone, Departments: []string{"dsi"}, Host: "dsi", Hours: week}
		loc, err := time.LoadLocation(zone)
		if err != nil {
			panic(err)
		}
		o.WithLocation(loc)
		for i, offers := range [][]office.Need{nil, {office.NeedLowDesk}, {"language:pt", office.NeedMoreTime}, {office.NeedSign, "language:pt"}} {
			o.Counters = append(o.Counters, office.Counter{ID: fmt.Sprintf("%s-%d", id, i+1), Label: fmt.Sprint(i + 1), Office: id,
				Queues: []string{id + "-card", id + "-small", id + "-deeds"}[:1+i%3], Offers: offers})
		}
		c.Offices = append(c.Offices, o)
		queue := func(name, prefix string, edit func(*office.Rules), services ...string) {
			r := office.DefaultRules()
			r.LastTicket = 0
			edit(&r)
			q := &office.Queue{ID: id + "-" + name, Office: id, Department: "dsi", Prefix: prefix, Counters: 2, Rules: r}
			for _, s := range services {
				q.Services = append(q.Services, id+"-"+s)
			}
			c.Queues = append(c.Queues, q)
		}
		queue("card", "A", func(*office.Rules) {}, "renew", "collect")
		queue("deeds", "B", func(r *office.Rules) { r.FilingOrder = true }, "deed")
		queue("small", "C", func(r *office.Rules) {
			r.SameDayShare, r.GuaranteedShare, r.BookedShare = 0, 0, 0.5
			r.BookedHeadStart, r.PriorityHeadStart = 20*time.Minute, 10*time.Minute
		}, "quick")
		service := func(name string, minutes int, queue string) {
			r := office.DefaultServiceRules()
			r.Cutoff, r.LimitService, r.LimitOpen, r.LimitDay, r.NoShowLimit = 0, 9, 9, 9, 0
			c.Services = append(c.Services, &office.Service{ID: id + "-" + name, Department: "dsi", Minutes: minutes,
				Queues: []string{id + "-" + queue}, Modes: []string{"counter"}, Rules: r})
		}
		service("renew", 15, "card")
		service("collect", 5, "card")
		service("deed", 30, "deeds")
		service("quick", 30, "small")
	}
	if err := c.Index(); err != nil {
		panic(err)
	}
	return c
}

// audited is a hall that is driven by a random program, and what it has answered.
type audited struct {
	*hall.Hall
	ctx            context.Context
	cat            *office.Catalogue
	db             *ledger.DB
	house, machine *clockwork.FakeClock
	codes          *codes
	auditor        *audit.Auditor
	acks           []audit.Ack
	leases         []hall.Lease
	dir            string
	t              fatal
}

// fatal is what a test and a drawn program have in common.
type fatal interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Logf(format string, args ...any)
}

func newAudited(t fatal, start time.Time) (*audited, func()) {
	dir, err := os.MkdirTemp("", "vez-audit")
	if err != nil {
		t.Fatalf("%v", err)
	}
	a := &audited{t: t, dir: dir, ctx: context.Background(), cat: auditCatalogue(), house: clockwork.NewFakeClockAt(start), machine: clockwork.NewFakeClockAt(start)}
	a.db, err = ledger.Open(a.ctx, ledger.Config{Dir: dir, House: a.house, Machine: a.machine,
		Zone: func(id string) *time.Location { return a.cat.Office(id).Location() }})
	if err != nil {
		t.Fatalf("%v", err)
	}
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatalf("%v", err)
	}
	a.codes = &codes{pub: pub, key: key}
	a.Hall = hall.New(hall.Config{Catalogue: a.cat, Ledger: halltest.Strict(t, hall.Over(a.db)), House: a.house, Machine: a.machine, Codes: a.codes,
		Random: mrand.NewChaCha8([32]byte{1})})
	a.auditor = audit.New(audit.Config{Catalogue: a.cat})
	return a, func() {
		_ = a.db.Close()
		_ = os.RemoveAll(dir)
	}
}

// may takes a refusal for an answer, and no breakdown.
func (a *audited) may(err error) bool {
	a.t.Helper()
	var f *fault.Error
	if err != nil && (!errors.As(err, &f) || f.Code == fault.Unexpected) {
		a.t.Fatalf("broke down: %v", err)
	}
	return err == nil
}

// ticket takes an answer that shows a ticket for a promise.
func (a *audited) ticket(t ticket.Ticket, err error) {
	if a.may(err) && t.ID != "" {
		a.acks = append(a.acks, audit.AckTicket(t))
	}
}

func (a *audited) issued(is hall.Issued, err error) { a.ticket(is.Ticket, err) }

func (a *audited) desk(d hall.Desk, err error) {
	a.ticket(d.Ticket, err)
	a.ticket(d.Changed, err)
}

func (a *audited) booking(b booking.Booking, err error) {
	if a.may(err) {
		a.acks = append(a.acks, audit.AckBooking(b))
	}
}

// feed gives the auditor what has happened since, and holds the ledger's live state against it.
func (a *audited) feed(page int) {
	a.t.Helper()
	a.auditor.Acked(a.acks...)
	a.acks = nil
	for _, o := range a.cat.Offices {
		for {
			events, err := a.db.After(a.ctx, o.ID, a.auditor.Seq(o.ID), page)
			if err != nil {
				a.t.Fatalf("%v", err)
			}
			for _, e := range events {
				a.auditor.Feed(e)
			}
			if len(events) == 0 {
				break
			}
		}
		snap, err := a.db.Snapshot(a.ctx, o.ID)
		if err != nil {
			a.t.Fatalf("%v", err)
		}
		if snap.Head.Seq > 0 && !a.auditor.Compare(audit.DumpOf(snap, o)) {
			a.t.Fatalf("%s: the auditor is at %d and the ledger at %d", o.ID, a.auditor.Seq(o.ID), snap.Head.Seq)
		}
	}
	a.auditor.Check(a.house.Now())
	a.clean()
}

func (a *audited) clean() {
	a.t.Helper()
	for i, f := range a.auditor.Findings() {
		if i == 5 {
			break
		}
		a.t.Logf("%s", f)
	}
	if n := len(a.auditor.Findings()); n > 0 {
		a.t.Fatalf("%d findings on a real history", n)
	}
}

// events are all of an office.
func (a *audited) events(id string) []event.Event {
	a.t.Helper()
	out, err := a.db.After(a.ctx, id, 0, 1<<30)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	return out
}

var auditSeeds = flag.Int("audit.seeds", 6, "how many random programs the audit is held against")

var auditFrom = flag.Uint64("audit.from", 1, "the first seed of them")

// auditStarts are when programs begin: 09:30 in Macao, and shortly before
// Lisbon puts its clocks back and forward.
var auditStarts = []time.Time{
	time.Date(2026, 11, 24, 1, 30, 0, 0, time.UTC),
	time.Date(2026, 10, 24, 22, 30, 0, 0, time.UTC),
	time.Date(2027, 3, 27, 23, 40, 0, 0, time.UTC),
}

func TestTheAuditHasNothingToSayOfRandomPrograms(t *testing.T) {
	seeds := *auditSeeds
	if testing.Short() {
		seeds = 2
	}
	var mu sync.Mutex
	seen := map[event.Kind]int{}
	t.Run("seeds", func(t *testing.T) {
		for i := range seeds {
			seed := *auditFrom + uint64(i)
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				kinds := randomProgram(t, seed, 1200)
				mu.Lock()
				defer mu.Unlock()
				for k, n := range kinds {
					seen[k] += n
				}
			})
		}
	})
	// A program that reaches nothing proves nothing.
	for _, k := range event.Kinds() {
		switch k {
		case event.KindCheckedIn, event.KindDisplaced: // said by the ticket's and the closure's events
		default:
			if seen[k] == 0 && !testing.Short() && !t.Failed() {
				t.Errorf("no program came to %s", k)
			}
		}
	}
}

// randomProgram drives a hall by a seed, holds the audit against what happens,
// page by page and once more as a whole, and counts the kinds of its events.
func randomProgram(t *testing.T, seed uint64, steps int) map[event.Kind]int {
	a, done := newAudited(t, auditStarts[seed%uint64(len(auditStarts))])
	defer done()
	p := program{audited: a, random: mrand.New(mrand.NewPCG(seed, 1))}
	for range steps {
		p.step()
		if p.n(49) == 0 {
			a.feed([]int{1, 7, 1000}[p.n(2)])
		}
	}
	a.feed(1000)
	a.house.Advance(26 * time.Hour)
	for _, o := range a.cat.Offices {
		a.may(a.TurnDay(a.ctx, o.ID))
	}
	_, err := a.Tick(a.ctx)
	a.may(err)
	a.feed(1000)
	a.auditor.Close(a.house.Now())
	a.clean()
	kinds := map[event.Kind]int{}
	again := audit.New(audit.Config{Catalogue: a.cat, Remember: true})
	for _, o := range a.cat.Offices {
		for _, e := range a.events(o.ID) {
			again.Feed(e)
			kinds[e.Kind]++
		}
		if again.StateHash(o.ID) != a.auditor.StateHash(o.ID) {
			t.Fatalf("folding %s twice gives two hashes", o.ID)
		}
	}
	return kinds
}

package hall_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/audit"
	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
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
	a.Hall = hall.New(hall.Config{Catalogue: a.cat, Ledger: hall.Over(a.db), House: a.house, Machine: a.machine, Codes: a.codes,
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

// auditOwed lifts what is held back of the programs, and runs the tests of what
// the hall does not keep yet.
var auditOwed = flag.Bool("audit.owed", false, "run what the hall still owes, too")

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

// realDay is what a random program left in the ledger of the main office.
func realDay(t *testing.T) (*audited, []event.Event) {
	a, done := newAudited(t, auditStarts[0])
	t.Cleanup(done)
	p := program{audited: a, random: mrand.New(mrand.NewPCG(7, 1))}
	for range 600 {
		p.step()
	}
	a.pass(26 * time.Hour)
	a.may(a.TurnDay(a.ctx, "main"))
	return a, a.events("main")
}

// kindAt finds the n-th event of a kind.
func kindAt(t *testing.T, events []event.Event, kind event.Kind, n int) *event.Event {
	t.Helper()
	for i := range events {
		if events[i].Kind == kind {
			if n--; n < 0 {
				return &events[i]
			}
		}
	}
	t.Fatalf("the history has too few %s", kind)
	return nil
}

func TestTheAuditCatchesABugSeededInARealHistory(t *testing.T) {
	a, history := realDay(t)
	call, start := event.TicketKind("call"), event.TicketKind("start")
	for name, c := range map[string]struct {
		want audit.Invariant
		seed func(t *testing.T, es []event.Event) []event.Event
	}{
		"nothing": {"", func(_ *testing.T, es []event.Event) []event.Event { return es }},
		"a lost ticket": {audit.I1, func(t *testing.T, es []event.Event) []event.Event {
			kindAt(t, es, event.TicketKind("unserve"), 0).Images.Tickets = nil
			return es
		}},
		"a double call": {audit.I2, func(t *testing.T, es []event.Event) []event.Event {
			e := kindAt(t, es, start, 1)
			e.Kind, e.Counter = call, "main-9"
			e.Images.Tickets[0].State, e.Images.Tickets[0].Counter = ticket.Called, "main-9"
			return es
		}},
		"a gap": {audit.I3, func(t *testing.T, es []event.Event) []event.Event {
			x := &kindAt(t, es, event.TicketKind("issue"), 2).Images.Tickets[0]
			x.N, x.Number = x.N+1, ticket.Number(x.Series, x.N+1)
			return es
		}},
		"a number given twice": {audit.I3, func(t *testing.T, es []event.Event) []event.Event {
			x := &kindAt(t, es, event.TicketKind("issue"), 2).Images.Tickets[0]
			x.N, x.Number = 1, ticket.Number(x.Series, 1)
			return es
		}},
		"an oversold cell": {audit.I4, func(t *testing.T, es []event.Event) []event.Event {
			e := kindAt(t, es, event.KindConfirmed, 3)
			for range 4 {
				b := e.Images.Bookings[0]
				b.ID, b.Reference = b.ID+"x", b.Reference+"x"
				e.Images.Bookings = append(e.Images.Bookings, b)
			}
			return es
		}},
		"an order violation": {audit.I5, func(t *testing.T, es []event.Event) []event.Event {
			for i := range es { // some of those out of turn were the next ones all the same
				if es[i].Kind == event.TicketKind("call_this") {
					es[i].Kind, es[i].Reason = call, ""
				}
			}
			return es
		}},
		"an event left out": {audit.I10, func(_ *testing.T, es []event.Event) []event.Event {
			return append(es[:40:40], es[41:]...)
		}},
		"a time going back": {audit.I11, func(t *testing.T, es []event.Event) []event.Event {
			e := kindAt(t, es, call, 2)
			e.At = e.At.Add(-48 * time.Hour)
			return es
		}},
		"a ticket on two days": {audit.I11, func(t *testing.T, es []event.Event) []event.Event {
			x := &kindAt(t, es, start, 0).Images.Tickets[0]
			x.Day = x.Day.Add(1)
			return es
		}},
	} {
		t.Run(name, func(t *testing.T) {
			es := c.seed(t, copied(t, history))
			b := audit.New(audit.Config{Catalogue: a.cat})
			for _, e := range es {
				b.Feed(e)
			}
			b.Close(a.house.Now())
			for _, f := range b.Findings() {
				if c.want == "" {
					t.Errorf("a false alarm: %s", f)
				}
				if f.Invariant == c.want {
					return
				}
			}
			if c.want != "" {
				t.Errorf("no %s among %v", c.want, b.Findings())
			}
		})
	}
}

// copied are the events once more, sharing nothing.
func copied(t *testing.T, in []event.Event) (out []event.Event) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheAuditCatchesAProjectionAndAPromiseThatTheLedgerDoesNotKnow(t *testing.T) {
	a, _ := realDay(t)
	for range 3 {
		a.issued(a.Issue(a.ctx, kioskAct, hall.IssueRequest{Office: "main", Service: "main-renew"}))
	}
	history := a.events("main")
	lost := a.acks[len(a.acks)-1]
	lost.ID = "01a20115-0000-7000-8000-000000000000"
	for name, c := range map[string]struct {
		want audit.Invariant
		acks []audit.Ack
		edit func(*event.Snapshot)
	}{
		"nothing":                {"", a.acks, func(*event.Snapshot) {}},
		"a lost acknowledgement": {audit.I6, append(a.acks[:len(a.acks):len(a.acks)], lost), func(*event.Snapshot) {}},
		"a drifted line":         {audit.I9, nil, func(s *event.Snapshot) { s.Tickets = s.Tickets[1:] }},
		"drifted cells":          {audit.I9, nil, func(s *event.Snapshot) { s.Bookings = nil }},
	} {
		b := audit.New(audit.Config{Catalogue: a.cat})
		b.Acked(slices.DeleteFunc(slices.Clone(c.acks), func(k audit.Ack) bool { return k.Office != "main" })...)
		for _, e := range history {
			b.Feed(e)
		}
		snap, err := a.db.Snapshot(a.ctx, "main")
		if err != nil {
			t.Fatal(err)
		}
		c.edit(&snap)
		if !b.Compare(audit.DumpOf(snap, a.cat.Office("main"))) {
			t.Fatalf("%s: not compared", name)
		}
		b.Close(a.house.Now())
		f := b.Findings()
		if c.want == "" && len(f) > 0 || c.want != "" && (len(f) == 0 || f[0].Invariant != c.want) {
			t.Errorf("%s: want %q, found %v", name, c.want, f)
		}
	}
}

func TestTheAuditFollowsTheChainOfTheLedgersOwnRows(t *testing.T) {
	a, history := realDay(t)
	rows := a.rows("main")
	if len(rows) != len(history) {
		t.Fatalf("%d rows, %d events", len(rows), len(history))
	}
	for name, spoil := range map[string]func(*audit.Row){
		"":          func(*audit.Row) {},
		"payload":   func(r *audit.Row) { r.Payload = append([]byte{' '}, r.Payload...) },
		"hash":      func(r *audit.Row) { r.Hash = append([]byte{1}, r.Hash[1:]...) },
		"time":      func(r *audit.Row) { r.At = r.At.Add(time.Millisecond) },
		"retelling": func(r *audit.Row) { r.Salt, r.Payload = nil, []byte("{}") },
	} {
		b := audit.New(audit.Config{Catalogue: a.cat})
		for i, r := range rows {
			if i == len(rows)/2 {
				spoil(&r)
			}
			b.FeedRow(r)
		}
		b.Close(a.house.Now())
		f := b.Findings()
		if name == "" && len(f) > 0 || name != "" && (len(f) == 0 || f[0].Invariant != audit.I10) {
			t.Errorf("%q: %v", name, f)
		}
	}
}

// rows are the events of an office as they lie in the file.
func (a *audited) rows(id string) []audit.Row {
	db, err := sql.Open("sqlite", filepath.Join(a.dir, "ledger.db"))
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	defer db.Close()
	found, err := db.QueryContext(a.ctx, "SELECT seq, at, digest, hash, salt, payload FROM events WHERE office = $1 ORDER BY seq", id)
	if err != nil {
		a.t.Fatalf("%v", err)
	}
	defer found.Close()
	var out []audit.Row
	for found.Next() {
		r, at := audit.Row{Office: id}, int64(0)
		if err := found.Scan(&r.Seq, &at, &r.Digest, &r.Hash, &r.Salt, &r.Payload); err != nil {
			a.t.Fatalf("%v", err)
		}
		r.At = time.UnixMilli(at).UTC()
		out = append(out, r)
	}
	if err := found.Err(); err != nil {
		a.t.Fatalf("%v", err)
	}
	return out
}

// program draws acts of everybody in a hall.
type program struct {
	*audited
	random *mrand.Rand
}

func (p program) pick(list ...string) string { return list[p.random.IntN(len(list))] }

// n draws a number up to most, included.
func (p program) n(most int) int { return p.random.IntN(most + 1) }

func (p program) flip() bool { return p.random.IntN(2) == 0 }

func (p program) office() *office.Office {
	return p.cat.Office(p.pick("main", "main", "main", "lisbon"))
}

// live draws a ticket of the day, in one of the states where there is one; "" where there is none.
func (p program) live(o *office.Office, states ...ticket.State) string {
	all, err := p.Read(p.ctx).Live(o.ID, p.today(o))
	p.may(err)
	var in []string
	for _, t := range all {
		for _, s := range states {
			if t.State == s {
				in = append(in, t.ID)
			}
		}
	}
	if len(in) == 0 || p.n(9) == 0 {
		for _, t := range all {
			in = append(in, t.ID)
		}
	}
	if len(in) == 0 {
		return "nobody"
	}
	return p.pick(in...)
}

// today is the day the office is in, which may not be closed yet.
func (p program) today(o *office.Office) office.Day {
	s, err := p.Read(p.ctx).State(o.ID)
	p.may(err)
	return s.Day
}

func (p program) bookingIn(o *office.Office, states ...booking.State) string {
	day := o.Day(p.house.Now()).Add(p.n(2))
	all, err := p.Read(p.ctx).OfficeBookings(o.ID, day, states...)
	p.may(err)
	var ids []string
	for _, b := range all {
		if b.Origin != booking.Vacated {
			ids = append(ids, b.ID)
		}
	}
	if len(ids) == 0 {
		return "none"
	}
	return p.pick(ids...)
}

// slotTime draws a start soon, later today, or tomorrow.
func (p program) slotTime() time.Time {
	now := p.house.Now().Truncate(5 * time.Minute)
	steps := []int{1, 1, 2, 3, 6, 12, 24, 60, 288, 290}[p.n(9)]
	return now.Add(time.Duration(steps) * 5 * time.Minute)
}

func (p program) needs() []office.Need {
	if p.n(3) > 0 {
		return nil
	}
	return []office.Need{office.Need(p.pick(string(office.NeedLowDesk), string(office.NeedSign), "language:pt", string(office.NeedMoreTime)))}
}

func (p program) service(o *office.Office) string {
	return o.ID + "-" + p.pick("renew", "renew", "collect", "quick", "deed")
}

// actor is the clerk of a counter, rarely another.
func (p program) actor(counter string) hall.Act {
	if p.n(30) == 0 {
		return hall.Act{Actor: "clerk:stranger"}
	}
	return hall.Act{Actor: "clerk:" + counter}
}

func (p program) step() {
	o := p.office()
	switch p.n(19) {
	case 0, 1, 2, 3:
		p.visitor(o)
	case 4, 5:
		p.booker(o)
	case 6, 7, 8, 9, 10, 11, 12, 13, 14:
		p.clerk(o, o.Counters[p.n(3)].ID)
	case 15:
		p.greeter(o)
	case 16:
		p.manager(o)
	default:
		p.time()
	}
}

var kioskAct = hall.Act{Actor: "device:k1"}

func (p program) visitor(o *office.Office) {
	r := hall.IssueRequest{Office: o.ID, Service: p.service(o), Needs: p.needs(), Priority: p.n(4) == 0}
	switch p.n(6) {
	case 0, 1:
		p.issued(p.Issue(p.ctx, kioskAct, r))
	case 2:
		r.Remote = true
		p.issued(p.Issue(p.ctx, kioskAct, r))
	case 3:
		p.activate(o)
	case 4:
		p.checkIn(o)
	case 5:
		p.ticket(p.StepOut(p.ctx, kioskAct, p.live(o, ticket.Waiting)))
	case 6:
		id := p.live(o, ticket.Parked, ticket.Missed)
		if t, err := p.Ticket(p.ctx, id); err == nil && t.Queue == o.ID+"-deeds" && !*auditOwed {
			return // TestWhoSteppedOutOfAFilingOrderComesBackBehind
		}
		p.ticket(p.ComeBack(p.ctx, kioskAct, id))
	}
}

func (p program) activate(o *office.Office) {
	t, err := p.Ticket(p.ctx, p.live(o, ticket.Remote))
	if !p.may(err) {
		return
	}
	code, err := p.TicketCode(t)
	if p.may(err) && code != "" {
		p.issued(p.CheckIn(p.ctx, kioskAct, hall.CheckInRequest{Office: o.ID, Code: code, Needs: p.needs()}))
	}
}

func (p program) checkIn(o *office.Office) {
	b, err := p.Read(p.ctx).Booking(p.bookingIn(o, booking.Confirmed, booking.CheckedIn))
	if !p.may(err) {
		return
	}
	p.issued(p.CheckIn(p.ctx, kioskAct, hall.CheckInRequest{Office: o.ID, Reference: b.Reference, Needs: p.needs(), Priority: p.n(4) == 0}))
}

func (p program) booker(o *office.Office) {
	holder := p.pick("citizen:a", "citizen:b", "citizen:c", "citizen:d", "")
	act := hall.Act{Actor: "citizen:x"}
	switch p.n(7) {
	case 0, 1, 2:
		p.booking(p.Book(p.ctx, act, hall.BookRequest{Service: p.service(o), Office: o.ID, Start: p.slotTime(), Holder: holder, Hold: p.flip()}))
	case 3:
		p.booking(p.Confirm(p.ctx, act, p.bookingIn(o, booking.Held), ""))
	case 4:
		p.booking(p.ExtendHold(p.ctx, act, p.bookingIn(o, booking.Held), ""))
	case 5:
		p.booking(p.CancelBooking(p.ctx, act, p.bookingIn(o, booking.Held, booking.Confirmed, booking.Displaced), "", p.flip()))
	default:
		p.booking(p.Reschedule(p.ctx, act, p.bookingIn(o, booking.Held, booking.Confirmed, booking.Displaced), "",
			hall.RescheduleRequest{Start: p.slotTime(), Staff: p.flip()}))
	}
}

func (p program) reason() string { return p.pick(ticket.CallReasons...) }

func (p program) clerk(o *office.Office, c string) {
	act := p.actor(c)
	s, err := p.Read(p.ctx).Shift(c)
	p.may(err)
	if s.State == "closed" || s.State == "" {
		if p.n(9) == 0 && (*auditOwed || p.today(o) == o.Day(p.house.Now())) { // TestUndoDoesNotReachIntoYesterday
			p.desk(p.Undo(p.ctx, act, c))
			return
		}
		var queues []string
		if p.flip() {
			queues = []string{o.ID + "-card", o.ID + "-small", o.ID + "-deeds"}
			p.random.Shuffle(3, func(i, k int) { queues[i], queues[k] = queues[k], queues[i] })
			queues = queues[:1+p.n(2)]
		}
		p.desk(p.OpenCounter(p.ctx, act, c, queues))
		return
	}
	if s.Ticket != "" && p.n(4) > 0 {
		p.busyClerk(o, c, act, s.State == "closing")
		return
	}
	if s.State == "break" && !*auditOwed { // TestACounterOnABreakTakesNobody
		switch p.n(4) {
		case 0, 1:
			p.desk(p.Back(p.ctx, act, c))
		case 2:
			p.desk(p.Next(p.ctx, act, c, hall.NextRequest{}))
		case 3:
			p.desk(p.Undo(p.ctx, act, c))
		case 4:
			p.desk(p.CloseCounter(p.ctx, act, c, hall.CloseRequest{}))
		}
		return
	}
	p.freeClerk(o, c, act)
}

func (p program) busyClerk(o *office.Office, c string, act hall.Act, closing bool) {
	if d, err := p.Ticket(p.ctx, p.openAt(c)); err == nil && d.State == ticket.Called && p.n(3) > 0 {
		p.desk(p.Start(p.ctx, act, c))
		return
	}
	switch p.n(13) {
	case 0, 1:
		p.desk(p.Undo(p.ctx, act, c))
	case 12:
		p.desk(p.CloseCounter(p.ctx, act, c, hall.CloseRequest{After: true}))
	case 2:
		p.desk(p.Finish(p.ctx, act, c, ticket.Outcome(p.pick("served", "incomplete", "left", "not_served"))))
	case 3:
		p.desk(p.Next(p.ctx, act, c, hall.NextRequest{Finish: ticket.Served}))
	case 4:
		p.desk(p.Next(p.ctx, act, c, hall.NextRequest{Miss: true}))
	case 5:
		p.desk(p.Recall(p.ctx, act, c))
	case 6:
		p.desk(p.Miss(p.ctx, act, c))
	case 7:
		p.desk(p.Park(p.ctx, act, c, p.n(20)))
	case 8:
		p.desk(p.Return(p.ctx, act, c, ""))
	case 9:
		p.desk(p.Transfer(p.ctx, act, c, hall.TransferRequest{Queue: o.ID + "-" + p.pick("card", "small", "deeds"),
			Place: p.pick("", ticket.PlaceDue, ticket.PlaceEnd, ticket.PlaceFront), Reason: p.reason()}))
	case 10:
		p.desk(p.Continue(p.ctx, act, c, p.service(o)))
	case 11:
		if closing && !*auditOwed {
			return // TestACounterThatClosesAfterThisOneTakesNoOther
		}
		p.desk(p.ThisOneIsHere(p.ctx, act, c, p.live(o, ticket.Waiting, ticket.Missed)))
	case 13:
		p.pass(time.Minute)
		p.desk(p.Miss(p.ctx, act, c))
	}
}

func (p program) openAt(c string) string {
	s, err := p.Read(p.ctx).Shift(c)
	p.may(err)
	return s.Ticket
}

func (p program) freeClerk(o *office.Office, c string, act hall.Act) {
	switch p.n(19) {
	case 0, 1, 2, 3, 4, 5:
		p.desk(p.Next(p.ctx, act, c, hall.NextRequest{}))
	case 6:
		p.desk(p.Call(p.ctx, act, c, p.live(o, ticket.Waiting), p.reason()))
	case 7:
		p.desk(p.Resume(p.ctx, act, c, p.live(o, ticket.Parked)))
	case 8:
		id := p.live(o, ticket.Missed)
		if t, err := p.Ticket(p.ctx, id); err == nil && t.State == ticket.Called && !*auditOwed {
			return // TestNobodyIsStartedWhoIsCalledElsewhere
		}
		p.desk(p.StartMissed(p.ctx, act, c, id))
	case 9, 19:
		if p.openAt(c) != "" && !*auditOwed {
			return // TestUndoOfAReturnLeavesTheOpenTicketAlone
		}
		p.desk(p.Return(p.ctx, act, c, p.live(o, ticket.Parked, ticket.Missed)))
	case 10:
		p.desk(p.Reopen(p.ctx, act, c, p.ended(o)))
	case 11:
		p.desk(p.ServeHere(p.ctx, act, c, hall.ServeRequest{Service: p.service(o)}))
	case 12:
		p.desk(p.TakeOver(p.ctx, act, c, p.live(o, ticket.Called, ticket.Serving)))
	case 13, 14:
		p.desk(p.Undo(p.ctx, act, c))
	case 15:
		p.desk(p.CloseCounter(p.ctx, act, c, hall.CloseRequest{After: p.flip(), Manager: p.n(3) == 0}))
	case 16:
		p.desk(p.Break(p.ctx, act, c, "lunch", time.Time{}))
	case 17:
		p.desk(p.Back(p.ctx, act, c))
	case 18:
		p.desk(p.OpenCounter(p.ctx, act, c, []string{o.ID + "-" + p.pick("card", "small", "deeds")}))
	}
}

// ended draws a ticket of the day that is done.
func (p program) ended(o *office.Office) string {
	snap, err := p.db.Snapshot(p.ctx, o.ID)
	p.may(err)
	ids := []string{"nobody"}
	for _, t := range snap.Tickets {
		if t.State == ticket.Done {
			ids = append(ids, t.ID)
		}
	}
	return ids[len(ids)-1]
}

func (p program) greeter(o *office.Office) {
	act := hall.Act{Actor: "clerk:greeter"}
	switch p.n(4) {
	case 0:
		p.ticket(p.CancelTicket(p.ctx, act, p.live(o, ticket.Waiting, ticket.Called, ticket.Parked, ticket.Missed, ticket.Remote)))
	case 1:
		p.ticket(p.Unserve(p.ctx, act, p.live(o, ticket.Waiting, ticket.Parked)))
	case 2:
		yes, needs := p.flip(), p.needs()
		r := hall.ChangeRequest{Priority: &yes, Needs: &needs}
		if p.flip() {
			s := p.service(o)
			r.Service = &s
		}
		p.ticket(p.ChangeTicket(p.ctx, act, p.live(o, ticket.Waiting), r))
	case 3:
		l, err := p.LeaseNumbers(p.ctx, kioskAct, o.ID, o.ID+"-"+p.pick("card", "deeds"), o.Day(p.house.Now()).Add(p.n(1)))
		if p.may(err) {
			p.audited.leases = append(p.audited.leases, l)
		}
	case 4:
		if len(p.leases) == 0 {
			return
		}
		l := p.leases[p.n(len(p.leases)-1)]
		p.issued(p.Admit(p.ctx, kioskAct, hall.AdmitRequest{Lease: l.ID, N: l.From + p.n(5),
			Arrival: p.house.Now().Add(-time.Duration(p.n(30)) * time.Minute), Priority: p.flip(), Needs: p.needs()}))
	}
}

// manager is what managers and jobs do.
func (p program) manager(o *office.Office) {
	act := hall.Act{Actor: "clerk:manager"}
	s, err := p.Read(p.ctx).State(o.ID)
	p.may(err)
	what := p.n(9)
	if s.Paused() && what < 8 {
		what = 1
	}
	switch what {
	case 0:
		_, err := p.PauseHall(p.ctx, act, o.ID, "fire_alarm")
		p.may(err)
	case 1, 2:
		if !*auditOwed { // TestAHoldThatRanOutStaysSoAfterAPause
			_, err := p.Tick(p.ctx)
			p.may(err)
		}
		_, err = p.ResumeHall(p.ctx, act, o.ID)
		p.may(err)
	case 3:
		from := p.slotTime()
		r := hall.CloseRequestOffice{Office: o.ID, From: from, To: from.Add(time.Duration(1+p.n(20)) * 5 * time.Minute), Reason: "typhoon"}
		if p.flip() {
			r.Queue = o.ID + "-card"
		}
		_, err := p.CloseOffice(p.ctx, act, r)
		p.may(err)
	case 6, 7, 8:
		_, err := p.Tick(p.ctx)
		p.may(err)
	case 9:
		p.may(p.TurnDay(p.ctx, o.ID))
	}
}

func (p program) time() {
	switch n := p.n(99); {
	case n < 50:
		p.pass(time.Duration(1+p.n(30)) * time.Second)
	case n < 85:
		p.pass(time.Duration(60+p.n(120)) * time.Second)
	case n < 94:
		p.pass(time.Duration(5+p.n(30)) * time.Minute)
	case n < 97: // the house may run faster than the machine
		p.house.Advance(time.Duration(p.n(20)) * time.Minute)
	case n < 98: // to the next midnight, nearly
		o := p.office()
		if to := o.Day(p.house.Now()).Add(1).Time(0, o.Location()).Add(-5 * time.Second); to.After(p.house.Now()) {
			p.pass(to.Sub(p.house.Now()))
		}
	case n < 99 && p.flip():
		p.pass(time.Duration(p.n(30)) * time.Hour)
	}
}

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

// owed holds a test back that the hall does not pass yet.
func owed(t *testing.T) steps {
	t.Helper()
	if !*auditOwed {
		t.Skip("the hall does not keep this yet; run it with -audit.owed")
	}
	return newSteps(t)
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

// open opens a counter and calls somebody to it.
func (s steps) open(counter string, queues ...string) {
	s.test.Helper()
	s.must(s.OpenCounter(s.ctx, s.as(counter), counter, queues))
}

func (s steps) call(counter string) string {
	s.test.Helper()
	return s.must(s.Next(s.ctx, s.as(counter), counter, hall.NextRequest{})).Ticket.ID
}

func TestWhoSteppedOutOfAFilingOrderComesBackBehind(t *testing.T) {
	s := owed(t)
	first := s.take("main-deed")
	s.take("main-deed")
	_, err := s.StepOut(s.ctx, kioskAct, first)
	s.may(err)
	_, err = s.ComeBack(s.ctx, kioskAct, first)
	s.may(err)
	s.feed(100)
}

func TestACounterOnABreakTakesNobody(t *testing.T) {
	s := owed(t)
	id := s.take("main-renew")
	s.open("main-1")
	s.must(s.Break(s.ctx, s.as("main-1"), "main-1", "lunch", time.Time{}))
	_, err := s.Call(s.ctx, s.as("main-1"), "main-1", id, "manager")
	s.may(err)
	s.feed(100)
}

func TestNobodyIsStartedWhoIsCalledElsewhere(t *testing.T) {
	s := owed(t)
	s.take("main-renew")
	s.open("main-1")
	s.open("main-2")
	_, err := s.StartMissed(s.ctx, s.as("main-2"), "main-2", s.call("main-1"))
	s.may(err)
	s.feed(100)
}

func TestAHoldThatRanOutStaysSoAfterAPause(t *testing.T) {
	s := owed(t)
	r := hall.BookRequest{Service: "main-quick", Office: "main", Start: s.house.Now().Add(2 * time.Hour), Hold: true}
	s.booking(s.Book(s.ctx, kioskAct, r))
	s.house.Advance(4 * time.Minute)
	_, err := s.PauseHall(s.ctx, s.as("m"), "main", "fire_alarm")
	s.may(err)
	s.house.Advance(2 * time.Minute)
	r.Hold = false
	s.booking(s.Book(s.ctx, kioskAct, r))
	_, err = s.ResumeHall(s.ctx, s.as("m"), "main")
	s.may(err)
	s.feed(100)
}

func TestACounterThatClosesAfterThisOneTakesNoOther(t *testing.T) {
	s := owed(t)
	s.take("main-renew")
	second := s.take("main-renew")
	s.open("main-1")
	s.call("main-1")
	s.must(s.CloseCounter(s.ctx, s.as("main-1"), "main-1", hall.CloseRequest{After: true}))
	_, err := s.ThisOneIsHere(s.ctx, s.as("main-1"), "main-1", second)
	s.may(err)
	s.feed(100)
}

func TestUndoDoesNotReachIntoYesterday(t *testing.T) {
	s := owed(t)
	s.pass(14*time.Hour + 29*time.Minute + 50*time.Second) // 23:59:50
	s.take("main-renew")
	s.open("main-1")
	s.call("main-1")
	s.must(s.Start(s.ctx, s.as("main-1"), "main-1"))
	s.must(s.CloseCounter(s.ctx, s.as("main-1"), "main-1", hall.CloseRequest{After: true}))
	s.must(s.Finish(s.ctx, s.as("main-1"), "main-1", ""))
	s.pass(12 * time.Second)
	_, err := s.Undo(s.ctx, s.as("main-1"), "main-1")
	s.may(err)
	s.feed(100)
}

func (a *audited) pass(d time.Duration) {
	a.house.Advance(d)
	a.machine.Advance(d)
}

func TestALongLineDoesNotChangeTheCountersList(t *testing.T) {
	s := owed(t)
	for range 33 {
		s.take("main-renew", office.NeedSign)
	}
	s.take("main-renew")
	s.take("main-quick")
	s.open("main-1", "main-card", "main-small")
	s.call("main-1")
	s.feed(100)
}

func TestUndoOfAReturnLeavesTheOpenTicketAlone(t *testing.T) {
	s := owed(t)
	away := s.take("main-renew")
	s.take("main-renew")
	_, err := s.StepOut(s.ctx, kioskAct, away)
	s.may(err)
	s.open("main-1")
	s.call("main-1")
	s.must(s.Return(s.ctx, s.as("main-1"), "main-1", away))
	s.must(s.Undo(s.ctx, s.as("main-1"), "main-1"))
	s.feed(100)
}

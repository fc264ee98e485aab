package hall_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vez/audit"
	"vez/event"
	"vez/hall"
	"vez/ticket"
)

// realDay is what a random program left in the ledger of the main office.
func realDay(t *testing.T) (*audited, []event.Event) {
	a, done := newAudited(t, auditStarts[0])
	t.Cleanup(done)
	p := program{audited: a, random: mrand.New(mrand.NewPCG(7, 1))}
	for range 1200 {
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

// issueOf finds the ticket that was issued with a number, whatever its series.
func issueOf(t *testing.T, events []event.Event, n int) *ticket.Ticket {
	t.Helper()
	for i := range events {
		if e := &events[i]; e.Kind == event.TicketKind("issue") && e.Images.Tickets[0].N == n {
			return &e.Images.Tickets[0]
		}
	}
	t.Fatalf("the history has no issue of a number %d", n)
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
			x := issueOf(t, es, 2)
			x.N, x.Number = x.N+1, ticket.Number(x.Series, x.N+1)
			return es
		}},
		"a number given twice": {audit.I3, func(t *testing.T, es []event.Event) []event.Event {
			x := issueOf(t, es, 2)
			x.N, x.Number = 1, ticket.Number(x.Series, 1)
			return es
		}},
		"an oversold cell": {audit.I4, func(t *testing.T, es []event.Event) []event.Event {
			e := kindAt(t, es, event.KindConfirmed, 3)
			for i := range 4 {
				b := e.Images.Bookings[0]
				b.ID, b.Reference = fmt.Sprint(b.ID, "-", i), fmt.Sprint(b.Reference, "-", i)
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
	a.booking(a.Book(a.ctx, kioskAct, hall.BookRequest{Service: "main-renew", Office: "main", Start: a.house.Now().Truncate(time.Hour).Add(24 * time.Hour)}))
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
		"hash":      func(r *audit.Row) { r.Hash = append([]byte{r.Hash[0] ^ 1}, r.Hash[1:]...) },
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

package hall_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/hall"
	"vez/ledger"
	"vez/office"
	"vez/ticket"
)

// The promise: a move costs the same however many wait. Each of these makes the
// same move over and over in lines of a hundred to a hundred thousand.

var lengths = []int{100, 1_000, 10_000, 100_000}

// BenchmarkNext calls the next one and sends them back with their due.
func BenchmarkNext(b *testing.B) {
	for name, seed := range map[string]func(*ticket.Ticket, int){"walkins": nil, "mixed": mixed, "early": earlyBirds} {
		atLengths(b, name, seed, func(x *crowd) { x.timed(x.callNext); x.putBack() })
	}
}

// BenchmarkCallThis calls the last one of the line out of turn and sends them back.
func BenchmarkCallThis(b *testing.B) {
	atLengths(b, "last", nil, func(x *crowd) { x.timed(func() { x.callThis(x.last) }); x.putBack() })
}

// BenchmarkIssue gives tickets to people who walk in; one in two is taken back, so that the line keeps its length.
func BenchmarkIssue(b *testing.B) {
	atLengths(b, "walkin", nil, func(x *crowd) {
		var id string
		x.timed(func() { id = x.issueOne() })
		x.cancel(id)
	})
}

// crowd is an office where many wait and one counter calls.
type crowd struct {
	*house
	b    *testing.B
	last string // who waits at the end
	took []time.Duration
}

func atLengths(b *testing.B, name string, seed func(*ticket.Ticket, int), step func(*crowd)) {
	for _, n := range lengths {
		b.Run(fmt.Sprintf("%s-%d", name, n), func(b *testing.B) {
			x := newCrowd(b, n, seed)
			step(x) // the model is loaded
			x.took = x.took[:0]
			for b.Loop() {
				step(x)
			}
			slices.Sort(x.took)
			b.ReportMetric(float64(x.took[len(x.took)/2].Nanoseconds()), "ns/op")
			b.ReportMetric(float64(x.took[0].Nanoseconds()), "min-ns")
		})
	}
}

func newCrowd(b *testing.B, waiting int, seed func(*ticket.Ticket, int)) *crowd {
	b.Helper()
	x := &crowd{house: openHouse(b, ledger.Config{Dir: b.TempDir()}, clockwork.NewFakeClockAt(start)), b: b}
	ids := seedLine(b, x.db, waiting, seed)
	x.last = ids[len(ids)-1]
	x.open(1)
	return x
}

// seedLine lets people arrive a millisecond apart, half of the time before nine.
func seedLine(b *testing.B, db *ledger.DB, waiting int, edit func(*ticket.Ticket, int)) (ids []string) {
	b.Helper()
	const day, chunk = office.Day("2026-11-24"), 1000
	for from := 0; from < waiting; from += chunk {
		err := db.Do(context.Background(), event.Scope{Offices: []string{"main"}}, func(tx *ledger.Tx) error {
			if from == 0 {
				if _, err := tx.Append(event.Draft{Office: "main", Kind: event.KindDay, Actor: "job:day",
					Images: event.Images{Office: &office.State{Office: "main", Day: day}}}); err != nil {
					return err
				}
			}
			var im event.Images
			for i := from; i < min(from+chunk, waiting); i++ {
				arrival := start.Add(time.Duration(i-waiting) * time.Millisecond).UTC()
				t := ticket.Ticket{ID: fmt.Sprintf("seed%07d", i), Office: "main", Queue: "main-card", Service: "renew", Day: day, Series: "S",
					N: i + 1, Number: ticket.Number("S", i+1), State: ticket.Waiting, Class: ticket.WalkIn, Lang: "pt", People: 1,
					Arrival: arrival, Due: arrival, Joined: int64(i + 1)}
				t.Visit = t.ID
				if edit != nil {
					edit(&t, i)
				}
				im.Tickets = append(im.Tickets, t)
			}
			_, err := tx.Append(event.Draft{Office: "main", Kind: event.TicketKind(string(ticket.Issue)), Actor: "device:bench", Images: im})
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	for i := range waiting {
		ids = append(ids, fmt.Sprintf("seed%07d", i))
	}
	return ids
}

// mixed: every third is booked for later, every twentieth needs the low desk, every tenth would like Portuguese.
func mixed(t *ticket.Ticket, i int) {
	switch {
	case i%20 == 0:
		t.Needs = []office.Need{office.NeedLowDesk}
	case i%10 == 1:
		t.Needs = []office.Need{"language:pt"}
	case i%3 == 0:
		t.Class, t.Start = ticket.Booked, start.Add(time.Duration(i%60)*time.Minute).UTC()
		t.Callable, t.Due = t.Start.Add(-5*time.Minute), t.Start.Add(-time.Hour)
		if t.Arrival.Before(t.Due) {
			t.Due = t.Arrival
		}
	}
}

// earlyBirds: nine of ten are booked for the afternoon, and stand before the last tenth, who walked in.
func earlyBirds(t *ticket.Ticket, i int) {
	if i%10 != 9 {
		t.Class, t.Start = ticket.Booked, start.Add(5*time.Hour).UTC()
		t.Callable = t.Start.Add(-5 * time.Minute)
	} else {
		t.Due = start.UTC() // came back late: due now
		t.Joined += 1_000_000
		t.Arrival = t.Arrival.Add(-time.Hour)
	}
	if i%10 != 9 {
		t.Needs = []office.Need{office.NeedSign}
	}
}

func (x *crowd) timed(do func()) {
	begun := time.Now()
	do()
	x.took = append(x.took, time.Since(begun))
}

func (x *crowd) must(d hall.Desk, err error) hall.Desk {
	if err != nil {
		x.b.Fatal(err)
	}
	return d
}

func (x *crowd) callNext() {
	if d := x.must(x.Next(context.Background(), x.clerk(1), "main-1", hall.NextRequest{})); d.Ticket.ID == "" {
		x.b.Fatal("nobody was called")
	}
}

func (x *crowd) callThis(id string) {
	x.must(x.Call(context.Background(), x.clerk(1), "main-1", id, "manager"))
}

func (x *crowd) putBack() { x.must(x.Return(context.Background(), x.clerk(1), "main-1", "")) }

func (x *crowd) issueOne() string {
	is, err := x.Issue(context.Background(), x.act("device:k1"), hall.IssueRequest{Office: "main", Service: "renew"})
	if err != nil {
		x.b.Fatal(err)
	}
	return is.Ticket.ID
}

func (x *crowd) cancel(id string) {
	if _, err := x.CancelTicket(context.Background(), x.act("clerk:1"), id); err != nil {
		x.b.Fatal(err)
	}
}

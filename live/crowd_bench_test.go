//go:build unix

package live_test

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/live"
	"vez/queue/queuetest"
	"vez/ticket"
)

// crowds are how many wait in one line.
var crowds = []int{1000, 20_000, 100_000}

// crowd is a hub whose clocks stand, with a line of n: who reads waits for what was committed.
func crowd(b *testing.B, n int) (*live.Hub, *queuetest.Hall, *clockwork.FakeClock, []string) {
	b.Helper()
	l, clock := queuetest.NewLedger("e1"), clockwork.NewFakeClockAt(noon)
	h := queuetest.NewHall(l, queuetest.Office, 1, nil)
	h.Open()
	h.Shift(desk1, a)
	h.Shift(desk3, a)
	var ids []string
	for i := range n {
		ids = append(ids, h.Issue(a, "A", time.Duration(i)*time.Second).ID)
	}
	hub := live.NewHub(live.Config{Catalogue: queuetest.Catalogue(), Source: l, House: clockwork.NewFakeClockAt(noon), Machine: clock})
	b.Cleanup(hub.Close)
	if _, err := hub.Board(context.Background(), queuetest.Office, ""); err != nil {
		b.Fatal(err)
	}
	h.Tell = hub.Committed
	return hub, h, clock, ids
}

// moving makes a change before each look: the first of the line is called, or sent back.
func moving(b *testing.B, hub *live.Hub, hall *queuetest.Hall, ids []string, look func(ctx context.Context, hub *live.Hub, ids []string, i int) error) {
	b.Helper()
	ctx := context.Background()
	worked := work(b)
	for i := range b.N {
		move(hall, ids[0])
		if err := look(ctx, hub, ids, i); err != nil {
			b.Fatal(err)
		}
	}
	worked(1)
}

// work begins the measurement, and ends it with how long a processor worked, for
// each of so many: a busy machine lets one wait much longer.
func work(b *testing.B) func(each int) {
	b.Helper()
	b.ReportAllocs()
	b.ResetTimer()
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Fatal(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	begun := used()
	return func(each int) {
		b.StopTimer()
		b.ReportMetric(float64((used()-begun).Microseconds())/float64(b.N)/float64(each), "cpu-us/op")
	}
}

func move(hall *queuetest.Hall, id string) {
	if hall.Ticket(id).State == ticket.Waiting {
		hall.Call(id, desk1)
	} else {
		hall.Back(id)
	}
}

func BenchmarkMoveInALineOf(b *testing.B) {
	for _, n := range crowds {
		hub, hall, _, ids := crowd(b, n)
		for _, x := range []struct {
			name string
			look func(context.Context, *live.Hub, []string, int) error
		}{
			{"head", func(ctx context.Context, h *live.Hub, _ []string, _ int) error {
				_, err := h.Head(ctx, queuetest.Office)
				return err
			}},
			{"position", func(ctx context.Context, h *live.Hub, ids []string, i int) error {
				_, err := h.Position(ctx, queuetest.Office, ids[1+(i*7919)%(len(ids)-1)])
				return err
			}},
			{"queues", func(ctx context.Context, h *live.Hub, _ []string, _ int) error {
				_, err := h.Queues(ctx, queuetest.Office)
				return err
			}},
			{"board", func(ctx context.Context, h *live.Hub, _ []string, _ int) error {
				_, err := h.Board(ctx, queuetest.Office, "")
				return err
			}},
		} {
			b.Run(x.name+"/"+strconv.Itoa(n), func(b *testing.B) { moving(b, hub, hall, ids, x.look) })
		}
	}
}

// BenchmarkMoveBeforePhones is a move and the flush after it, with a thousand
// phones spread along the line and a clerk's console; cpu-us/op is for each phone.
func BenchmarkMoveBeforePhones(b *testing.B) {
	const phones = 1000
	for _, n := range crowds {
		hub, hall, clock, ids := crowd(b, n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			filters := []live.Filter{{Kind: live.KindLine, Form: "ring", Encode: func(string, any) ([]byte, error) { return []byte("{}"), nil }}}
			for i := range phones {
				filters = append(filters, live.Filter{Kind: live.KindPosition, Ticket: ids[1+i*(n-1)/phones]})
			}
			var subs []*live.Sub
			for _, f := range filters {
				s, err := hub.Subscribe(context.Background(), queuetest.Office, f, "")
				if err != nil {
					b.Fatal(err)
				}
				b.Cleanup(s.Close)
				subs = append(subs, s)
			}
			worked := work(b)
			for range b.N {
				move(hall, ids[0])
				if _, err := hub.Head(context.Background(), queuetest.Office); err != nil {
					b.Fatal(err)
				}
				clock.Advance(20 * time.Second)
				hub.Flush()
				for _, s := range subs {
					for len(s.C) > 0 {
						<-s.C
					}
				}
			}
			worked(phones)
		})
	}
}

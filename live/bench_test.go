package live_test

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/live"
	"vez/queue/queuetest"
)

// busy is a hub on an office with so many waiting, all counters open.
func busy(t testing.TB, waiting int) (*live.Hub, *queuetest.Hall, []string) {
	l := queuetest.NewLedger("e1")
	hub := live.NewHub(live.Config{Catalogue: queuetest.Catalogue(), Source: l, House: clockwork.NewFakeClockAt(noon)})
	t.Cleanup(hub.Close)
	h := queuetest.NewHall(l, queuetest.Office, 1, nil)
	h.Open()
	h.Shift(desk1, a)
	h.Shift(desk3, b)
	var ids []string
	for i := range waiting {
		ids = append(ids, h.Issue(a, "A", time.Duration(i%60)*time.Minute).ID)
	}
	if _, err := hub.Board(context.Background(), queuetest.Office, ""); err != nil {
		t.Fatal(err)
	}
	h.Tell = hub.Committed
	return hub, h, ids
}

func BenchmarkBoard(b *testing.B) {
	hub, _, _ := busy(b, 200)
	b.ReportAllocs()
	for range b.N {
		if _, err := hub.Board(context.Background(), queuetest.Office, ""); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkQueues(b *testing.B) {
	hub, _, _ := busy(b, 200)
	b.ReportAllocs()
	for range b.N {
		if _, err := hub.Queues(context.Background(), queuetest.Office); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPosition(b *testing.B) {
	hub, _, ids := busy(b, 200)
	b.ReportAllocs()
	for i := range b.N {
		if _, err := hub.Position(context.Background(), queuetest.Office, ids[i%len(ids)]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCallTo1000Boards is from the commit of a call to its frame at the
// last of 1,000 open boards.
func BenchmarkCallTo1000Boards(b *testing.B) {
	hub, hall, ids := busy(b, 10)
	const boards = 1000
	var all sync.WaitGroup
	for range boards {
		s, err := hub.Subscribe(context.Background(), queuetest.Office, live.Filter{Kind: live.KindBoard}, "")
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(s.Close)
		go func() {
			for {
				select {
				case f := <-s.C:
					if f.Event == live.EventChange {
						all.Done()
					}
				case <-s.Done():
					return
				}
			}
		}()
	}
	var took []time.Duration
	b.ResetTimer()
	for i := range b.N {
		all.Add(boards)
		began := time.Now()
		if i%2 == 0 {
			hall.Call(ids[0], desk1)
		} else {
			hall.Back(ids[0])
		}
		all.Wait()
		took = append(took, time.Since(began))
	}
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkIssueAmong is a ticket more in a line, and the estimate for the next.
func BenchmarkIssueAmong(bm *testing.B) {
	for _, n := range []int{100, 10000} {
		bm.Run(strconv.Itoa(n), func(bm *testing.B) {
			hub, hall, _ := busy(bm, n)
			bm.ResetTimer()
			for range bm.N {
				hall.Issue(a, "A", time.Hour)
				hub.Estimate(queuetest.Office, a, noon.Add(time.Hour))
			}
		})
	}
}

package audit_test

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"vez/audit"
	"vez/event"
	"vez/ticket"
)

// busyDays makes events of an office until there are n: 60 people wait in two
// lines, 8 counters call, start and finish, 700 tickets a day, 100 booked.
func busyDays(s *story, o string, n int64) {
	s.begin(o)
	for s.seq[o] < n {
		busyDay(s, o, n)
		s.now = s.day[o].Add(1).Time(9*time.Hour, s.cat.Office(o).Location())
		s.turn(o)
	}
}

const desks, crowd, people = 8, 60, 700

func busyDay(s *story, o string, n int64) {
	queues := []string{o + "-card", o + "-small"}
	var at [desks]string
	for i := range at {
		s.counter(o, fmt.Sprintf("%s-%d", o, i), queues[i%2], queues[1-i%2])
	}
	for i := range 100 {
		s.book(queues[0], s.now.Add(24*time.Hour+time.Duration(i)*5*time.Minute), 5)
	}
	for i := range people {
		if s.seq[o] >= n {
			return
		}
		s.issue(queues[i%2])
		s.pass(20 * time.Second)
		if i < crowd {
			continue
		}
		c := fmt.Sprintf("%s-%d", o, i%desks)
		if at[i%desks] != "" {
			s.do(at[i%desks], ticket.Finish, c)
		}
		at[i%desks] = s.next(c)
		s.do(at[i%desks], ticket.Start, c)
	}
}

// BenchmarkMillionEvents feeds a million events and tells how long, how many a
// second, and what stays in memory.
func BenchmarkMillionEvents(b *testing.B) {
	const n, chunk = 1_000_000, 100_000
	fed := 0
	for b.Loop() {
		b.StopTimer()
		s := newStory("Asia/Macau", morning, "main")
		a := audit.New(audit.Config{Catalogue: s.cat})
		page := make([]event.Event, 0, chunk)
		feed := func() {
			b.StartTimer()
			for _, e := range page {
				a.Feed(e)
			}
			b.StopTimer()
			page = page[:0]
		}
		s.emit = func(e event.Event) {
			if page = append(page, e); len(page) == chunk {
				feed()
			}
		}
		busyDays(s, "main", n)
		feed()
		b.StartTimer()
		a.Close(s.now)
		if f := a.Findings(); len(f) > 0 {
			b.Fatalf("%d findings, the first: %s", len(f), f[0])
		}
		s, page = nil, nil
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/1e6, "MB-kept")
		fed += a.Events()
		runtime.KeepAlive(a)
	}
	b.ReportMetric(float64(fed)/b.Elapsed().Seconds(), "events/s")
}

func TestMemoryIsBoundedByWhatIsLive(t *testing.T) {
	if testing.Short() {
		t.Skip("feeds twenty days")
	}
	kept := func(n int64) uint64 {
		s := newStory("Asia/Macau", morning, "main")
		a := audit.New(audit.Config{Catalogue: s.cat})
		s.emit = a.Feed
		busyDays(s, "main", n)
		clean(t, a.Findings())
		s = nil
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		runtime.KeepAlive(a)
		return m.HeapAlloc
	}
	kept(3000)
	little, much := kept(6000), kept(60_000)
	if much > little+little/2 {
		t.Errorf("%d bytes are kept after 6,000 events, %d after 60,000", little, much)
	}
}

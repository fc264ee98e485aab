package queue_test

import (
	"context"
	"testing"
	"time"

	"vez/event"
	"vez/office"
	"vez/queue"
	"vez/queue/queuetest"
)

// BenchmarkApply is one move of a ticket, from its commit to Redis' answer, in
// commits of one event.
func BenchmarkApply(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *queuetest.Backend{"miniredis": queuetest.Mini, "redis": queuetest.Real} {
		b.Run(name, func(b *testing.B) {
			p, l := stand(b, open(b))
			var es []event.Event
			h := queuetest.NewHall(l, queuetest.Office, 1, func(e []event.Event) { es = append(es, e...) })
			h.Open()
			for len(es) < b.N {
				one := h.Issue("dsi-main-a", "A", 0)
				h.Call(one.ID, "dsi-main-1")
				h.Begin(one.ID)
				h.Finish(one.ID)
			}
			b.ResetTimer()
			for i := range es {
				p.Committed(es[i : i+1])
				if i%1000 == 999 { // within what the buffer holds
					top(b, p, es[i].Seq)
				}
			}
			top(b, p, es[len(es)-1].Seq)
		})
	}
}

// BenchmarkMonth reads the cells of 20 queues on 90 days.
func BenchmarkMonth(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *queuetest.Backend{"miniredis": queuetest.Mini, "redis": queuetest.Real} {
		b.Run(name, func(b *testing.B) {
			p, l := stand(b, open(b))
			h := queuetest.NewHall(l, queuetest.Office, 1, p.Committed)
			h.Open()
			var days []office.Day
			for i := range 90 {
				days = append(days, queuetest.Day.Add(i))
				h.Book("dsi-main-a", queuetest.Day.Add(i), 9*time.Hour, 30*time.Minute)
			}
			top(b, p, l.Head(queuetest.Office).Seq)
			queues := make([]string, 20)
			for i := range queues {
				queues[i] = "dsi-main-a"
			}
			b.ResetTimer()
			for range b.N {
				if _, err := p.CellsOf(context.Background(), queues, days); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRebuild makes an office anew that has 10,000 bookings.
func BenchmarkRebuild(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *queuetest.Backend{"miniredis": queuetest.Mini, "redis": queuetest.Real} {
		b.Run(name, func(b *testing.B) {
			p, l := stand(b, open(b))
			h := queuetest.NewHall(l, queuetest.Office, 1, nil)
			h.Open()
			for i := range 10000 {
				h.Book("dsi-main-a", queuetest.Day.Add(i%90), time.Duration(9*60+5*(i%90))*time.Minute, 30*time.Minute)
			}
			b.ResetTimer()
			for range b.N {
				if err := p.Rebuild(context.Background(), queuetest.Office); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func stand(b *testing.B, back *queuetest.Backend) (*queue.Projection, *queuetest.Ledger) {
	l := queuetest.NewLedger("e1")
	p := queue.New(queue.Config{Client: back.Client, Source: l, Catalogue: queuetest.Catalogue()})
	b.Cleanup(p.Close)
	<-p.Settled()
	return p, l
}

// top waits until Redis has an event.
func top(b *testing.B, p *queue.Projection, seq int64) {
	for {
		h, err := p.Head(context.Background(), queuetest.Office)
		if err != nil {
			b.Fatal(err)
		}
		if h.Seq >= seq {
			return
		}
	}
}

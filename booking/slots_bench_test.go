package booking

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"vez/office"
)

// benchHall is a hall in Macao whose queue serves thirty services.
func benchHall(b *testing.B) hall {
	x := newHall(b, "Asia/Macau")
	for i := range 27 {
		s := &office.Service{ID: fmt.Sprint("more", i), Minutes: 10 + i%4*5, Queues: []string{x.queue.ID}, Rules: office.DefaultServiceRules()}
		x.cat.Services, x.queue.Services = append(x.cat.Services, s), append(x.queue.Services, s.ID)
	}
	if err := x.cat.Index(); err != nil {
		b.Fatal(err)
	}
	return x
}

// taken is a day with so many of its places taken, in tenths.
func (x hall) busy(tenths int) Taken {
	var t Taken
	for c := range t.Cells {
		if c%10 < tenths {
			t.Cells[c] = 2
		}
	}
	return t
}

// calendar reckons so many days of one service at so many offices as the API does, plans included.
func (x hall) calendar(offices, days int, taken *Taken) (starts int) {
	s, now := x.cat.Service("short"), x.at("2026-11-24", "08:00")
	s.Rules.HorizonDays = days
	loc := x.office.Location()
	for range offices {
		block, need := BlockMinutes(x.cat, x.queue), NeedOf(x.cat, s, x.queue, Standard, now)
		for n := range days {
			day := office.Day("2026-11-24").Add(n)
			openings := x.cat.Openings(x.queue, day, nil)
			if len(openings) == 0 {
				continue
			}
			plan := PlanOf(x.queue, openings, day, loc, block)
			need.Class = ClassFor(x.queue, loc, day, false, now)
			starts += len(Starts(plan, *taken, need))
		}
	}
	return starts
}

// The promise: a month of one service in 2 ms, 20 offices × 90 days in 10 ms at p99.

func BenchmarkSlotsMonth(b *testing.B)      { benchmarkCalendar(b, 1, 31, 0) }
func BenchmarkSlots90Days(b *testing.B)     { benchmarkCalendar(b, 20, 90, 0) }
func BenchmarkSlots90DaysBusy(b *testing.B) { benchmarkCalendar(b, 20, 90, 7) }

func benchmarkCalendar(b *testing.B, offices, days, tenths int) {
	x := benchHall(b)
	taken := x.busy(tenths)
	var took []time.Duration
	b.ReportAllocs()
	for b.Loop() {
		begun := time.Now()
		if x.calendar(offices, days, &taken) == 0 {
			b.Fatal("nothing is free")
		}
		took = append(took, time.Since(begun))
	}
	b.ReportMetric(p99(took), "p99-ms")
}

// p99 of some durations, in milliseconds.
func p99(took []time.Duration) float64 {
	slices.Sort(took)
	return float64(took[len(took)*99/100].Microseconds()) / 1000
}

package api_test

import (
	"fmt"
	"testing"

	"vez/api/apitest"
)

// BenchmarkSlotsOfTwentyOffices asks for 90 days of one service at twenty
// offices at once.
func BenchmarkSlotsOfTwentyOffices(b *testing.B) {
	for name, options := range map[string][]apitest.Option{"ledger": nil, "cells": {apitest.Cells()}} {
		b.Run(name, func(b *testing.B) {
			h := apitest.New(b, append(options, apitest.With(apitest.Chain(20)))...)
			for i := range 20 {
				h.Must(201, fmt.Sprintf("citizen:%d", i), "POST", "/bookings", fmt.Sprintf(`{"service":"renew","office":"branch%d","start":"2026-11-25T11:00:00+08:00"}`, i))
			}
			h.Queue.Compare()
			<-h.Queue.Settled()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := h.API.SlotsOf(b.Context(), "renew", "2026-11-24", "2027-02-21"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMonthOfSlots(b *testing.B) {
	h := apitest.New(b, apitest.Cells())
	for b.Loop() {
		if _, err := h.API.SlotsOf(b.Context(), "renew", "2026-11-24", "2026-12-23"); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkMoves has 64 clerks call, start and finish tickets that come in as
// fast as they go: each turn is a ticket issued and three moves.
func BenchmarkMoves(b *testing.B) {
	h := apitest.New(b)
	for i := range 64 {
		h.Must(200, fmt.Sprintf("clerk:%d@main", i), "POST", fmt.Sprintf("/counters/main-%d/open", i+1), "")
	}
	h.Token(kiosk)
	desks := make(chan int, 64)
	for i := range 64 {
		desks <- i
	}
	b.SetParallelism(32)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		i := <-desks
		who, path := fmt.Sprintf("clerk:%d@main", i), fmt.Sprintf("/counters/main-%d/", i+1)
		for pb.Next() {
			h.Must(201, kiosk, "POST", "/tickets", `{"office":"main","queue":"main-card","print":false}`)
			if a := h.Ask(who, "POST", path+"next", `{"finish":{}}`); a.Status == 200 {
				h.Must(200, who, "POST", path+"start", "")
			}
		}
	})
	b.ReportMetric(float64(3*b.N)/b.Elapsed().Seconds(), "moves/s")
}

// BenchmarkQueues is a live read.
func BenchmarkQueues(b *testing.B) {
	h := apitest.New(b)
	for range 20 {
		h.Must(201, kiosk, "POST", "/tickets", walkIn)
	}
	b.ReportAllocs()
	for b.Loop() {
		h.Must(200, "", "GET", "/offices/main/queues", "")
	}
}

package api

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/booking"
	_ "vez/hall/rapidtest" // the same programs in every run
)

// What is written by hand must be what the encoder would write, also on days
// when clocks are changed and where offsets are no whole hours.
func TestSlotsAreWrittenAsTheEncoderWouldWriteThem(t *testing.T) {
	zones := []string{"Asia/Macau", "Europe/Lisbon", "Australia/Lord_Howe", "America/St_Johns", "UTC"}
	days := []string{"2026-11-24", "2026-03-29", "2026-10-25", "2026-10-04", "2026-04-05", "2026-12-31"}
	rapid.Check(t, func(t *rapid.T) {
		parts, want := [][]byte{}, List[Slot]{Items: []Slot{}}
		for range rapid.IntRange(0, 3).Draw(t, "days") {
			loc, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
			if err != nil {
				t.Fatal(err)
			}
			day, _ := time.ParseInLocation(time.DateOnly, rapid.SampledFrom(days).Draw(t, "day"), loc)
			id := rapid.SampledFrom([]string{"main", `a"b`, "離島"}).Draw(t, "office")
			var slots []booking.Slot
			for _, cell := range rapid.SliceOfNDistinct(rapid.IntRange(0, 287), 0, 20, rapid.ID[int]).Draw(t, "cells") {
				slots = append(slots, booking.Slot{Start: day.Add(time.Duration(cell) * booking.Cell), Free: rapid.IntRange(1, 99).Draw(t, "free")})
			}
			sortSlots(slots)
			w := &slotWriter{days: 2}
			w.day(id, nil)
			w.day(id, slots)
			parts = append(parts, w.b)
			for _, s := range slots {
				want.Items = append(want.Items, Slot{s.Start, s.Free, id})
			}
		}
		expected, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if got := joinSlots(parts); string(got) != string(expected) {
			t.Fatalf("\n got %s\nwant %s", got, expected)
		}
	})
}

func sortSlots(s []booking.Slot) {
	for i := range s {
		for j := i; j > 0 && s[j].Start.Before(s[j-1].Start); j-- {
			s[j], s[j-1] = s[j-1], s[j]
		}
	}
}

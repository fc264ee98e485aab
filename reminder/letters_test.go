package reminder_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"vez/booking"
	"vez/office"
	"vez/reminder"
	"vez/reminder/remindertest"
)

func letters(t *testing.T, w *remindertest.World, s *reminder.Service, on office.Day) (ids []string) {
	t.Helper()
	plan(t, s)
	if err := s.Letters(context.Background()); err != nil {
		t.Fatal(err)
	}
	rows, err := s.Batch(context.Background(), remindertest.Office, on)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		ids = append(ids, r.Booking)
	}
	return ids
}

func TestTheLettersOfADayArePrintedOnceInTheMorning(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-01 09:00"))
	s := w.Hub("hub1", post(t))
	w.Address("reachable", remindertest.Email(1), "en")
	w.Book("tomorrow", "h1", remindertest.Card, at("2026-11-25 16:00"))
	w.Book("next-week", "h2", remindertest.Card, at("2026-12-01 09:00"))
	w.Book("mailed", "reachable", remindertest.Card, at("2026-11-25 16:00"))
	w.Book("bearer", "", remindertest.Card, at("2026-11-25 16:00"))
	w.Book("by-phone", "", remindertest.Card, at("2026-11-25 16:30"), func(b *booking.Booking) { b.Origin = booking.Reception })
	w.Book("today", "h3", remindertest.Card, at("2026-11-24 16:00"))
	w.Book("later", "h4", remindertest.Card, at("2026-12-03 09:00"))

	w.House.Advance(at("2026-11-24 07:29").Sub(w.House.Now()))
	if got := letters(t, w, s, "2026-11-24"); got != nil {
		t.Errorf("before half past seven: %q", got)
	}
	w.House.Advance(time.Minute)
	want := []string{"tomorrow", "by-phone", "next-week"}
	for range 3 {
		if got := letters(t, w, s, "2026-11-24"); !slices.Equal(got, want) {
			t.Errorf("letters %q, not %q", got, want)
		}
		w.House.Advance(time.Hour)
		w.Machine.Advance(time.Hour)
	}
	if !slices.Equal(w.Papers, []string{"demo-office/2026-11-24"}) {
		t.Errorf("paper was asked for as %q", w.Papers)
	}
	if got := w.Stands("tomorrow"); !slices.Contains(got, "24 paper sent job-demo-office/2026-11-24") {
		t.Errorf("it stands as %q", got)
	}
	w.House.Advance(at("2026-11-25 07:30").Sub(w.House.Now()))
	if got := letters(t, w, s, "2026-11-25"); got != nil {
		t.Errorf("a day later: %q", got)
	}
}

func TestWithoutAMailServerWhoeverLeftAnAddressGetsALetter(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-20 09:00"))
	w.Address("reachable", remindertest.Email(1), "en")
	w.Book("b1", "reachable", remindertest.Card, at("2026-11-25 16:00"))
	w.House.Advance(at("2026-11-24 08:00").Sub(w.House.Now()))
	if got := letters(t, w, w.Hub("hub1", nil), "2026-11-24"); !slices.Equal(got, []string{"b1"}) {
		t.Errorf("letters %q", got)
	}
	stands(t, w, "neither mailed nor forgotten", "b1", "168 memo skipped just_booked", "24 memo planned", "24 paper sent job-demo-office/2026-11-24", "2 memo planned")
}

func TestTheLastBatchBeforeAHolidayReachesOverIt(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-26 09:00"))
	s := w.Hub("hub1", nil)
	w.Book("monday", "h1", remindertest.Card, at("2026-11-30 10:00"))
	w.Book("tuesday", "h2", remindertest.Card, at("2026-12-01 10:00"))
	for _, c := range []struct {
		now  string
		day  office.Day
		want []string
	}{
		{"2026-11-27 08:00", "2026-11-27", []string{"monday"}}, // a Friday
		{"2026-11-28 08:00", "2026-11-28", nil},
		{"2026-11-29 08:00", "2026-11-29", nil},
		{"2026-11-30 08:00", "2026-11-30", []string{"tuesday"}},
	} {
		w.House.Advance(at(c.now).Sub(w.House.Now()))
		w.Machine.Advance(time.Hour)
		if got := letters(t, w, s, c.day); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, not %q", c.now, got, c.want)
		}
	}
}

func TestABatchWithoutPaperIsAskedForAgainAndIsTheSame(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-20 09:00"))
	w.Book("b1", "h1", remindertest.Card, at("2026-11-25 16:00"))
	w.House.Advance(at("2026-11-24 08:00").Sub(w.House.Now()))
	w.NoPaper = errNoPaper
	s := w.Hub("a", nil)
	plan(t, s)
	if err := s.Letters(context.Background()); err == nil {
		t.Error("nobody hears that there is no paper")
	}
	w.NoPaper = nil
	w.Book("b2", "h2", remindertest.Card, at("2026-11-25 16:30"))
	b := w.Hub("b", nil)
	w.Watches(b)
	if got := letters(t, w, b, "2026-11-24"); !slices.Equal(got, []string{"b1"}) || len(w.Papers) != 1 {
		t.Errorf("another hub made %q, asked for %q", got, w.Papers)
	}
	w.Change("b1", func(b *booking.Booking) { b.State = booking.Cancelled })
	if got := letters(t, w, w.Hub("b", nil), "2026-11-24"); !slices.Equal(got, []string{"b1"}) {
		t.Errorf("the batch changed to %q", got)
	}
}

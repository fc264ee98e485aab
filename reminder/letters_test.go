package reminder_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/ledger"
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

// TestTheLettersOfABatchMadeSinceABackupAreNotPrintedAgain restores a backup of
// the night on the same day, after the morning's letters.
func TestTheLettersOfABatchMadeSinceABackupAreNotPrintedAgain(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-20 09:00"))
	w.Book("tomorrow", "h1", remindertest.Card, at("2026-11-25 16:00"))
	w.Book("next-week", "h2", remindertest.Card, at("2026-12-03 09:00"))
	w.House.Advance(at("2026-11-24 03:00").Sub(w.House.Now()))
	w.Machine.Advance(w.House.Now().Sub(w.Machine.Now()))
	s := w.Hub("hub1", post(t))
	if got := letters(t, w, s, "2026-11-24"); got != nil {
		t.Fatalf("letters in the night: %q", got)
	}
	path := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := w.Backup(t.Context(), path, ledger.BackupOptions{KeyFile: true}); err != nil {
		t.Fatal(err)
	}
	w.House.Advance(5 * time.Hour)
	w.Machine.Advance(5 * time.Hour)
	if got := letters(t, w, s, "2026-11-24"); !slices.Equal(got, []string{"tomorrow"}) {
		t.Fatalf("letters of the morning: %q", got)
	}
	a, err := ledger.OpenArchive(path, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	cfg := ledger.Config{Dir: t.TempDir(), House: w.House, Machine: w.Machine}
	r, err := ledger.Restore(t.Context(), a, cfg, ledger.RestoreOptions{Mailed: true, Batches: func(from, to time.Time) []event.LetterBatch {
		return reminder.Batches(remindertest.Catalogue(), from, to)
	}})
	if err != nil || r.Letters != 1 {
		t.Fatalf("%d letters are unknown, not 1: %v", r.Letters, err)
	}
	if w.DB, err = ledger.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if w.Contacts, w.Mails, err = remindertest.Join(w.DB, w.Machine); err != nil {
		t.Fatal(err)
	}
	w.Papers = nil
	again := w.Hub("hub2", post(t))
	w.Watches(again)
	letters(t, w, again, "2026-11-24")
	if len(w.Papers) > 0 {
		t.Errorf("printed again: %q", w.Papers)
	}
	w.House.Advance(at("2026-12-02 08:00").Sub(w.House.Now()))
	if got := letters(t, w, again, "2026-12-02"); !slices.Equal(got, []string{"next-week"}) {
		t.Errorf("letters of next week: %q", got)
	}
}

func TestABatchMayHaveBeenMadeOnWorkingDaysInWorkingHours(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []string
	}{
		{"2026-11-24 03:00", "2026-11-24 07:29", nil},
		{"2026-11-24 03:00", "2026-11-24 07:30", []string{"2026-11-24 before 2026-11-25"}},
		{"2026-11-24 17:59", "2026-11-24 18:30", []string{"2026-11-24 before 2026-11-25"}},
		{"2026-11-24 18:00", "2026-11-25 07:00", nil},
		{"2026-11-27 12:00", "2026-11-30 12:00", []string{"2026-11-27 before 2026-11-30", "2026-11-30 before 2026-12-01"}},
	} {
		var got []string
		for _, b := range reminder.Batches(remindertest.Catalogue(), at(c.from), at(c.to)) {
			got = append(got, string(b.Day)+" before "+b.Until.In(remindertest.Macau).Format(time.DateOnly))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("from %s to %s: %q, not %q", c.from, c.to, got, c.want)
		}
	}
}

package reminder

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "vez/hall/rapidtest" // the same programs in every run
)

var macao = zone("Asia/Macau")

func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return loc
}

func clock(text string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", text, macao)
	if err != nil {
		panic(err)
	}
	return t
}

func TestRemindersFallDueByDayAndLeaveTheNightAlone(t *testing.T) {
	for _, c := range []struct {
		start  string
		before time.Duration
		want   string
	}{
		{"2026-11-25 10:00", 24 * time.Hour, "2026-11-24 10:00"},
		{"2026-11-25 10:00", 2 * time.Hour, "2026-11-25 08:00"},
		{"2026-11-25 09:00", 2 * time.Hour, "2026-11-25 07:00"},
		{"2026-11-25 10:00", 168 * time.Hour, "2026-11-18 10:00"},
		{"2026-11-25 07:30", 24 * time.Hour, "2026-11-24 08:00"},
		{"2026-11-25 20:59", 24 * time.Hour, "2026-11-24 20:59"},
		{"2026-11-25 21:00", 24 * time.Hour, "2026-11-25 08:00"},
		{"2026-11-25 23:30", 24 * time.Hour, "2026-11-25 08:00"},
		{"2026-11-25 00:10", 24 * time.Hour, "2026-11-24 08:00"},
		{"2026-11-25 20:00", 45 * time.Hour, "2026-11-24 08:00"},
	} {
		if got := DueAt(clock(c.start), c.before, macao); !got.Equal(clock(c.want)) {
			t.Errorf("%v before %s: %v, not %s", c.before, c.start, got.In(macao), c.want)
		}
	}
}

func TestADayBeforeIsTheSameHourWhereClocksChange(t *testing.T) {
	lisbon := zone("Europe/Lisbon")
	start := time.Date(2026, 10, 25, 10, 0, 0, 0, lisbon) // that morning clocks went back
	want := time.Date(2026, 10, 24, 10, 0, 0, 0, lisbon)
	if got := DueAt(start, 24*time.Hour, lisbon); !got.Equal(want) {
		t.Errorf("due %v", got.In(lisbon))
	}
}

func TestOfSeveralOverdueOnlyTheNearestIsSent(t *testing.T) {
	rules := []time.Duration{2 * time.Hour, 168 * time.Hour, 24 * time.Hour, 24 * time.Hour, 0}
	b := Facts{Start: clock("2026-11-25 10:00"), Agreed: clock("2026-11-01 12:00"), Zone: macao}
	for _, c := range []struct {
		agreed, now string
		want        []string
	}{
		{"2026-11-01 12:00", "2026-11-18 09:59", []string{"later", "later", "later"}},
		{"2026-11-01 12:00", "2026-11-18 10:00", []string{"now", "later", "later"}},
		{"2026-11-01 12:00", "2026-11-24 10:00", []string{Overtaken, "now", "later"}},
		{"2026-11-01 12:00", "2026-11-25 09:59", []string{Overtaken, Overtaken, "now"}},
		{"2026-11-01 12:00", "2026-11-25 10:00", []string{Past, Past, Past}},
		{"2026-11-20 12:00", "2026-11-20 12:00", []string{JustBooked, "later", "later"}},
		{"2026-11-20 12:00", "2026-11-25 08:00", []string{JustBooked, Overtaken, "now"}},
		{"2026-11-25 08:00", "2026-11-25 08:00", []string{JustBooked, JustBooked, JustBooked}},
	} {
		b.Agreed = clock(c.agreed)
		var got []string
		for _, d := range Choose(b, rules, clock(c.now)) {
			got = append(got, []string{"later", "now", d.Reason}[d.Verdict])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("agreed %s, now %s: %q, not %q", c.agreed, c.now, got, c.want)
		}
	}
}

func draw(r *rapid.T) (Facts, []time.Duration) {
	names := []string{"Asia/Macau", "Europe/Lisbon", "America/Sao_Paulo", "Australia/Lord_Howe", "UTC"}
	start := time.Unix(rapid.Int64Range(1_700_000_000, 1_900_000_000).Draw(r, "start"), 0).UTC().Truncate(time.Minute)
	minutes := rapid.SliceOfN(rapid.IntRange(-10, 30*24*60), 0, 5).Draw(r, "before")
	before := make([]time.Duration, len(minutes))
	for i, m := range minutes {
		before[i] = time.Duration(m) * time.Minute
		if rapid.Bool().Draw(r, "whole days") {
			before[i] = time.Duration(m/1440) * day
		}
	}
	agreed := start.Add(-time.Duration(rapid.IntRange(0, 40*24*60).Draw(r, "agreed")) * time.Minute)
	return Facts{Start: start, Agreed: agreed, Zone: zone(rapid.SampledFrom(names).Draw(r, "zone"))}, before
}

func TestAReminderIsDueBeforeTheStartAndNeverByNight(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b, before := draw(r)
		for _, d := range before {
			if d <= 0 {
				continue
			}
			at := DueAt(b.Start, d, b.Zone)
			if left := b.Start.Sub(at); left <= 0 || left < d/2 || left > d+2*time.Hour {
				r.Fatalf("%v before %v is due %v", d, b.Start, at)
			}
			if h := at.In(b.Zone).Hour(); d >= day && (h < quietTo || h >= quietFrom) {
				r.Fatalf("%v before is due at %v", d, at.In(b.Zone))
			}
		}
	})
}

// TestHoweverTheClockRunsEachCauseGoesOnceAndOneAtATime lets time jump back and
// forth, and keeps what was decided, as the ledger does.
func TestHoweverTheClockRunsEachCauseGoesOnceAndOneAtATime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b, before := draw(r)
		decided := map[time.Duration]bool{}
		sent := map[time.Duration]time.Time{}
		for range rapid.IntRange(1, 30).Draw(r, "looks") {
			now := b.Start.Add(-time.Duration(rapid.IntRange(-600, 31*24*60).Draw(r, "look")) * time.Minute)
			going := 0
			for _, c := range Choose(b, before, now) {
				if decided[c.Before] || c.Verdict == Later {
					continue
				}
				decided[c.Before] = true
				if c.Verdict == Never {
					continue
				}
				if _, again := sent[c.Before]; again || now.Before(c.At) || !now.Before(b.Start) || !b.Agreed.Before(c.At) {
					r.Fatalf("%v is sent at %v, due %v, agreed %v, start %v", c.Before, now, c.At, b.Agreed, b.Start)
				}
				sent[c.Before], going = now, going+1
			}
			if going > 1 {
				r.Fatalf("%d reminders at %v", going, now)
			}
		}
	})
}

func TestALookEachMinuteSendsAllThatFellDueAfterTheBooking(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b, before := draw(r)
		decided, want := map[time.Duration]bool{}, 0
		for _, c := range Choose(b, before, b.Agreed) {
			if c.Verdict == Later {
				want++ // those of one instant count once, below
			}
		}
		instants := map[time.Time]int{}
		for _, c := range Choose(b, before, b.Agreed) {
			if c.Verdict == Later {
				instants[c.At]++
			}
		}
		for _, n := range instants {
			want -= n - 1
		}
		sent := 0
		for _, look := range looks(b, before) {
			for _, c := range Choose(b, before, look) {
				if c.Verdict != Later && !decided[c.Before] {
					decided[c.Before] = true
					if c.Verdict == Now {
						sent++
					}
				}
			}
		}
		if sent != want {
			r.Fatalf("%d were sent, not %d", sent, want)
		}
	})
}

// looks are the instants at which something falls due, in order.
func looks(b Facts, before []time.Duration) (out []time.Time) {
	for _, d := range before {
		if at := DueAt(b.Start, d, b.Zone); d > 0 && !at.Before(b.Agreed) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

package office

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "vez/hall/rapidtest" // the same programs in every run
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func TestAWallClockTimeNamesOneInstant(t *testing.T) {
	const hm = "2006-01-02T15:04:05Z07:00"
	for _, c := range []struct {
		name, zone string
		day        Day
		after      time.Duration
		want       string
	}{
		{"plain", "Asia/Macau", "2026-11-24", 9 * time.Hour, "2026-11-24T09:00:00+08:00"},
		{"24 hours are the next midnight", "Asia/Macau", "2026-11-24", 24 * time.Hour, "2026-11-25T00:00:00+08:00"},
		{"skipped: the end of the gap", "Europe/Lisbon", "2026-03-29", 90 * time.Minute, "2026-03-29T02:00:00+01:00"},
		{"just before the gap", "Europe/Lisbon", "2026-03-29", 59 * time.Minute, "2026-03-29T00:59:00Z"},
		{"twice: the first", "Europe/Lisbon", "2026-10-25", 90 * time.Minute, "2026-10-25T01:30:00+01:00"},
		{"after the hour that came twice", "Europe/Lisbon", "2026-10-25", 2 * time.Hour, "2026-10-25T02:00:00Z"},
		{"skipped in the west", "America/New_York", "2026-03-08", 150 * time.Minute, "2026-03-08T03:00:00-04:00"},
		{"twice in the west", "America/New_York", "2026-11-01", 90 * time.Minute, "2026-11-01T01:30:00-04:00"},
		{"half an hour skipped", "Australia/Lord_Howe", "2026-10-04", 2*time.Hour + 10*time.Minute, "2026-10-04T02:30:00+11:00"},
		{"midnight itself skipped", "America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T01:00:00-02:00"},
		{"a whole day skipped", "Pacific/Apia", "2011-12-30", 9 * time.Hour, "2011-12-31T00:00:00+14:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.day.Time(c.after, zone(t, c.zone)).Format(hm); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	if !Day("no date").Time(0, time.UTC).IsZero() {
		t.Error("what is no date has no times")
	}
}

// Slow and plain: walk the minutes of the neighbouring days and take the first whose clock shows that time or later.
func firstAtOrAfter(d Day, after time.Duration, loc *time.Location) time.Time {
	noon, _ := time.Parse(time.DateOnly, string(d))
	wall := noon.Add(after)
	for t := noon.Add(-36 * time.Hour); ; t = t.Add(time.Minute) {
		if !wallOf(t.In(loc)).Before(wall) {
			return t.In(loc)
		}
	}
}

func TestAWallClockTimeIsTheFirstInstantThatShowsIt(t *testing.T) {
	zones := []string{"Asia/Macau", "Europe/Lisbon", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Africa/Cairo", "UTC"}
	days := []Day{"2018-11-04", "2018-02-18", "2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01", "2026-04-24", "2026-10-30"}
	rapid.Check(t, func(t *rapid.T) {
		loc, _ := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		day := rapid.SampledFrom(days).Draw(t, "day")
		after := time.Duration(rapid.IntRange(0, 24*60).Draw(t, "minute")) * time.Minute
		if got, want := day.Time(after, loc), firstAtOrAfter(day, after, loc); !got.Equal(want) {
			t.Fatalf("%s %v in %s: got %v, want %v", day, after, loc, got, want)
		}
	})
}

func TestADateIsReadAndWrittenAsTheStandardLibraryDoes(t *testing.T) {
	check := func(t interface{ Fatalf(string, ...any) }, s string) {
		want, err := time.Parse(time.DateOnly, s)
		if err != nil {
			want = time.Time{}
		}
		if got := Day(s).date(); !got.Equal(want) {
			t.Fatalf("%q is %s, not %s", s, got, want)
		}
	}
	for _, s := range []string{"", "2026-11-24", "2026-02-29", "2028-02-29", "2026-00-10", "2026-13-01", "2026-04-31", "2026-1-024", "2026-11-24 ",
		"20x6-11-24", "2026/11/24", "0000-01-01", "9999-12-31", "-026-01-01", "2026-11-00", "２０26-1-2"} {
		check(t, s)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.StringMatching(`[0-9]{4}-[0-3][0-9]-[0-9]{2}`).Draw(t, "date"))
		at := time.Unix(rapid.Int64Range(-70e9, 300e9).Draw(t, "at"), 0)
		loc := time.FixedZone("", rapid.IntRange(-50000, 50000).Draw(t, "offset"))
		if got, want := DayOf(at, loc), Day(at.In(loc).Format(time.DateOnly)); got != want {
			t.Fatalf("%s is %s, not %s", at.In(loc), got, want)
		}
	})
}

func TestAClockTellsWhatItsDayTells(t *testing.T) {
	var zones []*time.Location
	for _, name := range []string{"Asia/Macau", "Europe/Lisbon", "Australia/Lord_Howe", "Pacific/Apia", "America/Sao_Paulo", "UTC"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, loc)
	}
	rapid.Check(t, func(t *rapid.T) {
		loc := rapid.SampledFrom(zones).Draw(t, "zone")
		day := DayOf(time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, "day"), 0), loc)
		clock := day.Clock(loc)
		for range 8 {
			after := time.Duration(rapid.Int64Range(-int64(time.Hour), int64(30*time.Hour)).Draw(t, "after"))
			if got, want := clock.At(after), day.Time(after, loc); !got.Equal(want) || got.Location() != want.Location() {
				t.Fatalf("%s + %s is %s, not %s", day, after, got, want)
			}
		}
	})
}

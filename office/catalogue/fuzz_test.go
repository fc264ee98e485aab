package catalogue

import (
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"vez/office"
)

// FuzzLoad feeds any bytes as any of the files: whatever comes, there is either
// a catalogue or mistakes that say where and what to do. A catalogue that is
// taken can be lived by: its days open and shut in order, none outside of
// itself.
func FuzzLoad(f *testing.F) {
	files := small(f)
	names := []string{top, parks, hall, here}
	for i, name := range names {
		f.Add(i, files[name].Data)
	}
	for _, seed := range []string{"", "[", "- a\n- b", "a: &x 1\nb: *x", "? a\n: b", "a: !!str\n", "\x00", "{a: {b: {c: [}}}", "id: |\n  x", "---\n---\nid: 1", "<<: {a: 1}", "hours: {day: {mon: [1, [2]]}}"} {
		f.Add(0, []byte(seed))
		f.Add(2, []byte(seed))
	}
	f.Fuzz(func(t *testing.T, which int, data []byte) {
		files := small(t)
		files[names[uint(which)%4]] = &fstest.MapFile{Data: data}
		c, mistakes := Load(files)
		if (c == nil) != Failed(mistakes) {
			t.Errorf("a catalogue: %v, mistakes: %v", c != nil, mistakes)
		}
		for _, m := range mistakes {
			if m.File == "" || m.What == "" || m.Remedy == "" || m.Line < 0 {
				t.Errorf("badly said: %+v", m)
			}
		}
		if c != nil {
			livable(t, c)
		}
	})
}

// livable walks two weeks of every office and queue.
func livable(t *testing.T, c *office.Catalogue) {
	t.Helper()
	for _, o := range c.Offices {
		for n := range 14 {
			day := office.Day("2026-12-20").Add(n)
			ordered(t, o, day, c.OfficeOpenings(o, day, nil))
			for _, q := range c.QueuesOf(o.ID) {
				ordered(t, o, day, c.Openings(q, day, nil))
				_ = q.RulesOn(day)
			}
			c.WorkingDay(o, day)
		}
		_, _ = c.NextOpening(o, time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC), nil)
	}
	for _, s := range c.Services {
		if s.Minutes < 0 || len(s.Queues) > 0 && c.Queue(s.Queues[0]) == nil {
			t.Errorf("a service that cannot be: %+v", s)
		}
	}
}

func ordered(t *testing.T, o *office.Office, day office.Day, openings []office.Interval) {
	t.Helper()
	last := day.Time(0, o.Location())
	for _, i := range openings {
		if i.From.Before(last) || !i.To.After(i.From) || i.To.After(day.Add(1).Time(0, o.Location())) {
			t.Errorf("%s is open on %s %v", o.ID, day, openings)
		}
		last = i.To
	}
}

// FuzzValues writes anything where a time, a day, an opening, a distance, a
// share or numbers of counters are expected: it is refused in words, or within
// its bounds and the same when we write it ourselves.
func FuzzValues(f *testing.F) {
	for _, s := range []string{
		"none", "10 min", "1 h 30 min", "400 days", "401 days", "2 working days", "30 days", "24 h, 2 h", "60%", "100%", "NaN%", "1e2%", "0x1p-2%", "07:30", "24:00",
		"24:01", "09:00-13:00", "09:00 - 24:00", "13:00-09:00", "mon", "fri-mon", "sun-sun", "03-01", "02-29", "02-30", "1-9", "3", "9-1", "-1", "+3", "yes", "TRUE",
		"999999 days 999999 days", "1 s 1 s", "1s", "١٠ min", "2026-11-24", "2026-02-29", "0000-01-01", "一二三", "dsi-bir", "a--b", "１２",
	} {
		f.Add(s)
	}
	const most = 400 * 24 * time.Hour
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := duration(s); err == nil {
			again, err := duration(fmt.Sprintf("%d s", d/time.Second))
			if d < 0 || d > most || d%time.Second != 0 || d < 1_000_000*time.Second && (err != nil || again != d) {
				t.Errorf("%q lasts %v, again %v", s, d, again)
			}
		}
		if all, err := durations(s); err == nil && slices.ContainsFunc(all, func(d time.Duration) bool { return d <= 0 || d > most }) {
			t.Errorf("%q: %v", s, all)
		}
		if a, err := horizon(s); err == nil && (a.time < 0 || a.time > most || a.work < 0 || a.work > 999 || (a.time == 0) == (a.work == 0)) {
			t.Errorf("%q is %+v ahead", s, a)
		}
		if p, err := percent(s); err == nil && !(p >= 0 && p <= 1) {
			t.Errorf("%q is a share of %v", s, p)
		}
		if n, err := count(s); err == nil && (n < 0 || n > 100_000) {
			t.Errorf("%q counts %d", s, n)
		}
		if o, err := opening(s); err == nil {
			text := fmt.Sprintf("%02d:%02d-%02d:%02d", o.From/time.Hour, o.From%time.Hour/time.Minute, o.To/time.Hour, o.To%time.Hour/time.Minute)
			if again, err := opening(text); o.From < 0 || o.To <= o.From || o.To > 24*time.Hour || err != nil || again != o {
				t.Errorf("%q opens %v, again %v, %v", s, o, again, err)
			}
		}
		if days, err := daysOf(s); err == nil {
			seen := map[time.Weekday]bool{}
			for _, d := range days {
				if seen[d] || d < 0 || d > 6 {
					t.Errorf("%q is %v", s, days)
				}
				seen[d] = true
			}
		}
		if d, err := dayOfYear(s); err == nil && (d != s || office.Day("2028-"+s).Time(0, time.UTC).IsZero()) {
			t.Errorf("%q is the day %q", s, d)
		}
		if d, err := office.ParseDay(s); err == nil && (string(d) != s || d.Add(1).Add(-1) != d || d.Time(0, time.UTC).Weekday() != d.Weekday()) {
			t.Errorf("%q is the date %q", s, d)
		}
		if n, err := numbers(s, 500); err == nil && (len(n) == 0 || n[0] < 1 || n[len(n)-1] > 500 || !slices.IsSorted(n)) {
			t.Errorf("%q are the counters %v", s, n)
		}
		if _, err := yesNo(s); err != nil && err.Error() == "" {
			t.Error("refused without a word")
		}
		if goodID(s) && (len(s) > 60 || !idForm.MatchString(s)) {
			t.Errorf("%q is an id", s)
		}
	})
}

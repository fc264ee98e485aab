package office

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const h = time.Hour

// week gives the same spans from Monday to Friday.
func week(spans ...Span) (w Week) {
	for d := time.Monday; d <= time.Friday; d++ {
		w[d] = spans
	}
	return w
}

func sample(t testing.TB) (*Catalogue, *Office, *Queue) {
	o := &Office{ID: "here", Jurisdiction: "macao", TimeZone: "Asia/Macau", Hours: week(Span{9 * h, 13 * h}, Span{14*h + 30*time.Minute, 17*h + 45*time.Minute})}
	o.WithLocation(zone(t, "Asia/Macau"))
	q := &Queue{ID: "here-a", Office: "here", Counters: 5, Rules: DefaultRules()}
	c := &Catalogue{Offices: []*Office{o}, Queues: []*Queue{q}, Holidays: map[string]map[Day]Holiday{
		"macao": {
			"2026-12-08": {Day: "2026-12-08", Kind: PublicHoliday},
			"2026-12-21": {Day: "2026-12-21", Kind: Compensatory},
			"2026-12-31": {Day: "2026-12-31", Kind: HalfDay},
		},
		"hengqin": {"2026-11-24": {Day: "2026-11-24", Kind: PublicHoliday}},
	}}
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	return c, o, q
}

func at(day Day, clock string) time.Time {
	loc, _ := time.LoadLocation("Asia/Macau")
	t, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+clock, loc)
	if err != nil {
		panic(err)
	}
	return t
}

func words(list []Interval) string {
	var b []string
	for _, i := range list {
		b = append(b, i.From.Format("15:04")+"-"+i.To.Format("15:04"))
	}
	return strings.Join(b, " ")
}

func TestOpeningsFollowHoursHolidaysAndClosures(t *testing.T) {
	c, _, _ := sample(t)
	late := week(Span{14*h + 30*time.Minute, 19*h + 30*time.Minute})
	overlapping := week(Span{10 * h, 12 * h}, Span{9 * h, 10 * h}, Span{11 * h, 13 * h})
	shut := func(day Day, from, to, queue string) Closure {
		return Closure{From: at(day, from).UTC(), To: at(day, to).UTC(), Queue: queue}
	}
	for _, x := range []struct {
		name     string
		day      Day
		hours    *Week
		closures []Closure
		want     string
	}{
		{name: "the office's hours", day: "2026-11-24", want: "09:00-13:00 14:30-17:45"},
		{name: "a weekend", day: "2026-11-28", want: ""},
		{name: "the queue's own hours", day: "2026-11-24", hours: &late, want: "14:30-19:30"},
		{name: "touching and overlapping spans are one", day: "2026-11-24", hours: &overlapping, want: "09:00-13:00"},
		{name: "a holiday", day: "2026-12-08", want: ""},
		{name: "a compensatory day", day: "2026-12-21", want: ""},
		{name: "a half-day shuts at 13:00", day: "2026-12-31", want: "09:00-13:00"},
		{name: "a half-day cuts an opening", day: "2026-12-31", hours: ptr(week(Span{9 * h, 18 * h})), want: "09:00-13:00"},
		{name: "a holiday elsewhere does not count", day: "2026-11-24", want: "09:00-13:00 14:30-17:45"},
		{name: "a closure cuts a hole", day: "2026-11-24", closures: []Closure{shut("2026-11-24", "10:03", "11:00", "")}, want: "09:00-10:03 11:00-13:00 14:30-17:45"},
		{name: "a closure over the break", day: "2026-11-24", closures: []Closure{shut("2026-11-24", "12:00", "16:00", "here-a")}, want: "09:00-12:00 16:00-17:45"},
		{name: "another queue's closure", day: "2026-11-24", closures: []Closure{shut("2026-11-24", "09:00", "18:00", "here-b")}, want: "09:00-13:00 14:30-17:45"},
		{name: "another day's closure", day: "2026-11-24", closures: []Closure{shut("2026-11-25", "09:00", "18:00", "")}, want: "09:00-13:00 14:30-17:45"},
		{name: "a closure that ends before it begins", day: "2026-11-24", closures: []Closure{shut("2026-11-24", "12:00", "10:00", "")}, want: "09:00-13:00 14:30-17:45"},
		{name: "a typhoon", day: "2026-11-24", closures: []Closure{{From: at("2026-11-23", "20:00"), To: at("2026-11-25", "06:00")}}, want: ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			q := &Queue{ID: "here-a", Office: "here", Hours: x.hours}
			if got := words(c.Openings(q, x.day, x.closures)); got != x.want {
				t.Errorf("got %q, want %q", got, x.want)
			}
		})
	}
	if c.Openings(&Queue{Office: "nowhere"}, "2026-11-24", nil) != nil {
		t.Error("an unknown office is never open")
	}
}

func ptr[T any](v T) *T { return &v }

func TestAQueuesClosureLeavesTheHallOpen(t *testing.T) {
	c, o, _ := sample(t)
	list := c.OfficeOpenings(o, "2026-11-24", []Closure{{From: at("2026-11-24", "09:00"), To: at("2026-11-24", "18:00"), Queue: "here-a"}})
	if got := words(list); got != "09:00-13:00 14:30-17:45" {
		t.Error(got)
	}
}

func TestOpeningsAreApartAndInsideHours(t *testing.T) {
	c, _, q := sample(t)
	rapid.Check(t, func(t *rapid.T) {
		var shut []Closure
		for range rapid.IntRange(0, 6).Draw(t, "closures") {
			from := at("2026-11-24", "08:00").Add(time.Duration(rapid.IntRange(0, 660).Draw(t, "from")) * time.Minute)
			shut = append(shut, Closure{From: from, To: from.Add(time.Duration(rapid.IntRange(-10, 300).Draw(t, "for")) * time.Minute)})
		}
		list := c.Openings(q, "2026-11-24", shut)
		for m := 0; m < 24*60; m++ {
			now := Day("2026-11-24").Time(time.Duration(m)*time.Minute, at("2026-11-24", "00:00").Location())
			want := openAt(c.Openings(q, "2026-11-24", nil), now)
			for _, x := range shut {
				want = want && !(Interval{x.From, x.To}).Has(now)
			}
			if got := openAt(list, now); got != want {
				t.Fatalf("%s: open %v, want %v", now, got, want)
			}
		}
		for i := 1; i < len(list); i++ {
			if !list[i-1].To.Before(list[i].From) {
				t.Fatalf("not apart: %s", words(list))
			}
		}
	})
}

func TestTheNextOpeningSkipsWhatIsShut(t *testing.T) {
	c, o, _ := sample(t)
	for _, x := range []struct{ after, want string }{
		{"2026-11-24 08:00", "2026-11-24 09:00"},
		{"2026-11-24 09:00", "2026-11-24 09:00"},
		{"2026-11-24 09:01", "2026-11-24 14:30"},
		{"2026-11-27 15:00", "2026-11-30 09:00"},
		{"2026-12-07 18:00", "2026-12-09 09:00"},
		{"2026-12-31 10:00", "2027-01-01 09:00"},
	} {
		after := at(Day(x.after[:10]), x.after[11:])
		got, ok := c.NextOpening(o, after, nil)
		if !ok || got.From.Format("2006-01-02 15:04") != x.want {
			t.Errorf("after %s: %v %v, want %s", x.after, got.From, ok, x.want)
		}
	}
	if _, ok := c.NextOpening(&Office{}, at("2026-11-24", "08:00"), nil); ok {
		t.Error("an office without hours never opens")
	}
}

func TestWorkingDaysSkipWeekendsAndHolidaysOnly(t *testing.T) {
	c, o, _ := sample(t)
	for _, x := range []struct {
		from Day
		n    int
		want Day
	}{
		{"2026-11-24", 0, "2026-11-24"}, {"2026-11-24", 1, "2026-11-25"}, {"2026-11-27", 1, "2026-11-30"},
		{"2026-12-07", 1, "2026-12-09"}, {"2026-12-09", -1, "2026-12-07"}, {"2026-12-30", 1, "2026-12-31"},
		{"2026-12-18", 2, "2026-12-23"}, {"2026-11-30", -2, "2026-11-26"}, {"2026-11-28", -1, "2026-11-27"},
	} {
		if got := c.WorkingDays(o, x.from, x.n); got != x.want {
			t.Errorf("%s %+d: got %s, want %s", x.from, x.n, got, x.want)
		}
	}
	if got := c.WorkingDays(&Office{}, "2026-11-24", -3); got != "2026-11-21" {
		t.Errorf("without hours, calendar days count: %s", got)
	}
}

func TestAQueuesStatusIsDerived(t *testing.T) {
	c, _, q := sample(t)
	q.Rules.WalkInLimit = 40
	list := c.Openings(q, "2026-11-24", nil)
	for _, x := range []struct {
		name, clock      string
		issued, counters int
		paused           bool
		want             Status
	}{
		{"before hours", "08:59", 0, 3, false, StatusClosed},
		{"open", "09:00", 39, 1, false, StatusOpen},
		{"in the break", "13:00", 0, 3, true, StatusClosed},
		{"before the break is not before closing", "12:50", 0, 3, false, StatusOpen},
		{"paused", "10:00", 40, 0, true, StatusPaused},
		{"full", "10:00", 40, 0, false, StatusFull},
		{"nobody there", "10:00", 39, 0, false, StatusUnattended},
		{"last tickets", "17:15", 0, 0, false, StatusLastTickets},
		{"one minute earlier", "17:14", 0, 1, false, StatusOpen},
		{"after hours", "17:45", 0, 3, false, StatusClosed},
	} {
		t.Run(x.name, func(t *testing.T) {
			got := QueueStatus(q, list, at("2026-11-24", x.clock), x.issued, x.counters, x.paused)
			if got != x.want {
				t.Errorf("got %s, want %s", got, x.want)
			}
			if got.Issues() != (x.want == StatusOpen) {
				t.Error("only an open queue issues without more ado")
			}
		})
	}
	q.Rules.WalkInLimit, q.Rules.LastFiling = 0, h
	if got := QueueStatus(q, list, at("2026-11-24", "16:50"), 900, 1, false); got != StatusLastTickets {
		t.Errorf("without a limit never full, and the last filing counts: %s", got)
	}
}

func TestUntilTellsTheNextChange(t *testing.T) {
	c, _, q := sample(t)
	list := c.Openings(q, "2026-11-24", nil)
	for clock, want := range map[string]string{"08:00": "09:00", "09:00": "13:00", "13:00": "14:30", "15:00": "17:45"} {
		if got := Until(list, at("2026-11-24", clock)).Format("15:04"); got != want {
			t.Errorf("at %s: %s, want %s", clock, got, want)
		}
	}
	if !Until(list, at("2026-11-24", "18:00")).IsZero() {
		t.Error("nothing more today")
	}
}

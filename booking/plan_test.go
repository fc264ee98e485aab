package booking

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vez/office"
)

// profile writes runs of equal places, "09:00×3 18:00×0".
func profile(p Plan) string {
	var b []string
	for c := range p.Places {
		if c == 0 && p.Places[0] > 0 || c > 0 && p.Places[c] != p.Places[c-1] {
			b = append(b, fmt.Sprintf("%s×%d", p.Start(c).Format("15:04"), p.Places[c]))
		}
	}
	return strings.Join(b, " ")
}

func TestCapacityIsTheBookedShareOfTheCountersRoundedUp(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	for _, c := range []struct {
		counters int
		share    float64
		want     string
	}{
		{5, 0.6, "09:00×3 18:00×0"},
		{4, 0.6, "09:00×3 18:00×0"},
		{30, 0.1, "09:00×3 18:00×0"}, // 3.0000000000000004 in floating point
		{2, 0.5, "09:00×1 18:00×0"},
		{57, 1, "09:00×57 18:00×0"},
		{900, 1, "09:00×255 18:00×0"},
		{5, 0, ""},
		{0, 0.6, ""},
		// Blocks of 45 minutes: on, on, off, on, off, of twelve.
		{1, 0.6, "09:00×1 10:30×0 11:15×1 12:00×0 12:45×1 14:15×0 15:00×1 15:45×0 16:30×1 18:00×0"},
		{2, 0.1, "09:00×1 09:45×0 12:45×1 13:30×0 16:30×1 17:15×0"},
	} {
		x.queue.Counters, x.queue.Rules.BookedShare = c.counters, c.share
		if got := profile(x.plan("2026-11-24")); got != c.want {
			t.Errorf("%d × %v: got %q, want %q", c.counters, c.share, got, c.want)
		}
	}
}

func TestOnlyCellsWhollyInAnOpeningHavePlaces(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	open := []office.Interval{{From: x.at("2026-11-24", "09:03"), To: x.at("2026-11-24", "10:02")}, {From: x.at("2026-11-24", "11:00"), To: x.at("2026-11-24", "11:04")}}
	if got := profile(PlanOf(x.queue, open, "2026-11-24", x.office.Location(), 15)); got != "09:05×3 10:00×0" {
		t.Error(got)
	}
}

func TestBlocksOfASmallShareGoOnAfterABreak(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	x.queue.Counters, x.queue.Rules.BookedShare = 1, 0.5
	open := []office.Interval{{From: x.at("2026-11-24", "09:00"), To: x.at("2026-11-24", "10:00")}, {From: x.at("2026-11-24", "12:00"), To: x.at("2026-11-24", "13:00")}}
	if got := profile(PlanOf(x.queue, open, "2026-11-24", x.office.Location(), 20)); got != "09:00×1 09:20×0 09:40×1 10:00×0 12:20×1 12:40×0" {
		t.Error(got)
	}
}

func TestCellsAreElapsedTimeWhereClocksChange(t *testing.T) {
	x := newHall(t, "Europe/Lisbon")
	for day := range map[office.Day]bool{"2026-03-29": true, "2026-10-25": true, "2026-11-24": true} {
		loc := x.office.Location()
		openings := []office.Interval{{From: day.Time(0, loc), To: day.Time(24*h, loc)}}
		p := PlanOf(x.queue, openings, day, loc, 15)
		last := time.Time{}
		for c := range p.Places {
			start := p.Start(c)
			if back, exact := p.Cell(start); back != c || !exact {
				t.Fatalf("%s cell %d begins %v, which is in cell %d", day, c, start, back)
			}
			if !start.After(last) {
				t.Fatalf("%s cell %d does not come after the one before", day, c)
			}
			if (p.Places[c] > 0) != (office.DayOf(start, loc) == day) {
				t.Fatalf("%s cell %d at %v: places %d", day, c, start, p.Places[c])
			}
			last = start
		}
		if h := p.Halves[1]; !p.Start(h.From).Equal(x.at(day, "13:00")) {
			t.Errorf("%s: the halves part at %v", day, p.Start(h.From))
		}
	}
}

func TestABookingCoversWholeCells(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	midnight := x.at("2026-11-24", "00:00")
	for _, c := range []struct {
		clock    string
		minutes  int
		from, to int
	}{
		{"00:00", 15, 0, 3}, {"09:00", 15, 108, 111}, {"09:00", 12, 108, 111}, {"09:03", 15, 108, 112}, {"23:55", 30, 287, 288},
	} {
		if from, to := x.booked("2026-11-24", c.clock, c.minutes, Standard).Cells(midnight); from != c.from || to != c.to {
			t.Errorf("%s for %d: %d–%d, want %d–%d", c.clock, c.minutes, from, to, c.from, c.to)
		}
	}
	if from, to := x.booked("2026-11-23", "09:00", 15, Standard).Cells(midnight); from != to {
		t.Errorf("another day's booking covers %d–%d", from, to)
	}
}

func TestDurationsInCells(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	if s, b := ShortestCells(x.cat, x.queue), BlockMinutes(x.cat, x.queue); s != 3 || b != 45 {
		t.Errorf("shortest %d cells, blocks of %d minutes", s, b)
	}
	x.cat.Service("short").Rules.Bookable = false
	if s := ShortestCells(x.cat, x.queue); s != 6 {
		t.Errorf("a service that is not bookable counts: %d", s)
	}
	for minutes, want := range map[int]int{0: 1, 1: 1, 5: 1, 6: 2, 45: 9} {
		if got := CellsFor(minutes); got != want {
			t.Errorf("%d minutes: %d cells, want %d", minutes, got, want)
		}
	}
}

package booking

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/fault"
	"vez/office"
)

// clocks writes the offered starts as times of day.
func clocks(list []Slot) (out []string) {
	for _, s := range list {
		out = append(out, s.Start.Format("15:04"))
	}
	return out
}

func TestAnyFittingStartIsOfferedWhileTheDayIsUnderHalfFull(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	x.queue.Rules = open(0.6)
	p := x.plan("2026-11-24")
	need := Need{Cells: 3, Shortest: 3, Class: Standard, Now: x.at("2026-11-20", "10:00")}
	list := Starts(p, Taken{}, need)
	if len(list) != 106 || list[0].Start.Format(time.RFC3339) != "2026-11-24T09:00:00+08:00" || list[0].Free != 3 {
		t.Fatalf("%d starts, first %+v", len(list), list[0])
	}
	if last := list[105].Start.Format("15:04"); last != "17:45" {
		t.Errorf("the last start is %s", last)
	}
}

// A short opening makes the rules of a busy day easy to see.
func TestAStartThatFraysABusyDayIsNotOffered(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	x.queue.Counters, x.queue.Rules = 1, open(1)
	day := office.Day("2026-11-24")
	openings := []office.Interval{{From: x.at(day, "09:00"), To: x.at(day, "12:00")}}
	p := PlanOf(x.queue, openings, day, x.office.Location(), 15)
	taken := TakenOf(p, []Booking{x.booked(day, "09:00", 60, Standard), x.booked(day, "11:00", 30, Standard)}, x.at(day, "08:00"))
	// Free: 10:00–11:00 and 11:30–12:00; half the day is taken.
	for _, c := range []struct {
		cells, shortest int
		want            []string
	}{
		{3, 3, []string{"10:00", "10:15", "10:20", "10:25", "10:30", "10:45", "11:30", "11:45"}},
		{3, 1, []string{"10:00", "10:05", "10:10", "10:15", "10:20", "10:25", "10:30", "10:35", "10:40", "10:45", "11:30", "11:35", "11:40", "11:45"}},
		{6, 3, []string{"10:00", "10:15", "10:30", "11:30"}},
		{9, 3, []string{"10:00", "10:15"}},
		{13, 3, nil},
	} {
		got := clocks(Starts(p, taken, Need{Cells: c.cells, Shortest: c.shortest, Now: x.at(day, "08:00")}))
		if !slices.Equal(got, c.want) {
			t.Errorf("%d cells, shortest %d: %v, want %v", c.cells, c.shortest, got, c.want)
		}
	}
}

func TestStartsKeepToTheTimeThatTheRulesAllow(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	p := x.plan("2026-11-24")
	need := NeedOf(x.cat, x.cat.Service("short"), x.queue, Standard, x.at("2026-11-24", "16:00"))
	if got := clocks(Starts(p, Taken{}, need)); got[0] != "16:00" {
		t.Errorf("first %s", got[0])
	}
	x.cat.Service("short").Rules.Lead = time.Hour
	need = NeedOf(x.cat, x.cat.Service("short"), x.queue, Standard, x.at("2026-11-24", "16:01"))
	if got := clocks(Starts(p, Taken{}, need)); got[0] != "17:05" {
		t.Errorf("with a lead of an hour, first %s", got[0])
	}
	x.cat.Service("short").Rules.HorizonDays = 3
	need = NeedOf(x.cat, x.cat.Service("short"), x.queue, Standard, x.at("2026-11-20", "16:01"))
	if got := Starts(p, Taken{}, need); got != nil {
		t.Errorf("beyond the horizon: %v", got)
	}
}

func TestFitsTellsTakenFromNeverOffered(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	x.queue.Counters, x.queue.Rules = 1, open(1)
	day := office.Day("2026-11-24")
	p, now := x.plan(day), x.at(day, "09:30")
	taken := TakenOf(p, []Booking{x.booked(day, "10:00", 300, Standard)}, now)
	for clock, want := range map[string]fault.Code{
		"15:00": "", "09:45": "",
		"10:00": fault.SlotTaken, "09:50": fault.SlotTaken, "14:55": fault.SlotTaken,
		"09:00": fault.SlotNotOffered, // past
		"15:02": fault.SlotNotOffered, // no cell begins there
		"17:50": fault.SlotNotOffered, // runs into closing
		"08:00": fault.SlotNotOffered, // shut
		"15:05": fault.SlotNotOffered, // frays a day that is half full
	} {
		err := Fits(p, taken, x.at(day, clock), Need{Cells: 3, Shortest: 3, Now: now})
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%s: %q, want %q", clock, got, want)
		}
	}
}

func TestReleasedCellsAreFree(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	day, now := office.Day("2026-11-24"), x.at("2026-11-24", "08:00")
	with := func(change func(*Booking)) Booking {
		b := x.booked(day, "10:00", 15, Standard)
		change(&b)
		return b
	}
	for name, c := range map[string]struct {
		b    Booking
		want uint8
	}{
		"confirmed":          {with(func(*Booking) {}), 1},
		"held":               {with(func(b *Booking) { b.State, b.HeldUntil = Held, now.Add(1) }), 1},
		"held too long":      {with(func(b *Booking) { b.State, b.HeldUntil = Held, now }), 0},
		"cancelled, not yet": {with(func(b *Booking) { b.State, b.FreeAt = Cancelled, now.Add(1) }), 1},
		"cancelled, again":   {with(func(b *Booking) { b.State, b.FreeAt = Cancelled, now }), 0},
		"left to walk-ins":   {with(func(b *Booking) { b.State = Cancelled }), 1},
		"freed":              {with(func(b *Booking) { b.State, b.Freed = Cancelled, true }), 0},
		"of another day":     {with(func(b *Booking) { b.Day = "2026-11-25" }), 0},
		"used":               {with(func(b *Booking) { b.State = Fulfilled }), 1},
	} {
		taken := TakenOf(x.plan(day), []Booking{c.b}, now)
		if got := taken.Cells[120]; got != c.want {
			t.Errorf("%s: %d places taken, want %d", name, got, c.want)
		}
	}
}

func TestBudgetsFlowBackAtTheirHours(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	day := office.Day("2026-11-24") // 09:00–18:00, 3 places: 144 cells before 13:00, 180 after
	p := x.plan(day)
	if a, b := p.Halves[0], p.Halves[1]; a.Capacity != 144 || a.SameDay != 29 || a.Guaranteed != 14 || b.Capacity != 180 || b.SameDay != 36 || b.Guaranteed != 18 {
		t.Fatalf("budgets %+v", p.Halves)
	}
	free := func(class Class, now time.Time) int {
		cells, t := 0, Taken{}
		for c := 108; c < 156; c++ {
			s := newSheet(&p, &t, Need{Cells: 1, Shortest: 1, Class: class, Now: now})
			for range s.room(c) {
				t.Add(c, c+1, class)
				cells++
			}
		}
		return cells
	}
	for _, c := range []struct {
		name  string
		class Class
		now   time.Time
		want  int
	}{
		{"booked, days before", Standard, x.at("2026-11-20", "10:00"), 144 - 29 - 14},
		{"booked, once the guarantee has flowed back", Standard, x.at("2026-11-23", "09:00"), 144 - 29},
		{"booked, a minute earlier", Standard, x.at("2026-11-23", "08:59"), 144 - 29 - 14},
		{"booked, from the same day's hour", Standard, x.at(day, "07:30"), 144},
		{"same day, before its hour", SameDay, x.at(day, "07:29"), 0},
		{"same day, from its hour", SameDay, x.at(day, "07:30"), 144},
		{"guaranteed, days before", Guaranteed, x.at("2026-11-20", "10:00"), 14},
		{"guaranteed, once it has flowed back", Guaranteed, x.at("2026-11-23", "09:00"), 144 - 29},
	} {
		if got := free(c.class, c.now); got != c.want {
			t.Errorf("%s: %d cells, want %d", c.name, got, c.want)
		}
	}
}

func TestTheClassFollowsWhoAsksAndWhen(t *testing.T) {
	x := newHall(t, "Asia/Macau")
	for _, c := range []struct {
		guaranteed bool
		now        time.Time
		want       Class
	}{
		{false, x.at("2026-11-23", "10:00"), Standard},
		{false, x.at("2026-11-24", "07:29"), Standard},
		{false, x.at("2026-11-24", "07:30"), SameDay},
		{true, x.at("2026-11-24", "07:30"), Guaranteed},
	} {
		if got := ClassFor(x.queue, x.office.Location(), "2026-11-24", c.guaranteed, c.now); got != c.want {
			t.Errorf("%v %v: %s, want %s", c.guaranteed, c.now, got, c.want)
		}
	}
}

// spread draws evenly from a range, where rapid's own draws lean to its small
// end and would seldom make a day worth filling.
func spread(t *rapid.T, from, to int, label string) int {
	x := (rapid.Uint64().Draw(t, label) + 1) * 0x9E3779B97F4A7C15
	return from + int((x^x>>32)%uint64(to-from+1))
}

func anyOf[T any](t *rapid.T, list []T, label string) T {
	return list[spread(t, 0, len(list)-1, label)]
}

// drawPlan makes a plan of random capacity, openings, shares and clock changes.
func drawPlan(t *rapid.T) (Plan, time.Time) {
	zone := anyOf(t, []string{"Asia/Macau", "Europe/Lisbon"}, "zone")
	loc, _ := time.LoadLocation(zone)
	day := anyOf(t, []office.Day{"2026-11-24", "2026-03-29", "2026-10-25"}, "day")
	r := office.DefaultRules()
	r.BookedShare = float64(spread(t, 2, 10, "share")) / 10
	r.SameDayShare = float64(spread(t, 0, 3, "same day")) / 10
	r.GuaranteedShare = float64(spread(t, 0, 3, "guaranteed")) / 10
	q := &office.Queue{Counters: spread(t, 1, 6, "counters"), Rules: r}
	var openings []office.Interval
	from := time.Duration(spread(t, 0, 15*60, "opens")) * time.Minute
	for range spread(t, 1, 3, "openings") {
		to := from + time.Duration(spread(t, 20, 300, "for"))*time.Minute
		openings = append(openings, office.Interval{From: day.Time(from, loc), To: day.Time(to, loc)})
		from = to + time.Duration(spread(t, 1, 60, "break"))*time.Minute
	}
	p := PlanOf(q, openings, day, loc, 45)
	return p, p.Midnight.Add(time.Duration(spread(t, -40, 9, "now")) * time.Hour)
}

func drawNeed(t *rapid.T, now time.Time) Need {
	return Need{
		Cells: anyOf(t, []int{3, 6, 9}, "cells"), Shortest: 3, Now: now,
		Class: anyOf(t, []Class{Standard, Standard, SameDay, Guaranteed}, "class"),
	}
}

// Promise 2: a slot is never oversold; and what a page says is free is what would succeed.
func TestServicesBookedOverEachOtherUntilFullAgreeWithBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := drawPlan(t)
		model, taken := &naive{plan: &p}, Taken{}
		for range 400 {
			need := drawNeed(t, now)
			list := Starts(p, taken, need)
			if want := model.starts(need); !slices.EqualFunc(list, want, func(a, b Slot) bool { return a.Start.Equal(b.Start) && a.Free == b.Free }) {
				t.Fatalf("%+v after %d bookings:\n got %v\nwant %v", need, len(model.booked), list, want)
			}
			if len(list) == 0 && len(Starts(p, taken, Need{Cells: 3, Shortest: 3, Now: now, Class: Standard})) == 0 {
				break
			}
			cell := spread(t, 0, CellsPerDay-1, "any cell")
			if len(list) > 0 {
				cell, _ = p.Cell(anyOf(t, list, "start").Start)
			}
			offered := slices.ContainsFunc(list, func(s Slot) bool { return s.Start.Equal(p.Start(cell)) })
			if err := Fits(p, taken, p.Start(cell), need); (err == nil) != offered {
				t.Fatalf("%v: offered %v, decided %v", p.Start(cell), offered, err)
			}
			if offered {
				model.add(cell, need)
				taken.Add(cell, cell+need.Cells, need.Class)
			}
			for c := range p.Places {
				if taken.Cells[c] > p.Places[c] {
					t.Fatalf("cell %d oversold: %d of %d", c, taken.Cells[c], p.Places[c])
				}
			}
		}
	})
}

func TestFreeIsHowManyWouldSucceed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := drawPlan(t)
		var taken Taken
		for range spread(t, 0, 12, "before") {
			if list := Starts(p, taken, drawNeed(t, now)); len(list) > 0 {
				c, _ := p.Cell(anyOf(t, list, "start").Start)
				taken.Add(c, c+3, Standard)
			}
		}
		need := drawNeed(t, now)
		list := Starts(p, taken, need)
		if len(list) == 0 {
			return
		}
		slot := anyOf(t, list, "slot")
		c, _ := p.Cell(slot.Start)
		for k := range slot.Free {
			if err := Fits(p, taken, slot.Start, need); err != nil {
				t.Fatalf("booking %d of %d: %v", k+1, slot.Free, err)
			}
			taken.Add(c, c+need.Cells, need.Class)
		}
		if err := Fits(p, taken, slot.Start, need); err == nil {
			t.Fatalf("more than %d succeed", slot.Free)
		}
	})
}

func TestTheOccupancyStringOffersWhatBookingsOffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, now := drawPlan(t)
		var taken Taken
		for range spread(t, 0, 30, "before") {
			need := drawNeed(t, now)
			if list := Starts(p, taken, need); len(list) > 0 {
				c, _ := p.Cell(anyOf(t, list, "start").Start)
				taken.Add(c, c+need.Cells, Standard)
			}
		}
		need := drawNeed(t, now)
		if a, b := Starts(p, taken, need), Starts(p, TakenBytes(taken.Cells[:]), need); !slices.Equal(a, b) {
			t.Fatalf("%v, from bytes %v", a, b)
		}
	})
	if TakenBytes([]byte{1, 2}).Cells[1] != 2 || TakenBytes(make([]byte, 999)).Cells[3] != 0 {
		t.Error("a string of another length is read as far as it goes")
	}
}

func TestAPlanWithoutItsDayOffersNothing(t *testing.T) {
	p := PlanOf(&office.Queue{Counters: 3, Rules: open(1)}, nil, "", time.UTC, 15)
	if list := Starts(p, Taken{}, Need{Cells: 3}); list != nil {
		t.Error(list)
	}
	if err := Fits(p, Taken{}, time.Time{}, Need{Cells: 3}); fault.CodeOf(err) != fault.SlotNotOffered {
		t.Error(err)
	}
}

func BenchmarkMonthOfSlots(b *testing.B) {
	x := newHall(b, "Asia/Macau")
	x.queue.Counters = 8
	var all []Booking
	day := office.Day("2026-11-24")
	for d := range 90 {
		for i := range 40 {
			bk := x.booked(day.Add(d), "09:00", 30, Standard)
			bk.Start = bk.Start.Add(time.Duration(i%16) * 30 * time.Minute)
			bk.End = bk.Start.Add(30 * time.Minute)
			all = append(all, bk)
		}
	}
	x.cat.Service("middle").Rules.HorizonDays = 100
	now := x.at("2026-11-23", "10:00")
	b.ReportAllocs()
	for b.Loop() {
		need := NeedOf(x.cat, x.cat.Service("middle"), x.queue, Standard, now)
		for d := range 90 {
			p := x.plan(day.Add(d))
			Starts(p, TakenOf(p, all[d*40:(d+1)*40], now), need)
		}
	}
}

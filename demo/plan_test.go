package demo

import (
	"math"
	"reflect"
	"testing"
	"time"
)

func TestTheSameSeedGivesTheSamePublic(t *testing.T) {
	public := func(seed uint64) []any {
		s, err := newSim(Config{URL: "http://127.0.0.1", Clock: newHub(t, 1).clock, Seed: seed, Scale: 1})
		if err != nil {
			t.Fatal(err)
		}
		h := newHall(s, planOffice(fakeOffice(), fakeServices(), 1))
		out := []any{}
		for _, w := range h.wishes(morning, 1, morning) {
			svc, _ := w.queue.service(w.luck, true)
			out = append(out, w.at.Unix(), *h.somebody(w.luck, w.queue, svc))
		}
		return out
	}
	if one := public(1); len(one) < 20 || !reflect.DeepEqual(one, public(1)) {
		t.Errorf("two publics of one seed differ, or there are few: %d", len(one)/2)
	}
	if reflect.DeepEqual(public(1), public(2)) {
		t.Error("the seed changes nothing")
	}
}

func TestTheLimitOfAQueueLastsForPeople(t *testing.T) {
	o := fakeOffice()
	o.Queues[0].WalkInLimit = 30
	p := planOffice(o, fakeServices(), 1)
	if a := p.queues[0]; a.walkIns()*o.openHours() > limitUsed*30+0.001 || a.perHour <= 0 {
		t.Errorf("%.1f walk-ins an hour use up 30 tickets", a.walkIns())
	}
	if small, large := len(p.queues[0].desks), len(planOffice(fakeOffice(), fakeServices(), 1).queues[0].desks); small != 1 || large != 2 {
		t.Errorf("%d clerks for few people, %d for many", small, large)
	}
}

func TestAQueueByBookingOnlyGetsNoWalkIns(t *testing.T) {
	o := fakeOffice()
	o.Queues[0].WalkIn, o.Queues[0].WalkInLimit = false, 0
	q := planOffice(o, fakeServices(), 1).queues[0]
	if q.walkIns() != 0 || q.booked != 1 || q.perHour == 0 {
		t.Errorf("%v walk-ins, %v booked of %v", q.walkIns(), q.booked, q.perHour)
	}
}

func TestHalfAPublicIsHalfAsLarge(t *testing.T) {
	o := fakeOffice()
	o.Queues[0].WalkInLimit, o.Queues[1].WalkInLimit = 60, 0 // the second has none
	whole, half := planOffice(o, fakeServices(), 1), planOffice(o, fakeServices(), 0.5)
	for i, q := range whole.queues {
		if r := half.queues[i].perHour / q.perHour; math.Abs(r-0.5) > 0.01 {
			t.Errorf("%s: %v", q.ID, r)
		}
	}
}

func TestServiceTimesAreLogNormalAroundTheMean(t *testing.T) {
	c := chanceOf(1, "test", "", 0)
	const n = 20000
	var sum, logs, squares float64
	for range n {
		d := c.serviceTime(15 * time.Minute).Minutes()
		sum, logs, squares = sum+d, logs+math.Log(d), squares+math.Log(d)*math.Log(d)
	}
	if mean := sum / n; math.Abs(mean-15) > 0.6 {
		t.Errorf("mean %v", mean)
	}
	if s := math.Sqrt(squares/n - logs*logs/n/n); math.Abs(s-spread) > 0.03 {
		t.Errorf("spread %v", s)
	}
}

func TestEventsAtRandomComeAsOftenAsExpected(t *testing.T) {
	c := chanceOf(1, "test", "", 0)
	total, gaps, picked := 0, 0.0, [3]float64{}
	const n = 20000
	for range n {
		total += c.count(2.5)
		gaps += c.gap(4).Minutes()
		picked[c.pick(3, func(i int) float64 { return float64(i) })]++
	}
	if m := float64(total) / n; math.Abs(m-2.5) > 0.05 {
		t.Errorf("count: %v", m)
	}
	if m := gaps / n; math.Abs(m-15) > 0.4 {
		t.Errorf("gap: %v", m)
	}
	if picked[0] != 0 || math.Abs(picked[2]/picked[1]-2) > 0.1 {
		t.Errorf("pick: %v", picked)
	}
	if c.pick(3, func(int) float64 { return 0 }) != -1 {
		t.Error("something was picked from nothing")
	}
}

func TestADayIsADomeWithADipAtLunch(t *testing.T) {
	at := func(h, m int) float64 { return crowd(time.Date(2026, 11, 24, h, m, 0, 0, macao)) }
	if !(at(9, 0) < at(11, 0) && at(13, 0) < 0.6*at(11, 0) && at(13, 0) < at(15, 0) && at(18, 0) < at(15, 0)) {
		t.Error(at(9, 0), at(11, 0), at(13, 0), at(15, 0), at(18, 0))
	}
	if at(0, 0) <= 0 || at(23, 59) <= 0 || at(11, 30) != 1.125 {
		t.Error(at(0, 0), at(23, 59), at(11, 30))
	}
}

func TestBreaksAreStaggeredAndNoneIsTakenTwiceAtMidday(t *testing.T) {
	day := []span{{morning.Add(-30 * time.Minute), morning.Add(510 * time.Minute)}}
	lunches := map[time.Time]int{}
	for n := range 9 {
		for _, p := range pausesOf(chanceOf(1, "x", "", n), n, false, day) {
			if p.from.Before(day[0].from) || p.from.Add(p.long).After(day[0].to) {
				t.Errorf("a break outside the day: %v", p)
			}
			if p.reason == "lunch" {
				lunches[p.from]++
			}
		}
	}
	if len(lunches) != 3 {
		t.Errorf("lunch at %v", lunches)
	}
	noon := morning.Add(150 * time.Minute)
	for _, p := range pausesOf(chanceOf(1, "x", "", 0), 0, false, []span{{day[0].from, noon}, {noon.Add(2 * time.Hour), day[0].to}}) {
		if p.reason == "lunch" {
			t.Error("lunch beside the closure at midday")
		}
	}
	if pausesOf(chanceOf(1, "x", "", 0), 0, false, nil) != nil {
		t.Error("a break on a day off")
	}
}

func TestOpeningsAreThoseOfTheWeekday(t *testing.T) {
	p := planOffice(fakeOffice(), fakeServices(), 1)
	got := p.opens(morning)
	if len(got) != 1 || !got[0].from.Equal(morning.Add(-30*time.Minute)) || !got[0].to.Equal(morning.Add(510*time.Minute)) {
		t.Errorf("%v", got)
	}
	if got := p.opens(morning.AddDate(0, 0, 4)); len(got) != 0 {
		t.Errorf("Saturday: %v", got)
	}
}

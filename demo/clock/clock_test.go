package clock

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

var (
	macao   = time.FixedZone("Macao", 8*3600)
	machine = time.Date(2026, 11, 1, 3, 0, 0, 0, time.UTC)
	house   = time.Date(2026, 11, 24, 9, 30, 0, 0, macao)
)

func newClock(t *testing.T, speed float64) (*Clock, *clockwork.FakeClock) {
	t.Helper()
	fake := clockwork.NewFakeClockAt(machine)
	c, err := New(fake, house, speed)
	if err != nil {
		t.Fatal(err)
	}
	return c, fake
}

// pass lets machine time pass once n timers wait for it.
func pass(t *testing.T, fake *clockwork.FakeClock, n int, d time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := fake.BlockUntilContext(ctx, n); err != nil {
		t.Fatal(err)
	}
	fake.Advance(d)
}

// receive waits for what a timer sends.
func receive(t *testing.T, from <-chan time.Time) time.Time {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	select {
	case at := <-from:
		return at
	case <-ctx.Done():
		t.Fatal("nothing came")
		return time.Time{}
	}
}

func TestItStartsAnywhereAndRunsFaster(t *testing.T) {
	c, fake := newClock(t, 10)
	if !c.Now().Equal(house) || c.Now().Location() != macao {
		t.Errorf("starts at %v", c.Now())
	}
	fake.Advance(time.Minute)
	if want := house.Add(10 * time.Minute); !c.Now().Equal(want) {
		t.Errorf("after a minute: %v, want %v", c.Now(), want)
	}
	if c.Since(house) != 10*time.Minute || c.Until(house.Add(time.Hour)) != 50*time.Minute {
		t.Errorf("since %v, until %v", c.Since(house), c.Until(house.Add(time.Hour)))
	}
}

func TestAtSpeedOneNoNanosecondIsLostInAYear(t *testing.T) {
	c, fake := newClock(t, 1)
	fake.Advance(365*24*time.Hour + 1)
	if got := c.Since(house); got != 365*24*time.Hour+1 {
		t.Errorf("%d ns passed", got)
	}
}

func TestImpossibleSpeedsAreRefused(t *testing.T) {
	for _, speed := range []float64{0, -1, math.NaN(), math.Inf(1), Fastest + 1} {
		if _, err := New(clockwork.NewFakeClock(), house, speed); err == nil {
			t.Errorf("speed %v was taken", speed)
		}
	}
}

func TestTimersKeepHouseTimeAndTellIt(t *testing.T) {
	c, fake := newClock(t, 10)
	timer := c.NewTimer(time.Minute)
	pass(t, fake, 1, 6*time.Second-1)
	select {
	case <-timer.Chan():
		t.Fatal("it came early")
	default:
	}
	fake.Advance(1)
	if at := receive(t, timer.Chan()); !at.Equal(house.Add(time.Minute)) {
		t.Errorf("it told %v", at)
	}
	timer.Reset(time.Hour)
	pass(t, fake, 1, 6*time.Minute)
	if at := receive(t, timer.Chan()); !at.Equal(house.Add(time.Hour + time.Minute)) {
		t.Errorf("after a reset it told %v", at)
	}
}

func TestAStoppedTimerSendsNothing(t *testing.T) {
	c, fake := newClock(t, 10)
	timer := c.NewTimer(time.Minute)
	if !timer.Stop() {
		t.Error("it was not running")
	}
	fake.Advance(time.Hour)
	select {
	case <-timer.Chan():
		t.Error("it sent all the same")
	default:
	}
	if timer.Stop() {
		t.Error("it was stopped twice")
	}
}

func TestAfterSleepAndAfterFuncAreScaled(t *testing.T) {
	c, fake := newClock(t, 60)
	done := make(chan time.Time, 2)
	go func() { c.Sleep(time.Hour); done <- c.Now() }()
	c.AfterFunc(time.Hour, func() { done <- c.Now() })
	after := c.After(time.Hour)
	pass(t, fake, 3, time.Minute)
	for _, from := range []<-chan time.Time{after, done, done} {
		if at := receive(t, from); !at.Equal(house.Add(time.Hour)) {
			t.Errorf("told %v", at)
		}
	}
}

func TestTickersDoNotDriftAndSkipWhatNobodyTook(t *testing.T) {
	c, fake := newClock(t, 10)
	ticker := c.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for i := 1; i <= 3; i++ {
		pass(t, fake, 1, time.Second)
		if at := receive(t, ticker.Chan()); !at.Equal(house.Add(time.Duration(i) * 10 * time.Second)) {
			t.Errorf("tick %d at %v", i, at)
		}
	}
	pass(t, fake, 1, 5500*time.Millisecond)
	receive(t, ticker.Chan())
	pass(t, fake, 1, 500*time.Millisecond)
	if at := receive(t, ticker.Chan()); !at.Equal(house.Add(90 * time.Second)) {
		t.Errorf("after a gap it ticks at %v", at)
	}
}

func TestAStoppedTickerTicksNoMoreAndAResetOneAnew(t *testing.T) {
	c, fake := newClock(t, 10)
	ticker := c.NewTicker(10 * time.Second)
	ticker.Stop()
	fake.Advance(time.Minute)
	select {
	case <-ticker.Chan():
		t.Fatal("a stopped ticker ticked")
	default:
	}
	ticker.Reset(20 * time.Second)
	pass(t, fake, 1, 2*time.Second)
	if at := receive(t, ticker.Chan()); !at.Equal(house.Add(620 * time.Second)) {
		t.Errorf("it told %v", at)
	}
}

func TestADemonstrationFindsTheHallsOpen(t *testing.T) {
	holiday := time.Date(2026, 12, 8, 0, 0, 0, 0, macao)
	open := func(at time.Time) bool {
		at = at.In(macao)
		weekend := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
		return !weekend && at.YearDay() != holiday.YearDay() && at.Hour() >= 9 && at.Hour() < 18
	}
	for _, c := range []struct{ name, now, want string }{
		{"while they are open it is now", "2026-11-24T14:05:07+08:00", "2026-11-24T14:05:07+08:00"},
		{"before they open it is the same morning", "2026-11-24T07:00:00+08:00", "2026-11-24T10:00:00+08:00"},
		{"in the evening it is the next morning", "2026-11-24T19:00:00+08:00", "2026-11-25T10:00:00+08:00"},
		{"on a Saturday it is Monday", "2026-11-28T11:00:00+08:00", "2026-11-30T10:00:00+08:00"},
		{"a holiday is passed over", "2026-12-07T20:00:00+08:00", "2026-12-09T10:00:00+08:00"},
		{"the day is that of the halls", "2026-11-24T23:30:00Z", "2026-11-25T10:00:00+08:00"},
	} {
		now, _ := time.Parse(time.RFC3339, c.now)
		want, _ := time.Parse(time.RFC3339, c.want)
		if got := Start(now, macao, open); !got.Equal(want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
	never := Start(house, macao, func(time.Time) bool { return false })
	if !never.Equal(house) {
		t.Errorf("with no open day it is %v", never)
	}
}

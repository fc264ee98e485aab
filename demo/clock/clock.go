package clock

import (
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// Clock is house time. It is safe for concurrent use.
type Clock struct {
	machine clockwork.Clock
	origin  time.Time // machine time when it started
	start   time.Time // house time when it started
	speed   float64
}

var _ clockwork.Clock = (*Clock)(nil)

// Fastest is the highest speed: an hour a second.
const Fastest = 3600

// New starts a clock that shows start now and runs speed times as fast as the
// machine's. Its times are in start's time zone. It refuses a speed that is not
// above 0 and at most Fastest.
func New(machine clockwork.Clock, start time.Time, speed float64) (*Clock, error) {
	if !(speed > 0 && speed <= Fastest) { // NaN is refused too
		return nil, fmt.Errorf("a clock's speed is above 0 and at most %d, not %v", Fastest, speed)
	}
	return &Clock{machine: machine, origin: machine.Now(), start: start.Round(0), speed: speed}, nil
}

// Speed says how many seconds pass here in one of the machine's.
func (c *Clock) Speed() float64 { return c.speed }

// Now is house time.
func (c *Clock) Now() time.Time {
	passed := c.machine.Now().Sub(c.origin)
	if c.speed == 1 {
		return c.start.Add(passed)
	}
	return c.start.Add(time.Duration(float64(passed) * c.speed))
}

// Since is how much house time has passed since t.
func (c *Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Until is how much house time passes until t.
func (c *Clock) Until(t time.Time) time.Duration { return t.Sub(c.Now()) }

// Machine gives the machine's duration of a house duration, rounded up so that
// nothing comes early.
func (c *Clock) Machine(d time.Duration) time.Duration {
	if c.speed == 1 || d <= 0 {
		return d
	}
	m := math.Ceil(float64(d) / c.speed)
	if m >= math.MaxInt64 {
		return math.MaxInt64
	}
	return time.Duration(m)
}

// Sleep waits for d of house time.
func (c *Clock) Sleep(d time.Duration) { c.machine.Sleep(c.Machine(d)) }

// After sends house time once d of it has passed.
func (c *Clock) After(d time.Duration) <-chan time.Time { return c.NewTimer(d).Chan() }

// AfterFunc calls f in a goroutine of its own once d of house time has passed.
func (c *Clock) AfterFunc(d time.Duration, f func()) clockwork.Timer {
	return &timer{clock: c, below: c.machine.AfterFunc(c.Machine(d), f)}
}

// NewTimer sends house time once d of it has passed.
func (c *Clock) NewTimer(d time.Duration) clockwork.Timer {
	t := &timer{clock: c, out: make(chan time.Time, 1)}
	t.below = c.machine.AfterFunc(c.Machine(d), func() { offer(t.out, c.Now()) })
	return t
}

// NewTicker sends house time every d of it; ticks that nobody takes are
// dropped, and no more than one a millisecond of the machine's is sent. It
// panics when d is not above 0, as that of package time does.
func (c *Clock) NewTicker(d time.Duration) clockwork.Ticker {
	t := &ticker{clock: c, out: make(chan time.Time, 1)}
	t.Reset(d)
	return t
}

func offer(out chan time.Time, now time.Time) {
	select {
	case out <- now:
	default:
	}
}

// timer is one of the machine's, told in house time.
type timer struct {
	clock *Clock
	below clockwork.Timer
	out   chan time.Time // nil for AfterFunc
}

func (t *timer) Chan() <-chan time.Time { return t.out }

// Stop also takes back what was sent and not yet received, as timers of package
// time do.
func (t *timer) Stop() bool {
	stopped := t.below.Stop()
	return t.drain() || stopped
}

func (t *timer) Reset(d time.Duration) bool {
	active := t.Stop()
	t.below.Reset(t.clock.Machine(d))
	return active
}

func (t *timer) drain() bool {
	select {
	case <-t.out:
		return true
	default:
		return false
	}
}

// ticker rearms one of the machine's timers, reckoning each tick from the first
// so that it does not drift.
type ticker struct {
	clock *Clock
	out   chan time.Time

	mu    sync.Mutex
	below clockwork.Timer
	every time.Duration // machine time
	next  time.Time     // machine time
	turn  int           // counts resets, so that a tick under way knows it is old
}

func (t *ticker) Chan() <-chan time.Time { return t.out }

func (t *ticker) Stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop()
}

func (t *ticker) stop() {
	t.turn++
	if t.below != nil {
		t.below.Stop()
	}
}

func (t *ticker) Reset(d time.Duration) {
	if d <= 0 {
		panic("clock: a ticker's interval must be above 0")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.stop()
	t.every = max(t.clock.Machine(d), time.Millisecond)
	t.next = t.clock.machine.Now().Add(t.every)
	t.arm(t.every)
}

// arm sets the next tick. The lock is held.
func (t *ticker) arm(in time.Duration) {
	turn := t.turn
	t.below = t.clock.machine.AfterFunc(in, func() { t.tick(turn) })
}

func (t *ticker) tick(turn int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if turn != t.turn {
		return
	}
	offer(t.out, t.clock.Now())
	now := t.clock.machine.Now()
	if late := now.Sub(t.next); late >= 0 {
		t.next = t.next.Add((late/t.every + 1) * t.every)
	}
	t.arm(t.next.Sub(now))
}

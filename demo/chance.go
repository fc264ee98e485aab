package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// chance is one actor's luck: the same seed and name give the same choices,
// whatever others do and in which order the answers come.
type chance struct{ *rand.Rand }

func chanceOf(seed uint64, kind, name string, n int) chance {
	h := fnv.New64a()
	_, _ = h.Write([]byte(kind + "\x00" + name + "\x00" + strconv.Itoa(n))) // a hash takes everything
	return chance{rand.New(rand.NewPCG(seed, h.Sum64()))}
}

// happens is true with a probability.
func (c chance) happens(p float64) bool { return c.Float64() < p }

// between is uniform.
func (c chance) between(a, b time.Duration) time.Duration {
	return a + time.Duration(c.Float64()*float64(b-a))
}

// spread is the deviation of the logarithm of service times (facts on order).
const spread = 0.7

// serviceTime is log-normal around a mean, between half a minute and four times the mean.
func (c chance) serviceTime(mean time.Duration) time.Duration {
	d := time.Duration(float64(mean) * math.Exp(spread*c.NormFloat64()-spread*spread/2))
	return min(max(d, 30*time.Second), 4*mean)
}

// gap is the time to the next of events that come at random, so many an hour.
func (c chance) gap(perHour float64) time.Duration {
	return time.Duration(c.ExpFloat64() / perHour * float64(time.Hour))
}

// count is how many of such events there are when mean are expected (Knuth,
// The Art of Computer Programming 2, 3.4.1).
func (c chance) count(mean float64) int {
	limit, n := math.Exp(-mean), 0
	for p := c.Float64(); p > limit; p *= c.Float64() {
		n++
	}
	return n
}

// pick chooses an index by weight; -1 when all weights are 0.
func (c chance) pick(n int, weight func(i int) float64) int {
	total := 0.0
	for i := range n {
		total += weight(i)
	}
	x := c.Float64() * total
	for i := range n {
		if x -= weight(i); x < 0 {
			return i
		}
	}
	return -1
}

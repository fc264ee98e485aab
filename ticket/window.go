package ticket

import (
	"math"
	"time"

	"vez/office"
)

// Estimates of a wait: service times are taken as log-normal, which fits counter
// services well (Brown et al., "Statistical analysis of a telephone call center",
// JASA 100, 2005), with this standard deviation of the logarithm.
const sigma = 0.7

// tenth is how many standard deviations the 10th and 90th percentiles of a
// normal distribution lie from its middle.
const tenth = 1.2816

// windowGrid is what windows are rounded outward to.
const windowGrid = 5 * time.Minute

// Window is when somebody may expect to be called, from the 10th to the 90th
// percentile. ahead holds the mean service time of each person ahead, those
// being served included with what they may still need; counters are those open
// for them (at least 1 is taken); openings are the hall's of the day, in order,
// and the window skips the time between them. Past the last opening it runs on,
// for the caller to see that the day is too short.
//
// The sum is approximated by one log-normal with the same mean and variance
// (Fenton, IRE Transactions 8, 1960), divided by the counters. The ends are
// rounded outward to whole five minutes. Neither moves forward when somebody is
// added ahead: one more adds more to the mean than to the spread, as long as
// fewer than a million are ahead.
func Window(ahead []time.Duration, counters int, now time.Time, openings []office.Interval) (from, to time.Time) {
	low, high := waits(ahead)
	n := float64(max(counters, 1))
	from = open(now, openings, time.Duration(low/n)).Truncate(windowGrid)
	to = open(now, openings, time.Duration(high/n))
	if cut := to.Truncate(windowGrid); cut.Before(to) {
		to = cut.Add(windowGrid)
	}
	return from, later(to, from.Add(windowGrid))
}

// waits gives the two percentiles of the sum of the service times, in nanoseconds.
func waits(ahead []time.Duration) (low, high float64) {
	var mean, squares float64
	for _, d := range ahead {
		m := float64(max(d, 0))
		mean += m
		squares += m * m
	}
	if mean == 0 {
		return 0, 0
	}
	// One log-normal of mean m has the variance m²(e^σ²−1).
	s2 := math.Log1p(squares * math.Expm1(sigma*sigma) / (mean * mean))
	s := math.Sqrt(s2)
	return mean * math.Exp(-s2/2-tenth*s), mean * math.Exp(-s2/2+tenth*s)
}

// open is the instant at which the hall has been open for d from now on.
func open(now time.Time, openings []office.Interval, d time.Duration) time.Time {
	at := now
	for _, o := range openings {
		if !at.Before(o.To) {
			continue
		}
		at = later(at, o.From)
		if left := o.To.Sub(at); d < left {
			return at.Add(d)
		}
		d -= o.To.Sub(at)
		at = o.To
	}
	return at.Add(d)
}

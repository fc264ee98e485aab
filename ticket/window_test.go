package ticket

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/office"
)

func span(from, to int) office.Interval { return office.Interval{From: at(from), To: at(to)} }

func each10(n int) []time.Duration { return slices.Repeat([]time.Duration{10 * time.Minute}, n) }

func TestWindowFromThoseAheadAndTheOpenCounters(t *testing.T) {
	day := []office.Interval{span(-180, 60), span(150, 330)}
	for name, c := range map[string]struct {
		ahead    []time.Duration
		counters int
		now      int
		openings []office.Interval
		from, to int
	}{
		"nobody ahead":                    {nil, 1, 0, day, 0, 5},
		"nobody ahead, between the marks": {nil, 2, 3, day, 0, 5},
		"one ahead: 3.2 to 19.2 min":      {each10(1), 1, 0, day, 0, 20},
		"one ahead, two counters":         {each10(1), 2, 0, day, 0, 10},
		"ten ahead: 70 to 132 min":        {each10(10), 1, -180, day, -110, -45},
		"no counter counts as one":        {each10(1), 0, 0, day, 0, 20},
		"across the midday closure":       {each10(10), 1, 0, day, 160, 225},
		"before the hall opens":           {nil, 1, -200, day, -180, -175},
		"in the midday closure":           {each10(1), 1, 100, day, 150, 170},
		"longer than the day runs on":     {each10(10), 1, 320, day, 390, 455},
		"no openings known":               {each10(1), 1, 0, nil, 0, 20},
		"at the stroke of closing":        {nil, 1, 60, day, 150, 155},
	} {
		from, to := Window(c.ahead, c.counters, at(c.now), c.openings)
		if !from.Equal(at(c.from)) || !to.Equal(at(c.to)) {
			t.Errorf("%s: %s to %s, want %s to %s", name, from, to, at(c.from), at(c.to))
		}
	}
}

func TestWindowHoldsAboutEightyPercentOfSimulatedWaits(t *testing.T) {
	random := rand.New(rand.NewPCG(20261124, 7))
	for _, ahead := range [][]time.Duration{each10(1), each10(4), each10(15), {5 * min1, 30 * min1, 12 * min1}} {
		low, high := waits(ahead)
		const runs = 20000
		below, above := 0, 0
		for range runs {
			sum := 0.0
			for _, m := range ahead {
				sum += float64(m) * math.Exp(sigma*random.NormFloat64()-sigma*sigma/2)
			}
			if sum < low {
				below++
			}
			if sum > high {
				above++
			}
		}
		for side, n := range map[string]int{"below": below, "above": above} {
			if share := float64(n) / runs; share < 0.075 || share > 0.125 {
				t.Errorf("%d ahead: %.3f %s the window", len(ahead), share, side)
			}
		}
	}
}

func TestWindowNeverMovesForwardWhenSomebodyIsAddedAhead(t *testing.T) {
	minutes := rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.IntRange(0, 7200).Draw(t, "seconds")) * time.Second
	})
	rapid.Check(t, func(t *rapid.T) {
		ahead := rapid.SliceOfN(minutes, 0, 60).Draw(t, "ahead")
		more := slices.Insert(slices.Clone(ahead), rapid.IntRange(0, len(ahead)).Draw(t, "where"), minutes.Draw(t, "added"))
		low, high := waits(ahead)
		low2, high2 := waits(more)
		if low2 < low*(1-1e-12) || high2 < high*(1-1e-12) {
			t.Fatalf("waits %g to %g become %g to %g", low, high, low2, high2)
		}
		counters := rapid.IntRange(0, 9).Draw(t, "counters")
		now := at(rapid.IntRange(-300, 300).Draw(t, "now"))
		day := []office.Interval{span(-180, 60), span(150, 330)}
		from, to := Window(ahead, counters, now, day)
		from2, to2 := Window(more, counters, now, day)
		if from2.Before(from) || to2.Before(to) {
			t.Fatalf("%s to %s becomes %s to %s", from, to, from2, to2)
		}
	})
}

func TestWindowIsOnTheGridInTheOpeningsAndShorterWithMoreCounters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ahead := each10(rapid.IntRange(0, 60).Draw(t, "ahead"))
		counters := rapid.IntRange(1, 9).Draw(t, "counters")
		now := at(rapid.IntRange(-300, 400).Draw(t, "now"))
		day := []office.Interval{span(-180, 60), span(150, 330)}
		from, to := Window(ahead, counters, now, day)
		if !from.Before(to) || !from.Truncate(windowGrid).Equal(from) || !to.Truncate(windowGrid).Equal(to) {
			t.Fatalf("%s to %s", from, to)
		}
		if from.Before(at(-180)) || !from.Before(at(60)) && from.Before(at(150)) {
			t.Fatalf("from %s, when the hall is shut", from)
		}
		from2, to2 := Window(ahead, counters+1, now, day)
		if from2.After(from) || to2.After(to) {
			t.Fatalf("with one more counter %s to %s becomes %s to %s", from, to, from2, to2)
		}
	})
}

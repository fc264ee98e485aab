package simtest

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"
)

var (
	simFor   = flag.Duration("sim.for", 20*time.Second, "how long to simulate")
	simSeeds = flag.Uint64("sim.seeds", 10_000, "how many seeds at most")
	simFrom  = flag.Uint64("sim.from", 1, "the first seed")
	simSteps = flag.Int("sim.steps", 250, "steps of a schedule")
)

// TestSimulation runs schedules by their seeds as long as there is time. SEED runs one.
func TestSimulation(t *testing.T) {
	if text := os.Getenv("SEED"); text != "" {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		digest, counts := simulate(t, seed, *simSteps)
		t.Logf("seed %d: %s %v", seed, digest, counts)
		return
	}
	end := time.Now().Add(*simFor)
	sum := map[string]int{}
	done := uint64(0)
	for ; done < *simSeeds && time.Now().Before(end) && !t.Failed(); done++ {
		seed := *simFrom + done
		ok := t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			_, counts := simulate(t, seed, *simSteps)
			for k, n := range counts {
				sum[k] += n
			}
		})
		if !ok {
			t.Errorf("again: SEED=%d go test -run 'TestSimulation$' ./hall/simtest -sim.steps=%d", seed, *simSteps)
		}
	}
	t.Logf("%d seeds from %d, of %d steps: %v", done, *simFrom, *simSteps, sum)
}

func TestASeedGivesTheSameScheduleAgain(t *testing.T) {
	for seed := range uint64(3) {
		first, _ := simulate(t, seed, 120)
		second, _ := simulate(t, seed, 120)
		if first != second || first == "" {
			t.Errorf("seed %d: %s, then %s", seed, first, second)
		}
	}
}

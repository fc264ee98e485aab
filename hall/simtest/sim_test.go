package simtest

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"vez/hall"
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

// TestTheSimulationSeesLiveQueuesThatAreWrong spoils what is compared: a
// simulation that never finds anything proves nothing.
func TestTheSimulationSeesLiveQueuesThatAreWrong(t *testing.T) {
	for name, spoil := range map[string]func(s *simulation){
		"a ticket is missing in a line": func(s *simulation) { s.redis.ZPopMin(s.ctx, s.key("line:card")) },
		"a line is out of order": func(s *simulation) {
			s.redis.ZIncrBy(s.ctx, s.key("line:card"), 1e9, s.redis.ZRange(s.ctx, s.key("line:card"), 0, 0).Val()[0])
		},
		"a counter forgets whom it serves": func(s *simulation) { s.redis.Del(s.ctx, s.key("serving")) },
		"a commit never came, and nobody compares": func(s *simulation) {
			for _, h := range s.hubs {
				h.live.Close()
				h.inbox = nil
			}
			s.visitors(1)
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := newSimulation(t, 1)
			defer s.end()
			s.visitors(3)
			desk, no := s.o.open(0, "clerk:main-1", nil)
			d, err := s.hall().OpenCounter(s.ctx, s.as("clerk:main-1"), "main-1", nil)
			s.desk("open", d, err, desk, no)
			desk, no = s.o.next(0, "clerk:main-1", "", false)
			d, err = s.hall().Next(s.ctx, s.as("clerk:main-1"), "main-1", hall.NextRequest{})
			s.desk("next", d, err, desk, no)
			s.settle()
			spoil(s)
			synctest.Wait()
			if s.wrong() == "" {
				t.Errorf("not seen: %s", name)
			}
		})
	}
}

// visitors take tickets of the first queue.
func (s *simulation) visitors(n int) {
	for range n {
		p, no := s.o.issue("collect", false, false, nil, "")
		is, err := s.hall().Issue(s.ctx, s.as("device:k1"), hall.IssueRequest{Office: officeID, Service: "collect"})
		s.came("issue", is, err, p, no)
		s.advance(time.Second, time.Second)
	}
}

// key finds a key of the office by its end.
func (s *simulation) key(suffix string) string {
	keys := s.redis.Keys(s.ctx, "*"+suffix).Val()
	if len(keys) != 1 {
		s.Fatalf("%d keys end in %s", len(keys), suffix)
	}
	return keys[0]
}

package bench

import (
	"strings"
	"testing"
	"time"
)

func TestQuantilesAreByNearestRank(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[99-i] = time.Duration(i + 1) // 100 … 1
	}
	for q, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.99: 99, 0.995: 100, 1: 100} {
		if got := quantile(hundred, q); got != want {
			t.Errorf("quantile %v of 1 … 100 is %d, want %d", q, got, want)
		}
	}
	if hundred[0] != 100 {
		t.Error("the durations were sorted in place")
	}
	if quantile(nil, 0.5) != 0 || quantile([]time.Duration{7}, 0.99) != 7 {
		t.Error("none has no quantile, and one is all of its own")
	}
}

func TestTheMiddleOfRoundsIsOneOfThem(t *testing.T) {
	if got := middle([]float64{30, 10, 20}); got != 20 {
		t.Errorf("the middle of 10, 20, 30 is %v", got)
	}
	if got := middle([]float64{20, 10}); got != 10 {
		t.Errorf("of two the lower: %v", got)
	}
	rounds := []loaded{{PerSecond: 3, P99: 30}, {PerSecond: 1, P99: 10}, {PerSecond: 2, P99: 20}}
	if got := medianOf(rounds); got.P99 != 20 {
		t.Errorf("the round of the median rate has its own 99th percentile: %+v", got)
	}
}

func TestVerdictsFollowTheRatio(t *testing.T) {
	for name, c := range map[string]struct {
		row     Row
		ratio   float64
		verdict string
	}{
		"a rate that reaches its share":   {rate("", 50, 100, 0.5, ""), 0.5, Met},
		"a rate just below":               {rate("", 49.9, 100, 0.5, ""), 0.499, NotMet},
		"a rate without a promise":        {rate("", 1, 100, 0, ""), 0.01, ""},
		"nothing to compare with":         {rate("", 50, 0, 1, ""), 0, NotMet},
		"a duration at its bound":         {bound("", 10*time.Millisecond, 10*time.Millisecond), 1, Met},
		"a duration over it":              {bound("", 20*time.Millisecond, 10*time.Millisecond), 0.5, NotMet},
		"a duration well within":          {bound("", 2*time.Millisecond, 10*time.Millisecond), 5, Met},
		"memory over its bound":           {size("", 300e6, 150e6), 0.5, NotMet},
		"memory within":                   {size("", 100e6, 150e6), 1.5, Met},
		"what could not be measured here": {missing("", "no PostgreSQL"), 0, NotMeasured},
	} {
		if c.row.Ratio != c.ratio || c.row.Verdict != c.verdict {
			t.Errorf("%s: ratio %v %q, want %v %q", name, c.row.Ratio, c.row.Verdict, c.ratio, c.verdict)
		}
	}
}

func TestTheLastLineCountsTheVerdicts(t *testing.T) {
	rows := []Row{
		rate("moves", 200, 100, 1, "one client"), bound("p99", time.Second, 15*time.Millisecond),
		figure("floor", 3, "ms"), missing("PostgreSQL", "install it"), bound("papers", time.Millisecond, time.Second),
	}
	var out strings.Builder
	if err := reportOf(rows, 0.5, morning, 90*time.Second).table(&out); err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimSpace(out.String()), "\n")
	if last := got[len(got)-1]; last != "2 promises met, 1 not met, 1 not measured, in 90 s" {
		t.Errorf("the last line: %s", last)
	}
	if !strings.Contains(got[1], "Others took 50%") {
		t.Errorf("a busy machine is not told of: %s", got[1])
	}
	for what, verdict := range map[string]string{"  moves": "[met]", "  p99": "[not met]", "  PostgreSQL": "[not measured]", "  floor": ""} {
		for _, line := range got {
			if strings.HasPrefix(line, what) && (verdict == "" && strings.HasSuffix(line, "]") || !strings.HasSuffix(line, verdict)) {
				t.Errorf("%q does not end with its verdict: %s", what, line)
			}
		}
	}
}

func TestUnitsAreKept(t *testing.T) {
	if r := bound("", 1500*time.Microsecond, 15*time.Millisecond); r.Got != 1.5 || r.Baseline != 15 || r.Unit != "ms" {
		t.Errorf("1.5 ms at most 15 ms: %+v", r)
	}
	if r := size("", 149_900_000, 150_000_000); r.Got != 149.9 || r.Unit != "MB" {
		t.Errorf("149.9 MB: %+v", r)
	}
	for v, want := range map[float64]string{0: "", 0.25: "0.250 ms", 4.2: "4.20 ms", 42: "42.0 ms", 420: "420 ms"} {
		if got := amount(v, "ms"); got != want {
			t.Errorf("%v is written %q, want %q", v, got, want)
		}
	}
	if got := amount(1, ""); got != "1" {
		t.Errorf("a count is written %q", got)
	}
	if got := (level{1_000_000, 100}).String(); got != "1,000,000 bookings, 100 waiting" {
		t.Error(got)
	}
}

func TestOnlyPartsThatThereAreCanBeChosen(t *testing.T) {
	got, err := choose([]string{"growth", "floor"})
	if err != nil || len(got) != 2 || got[0].name != "growth" {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := choose([]string{"moves"}); err != nil || len(got) != 4 {
		t.Errorf("moves are measured on four set-ups: %v, %v", got, err)
	}
	if _, err := choose([]string{"speed"}); err == nil || !strings.Contains(err.Error(), "growth") {
		t.Errorf("an unknown part must name those there are: %v", err)
	}
}

func TestNoTwoFilledBookingsHaveOneReference(t *testing.T) {
	seen := map[string]bool{}
	for n := range 200_000 {
		ref := string(drawn35(n)[:7])
		if seen[ref] {
			t.Fatalf("the %d-th is drawn a second time", n)
		}
		seen[ref] = true
	}
}

func TestADuelCountsEachRoundByItself(t *testing.T) {
	var d duel
	for _, r := range [][2]float64{{100, 100}, {10, 20}, {90, 90}} { // in the second both were slowed down
		got, base := loaded{PerSecond: r[0]}, loaded{PerSecond: r[1]}
		if err := d.turn(func() (loaded, error) { return got, nil }, func() (loaded, error) { return base, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if r := d.row("", 1, ""); r.Ratio != 1 || r.Got != 90 || r.Baseline != 90 || r.Verdict != Met {
		t.Errorf("%+v", r)
	}
}

func TestBusynessIsReadFromTheKernelsCounts(t *testing.T) {
	before := ticks("cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1 1 1 1")
	after := ticks("cpu  130 0 120 850 0 0 0 0 0 0\ncpu0 1 1 1 1")
	if got := share(before, after); got != 0.5 {
		t.Errorf("50 of 100 ticks were busy, not %v", got)
	}
	if share(before, before) != 0 || share(ticks(""), ticks("")) != 0 {
		t.Error("nothing known is not busy")
	}
}

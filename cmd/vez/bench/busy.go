package bench

import (
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	// quiet is how much others may take before a run is not to be believed.
	quiet = 0.1
	// lookFor is how long the machine is looked at.
	lookFor = time.Second
)

// busyness is how much of the processors is taken now, while we do nothing: 0
// to 1, 0 where the system does not say.
func busyness() float64 {
	before := ticks(stat())
	time.Sleep(lookFor)
	return share(before, ticks(stat()))
}

func stat() string {
	raw, _ := os.ReadFile("/proc/stat")
	return string(raw)
}

// clockTicks of all processors since the start of the machine.
type clockTicks struct{ idle, all float64 }

// ticks reads the first line of /proc/stat: user, nice, system, idle, iowait and others (proc_stat(5)).
func ticks(stat string) (t clockTicks) {
	first, _, _ := strings.Cut(stat, "\n")
	for i, word := range strings.Fields(first) {
		n, err := strconv.ParseFloat(word, 64)
		if err != nil {
			continue
		}
		t.all += n
		if i == 4 || i == 5 { // after the name
			t.idle += n
		}
	}
	return t
}

func share(before, after clockTicks) float64 {
	all := after.all - before.all
	return over(all-(after.idle-before.idle), all)
}

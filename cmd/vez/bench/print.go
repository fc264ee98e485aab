package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
)

// report is what --json prints.
type report struct {
	Machine string `json:"machine"`
	// Busy is how much of the processors others took just before the run, 0 … 1.
	Busy       float64 `json:"busy"`
	At         string  `json:"at"`
	Seconds    float64 `json:"seconds"` // the whole run
	Rows       []Row   `json:"rows"`
	Met        int     `json:"met"`
	NotMet     int     `json:"not_met"`
	Unmeasured int     `json:"not_measured"`
}

func reportOf(rows []Row, busy float64, at time.Time, took time.Duration) report {
	met, broken, unmeasured := count(rows)
	return report{Machine: machine(), Busy: busy, At: at.UTC().Format(time.RFC3339), Seconds: took.Seconds(), Rows: rows,
		Met: met, NotMet: broken, Unmeasured: unmeasured}
}

// machine names what the run was made on, as far as the program can tell.
func machine() string {
	return fmt.Sprintf("%s/%s, %d CPUs, %s; the load generator runs on the same", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
}

func (r report) json(w io.Writer) error { return json.NewEncoder(w).Encode(r) }

// table prints a line for each row, and one that counts.
func (r report) table(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, r.Machine)
	if r.Busy > quiet {
		fmt.Fprintf(&b, "! Others took %.0f%% of the processors when the run began: durations mean little, ratios not much more.\n", 100*r.Busy)
	}
	part := ""
	for _, x := range r.Rows {
		if x.Part != part {
			part = x.Part
			fmt.Fprintf(&b, "\n%-74s %13s %13s %7s %6s\n", part, "got", "against", "ratio", "least")
		}
		fmt.Fprintln(&b, x.line())
	}
	fmt.Fprintf(&b, "\n%d promises met, %d not met, %d not measured, in %.0f s\n", r.Met, r.NotMet, r.Unmeasured, r.Seconds)
	_, err := io.WriteString(w, b.String())
	return err
}

// line is a row of the table; its verdict stands at the end.
func (r Row) line() string {
	note := r.Note
	if r.Against != "" && r.Against != "at most" {
		note = strings.TrimPrefix(note+"; against "+r.Against, "; ")
	}
	s := fmt.Sprintf("  %-72s %13s %13s %7s %6s", r.What, amount(r.Got, r.Unit), amount(r.Baseline, r.Unit), plain(r.Ratio), plain(r.Least))
	if note != "" {
		s += "  " + note
	}
	if r.Verdict != "" {
		s += "  [" + r.Verdict + "]"
	}
	return s
}

// amount writes a figure with its unit in three or four digits, "" for none.
func amount(v float64, unit string) string {
	if v == 0 {
		return ""
	}
	digits := 0
	switch {
	case unit == "":
	case v < 1:
		digits = 3
	case v < 10:
		digits = 2
	case v < 100:
		digits = 1
	}
	return strings.TrimSpace(fmt.Sprintf("%.*f %s", digits, v, unit))
}

func plain(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", v)
}

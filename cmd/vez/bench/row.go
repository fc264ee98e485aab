package bench

import (
	"slices"
	"time"
)

// Verdicts of a row; "" is a figure without a promise.
const (
	Met         = "met"
	NotMet      = "not met"
	NotMeasured = "not measured"
)

// Row is one promise of speed: a figure, what it is measured against in the
// same run, and the least that their ratio should be.
type Row struct {
	Part string `json:"part"`
	What string `json:"what"`
	// Got and Baseline are in Unit: "/s", "ms", "MB" or "" for a count.
	Got      float64 `json:"got"`
	Baseline float64 `json:"baseline,omitempty"`
	Unit     string  `json:"unit,omitempty"`
	// Against names the baseline.
	Against string `json:"against,omitempty"`
	// Ratio is Got over Baseline, or a bound over Got; more is better.
	Ratio float64 `json:"ratio,omitempty"`
	// Least is what Ratio must be; 0 promises nothing.
	Least   float64 `json:"least,omitempty"`
	Verdict string  `json:"verdict,omitempty"`
	Note    string  `json:"note,omitempty"`
}

// rate is so many a second against a rate of the same run.
func rate(what string, got, baseline, least float64, against string) Row {
	return judged(Row{What: what, Got: got, Baseline: baseline, Unit: "/s", Against: against, Ratio: over(got, baseline), Least: least})
}

// bound is a duration against what it may be at most.
func bound(what string, got, most time.Duration) Row {
	return judged(Row{What: what, Got: ms(got), Baseline: ms(most), Unit: "ms", Against: "at most", Ratio: over(ms(most), ms(got)), Least: 1})
}

// size is memory in MB (10⁶ bytes) against what it may be at most.
func size(what string, got, most int64) Row {
	g, m := float64(got)/1e6, float64(most)/1e6
	return judged(Row{What: what, Got: g, Baseline: m, Unit: "MB", Against: "at most", Ratio: over(m, g), Least: 1})
}

// figure promises nothing.
func figure(what string, got float64, unit string) Row { return Row{What: what, Got: got, Unit: unit} }

// missing tells why a promise could not be measured here.
func missing(what, why string) Row {
	return Row{What: what, Verdict: NotMeasured, Note: why}
}

// noting adds a note.
func (r Row) noting(note string) Row {
	r.Note = note
	return r
}

// judged gives the verdict on a row with a promise.
func judged(r Row) Row {
	switch {
	case r.Least == 0:
	case r.Ratio >= r.Least:
		r.Verdict = Met
	default:
		r.Verdict = NotMet
	}
	return r
}

// over is a ratio; 0 when it means nothing.
func over(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// quantile of durations by nearest rank; 0 of none. all is left as it is.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	s := slices.Clone(all)
	slices.Sort(s)
	return s[rank(len(s), q)]
}

// rank is the index of the smallest value that at least the share q of n do not exceed.
func rank(n int, q float64) int {
	at := int(q * float64(n))
	if float64(at) == q*float64(n) {
		at--
	}
	return max(0, min(n-1, at))
}

// middle is the median of rates, the lower of two.
func middle(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	s := slices.Clone(all)
	slices.Sort(s)
	return s[rank(len(s), 0.5)]
}

// count tells how many promises were met, broken, and not measured.
func count(rows []Row) (met, broken, unmeasured int) {
	for _, r := range rows {
		switch r.Verdict {
		case Met:
			met++
		case NotMet:
			broken++
		case NotMeasured:
			unmeasured++
		}
	}
	return met, broken, unmeasured
}

package catalogue

import (
	"fmt"
	"sort"
	"strings"
)

// nearest proposes what somebody may have meant.
func nearest(word string, known []string) string {
	sort.Strings(known)
	best, far := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < far {
			best, far = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 0:
		return "take it out"
	case len(known) <= 30:
		return "use one of: " + strings.Join(known, ", ")
	}
	return "take it out, or look for its name in docs/catalogue.md"
}

// distance is Levenshtein's, over bytes; words longer than 60 count as far from everything.
func distance(a, b string) int {
	if len(a) > 60 || len(b) > 60 {
		return 60
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

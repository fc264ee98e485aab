package config

import (
	"fmt"
	"sort"
	"strings"
)

// nearest proposes what somebody may have meant. The catalogue has a twin of
// it: neither room may import the other.
func nearest(word string, known []string) string {
	sort.Strings(known)
	best, far := "", 4
	for _, k := range known {
		if d := distance(word, k); d < far {
			best, far = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "take it out, or use one of: " + strings.Join(known, ", ")
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

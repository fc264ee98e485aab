package near

import (
	"fmt"
	"slices"
	"strings"
)

// mostListed is how many known words a remedy lists before it names a page instead.
const mostListed = 30

// Word proposes what was meant by a word, among those known and less than
// within letters away, or lists what there is; page is where to look when there is too much to list.
func Word(word string, known []string, within int, page string) string {
	known = slices.Sorted(slices.Values(known))
	best, far := "", within
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < far {
			best, far = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 0:
		return "take it out"
	case len(known) <= mostListed || page == "":
		return "take it out, or use one of: " + strings.Join(known, ", ")
	}
	return "take it out, or look for its name in " + page
}

// longest is the length from which a word is far from everything.
const longest = 60

// distance is Levenshtein's, over bytes.
func distance(a, b string) int {
	if len(a) > longest || len(b) > longest {
		return longest
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

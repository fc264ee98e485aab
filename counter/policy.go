package counter

// Policy is the ordered list of queues that a counter opens with: those asked
// for, or the counter's own where none are. Each queue stands once, where it was
// first named; a negative limit is none. Any counter may serve any queue of its
// office; whether a queue is of this office is for the caller, who has the catalogue.
func Policy(own []string, asked []Served) []Served {
	if len(asked) == 0 {
		for _, q := range own {
			asked = append(asked, Served{Queue: q})
		}
	}
	out := make([]Served, 0, len(asked))
	seen := make(map[string]bool, len(asked))
	for _, s := range asked {
		if s.Queue == "" || seen[s.Queue] {
			continue
		}
		seen[s.Queue] = true
		s.AtLatest = max(s.AtLatest, 0)
		out = append(out, s)
	}
	return out
}

// Serves tells whether a queue is in the counter's policy.
func (s Shift) Serves(queue string) bool {
	for _, q := range s.Queues {
		if q.Queue == queue {
			return true
		}
	}
	return false
}

package queue

import (
	"slices"

	"vez/event"
)

// mostOps is how many rows one script call takes.
const mostOps = chunk

// runs sorts an office's events, drops repeats, and cuts them where one is
// missing or a script call would grow too long.
func runs(es []event.Event) [][]event.Event {
	if !slices.IsSortedFunc(es, bySeq) {
		es = slices.Clone(es)
		slices.SortFunc(es, bySeq)
	}
	var out [][]event.Event
	var run []event.Event
	ops := 0
	for _, e := range es {
		if len(run) > 0 && e.Seq == run[len(run)-1].Seq {
			continue
		}
		n := 1 + len(e.Images.Tickets) + len(e.Images.Bookings)
		if len(run) > 0 && (e.Seq != run[len(run)-1].Seq+1 || ops+n > mostOps) {
			out, run, ops = append(out, run), nil, 0
		}
		run, ops = append(run, e), ops+n
	}
	if len(run) > 0 {
		out = append(out, run)
	}
	return out
}

func bySeq(a, b event.Event) int {
	switch {
	case a.Seq < b.Seq:
		return -1
	case a.Seq > b.Seq:
		return 1
	}
	return 0
}

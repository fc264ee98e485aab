package office

import (
	"testing"
	"time"

	"vez/fault"
)

func TestAClosureIsBoundedAndHasAReasonOfTheList(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	minute, tomorrow := time.Minute, now.AddDate(0, 0, 1)
	for name, c := range map[string]struct {
		closure Closure
		want    fault.Code
	}{
		"an hour":             {Closure{From: tomorrow, To: tomorrow.Add(time.Hour), Reason: "works"}, ""},
		"begun already":       {Closure{From: now.Add(-time.Hour), To: now.Add(minute), Reason: "rain"}, ""},
		"as long as may be":   {Closure{From: tomorrow, To: tomorrow.Add(ClosureMost), Reason: "other"}, ""},
		"far ahead":           {Closure{From: now.AddDate(3, 0, 0), To: now.AddDate(3, 0, 1), Reason: "event"}, ""},
		"too long":            {Closure{From: tomorrow, To: tomorrow.Add(ClosureMost + minute), Reason: "works"}, fault.InvalidField},
		"no time at all":      {Closure{From: tomorrow, To: tomorrow, Reason: "works"}, fault.InvalidField},
		"the wrong way round": {Closure{From: tomorrow, To: now.Add(minute), Reason: "works"}, fault.InvalidField},
		"over already":        {Closure{From: now.Add(-time.Hour), To: now, Reason: "works"}, fault.InvalidField},
		"without a reason":    {Closure{From: now, To: tomorrow}, fault.ReasonNeeded},
		"with one of a pause": {Closure{From: now, To: tomorrow, Reason: "fire"}, fault.UnknownReason},
		"a year":              {Closure{From: now, To: now.AddDate(1, 0, 0), Reason: "typhoon"}, ""},
	} {
		if got := fault.CodeOf(c.closure.Check(now)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

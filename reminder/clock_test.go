package reminder_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"vez/reminder"
	"vez/reminder/remindertest"
)

// TestHubsWhoseClocksAreHoursApartSendEachMailOnceAndLeaveNone has the hub that
// leads be wrong by hours, and its clock be set back and forth; then it dies.
func TestHubsWhoseClocksAreHoursApartSendEachMailOnceAndLeaveNone(t *testing.T) {
	for _, off := range []time.Duration{-5 * time.Hour, 5 * time.Hour} {
		t.Run(off.String(), func(t *testing.T) {
			w, server := due(t, 20)
			v := w.Beside(off)
			a, b := v.Hub("a", v.Post(server)), w.Hub("b", w.Post(server))
			server.Answer = remindertest.Refuse("RCPT", 1, "450 4.2.0 greylisted")
			plan(t, a)
			if got := send(t, a, ""); got.Sent != 19 || got.PutOff != 1 {
				t.Fatalf("the first sent %+v", got)
			}
			idle := func(d time.Duration) { // both live
				t.Helper()
				v.Machine.Advance(d)
				w.Machine.Advance(5 * time.Second)
				if !a.Leads(context.Background()) || b.Leads(context.Background()) {
					t.Fatalf("after %s the lead is another's", d)
				}
				plan(t, b)
				if got := send(t, b, ""); got != (reminder.Tally{}) {
					t.Fatalf("who does not lead sent %+v", got)
				}
			}
			for range 6 {
				idle(5 * time.Second)
			}
			for _, step := range []time.Duration{4 * time.Hour, -9 * time.Hour, 5 * time.Hour} {
				idle(step)
			}
			var sent, waited = 0, time.Duration(0)
			for ; sent == 0 && waited < 10*time.Minute; waited += 5 * time.Second {
				plan(t, b)
				sent += send(t, b, "").Sent
				w.Machine.Advance(5 * time.Second)
			}
			if waited > 2*time.Minute {
				t.Errorf("what was put off waited for %s", waited)
			}
			if ids := server.IDs(t); len(ids) != 20 || slices.Max(counts(ids)) != 1 {
				t.Errorf("%d of 20 came", len(ids))
			}
		})
	}
}

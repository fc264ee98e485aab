package booking

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"vez/fault"
)

var states = []State{None, Held, Confirmed, CheckedIn, Fulfilled, Unserved, Lapsed, Cancelled, Missed, Displaced}

func TestOnlyTheTableMoves(t *testing.T) {
	moves := []Move{Hold, Book, Extend, Confirm, Lapse, Cancel, Reschedule, CheckIn, UndoCheckIn, Fulfil, Unserve, Reopen, Miss, Displace, Free}
	legal := 0
	for _, s := range states {
		for _, m := range moves {
			to, err := Next(s, m)
			i := slices.IndexFunc(Table, func(r Rule) bool { return r.From == s && r.Move == m })
			switch {
			case i >= 0 && (err != nil || to != Table[i].To):
				t.Errorf("%q %s: %q, %v", s, m, to, err)
			case i < 0 && (to != s || fault.CodeOf(err) != fault.BookingState):
				t.Errorf("%q %s is not in the table, but: %q, %v", s, m, to, err)
			case i >= 0:
				legal++
			}
		}
	}
	if legal != len(Table) {
		t.Errorf("%d legal moves of %d lines: one stands twice or is unknown", legal, len(Table))
	}
}

func TestEveryStateIsReachedAndEveryMoveHasSomebody(t *testing.T) {
	for _, s := range states[1:] {
		if !slices.ContainsFunc(Table, func(r Rule) bool { return r.To == s && r.From != s }) {
			t.Errorf("nothing leads to %q", s)
		}
	}
	for _, r := range Table {
		if len(r.By) == 0 {
			t.Errorf("nobody makes %q %s", r.From, r.Move)
		}
	}
	for _, final := range []State{Lapsed, Cancelled, Missed} {
		if slices.ContainsFunc(Table, func(r Rule) bool { return r.From == final && r.To != final }) {
			t.Errorf("%q is final", final)
		}
	}
}

func TestAHoldIsExtendedTenTimesAtMost(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	b := Booking{State: Held, HeldUntil: now.Add(HoldFor)}
	for i := range MaxExtensions {
		now = now.Add(HoldFor - time.Millisecond)
		var err error
		if b, err = Extended(b, now); err != nil || !b.HeldUntil.Equal(now.Add(HoldFor)) || b.Extended != i+1 {
			t.Fatalf("extension %d: %+v, %v", i+1, b, err)
		}
	}
	if _, err := Extended(b, now); fault.CodeOf(err) != fault.HoldSpent {
		t.Errorf("the eleventh: %v", err)
	}
	b.Extended = 0
	if _, err := Extended(b, b.HeldUntil); fault.CodeOf(err) != fault.HoldExpired {
		t.Errorf("after its end: %v", err)
	}
	if _, err := Extended(Booking{State: Confirmed}, now); fault.CodeOf(err) != fault.BookingState {
		t.Errorf("what is no hold: %v", err)
	}
}

func TestAFreedSlotComesBackAtAnUnknownTime(t *testing.T) {
	now := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		random := rapid.Float64Range(0, 0.999999).Draw(t, "random")
		ahead := time.Duration(rapid.IntRange(-60, 300).Draw(t, "minutes ahead")) * time.Minute
		at, walkins := ReofferAt(now, now.Add(ahead), random)
		if walkins != (ahead < 30*time.Minute) || walkins != at.IsZero() {
			t.Fatalf("%v ahead: %v, %v", ahead, at, walkins)
		}
		if wait := at.Sub(now); !walkins && (wait < 10*time.Minute || wait >= 30*time.Minute || wait > ahead) {
			t.Fatalf("%v ahead: back after %v", ahead, wait)
		}
	})
}

package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/hall"
)

var errGone = fault.New(fault.LedgerAway)

// newTestHealth is a health whose house clock is a day behind the machine's.
func newTestHealth() (h *health, house, machine *clockwork.FakeClock) {
	house, machine = clockwork.NewFakeClockAt(nine), clockwork.NewFakeClockAt(nine.AddDate(0, 0, 1))
	return newHealth(func(context.Context) error { return errGone }, house, machine, slog.New(slog.DiscardHandler)), house, machine
}

func pass(d time.Duration, clocks ...*clockwork.FakeClock) {
	for _, c := range clocks {
		c.Advance(d)
	}
}

func rang(bell <-chan struct{}) bool {
	select {
	case <-bell:
		return true
	default:
		return false
	}
}

func TestTheLedgerIsAwaySinceItsLastAnswerAndABlinkIsTold(t *testing.T) {
	h, house, machine := newTestHealth()
	bell, cancel := h.Subscribe()
	defer cancel()
	pass(blink-time.Millisecond, house, machine)
	if h.hears(errGone); !h.Away().IsZero() || rang(bell) {
		t.Fatal("a blink is told")
	}
	pass(time.Millisecond, house, machine)
	if h.hears(errGone); !h.Away().Equal(nine) || !rang(bell) {
		t.Fatalf("away since %s", h.Away())
	}
	pass(time.Hour, house, machine)
	if h.hears(errGone); !h.Away().Equal(nine) || rang(bell) {
		t.Fatal("it rings for nothing new")
	}
	if h.hears(nil); !h.Away().IsZero() || !rang(bell) {
		t.Fatal("nobody hears that it is back")
	}
}

// fixed is a hall's ledger that answers every change the same way.
type fixed struct {
	hall.Ledger
	err   error
	asked int
}

func (f *fixed) Do(context.Context, event.Scope, func(hall.Tx) error) error {
	f.asked++
	return f.err
}

func TestChangesAreCountedByResultAndRefusedAtOnceWhereTheyCouldOnlyWait(t *testing.T) {
	h, house, machine := newTestHealth()
	below, results := &fixed{}, []string(nil)
	l := tallied{below, h, func(result string, _ time.Duration) { results = append(results, result) }}
	do := func(err error) error {
		below.err = err
		return l.Do(t.Context(), event.Scope{}, nil)
	}
	_ = do(nil)
	_ = do(fault.New(fault.SlotTaken))
	_ = do(errors.New("in an earlier day"))
	if do(fault.New(fault.DiskFull)); h.room(t.Context()) == nil {
		t.Error("a full disk is not noticed")
	}
	if do(fault.New(fault.SlotTaken)); h.room(t.Context()) == nil {
		t.Error("a refusal, which writes nothing, ends the full disk")
	}
	if do(nil); h.room(t.Context()) != nil {
		t.Error("the disk is full for ever")
	}
	pass(refuseAfter, house, machine)
	h.hears(errGone)
	asked := below.asked
	if err := do(nil); fault.CodeOf(err) != fault.LedgerAway || below.asked != asked {
		t.Errorf("%v after asking %d times", err, below.asked-asked)
	}
	h.ping = func(context.Context) error { return nil }
	if err := do(nil); err != nil || !h.Away().IsZero() {
		t.Errorf("it is back, and the first who comes is told %v", err)
	}
	if want := []string{"ok", "slot_taken", "again", "disk_full", "slot_taken", "ok", "ledger_away", "ok"}; !slices.Equal(results, want) {
		t.Errorf("%v", results)
	}
}

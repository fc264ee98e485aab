package main

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
)

// shelf is a store of records in memory that may be away.
type shelf struct {
	rows map[string][]byte
	away error
}

func (s *shelf) Put(_ context.Context, kind, id, _ string, data []byte, _ time.Time) error {
	if s.away == nil {
		s.rows[kind+"/"+id] = data
	}
	return s.away
}

func (s *shelf) Get(_ context.Context, kind, id string) ([]byte, bool, error) {
	data, ok := s.rows[kind+"/"+id]
	return data, ok, s.away
}

func (s *shelf) List(_ context.Context, kind, _ string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for k, v := range s.rows {
		if len(k) > len(kind) && k[:len(kind)+1] == kind+"/" {
			out[k] = v
		}
	}
	return out, s.away
}

var nine = time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) // nine in the morning in Macao

func beats(t *testing.T, o *outages, clock *clockwork.FakeClock, n int) {
	t.Helper()
	for range n {
		clock.Advance(pulseEvery)
		if err := o.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnOutageIsTheTimeInWhichNobodyCouldSaveAnything(t *testing.T) {
	clock := clockwork.NewFakeClockAt(nine)
	store := &shelf{rows: map[string][]byte{}}
	one := &outages{store: store, house: clock, machine: clock, speed: 1}
	other := &outages{store: store, house: clock, machine: clock, speed: 1}
	beats(t, one, clock, 6) // until 9:01
	store.away = errors.New("away")
	clock.Advance(20 * time.Minute)
	if err := one.beat(t.Context()); err == nil {
		t.Fatal("a beat without a ledger")
	}
	if got := one.between("dsi-main", nine, clock.Now()); got != 20*time.Minute {
		t.Errorf("while it lasts it counts %s", got)
	}
	store.away = nil
	beats(t, other, clock, 1) // whoever is first writes it down
	beats(t, one, clock, 1)
	for name, o := range map[string]*outages{"this hub": one, "the other": other, "a new one": {store: store, house: clock, machine: clock, speed: 1}} {
		if err := o.beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, want := o.between("dsi-main", nine, clock.Now()), 20*time.Minute+pulseEvery; got != want {
			t.Errorf("%s counts %s, not %s", name, got, want)
		}
		if got := o.between("dsi-main", nine.Add(11*time.Minute), nine.Add(16*time.Minute)); got != 5*time.Minute {
			t.Errorf("%s counts %s of five minutes within it", name, got)
		}
		if got := o.between("dsi-main", clock.Now().Add(-pulseEvery), clock.Now()); got != 0 {
			t.Errorf("%s counts %s after it", name, got)
		}
	}
}

func TestABlinkIsNoOutage(t *testing.T) {
	clock := clockwork.NewFakeClockAt(nine)
	o := &outages{store: &shelf{rows: map[string][]byte{}}, house: clock, machine: clock, speed: 1}
	beats(t, o, clock, 1)
	clock.Advance(outageLeast - pulseEvery - time.Second)
	beats(t, o, clock, 1)
	if got := o.between("dsi-main", nine, clock.Now()); got != 0 {
		t.Errorf("%s are forgiven", got)
	}
}

func TestAHallClockThatWasSetAnewIsNoOutage(t *testing.T) {
	house, machine := clockwork.NewFakeClockAt(nine), clockwork.NewFakeClockAt(nine.AddDate(0, 1, 0))
	store := &shelf{rows: map[string][]byte{}}
	o := &outages{store: store, house: house, machine: machine, speed: 1}
	if err := o.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	house.Advance(3 * time.Hour)
	machine.Advance(pulseEvery)
	if err := o.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := o.between("dsi-main", nine, house.Now()); got != 0 {
		t.Errorf("%s are forgiven", got)
	}
}

func TestHubsWhoseClocksDifferHaveNoOutage(t *testing.T) {
	house, store := clockwork.NewFakeClockAt(nine), &shelf{rows: map[string][]byte{}}
	clocks := []*clockwork.FakeClock{clockwork.NewFakeClockAt(nine), clockwork.NewFakeClockAt(nine.Add(time.Hour))}
	hubs := []*outages{{store: store, house: house, machine: clocks[0], speed: 1}, {store: store, house: house, machine: clocks[1], speed: 1}}
	for range 60 {
		for _, o := range hubs {
			if err := o.beat(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, c := range []*clockwork.FakeClock{house, clocks[0], clocks[1]} {
				c.Advance(pulseEvery / 2)
			}
		}
	}
	for n, o := range hubs {
		if got := o.between("dsi-main", nine, house.Now()); got > pulseEvery { // the second's first beat knows no better
			t.Errorf("hub %d forgives %s", n, got)
		}
	}
}

func TestOutagesThatOverlapCountOnce(t *testing.T) {
	clock := clockwork.NewFakeClockAt(nine)
	o := &outages{house: clock, machine: clock, speed: 1, list: []outageRow{
		{nine, nine.Add(10 * time.Minute)}, {nine.Add(5 * time.Minute), nine.Add(15 * time.Minute)}, {nine.Add(20 * time.Minute), nine.Add(21 * time.Minute)},
	}}
	if got := o.between("", nine.Add(-time.Hour), nine.Add(time.Hour)); got != 16*time.Minute {
		t.Errorf("%s", got)
	}
}

package ledgertest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/ledger"
	"vez/office"
	"vez/ticket"
)

// memory lets two hubs make random changes at once, some of which fail, and
// compares what changes are told from memory with what the tables say.
func memory(t *testing.T, w *world) {
	hubs := []*ledger.DB{w.DB, w.hub()}
	const callers, rounds = 6, 25
	for round := range rounds {
		w.house.Advance(time.Minute)
		errs := together(callers, func(i int) error {
			random := rand.New(rand.NewPCG(uint64(round), uint64(i)))
			err := hubs[random.IntN(2)].Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
				return anything(tx, random, fmt.Sprintf("%d-%d", round, i))
			})
			if errors.Is(err, errRefused) {
				return nil
			}
			return err
		})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		for i, d := range hubs {
			w.remembers(d, fmt.Sprintf("hub %d after round %d", i, round))
		}
	}
	if r, err := w.Verify(w.ctx, nil); err != nil || !r.Sound() {
		t.Errorf("verify: %v %v", err, r.Flaws)
	}
}

// anything makes a random change; one in six fails after it has written.
func anything(tx *ledger.Tx, random *rand.Rand, id string) error {
	var err error
	switch random.IntN(6) {
	case 0, 1:
		_, err = issue(tx, "dsi", "t"+id)
	case 2:
		_, err = call(tx, "dsi", fmt.Sprint("dsi-", random.IntN(3)))
	case 3:
		err = remote(tx, "r"+id, random)
	case 4:
		err = book(tx, "dsi", "b"+id, "", func(b *booking.Booking) {
			b.Day = []office.Day{today, "2026-11-25"}[random.IntN(2)]
			b.Freed = random.IntN(4) == 0
			b.Origin = []booking.Origin{booking.Online, booking.Kiosk}[random.IntN(2)]
			b.Made = start.Add(time.Duration(random.IntN(3)-1) * time.Hour)
		})
	case 5:
		err = moveOn(tx, random)
	}
	if err == nil && random.IntN(6) == 0 {
		return errRefused
	}
	return err
}

func remote(tx *ledger.Tx, id string, random *rand.Rand) error {
	n, err := tx.NextNumber("dsi", today, "A", 8999)
	if err != nil {
		return err
	}
	k := ticket.Ticket{ID: id, Visit: id, Office: "dsi", Queue: "dsi-a", Day: today, Series: "A", N: n, Number: ticket.Number("A", n),
		State: ticket.Remote, Class: ticket.Afar, Due: start.Add(time.Duration(random.IntN(60)) * time.Minute), Joined: -1}
	_, err = tx.Append(draft(k, ticket.Take))
	return err
}

// moveOn ends, returns or transfers a live ticket, or moves a booking.
func moveOn(tx *ledger.Tx, random *rand.Rand) error {
	live, err := tx.Live("dsi", today)
	if err != nil {
		return err
	}
	for _, k := range live {
		var move ticket.Move
		switch {
		case k.State == ticket.Serving:
			k.State, k.Queue, k.Joined, move = ticket.Waiting, "dsi-b", -1, ticket.Transfer
		case k.State != ticket.Called:
			continue
		case random.IntN(3) == 0:
			k.State, move = ticket.Cancelled, ticket.Cancel
		case random.IntN(2) == 0:
			k.State, move = ticket.Waiting, ticket.Return
		default:
			k.State, move = ticket.Serving, ticket.Start
		}
		_, err := tx.Append(draft(k, move))
		return err
	}
	all, err := tx.BookingsOn("dsi-a", today, today)
	if err != nil || len(all) == 0 {
		return err
	}
	b := all[random.IntN(len(all))]
	b.Day = "2026-11-25"
	_, err = tx.Append(event.Draft{Office: "dsi", Kind: event.KindRescheduled, Images: event.Images{Bookings: []booking.Booking{b}}})
	return err
}

// remembers compares memory with tables in one change.
func (w *world) remembers(d *ledger.DB, when string) {
	w.t.Helper()
	err := d.Do(w.ctx, at("dsi"), func(tx *ledger.Tx) error {
		for what, ask := range map[string]func(reader) (any, error){
			"line a":   func(r reader) (any, error) { return r.Line("dsi-a", today, 0) },
			"line b":   func(r reader) (any, error) { return r.Line("dsi-b", today, 0) },
			"first":    func(r reader) (any, error) { return r.Line("dsi-a", today, 3) },
			"dormant":  func(r reader) (any, error) { return r.Dormant("dsi-a", today, start.Add(30*time.Minute)) },
			"live":     func(r reader) (any, error) { return r.Live("dsi", today) },
			"shifts":   func(r reader) (any, error) { return r.Shifts("dsi") },
			"shift":    func(r reader) (any, error) { return r.Shift("dsi-1") },
			"issued a": func(r reader) (any, error) { return r.Issued("dsi-a", today) },
			"issued b": func(r reader) (any, error) { return r.Issued("dsi-b", today) },
			"today":    func(r reader) (any, error) { return r.BookingsOn("dsi-a", today, today) },
			"tomorrow": func(r reader) (any, error) { return r.BookingsOn("dsi-a", "2026-11-25", "2026-11-25") },
			"made":     func(r reader) (any, error) { return r.BookingsMade("dsi-a", booking.Kiosk, today, start) },
			"made b":   func(r reader) (any, error) { return r.BookingsMade("dsi-a", booking.Online, "2026-11-25", start) },
			"both":     func(r reader) (any, error) { return r.BookingsOn("dsi-a", today, "2026-11-25") },
		} {
			told, err := ask(tx)
			if err != nil {
				return err
			}
			said, err := ask(tx.Reader)
			if err != nil {
				return err
			}
			if !same(told, said) {
				w.t.Errorf("%s, %s: memory tells\n%+v\ntables say\n%+v", when, what, told, said)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// same compares, with no list like an empty one.
func same(a, b any) bool {
	if reflect.ValueOf(a).Kind() == reflect.Slice && reflect.ValueOf(a).Len()+reflect.ValueOf(b).Len() == 0 {
		return true
	}
	return reflect.DeepEqual(a, b)
}

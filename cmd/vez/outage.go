package main

import (
	"context"
	"encoding/json"
	"strconv"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

const (
	// outageLeast is the silence that counts as an outage: shorter ones nobody at
	// a kiosk needs forgiven, and a beat may come late on a busy machine.
	outageLeast = 30 * time.Second
	// outageKept is how long an outage is remembered: a booking is of one day.
	outageKept = 48 * time.Hour
)

// Kinds of records.
const (
	pulseKind  = "pulse"  // one row: when some hub could last save something
	pulseHouse = "house"  // its id
	outageKind = "outage" // by the instant it began
)

// pulseRow and outageRow are the stored forms; house time, and machine time in a pulse.
type pulseRow struct{ House, Machine time.Time }

type outageRow struct{ From, To time.Time }

// recordStore keeps small documents; records is one.
type recordStore interface {
	Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error
	Get(ctx context.Context, kind, id string) ([]byte, bool, error)
	List(ctx context.Context, kind, owner string) (map[string][]byte, error)
}

// outages know when no kiosk could check anybody in, because nothing could be
// saved. The hubs write a pulse into the ledger; where it stood still, all of
// them, their ledger or their power were away, and whoever meets the gap first
// writes it down. So it outlives the hubs, and each of them learns of it.
type outages struct {
	store          recordStore
	house, machine clockwork.Clock
	speed          float64
	// ahead is how far this machine's clock is wrong; nil: it is right.
	ahead func(ctx context.Context) (time.Duration, error)

	mu   sync.Mutex
	last pulseRow // the last beat that this hub has made
	list []outageRow
}

// beat writes the pulse, and down what it has missed.
func (o *outages) beat(ctx context.Context) error {
	now := pulseRow{o.house.Now().UTC(), o.machine.Now().UTC()}
	if o.ahead != nil {
		d, err := o.ahead(ctx)
		if err != nil {
			return err
		}
		now.House, now.Machine = now.House.Add(-time.Duration(float64(d)*o.speed)), now.Machine.Add(-d)
	}
	data, there, err := o.store.Get(ctx, pulseKind, pulseHouse)
	if err != nil {
		return err
	}
	var was pulseRow
	if there {
		if err := json.Unmarshal(data, &was); err != nil {
			return err
		}
	}
	o.mu.Lock()
	mine := o.last
	o.mu.Unlock()
	if gap, ok := o.gap(was, mine, now); there && ok {
		if err := o.put(ctx, outageKind, strconv.FormatInt(was.Machine.UnixMilli(), 10), gap, now.Machine.Add(outageKept)); err != nil {
			return err
		}
	}
	if err := o.put(ctx, pulseKind, pulseHouse, now, time.Time{}); err != nil {
		return err
	}
	list, err := o.load(ctx)
	if err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last, o.list = now, list
	return nil
}

// gap is the outage since the last beat of whatever hub, if there was one. How
// long it was is told by the machine's clock: the hall's may have been set anew
// meanwhile. Since clocks of machines differ, it is at most as long as this hub
// has not beaten itself; mine is its own last beat, zero at first.
func (o *outages) gap(was, mine, now pulseRow) (outageRow, bool) {
	silent := now.Machine.Sub(was.Machine)
	if !mine.Machine.IsZero() {
		silent = min(silent, now.Machine.Sub(mine.Machine))
	}
	if was.Machine.IsZero() || silent < outageLeast {
		return outageRow{}, false
	}
	to := was.House.Add(time.Duration(float64(silent) * o.speed))
	if now.House.Before(to) {
		to = now.House
	}
	return outageRow{was.House, to}, to.After(was.House)
}

func (o *outages) put(ctx context.Context, kind, id string, row any, expires time.Time) error {
	data, err := json.Marshal(row)
	if err != nil {
		return err
	}
	return o.store.Put(ctx, kind, id, "", data, expires)
}

func (o *outages) load(ctx context.Context) ([]outageRow, error) {
	all, err := o.store.List(ctx, outageKind, "")
	if err != nil {
		return nil, err
	}
	var out []outageRow
	for _, data := range all {
		var row outageRow
		if err := json.Unmarshal(data, &row); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// between is for how long, between two instants of house time, no kiosk of any
// office worked. It counts the outage that has only just ended and is not
// written down yet.
func (o *outages) between(_ string, from, to time.Time) time.Duration {
	o.mu.Lock()
	list := o.list
	if gap, ok := o.gap(o.last, o.last, pulseRow{o.house.Now(), o.machine.Now()}); ok {
		list = append(list[:len(list):len(list)], gap)
	}
	o.mu.Unlock()
	var sum time.Duration
	for done := from; ; {
		next, found := outageRow{}, false
		for _, row := range list {
			if row.To.After(done) && row.From.Before(to) && (!found || row.From.Before(next.From)) {
				next, found = row, true
			}
		}
		if !found || !done.Before(to) {
			return sum
		}
		begun, ended := later(next.From, done), earlier(next.To, to)
		sum += max(0, ended.Sub(begun))
		done = later(ended, done)
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

package ledger

import (
	"context"
	"time"

	"vez/event"
)

// Leases go by no hub's clock: one of them may be wrong by hours, or be set
// right while it runs. A lease's end is written in the database's time, and who
// wants another's lease waits for its rest by their own watch, however the
// clocks stand when it is over.
const (
	// leaseSign is how long a lease that seems to be over must be without a sign
	// of life while somebody watches, for the database's clock may have been set
	// on: longer than any holder waits between two renewals of a lease that
	// guards what must not be done twice.
	leaseSign = 8 * time.Second
	// leaseMost is how long any lease lasts without a sign of life, for the
	// database's clock may have been set back.
	leaseMost = 5 * time.Minute
	// leaseKept is how long the row of a lease is kept that nobody renews.
	leaseKept = time.Hour
)

// held is a lease as its row stands; every renewal makes it another.
type held struct {
	holder string
	until  int64 // in the database's time
}

// watched is another's lease that a hub would like to have.
type watched struct {
	held
	since time.Time     // by the hub's own watch
	rest  time.Duration // to wait from then
}

// Lease makes holder the keeper of a name until an instant of this hub's machine
// time, 5 minutes from now at most. It is false when another keeps it:
// compare-and-set, so that of any number of hubs one leads. A holder renews its
// own lease, and gives it up with an until in the past; with one, anybody may
// ask whether the holder has given no sign of life for the time of its lease.
func (d *DB) Lease(ctx context.Context, name, holder string, until time.Time) (bool, error) {
	length := min(until.Sub(d.cfg.Machine.Now()), leaseMost)
	var got bool
	err := d.Do(ctx, event.Scope{}, func(tx *Tx) error {
		got = false
		now, is, there, err := tx.lease(name)
		switch {
		case err != nil:
			return err
		case there && is.holder != holder && !d.outwaits(name, is, now):
			return nil
		}
		got, err = tx.takeLease(name, is, there, held{holder, now.Add(length).UnixMilli()}, length > 0)
		return err
	})
	got = got && err == nil
	if got {
		d.watch.Delete(name)
	}
	return got, err
}

// Ahead tells how far this hub's machine clock is ahead of the database's, by
// less than the time that the question takes: of another machine, where the
// database is on one.
func (d *DB) Ahead(ctx context.Context) (time.Duration, error) {
	var at int64
	err := d.Read(ctx).rows(func(r scanner) error { return r.Scan(&at) }, "SELECT CAST("+d.engine.leaseTime()+" AS BIGINT)")
	if err != nil {
		return 0, err
	}
	return d.cfg.Machine.Now().Sub(time.UnixMilli(at)), nil
}

// outwaits tells whether this hub has watched another's lease for its rest.
func (d *DB) outwaits(name string, is held, now time.Time) bool {
	mine := d.cfg.Machine.Now()
	if was, ok := d.watch.Load(name); ok {
		if w := was.(watched); w.held == is && mine.Sub(w.since) >= 0 { // a watch that went back begins anew
			return mine.Sub(w.since) >= w.rest
		}
	}
	rest := time.UnixMilli(is.until).Sub(now)
	d.watch.Store(name, watched{is, mine, max(leaseSign, min(rest, leaseMost))})
	return false
}

// lease reads a lease's row, if it is there, and the time that leases go by.
func (tx *Tx) lease(name string) (now time.Time, is held, there bool, err error) {
	var at int64
	var holder *string
	var until *int64
	err = tx.rows(func(r scanner) error { return r.Scan(&at, &holder, &until) },
		"SELECT CAST("+tx.b.w.d.engine.leaseTime()+" AS BIGINT), l.holder, l.until FROM (SELECT 1) AS one LEFT JOIN leases l ON l.name = $1", name)
	if there = holder != nil; there {
		is = held{*holder, *until}
	}
	return time.UnixMilli(at), is, there, err
}

// takeLease writes a lease's row, or ends it, if it still is as it was.
func (tx *Tx) takeLease(name string, was held, there bool, next held, keep bool) (got bool, err error) {
	if !keep && !there {
		return true, nil
	}
	if err := tx.write(); err != nil {
		return false, err
	}
	mark := func(scanner) error { got = true; return nil }
	switch {
	case !keep:
		err = tx.rows(mark, "DELETE FROM leases WHERE name = $1 AND holder = $2 AND until = $3 RETURNING name", name, was.holder, was.until)
	case !there:
		err = tx.rows(mark, "INSERT INTO leases (name, holder, until) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING RETURNING name",
			name, next.holder, next.until)
	default:
		if next.until == was.until {
			next.until++ // a sign of life is seen by the change
		}
		err = tx.rows(mark, "UPDATE leases SET holder = $2, until = $3 WHERE name = $1 AND holder = $4 AND until = $5 RETURNING name",
			name, next.holder, next.until, was.holder, was.until)
	}
	return got, err
}

// sweepLeases removes the rows that this hub has seen without a sign of life
// since long: those of hubs that died, whose names never come again.
func (d *DB) sweepLeases(tx *Tx) (gone int64, err error) {
	all := map[string]held{}
	err = tx.rows(func(r scanner) error {
		var name string
		var is held
		err := r.Scan(&name, &is.holder, &is.until)
		all[name] = is
		return err
	}, "SELECT name, holder, until FROM leases")
	if err != nil {
		return 0, err
	}
	for name, is := range d.silent(all) {
		got, err := tx.takeLease(name, is, true, held{}, false)
		if err != nil {
			return 0, err
		}
		if got {
			gone++
		}
	}
	return gone, nil
}

// silent are the leases whose rows this hub has seen unchanged for so long that nobody keeps them.
func (d *DB) silent(all map[string]held) map[string]held {
	d.mu.Lock()
	defer d.mu.Unlock()
	out, mine, seen := map[string]held{}, d.cfg.Machine.Now(), map[string]watched{}
	for name, is := range all {
		was, ok := d.quiet[name]
		if !ok || was.held != is || mine.Before(was.since) {
			was = watched{held: is, since: mine}
		}
		seen[name] = was
		if mine.Sub(was.since) >= leaseKept {
			out[name] = is
		}
	}
	d.quiet = seen
	return out
}

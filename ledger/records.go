package ledger

import (
	"context"
	"time"

	"vez/event"
)

// Put writes a record and returns after its commit.
func (d *DB) Put(ctx context.Context, r event.Record) error {
	return d.Do(ctx, event.Scope{}, func(tx *Tx) error { return tx.Put(r) })
}

// Delete removes a record; one that is not there is no fault.
func (d *DB) Delete(ctx context.Context, kind, id string) error {
	return d.Do(ctx, event.Scope{}, func(tx *Tx) error { return tx.Delete(kind, id) })
}

// Get reads a record by kind and id; fault.UnknownThing when it is not there or has expired.
func (d *DB) Get(ctx context.Context, kind, id string) (event.Record, error) {
	return d.Read(ctx).Record(kind, id)
}

// Records lists a kind's records by owner, "" for all, sorted by id.
func (d *DB) Records(ctx context.Context, kind, owner string) ([]event.Record, error) {
	return d.Read(ctx).Records(kind, owner)
}

// commitsFor is how long the row of a writer that commits no more is kept.
const commitsFor = 24 * time.Hour

// Sweep removes expired records, forgotten idempotency keys and the rows of
// writers and of keepers that are gone, and tells how many rows went. It is
// safe to run at any time, on any hub.
func (d *DB) Sweep(ctx context.Context) (int64, error) {
	now := d.cfg.Machine.Now()
	var gone int64
	err := d.Do(ctx, event.Scope{}, func(tx *Tx) error {
		gone = 0
		for text, before := range map[string]time.Time{
			"DELETE FROM records WHERE expires > 0 AND expires <= $1 RETURNING kind": now,
			"DELETE FROM repeats WHERE at < $1 RETURNING route":                      now.Add(-event.KeyFor),
			"DELETE FROM commits WHERE at < $1 RETURNING writer":                     now.Add(-commitsFor),
		} {
			if err := tx.write(); err != nil {
				return err
			}
			if err := tx.rows(func(scanner) error { gone++; return nil }, text, stamp(before)); err != nil {
				return err
			}
		}
		n, err := d.sweepLeases(tx)
		gone += n
		return err
	})
	return gone, err
}

package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"vez/event"
	"vez/fault"
)

// Put writes a record and returns after its commit.
func (d *DB) Put(ctx context.Context, r event.Record) error {
	return d.Do(ctx, event.Scope{}, func(tx *Tx) error { return tx.Put(r) })
}

// Replace writes a record if the one there still has the old data; else it does nothing.
func (d *DB) Replace(ctx context.Context, old []byte, r event.Record) error {
	return d.Do(ctx, event.Scope{}, func(tx *Tx) error {
		kept, err := tx.Record(r.Kind, r.ID)
		switch {
		case fault.CodeOf(err) == fault.UnknownThing:
			return nil
		case err != nil:
			return err
		case !bytes.Equal(kept.Data, old):
			return nil
		}
		return tx.Put(r)
	})
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

// Recent lists a kind's records that expire later than an instant and whose data
// is wanted, the last to expire first; at most limit of them. Since records of a
// kind are kept for equally long, those are the latest written. wanted must not
// keep what it is shown.
func (d *DB) Recent(ctx context.Context, kind string, expires time.Time, limit int, wanted func(data []byte) bool) ([]event.Record, error) {
	r := d.Read(ctx)
	var out []event.Record
	err := r.rows(func(rows scanner) error {
		var id, owner string
		var until int64
		var data sql.RawBytes
		if err := rows.Scan(&id, &owner, &until, &data); err != nil {
			return err
		}
		if len(out) < limit && wanted(data) {
			out = append(out, event.Record{Kind: kind, ID: id, Owner: owner, Expires: time.UnixMilli(until).UTC(), Data: bytes.Clone(data)})
		}
		return nil
	}, `SELECT id, owner, expires, data FROM records
WHERE kind = $1 AND expires > 0 AND expires > $2 AND expires > $3 ORDER BY expires DESC, id DESC`, kind, stamp(expires), stamp(r.machine()))
	return out, err
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

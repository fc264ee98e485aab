package ledger

import (
	"context"
	"database/sql"
	"time"

	"vez/audit"
)

// Walk gives every event as its row has it, office by office and in order, all
// in one state of the ledger: what an audit.Auditor is fed with. progress, which
// may be nil, hears of events done and in all.
func (d *DB) Walk(ctx context.Context, feed func(audit.Row), progress func(done, total int)) error {
	tx, err := d.reads.still(ctx)
	if err != nil {
		return d.explain(ctx, err)
	}
	defer tx.Rollback()
	w := walker{feed: feed, progress: progress, Reader: &Reader{
		query:   func(text string, args ...any) (*sql.Rows, error) { return tx.QueryContext(ctx, text, args...) },
		explain: func(err error) error { return d.explain(ctx, err) },
		machine: d.cfg.Machine.Now,
	}}
	return w.run()
}

// Rows lists an office's events behind a sequence number as their rows have
// them, in order, at most limit.
func (d *DB) Rows(ctx context.Context, officeID string, after int64, limit int) ([]audit.Row, error) {
	var out []audit.Row
	err := d.Read(ctx).eventRows(officeID, after, limit, func(row audit.Row) { out = append(out, row) })
	return out, err
}

func (r *Reader) eventRows(officeID string, after int64, limit int, feed func(audit.Row)) error {
	return r.rows(func(r scanner) error {
		row := audit.Row{Office: officeID}
		var at int64
		if err := r.Scan(&row.Seq, &at, &row.Digest, &row.Hash, &row.Salt, &row.Payload); err != nil {
			return err
		}
		row.At = time.UnixMilli(at).UTC()
		feed(row)
		return nil
	}, "SELECT seq, at, digest, hash, salt, payload FROM events WHERE office = $1 AND seq > $2 ORDER BY seq LIMIT $3", officeID, after, limit)
}

type walker struct {
	*Reader
	feed        func(audit.Row)
	progress    func(done, total int)
	done, total int
}

func (w *walker) run() error {
	if err := w.rows(func(r scanner) error { return r.Scan(&w.total) }, "SELECT count(*) FROM events"); err != nil {
		return err
	}
	var offices []string
	err := w.rows(func(r scanner) error {
		var id string
		err := r.Scan(&id)
		offices = append(offices, id)
		return err
	}, "SELECT DISTINCT office FROM events ORDER BY 1")
	if err != nil {
		return err
	}
	for _, id := range offices {
		for from := int64(0); ; {
			last, err := w.page(id, from)
			if err != nil {
				return err
			}
			if last == from {
				break
			}
			from = last
		}
	}
	return nil
}

// page feeds the next rows of an office and gives the last one's sequence number.
func (w *walker) page(id string, after int64) (last int64, err error) {
	last = after
	err = w.eventRows(id, after, verifyPage, func(row audit.Row) {
		last = row.Seq
		w.feed(row)
		w.done++
	})
	if w.progress != nil {
		w.progress(w.done, w.total)
	}
	return last, err
}

package ledger

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// Recording holds what each batch of a ledger wrote, for a naive client to
// write once more: it is what the promise of speed is measured against.
type Recording struct {
	mu      sync.Mutex
	batches [][]op
}

// Record begins to record; it must be called before the first change.
func Record(d *DB) *Recording {
	r := &Recording{}
	d.engine = recordingEngine{d.engine, r}
	return r
}

type recordingEngine struct {
	engine
	r *Recording
}

func (e recordingEngine) link(ctx context.Context, db *sql.DB) (link, error) {
	l, err := e.engine.link(ctx, db)
	return &recordingLink{link: l, r: e.r}, err
}

type recordingLink struct {
	link
	r   *Recording
	ops []op
}

func (l *recordingLink) write(ops []op) error {
	l.ops = append(l.ops, ops...)
	return l.link.write(ops)
}

func (l *recordingLink) commit() (bool, error) {
	l.r.mu.Lock()
	defer l.r.mu.Unlock()
	l.r.batches = append(l.r.batches, l.ops)
	return l.link.commit()
}

// Replay commits batch after batch on one connection, each statement prepared
// once and sent by itself, as a client without a writer would. It leaves out
// the writer's own bookkeeping.
func (r *Recording) Replay(ctx context.Context, db *sql.DB, from int) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	prepared := map[string]*sql.Stmt{}
	for _, ops := range r.batches[from:] {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		for _, o := range ops {
			st, ok := prepared[o.text]
			if !ok {
				if st, err = conn.PrepareContext(ctx, o.text); err != nil {
					return err
				}
				prepared[o.text] = st
			}
			//nolint:sqlclosecheck // closed with the transaction
			if _, err := tx.StmtContext(ctx, st).ExecContext(ctx, o.args...); err != nil {
				return err
			}
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// ReplaySetup commits the first batches without being measured.
func (r *Recording) ReplaySetup(ctx context.Context, db *sql.DB, to int) error {
	return (&Recording{batches: r.batches[:to]}).Replay(ctx, db, 0)
}

// Len is how many batches were committed.
func (r *Recording) Len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.batches)
}

// ReplayInto commits all batches on one connection of another, empty ledger of
// the same engine; the first skip are not measured. It gives how long the rest took.
func (r *Recording) ReplayInto(ctx context.Context, d *DB, skip int, since func(time.Time) time.Duration, now func() time.Time) (time.Duration, error) {
	if err := r.ReplaySetup(ctx, d.writes, skip); err != nil {
		return 0, err
	}
	begun := now()
	err := r.Replay(ctx, d.writes, skip)
	return since(begun), err
}

package ledger

import (
	"context"
	"errors"
	"slices"
	"time"

	"vez/event"
	"vez/fault"
)

const (
	// tries is how often a batch is begun again after a deadlock or a lost
	// connection, within the engine's patience.
	tries = 3
	// lookUpFor is how long, and lookUpEvery how often, an unknown outcome is
	// looked up: as long as a silent database leaves of the patience.
	lookUpFor   = pgPatience - pgSilence
	lookUpEvery = 200 * time.Millisecond
)

// writer decides the changes of its route in turn and commits them together.
type writer struct {
	d     *DB
	name  string // its row in commits
	queue chan *change
	quit  chan struct{} // closed to end it
	gone  chan struct{} // closed when it has ended
}

func newWriter(d *DB, name string) *writer {
	return &writer{d: d, name: name, queue: make(chan *change, 4*batchMost), quit: make(chan struct{}), gone: make(chan struct{})}
}

func (w *writer) run() {
	defer w.d.running.Done()
	defer close(w.gone)
	for {
		select {
		case <-w.quit:
			return
		default:
		}
		select {
		case c := <-w.queue:
			w.settle(w.claim(c))
		case <-w.quit:
			return
		}
	}
}

// claim takes the change and those that wait behind it, without waiting for more.
func (w *writer) claim(c *change) []*change {
	var out []*change
	for {
		if c.state.CompareAndSwap(changeWaiting, changeRunning) {
			out = append(out, c)
		}
		if len(out) == batchMost {
			return out
		}
		select {
		case c = <-w.queue:
		default:
			return out
		}
	}
}

// settle gives every change its answer: together if that works, else without
// the one that panicked, else one by one.
func (w *writer) settle(cs []*change) {
	ctx, cancel := context.WithTimeout(context.Background(), w.d.engine.patience())
	defer cancel()
	for try := 1; len(cs) > 0; try++ {
		err := w.commit(ctx, cs, try > 1)
		var s *spoilt
		switch {
		case err == nil:
			for _, c := range cs {
				c.done <- c.err
			}
			return
		case errors.As(err, &s) && s.panicked:
			s.by.done <- fault.New(fault.Unexpected).Because(s.err)
			i := slices.Index(cs, s.by)
			cs, try = slices.Delete(slices.Clone(cs), i, i+1), 0
		case try < tries && w.worthAnother(ctx, err):
		case len(cs) > 1 && !hopeless(err):
			for i := range cs {
				w.settle(cs[i : i+1])
			}
			return
		default:
			w.fail(cs, err)
			return
		}
	}
}

// spoilt is a batch that one change's decision made unfit to commit.
type spoilt struct {
	by       *change
	err      error
	panicked bool
}

func (s *spoilt) Error() string { return s.err.Error() }
func (s *spoilt) Unwrap() error { return s.err }

// worthAnother tells whether the same batch may pass if begun again: after a
// deadlock, when another hub was first to write a row that the decision can now
// see, or on a new connection, for which it waits until the database answers.
func (w *writer) worthAnother(ctx context.Context, err error) bool {
	switch {
	case errors.Is(err, errClash) || w.d.engine.again(err):
		return true
	case errors.Is(err, errShut) || fault.CodeOf(err) != fault.LedgerAway:
		return false
	}
	w.d.engine.renew(w.d.writes)
	return w.d.silence.wait(ctx) == nil
}

// hopeless tells that trying the changes alone cannot help.
func hopeless(err error) bool {
	switch fault.CodeOf(err) {
	case fault.LedgerAway, fault.LedgerUnusable, fault.DiskFull, fault.UnknownOutcome:
		return true
	}
	return false
}

func (w *writer) fail(cs []*change, err error) {
	var s *spoilt
	if !errors.As(err, &s) {
		w.d.cfg.Log.Error("ledger: a batch failed", "changes", len(cs), "err", err)
		err = fault.Of(err)
	} else {
		err = s.err
	}
	for _, c := range cs {
		c.done <- err
	}
}

// commit decides the changes in one transaction and commits it. Afterwards
// c.err of each is its own answer. An error means that nothing was committed,
// or fault.UnknownOutcome. A careful try takes nothing for granted.
func (w *writer) commit(ctx context.Context, cs []*change, careful bool) (err error) {
	defer func() { w.heard(err) }()
	l, err := w.link(ctx)
	if err != nil {
		return err
	}
	if l.fresh() {
		w.d.seen.forget()
	}
	b := newBatch(w, l)
	b.careful = careful
	if err := b.decide(cs); err != nil {
		l.rollback()
		var s *spoilt
		if !errors.As(err, &s) {
			err = w.d.engine.classify(err)
		}
		code := fault.CodeOf(err)
		l.release(s == nil && (code == fault.LedgerAway || code == fault.LedgerUnusable))
		return err
	}
	if !b.wrote && !b.found {
		l.rollback()
		l.release(false)
		b.keepModels()
		return nil
	}
	unknown, err := l.commit()
	l.release(err != nil)
	if unknown {
		w.heard(err)
		err = w.lookUp(b.id, err)
	}
	if err != nil {
		return w.d.engine.classify(err)
	}
	b.keepModels()
	w.d.seen.keep(b.repeats.rows)
	w.d.publish(b.events)
	return nil
}

// heard begins the silence when an error is one. Keys that were seen are not
// believed any more when the database was away: another may have taken over.
func (w *writer) heard(err error) {
	switch fault.CodeOf(err) {
	case fault.LedgerAway, fault.UnknownOutcome:
		w.d.seen.forget()
	}
	if errors.Is(err, errSilent) {
		w.d.silence.fell()
	}
}

func (w *writer) link(ctx context.Context) (link, error) {
	if err := w.d.silence.admit(ctx); err != nil {
		return nil, away(err)
	}
	l, err := w.d.engine.link(ctx, w.d.writes)
	if err != nil {
		return nil, away(err)
	}
	return l, nil
}

// lookUp learns on a new connection whether a batch was committed: nil when it
// was, the cause when it was not, fault.UnknownOutcome when nobody answers, or
// when no commit behind it is confirmed: a standby that the database waits for
// may not have it, and what the primary alone has is gone with the primary.
func (w *writer) lookUp(batch string, cause error) error {
	limit, cancel := context.WithTimeout(context.Background(), lookUpFor)
	defer cancel()
	w.d.engine.renew(w.d.writes) // the idle ones may be as dead
	var err error
	for limit.Err() == nil {
		if err = w.d.silence.wait(limit); err != nil {
			break
		}
		var there bool
		if there, err = w.committed(limit, batch); err == nil {
			if there {
				return nil
			}
			return w.notCommitted(cause)
		}
		w.heard(err)
		pause(limit, lookUpEvery)
	}
	return fault.New(fault.UnknownOutcome).Because(errors.Join(cause, err))
}

// notCommitted is the fault of a commit that failed for certain.
func (w *writer) notCommitted(cause error) error {
	if err := w.d.engine.classify(cause); isFault(err) {
		return err
	}
	return away(cause)
}

// sqlLastBatch writes the row so that it waits for a transaction that holds
// it: a commit may still be under way on the server when its connection is lost.
const sqlLastBatch = `INSERT INTO commits (writer, batch, at) VALUES ($1, '', $2)
ON CONFLICT (writer) DO UPDATE SET at = excluded.at RETURNING batch`

// committed tells whether the writer's last batch is this one. That it is, a
// commit of its own confirms: standbys have whatever came before what they have.
func (w *writer) committed(ctx context.Context, batch string) (there bool, err error) {
	l, err := w.link(ctx)
	if err != nil {
		return false, err
	}
	defer func() { l.release(err != nil) }()
	if _, err = l.begin(nil, nil); err != nil {
		return false, err
	}
	rows, err := l.query(sqlLastBatch, w.name, w.d.cfg.Machine.Now().UnixMilli())
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var last string
	if rows.Next() {
		err = rows.Scan(&last)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil || last != batch {
		l.rollback()
		return false, err
	}
	_, err = l.commit()
	return err == nil, err
}

// publish tells the listeners of a commit.
func (d *DB) publish(events []event.Event) {
	if len(events) == 0 {
		return
	}
	d.mu.Lock()
	listeners := d.listeners
	d.mu.Unlock()
	for _, hear := range listeners {
		hear(events)
	}
}

package bench

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"vez/hall"
	"vez/queue"
)

// level is how much a ledger has to carry.
type level struct{ bookings, waiting int }

// levels of the curve; the promise is about the last.
var levels = []level{{10_000, 1_000}, {100_000, 10_000}, {1_000_000, 100_000}}

const (
	// growthLeast is how much of the empty ledger's rate the last level keeps.
	growthLeast = 0.8
	// growthRounds is how often both are measured in turn.
	growthRounds = 9
	// arriveMost is how long the live queues may take to have everything.
	arriveMost = 3 * time.Minute
)

// growth compares moves on a ledger that is filled more and more with moves on
// an empty one, in turn.
func (b *Bench) growth() ([]Row, error) {
	dir, remove, err := temp()
	if err != nil {
		return nil, err
	}
	defer remove()
	plain, redis, err := b.plainHub()
	if err != nil {
		return nil, err
	}
	defer plain.Close()
	ds, err := b.desks(plain, connections)
	if err != nil {
		return nil, err
	}
	f := newFiller(dir, plain.Catalogue)
	defer f.end()
	var rows []Row
	for i, l := range levels {
		last := i == len(levels)-1
		if last && b.quick {
			return append(rows, missing("moves/s with "+l.String(), "left out by --quick")), nil
		}
		row, err := b.grown(f, site{dir: dir, redis: redis}, l, ds)
		if err != nil {
			return rows, fmt.Errorf("%s: %w", l, err)
		}
		if last {
			row.Least = growthLeast
		}
		rows = append(rows, judged(row))
	}
	return rows, nil
}

// plainHub is an empty one, with a redis-server if there is one.
func (b *Bench) plainHub() (x *Hub, redis string, err error) {
	redis = "child"
	x, err = b.hub(site{redis: redis})
	if errors.Is(err, queue.ErrNoServer) {
		redis = ""
		x, err = b.hub(site{})
	}
	return x, redis, err
}

// grown fills the ledger up to a level and measures.
func (b *Bench) grown(f *filler, at site, l level, empty []*desk) (Row, error) {
	fmt.Fprintf(b.out, "  filling: %s …\n", l)
	if err := f.fill(b.ctx, l.bookings); err != nil {
		return Row{}, err
	}
	begun := time.Now()
	x, err := b.hub(at)
	if err != nil {
		return Row{}, err
	}
	defer x.Close()
	if err := b.caughtUp(x); err != nil {
		return Row{}, err
	}
	rebuilt := time.Since(begun)
	if err := b.crowd(x, l.waiting); err != nil {
		return Row{}, err
	}
	ds, err := b.desks(x, connections)
	if err != nil {
		return Row{}, err
	}
	row, err := b.versus(l, ds, empty)
	for _, d := range ds {
		err = errors.Join(err, d.verb("/close", `{}`))
	}
	row.Note += fmt.Sprintf("; lines in Redis %.1f s after the start", rebuilt.Seconds())
	return row, err
}

// versus measures both in turn.
func (b *Bench) versus(l level, full, empty []*desk) (Row, error) {
	var d duel
	for range growthRounds {
		lasts := 2 * b.lasts / growthRounds
		err := d.turn(func() (loaded, error) { return b.visits(full, throughTheLine, lasts) },
			func() (loaded, error) { return b.visits(empty, throughTheLine, lasts) })
		if err != nil {
			return Row{}, err
		}
	}
	return d.row("moves/s with "+l.String(), 0, "an empty ledger").
		noting(fmt.Sprintf("99th percentile %.1f ms, empty %.1f ms", ms(medianOf(d.got).P99), ms(medianOf(d.base).P99))), nil
}

// caughtUp waits until the live queues have all that the ledger has.
func (b *Bench) caughtUp(x *Hub) error {
	limit := time.Now().Add(arriveMost)
	for {
		behind, err := b.behind(x)
		if err != nil || behind == "" {
			return err
		}
		if time.Now().After(limit) {
			return fmt.Errorf("%s is not in Redis after %s", behind, arriveMost)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// behind names an office whose last event is not in Redis yet, "" for none.
func (b *Bench) behind(x *Hub) (string, error) {
	heads, err := x.DB.Heads(b.ctx)
	if err != nil {
		return "", err
	}
	for _, want := range heads {
		have, err := x.Queue.Head(b.ctx, want.Office)
		if err != nil || have.Seq < want.Seq {
			return want.Office, nil // away or not ready: it is coming
		}
	}
	return "", nil
}

// crowd issues tickets in all queues of all offices until so many wait.
func (b *Bench) crowd(x *Hub, waiting int) error {
	queues, have, err := b.openQueues(x)
	if err != nil {
		return err
	}
	if len(queues) == 0 {
		return errors.New("no queue takes walk-ins now")
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, connections)
	for c := range connections {
		wg.Go(func() {
			for i := int(next.Add(1)); i <= waiting-have && errs[c] == nil; i = int(next.Add(1)) {
				errs[c] = b.join(x, queues[i%len(queues)])
			}
		})
	}
	wg.Wait()
	return errors.Join(errors.Join(errs...), b.caughtUp(x))
}

type line struct{ office, queue string }

// openQueues are those that take walk-ins now, and how many wait in them.
func (b *Bench) openQueues(x *Hub) (out []line, waiting int, err error) {
	for _, o := range x.Catalogue.Offices {
		live, err := x.Hall.Read(b.ctx).Live(o.ID, o.Day(morning))
		if err != nil {
			return nil, 0, err
		}
		waiting += len(live)
		for _, q := range walkIns(x.Catalogue, o.ID) {
			if b.join(x, line{o.ID, q}) == nil {
				out, waiting = append(out, line{o.ID, q}), waiting+1
			}
		}
	}
	return out, waiting, nil
}

func (b *Bench) join(x *Hub, l line) error {
	_, err := x.Hall.Issue(b.ctx, hall.Act{Actor: "device:bench"}, hall.IssueRequest{Office: l.office, Queue: l.queue, Lang: "zh-Hant"})
	return err
}

// String is "1,000,000 bookings, 100,000 waiting".
func (l level) String() string {
	return thousands(l.bookings) + " bookings, " + thousands(l.waiting) + " waiting"
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

package bench

import (
	"errors"
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/ledger"
	"vez/queue"
)

const (
	// moveMost is what the promise allows the slowest hundredth of the moves.
	moveMost = 15 * time.Millisecond
	// rounds is how often figure and baseline are measured in turn.
	rounds = 3
	// singleMoves is how many moves the single client commits again in a round.
	singleMoves = 1600
)

// setup is a ledger, a Redis and a kind of visit that moves are measured with.
type setup struct {
	name     string
	redis    string
	postgres bool
	visit    visit
}

// movesOver compares durable moves through the API with one client that commits the same rows.
func movesOver(s setup) func(*Bench) ([]Row, error) {
	what := "moves/s through the HTTP API: " + s.name
	return func(b *Bench) ([]Row, error) {
		rows, err := b.movesOn(what, s)
		switch {
		case errors.Is(err, queue.ErrNoServer):
			return []Row{missing(what, "install redis-server or valkey-server")}, nil
		case errors.Is(err, errNoPostgres):
			return []Row{missing(what, "install PostgreSQL (on Debian: apt install postgresql)")}, nil
		}
		return rows, err
	}
}

func (b *Bench) movesOn(what string, s setup) ([]Row, error) {
	stores, err := b.stores(s)
	if err != nil {
		return nil, err
	}
	defer stores.end()
	recorded, err := b.record(stores, s)
	if err != nil {
		return nil, err
	}
	x, ds, err := b.staffed(stores, s)
	if err != nil {
		return nil, err
	}
	defer x.Close()
	e, err := b.emptyHandler()
	if err != nil {
		return nil, err
	}
	defer e.end()
	var d duel
	var floors []loaded
	for range rounds {
		err := d.turn(func() (loaded, error) { return b.visits(ds, s.visit, b.lasts/rounds) },
			func() (loaded, error) { return b.replay(stores, recorded) })
		if err != nil {
			return nil, err
		}
		f, err := e.posts(connections, b.lasts/rounds/3)
		if err != nil {
			return nil, err
		}
		floors = append(floors, f)
	}
	return movesRows(d, what, medianOf(floors)), nil
}

func movesRows(d duel, what string, floor loaded) []Row {
	got := medianOf(d.got)
	return []Row{
		d.row(what, 1, "one client's commits of the same rows"),
		bound(fmt.Sprintf("  one of %d connections waits, 99th percentile", connections), got.P99, moveMost).
			noting(fmt.Sprintf("median %.1f ms; an empty handler's: median %.1f, 99th %.1f ms", ms(got.P50), ms(floor.P50), ms(floor.P99))),
	}
}

// staffed opens a hub with all its desks.
func (b *Bench) staffed(st *stores, s setup) (*Hub, []*desk, error) {
	at, err := st.fresh()
	if err != nil {
		return nil, nil, err
	}
	at.redis = s.redis
	x, err := b.hub(at)
	if err != nil {
		return nil, nil, err
	}
	ds, err := b.desks(x, connections)
	if err != nil {
		x.Close()
		return nil, nil, err
	}
	return x, ds, nil
}

// stores gives fresh, empty ledgers of one engine on the same disk.
type stores struct {
	pg  *postgres // nil: SQLite
	end func()
}

func (b *Bench) stores(s setup) (*stores, error) {
	if !s.postgres {
		return &stores{end: func() {}}, nil
	}
	pg, err := startPostgres(b.ctx)
	if err != nil {
		return nil, err
	}
	return &stores{pg, pg.end}, nil
}

func (s *stores) fresh() (site, error) {
	if s.pg == nil {
		return site{}, nil
	}
	url, err := s.pg.database()
	return site{database: url}, err
}

// recording is what moves wrote; the first skip commits only set the stage.
type recording struct {
	*ledger.Recording
	skip int
}

// record makes moves one after another through the API, one commit each.
func (b *Bench) record(st *stores, s setup) (recording, error) {
	at, err := st.fresh()
	if err != nil {
		return recording{}, err
	}
	var r recording
	at.look = func(db *ledger.DB) { r.Recording = ledger.Record(db) }
	x, err := b.hub(at)
	if err != nil {
		return r, err
	}
	defer x.Close()
	ds, err := b.desks(x, 1)
	if err != nil {
		return r, err
	}
	r.skip = r.Len()
	steps := s.visit.steps()
	for n := 0; n < singleMoves; n += len(steps) {
		for _, move := range steps {
			if err := move(ds[0]); err != nil {
				return r, fmt.Errorf("recording: %w", err)
			}
		}
	}
	return r, nil
}

// replay is the rate at which one client commits the rows of the same moves,
// each in a transaction of its own, on the same engine and disk.
func (b *Bench) replay(st *stores, r recording) (loaded, error) {
	at, err := st.fresh()
	if err != nil {
		return loaded{}, err
	}
	dir, remove, err := temp()
	if err != nil {
		return loaded{}, err
	}
	defer remove()
	clock := clockwork.NewRealClock()
	s := settings(site{database: at.database})
	db, err := ledger.Open(b.ctx, ledger.Config{URL: s.Database, Key: s.Key, Dir: dir, House: clock, Machine: clock})
	if err != nil {
		return loaded{}, err
	}
	defer db.Close()
	n := r.Len() - r.skip
	took, err := r.ReplayInto(b.ctx, db, r.skip, time.Since, time.Now)
	return loaded{PerSecond: over(float64(n), took.Seconds())}, err
}

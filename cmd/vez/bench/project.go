package bench

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/event"
	"vez/office"
	"vez/queue"
)

const (
	// projected is how many moves are written to Redis.
	projected = 12000
	// inFlight is how many of them may wait, well within what the projection buffers.
	inFlight = 1000
	// piped is how many moves the raw pipeline sends at once.
	piped = 100
)

// projection compares moves written to the live queues with the same number of
// raw writes on the same Redis.
func (b *Bench) projection() ([]Row, error) {
	what := "moves/s written to the live queues, redis-server"
	t, cat, err := b.tape()
	if err != nil {
		return nil, err
	}
	dir, remove, err := temp()
	if err != nil {
		return nil, err
	}
	defer remove()
	client, end, err := queue.Child(b.ctx, dir, clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	if errors.Is(err, queue.ErrNoServer) {
		return []Row{missing(what, "install redis-server or valkey-server")}, nil
	}
	if err != nil {
		return nil, err
	}
	defer end()
	var single, many duel
	for range rounds {
		project := func() (loaded, error) { return t.project(b.ctx, client, cat) }
		err := single.turn(project, func() (loaded, error) { return t.raw(b.ctx, client, 1) })
		if err != nil {
			return nil, err
		}
		if err = many.turn(project, func() (loaded, error) { return t.raw(b.ctx, client, piped) }); err != nil {
			return nil, err
		}
	}
	return []Row{
		single.row(what, 1, "one client, one MULTI of the same writes for each move"),
		many.row("  the same", 0, fmt.Sprintf("a raw pipeline of the same writes, %d moves at a time", piped)),
	}, nil
}

// tape plays recorded events as if they were being committed. It is a queue.Source.
type tape struct {
	mu     sync.Mutex
	events []event.Event
	by     map[string][]event.Event
	at     map[string]int64 // committed so far
}

// tape records moves of all desks.
func (b *Bench) tape() (*tape, *office.Catalogue, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, nil, err
	}
	defer x.Close()
	ds, err := b.desks(x, connections)
	if err != nil {
		return nil, nil, err
	}
	t := &tape{by: map[string][]event.Event{}, at: map[string]int64{}}
	for len(t.events) < projected {
		if _, err := b.visits(ds, throughTheLine, 200*time.Millisecond); err != nil {
			return nil, nil, err
		}
		if err := t.read(b.ctx, x); err != nil {
			return nil, nil, err
		}
	}
	t.events = t.events[:projected]
	return t, x.Catalogue, nil
}

// read takes in what the ledger has beyond what is known.
func (t *tape) read(ctx context.Context, x *Hub) error {
	for _, o := range busyOffices {
		for {
			es, err := x.DB.After(ctx, o, int64(len(t.by[o])), inFlight)
			if err != nil {
				return err
			}
			t.by[o], t.events = append(t.by[o], es...), append(t.events, es...)
			if len(es) < inFlight {
				break
			}
		}
	}
	return nil
}

const tapeEpoch = "bench"

// Heads of the offices that have events by now.
func (t *tape) Heads(context.Context) ([]event.Head, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := []event.Head{{Office: "", Epoch: tapeEpoch}}
	for o, seq := range t.at {
		out = append(out, event.Head{Office: o, Epoch: tapeEpoch, Seq: seq})
	}
	return out, nil
}

// After lists what was committed after a sequence number.
func (t *tape) After(_ context.Context, o string, seq int64, limit int) ([]event.Event, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	es := t.by[o][:t.at[o]]
	from := min(int(seq), len(es))
	return slices.Clone(es[from:min(from+limit, len(es))]), nil
}

// Snapshot is asked for before the first event only.
func (t *tape) Snapshot(_ context.Context, o string) (event.Snapshot, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.at[o] > 0 {
		return event.Snapshot{}, errors.New("bench: the tape cannot be read from its middle")
	}
	return event.Snapshot{Head: event.Head{Office: o, Epoch: tapeEpoch}}, nil
}

// project commits the tape's events one by one and gives the rate at which Redis has them.
func (t *tape) project(ctx context.Context, client redis.UniversalClient, cat *office.Catalogue) (loaded, error) {
	t.at = map[string]int64{}
	if err := client.FlushDB(ctx).Err(); err != nil {
		return loaded{}, err
	}
	p := queue.New(queue.Config{Client: client, Source: t, Catalogue: cat})
	defer p.Close()
	<-p.Settled()
	<-p.Settled()
	begun := time.Now()
	for part := range slices.Chunk(t.events, inFlight) {
		for i := range part {
			t.mu.Lock()
			t.at[part[i].Office] = part[i].Seq
			t.mu.Unlock()
			p.Committed(part[i : i+1])
		}
		if err := t.arrived(ctx, p); err != nil {
			return loaded{}, err
		}
	}
	return t.rate(begun), nil
}

func (t *tape) rate(begun time.Time) loaded {
	return loaded{PerSecond: float64(len(t.events)) / time.Since(begun).Seconds()}
}

// arrived waits until Redis has all that was committed.
func (t *tape) arrived(ctx context.Context, p *queue.Projection) error {
	for o, seq := range t.at { // only we write it
		for {
			h, err := p.Head(ctx, o)
			if err != nil && !errors.Is(err, queue.ErrNotReady) {
				return err
			}
			if h.Seq >= seq {
				break
			}
			time.Sleep(200 * time.Microsecond)
		}
	}
	return nil
}

// raw makes about the writes of a move (stream, place, line or counter, head)
// under keys of its own, so many moves in a round trip, and gives moves a second.
func (t *tape) raw(ctx context.Context, client redis.UniversalClient, each int) (loaded, error) {
	payloads := make([][]byte, len(t.events))
	for i, e := range t.events {
		var err error
		if payloads[i], err = event.Payload(e); err != nil {
			return loaded{}, err
		}
	}
	send := client.Pipelined
	if each == 1 {
		send = client.TxPipelined
	}
	begun := time.Now()
	for at := 0; at < len(t.events); at += each {
		_, err := send(ctx, func(p redis.Pipeliner) error {
			for i := at; i < min(at+each, len(t.events)); i++ {
				rawMove(ctx, p, t.events[i], payloads[i])
			}
			return nil
		})
		if err != nil {
			return loaded{}, err
		}
	}
	return t.rate(begun), nil
}

func rawMove(ctx context.Context, p redis.Pipeliner, e event.Event, payload []byte) {
	key := "raw:{" + e.Office + "}:"
	p.XAdd(ctx, &redis.XAddArgs{Stream: key + "events", MaxLen: 500, Approx: true, Values: []any{"p", tapeEpoch, "e", payload}})
	for _, k := range e.Images.Tickets {
		p.HSet(ctx, key+"place", k.ID, string(k.State))
		if k.Counter == "" {
			p.ZAdd(ctx, key+"line:"+k.Queue, redis.Z{Score: float64(k.Due.UnixMilli()), Member: k.ID})
		} else {
			p.ZRem(ctx, key+"line:"+k.Queue, k.ID)
			p.HSet(ctx, key+"serving", k.Counter, k.Number)
		}
	}
	p.Set(ctx, key+"head", e.Seq, 0)
}

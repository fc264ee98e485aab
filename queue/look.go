package queue

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"vez/event"
	"vez/office"
)

// CellsOf reads how many places each cell of the queues has taken on the days:
// one byte a cell of 5 minutes from midnight, office time, free where the bytes
// end; a day without bookings is missing. It is one round trip, whatever the
// number of offices. The error is ErrAway, or ErrNotReady when an office is not
// in Redis: then the ledger must be asked, for what is missing is not free.
func (p *Projection) CellsOf(ctx context.Context, queues []string, days []office.Day) (map[string]map[office.Day][]byte, error) {
	if !p.isUp() {
		return nil, ErrAway
	}
	asks, err := p.asksFor(queues, days)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	_, err = p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, a := range asks {
			a.reply = pipe.MGet(ctx, a.keys...)
		}
		return nil
	})
	p.heard(err)
	if err != nil {
		return nil, errors.Join(ErrAway, err)
	}
	out := make(map[string]map[office.Day][]byte, len(queues))
	for _, a := range asks {
		if err := a.into(out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// cell names one occupancy string.
type cell struct {
	queue string
	day   office.Day
}

// ask is one MGET: an office's head, then occupancy strings.
type ask struct {
	keys  []string
	cells []cell
	reply *redis.SliceCmd
}

// asksFor groups what is asked by office, at most a chunk of keys each.
func (p *Projection) asksFor(queues []string, days []office.Day) ([]*ask, error) {
	var out []*ask
	open := map[string]*ask{}
	for _, id := range queues {
		q := p.cat.Queue(id)
		if q == nil {
			return nil, errors.New("queue: no queue " + strconv.Quote(id))
		}
		for _, d := range days {
			a := open[q.Office]
			if a == nil || len(a.keys) > chunk {
				a = &ask{keys: []string{headKey(q.Office)}}
				open[q.Office], out = a, append(out, a)
			}
			a.keys, a.cells = append(a.keys, cellsKey(q.Office, id, d)), append(a.cells, cell{id, d})
		}
	}
	return out, nil
}

func (a *ask) into(out map[string]map[office.Day][]byte) error {
	values := a.reply.Val()
	if len(values) != len(a.keys) || values[0] == nil {
		return ErrNotReady
	}
	for i, c := range a.cells {
		if out[c.queue] == nil {
			out[c.queue] = map[office.Day][]byte{}
		}
		if s, ok := values[i+1].(string); ok {
			out[c.queue][c.day] = []byte(s)
		}
	}
	return nil
}

// Line lists the ids of the tickets that wait in a queue, in order, at most limit (0: all).
func (p *Projection) Line(ctx context.Context, queue string, limit int64) ([]string, error) {
	q := p.cat.Queue(queue)
	if q == nil {
		return nil, errors.New("queue: no queue " + strconv.Quote(queue))
	}
	if !p.isUp() {
		return nil, ErrAway
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	members, err := p.client.ZRange(ctx, lineKey(q.Office, queue), 0, limit-1).Result()
	p.heard(err)
	if err != nil {
		return nil, errors.Join(ErrAway, err)
	}
	for i, m := range members {
		_, members[i], _ = strings.Cut(m, ":")
	}
	return members, nil
}

// Head tells how far an office is in Redis; ErrNotReady when it is not there.
func (p *Projection) Head(ctx context.Context, o string) (event.Head, error) {
	have, err := p.heads(ctx, []string{o})
	if err != nil {
		return event.Head{}, errors.Join(ErrAway, err)
	}
	h, ok := parseHead(o, have[o])
	if !ok {
		return event.Head{}, ErrNotReady
	}
	return h, nil
}

// Dump reads an office's projection to compare it, again if it changed meanwhile.
func (p *Projection) Dump(ctx context.Context, o string) (Picture, error) {
	for range 100 {
		out, err := p.dump(ctx, o)
		if err != nil || p.client.Get(ctx, headKey(o)).Val() == out.Head {
			return out, err
		}
	}
	return Picture{}, ErrNewer
}

func (p *Projection) dump(ctx context.Context, o string) (Picture, error) {
	out := Picture{Lines: map[string][]string{}, Cells: map[string]string{}}
	c := p.client
	out.Head = c.Get(ctx, headKey(o)).Val()
	suffixes, err := c.SMembers(ctx, indexKey(o)).Result()
	if err != nil {
		return out, err
	}
	out.Day = office.Day(c.Get(ctx, dayKey(o)).Val())
	if out.Serving, err = c.HGetAll(ctx, servingKey(o)).Result(); err != nil {
		return out, err
	}
	top, err := c.XRevRangeN(ctx, eventsKey(o), "+", "-", 1).Result()
	if err != nil {
		return out, err
	}
	if len(top) > 0 {
		out.Top = top[0].ID
	}
	for _, s := range suffixes {
		if err := p.dumpOne(ctx, &out, o, s); err != nil {
			return out, err
		}
	}
	return out, nil
}

func (p *Projection) dumpOne(ctx context.Context, out *Picture, o, suffix string) error {
	if q, ok := strings.CutPrefix(suffix, "line:"); ok {
		l, err := p.client.ZRangeWithScores(ctx, prefix(o)+suffix, 0, -1).Result()
		if err != nil || len(l) == 0 {
			return err
		}
		for _, z := range l {
			out.Lines[q] = append(out.Lines[q], strconv.FormatInt(int64(z.Score), 10)+" "+z.Member.(string))
		}
		return nil
	}
	key, ok := strings.CutPrefix(suffix, "cells:")
	if !ok {
		return nil
	}
	cells, err := p.client.Get(ctx, prefix(o)+suffix).Result()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if cells = strings.TrimRight(cells, "\x00"); cells != "" {
		out.Cells[key] = cells
	}
	return err
}

// Equal tells whether two pictures show the same.
func (x Picture) Equal(y Picture) bool { return reflect.DeepEqual(x, y) }

// Verify compares an office in Redis with what the ledger makes of it, and
// rebuilds it when they differ at the same head. It reports whether they were
// equal; an office that moves on meanwhile is looked at again, a few times.
func (p *Projection) Verify(ctx context.Context, o string) (bool, error) {
	for range 5 {
		s, err := p.source.Snapshot(ctx, o)
		if err != nil {
			return false, err
		}
		s.Head.Office = o
		have, err := p.Dump(ctx, o)
		if err != nil {
			return false, err
		}
		want := PictureOf(s, p.location(o))
		if have.Head != want.Head {
			continue
		}
		if have.Equal(want) {
			return true, nil
		}
		p.log.Error("queue: an office differs from the ledger and is rebuilt", "office", o, "head", have.Head,
			"lines", slices.Equal(keysOf(have.Lines), keysOf(want.Lines)))
		return false, p.rebuild(ctx, o, have.Head)
	}
	return false, ErrNewer
}

func keysOf(m map[string][]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

package queue

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"vez/event"
)

const (
	// blockFor is how long one XREAD waits for news.
	blockFor = time.Second
	// followAgain is the pause before Redis is tried again, machine time.
	followAgain = 500 * time.Millisecond
)

// Follow calls f with the events of the offices after the given heads, in
// order and from one goroutine, until ctx ends. The zero epoch means "from now
// on". Events without images of holders come as the stream carries them: no
// actor, no detail, bookings as what they take. No events mean that the thread
// was lost (a rebuild, a gap, another epoch): read a snapshot. While Redis is
// away nothing comes; afterwards the thread goes on or is lost.
func (p *Projection) Follow(ctx context.Context, from []event.Head, f func(office, epoch string, es []event.Event)) {
	client, err := ownClient(p.client, len(from))
	if err != nil {
		p.log.Error("queue: no client to follow with", "err", err)
		return
	}
	var once sync.Once
	hangUp := func() { once.Do(func() { _ = client.Close() }) }
	defer hangUp()
	defer context.AfterFunc(ctx, hangUp)() // go-redis does not end a read when ctx does

	if _, cluster := client.(*redis.ClusterClient); !cluster {
		p.followSome(ctx, client, from, f)
		return
	}
	var mu sync.Mutex // f is called by one at a time
	var wg sync.WaitGroup
	for i := range from { // one read cannot span the slots of a cluster
		wg.Go(func() {
			p.followSome(ctx, client, from[i:i+1], func(o, epoch string, es []event.Event) {
				mu.Lock()
				defer mu.Unlock()
				f(o, epoch, es)
			})
		})
	}
	wg.Wait()
}

// thread is how far a follower has come in the streams it reads.
type thread struct {
	p       *Projection
	client  redis.UniversalClient
	offices []string
	at      map[string]event.Head
	f       func(office, epoch string, es []event.Event)
	checked time.Time
}

func (p *Projection) followSome(ctx context.Context, c redis.UniversalClient, from []event.Head, f func(string, string, []event.Event)) {
	t := &thread{p: p, client: c, at: map[string]event.Head{}, f: f}
	for _, h := range from {
		t.offices = append(t.offices, h.Office)
		t.at[h.Office] = h
	}
	for ctx.Err() == nil {
		err := t.step(ctx)
		if err == nil || ctx.Err() != nil {
			continue
		}
		select {
		case <-ctx.Done():
		case <-p.clock.After(followAgain):
		}
	}
}

// step reads once, and looks at the heads when nothing came or a second has gone by.
func (t *thread) step(ctx context.Context) error {
	if t.checked.IsZero() {
		if err := t.check(ctx); err != nil {
			return err
		}
	}
	quiet, err := t.read(ctx)
	if err != nil {
		t.checked = time.Time{}
		return err
	}
	if quiet || t.p.clock.Since(t.checked) >= blockFor {
		return t.check(ctx)
	}
	return nil
}

func (t *thread) read(ctx context.Context) (quiet bool, err error) {
	streams := make([]string, 0, 2*len(t.offices))
	for _, o := range t.offices {
		streams = append(streams, eventsKey(o))
	}
	for _, o := range t.offices {
		streams = append(streams, entryID(t.at[o].Seq))
	}
	wait, cancel := context.WithTimeout(ctx, blockFor+opTimeout)
	defer cancel()
	got, err := t.client.XRead(wait, &redis.XReadArgs{Streams: streams, Count: chunk, Block: blockFor}).Result()
	if errors.Is(err, redis.Nil) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	for _, s := range got {
		t.hear(officeOf(s.Stream), s.Messages)
	}
	rest(ctx)
	return false, nil
}

// officeOf reads the office back from a key made here.
func officeOf(key string) string {
	_, rest, _ := strings.Cut(key, "{")
	o, _, _ := strings.Cut(rest, "}")
	return o
}

// hear hands on what one stream brought.
func (t *thread) hear(o string, entries []redis.XMessage) {
	var es []event.Event
	epoch := t.at[o].Epoch
	hand := func() {
		if len(es) > 0 {
			t.f(o, epoch, es)
		}
		es = nil
	}
	for _, m := range entries {
		at, came := t.p.read(o, m)
		was := t.at[o].Seq
		if at.Epoch != epoch || len(came) == 0 || came[0].Seq > was+1 {
			hand()
			t.f(o, at.Epoch, nil)
			epoch, was = at.Epoch, 0
		}
		for _, e := range came { // an entry may begin with what came before
			if e.Seq > was {
				es = append(es, e)
			}
		}
		t.at[o] = at
	}
	hand()
}

// read decodes a stream entry; no events are the mark that a rebuild leaves.
func (p *Projection) read(o string, m redis.XMessage) (event.Head, []event.Event) {
	digits, _, _ := strings.Cut(m.ID, "-")
	seq, _ := strconv.ParseInt(digits, 10, 64)
	epoch, _ := m.Values["p"].(string)
	h := event.Head{Office: o, Epoch: epoch, Seq: seq}
	text, ok := m.Values["e"].(string)
	if !ok {
		return h, nil
	}
	if es := p.own(o, seq, text); len(es) > 0 {
		return h, es
	}
	es, err := decodeEntry(o, seq, text)
	if err != nil {
		return h, nil
	}
	return h, es
}

// check compares the thread with the heads: a stream that went back, or is of
// another epoch, would never bring anything after where we are.
func (t *thread) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	heads, err := headsOf(ctx, t.client, t.offices, func(error) {})
	if err != nil {
		return err
	}
	t.checked = t.p.clock.Now()
	for _, o := range t.offices {
		head, ok := parseHead(o, heads[o])
		at := t.at[o]
		switch {
		case !ok: // empty; the comparison will fill it again
		case at.Epoch == "":
			t.at[o] = head
			t.f(o, head.Epoch, nil)
		case head.Epoch != at.Epoch || head.Seq < at.Seq:
			t.at[o] = head
			t.f(o, head.Epoch, nil)
		}
	}
	return nil
}

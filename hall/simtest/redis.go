package simtest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// linkState is what is wrong with a hub's way to Redis.
type linkState int

const (
	whole  linkState = iota
	cut              // nothing goes through, connections end
	mute             // what is asked is done, and the connection ends instead of the answer
	silent           // what is asked is done, and no answer ever comes
)

// link is a hub's way to Redis.
type link struct {
	dial func() (net.Conn, error)
	mu   sync.Mutex
	is   linkState
	open map[*wire]bool
}

var errCut = errors.New("simtest: the way to Redis is cut")

func (l *link) state() linkState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.is
}

// set changes what is wrong; a cut ends what is open.
func (l *link) set(s linkState) {
	l.mu.Lock()
	l.is = s
	var open []*wire
	for w := range l.open {
		open = append(open, w)
	}
	l.mu.Unlock()
	if s != cut {
		return
	}
	for _, w := range open {
		_ = w.Close()
	}
}

// Dial connects, unless it is cut.
func (l *link) Dial(context.Context, string, string) (net.Conn, error) {
	if l.state() == cut {
		return nil, errCut
	}
	c, err := l.dial()
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: c, link: l, ended: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[w] = true
	return w, nil
}

// wire is one connection.
type wire struct {
	net.Conn
	link  *link
	once  sync.Once
	ended chan struct{}

	mu       sync.Mutex
	deadline time.Time
}

// Read waits for an answer, or loses it.
func (w *wire) Read(b []byte) (int, error) {
	n, err := w.Conn.Read(b)
	if err != nil {
		return n, err
	}
	switch w.link.state() {
	case cut, mute:
		_ = w.Close()
		return 0, io.EOF
	case silent:
		return 0, w.wait()
	}
	return n, nil
}

// wait gives no answer until the caller gives up.
func (w *wire) wait() error {
	w.mu.Lock()
	left := time.Until(w.deadline)
	w.mu.Unlock()
	select {
	case <-w.ended:
		return net.ErrClosed
	case <-time.After(left):
		return os.ErrDeadlineExceeded
	}
}

// SetReadDeadline notes when the caller gives up.
func (w *wire) SetReadDeadline(t time.Time) error {
	w.mu.Lock()
	w.deadline = t
	w.mu.Unlock()
	return w.Conn.SetReadDeadline(t)
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.ended) })
	w.link.mu.Lock()
	delete(w.link.open, w)
	w.link.mu.Unlock()
	return w.Conn.Close()
}

// client connects a hub through its link, as the program does: it never asks twice.
func (l *link) client(like redis.UniversalClient) redis.UniversalClient {
	o := *like.(*redis.Client).Options()
	o.Dialer = l.Dial
	return redis.NewClient(&o)
}

// copyKeys reads all that Redis holds, to go back to it later as a stale replica does.
func copyKeys(ctx context.Context, c redis.UniversalClient) ([]func(redis.Pipeliner), error) {
	keys, err := c.Keys(ctx, "*").Result()
	if err != nil {
		return nil, err
	}
	var out []func(redis.Pipeliner)
	for _, k := range keys {
		kind, err := c.Type(ctx, k).Result()
		if err != nil {
			return nil, err
		}
		put, err := copyKey(ctx, c, k, kind)
		if err != nil {
			return nil, err
		}
		out = append(out, put)
	}
	return out, nil
}

func copyKey(ctx context.Context, c redis.UniversalClient, k, kind string) (func(redis.Pipeliner), error) {
	switch kind {
	case "string":
		v, err := c.Get(ctx, k).Result()
		return func(p redis.Pipeliner) { p.Set(ctx, k, v, 0) }, err
	case "set":
		v, err := c.SMembers(ctx, k).Result()
		return func(p redis.Pipeliner) { p.SAdd(ctx, k, anys(v)...) }, err
	case "hash":
		v, err := c.HGetAll(ctx, k).Result()
		return func(p redis.Pipeliner) { p.HSet(ctx, k, v) }, err
	case "zset":
		v, err := c.ZRangeWithScores(ctx, k, 0, -1).Result()
		return func(p redis.Pipeliner) { p.ZAdd(ctx, k, v...) }, err
	}
	v, err := c.XRange(ctx, k, "-", "+").Result()
	return func(p redis.Pipeliner) {
		for _, e := range v {
			p.XAdd(ctx, &redis.XAddArgs{Stream: k, ID: e.ID, Values: e.Values})
		}
	}, err
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// goBack puts Redis into the state of a copy.
func goBack(ctx context.Context, c redis.UniversalClient, to []func(redis.Pipeliner)) error {
	_, err := c.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.FlushAll(ctx)
		for _, put := range to {
			put(p)
		}
		return nil
	})
	return err
}

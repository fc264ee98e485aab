package queue

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/event"
	"vez/office"
)

// pagesMax is how many pages of missed events are applied before a rebuild is cheaper.
const pagesMax = 10

// compareAlways compares all heads with the ledger, each second and when an
// apply was refused. While Redis is away it is what looks for its return.
func (p *Projection) compareAlways(tick clockwork.Ticker) {
	defer p.wg.Done()
	defer tick.Stop()
	for {
		select {
		case <-p.ctx.Done():
			return
		case <-tick.Chan():
		case <-p.kick:
		}
		p.compare(p.ctx)
		p.settle()
	}
}

// settle tells who waits that a comparison has ended.
func (p *Projection) settle() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.settled)
	p.settled = make(chan struct{})
}

// Settled is closed at the end of the comparison that is running or comes next.
func (p *Projection) Settled() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settled
}

// Compare asks for a comparison now rather than at the next second.
func (p *Projection) Compare() { p.kickNow() }

// compare reads the heads in Redis first and the ledger's after it, so that
// Redis can only seem ahead if it is.
func (p *Projection) compare(ctx context.Context) {
	offices := p.offices()
	have, err := p.heads(ctx, offices)
	if err != nil {
		return
	}
	ask, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	heads, err := p.source.Heads(ask)
	if err != nil {
		p.doubt(offices)
		p.log.Warn("queue: the ledger does not answer", "err", err)
		return
	}
	want := make(map[string]event.Head, len(heads))
	for _, h := range heads {
		want[h.Office] = h
		p.learnEpoch(h.Epoch)
	}
	for _, o := range offices {
		if err := p.mend(ctx, o, have[o], want[o]); err != nil && ctx.Err() == nil {
			p.mark([]event.Event{{Office: o}})
			p.log.Warn("queue: an office could not be mended", "office", o, "err", err)
		}
	}
}

func (p *Projection) offices() []string {
	out := make([]string, 0, len(p.cat.Offices))
	for _, o := range p.cat.Offices {
		out = append(out, o.ID)
	}
	return out
}

// heads reads the offices' heads in Redis; "" where there is none.
func (p *Projection) heads(ctx context.Context, offices []string) (map[string]string, error) {
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	return headsOf(ctx, p.client, offices, p.heard)
}

func headsOf(ctx context.Context, c redis.UniversalClient, offices []string, heard func(error)) (map[string]string, error) {
	out := make(map[string]string, len(offices))
	for part := range slices.Chunk(offices, chunk) {
		cmds := make([]*redis.StringCmd, len(part))
		_, err := c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, o := range part {
				cmds[i] = pipe.Get(ctx, headKey(o))
			}
			return nil
		})
		if errors.Is(err, redis.Nil) {
			err = nil
		}
		heard(err)
		if err != nil {
			return nil, err
		}
		for i, o := range part {
			if err := cmds[i].Err(); err != nil && !errors.Is(err, redis.Nil) {
				return nil, err
			}
			out[o] = cmds[i].Val()
		}
	}
	return out, nil
}

// mend makes an office right if it is not: nothing, the missing events, or a rebuild.
func (p *Projection) mend(ctx context.Context, o, have string, want event.Head) error {
	dirty := p.takeDirty(o)
	head, ok := parseHead(o, have)
	if want.Epoch == "" { // the ledger has no events of it yet
		want = event.Head{Office: o, Epoch: p.knownEpoch()}
	}
	switch {
	case !ok || want.Epoch == "" || head.Epoch != want.Epoch || head.Seq > want.Seq || p.doubted(o):
		return p.rebuild(ctx, o, have)
	case head.Seq == want.Seq && !dirty:
		return nil
	case head.Seq < want.Seq && !dirty && p.coming(o):
		return nil
	}
	err := p.catchUp(ctx, o, head.Seq)
	if refused(err) || answered(err) {
		return p.rebuildNow(ctx, o)
	}
	return err
}

// doubt notes that the ledger was away: another may answer in its stead that has
// lost the last events, and given their numbers to others since. A head alone
// does not tell, so every office is built anew once it answers.
func (p *Projection) doubt(offices []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, o := range offices {
		p.doubts[o] = true
	}
}

func (p *Projection) doubted(o string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.doubts[o]
}

func (p *Projection) trust(o string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.doubts, o)
}

func (p *Projection) takeDirty(o string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.dirty[o]
	delete(p.dirty, o)
	return was
}

// coming tells whether commits of an office wait to be applied.
func (p *Projection) coming(o string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting[o] > 0
}

// catchUp applies the events after a sequence number.
func (p *Projection) catchUp(ctx context.Context, o string, seq int64) error {
	for range pagesMax {
		ask, cancel := context.WithTimeout(ctx, askTimeout)
		es, err := p.source.After(ask, o, seq, chunk)
		cancel()
		if err != nil || len(es) == 0 {
			return err
		}
		if slices.ContainsFunc(es, erased) {
			return ErrGap
		}
		if err := p.apply(ctx, o, es); err != nil {
			return err
		}
		if len(es) < chunk {
			return nil
		}
		seq = es[len(es)-1].Seq
	}
	return ErrGap // too far behind: a rebuild is cheaper
}

// erased tells that an event's payload was thrown away: it says nothing any more.
func erased(e event.Event) bool { return e.Kind == "" }

// rebuildNow rebuilds on the head that is there now.
func (p *Projection) rebuildNow(ctx context.Context, o string) error {
	have, err := p.heads(ctx, []string{o})
	if err != nil {
		return err
	}
	return p.rebuild(ctx, o, have[o])
}

// rebuild makes an office anew from the ledger; seen is the head in Redis that was found wrong.
func (p *Projection) rebuild(ctx context.Context, o, seen string) error {
	ask, cancel := context.WithTimeout(ctx, askTimeout)
	s, err := p.source.Snapshot(ask, o)
	cancel()
	if err != nil {
		return err
	}
	s.Head.Office = o
	p.learnEpoch(s.Head.Epoch)
	err = p.swapIn(ctx, rebuildOf(s, p.location(o)), seen)
	p.heard(err)
	if errors.Is(err, ErrNewer) {
		return nil
	}
	if err == nil {
		p.trust(o)
		level := slog.LevelInfo
		if s.Head.Seq == 0 {
			level = slog.LevelDebug // an office where nothing has happened yet
		}
		p.log.Log(ctx, level, "queue: an office was rebuilt", "office", o, "seen", seen, "seq", s.Head.Seq)
	}
	return err
}

// Rebuild makes an office anew, whatever stands there.
func (p *Projection) Rebuild(ctx context.Context, o string) error { return p.rebuildNow(ctx, o) }

// sweep forgets the bookings of days that are over; their cells went with the day.
func (p *Projection) sweep(ctx context.Context, o string, day office.Day) {
	var cursor uint64
	for {
		ctx, cancel := context.WithTimeout(ctx, opTimeout)
		fields, next, err := p.client.HScan(ctx, bookedKey(o), cursor, "", chunk).Result()
		if err == nil {
			err = p.forget(ctx, o, fields, day)
		}
		cancel()
		if err != nil || next == 0 {
			return
		}
		cursor = next
	}
}

func (p *Projection) forget(ctx context.Context, o string, fields []string, day office.Day) error {
	var old []string
	for i := 0; i+1 < len(fields); i += 2 {
		if w := strings.Fields(fields[i+1]); len(w) > 1 && w[1] < string(day) {
			old = append(old, fields[i])
		}
	}
	if len(old) == 0 {
		return nil
	}
	return p.client.HDel(ctx, bookedKey(o), old...).Err()
}

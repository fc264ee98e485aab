package queue

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// presenceKept is how long a console or device that fell silent is remembered.
const presenceKept = 24 * time.Hour

// Touch notes a sign of a console or device, machine time. With Redis away it
// does nothing, at once: the next sign is not far.
func (p *Projection) Touch(ctx context.Context, office, id string) error {
	if !p.isUp() {
		return ErrAway
	}
	now := p.clock.Now()
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	_, err := p.client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.ZAdd(ctx, presenceKey(office), redis.Z{Score: float64(now.UnixMilli()), Member: id})
		pipe.ZRemRangeByScore(ctx, presenceKey(office), "-inf", strconv.FormatInt(now.Add(-presenceKept).UnixMilli(), 10))
		return nil
	})
	p.heard(err)
	return err
}

// Present gives the last sign of every console and device of an office within
// a day, machine time. With Redis away the error is ErrAway: nothing is known.
func (p *Projection) Present(ctx context.Context, office string) (map[string]time.Time, error) {
	if !p.isUp() {
		return nil, ErrAway
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	list, err := p.client.ZRangeWithScores(ctx, presenceKey(office), 0, -1).Result()
	p.heard(err)
	if err != nil {
		return nil, errors.Join(ErrAway, err)
	}
	out := make(map[string]time.Time, len(list))
	for _, z := range list {
		out[z.Member.(string)] = time.UnixMilli(int64(z.Score)).UTC()
	}
	return out, nil
}

// Allow tells whether one more act of a kind is within its limit: n at once,
// and evenly n in every per. Refused, it says how long to wait. It fails open:
// with Redis away everything is allowed, at once.
func (p *Projection) Allow(ctx context.Context, key string, n int, per time.Duration) (ok bool, wait time.Duration) {
	if !p.isUp() || n <= 0 {
		return true, 0
	}
	ctx, cancel := context.WithTimeout(ctx, opTimeout)
	defer cancel()
	step := float64(per.Milliseconds()) / float64(n)
	v, err := run(ctx, p.client, allowScript, []string{limitKey(key)}, p.clock.Now().UnixMilli(), step, n)
	p.heard(err)
	ms, isNumber := v.(int64)
	if err != nil || !isNumber || ms <= 0 {
		return true, 0
	}
	return false, time.Duration(ms) * time.Millisecond
}

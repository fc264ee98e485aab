package queue

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

var (
	//go:embed script/apply.lua
	applyText string
	//go:embed script/swap.lua
	swapText string
	//go:embed script/allow.lua
	allowText string

	applyScript = redis.NewScript(applyText)
	swapScript  = redis.NewScript(swapText)
	allowScript = redis.NewScript(allowText)
)

// What the scripts refuse. None of these has changed anything.
var (
	ErrNoHead     = errors.New("queue: the office has no head in Redis")
	ErrOtherEpoch = errors.New("queue: the office in Redis is of another epoch")
	ErrTorn       = errors.New("queue: the stream's top is not the head")
	ErrGap        = errors.New("queue: events are missing between")
	ErrNewer      = errors.New("queue: what is in Redis is meanwhile newer")
	ErrIncomplete = errors.New("queue: a rebuild's temporary keys are missing")
)

// applied reads the answer of apply.lua: how far the office is now.
func applied(v any, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	pair, ok := v.([]any)
	if !ok || len(pair) != 2 {
		return 0, fmt.Errorf("queue: apply answered %v", v)
	}
	code, _ := pair[0].(int64)
	seq, _ := pair[1].(int64)
	switch code {
	case 0, 1:
		return seq, nil
	case -1:
		return seq, ErrNoHead
	case -2:
		return seq, ErrOtherEpoch
	case -3:
		return seq, ErrTorn
	case -4:
		return seq, ErrGap
	}
	return seq, fmt.Errorf("queue: apply answered %d", code)
}

// refused tells whether Redis answered, but with one of the scripts' refusals.
func refused(err error) bool {
	for _, e := range []error{ErrNoHead, ErrOtherEpoch, ErrTorn, ErrGap, ErrNewer, ErrIncomplete} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// answered tells whether it is Redis itself that reports a mistake, such as a
// key of another type: what stands there is not ours and must be made anew.
func answered(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply) && !errors.Is(err, redis.Nil)
}

// run calls a script by its hash and sends its text only when Redis does not
// know it: nothing else is ever sent twice.
func run(ctx context.Context, c redis.UniversalClient, s *redis.Script, keys []string, args ...any) (any, error) {
	return s.Run(ctx, c, keys, args...).Result()
}

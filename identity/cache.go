package identity

import (
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

// cacheMost bounds the cache; past it the whole is forgotten, which costs one
// read each.
const cacheMost = 20_000

// cache remembers resolved sessions and tokens by hash for a little while, so
// that a page with its scripts and streams reads the store once.
type cache struct {
	clock clockwork.Clock
	mu    sync.Mutex
	known map[string]cached
}

type cached struct {
	who  Principal
	at   time.Time // when the store was asked
	seen time.Time // when the store was last told that it is used
	ends time.Time // when it ends at the latest; zero: never

	email []byte // sealed, of a citizen's session
}

func newCache(clock clockwork.Clock) *cache {
	return &cache{clock: clock, known: map[string]cached{}}
}

// get gives what is known of a hash if the store was asked within d.
func (c *cache) get(hash string, d time.Duration) (cached, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.known[hash]
	now := c.clock.Now()
	if !ok || now.Sub(e.at) > d || !e.ends.IsZero() && !now.Before(e.ends) {
		return cached{}, false
	}
	return e, true
}

func (c *cache) put(hash string, e cached) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) >= cacheMost {
		clear(c.known)
	}
	c.known[hash] = e
}

func (c *cache) forget(hashes ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, hash := range hashes {
		delete(c.known, hash)
	}
}

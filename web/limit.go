package web

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/fault"
)

// Rate bounds an act: N at once, and evenly N in every Per.
type Rate struct {
	// Name of the act, the same wherever it can be done.
	Name string
	N    int
	Per  time.Duration
	// Guess marks what an attacker repeats to find a secret. Each hub counts it
	// by itself as well, so that it stays bounded with Redis away.
	Guess bool
	// Here counts in this hub alone: for acts of staff and devices, which are
	// bounded against runaway programs only and are not to wait for Redis.
	Here bool
}

// What may be written, through pages and API. Far above what people do: a clerk
// makes a few moves a minute, a kiosk that was cut off brings hundreds of acts
// when it is back, and behind one address of a mobile network there is a town.
var (
	writesOfStaff   = Rate{Name: "write staff", N: 600, Per: time.Minute, Here: true}
	writesOfDevice  = Rate{Name: "write device", N: 3000, Per: time.Minute, Here: true}
	writesOfCitizen = Rate{Name: "write citizen", N: 120, Per: time.Minute}
	writesOfNetwork = Rate{Name: "write network", N: 1200, Per: time.Minute}
)

// Limit counts one act under the name of who does it, or refuses it:
// fault.TooOften with seconds. No limit applies to the machine itself in a
// demonstration.
func Limit(c *fiber.Ctx, r Rate, who string) error {
	a := stateOf(c).app
	if a == nil || a.cfg.Demo && atHome(c) {
		return nil
	}
	sum := sha256.Sum256([]byte(r.Name + "\x00" + who))
	key := r.Name + ":" + hex.EncodeToString(sum[:12])
	if r.Guess || r.Here || a.cfg.Allow == nil {
		if wait := a.buckets.take(key, r); wait > 0 {
			return tooOften(wait)
		}
	}
	if r.Here || a.cfg.Allow == nil {
		return nil
	}
	if ok, wait := a.cfg.Allow(c.UserContext(), key, r.N, r.Per); !ok {
		return tooOften(wait)
	}
	return nil
}

// LimitClient is Limit for the network that a request comes from.
func LimitClient(c *fiber.Ctx, r Rate) error { return Limit(c, r, Network(c)) }

// Network names the network that a request comes from, as limits count it: an
// address of IPv4, but a /64 of IPv6, of which one subscriber has all addresses.
func Network(c *fiber.Ctx) string { return network(Client(c)) }

// LimitWrite counts a change that somebody asks for: by staff and devices under
// their own name, by anybody else also under their network's.
func LimitWrite(c *fiber.Ctx, who Principal) error {
	switch {
	case who.Device != "":
		return Limit(c, writesOfDevice, who.ID)
	case who.Staff():
		return Limit(c, writesOfStaff, who.ID)
	case who.Known():
		if err := Limit(c, writesOfCitizen, who.ID); err != nil {
			return err
		}
	}
	return LimitClient(c, writesOfNetwork)
}

func tooOften(wait time.Duration) error {
	return fault.New(fault.TooOften, "seconds", int(wait/time.Second)+1)
}

// bucketsMost bounds how many names one hub remembers.
const bucketsMost = 50_000

// buckets are the limits that one hub keeps by itself. What is kept is when a
// bucket will be full again (the generic cell rate algorithm, ITU-T I.371).
type buckets struct {
	clock clockwork.Clock
	mu    sync.Mutex
	full  map[string]time.Time
}

func newBuckets(clock clockwork.Clock) *buckets {
	return &buckets{clock: clock, full: map[string]time.Time{}}
}

// take counts one act; refused, it says how long to wait.
func (b *buckets) take(key string, r Rate) time.Duration {
	step := r.Per / time.Duration(r.N)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.clock.Now()
	full, known := b.full[key]
	if !known && len(b.full) >= bucketsMost {
		b.sweep(now)
	}
	if full.Before(now) {
		full = now
	}
	if wait := full.Add(step).Sub(now) - r.Per; wait > 0 {
		return wait
	}
	b.full[key] = full.Add(step)
	return 0
}

// sweep forgets the buckets that are full again and, when that is not enough,
// half of the others: an attacker with so many addresses is not held by counting
// addresses, and memory is.
func (b *buckets) sweep(now time.Time) {
	for key, full := range b.full {
		if !full.After(now) {
			delete(b.full, key)
		}
	}
	for key := range b.full {
		if len(b.full) <= bucketsMost/2 {
			return
		}
		delete(b.full, key)
	}
}

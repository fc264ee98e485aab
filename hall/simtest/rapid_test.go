package simtest

import (
	"context"
	"crypto/ed25519"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"pgregory.net/rapid"

	"vez/booking"
	"vez/hall"
	"vez/ledger"
)

// drawn lets rapid choose, and so shrink.
type drawn struct{ *rapid.T }

func (d drawn) n(below int) int {
	if below < 2 {
		return 0
	}
	return rapid.IntRange(0, below-1).Draw(d.T, "n")
}

// codes signs with a key that is always the same.
type codes struct{ key ed25519.PrivateKey }

func newCodes() codes { return codes{ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))} }

func (c codes) Sign(code booking.Code) string { return booking.Encode(code, c.key, 1) }

func (c codes) Read(text string) (booking.Code, error) {
	return booking.Decode(text, func(byte) ed25519.PublicKey { return c.key.Public().(ed25519.PublicKey) })
}

// openLedger opens a new SQLite ledger in memory, or what the machine has for it.
func openLedger(t fatal, house, machine clockwork.Clock) (*ledger.DB, func()) {
	dir, err := os.MkdirTemp(memory(), "vez-sim-")
	if err != nil {
		t.Fatalf("%v", err)
	}
	db, err := ledger.Open(context.Background(), ledger.Config{Dir: dir, House: house, Machine: machine,
		Zone: func(string) *time.Location { return macau }})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return db, func() {
		_ = db.Close()
		_ = os.RemoveAll(dir)
	}
}

// memory is a folder that lives in memory, "" for the usual one.
func memory() string {
	const dir = "/dev/shm"
	if s, err := os.Stat(dir); err == nil && s.IsDir() {
		return dir
	}
	return ""
}

func TestRandomProgramsAgreeWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := clockwork.NewFakeClockAt(began)
		db, end := openLedger(t, clock, clock)
		defer end()
		h := hallOn(catalogue(), hall.Over(db), clock, clock, newCodes(), rand.NewChaCha8([32]byte{1}))
		g := newGame(t, []*hall.Hall{h}, clock, clock)
		actions := map[string]func(*rapid.T){"": func(*rapid.T) {}}
		for _, a := range acts {
			actions[a.name] = func(t *rapid.T) { a.do(g, drawn{t}) }
		}
		if rapid.Bool().Draw(t, "opened") {
			for range benches {
				g.openCounter(drawn{t})
			}
		}
		t.Repeat(actions)
		g.whole()
	})
}

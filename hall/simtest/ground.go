package simtest

import (
	"context"
	"crypto/ed25519"
	"os"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/ledger"
)

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

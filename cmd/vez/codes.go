package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"

	"vez/booking"
	"vez/ledger"
)

// codeKeyID names the key that QR codes are signed with today. A code carries
// it, so that an older key still verifies after the next one is put in use.
const codeKeyID byte = 1

// codes signs and reads QR codes with keys that lie wrapped in the ledger.
type codes struct {
	private ed25519.PrivateKey
	public  map[byte]ed25519.PublicKey
}

func openCodes(ctx context.Context, db *ledger.DB) (*codes, error) {
	seed, err := db.Secret(ctx, "code-key-1", func() ([]byte, error) {
		b := make([]byte, ed25519.SeedSize)
		_, err := rand.Read(b)
		return b, err
	})
	if err != nil {
		return nil, err
	}
	private := ed25519.NewKeyFromSeed(seed)
	return &codes{private: private, public: map[byte]ed25519.PublicKey{codeKeyID: private.Public().(ed25519.PublicKey)}}, nil
}

func (c *codes) Sign(code booking.Code) string { return booking.Encode(code, c.private, codeKeyID) }

func (c *codes) Read(text string) (booking.Code, error) {
	return booking.Decode(text, func(kid byte) ed25519.PublicKey { return c.public[kid] })
}

package halltest

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"

	"vez/booking"
)

// Codes signs and reads codes with a key of its own, number 1.
type Codes struct{ key ed25519.PrivateKey }

// NewCodes makes a key.
func NewCodes(t testing.TB) Codes {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return Codes{key}
}

// Sign gives the text of a code.
func (c Codes) Sign(code booking.Code) string { return booking.Encode(code, c.key, 1) }

// Read gives the code of a text, or the error of booking.Decode.
func (c Codes) Read(text string) (booking.Code, error) {
	return booking.Decode(text, func(kid byte) ed25519.PublicKey {
		if kid != 1 {
			return nil
		}
		return c.key.Public().(ed25519.PublicKey)
	})
}

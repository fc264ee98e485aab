package booking

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"vez/fault"
)

// CodeKind is what a QR code stands for.
type CodeKind byte

// The kinds.
const (
	BookingCode CodeKind = 1
	RemoteCode  CodeKind = 2 // a ticket taken from afar
	PassCode    CodeKind = 3 // a return pass
)

// CodeVersion is the format written today.
const CodeVersion byte = 1

// Code is what a QR on a phone or slip says: no personal data, no service.
//
// Laid out, big-endian: version 1, kind 1, key id 1, id 16, office 4, queue 4,
// start 4 (Unix seconds), Ed25519 signature of all before 64: 95 bytes, written
// as 152 characters of Crockford's base 32 without padding, so that every
// character counts. That is QR version 6 at level M in alphanumeric mode.
type Code struct {
	Version byte
	Kind    CodeKind
	KeyID   byte
	ID      [16]byte  // of the booking, ticket or pass
	Office  [4]byte   // ShortHash of its id
	Queue   [4]byte   // likewise
	Start   time.Time // whole seconds, UTC; for a pass, valid until
}

const (
	codeBody  = 3 + 16 + 4 + 4 + 4
	codeBytes = codeBody + ed25519.SignatureSize
	// CodeLength is the length of a code's text.
	CodeLength = codeBytes * 8 / 5
)

// Encode signs a code and writes it. Version and key id are set here.
func Encode(c Code, key ed25519.PrivateKey, kid byte) string {
	b := make([]byte, 0, codeBytes)
	b = append(b, CodeVersion, byte(c.Kind), kid)
	b = append(b, c.ID[:]...)
	b = append(b, c.Office[:]...)
	b = append(b, c.Queue[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(c.Start.Unix()))
	return encode32(append(b, ed25519.Sign(key, b)...))
}

// Decode reads a scanned text and checks its signature with the public key of
// its id; keys gives nil for one it does not know. Lower case, white space and a
// keyboard layout that exchanges Y and Z do no harm. Faults: Unknown for what
// is not one of our codes or was cut off, Forged for a signature that does not
// hold. Longer texts are refused unread.
func Decode(text string, keys func(kid byte) ed25519.PublicKey) (Code, error) {
	if len(text) > 2*CodeLength {
		return Code{}, fault.New(fault.Unknown)
	}
	text = strings.Map(dropSpace, text)
	if len(text) != CodeLength {
		return Code{}, fault.New(fault.Unknown)
	}
	c, err := decode(text, keys)
	if err == nil {
		return c, nil
	}
	swapped, again := decode(strings.Map(swapYZ, text), keys)
	if again == nil {
		return swapped, nil
	}
	if fault.CodeOf(again) == fault.Forged {
		err = again
	}
	return Code{}, err
}

func dropSpace(r rune) rune {
	if unicode.IsSpace(r) {
		return -1
	}
	return r
}

func swapYZ(r rune) rune {
	switch r {
	case 'Y', 'y':
		return 'Z'
	case 'Z', 'z':
		return 'Y'
	}
	return r
}

func decode(text string, keys func(kid byte) ed25519.PublicKey) (Code, error) {
	b, ok := decode32(text)
	if !ok || len(b) != codeBytes || b[0] != CodeVersion {
		return Code{}, fault.New(fault.Unknown)
	}
	c := Code{Version: b[0], Kind: CodeKind(b[1]), KeyID: b[2]}
	if c.Kind < BookingCode || c.Kind > PassCode {
		return Code{}, fault.New(fault.Unknown)
	}
	key := keys(c.KeyID)
	if len(key) != ed25519.PublicKeySize {
		return Code{}, fault.New(fault.Unknown)
	}
	if !ed25519.Verify(key, b[:codeBody], b[codeBody:]) {
		return Code{}, fault.New(fault.Forged)
	}
	copy(c.ID[:], b[3:])
	copy(c.Office[:], b[19:])
	copy(c.Queue[:], b[23:])
	c.Start = time.Unix(int64(binary.BigEndian.Uint32(b[27:])), 0).UTC()
	return c, nil
}

// CodeOf is the code of a booking, to be signed.
func CodeOf(b Booking) (Code, error) {
	id, err := IDOf(b.ID)
	if err != nil {
		return Code{}, err
	}
	return Code{Kind: BookingCode, ID: id, Office: ShortHash(b.Office), Queue: ShortHash(b.Queue), Start: b.Start}, nil
}

// ShortHash is how an office or queue is named in a code: the first four bytes
// of the SHA-256 of its id. The catalogue's check refuses collisions.
func ShortHash(id string) [4]byte {
	h := sha256.Sum256([]byte(id))
	return [4]byte(h[:4])
}

// IDOf reads a UUID as the bytes of a code; fault.Unknown when it is none.
func IDOf(id string) ([16]byte, error) {
	u, err := uuid.Parse(id)
	if err != nil || len(id) != 36 {
		return [16]byte{}, fault.New(fault.Unknown).Because(err)
	}
	return u, nil
}

// IDText writes the bytes of a code as the UUID they are.
func IDText(id [16]byte) string { return uuid.UUID(id).String() }

package event

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// SaltSize is the length of the salt that stands before a payload in its digest.
const SaltSize = 32

// Digest is SHA-256(salt ‖ payload). The salt has SaltSize bytes; it is erased
// together with the payload, and the digest then tells nothing about it.
func Digest(salt, payload []byte) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write(payload)
	return h.Sum(nil)
}

// linkDomain keeps these hashes apart from all others.
const linkDomain = "vez/event/link/1"

// Link is the hash of an event in its office's chain: SHA-256 over the hash
// before it (empty for the first), office, sequence number, time in whole
// milliseconds since 1970 UTC, and digest of the payload. Each part of varying
// length stands behind its length, so that no two chains spell the same.
func Link(prev []byte, office string, seq int64, at time.Time, digest []byte) []byte {
	b := make([]byte, 0, len(linkDomain)+len(prev)+len(office)+len(digest)+48)
	b = part(b, []byte(linkDomain))
	b = part(b, prev)
	b = part(b, []byte(office))
	b = binary.BigEndian.AppendUint64(b, uint64(seq))
	b = binary.BigEndian.AppendUint64(b, uint64(at.UnixMilli()))
	b = part(b, digest)
	sum := sha256.Sum256(b)
	return sum[:]
}

func part(b, p []byte) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
	return append(b, p...)
}

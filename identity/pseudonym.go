package identity

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// letters are Crockford's base 32 in lower case: no I, L, O and U.
var letters = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// keys are drawn from the one secret, one for each purpose, so that what is
// made for one is of no use for another (RFC 5869).
type keys struct {
	pseudonym, department, attempt, email []byte
}

func newKeys(secret []byte) (keys, error) {
	var k keys
	for purpose, into := range map[string]*[]byte{
		"pseudonym": &k.pseudonym, "department": &k.department, "sign-in attempt": &k.attempt, "email": &k.email,
	} {
		key, err := hkdf.Key(sha256.New, secret, nil, "vez identity: "+purpose, 32)
		if err != nil {
			return keys{}, err
		}
		*into = key
	}
	return k, nil
}

// keyed gives 128 bits of HMAC-SHA256 over the parts, each with its length in
// front, so that no two lists of parts are the same text.
func keyed(key []byte, parts ...string) string {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		var size [4]byte
		binary.BigEndian.PutUint32(size[:], uint32(len(part)))
		mac.Write(size[:])
		mac.Write([]byte(part))
	}
	return letters.EncodeToString(mac.Sum(nil)[:16])
}

// Pseudonym is the name under which the house knows the holder of an account at
// an identity provider: kind is "citizen", "clerk" or "device". It is the same
// every time, and cannot be turned back without the house's secret.
func (s *Service) Pseudonym(kind, issuer, subject string) string {
	return kind + ":" + keyed(s.keys.pseudonym, kind, issuer, subject)
}

// PerDepartment is how one department sees a pseudonym: clerks, exports,
// webhooks and reports of two departments cannot tell that they speak of the
// same person. "" stays "".
func (s *Service) PerDepartment(pseudonym, department string) string {
	kind, _, found := strings.Cut(pseudonym, ":")
	if !found {
		return ""
	}
	return kind + ":" + keyed(s.keys.department, department, pseudonym)
}

// newSecret draws 256 bits for a session, token or state.
func newSecret() string {
	b := make([]byte, 32)
	rand.Read(b) // never fails, by its contract
	return base64.RawURLEncoding.EncodeToString(b)
}

// hashOf is what is stored of a secret: who reads the store cannot use it.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

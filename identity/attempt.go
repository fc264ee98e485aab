package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"vez/web"
)

// attempt is a sign-in under way. It travels in an encrypted cookie, so that
// nothing is stored for somebody who has not signed in, and a code that was
// meant for another browser is refused here.
type attempt struct {
	Sort     Sort      `json:"s"`
	State    string    `json:"t"`
	Nonce    string    `json:"n"`
	Verifier string    `json:"v"`
	Back     string    `json:"b"`
	Base     string    `json:"u"` // the address it was begun at
	Ends     time.Time `json:"e"`
	Plain    bool      `json:"p,omitempty"` // the provider refused to hear of the scope email
}

func (s *Service) newAttempt(sort Sort, back, base string) attempt {
	return attempt{
		Sort: sort, State: newSecret(), Nonce: newSecret(), Verifier: oauth2.GenerateVerifier(), Back: back, Base: base,
		Ends: s.now().Add(s.limits.Attempt),
	}
}

// purpose is bound to the ciphertext.
var purpose = []byte("vez sign-in attempt")

func (s *Service) seal(a attempt) (string, error) {
	plain, err := json.Marshal(a)
	if err != nil {
		return "", err
	}
	box, err := boxOf(s.keys.attempt)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(box.Seal(nil, nil, plain, purpose)), nil
}

var errNoAttempt = errors.New("no sign-in is under way in this browser")

func (s *Service) open(text string) (attempt, error) {
	var a attempt
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || text == "" {
		return a, errNoAttempt
	}
	box, err := boxOf(s.keys.attempt)
	if err != nil {
		return a, err
	}
	plain, err := box.Open(nil, nil, sealed, purpose)
	if err != nil {
		return a, errNoAttempt
	}
	if err := json.Unmarshal(plain, &a); err != nil {
		return a, err
	}
	if !s.now().Before(a.Ends) {
		return a, errors.New("the sign-in took too long")
	}
	return a, nil
}

// boxOf seals with a key by AES-GCM; each sealing draws its nonce.
func boxOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// backMost bounds what is kept in the cookie of an attempt.
const backMost = 1024

// localPath gives back a path of this site, or otherwise for anything that is
// none or would lead round in a circle.
func localPath(path, otherwise string) string {
	control := func(r rune) bool { return r < 0x20 || r == 0x7f }
	if path == "" || len(path) > backMost || strings.ContainsFunc(path, control) || web.LocalPath(path) != path {
		return otherwise
	}
	for _, ours := range []string{"/signin", "/signout", "/pair"} {
		if path == ours || strings.HasPrefix(path, ours+"/") || strings.HasPrefix(path, ours+"?") {
			return otherwise
		}
	}
	return path
}

package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"slices"
	"strings"
	"time"

	"vez/fault"
)

// Pairing is a device that asks to be let in: it shows Code, and keeps Secret
// to itself.
type Pairing struct {
	Code   string    // eight characters of Crockford's base 32
	Secret string    // proves that it is the device that shows the code
	Ends   time.Time // machine time
}

// Asked is what a manager sees of a code before confirming it.
type Asked struct {
	Kind   string
	Office string // that the device's page was opened for, may be ""
	Ends   time.Time
}

type pairingDoc struct {
	Hash   string // of the secret
	Kind   string
	Office string
	Ends   time.Time
	// Set by the manager's confirmation.
	By, Name  string
	Confirmed bool
}

var deviceKinds = []string{"kiosk", "board", "printer"}

// Pair begins a pairing for a device of a kind (kiosk, board or printer);
// office is the one its page was opened for, or "". Anybody may begin one, so
// there is a limit for all together: fault.TooOften.
func (s *Service) Pair(ctx context.Context, kind, office string) (Pairing, error) {
	if !slices.Contains(deviceKinds, kind) {
		return Pairing{}, fault.New(fault.InvalidField, "field", "kind", "why", kind)
	}
	if err := s.starts.take("pairing"); err != nil {
		return Pairing{}, err
	}
	p := Pairing{Code: newCode(), Secret: newSecret(), Ends: s.now().Add(s.limits.Pairing)}
	doc := pairingDoc{Hash: hashOf(p.Secret), Kind: kind, Office: office, Ends: p.Ends}
	if err := s.put(ctx, kindPairing, p.Code, "", doc, p.Ends); err != nil {
		return Pairing{}, away(err)
	}
	return p, nil
}

// Look tells what shows a code, for the manager's second glance. by is who
// asks: wrong codes in a row are slowed down.
func (s *Service) Look(ctx context.Context, by Principal, code string) (Asked, error) {
	doc, _, err := s.pairing(ctx, by, code)
	return Asked{doc.Kind, doc.Office, doc.Ends}, err
}

// Confirm lets the device that shows a code in, for one office and under a
// name. by must be a manager or admin there: fault.NotAllowed. An unknown or
// outdated code is fault.PairingUnknown; guessing is fault.TooOften.
func (s *Service) Confirm(ctx context.Context, by Principal, code, office, name string) error {
	if office == "" || office == Any || !mayPair(by, office) {
		return fault.New(fault.NotAllowed)
	}
	doc, id, err := s.pairing(ctx, by, code)
	if err != nil {
		return err
	}
	doc.By, doc.Office, doc.Name, doc.Confirmed = by.Subject, office, strings.TrimSpace(name), true
	if err := s.put(ctx, kindPairing, id, "", doc, doc.Ends); err != nil {
		return away(err)
	}
	return nil
}

// pairing finds the document of a code that somebody typed.
func (s *Service) pairing(ctx context.Context, by Principal, code string) (pairingDoc, string, error) {
	guess := "pairing " + by.Subject
	if err := s.brake.take(guess); err != nil {
		return pairingDoc{}, "", err
	}
	var doc pairingDoc
	id := cleanCode(code)
	ok, err := s.get(ctx, kindPairing, id, &doc)
	if err != nil {
		return doc, "", err
	}
	if !ok || !s.now().Before(doc.Ends) || doc.Confirmed {
		return pairingDoc{}, "", fault.New(fault.PairingUnknown)
	}
	s.brake.ease(guess)
	return doc, id, nil
}

// Collect is what the device asks again and again: done tells that it has been
// let in, with its principal and the token to keep. A code that is gone is
// fault.PairingUnknown: begin anew.
func (s *Service) Collect(ctx context.Context, code, secret string) (who Principal, token string, done bool, err error) {
	var doc pairingDoc
	ok, err := s.get(ctx, kindPairing, code, &doc)
	if err != nil {
		return who, "", false, err
	}
	right := subtle.ConstantTimeCompare([]byte(doc.Hash), []byte(hashOf(secret))) == 1
	if !ok || !right || !s.now().Before(doc.Ends) {
		return who, "", false, fault.New(fault.PairingUnknown)
	}
	if !doc.Confirmed {
		return who, "", false, nil
	}
	if err := s.cfg.Store.Delete(ctx, kindPairing, code); err != nil {
		return who, "", false, away(err)
	}
	who, token, err = s.pair(ctx, Paired{
		ID: "device:" + deviceID(), Kind: doc.Kind, Office: doc.Office, Name: doc.Name, By: doc.By, At: s.now(),
	})
	return who, token, err == nil, err
}

func deviceID() string {
	b := make([]byte, 10)
	rand.Read(b)
	return letters.EncodeToString(b)
}

func newCode() string {
	b := make([]byte, 5)
	rand.Read(b)
	return strings.ToUpper(letters.EncodeToString(b))
}

// cleanCode reads a code as people type it: any case, with gaps, and with the
// letters that Crockford's alphabet leaves out.
func cleanCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(code))
}

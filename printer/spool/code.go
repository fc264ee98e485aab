package spool

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"time"

	"vez/fault"
)

const (
	codeFor   = time.Hour // how long the code of a page is good
	codeTries = 5         // wrong codes until a new page must be printed
)

// codeDoc is what is kept of the code on a printer's last page.
type codeDoc struct {
	Salt, Hash []byte
	Tries      int
	Ends       time.Time
}

func codeHash(salt []byte, id, code string) []byte {
	m := hmac.New(sha256.New, salt)
	m.Write([]byte(id + " " + code))
	return m.Sum(nil)
}

// newCode draws the six digits of a printer's page and keeps their hash, in the
// place of the code before.
func (f *Fleet) newCode(ctx context.Context, p Printer) (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	code := fmt.Sprintf("%06d", n)
	doc := codeDoc{Salt: []byte(rand.Text()), Ends: f.c.Clock.Now().Add(codeFor)}
	doc.Hash = codeHash(doc.Salt, p.ID, code)
	return code, f.putCode(ctx, p, doc)
}

func (f *Fleet) putCode(ctx context.Context, p Printer, doc codeDoc) error {
	data, err := json.Marshal(doc)
	if err != nil {
		return err
	}
	return f.c.Store.Put(ctx, kindCode, p.ID, p.Office, data, doc.Ends)
}

// Confirm takes the code that somebody read from a printer's page, after which
// the printer is used. Faults: not_found; invalid_field of field "code" with
// why "wrong" (and how many tries are "left"), or "none": there is no code, or
// it is old or was guessed at too often, and a new page must be printed.
// One that is confirmed already stays so.
func (f *Fleet) Confirm(ctx context.Context, id, code string) (Printer, error) {
	f.guess.Lock()
	defer f.guess.Unlock()
	p, err := f.Printer(ctx, id)
	if err != nil || p.Confirmed {
		return p, err
	}
	data, ok, err := f.c.Store.Get(ctx, kindCode, id)
	if err != nil {
		return p, fmt.Errorf("code of printer %s: %w", id, err)
	}
	var doc codeDoc
	if !ok || json.Unmarshal(data, &doc) != nil || doc.Tries >= codeTries || !f.c.Clock.Now().Before(doc.Ends) {
		return p, invalid("code", "none")
	}
	if !hmac.Equal(doc.Hash, codeHash(doc.Salt, id, digits(code))) {
		doc.Tries++
		if err := f.putCode(ctx, p, doc); err != nil {
			return p, fmt.Errorf("code of printer %s: %w", id, err)
		}
		return p, fault.New(fault.InvalidField, "field", "code", "why", "wrong", "left", codeTries-doc.Tries)
	}
	p.Confirmed = true
	if err := f.put(ctx, p); err != nil {
		return p, err
	}
	return p, f.c.Store.Delete(ctx, kindCode, id)
}

// digits reads a code as people type it: with gaps, and with the wide digits
// of a Chinese keyboard.
func digits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return '0' + r - '０'
		case r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u3000':
			return -1
		}
		return '?'
	}, code)
}

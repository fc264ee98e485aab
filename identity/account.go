package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"vez/fault"
)

// Accounts are staff accounts with a password, for a house without a provider.
type Accounts struct {
	s *Service
	// turns lets only two passwords be reckoned at a time: each takes 64 MiB.
	turns chan struct{}
	cost  cost
}

// cost is what reckoning a password takes: passes, KiB of memory, threads.
type cost struct {
	Time, Memory uint32
	Threads      uint8
}

// Account is one of them, without its password.
type Account struct {
	// Name is what is typed to sign in; case does not count.
	Name string
	// Shown is the person's name for colleagues.
	Shown  string
	Lang   string
	Grants []Grant
}

// accountDoc keeps a password as argon2id (RFC 9106) with its parameters, so
// that they can be raised later.
type accountDoc struct {
	Account
	Salt, Hash    []byte
	Cost          cost
	PasswordSince time.Time
}

// recommended is the second choice of RFC 9106, section 4.
var recommended = cost{Time: 3, Memory: 64 * 1024, Threads: 4}

// passwordLeast and passwordMost bound a password in bytes.
const (
	passwordLeast = 12
	passwordMost  = 256
)

func newAccounts(s *Service) *Accounts {
	return &Accounts{s: s, turns: make(chan struct{}, 2), cost: recommended}
}

func accountName(name string) string { return strings.ToLower(strings.TrimSpace(name)) }

// Subject is the pseudonym of the account with a name.
func (a *Accounts) Subject(name string) string {
	return a.s.Pseudonym("clerk", "local", accountName(name))
}

// Set makes or replaces an account and ends its sessions. fault.InvalidField
// when the name is empty or over 64 bytes, the password is under 12 or over 256
// bytes, or a grant is not one of staff.
func (a *Accounts) Set(ctx context.Context, account Account, password string) error {
	name := accountName(account.Name)
	if name == "" || len(name) > 64 {
		return fault.New(fault.InvalidField, "field", "name", "why", "1–64")
	}
	if len(password) < passwordLeast || len(password) > passwordMost {
		return fault.New(fault.InvalidField, "field", "password", "why", "12–256")
	}
	for _, g := range account.Grants {
		if !g.Role.Staff() || g.Department == "" || g.Office == "" {
			return fault.New(fault.InvalidField, "field", "grants", "why", g.String())
		}
	}
	doc := accountDoc{Account: account, Salt: make([]byte, 16), Cost: a.cost, PasswordSince: a.s.now()}
	doc.Name = name
	rand.Read(doc.Salt)
	hash, err := a.reckon(ctx, doc, password)
	if err != nil {
		return err
	}
	doc.Hash = hash
	if err := a.s.put(ctx, kindAccount, name, "", doc, time.Time{}); err != nil {
		return away(err)
	}
	return a.s.EndAll(ctx, a.Subject(name))
}

// Remove deletes an account and ends its sessions at once.
func (a *Accounts) Remove(ctx context.Context, name string) error {
	if err := a.s.cfg.Store.Delete(ctx, kindAccount, accountName(name)); err != nil {
		return away(err)
	}
	return a.s.EndAll(ctx, a.Subject(name))
}

// Verify gives the principal of an account if the password is right, else
// fault.SignInFailed. It takes as long for a name that does not exist.
func (a *Accounts) Verify(ctx context.Context, name, password string) (Principal, error) {
	var doc accountDoc
	ok, err := a.s.get(ctx, kindAccount, accountName(name), &doc)
	if err != nil {
		return Principal{}, err
	}
	if !ok {
		doc = accountDoc{Salt: make([]byte, 16), Cost: a.cost}
	}
	if len(password) > passwordMost {
		password = ""
	}
	hash, err := a.reckon(ctx, doc, password)
	if err != nil {
		return Principal{}, err
	}
	if subtle.ConstantTimeCompare(hash, doc.Hash) != 1 {
		return Principal{}, fault.New(fault.SignInFailed)
	}
	return Principal{Subject: a.Subject(name), Grants: doc.Grants, Name: doc.Shown, Lang: doc.Lang}, nil
}

// reckon waits for its turn and hashes.
func (a *Accounts) reckon(ctx context.Context, doc accountDoc, password string) ([]byte, error) {
	select {
	case a.turns <- struct{}{}:
		defer func() { <-a.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return argon2.IDKey([]byte(password), doc.Salt, doc.Cost.Time, doc.Cost.Memory, doc.Cost.Threads, 32), nil
}

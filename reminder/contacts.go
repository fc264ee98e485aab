package reminder

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
)

// KindContact is the kind of the records that hold sealed addresses.
const KindContact = event.ContactKind

const (
	// contactFor is how long an address is kept after it was last set or used.
	contactFor = 60 * 24 * time.Hour
	// renewAfter keeps a reminder from writing an address anew each time.
	renewAfter = 7 * 24 * time.Hour
	// addressMost is the longest address that SMTP carries (RFC 5321, 4.5.3.1.3, less the brackets).
	addressMost = 254
)

// Address is where a person wants reminders, and in which language (a BCP 47 tag).
type Address struct {
	Email string `json:"email"`
	Lang  string `json:"lang"`
}

// Records keep small documents that expire at an instant of machine time.
type Records interface {
	Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error
	// Replace writes a record anew if its data are still old; else it does nothing.
	Replace(ctx context.Context, kind, id, owner string, old, data []byte, expires time.Time) error
	// Get is false when there is no such record, or no more.
	Get(ctx context.Context, kind, id string) ([]byte, bool, error)
	Delete(ctx context.Context, kind, id string) error
}

// Keys give the secret of a name; the first caller makes it.
type Keys interface {
	Secret(ctx context.Context, name string, fresh func() ([]byte, error)) ([]byte, error)
}

// Contacts are the verified e-mail addresses of holders, sealed with a key of
// their own and thrown away 60 days after they were last set or used.
type Contacts struct {
	records Records
	machine clockwork.Clock
	aead    cipher.AEAD
}

// contact is what is sealed.
type contact struct {
	Address
	Renewed time.Time `json:"renewed"`
}

// OpenContacts takes the key out of the ledger; machine is machine time.
func OpenContacts(ctx context.Context, keys Keys, records Records, machine clockwork.Clock) (*Contacts, error) {
	key, err := keys.Secret(ctx, KindContact, func() ([]byte, error) {
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return b, err
	})
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("reminder: the contact key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return &Contacts{records: records, machine: machine, aead: aead}, err
}

// Set keeps a holder's address. It must have been verified to be theirs. One
// that cannot be mailed to is fault.InvalidField, field "email".
func (c *Contacts) Set(ctx context.Context, holder string, a Address) error {
	if holder == "" || !mailable(a.Email) {
		return fault.New(fault.InvalidField, "field", "email", "why", "address")
	}
	data, until, err := c.seal(holder, a)
	if err != nil {
		return err
	}
	return c.records.Put(ctx, KindContact, holder, holder, data, until)
}

// Get gives a holder's address; false when there is none.
func (c *Contacts) Get(ctx context.Context, holder string) (Address, bool, error) {
	sealed, ok, err := c.records.Get(ctx, KindContact, holder)
	if err != nil || !ok {
		return Address{}, false, err
	}
	kept, err := c.unseal(holder, sealed)
	return kept.Address, err == nil, err
}

// Drop forgets a holder's address; one that is not there is no fault.
func (c *Contacts) Drop(ctx context.Context, holder string) error {
	return c.records.Delete(ctx, KindContact, holder)
}

// errNoContact says that a holder has left no address, or none any more.
var errNoContact = errors.New("reminder: no contact")

// open opens a sealed address as the ledger gave it.
func (c *Contacts) open(holder string, sealed []byte) (contact, error) {
	if len(sealed) == 0 {
		return contact{}, errNoContact
	}
	return c.unseal(holder, sealed)
}

// renew keeps an address that was just used for longer, at most once a week,
// unless it has been changed or dropped meanwhile.
func (c *Contacts) renew(ctx context.Context, holder string) error {
	sealed, ok, err := c.records.Get(ctx, KindContact, holder)
	if err != nil || !ok {
		return err
	}
	kept, err := c.unseal(holder, sealed)
	if err != nil || c.machine.Now().Before(kept.Renewed.Add(renewAfter)) {
		return err
	}
	data, until, err := c.seal(holder, kept.Address)
	if err != nil {
		return err
	}
	return c.records.Replace(ctx, KindContact, holder, holder, sealed, data, until)
}

// seal makes a record of an address and says how long it is kept.
func (c *Contacts) seal(holder string, a Address) (data []byte, until time.Time, err error) {
	now := c.machine.Now().UTC()
	plain, err := json.Marshal(contact{a, now})
	if err != nil {
		return nil, until, err
	}
	return c.aead.Seal(nil, nil, plain, []byte(holder)), now.Add(contactFor), nil
}

// unseal opens a record, which is bound to its holder.
func (c *Contacts) unseal(holder string, sealed []byte) (contact, error) {
	var kept contact
	plain, err := c.aead.Open(nil, nil, sealed, []byte(holder))
	if err != nil {
		return kept, fmt.Errorf("reminder: unseal a contact: %w", err)
	}
	if err := json.Unmarshal(plain, &kept); err != nil {
		return kept, fmt.Errorf("reminder: read a contact: %w", err)
	}
	return kept, nil
}

// mailable takes the plain form of an address, user@host in ASCII, so that
// nothing of it can be taken for a header or a command.
func mailable(email string) bool {
	if len(email) > addressMost || strings.ContainsFunc(email, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return false
	}
	parsed, err := mail.ParseAddress(email)
	return err == nil && parsed.Address == email
}

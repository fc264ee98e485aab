package pages

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
	"vez/reminder"
	"vez/web"
)

// Contacts keep where a person wants reminders by e-mail. *reminder.Contacts is one.
type Contacts interface {
	Get(ctx context.Context, holder string) (reminder.Address, bool, error)
	Set(ctx context.Context, holder string, a reminder.Address) error
	Drop(ctx context.Context, holder string) error
}

// mail is the switch for reminders by e-mail, as it stands for one person.
// Addresses are masked: a page may be looked at over a shoulder.
type mail struct {
	To       string // where they go now; "" for nowhere
	Offer    string // verified at this sign-in, and not where they go; "" for none
	Lang     string // of what is sent, and its name in itself
	Language string
	Other    bool // than the language of this page
	Seen     string
	From     string // the booking whose page this is; "" for the memo list
}

// mailOf tells how the switch stands; nil where there is none.
func (r *room) mailOf(c *fiber.Ctx, from string) (*mail, error) {
	if r.Contacts == nil {
		return nil, nil
	}
	kept, on, err := r.Contacts.Get(c.UserContext(), citizen(c))
	if err != nil {
		return nil, err
	}
	m := &mail{From: from}
	if on {
		m.To, m.Lang, m.Language, m.Other = masked(kept.Email), kept.Lang, locale.Endonym(kept.Lang), kept.Lang != web.Lang(c)
	}
	if address, ok := r.email(c); ok {
		m.Seen = seenAs(citizen(c), address)
		if !on || !strings.EqualFold(address, kept.Email) {
			m.Offer = masked(address)
		}
	}
	return m, nil
}

// email is the verified address of who is signed in.
func (r *room) email(c *fiber.Ctx) (string, bool) {
	if r.Email == nil || citizen(c) == "" {
		return "", false
	}
	return r.Email(c)
}

// masked shows enough of an address to be recognised by its owner.
func masked(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return "•••"
	}
	first := ""
	if utf8.RuneCountInString(address[:at]) > 1 {
		_, size := utf8.DecodeRuneInString(address)
		first = address[:size]
	}
	return first + "•••" + address[at:]
}

// seenAs names who a form was shown to and the address that it spoke of, so
// that one shown to somebody else who was signed in here sets nothing.
func seenAs(holder, address string) string {
	sum := sha256.Sum256([]byte("memo\x00" + holder + "\x00" + masked(address)))
	return hex.EncodeToString(sum[:8])
}

// setMail turns reminders by e-mail on or off: POST /my/memo/mail with mail=on
// or off. On takes the address of the session, never one of the form, and the
// language of the page.
func (r *room) setMail(c *fiber.Ctx) error {
	if r.Contacts == nil {
		return unknown("memo")
	}
	holder, done := citizen(c), c.FormValue("mail")
	switch done {
	case "on":
		address, ok := r.email(c)
		if !ok || c.FormValue("seen") != seenAs(holder, address) {
			return fault.New(fault.FormExpired)
		}
		if err := r.Contacts.Set(c.UserContext(), holder, reminder.Address{Email: address, Lang: web.Lang(c)}); err != nil {
			return err
		}
	case "off":
		if err := r.Contacts.Drop(c.UserContext(), holder); err != nil {
			return err
		}
	default:
		return fault.New(fault.InvalidField, "field", "mail", "why", "on, off")
	}
	back := "/my/memo"
	if b, _, err := r.owned(c.UserContext(), holder, c.FormValue("from")); err == nil {
		back = "/my/" + b.ID
	}
	return web.Back(c, back+"?mail="+done)
}

// mailDone tells what the switch was just turned to, where that is still so.
func mailDone(c *fiber.Ctx, m *mail) string {
	switch done := c.Query("mail"); {
	case m == nil, done == "on" && m.To == "", done == "off" && m.To != "":
	case done == "on", done == "off":
		return done
	}
	return ""
}

package reminder

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/office"
)

// Words write in a language (a BCP 47 tag).
type Words interface {
	// T gives the text of a key, its placeholders filled from pairs of name and value.
	T(lang, key string, args ...any) string
	// When writes day and time as people say it on the day now; t and now are in the office's zone.
	When(lang string, t, now time.Time) string
	// DateTime writes weekday, date and time.
	DateTime(lang string, t time.Time) string
}

// Mails compose reminders by e-mail: text and HTML, in the reader's language,
// naming no person, and no service that is discreet.
type Mails struct {
	catalogue *office.Catalogue
	words     Words
	url       string // public address without a slash at its end
	key       []byte // of the message ids
}

// OpenMails takes the key of the message ids out of the ledger. url is the
// public address without a path.
func OpenMails(ctx context.Context, keys Keys, catalogue *office.Catalogue, words Words, url string) (*Mails, error) {
	key, err := keys.Secret(ctx, "reminder-id", func() ([]byte, error) {
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return b, err
	})
	return &Mails{catalogue: catalogue, words: words, url: strings.TrimSuffix(url, "/"), key: key}, err
}

// ID is the Message-ID of a cause, without brackets: always the same, and of
// no use to anybody who has not the key. host is the sender's.
func (m *Mails) ID(k event.ReminderKey, host string) string {
	mac := hmac.New(sha256.New, m.key)
	fmt.Fprintf(mac, "%s\n%d\n%d\n%s", k.Booking, k.Start.UnixMilli(), k.Before.Milliseconds(), k.Channel)
	return hex.EncodeToString(mac.Sum(nil)[:16]) + "@" + host
}

// field is a line of a mail.
type field struct{ Name, Value string }

// sheet is what a mail says.
type sheet struct {
	Lang, Subject, Heading, Intro string
	Fields                        []field
	Bring                         string
	Documents                     []string
	Manage, My                    string
	Off, Memo                     string
}

//go:embed mail.html
var htmlText string

var htmlSheet = template.Must(template.New("mail").Parse(htmlText))

// sheet says a booking at the time of the reminder, as of now.
func (m *Mails) sheet(k event.ReminderKey, b booking.Booking, lang string, now time.Time) (sheet, error) {
	o, service := m.catalogue.Office(b.Office), m.catalogue.Service(b.Service)
	if o == nil || service == nil {
		return sheet{}, fault.New(fault.UnknownThing, "what", b.Service)
	}
	t := func(key string, args ...any) string { return m.words.T(lang, "reminder."+key, args...) }
	start := k.Start.In(o.Location())
	when := m.words.When(lang, start, now.In(o.Location()))
	discreet := service.RulesAt(b.Queue, b.Day).Discreet
	s := sheet{Lang: lang, Heading: when, Intro: t("intro"), Manage: t("manage"), My: m.url + "/my", Off: t("off"), Memo: m.url + "/my/memo"}
	what := t("your_booking")
	if !discreet {
		what = service.Name.In(lang)
		s.Fields = append(s.Fields, field{t("what"), what})
	}
	s.Subject = t("subject", "when", when, "what", what)
	place := o.Name.In(lang)
	if a := o.Address.In(lang); a != "" {
		place = t("place", "office", place, "address", a)
	}
	s.Fields = append(s.Fields, field{t("when"), m.words.DateTime(lang, start)}, field{t("where"), place}, field{t("reference"), b.Reference})
	if len(service.Documents) > 0 && !discreet { // a list of papers names a service too
		s.Bring = t("bring")
		for _, d := range service.Documents {
			s.Documents = append(s.Documents, d.In(lang))
		}
	}
	return s, nil
}

// text is the plain part.
func (m *Mails) text(s sheet) string {
	t := func(key string, args ...any) string { return m.words.T(s.Lang, "reminder."+key, args...) }
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n%s\n\n", s.Heading, s.Intro)
	for _, f := range s.Fields {
		fmt.Fprintln(&out, t("line", "name", f.Name, "value", f.Value))
	}
	if s.Bring != "" {
		fmt.Fprintf(&out, "\n%s\n", t("follows", "name", s.Bring))
		for _, d := range s.Documents {
			fmt.Fprintf(&out, "- %s\n", d)
		}
	}
	fmt.Fprintf(&out, "\n%s\n%s\n\n%s\n%s\n", t("follows", "name", s.Manage), s.My, t("follows", "name", s.Off), s.Memo)
	return out.String()
}

// compose gives a whole message; now is house time, sent machine time.
func (m *Mails) compose(from *mail.Address, to Address, o event.Outgoing, now, sent time.Time) ([]byte, error) {
	lang := to.Lang
	if lang == "" {
		lang = o.Details.Lang
	}
	s, err := m.sheet(o.ReminderKey, o.Details, lang, now)
	if err != nil {
		return nil, err
	}
	var html bytes.Buffer
	if err := htmlSheet.Execute(&html, s); err != nil {
		return nil, err
	}
	encoding := gomail.EncodingQP
	if strings.HasPrefix(lang, "zh") {
		encoding = gomail.EncodingB64
	}
	msg := gomail.NewMsg(gomail.WithEncoding(encoding), gomail.WithNoDefaultUserAgent())
	msg.SetAddrHeaderFromMailAddress(gomail.HeaderFrom, from)
	if err := msg.To(to.Email); err != nil {
		return nil, fault.New(fault.InvalidField, "field", "email") // without the cause, which holds the address
	}
	_, host, _ := strings.Cut(from.Address, "@")
	msg.SetMessageIDWithValue(m.ID(o.ReminderKey, host))
	msg.SetDateWithValue(sent)
	msg.Subject(s.Subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("Content-Language", lang)
	msg.SetBodyString(gomail.TypeTextPlain, m.text(s))
	msg.AddAlternativeString(gomail.TypeTextHTML, html.String())
	var out bytes.Buffer
	_, err = msg.WriteTo(&out)
	return out.Bytes(), err
}

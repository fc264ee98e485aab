package reminder

import (
	"bytes"
	"io"
	"mime"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"vez/booking"
	"vez/event"
	"vez/office"
)

// plainWords write keys and values as they are.
type plainWords struct{}

func (plainWords) T(lang, key string, args ...any) string {
	out := []string{lang, key}
	for _, a := range args {
		if s, ok := a.(string); ok {
			out = append(out, s)
		}
	}
	return strings.Join(out, " ")
}
func (plainWords) When(_ string, t, _ time.Time) string  { return t.Format("2006-01-02 15:04") }
func (plainWords) DateTime(_ string, t time.Time) string { return t.Format("2006-01-02 15:04") }
func (plainWords) office(name string) (c *office.Catalogue, o *office.Office) {
	text := office.Text{ZhHant: name, ZhHans: name, PT: name, EN: name}
	o = &office.Office{ID: "dsi-main", TimeZone: "Asia/Macau", Name: text, Address: text}
	o.WithLocation(macao)
	c = &office.Catalogue{Offices: []*office.Office{o}, Queues: []*office.Queue{{ID: "dsi-main-a", Office: "dsi-main"}},
		Services: []*office.Service{{ID: "card", Name: text, Queues: []string{"dsi-main-a"}, Documents: []office.Text{text}}}}
	return c, o
}

// headers are those that a mail of ours has.
var headers = []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress"}

// FuzzMail takes any address and any name of a service: an address that is taken
// is mailed to and nobody else is, and nothing of either becomes a line of the
// mail's head.
func FuzzMail(f *testing.F) {
	for _, to := range []string{"ana@example.mo", "a@b", "á@b.example", `"a b"@c.example`, "a@b\r\nBcc: c@d.example", "a@b,c@d", "<a@b>", "a@[127.0.0.1]", "a@b (c)", "@", "a@b.", "a..b@c", "a@xn--0", `"a\@b"@c`,
		strings.Repeat("a", 240) + "@b.example", "a@b;c", "group:a@b;", "=?utf-8?q?a?=@b", "a%b@c", "-a@b", "a@-b", "'a'@b"} {
		for _, name := range []string{"居民身份證續期", "Renovação do bilhete de identidade\r\nBcc: x@y.example", "Renewal <b>of</b> \x00 card", "续期\n\n.\nQUIT"} {
			f.Add(to, name, "zh-Hant")
		}
		f.Add(to, "", "pt")
	}
	f.Fuzz(func(t *testing.T, to, name, lang string) {
		if !mailable(to) {
			return
		}
		cat, o := plainWords{}.office(name)
		if err := cat.Index(); err != nil {
			t.Fatal(err)
		}
		lang = []string{"zh-Hant", "pt", "en", "zh-Hans"}[len(lang)%4]
		m := &Mails{catalogue: cat, words: plainWords{}, url: "https://vez.example", key: make([]byte, 32)}
		now := clock("2026-11-24 10:00")
		raw, err := m.compose(&mail.Address{Address: "vez@vez.example"}, Address{Email: to, Lang: lang}, event.Outgoing{
			Reminder: event.Reminder{ReminderKey: event.ReminderKey{Booking: "b1", Start: now.Add(time.Hour)}},
			Details:  booking.Booking{ID: "b1", Office: o.ID, Queue: "dsi-main-a", Service: "card", Day: "2026-11-24", Reference: "ABCDEFGH"}}, now, now)
		if err != nil {
			t.Fatalf("%q: %v", to, err)
		}
		read, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("%q: %v", to, err)
		}
		for key := range read.Header {
			if !slices.Contains(headers, textproto.CanonicalMIMEHeaderKey(key)) {
				t.Fatalf("%q and %q make the header %q", to, name, key)
			}
		}
		all, err := read.Header.AddressList("To")
		if err != nil || len(all) != 1 || all[0].Address != to {
			t.Fatalf("%q is written to as %v, %v", to, all, err)
		}
		subject, err := (&mime.WordDecoder{}).DecodeHeader(read.Header.Get("Subject"))
		if body, _ := io.ReadAll(read.Body); err != nil || subject == "" || len(body) == 0 {
			t.Fatalf("the subject %q, %v", subject, err)
		}
	})
}

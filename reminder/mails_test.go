package reminder_test

import (
	"context"
	"encoding/base64"
	"errors"
	"flag"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vez/reminder/remindertest"
)

var update = flag.Bool("update", false, "write the golden mails anew")

// sentMail sends one reminder and gives what arrived: its header, text and HTML.
func sentMail(t *testing.T, service, lang string) (netmail.Header, string, string) {
	t.Helper()
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	w.Address("holder", remindertest.Email(1), lang)
	w.Book("b1", "holder", service, at("2026-11-25 10:00"))
	w.House.Advance(time.Hour)
	server := remindertest.NewServer(t)
	s := w.Hub("hub1", w.Post(server))
	plan(t, s)
	send(t, s, "")
	got := server.Messages()
	if len(got) != 1 {
		t.Fatalf("%d mails came", len(got))
	}
	m, err := netmail.ReadMessage(strings.NewReader(string(got[0])))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(p.Header.Get("Content-Type"), ";")
		var body io.Reader = quotedprintable.NewReader(p)
		if p.Header.Get("Content-Transfer-Encoding") == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, p)
		}
		raw, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		parts[kind] = strings.ReplaceAll(string(raw), "\r\n", "\n")
	}
	return m.Header, parts["text/plain"], parts["text/html"]
}

func subject(t *testing.T, h netmail.Header) string {
	t.Helper()
	s, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMailsSayWhatWhenWhereInTheReadersLanguage(t *testing.T) {
	for _, lang := range []string{"zh-Hant", "pt", "en", "zh-Hans"} {
		h, text, html := sentMail(t, remindertest.Card, lang)
		got := "Subject: " + subject(t, h) + "\n\n" + text
		golden := filepath.Join("testdata", "mail."+lang+".txt")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || got != string(want) {
			t.Errorf("%s: %v\n%s", lang, err, got)
		}
		if strings.Contains(got+html, "⟦") || !strings.Contains(html, `lang="`+lang+`"`) {
			t.Errorf("%s: a text is missing: %s", lang, html)
		}
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			line = strings.TrimRight(strings.TrimPrefix(line, "- "), ":：")
			for _, part := range strings.SplitN(strings.Replace(line, "：", ": ", 1), ": ", 2) {
				if !strings.Contains(html, part) {
					t.Errorf("%s: the HTML does not say %q", lang, part)
				}
			}
		}
	}
}

func TestADiscreetServiceIsNamedNowhereInAMail(t *testing.T) {
	for _, lang := range []string{"zh-Hant", "pt", "en", "zh-Hans"} {
		h, text, html := sentMail(t, remindertest.Discreet, lang)
		for _, secret := range []string{"Unnamed demo matter", "不便明言", "Demo paper", "示範文件", "demo-discreet"} {
			for _, s := range []string{subject(t, h), text, html} {
				if strings.Contains(s, secret) {
					t.Errorf("%s: %q is in %s", lang, secret, s)
				}
			}
		}
		if !strings.Contains(text, "Rb1") {
			t.Errorf("%s: no reference in %s", lang, text)
		}
	}
}

func TestAMailTellsProgramsWhatItIs(t *testing.T) {
	h, _, _ := sentMail(t, remindertest.Card, "en")
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "Content-Language": "en", "To": "<demo-1@example.org>", "X-Mailer": ""} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if from, err := h.AddressList("From"); err != nil || from[0].Address != "vez@example.org" || from[0].Name != "Vez demo" {
		t.Errorf("from %v %v", from, err)
	}
	if id := h.Get("Message-Id"); !strings.HasSuffix(id, "@example.org>") || len(id) != len("<@example.org>")+32 {
		t.Errorf("id %q", id)
	}
	if _, err := h.Date(); err != nil {
		t.Error(err)
	}
}

func TestMessageIDsAreTheSameAtEveryHubAndDifferForEachCause(t *testing.T) {
	w := remindertest.NewWorld(t, at("2026-11-24 09:00"))
	_, other, err := remindertest.Join(w.DB, w.Machine)
	if err != nil {
		t.Fatal(err)
	}
	w.Book("b1", "holder", remindertest.Card, at("2026-11-25 10:00"))
	w.House.Advance(time.Hour)
	plan(t, w.Hub("hub1", post(t)))
	rs, err := w.RemindersOf(context.Background(), "b1")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rs {
		id := w.Mails.ID(r.ReminderKey, "example.org")
		if seen[id] || id != other.ID(r.ReminderKey, "example.org") {
			t.Errorf("id %s of %v", id, r.ReminderKey)
		}
		seen[id] = true
	}
}

package web

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
)

// troubled is an app whose /act fails with a fault.
func troubled(t *testing.T, code fault.Code) *App {
	t.Helper()
	a := newTestApp(t, nil)
	for _, method := range []string{fiber.MethodGet, fiber.MethodPost} {
		a.Handle(Route{Method: method, Path: "/act", Audience: Public, Handler: func(*fiber.Ctx) error { return fault.New(code) }})
	}
	return a
}

// sends posts a form as a browser does that has our token.
func sends(t *testing.T, a *App, form string) answer {
	t.Helper()
	const token = "0123456789abcdef0123456789abcdef"
	return ask(t, a, "POST", "/act", TokenField+"="+token+"&"+form, "Content-Type", "application/x-www-form-urlencoded",
		"Cookie", "vez_form="+token, "Accept", "text/html", "Sec-Fetch-Site", "same-origin")
}

func TestAFormWhoseFaultPassesCanBeSentOnceMoreWithTheSameKey(t *testing.T) {
	got := sends(t, troubled(t, fault.UnknownOutcome), "_key=once&name=%3Cb%3E&name=two")
	want := `<input type="hidden" name="_key" value="once"><input type="hidden" name="name" value="&lt;b&gt;"><input type="hidden" name="name" value="two">`
	if got.status != 503 || !strings.Contains(got.body, want) || !strings.Contains(got.body, `action="/act"`) || !strings.Contains(got.body, `data-trouble="post"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	for name, a := range map[string]answer{
		"a password":             sends(t, troubled(t, fault.LedgerAway), "_key=once&password=secret"),
		"a fault that stays":     sends(t, troubled(t, fault.SlotTaken), "_key=once"),
		"what was only asked":    ask(t, troubled(t, fault.LedgerAway), "GET", "/act?_key=once", "", "Accept", "text/html"),
		"more than is sensible":  sends(t, troubled(t, fault.LedgerAway), "_key=once&text="+strings.Repeat("x", resendMost)),
		"a program's own repeat": ask(t, troubled(t, fault.LedgerAway), "POST", "/act", "_key=once", "Accept", "application/json", "Content-Type", "application/x-www-form-urlencoded", "Authorization", "Bearer x"),
	} {
		if strings.Contains(a.body, "secret") || strings.Contains(a.body, `value="once"`) {
			t.Errorf("%s is written into the page: %s", name, a.body)
		}
	}
}

func TestAPageWhoseFaultPassesLooksForItsEnd(t *testing.T) {
	for code, waits := range map[fault.Code]bool{fault.LedgerAway: true, fault.ShuttingDown: true, fault.DiskFull: true, fault.Unexpected: false, fault.UnknownThing: false} {
		got := ask(t, troubled(t, code), "GET", "/act", "", "Accept", "text/html")
		if strings.Contains(got.body, `data-trouble="get"`) != waits || strings.Contains(got.body, `http-equiv="refresh"`) != waits {
			t.Errorf("%s: %s", code, got.body)
		}
	}
}

func TestANotedPartIsToldAndDoesNotCount(t *testing.T) {
	a := newTestApp(t, nil)
	gone := errors.New("gone")
	a.Ready("ledger", func(context.Context) error { return nil })
	a.Note("redis", "away", func(context.Context) error { return gone })
	a.Note("room", "full", func(context.Context) error { return nil })
	got, parts := ask(t, a, "GET", "/readyz", ""), map[string]string{}
	if err := json.Unmarshal([]byte(got.body), &parts); err != nil {
		t.Fatal(err)
	}
	if got.status != 200 || parts["redis"] != "away" || parts["room"] != "ok" || parts["ledger"] != "ok" {
		t.Errorf("%d %v", got.status, parts)
	}
}

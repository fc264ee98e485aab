package api_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"vez/api/apitest"
)

// FuzzBodies sends anything to operations that read a body: whatever comes, the
// answer is JSON (or nothing), never our own mistake, and a refusal has a code.
func FuzzBodies(f *testing.F) {
	for _, body := range []string{
		tomorrow, walkIn, fromAfar, `{}`, `[]`, `null`, `"x"`, `1e999`, `{"office":"main","code":"` + forged() + `"}`,
		`{"start":"0000-01-01T00:00:00Z","service":"renew","office":"main"}`, `{"start":"9999-12-31T23:59:59.999999999+23:59","service":"renew","office":"main"}`,
		`{"queue":"main-card","office":"main","people":-9223372036854775808}`, `{"office":"main","reference":"` + "\u0000\ufffd" + `"}`,
		`{"finish":{"outcome":null},"miss":"yes"}`, `{"minutes":1440,"reason":"lunch","back_at":"2026-11-24T10:00:00Z"}`,
		`{"from":"2026-11-25T00:00:00Z","to":"2026-11-24T00:00:00Z"}`, "{\"office\":\"\xff\"}", `{"needs":[null,1,"x"]}`, `{"role":"citizen","subject":"\u202e"}`,
	} {
		for op := range fuzzed {
			f.Add(byte(op), body)
		}
	}
	h := apitest.New(f)
	f.Fuzz(func(t *testing.T, op byte, body string) {
		o := fuzzed[int(op)%len(fuzzed)]
		a := h.For(t).Ask(o.who, o.method, o.path, body)
		if a.Status >= 500 {
			t.Fatalf("%s %s: %d\n%q\n%s", o.method, o.path, a.Status, body, a.Body)
		}
		if a.Status != 204 && !json.Valid([]byte(a.Body)) {
			t.Fatalf("%s %s: no JSON\n%q\n%s", o.method, o.path, body, a.Body)
		}
		if a.Status >= 400 && (a.Get("code") == "" || a.Get("ref") == "" || a.Get("title") == "") {
			t.Fatalf("%s %s: a refusal without code\n%q\n%s", o.method, o.path, body, a.Body)
		}
	})
}

var fuzzed = []struct{ who, method, path string }{
	{"citizen:one", "POST", "/bookings"},
	{"greeter:eva@main", "POST", "/bookings"},
	{"citizen:one", "PATCH", "/bookings/01a2006e-5cc3-7291-897a-52e265d97c9e"},
	{kiosk, "POST", "/tickets"},
	{"citizen:one", "POST", "/tickets"},
	{kiosk, "POST", "/check-ins"},
	{ana, "POST", "/counters/main-1/open"},
	{ana, "POST", "/counters/main-1/next"},
	{ana, "POST", "/counters/main-1/break"},
	{ana, "POST", "/counters/main-1/transfer"},
	{ana, "POST", "/counters/main-1/serve"},
	{ana, "POST", "/counters/main-1/park"},
	{ana, "POST", "/counters/main-1/call"},
	{"manager:mo@main", "POST", "/offices/across/closures"},
	{"manager:mo@across", "POST", "/offices/across/closures"},
	{kiosk, "POST", "/devices/heartbeat"},
	{"", "POST", "/demo/token"},
}

// FuzzReads asks for anything in addresses, queries and headers of what is only
// read: the answer is whole and never our own mistake, a refusal has a code, and
// who shows the tag of an answer need not be sent it again.
func FuzzReads(f *testing.F) {
	for op := range reads {
		for _, query := range []string{"", "q=續期&lang=zh-Hant", "q=renova%C3%A7%C3%A3o", "q=%ff%00", "cursor=YWZ0ZXI6MQ&limit=1", "cursor=YWZ0ZXI6LTE", "limit=0", "limit=9999999999999999999", "office=main&from=2026-11-24&to=2026-11-30",
			"office=main&from=2026-11-30&to=2026-11-24", "office=main&from=0000-01-01&to=9999-12-31", "office=a&office=main", "from=2026-02-30", "%zz", "lang=xx&department=dsi"} {
			f.Add(byte(op), "renew", query, `W/"x", *`)
		}
		for _, id := range []string{"main", "main-1", "01a2006e-5cc3-7291-897a-52e265d97c9e", "../../admin", "%2e%2e", "一", "x\x00", "'"} {
			f.Add(byte(op), id, "lang=pt", "")
		}
	}
	h := apitest.New(f)
	f.Fuzz(func(t *testing.T, op byte, id, query, tag string) {
		o := reads[int(op)%len(reads)]
		path := strings.ReplaceAll(o.path, "*", url.PathEscape(id)) + "?" + strings.Map(visible, query)
		if len(path)+2*len(tag) > 7<<10 {
			t.Skip("no header may be that long")
		}
		h := h.For(t)
		a := h.Ask(o.who, "GET", path, "", "If-None-Match", strings.Map(visible, tag))
		if a.Status >= 500 {
			t.Fatalf("%s: %d\n%s", path, a.Status, a.Body)
		}
		if a.Status >= 400 && (a.Get("code") == "" || a.Get("ref") == "" || a.Get("title") == "") {
			t.Fatalf("%s: a refusal without code\n%s", path, a.Body)
		}
		if mine := a.Header.Get("ETag"); a.Status == 200 && mine != "" {
			for _, shown := range []string{mine, "W/" + mine, `"a,b", ` + mine, strings.Map(visible, tag) + "," + mine} {
				if again := h.Ask(o.who, "GET", path, "", "If-None-Match", shown); again.Status != 304 || again.Body != "" {
					t.Fatalf("%s with the tag %s: %d", path, shown, again.Status)
				}
			}
		}
	})
}

// visible makes a text fit to stand in an address or header.
func visible(r rune) rune {
	if r <= ' ' || r >= 0x7f || r == '#' {
		return -1
	}
	return r
}

var reads = []struct{ who, path string }{
	{"", "/departments"}, {"", "/services"}, {"", "/services/*"}, {"", "/offices"}, {"", "/offices/*"}, {"", "/offices/*/queues"},
	{"citizen:one", "/services/*/slots"}, {"citizen:one", "/bookings/*"}, {"citizen:one", "/tickets/*"}, {ana, "/counters/*"},
	{"citizen:one", "/bookings/*/qr.png"}, {"citizen:one", "/bookings/*/event.ics"}, {"", "/*"}, {"", "/api/openapi.json"},
}

// FuzzKeys sends a change twice with any key: it happens once, the answer is the
// same, and the key opens no other change.
func FuzzKeys(f *testing.F) {
	for _, key := range []string{"", "a", "0190a1b2-7c3d-7e4f-8a5b-6c7d8e9f0a1b", strings.Repeat("k", 128), strings.Repeat("k", 129), "chave única", "鍵", "a b", "'; --", "%00", "\x7f", ",,"} {
		f.Add(key, walkIn, fromAfar)
		f.Add(key, walkIn, walkIn+" ")
		f.Add(key, `{}`, walkIn)
	}
	h, fresh := apitest.New(f), 0
	f.Fuzz(func(t *testing.T, key, body, other string) {
		h := h.For(t)
		if key = strings.TrimSpace(strings.Map(inHeader, key)); key != "" && len(key) < 100 {
			fresh++ // what an earlier run has done is not to be repeated here
			key = fmt.Sprint(key, " ", fresh)
		}
		first := h.Ask(kiosk, "POST", "/tickets", body, "Idempotency-Key", key)
		again := h.Ask(kiosk, "POST", "/tickets", body, "Idempotency-Key", key)
		if first.Status >= 500 || again.Status >= 500 {
			t.Fatalf("%d, then %d\n%s", first.Status, again.Status, again.Body)
		}
		if key == "" || len(key) >= 100 || first.Status != 201 {
			return
		}
		if again.Status != 201 || first.Get("id") == "" || again.Get("id") != first.Get("id") || again.Get("number") != first.Get("number") {
			t.Fatalf("the key %q gave %d %s, then %d %s", key, first.Status, first.Body, again.Status, again.Body)
		}
		if third := h.Ask(kiosk, "POST", "/tickets", other, "Idempotency-Key", key); other != body && third.Status < 400 {
			t.Fatalf("the key %q opens %s as well: %d %s", key, other, third.Status, third.Body)
		}
	})
}

// inHeader lets through what a header may hold.
func inHeader(r rune) rune {
	if r < ' ' || r == 0x7f || r == '\ufffd' {
		return -1
	}
	return r
}

package api_test

import (
	"encoding/json"
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

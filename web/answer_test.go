package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
)

func TestAFaultIsTheSameForPeopleAndPrograms(t *testing.T) {
	a := newTestApp(t, nil)
	fail := func(*fiber.Ctx) error { return fault.New(fault.TooOften, "seconds", 7) }
	a.Handle(Route{Method: "GET", Path: "/page", Audience: Public, Handler: fail})
	a.Handle(Route{Method: "GET", Path: "/api/v1/x", Audience: Public, Handler: fail})

	page := ask(t, a, "GET", "/page", "", "Accept", "text/html", "Accept-Language", "pt")
	if page.status != 429 || !strings.Contains(page.body, "daqui a 7 segundos") || !strings.Contains(page.body, `lang="pt"`) {
		t.Errorf("%d %s", page.status, page.body)
	}
	if ref := page.header.Get("X-Request-ID"); len(ref) != 8 || !strings.Contains(page.body, ref) {
		t.Errorf("the reference %q is not on the page", ref)
	}
	program := ask(t, a, "GET", "/api/v1/x", "", "Accept-Language", "en")
	var p Problem
	if err := json.Unmarshal([]byte(program.body), &p); err != nil {
		t.Fatal(err)
	}
	if program.header.Get("Content-Type") != "application/problem+json" || program.header.Get("Retry-After") != "7" {
		t.Errorf("%v", program.header)
	}
	if p.Status != 429 || p.Code != "too_often" || p.Title != "Just a moment" || p.Ref == "" || p.Type != "urn:vez:fault:too_often" {
		t.Errorf("%+v", p)
	}
}

func TestOurOwnMistakesShowNothingOfTheirCause(t *testing.T) {
	var log bytes.Buffer
	a := newTestApp(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	a.Handle(Route{Method: "GET", Path: "/error", Audience: Public, Handler: func(*fiber.Ctx) error {
		return errors.New("password of the database: hunter2")
	}})
	a.Handle(Route{Method: "GET", Path: "/panic", Audience: Public, Handler: func(*fiber.Ctx) error { panic("hunter2") }})
	for _, path := range []string{"/error", "/panic"} {
		log.Reset()
		got := ask(t, a, "GET", path, "", "Accept", "text/html")
		if got.status != 500 || strings.Contains(got.body, "hunter2") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		ref := got.header.Get("X-Request-ID")
		if !strings.Contains(log.String(), "ref="+ref) || !strings.Contains(log.String(), "hunter2") {
			t.Errorf("%s: the log does not tell: %s", path, log.String())
		}
	}
}

func TestTheLogHoldsThePatternAndNeverThePath(t *testing.T) {
	var log bytes.Buffer
	level := &slog.HandlerOptions{Level: slog.LevelDebug}
	a := newTestApp(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, level)) })
	a.Handle(Route{Method: "GET", Path: "/t/:token", Audience: Public, Handler: ok})
	ask(t, a, "GET", "/t/SECRET1?name=SECRET2", "", "User-Agent", "SECRET3", "Cookie", "x=SECRET4")
	ask(t, a, "GET", "/SECRET5", "")
	if strings.Contains(log.String(), "SECRET") || !strings.Contains(log.String(), "route=/t/:token") {
		t.Error(log.String())
	}
}

func TestWhatFiberRefusesIsAFaultToo(t *testing.T) {
	a := newTestApp(t, nil)
	a.Handle(Route{Method: "POST", Path: "/only-post", Audience: Public, Handler: ok})
	for _, c := range []struct {
		method, path string
		status       int
		code         string
	}{{"GET", "/nowhere", 404, "not_found"}, {"GET", "/only-post", 405, "method_unknown"}, {"GET", "/assets/x/none.css", 404, "not_found"}} {
		got := ask(t, a, c.method, c.path, "", "Accept", "application/json")
		if got.status != c.status || !strings.Contains(got.body, `"code":"`+c.code+`"`) {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.status, got.body)
		}
	}
}

func TestEveryKindOfFaultHasAStatusOfItsOwn(t *testing.T) {
	seen := map[int]fault.Kind{}
	for kind := fault.Internal; kind <= fault.Unsupported; kind++ {
		status := StatusOf(kind)
		if other, taken := seen[status]; taken || status < 400 {
			t.Errorf("kind %d gives %d, as kind %d", kind, status, other)
		}
		seen[status] = kind
	}
}

func TestEveryAnswerIsSentWithTheSecurityHeaders(t *testing.T) {
	a := newTestApp(t, func(c *Config) {
		c.URL = "https://vez.example"
		c.FormTargets = []string{"https://id.example"}
	})
	a.Handle(Route{Method: "GET", Path: "/scan", Audience: Public, Handler: ok, Camera: true})
	for _, path := range []string{"/gallery", "/nowhere", "/healthz", "/scan"} {
		got := ask(t, a, "GET", path, "")
		csp := got.header.Get("Content-Security-Policy")
		for _, rule := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'",
			"base-uri 'none'", "frame-ancestors 'none'", "form-action 'self' https://id.example"} {
			if !strings.Contains(csp, rule) {
				t.Errorf("%s: no %s in %q", path, rule, csp)
			}
		}
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains"} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, got.header.Get(name))
			}
		}
		if camera := strings.Contains(got.header.Get("Permissions-Policy"), "camera=(self)"); camera != (path == "/scan") {
			t.Errorf("%s: the camera is wrong", path)
		}
	}
	if plain := ask(t, newTestApp(t, nil), "GET", "/healthz", ""); plain.header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS is sent without https")
	}
}

func TestNoPageHasInlineScriptStyleOrHandler(t *testing.T) {
	a := newTestApp(t, nil)
	for _, path := range []string{"/gallery", "/gallery?layout=kiosk", "/gallery?layout=staff", "/gallery?layout=board", "/nowhere"} {
		body := ask(t, a, "GET", path, "", "Accept", "text/html").body
		for _, bad := range []string{"<style", " style=", " onclick", " onload", "javascript:", "<script>"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s has %q", path, bad)
			}
		}
	}
}

func TestTheLanguageIsChosenRememberedAndDeclared(t *testing.T) {
	a := newTestApp(t, nil)
	if err := a.Pages("test", pagesOf("plain.html", plainPage), "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/x", Audience: Public, Handler: say("hello")})
	for _, c := range []struct{ path, cookie, accept, want string }{
		{"/x", "", "", "zh-Hant"}, {"/x", "", "zh-CN", "zh-Hans"}, {"/x", "", "pt-PT,en;q=0.5", "pt"},
		{"/x", "vez_lang=en", "pt", "en"}, {"/x?lang=zh-Hans", "vez_lang=en", "pt", "zh-Hans"}, {"/x?lang=xx", "", "en", "en"},
		{"/x", "vez_lang=xx", "en", "en"},
	} {
		got := ask(t, a, "GET", c.path, "", "Cookie", c.cookie, "Accept-Language", c.accept)
		if !strings.Contains(got.body, `<html lang="`+c.want+`"`) || got.header.Get("Content-Language") != c.want {
			t.Errorf("%+v gives %s", c, got.header.Get("Content-Language"))
		}
		if remembered := len(got.cookies) == 1 && got.cookies[0].Value == c.want; remembered != strings.Contains(c.path, "=zh") {
			t.Errorf("%+v: cookies %v", c, got.cookies)
		}
		for _, lang := range locale.Languages {
			if !strings.Contains(got.body, ">"+locale.Endonym(lang)+"<") {
				t.Errorf("the switch does not name %s", lang)
			}
		}
	}
}

func TestTheSwitchKeepsTheQueryOfThePage(t *testing.T) {
	a := newTestApp(t, nil)
	if err := a.Pages("test", pagesOf("plain.html", plainPage), "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/x", Audience: Public, Handler: say("hello")})
	body := ask(t, a, "GET", "/x?q=a%26b&lang=en", "").body
	if !strings.Contains(body, `href="/x?lang=pt&amp;q=a%26b"`) {
		t.Error(body)
	}
}

func TestReadinessFollowsItsPartsAndHidesWhy(t *testing.T) {
	a := newTestApp(t, nil)
	var broken error
	a.Ready("ledger", func(context.Context) error { return broken })
	if got := ask(t, a, "GET", "/readyz", ""); got.status != 200 {
		t.Errorf("%d %s", got.status, got.body)
	}
	broken = errors.New("hunter2")
	got := ask(t, a, "GET", "/readyz", "")
	if got.status != 503 || strings.Contains(got.body, "hunter2") || !strings.Contains(got.body, `"ledger":"away"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := ask(t, a, "GET", "/healthz", ""); got.status != 200 {
		t.Errorf("%d", got.status)
	}
}

func TestABodyOverTheLimitIsRefusedInTheReadersLanguage(t *testing.T) {
	_, address := streamApp(t, func(c *Config) { c.BodyLimit = 1000 }, nil)
	r, err := http.NewRequest("POST", address, strings.NewReader(strings.Repeat("x", 5000)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Accept-Language", "pt")
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var p Problem
	if err := json.NewDecoder(res.Body).Decode(&p); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 413 || p.Code != "body_too_large" || p.Title != "É mais do que podemos receber" {
		t.Errorf("%d %+v", res.StatusCode, p)
	}
}

func BenchmarkPage(b *testing.B) {
	text, err := locale.Load()
	if err != nil {
		b.Fatal(err)
	}
	a, err := New(Config{Text: text, Demo: true})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := a.engine.run("web/fault", locale.Pt, "layout/site", &Page{Data: faultPage{Problem: Problem{Title: "x"}}, Lang: locale.Pt, Layout: "site", Path: "/"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	text, err := locale.Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		a, err := New(Config{Text: text, Demo: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := a.CheckPages(); err != nil {
			b.Fatal(err)
		}
	}
}

// TestReadinessMayBeAskedUntilTheLastMoment closes apps that have just been
// asked: what a request waits with must not be its server's, which is taken apart.
func TestReadinessMayBeAskedUntilTheLastMoment(t *testing.T) {
	for range 20 {
		a := newTestApp(t, nil)
		a.Ready("ledger", func(context.Context) error { return nil })
		ln, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = a.Fiber().Listener(ln) }()
		res, err := http.Get("http://" + ln.Addr().String() + "/readyz") //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if err := a.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

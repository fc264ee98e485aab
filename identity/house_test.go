package identity_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/demo/provider"
	"vez/fault"
	"vez/identity"
	"vez/identity/identitytest"
	"vez/locale"
	"vez/web"
)

var secret = []byte("a secret of the tests, 32 bytes..")

// house is a whole site on loopback: frame, identity, demo provider, and a few
// pages that tell who they think is asking.
type house struct {
	url      string
	clock    *clockwork.FakeClock
	store    *identitytest.Store
	identity *identity.Service
	provider *provider.Provider
	app      *web.App
	lives    atomic.Value // of whoever asked last
}

// newHouse opens one; change may alter the settings of identity.
func newHouse(t *testing.T, change func(*identity.Config, *provider.Provider)) *house {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &house{url: "http://" + ln.Addr().String(), clock: clockwork.NewFakeClock(), store: identitytest.NewStore()}
	if h.provider, err = provider.New(provider.Config{URL: h.url, Clock: h.clock}); err != nil {
		t.Fatal(err)
	}
	cfg := identity.Config{
		Store: h.store, Secret: secret, URL: h.url, Clock: h.clock, Citizens: h.provider.Citizens(), Staff: h.provider.Staff(),
		Demo: true,
	}
	if change != nil {
		change(&cfg, h.provider)
	}
	h.build(t, cfg)
	served := make(chan error, 1)
	go func() { served <- h.app.Serve(ln) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second) // a silent connection counts as busy for five
		defer cancel()
		if err := h.app.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	// It must have begun to serve before it can be told to stop.
	h.browser(t).get("/healthz")
	return h
}

func (h *house) build(t *testing.T, cfg identity.Config) {
	t.Helper()
	text, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	if h.identity, err = identity.New(cfg); err != nil {
		t.Fatal(err)
	}
	if h.app, err = web.New(web.Config{Text: text, URL: cfg.URL, Auth: h.identity.Auth, Demo: cfg.Demo}); err != nil {
		t.Fatal(err)
	}
	page := `{{define "title"}}T{{end}}{{define "main"}}<form method="post">{{.Hidden}}</form><b id="who">{{.Data}}</b>{{end}}`
	if err := h.app.Pages("test", fstest.MapFS{"who.html": {Data: []byte(page)}}, "."); err != nil {
		t.Fatal(err)
	}
	for path, audience := range map[string]web.Audience{
		"/": web.Public, "/my": web.Citizen, "/my/:id": web.Citizen, "/counter": web.Staff("clerk"), "/admin": web.Staff("manager"),
		"/kiosk/:office": web.Device("kiosk"), "/board/:office": web.Device("board"),
	} {
		h.app.Handle(web.Route{Method: "GET", Path: path, Audience: audience, Handler: func(c *fiber.Ctx) error {
			who := web.Who(c)
			if who.Lives != nil {
				h.lives.Store(who.Lives)
			}
			return web.Render(c, "test/who", who.ID)
		}})
	}
	for path, audience := range map[string]web.Audience{"/email": web.Citizen, "/counter/email": web.Staff(), "/everybody": web.Public} {
		h.app.Handle(web.Route{Method: "GET", Path: path, Audience: audience, Handler: func(c *fiber.Ctx) error {
			address, ok := h.identity.Email(c)
			return web.Render(c, "test/who", fmt.Sprint(address, " ", ok))
		}})
	}
	if err := h.identity.Register(h.app); err != nil {
		t.Fatal(err)
	}
	if err := h.provider.Register(h.app); err != nil {
		t.Fatal(err)
	}
	if err := h.app.CheckPages(); err != nil {
		t.Fatal(err)
	}
}

// browser is a client with cookies that follows redirects and remembers where
// it is.
type browser struct {
	t      *testing.T
	h      *house
	client *http.Client
	at     *url.URL
}

func (h *house) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, h: h, client: &http.Client{Jar: jar, Transport: &http.Transport{}}}
	t.Cleanup(b.client.CloseIdleConnections)
	b.at, _ = url.Parse(h.url)
	return b
}

// page is what a request came back with.
type page struct {
	status int
	path   string // where the browser ended up, with its query
	body   string
	header http.Header
}

// who is whom a page of the house was shown to.
func (p page) who() string {
	if m := regexp.MustCompile(`<b id="who">([^<]*)</b>`).FindStringSubmatch(p.body); m != nil {
		return m[1]
	}
	return "?"
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at = res.Request.URL
	return page{res.StatusCode, res.Request.URL.RequestURI(), string(body), res.Header}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.h.url+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form of the page that the browser is on.
func (b *browser) post(path string, form url.Values) page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodPost, b.h.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.h.url)
	r.Header.Set("Referer", b.at.String())
	return b.do(r)
}

// stay keeps redirects from being followed.
func (b *browser) stay() {
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
}

// cookies are those that the house has set in this browser.
func (b *browser) cookies() map[string]string {
	u, _ := url.Parse(b.h.url)
	out := map[string]string{}
	for _, c := range b.client.Jar.Cookies(u) {
		out[c.Name] = c.Value
	}
	return out
}

func (b *browser) setCookie(name, value string) {
	u, _ := url.Parse(b.h.url)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/"}})
}

var input = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)

// hidden reads the hidden fields of a page.
func hidden(p page) url.Values {
	form := url.Values{}
	for _, m := range input.FindAllStringSubmatch(p.body, -1) {
		form.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	return form
}

// signIn opens a page that asks for a sign-in and chooses a person.
func (b *browser) signIn(path, person string) page {
	b.t.Helper()
	asked := b.get(path)
	if !strings.HasPrefix(asked.path, "/demo/id/authorize?") {
		b.t.Fatalf("%s led to %d %s", path, asked.status, asked.path)
	}
	form := hidden(asked)
	form.Set("person", person)
	return b.post("/demo/id/authorize", form)
}

// refused asserts a page with a fault.
func (b *browser) refused(p page, code fault.Code) {
	b.t.Helper()
	text, _ := locale.Load()
	title := html.EscapeString(text.In("en").T("fault." + string(code) + ".title"))
	if !strings.Contains(p.body, title) {
		b.t.Errorf("want %s, got %d at %s", code, p.status, p.path)
	}
}

// seenAs gives the principal that the house sees behind a browser's cookie.
func (h *house) seenAs(t *testing.T, b *browser, cookie string) identity.Principal {
	t.Helper()
	var seen identity.Principal
	probe := fiber.New()
	probe.Get("/counter", func(c *fiber.Ctx) error {
		all, err := h.identity.Everyone(c)
		if len(all) > 0 {
			seen = all[0]
		}
		return err
	})
	r := httptest.NewRequest(http.MethodGet, "/counter", nil)
	r.AddCookie(&http.Cookie{Name: cookie, Value: b.cookies()[cookie]})
	res, err := probe.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return seen
}

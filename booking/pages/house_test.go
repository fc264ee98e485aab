package pages

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/hall/halltest"
	"vez/locale"
	"vez/office"
	"vez/web"
)

// house is the pages on a real hall with a ledger of its own.
type house struct {
	*halltest.House
	t   testing.TB
	app *web.App
}

// newHouse opens the pages at 09:30 in Macao.
func newHouse(t testing.TB, edit ...func(*Deps)) *house {
	t.Helper()
	return newHouseOf(t, halltest.Macao(), edit...)
}

// newHouseOf opens them with a catalogue of the test's own.
func newHouseOf(t testing.TB, cat *office.Catalogue, edit ...func(*Deps)) *house {
	t.Helper()
	h := &house{House: halltest.New(t, halltest.Config{Catalogue: cat, Start: halltest.At("09:30")}), t: t}
	d := Deps{Hall: h.Hall, Live: h.Live, Events: h.DB, Demo: true, DemoOffices: []string{"dsi-main", "hengqin"},
		Slip: func(b booking.Booking, lang string) ([]byte, error) {
			return []byte("%PDF " + b.Reference + " " + lang), nil
		}}
	for _, e := range edit {
		e(&d)
	}
	h.app = h.App(web.Config{Demo: d.Demo, URL: "http://vez.test", Auth: byHeader})
	if err := Register(h.app, d); err != nil {
		t.Fatal(err)
	}
	return h
}

// byHeader signs a test's person in.
func byHeader(c *fiber.Ctx) (web.Principal, error) {
	id := c.Get("X-Test-Citizen")
	if id == "" {
		return web.Principal{}, nil
	}
	return web.Principal{ID: "citizen:" + id, Roles: []string{"citizen"}, Name: "Demo Resident"}, nil
}

// visitor is one browser: it keeps cookies and runs no scripts.
type visitor struct {
	*house
	as      string // signed in as
	lang    string
	email   string // verified at the sign-in
	cookies map[string]string
}

func (h *house) visitor(as string) *visitor {
	return &visitor{house: h, as: as, lang: locale.En, cookies: map[string]string{}}
}

// page is what came back.
type page struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	path   string // after redirects
}

// get follows redirects as a browser does.
func (v *visitor) get(path string) page {
	v.t.Helper()
	return v.follow(v.send("GET", path, nil))
}

func (v *visitor) follow(p page) page {
	v.t.Helper()
	for range 5 {
		to := p.header.Get("Location")
		if p.status < 300 || p.status > 399 || strings.HasPrefix(to, "/signin") {
			return p
		}
		p = v.send("GET", to, nil)
	}
	v.t.Fatal("too many redirects")
	return p
}

func (v *visitor) send(method, path string, form url.Values) page {
	v.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", v.lang)
	if v.as != "" {
		r.Header.Set("X-Test-Citizen", v.as)
		r.Header.Set("X-Test-Email", v.email)
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := v.app.Fiber().Test(r, -1)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, k := range res.Cookies() {
		if v.cookies[k.Name] = k.Value; k.Value == "" {
			delete(v.cookies, k.Name)
		}
	}
	return page{v.t, res.StatusCode, res.Header, string(body), path}
}

var (
	formTag  = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*action="([^"]*)"[^>]*>(.*?)</form>`)
	inputTag = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// submit sends the form of a page whose action ends like this, with more fields.
func (v *visitor) submit(p page, action string, more ...string) page {
	v.t.Helper()
	return v.follow(v.submitOnce(p, action, more...))
}

func (v *visitor) submitOnce(p page, action string, more ...string) page {
	v.t.Helper()
	for _, m := range formTag.FindAllStringSubmatch(p.body, -1) {
		if !strings.HasSuffix(m[1], action) {
			continue
		}
		form := url.Values{}
		for _, in := range inputTag.FindAllStringSubmatch(m[2], -1) {
			form.Set(in[1], in[2])
		}
		for i := 0; i+1 < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return v.send("POST", m[1], form)
	}
	v.t.Fatalf("no form leads to …%s on %s:\n%s", action, p.path, p.shown())
	return page{}
}

func (p page) want(status int, texts ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: status %d, want %d\n%s", p.path, p.status, status, p.shown())
	}
	for _, text := range texts {
		if !strings.Contains(p.body, text) {
			p.t.Fatalf("%s lacks %q:\n%s", p.path, text, p.shown())
		}
	}
	return p
}

func (p page) lacks(texts ...string) page {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.body, text) {
			p.t.Fatalf("%s shows %q:\n%s", p.path, text, p.shown())
		}
	}
	return p
}

// find gives the first group of a pattern in the page.
func (p page) find(pattern string) string {
	p.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatalf("%s has nothing like %s:\n%s", p.path, pattern, p.shown())
	}
	return html.UnescapeString(m[1])
}

// shown is the main part of the page in few words.
func (p page) shown() string {
	body := p.body
	if i := strings.Index(body, "<main"); i >= 0 {
		body, _, _ = strings.Cut(body[i:], "</main>")
	}
	return svgTag.ReplaceAllString(body, "<svg/>")
}

var svgTag = regexp.MustCompile(`(?s)<svg.*?</svg>`)

const (
	renewal   = "dsi-bir-renewal"
	main      = "dsi-main"
	timesPath = "/book/" + renewal + "/" + main + "/2026-11-25"
)

// booked makes a confirmed booking through the pages and gives its path.
func (v *visitor) booked() string {
	v.t.Helper()
	times := v.get(timesPath).want(200)
	hold := v.submit(times, "/"+main, "start", times.find(`name="start" value="([^"]*)"`), "people", "1", "lang", "pt").want(200)
	show := v.submit(hold, "/confirm").want(200, "Your booking is confirmed")
	path, _, _ := strings.Cut(show.path, "?")
	return path
}

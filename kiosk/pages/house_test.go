package pages_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"vez/booking"
	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
	"vez/kiosk/pages"
	"vez/office"
	"vez/web"
	"vez/web/webtest"
)

// house is the kiosk's pages on a real hall with a ledger of its own.
type house struct {
	*halltest.House
	t   testing.TB
	app *web.App

	holders int
}

// newHouse opens the pages at 10:00 in Macao, with a catalogue that a test may
// change.
func newHouse(t testing.TB, change ...func(*web.Config, *pages.Deps)) *house {
	t.Helper()
	h := &house{House: halltest.New(t, halltest.Config{Catalogue: halltest.ReadMacao(), Start: halltest.At("10:00")}), t: t}
	cfg := web.Config{Auth: kioskOf("")}
	deps := pages.Deps{Hall: h.Hall, Live: h.Live}
	for _, f := range change {
		f(&cfg, &deps)
	}
	h.app = h.App(cfg)
	if err := pages.Register(h.app, deps); err != nil {
		t.Fatal(err)
	}
	return h
}

// kioskOf lets every request be a paired kiosk of an office, "" for any.
func kioskOf(office string) func(*fiber.Ctx) (web.Principal, error) {
	if office == "" {
		office = identity.Any
	}
	p := identity.Principal{Subject: "device:k1", Kind: "kiosk", Grants: []identity.Grant{{Role: identity.Device, Department: identity.Any, Office: office}}}
	return func(*fiber.Ctx) (web.Principal, error) {
		return web.Principal{ID: p.Subject, Roles: []string{"device"}, Device: "kiosk", Grants: p}, nil
	}
}

func (h *house) act() hall.Act { return hall.Act{Actor: "clerk:1"} }

// open opens a counter, so that its queues are attended.
func (h *house) open(counter string) {
	h.t.Helper()
	if _, err := h.OpenCounter(context.Background(), h.act(), counter, nil); err != nil {
		h.t.Fatal(err)
	}
	h.Settle()
}

// book makes a confirmed booking for a service at an office and gives it with its code.
func (h *house) book(service, officeID string, at time.Time) (booking.Booking, string) {
	h.t.Helper()
	h.holders++
	holder := "citizen:" + strings.Repeat("x", h.holders)
	b, err := h.Book(context.Background(), hall.Act{Actor: holder}, hall.BookRequest{Service: service, Office: officeID, Start: at, Holder: holder})
	if err != nil {
		h.t.Fatal(err)
	}
	code, err := h.BookingCode(b)
	if err != nil {
		h.t.Fatal(err)
	}
	h.Settle()
	return b, code
}

// atDay is a time of a day in Macao.
func atDay(day office.Day, clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", string(day)+" "+clock, halltest.Macau)
	if err != nil {
		panic(err)
	}
	return t
}

// person stands at a kiosk: a browser without scripts.
type person struct {
	h      *house
	cookie map[string]string
	lang   string
}

func (h *house) person(lang string) *person {
	return &person{h: h, cookie: map[string]string{web.LangCookie: lang}, lang: lang}
}

// page is what the person sees.
type page struct {
	status int
	path   string
	body   string
	doc    *html.Node
	header http.Header
}

func (p *person) get(path string) page { return p.send("GET", path, nil) }

func (p *person) send(method, path string, form url.Values) page {
	p.h.t.Helper()
	for range 5 {
		r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
		if method == "POST" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		r.Header.Set("Accept", "text/html")
		for name, value := range p.cookie {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
		res, err := p.h.app.Fiber().Test(r, -1)
		if err != nil {
			p.h.t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil {
			p.h.t.Fatal(err)
		}
		for _, c := range res.Cookies() {
			p.cookie[c.Name] = c.Value
		}
		if to := res.Header.Get("Location"); to != "" {
			method, path, form = "GET", to, nil
			continue
		}
		doc, err := html.Parse(strings.NewReader(string(body)))
		if err != nil {
			p.h.t.Fatal(err)
		}
		return page{res.StatusCode, path, string(body), doc, res.Header}
	}
	p.h.t.Fatal("led in circles by " + path)
	return page{}
}

// submit sends the form of a page whose action ends so, with some fields set.
func (p *person) submit(on page, action string, fields ...string) page {
	p.h.t.Helper()
	form := webtest.First(on.doc, func(n *html.Node) bool {
		return n.Data == "form" && strings.HasSuffix(webtest.Attr(n, "action"), action)
	})
	if form == nil {
		p.h.t.Fatalf("%s has no form to %s", on.path, action)
	}
	values := url.Values{}
	for _, in := range webtest.All(form, func(n *html.Node) bool { return n.Data == "input" }) {
		if kind := webtest.Attr(in, "type"); kind != "checkbox" || webtest.Has(in, "checked") {
			values.Add(webtest.Attr(in, "name"), webtest.Attr(in, "value"))
		}
	}
	for i := 0; i+1 < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	to := webtest.Attr(form, "action")
	if strings.EqualFold(webtest.Attr(form, "method"), "get") {
		return p.get(to + "?" + values.Encode())
	}
	return p.send("POST", to, values)
}

// scan does what the reader's script does.
func (p *person) scan(on page, code string) page { return p.submit(on, "/check-in", "code", code) }

// answer is which answer a page gives, "" for another page.
func (g page) answer() string {
	n := webtest.First(g.doc, func(n *html.Node) bool { return webtest.Has(n, "data-answer") })
	if n == nil {
		return ""
	}
	return webtest.Attr(n, "data-answer")
}

// number is the number of a ticket's page.
func (g page) number() string {
	n := webtest.First(g.doc, func(n *html.Node) bool { return strings.Contains(webtest.Attr(n, "class"), "number huge") })
	if n == nil {
		return ""
	}
	return strings.TrimSpace(textOf(n.FirstChild))
}

// links lists the addresses that the page's main part leads to.
func (g page) links() []string {
	main := webtest.First(g.doc, func(n *html.Node) bool { return n.Data == "main" })
	var out []string
	for _, a := range webtest.All(main, func(n *html.Node) bool { return n.Data == "a" }) {
		out = append(out, webtest.Attr(a, "href"))
	}
	return out
}

func (g page) leads(to string) bool {
	for _, l := range g.links() {
		if strings.HasPrefix(l, to) {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	if n == nil {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(textOf(c))
	}
	return b.String()
}

package pages

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
	"vez/ticket"
	"vez/web"
	"vez/web/webtest"
)

// The office of the tests: a counter of its cards, and one of its certificates.
const (
	hallID  = "dsi-main"
	desk1   = "dsi-main-1"
	desk2   = "dsi-main-2"
	cards   = "dsi-main-card"
	renewal = "dsi-bir-renewal"
)

// house is the console on a real hall and ledger.
type house struct {
	*halltest.House
	t       *testing.T
	app     *web.App
	touched chan string
}

// newHouse opens the console at 09:30 in Macao.
func newHouse(t *testing.T, change ...func(*Deps)) *house {
	t.Helper()
	h := &house{House: halltest.New(t, halltest.Config{Start: halltest.At("09:30")}), t: t, touched: make(chan string, 100)}
	h.app = h.App(web.Config{Auth: who, StreamAge: time.Minute})
	d := Deps{Hall: h.Hall, Live: h.Live, Events: h.DB, Touch: func(_ context.Context, office, counter string) error {
		select {
		case h.touched <- office + " " + counter:
		default:
		}
		return nil
	}}
	for _, c := range change {
		c(&d)
	}
	if err := Register(h.app, d); err != nil {
		t.Fatal(err)
	}
	return h
}

// who reads a test cookie such as "clerk:dsi:dsi-main|anna": a grant and a name.
func who(c *fiber.Ctx) (web.Principal, error) {
	grant, name, ok := strings.Cut(c.Cookies("who"), "|")
	if !ok {
		return web.Principal{}, nil
	}
	g, err := identity.ParseGrant(grant)
	if err != nil {
		return web.Principal{}, err
	}
	p := identity.Principal{Subject: "clerk:" + name, Name: name, Grants: []identity.Grant{g}}
	w := web.Principal{ID: p.Subject, Name: name, Grants: p}
	for _, r := range identity.Roles {
		if p.Holds(r) {
			w.Roles = append(w.Roles, string(r))
		}
	}
	return w, nil
}

// browser is one person's, with cookies.
type browser struct {
	h       *house
	cookies map[string]string
	lang    string
}

func (h *house) browser(who string) *browser {
	return &browser{h: h, cookies: map[string]string{"who": strings.ReplaceAll(who, " ", "")}, lang: "en"}
}

func (h *house) clerk(name string) *browser { return h.browser("clerk:dsi:dsi-main|" + name) }

// page is what a request came back with.
type page struct {
	t      *testing.T
	status int
	header http.Header
	body   string
	doc    *html.Node
}

func (b *browser) send(method, path string, form url.Values, headers ...string) page {
	b.h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", b.lang)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.h.app.Fiber().Test(r, -1)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		if c.Value == "" || c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Year() < 2000 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	doc, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		b.h.t.Fatal(err)
	}
	return page{t: b.h.t, status: res.StatusCode, header: res.Header, body: string(body), doc: doc}
}

func (b *browser) get(path string) page { b.h.t.Helper(); return b.send("GET", path, nil) }

// press submits the form of a verb on the counter's console as a browser would,
// and gives the page that it leads to. Values replace those of the form.
func (b *browser) press(counter, verb string, values ...string) page {
	b.h.t.Helper()
	p := b.get("/counter/" + counter)
	form, ok := p.form("/counter/"+counter+"/"+verb, values)
	if !ok {
		b.h.t.Fatalf("the console offers no %s:\n%s", verb, p.text())
	}
	return b.post("/counter/"+counter+"/"+verb, form)
}

// post sends a form and follows the redirect.
func (b *browser) post(path string, form url.Values) page {
	b.h.t.Helper()
	p := b.send("POST", path, form)
	if p.status == http.StatusSeeOther {
		return b.get(p.header.Get("Location"))
	}
	return p
}

// form reads the fields of the form with an action; the first that carries
// all the named values, where several have the same.
func (p page) form(action string, values []string) (url.Values, bool) {
	for _, f := range p.all("form") {
		if webtest.Attr(f, "action") != action {
			continue
		}
		out := url.Values{}
		for _, i := range within(f, "input") {
			kind := webtest.Attr(i, "type")
			if (kind == "checkbox" || kind == "radio") && !webtest.Has(i, "checked") {
				continue
			}
			out.Add(webtest.Attr(i, "name"), webtest.Attr(i, "value"))
		}
		for _, s := range within(f, "select") {
			options := within(s, "option")
			if len(options) == 0 {
				continue
			}
			chosen := options[0]
			if i := slices.IndexFunc(options, func(o *html.Node) bool { return webtest.Has(o, "selected") }); i >= 0 {
				chosen = options[i]
			}
			out.Set(webtest.Attr(s, "name"), webtest.Attr(chosen, "value"))
		}
		fits := true
		for i := 0; i+1 < len(values); i += 2 {
			if hidden := out.Get(values[i]); hidden != "" && hidden != values[i+1] && isHidden(f, values[i]) {
				fits = false
			}
		}
		if !fits {
			continue
		}
		for i := 0; i+1 < len(values); i += 2 {
			out.Set(values[i], values[i+1])
		}
		return out, true
	}
	return nil, false
}

func isHidden(f *html.Node, name string) bool {
	return slices.ContainsFunc(within(f, "input"), func(i *html.Node) bool { return webtest.Attr(i, "name") == name && webtest.Attr(i, "type") == "hidden" })
}

// all lists the elements of a kind in a page; within those under a node.
func (p page) all(tag string) []*html.Node { return within(p.doc, tag) }

func within(n *html.Node, tag string) []*html.Node {
	var out []*html.Node
	for x := range n.Descendants() {
		if x.Type == html.ElementNode && x.Data == tag {
			out = append(out, x)
		}
	}
	return out
}

// byClass gives the text of the first element that has a class, and whether there is one.
func (p page) byClass(class string) (string, bool) {
	for x := range p.doc.Descendants() {
		if x.Type == html.ElementNode && slices.Contains(strings.Fields(webtest.Attr(x, "class")), class) {
			return words(x), true
		}
	}
	return "", false
}

func words(n *html.Node) string {
	var out strings.Builder
	for x := range n.Descendants() {
		if x.Type == html.TextNode && (x.Parent == nil || x.Parent.Data != "script" && x.Parent.Data != "title") {
			out.WriteString(" " + x.Data)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

// text is what the page says.
func (p page) text() string { return words(p.doc) }

// says fails unless the page holds every text.
func (p page) says(texts ...string) page {
	p.t.Helper()
	if p.status != http.StatusOK {
		p.t.Fatalf("status %d: %s", p.status, p.text())
	}
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			p.t.Errorf("the page does not say %q:\n%s", text, p.text())
		}
	}
	return p
}

// silent fails when the page holds a text.
func (p page) silent(texts ...string) page {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text(), text) {
			p.t.Errorf("the page says %q:\n%s", text, p.text())
		}
	}
	return p
}

// issue gives a walk-in's ticket.
func (h *house) issue(service string, change ...func(*hall.IssueRequest)) ticket.Ticket {
	h.t.Helper()
	r := hall.IssueRequest{Office: hallID, Service: service, Lang: "zh-Hant"}
	for _, c := range change {
		c(&r)
	}
	is, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return is.Ticket
}

// at reads a ticket.
func (h *house) at(id string) ticket.Ticket {
	h.t.Helper()
	t, err := h.Ticket(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return t
}

// want fails unless a ticket is in a state.
func (h *house) want(id string, state ticket.State) ticket.Ticket {
	h.t.Helper()
	t := h.at(id)
	if t.State != state {
		h.t.Fatalf("%s is %s, want %s", t.Number, t.State, state)
	}
	return t
}

// opened opens a counter through its console.
func (h *house) opened(name, counter string) *browser {
	h.t.Helper()
	b := h.clerk(name)
	b.press(counter, "open").says("Call next")
	return b
}

// picks chooses a ticket on the console and presses one of its verbs.
func (b *browser) picks(counter, id, verb string, values ...string) page {
	b.h.t.Helper()
	p := b.get("/counter/" + counter + "?ticket=" + id)
	form, ok := p.form("/counter/"+counter+"/"+verb, append([]string{"ticket", id}, values...))
	if !ok {
		b.h.t.Fatalf("no %s is offered for the ticket:\n%s", verb, p.text())
	}
	return b.post("/counter/"+counter+"/"+verb, form)
}

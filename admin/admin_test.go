package admin

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"vez/booking"
	"vez/cmd/vez/printjobs"
	"vez/counter"
	"vez/hall"
	"vez/hall/halltest"
	"vez/identity"
	"vez/identity/identitytest"
	"vez/locale"
	"vez/office"
	"vez/ticket"
	"vez/web"
	"vez/web/webtest"
)

const (
	hallID  = "dsi-main"
	desk    = "dsi-main-1"
	renewal = "dsi-bir-renewal"
	boss    = "manager:dsi:dsi-main|boss"
)

// house is the page on a real hall and ledger.
type house struct {
	*halltest.House
	t       *testing.T
	app     *web.App
	devices *identity.Service
	works   *workshop // nil unless asked for
}

// newHouse opens the page at 09:30 in Macao.
func newHouse(t *testing.T, edits ...func(*house, *Deps)) *house {
	t.Helper()
	h := &house{House: halltest.New(t, halltest.Config{Start: halltest.At("09:30")}), t: t}
	var err error
	if h.devices, err = identity.New(identity.Config{Store: identitytest.NewStore(), Secret: make([]byte, 32), URL: "http://localhost"}); err != nil {
		t.Fatal(err)
	}
	d := Deps{Hall: h.Hall, Live: h.Live, Devices: h.devices}
	for _, edit := range edits {
		edit(h, &d)
	}
	h.app = h.App(web.Config{Auth: who})
	if err := Register(h.app, d); err != nil {
		t.Fatal(err)
	}
	return h
}

// withPaper opens the pages of printers, papers and reminders too.
func withPaper(h *house, d *Deps) {
	h.works = works(h.House)
	d.Printers, d.Papers, d.Reminders = h.works.hub.Fleet, SamplePapers(h.Hall, pressFor(h.t)), h.DB
	d.Lost = printjobs.Lost{Records: h.DB}
}

// who reads a test cookie such as "manager:dsi:dsi-main|boss".
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
	return &browser{h: h, cookies: map[string]string{"who": who}, lang: "en"}
}

type answer struct {
	t      *testing.T
	status int
	header http.Header
	doc    *html.Node
	from   string // the address that a form led to
}

func (b *browser) send(method, path string, form url.Values) answer {
	b.h.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", b.lang)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.h.app.Fiber().Test(r, -1)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
		if c.Value == "" {
			delete(b.cookies, c.Name)
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
	return answer{t: b.h.t, status: res.StatusCode, header: res.Header, doc: doc}
}

func (b *browser) get(path string) answer { b.h.t.Helper(); return b.send("GET", path, nil) }

// page is the office's.
func (b *browser) page() answer { b.h.t.Helper(); return b.get("/admin/offices/" + hallID) }

// press submits a form of the office's page and gives what it leads to.
func (b *browser) press(act string, values ...string) answer {
	b.h.t.Helper()
	path := "/admin/offices/" + hallID + "/" + act
	form, ok := b.page().form(path)
	if !ok {
		b.h.t.Fatalf("no form to %s", act)
	}
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	if a := b.send("POST", path, form); a.status != http.StatusSeeOther {
		return a
	}
	return b.page()
}

// form reads what the form holds with an action.
func (a answer) form(action string) (url.Values, bool) {
	for x := range a.doc.Descendants() {
		if x.Data != "form" || webtest.Attr(x, "action") != action {
			continue
		}
		out := url.Values{}
		for y := range x.Descendants() {
			switch y.Data {
			case "input":
				if kind := webtest.Attr(y, "type"); kind != "radio" && kind != "checkbox" || webtest.Has(y, "checked") {
					out.Add(webtest.Attr(y, "name"), webtest.Attr(y, "value"))
				}
			case "select":
				chosen := webtest.First(y, func(o *html.Node) bool { return webtest.Has(o, "selected") })
				if chosen == nil {
					chosen = webtest.First(y, func(o *html.Node) bool { return o.Data == "option" })
				}
				out.Set(webtest.Attr(y, "name"), webtest.Attr(chosen, "value"))
			}
		}
		return out, true
	}
	return nil, false
}

// options are the values that a choice offers; none when it is not there.
func (a answer) options(id string) (values []string) {
	choice := webtest.First(a.doc, func(x *html.Node) bool { return webtest.Attr(x, "id") == id })
	if choice == nil {
		return nil
	}
	for x := range choice.Descendants() {
		if x.Data == "option" {
			values = append(values, webtest.Attr(x, "value"))
		}
	}
	return values
}

func (a answer) text() string {
	var out strings.Builder
	for x := range a.doc.Descendants() {
		if x.Type == html.TextNode {
			out.WriteString(" " + x.Data)
		}
	}
	return strings.Join(strings.Fields(out.String()), " ")
}

func (a answer) says(texts ...string) answer {
	a.t.Helper()
	if a.status != http.StatusOK {
		a.t.Fatalf("status %d: %s", a.status, a.text())
	}
	for _, text := range texts {
		if !strings.Contains(a.text(), text) {
			a.t.Errorf("the page does not say %q:\n%s", text, a.text())
		}
	}
	return a
}

// serving opens a counter and starts a visit there.
func (h *house) serving() ticket.Ticket {
	h.t.Helper()
	ctx, clerk := context.Background(), hall.Act{Actor: "clerk:anna"}
	is, err := h.Issue(ctx, hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: hallID, Service: renewal})
	if err != nil {
		h.t.Fatal(err)
	}
	for _, step := range []func() (hall.Desk, error){
		func() (hall.Desk, error) { return h.OpenCounter(ctx, clerk, desk, nil) },
		func() (hall.Desk, error) { return h.Next(ctx, clerk, desk, hall.NextRequest{}) },
		func() (hall.Desk, error) { return h.Start(ctx, clerk, desk) },
	} {
		if _, err := step(); err != nil {
			h.t.Fatal(err)
		}
	}
	return is.Ticket
}

func TestTheManagerPausesAndResumesTheHall(t *testing.T) {
	h := newHouse(t)
	b := h.browser(boss)
	b.press("pause", "reason", "fire").says("The hall is paused.", "The hall is paused since 09:30", "Fire alarm")
	if s, err := h.Read(context.Background()).State(hallID); err != nil || !s.Paused() {
		t.Fatal(s, err)
	}
	b.press("resume").says("The hall goes on.", "running")
}

func TestTheManagerClosesACounterAndItsTicketGoesBack(t *testing.T) {
	h := newHouse(t)
	x := h.serving()
	b := h.browser(boss)
	b.page().says(x.Number, "Being served", "Counters open 1")
	b.press("close-counter", "counter", desk).says("Counter 1 is closed", "No counter is open")
	s, err := h.Read(context.Background()).Shift(desk)
	if err != nil || s.State != counter.Closed {
		t.Error(s.State, err)
	}
	if now, err := h.Ticket(context.Background(), x.ID); err != nil || now.State != ticket.Waiting {
		t.Error(now.State, err)
	}
	b.press("close-counter", "counter", desk).says("This counter is closed")
	if a := b.press("close-counter", "counter", "iam-main-1"); a.status == http.StatusOK && !strings.Contains(a.text(), "could not find") {
		t.Error("a counter of another office:", a.text())
	}
}

func TestClosingTheOfficeReleasesItsBookings(t *testing.T) {
	h := newHouse(t)
	made, err := h.Book(context.Background(), hall.Act{Actor: "citizen:x"}, hall.BookRequest{Holder: "citizen:x", Office: hallID, Service: renewal,
		Start: halltest.At("10:00").AddDate(0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	b := h.browser(boss)
	b.press("close", "from", "2026-11-25T09:00", "to", "2026-11-25T13:00", "reason", "typhoon").
		says("1 booking was released", "Typhoon", "The whole office")
	if now, err := h.Read(context.Background()).Booking(made.ID); err != nil || now.State != booking.Displaced {
		t.Error(now.State, err)
	}
	b.press("close", "from", "2026-11-25T13:00", "to", "2026-11-25T09:00").says("One entry needs another look", "Until")
	b.press("close", "from", "yesterday", "to", "2026-11-25T09:00").says("One entry needs another look", "From")
	b.press("close", "from", "2026-11-25T09:00", "to", "2027-11-26T09:01").says("One entry needs another look", "Until")
	b.press("close", "from", "2026-11-24T08:00", "to", "2026-11-24T09:30").says("One entry needs another look", "Until")
	b.press("close", "from", "2026-11-25T09:00", "to", "2026-11-25T13:00", "reason", "fire").says("This reason is not on the list")
	if s, err := h.Read(context.Background()).State(hallID); err != nil || len(s.Closures) != 1 {
		t.Error(s.Closures, err)
	}
}

// TestThePageRefusesNoClosureThatTheRuleAllows, and names every reason of it.
func TestThePageRefusesNoClosureThatTheRuleAllows(t *testing.T) {
	h := newHouse(t)
	b := h.browser(boss)
	b.press("close", "from", "2026-11-25T09:00", "to", "2027-11-26T09:00").says("The closure is recorded") // office.ClosureMost
	b.press("close", "from", "2029-01-01T00:00", "to", "2029-01-02T00:00").says("The closure is recorded")
	b.press("close", "from", "2026-11-24T00:00", "to", "2026-11-24T09:31").says("The closure is recorded")
	texts := halltest.Texts()
	for _, reason := range office.ClosureReasons {
		b.press("close", "from", "2026-12-24T09:00", "to", "2026-12-24T13:00", "reason", reason).
			says("The closure is recorded", texts.In("en").T("admin.closure.reason."+reason))
		for _, lang := range locale.Languages {
			if !texts.In(lang).Has("admin.closure.reason." + reason) {
				t.Errorf("%s has no text in %s", reason, lang)
			}
		}
	}
}

func TestWhoMayCloseIsOfferedIt(t *testing.T) {
	h := newHouse(t)
	const whole, hosts, guests = "", "hengqin-insurance", "hengqin-macao-remote"
	for who, want := range map[string][]string{
		"manager:hq:hengqin|mo":   {whole, hosts, guests}, // the host
		"manager:safp:hengqin|sa": {guests},
		"admin:*:hengqin|ada":     nil,
	} {
		offered := h.browser(who).get("/admin/offices/hengqin").options("closure-queue")
		for _, queue := range []string{whole, hosts, guests} {
			if got := slices.Contains(offered, queue); got != slices.Contains(want, queue) {
				t.Errorf("%s is offered to close %q: %v", who, queue, got)
			}
		}
	}
}

func TestADeviceIsLetInByItsCodeAndShutOut(t *testing.T) {
	h := newHouse(t)
	b := h.browser(boss)
	p, err := h.devices.Pair(context.Background(), "kiosk", hallID)
	if err != nil {
		t.Fatal(err)
	}
	b.press("pair", "code", "ZZZZZZZZ", "name", "by the entrance").says("No device shows this code")
	b.press("pair", "code", strings.ToLower(p.Code[:4]+" "+p.Code[4:]), "name", "by the entrance").says("Kiosk “by the entrance” is let in")
	if _, _, done, err := h.devices.Collect(context.Background(), p.Code, p.Secret); err != nil || !done {
		t.Fatal(done, err)
	}
	b.page().says("by the entrance", "not heard of yet")
	b.press("unpair").says("The device is shut out", "No device is let in here")
}

func TestWhoMayDoWhat(t *testing.T) {
	h := newHouse(t)
	h.serving()
	token, _ := h.browser(boss).page().form("/admin/offices/" + hallID + "/pause")
	for _, c := range []struct {
		who     string
		page    int
		allowed string // acts that are not refused as such
	}{
		{boss, 200, "pause resume close-counter close pair unpair sign-out"},
		{"manager:iam:iam-main|ivo", 403, ""},
		{"manager:iam:*|ivo", 403, ""},
		{"admin:*:dsi-main|ada", 200, "pair unpair sign-out"},
		{"auditor|otto", 200, ""},
		{"clerk:dsi:dsi-main|anna", 403, ""},
		{"greeter:dsi:dsi-main|rita", 403, ""},
	} {
		b := h.browser(c.who)
		if a := b.page(); a.status != c.page {
			t.Errorf("%s sees %d, want %d", c.who, a.status, c.page)
		}
		for act := range acts {
			form := url.Values{"_token": token["_token"], "counter": {desk}, "queue": {""}}
			b.cookies["vez_form"] = token.Get("_token")
			a := b.send("POST", "/admin/offices/"+hallID+"/"+act, form)
			if allowed := a.status != http.StatusForbidden; allowed != strings.Contains(" "+c.allowed+" ", " "+act+" ") {
				t.Errorf("%s may %s: %v (%d)", c.who, act, allowed, a.status)
			}
		}
	}
}

func TestAFormWithoutItsTokenIsRefused(t *testing.T) {
	h := newHouse(t)
	if a := h.browser(boss).send("POST", "/admin/offices/"+hallID+"/pause", url.Values{"reason": {"fire"}}); a.status != http.StatusForbidden {
		t.Error(a.status)
	}
}

func TestTheOfficesAreListed(t *testing.T) {
	h := newHouse(t)
	if a := h.browser(boss).get("/admin"); a.status != http.StatusFound || a.header.Get("Location") != "/admin/offices/"+hallID {
		t.Error(a.status, a.header.Get("Location"))
	}
	h.browser("auditor|otto").get("/admin").says("Which office?", "DSI – China Plaza")
}

func TestThePageSpeaksFourLanguages(t *testing.T) {
	h := newHouse(t)
	h.serving()
	if err := h.app.CheckPages(); err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	b := h.browser(boss)
	for _, paused := range []bool{false, true} {
		if paused {
			b.press("pause", "reason", "power")
		}
		for _, lang := range locale.Languages {
			b.lang = lang
			a := b.page().says()
			if strings.Contains(a.text(), "⟦") {
				t.Errorf("%s: %s", lang, a.text())
			}
			if was, twice := seen[a.text()]; twice {
				t.Errorf("the same in %s and %s", lang, was)
			}
			seen[a.text()] = lang
		}
		b.lang = "en"
	}
}

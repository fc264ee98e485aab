package pages_test

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/net/html"

	"vez/hall"
	"vez/hall/halltest"
	"vez/kiosk/pages"
	"vez/locale"
	"vez/office"
	"vez/ticket"
	"vez/web"
	"vez/web/webtest"
)

func TestEveryPageIsAcceptedByHTMLTemplate(t *testing.T) {
	if err := newHouse(t).app.CheckPages(); err != nil {
		t.Fatal(err)
	}
}

// everywhere are addresses of all pages that need nothing to have happened.
func everywhere() []string {
	out := []string{"", "/booking", "/return", "/help", "/booking/type", "/take", "/services", "/services?subject=identity", "/services?letter=R",
		"/needs", "/needs?queue=dsi-main-card", "/queue/dsi-main-card", "/queue/dsi-main-card?service=dsi-bir-renewal"}
	for _, code := range []string{"queue_full", "queue_closed", "office_closed", "hall_paused", "booking_only", "queue_unattended"} {
		out = append(out, "/queue/dsi-main-card?refused="+code)
	}
	for _, code := range []string{"early", "late", "wrong_office", "wrong_day", "cancelled", "used", "unknown", "forged", "pass_expired", "hall_paused"} {
		out = append(out, "/answer/"+code+"?start=2026-11-25T14:00:00%2B08:00&from=2026-11-25T13:00:00%2B08:00&until=2026-11-20T13:00:00%2B08:00&minutes=20&office_id=mong-son&number=A047")
	}
	return out
}

func TestEveryPageSpeaksAllFourLanguages(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	seen := map[string]map[string]string{}
	for _, lang := range locale.Languages {
		p := h.person(lang)
		for _, path := range everywhere() {
			g := p.get("/kiosk/dsi-main" + path)
			if g.status != 200 {
				t.Fatalf("%s: %d\n%s", path, g.status, g.body)
			}
			if strings.Contains(g.body, "⟦") || strings.Contains(g.body, "%!") {
				t.Errorf("%s in %s lacks a text: %s", path, lang, g.body[strings.IndexAny(g.body, "⟦"):][:60])
			}
			if got := webtest.Attr(webtest.First(g.doc, func(n *html.Node) bool { return n.Data == "html" }), "lang"); got != lang {
				t.Errorf("%s is in %s, want %s", path, got, lang)
			}
			h1 := textOf(webtest.First(g.doc, func(n *html.Node) bool { return n.Data == "h1" }))
			if seen[path] == nil {
				seen[path] = map[string]string{}
			}
			for other, text := range seen[path] {
				if text == h1 && (!strings.HasPrefix(lang, "zh") || !strings.HasPrefix(other, "zh")) {
					t.Errorf("%s has the heading %q in %s and %s", path, h1, lang, other)
				}
			}
			seen[path][lang] = h1
		}
	}
}

func TestEveryPageReadsTheScannerAndKeepsTheLanguagesInOneCorner(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	p := h.person("en")
	for _, path := range everywhere() {
		g := p.get("/kiosk/dsi-main" + path)
		form := webtest.First(g.doc, func(n *html.Node) bool { return n.Data == "form" && webtest.Has(n, "data-scan") })
		if form == nil || !strings.Contains(g.body, "web/js/scan.js") {
			t.Errorf("%s does not read the scanner", path)
			continue
		}
		if !strings.Contains(g.body, `<noscript>`) || !strings.Contains(g.body, `name="reference"`) {
			t.Errorf("%s has no field for browsers without scripts", path)
		}
		var names []string
		top := webtest.First(g.doc, func(n *html.Node) bool { return webtest.Attr(n, "class") == "kiosk-top" })
		for _, a := range webtest.All(top, func(n *html.Node) bool { return n.Data == "a" && webtest.Has(n, "hreflang") }) {
			names = append(names, textOf(a))
		}
		if want := []string{"中文", "Português", "English", "简体中文"}; !slices.Equal(names, want) {
			t.Errorf("%s offers %v", path, names)
		}
	}
}

func TestAcrossTheBorderSimplifiedChineseComesFirst(t *testing.T) {
	h := newHouse(t)
	p := h.person("")
	delete(p.cookie, web.LangCookie)
	g := p.get("/kiosk/hengqin")
	if got := webtest.Attr(webtest.First(g.doc, func(n *html.Node) bool { return n.Data == "html" }), "lang"); got != "zh-Hans" {
		t.Errorf("it begins in %s", got)
	}
	first := webtest.First(g.doc, func(n *html.Node) bool { return webtest.Has(n, "hreflang") })
	if webtest.Attr(first, "hreflang") != "zh-Hans" {
		t.Errorf("the switch begins with %s", webtest.Attr(first, "hreflang"))
	}
}

func TestOnlyAKioskOfTheOfficeIsLetIn(t *testing.T) {
	other := newHouse(t, func(c *web.Config, _ *pages.Deps) { c.Auth = kioskOf("mong-son") })
	for path, want := range map[string]int{"/kiosk/mong-son": 200, "/kiosk/dsi-main": 403, "/kiosk/nowhere": 404, "/live/kiosk/dsi-main/x": 403} {
		if g := other.person("en").get(path); g.status != want {
			t.Errorf("%s: %d, want %d", path, g.status, want)
		}
	}
	nobody := newHouse(t, func(c *web.Config, _ *pages.Deps) { c.Auth = nil })
	r := httptest.NewRequest("GET", "/kiosk/dsi-main", nil)
	r.Header.Set("Accept", "text/html")
	res, err := nobody.app.Fiber().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if to := res.Header.Get("Location"); !strings.HasPrefix(to, "/pair?") {
		t.Errorf("an unpaired device is led to %q", to)
	}
	for _, route := range nobody.app.Routes() {
		if strings.Contains(route.Path, "kiosk") && route.Audience.String() != "device:kiosk" {
			t.Errorf("%s %s is for %s", route.Method, route.Path, route.Audience)
		}
	}
}

func TestAWalkInTakesATicketWithThreeTouches(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	p := h.person("pt")
	g := p.get("/kiosk/dsi-main")
	if !g.leads("/kiosk/dsi-main/take") {
		t.Fatalf("home leads to %v", g.links())
	}
	g = p.get("/kiosk/dsi-main/take")
	if !g.leads("/kiosk/dsi-main/queue/dsi-main-card") {
		t.Fatalf("it leads to %v", g.links())
	}
	g = p.submit(p.get("/kiosk/dsi-main/queue/dsi-main-card"), "/queue/dsi-main-card")
	if g.status != 200 || g.number() != "A001" {
		t.Fatalf("%d %q at %s", g.status, g.number(), g.path)
	}
	tk := h.only(t, "dsi-main")
	if tk.Lang != "pt" || tk.State != ticket.Waiting || tk.Class != ticket.WalkIn {
		t.Errorf("it made %+v", tk)
	}
	jobs, err := h.PrintJobs(context.Background(), tk.ID)
	if err != nil || len(jobs) != 1 || jobs[0].State != "queued" {
		t.Errorf("papers: %+v, %v", jobs, err)
	}
	if !strings.Contains(g.body, `class="qr"`) || !strings.Contains(g.body, "data-closing=") {
		t.Error("the ticket's page lacks its code or its countdown")
	}
}

// only gives the one live ticket of an office.
func (h *house) only(t *testing.T, officeID string) ticket.Ticket {
	t.Helper()
	o := h.Catalogue().Office(officeID)
	live, err := h.Hall.Read(context.Background()).Live(officeID, o.Day(h.Now()))
	if err != nil || len(live) != 1 {
		t.Fatalf("%d live tickets, %v", len(live), err)
	}
	return live[0]
}

func TestNeedsAndPriorityReachTheTicketAndNothingOfTheirGround(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	p := h.person("en")
	g := p.get("/kiosk/dsi-main/needs?queue=dsi-main-card&service=dsi-bir-renewal")
	g = p.submit(g, "/queue/dsi-main-card", "need", "low_desk", "first", "1")
	if !strings.Contains(g.body, "A low counter") || !strings.Contains(g.body, "I cannot wait for long") {
		t.Errorf("the queue's page does not repeat what was asked for")
	}
	g = p.submit(g, "/queue/dsi-main-card")
	tk := h.only(t, "dsi-main")
	if !slices.Equal(tk.Needs, []office.Need{office.NeedLowDesk}) || tk.HeadStart != 30*time.Minute || tk.Service != "dsi-bir-renewal" {
		t.Errorf("it made %+v", tk)
	}
	if strings.Contains(p.get("/kiosk/dsi-main").body, "low_desk") {
		t.Error("the start still knows what the last person needed")
	}
	if g.number() != "A001" {
		t.Errorf("the number is %q", g.number())
	}
}

func TestOnlyNeedsThatACounterCanMeetAreAsked(t *testing.T) {
	h := newHouse(t)
	needs := func(path string) []string {
		var out []string
		for _, in := range webtest.All(h.person("en").get(path).doc, func(n *html.Node) bool {
			return webtest.Attr(n, "name") == "need" && webtest.Attr(n, "type") == "checkbox"
		}) {
			out = append(out, webtest.Attr(in, "value"))
		}
		return out
	}
	if got := needs("/kiosk/mong-son/needs"); !slices.Contains(got, "sign") || !slices.Contains(got, "language:pt") || slices.Contains(got, "language:zh-Hant") {
		t.Errorf("anywhere: %v", got)
	}
	if got := needs("/kiosk/mong-son/needs?queue=mong-son-works"); slices.Contains(got, "sign") || !slices.Contains(got, "more_time") {
		t.Errorf("where nobody signs: %v", got)
	}
}

func TestAnUnattendedQueueSaysSoAndGivesATicketOnlyToWhoWantsItAllTheSame(t *testing.T) {
	h := newHouse(t)
	p := h.person("en")
	g := p.get("/kiosk/dsi-main/queue/dsi-main-card")
	if !strings.Contains(g.body, "Nobody serves this line") || !g.leads("/kiosk/dsi-main/take") || !strings.Contains(g.body, `class="qr"`) {
		t.Fatal("it does not say so or offers nothing else")
	}
	// A page from when it was attended cannot get round it.
	again := p.submit(g, "/queue/dsi-main-card", "anyway", "")
	if again.number() != "" || !strings.Contains(again.path, "refused=queue_unattended") {
		t.Errorf("it led to %s", again.path)
	}
	if got := p.submit(again, "/queue/dsi-main-card"); got.number() != "A001" {
		t.Errorf("no ticket all the same: %s", got.path)
	}
}

func TestAFullOrClosedQueueGivesNoTicketAndOffersABooking(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	q := h.Catalogue().Queue("dsi-main-card")
	limit := q.RulesOn("2026-11-24").WalkInLimit
	for range limit {
		if _, err := h.Issue(context.Background(), hall.Act{Actor: "device:k2"}, hall.IssueRequest{Office: "dsi-main", Queue: q.ID}); err != nil {
			t.Fatal(err)
		}
	}
	h.Settle()
	p := h.person("en")
	g := p.get("/kiosk/dsi-main/queue/dsi-main-card?service=dsi-bir-renewal")
	if limit == 0 || !strings.Contains(g.body, "All tickets of this line are given") || strings.Contains(g.body, `action="/kiosk/dsi-main/queue/`) {
		t.Errorf("after %d tickets it is not shown as full", limit)
	}
	if list := p.get("/kiosk/dsi-main/take"); !strings.Contains(list.body, "No more tickets today") {
		t.Error("the list does not say that it is full")
	}
	h.Clock.Advance(10 * time.Hour)
	g = p.get("/kiosk/dsi-main/queue/dsi-main-card")
	if !strings.Contains(g.body, "This line is closed now") || strings.Contains(g.body, `action="/kiosk/dsi-main/queue/`) {
		t.Error("at night it still gives tickets")
	}
	if home := p.get("/kiosk/dsi-main"); !strings.Contains(home.body, "The counters are closed now") || !strings.Contains(home.body, "Tomorrow") {
		t.Error("the start does not say when it opens")
	}
}

func TestATicketIsPrintedAgainOnlyWhenAskedAndLargeWhenWanted(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	p := h.person("en")
	g := p.submit(p.get("/kiosk/dsi-main/queue/dsi-main-card"), "/queue/dsi-main-card")
	p.get(g.path)
	g = p.submit(g, "/print")
	p.submit(g, "/print", "large", "1")
	jobs, err := h.PrintJobs(context.Background(), h.only(t, "dsi-main").ID)
	if err != nil || len(jobs) != 3 || jobs[0].Large || jobs[1].Large || !jobs[2].Large {
		t.Errorf("papers: %+v, %v", jobs, err)
	}
}

func TestAPaperTicketIsReadByItsCode(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	is, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: "dsi-main", Queue: "dsi-main-card"})
	if err != nil {
		t.Fatal(err)
	}
	h.Settle()
	p := h.person("en")
	g := p.scan(p.get("/kiosk/dsi-main"), "HTTPS://VEZ.EXAMPLE/T/"+is.Link)
	if g.number() != "A001" {
		t.Fatalf("it led to %s", g.path)
	}
	if g := p.scan(p.get("/kiosk/mong-son"), "HTTPS://VEZ.EXAMPLE/T/"+is.Link); g.answer() != "unknown" {
		t.Errorf("at another office it led to %s", g.path)
	}
	if _, err := h.StepOut(context.Background(), hall.Act{Actor: "citizen:x"}, is.Ticket.ID); err != nil {
		t.Fatal(err)
	}
	h.Settle()
	g = p.submit(p.get(g.path), "/back")
	if got := h.only(t, "dsi-main"); got.State != ticket.Waiting || g.number() != "A001" {
		t.Errorf("after coming back it is %s", got.State)
	}
}

var personal = regexp.MustCompile(`citizen:|clerk:|device:|@[a-z]+\.`)

func TestNoPageShowsAnythingOfAPerson(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	b, code := h.book("dsi-bir-renewal", "dsi-main", halltest.At("10:30"))
	p := h.person("en")
	g := p.scan(p.get("/kiosk/dsi-main"), code)
	if g.number() == "" {
		t.Fatal(g.path)
	}
	for _, path := range append(everywhere(), strings.TrimPrefix(g.path, "/kiosk/dsi-main")) {
		body := p.get("/kiosk/dsi-main" + path).body
		if found := personal.FindString(body); found != "" || strings.Contains(body, b.Reference) || strings.Contains(body, b.ID) {
			t.Errorf("%s shows %q", path, found)
		}
		if cache := p.get("/kiosk/dsi-main" + path).header.Get("Cache-Control"); cache != "no-store" {
			t.Errorf("%s may be kept: %q", path, cache)
		}
	}
}

func TestTheKeypadWorksWithoutScripts(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	b, _ := h.book("dsi-bir-renewal", "dsi-main", halltest.At("10:30"))
	p := h.person("zh-Hant")
	g := p.get("/kiosk/dsi-main/booking/type")
	for _, key := range strings.Split(b.Reference, "") {
		g = p.submit(g, "/booking/type", "key", key)
	}
	form := webtest.First(g.doc, func(n *html.Node) bool { return webtest.Has(n, "data-keypad") })
	typed := webtest.First(form, func(n *html.Node) bool { return webtest.Attr(n, "id") == "typed" })
	if got := strings.ReplaceAll(webtest.Attr(typed, "value"), " ", ""); got != b.Reference {
		t.Fatalf("typed %q, want %q", got, b.Reference)
	}
	if n := len(webtest.All(form, func(n *html.Node) bool { return webtest.Attr(n, "name") == "key" && len(webtest.Attr(n, "value")) == 1 })); n != 32 {
		t.Errorf("%d keys", n)
	}
	g = p.submit(g, "/check-in", "reference", webtest.Attr(typed, "value"))
	if g.number() != "A001" {
		t.Errorf("it led to %s", g.path)
	}
}

func TestATouchWhoseAnswerWasLostGivesOneTicketAndOnePaper(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	p := h.person("en")
	queue := p.get("/kiosk/dsi-main/queue/dsi-main-card")
	first, again := p.submit(queue, "/queue/dsi-main-card"), p.submit(queue, "/queue/dsi-main-card")
	tk := h.only(t, "dsi-main")
	if first.path != again.path || again.number() != "A001" {
		t.Errorf("first %s, then %s with %q", first.path, again.path, again.number())
	}
	if jobs, err := h.PrintJobs(context.Background(), tk.ID); err != nil || len(jobs) != 1 {
		t.Errorf("papers: %+v, %v", jobs, err)
	}
}

func TestTheFirstPageSaysByItselfThatTheHallOpensAndStands(t *testing.T) {
	machine := clockwork.NewFakeClock()
	h := newHouse(t, func(_ *web.Config, d *pages.Deps) { d.Machine = machine })
	h.Clock.Advance(22 * time.Hour) // 08:00 of the next day
	parts, turn := h.stream(t, "/live/kiosk/dsi-main?lang=en"), func() {
		if err := machine.BlockUntilContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		machine.Advance(time.Minute)
	}
	parts(`"hall"`, "The counters are closed now")
	h.Clock.Advance(65 * time.Minute)
	turn()
	parts(`"until"`, "Open until")
	if _, err := h.PauseHall(t.Context(), h.act(), "dsi-main", "fire_alarm"); err != nil {
		t.Fatal(err)
	}
	parts(`"hall"`, "The hall is paused")
	if _, err := h.ResumeHall(t.Context(), h.act(), "dsi-main"); err != nil {
		t.Fatal(err)
	}
	parts(`"hall"`, `"html":""`)
}

// stream opens a live page; what it gives reads on to the part of a name that
// has a text.
func (h *house) stream(t *testing.T, path string) func(name, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, webtest.Serve(t, h.app)+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	lines := bufio.NewScanner(res.Body)
	return func(name, text string) {
		t.Helper()
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data:"); ok && strings.Contains(data, name) && strings.Contains(data, text) {
				return
			}
		}
		t.Fatalf("it never says %s %s: %v", name, text, ctx.Err())
	}
}

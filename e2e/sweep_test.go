//go:build browser

package e2e

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestEveryPageInEveryLanguage walks all pages of the product, in a Chromium, in
// four languages: axe finds nothing against WCAG 2.2 AA, in the light theme and,
// for colours, in the dark one; nothing is wider than its screen; the page says
// its language and has all its words, in that language; the browser complains
// of nothing.
func TestEveryPageInEveryLanguage(t *testing.T) {
	hub := serve(t, nil)
	c := furnish(hub)
	words, way := rightlySame(t), newWays(t)
	t.Run("walk", func(t *testing.T) {
		for _, walk := range []struct {
			name string
			size place
			all  func(*walker, *content)
		}{
			{"citizen", phone, citizenPages},
			{"kiosk", touch, kioskPages},
			{"ticket", phone, ticketPages},
			{"clerk", desk, clerkPages},
			{"manager", desk, managerPages},
			{"board", wall, boardPages},
			{"builder", phone, builderPages},
		} {
			t.Run(walk.name, func(t *testing.T) {
				t.Parallel()
				w := newWalker(hub.with(t), walk.name, walk.size)
				w.same, w.ways = words, way
				walk.all(w, c)
				t.Logf("%d pages looked at, %d times; %v in axe", w.pages, w.looks, w.inAxe.Round(time.Second))
			})
		}
	})
	if !t.Failed() {
		way.check(t)
	}
}

// place is where a page is shown: its screen, and others that it must fit.
type place struct {
	width, height int64
	also          [][2]int64
}

var (
	phone = place{360, 740, [][2]int64{{320, 640}, {1280, 800}}}
	touch = place{1080, 1920, [][2]int64{{1920, 1080}}}
	wall  = place{1920, 1080, [][2]int64{{1080, 1920}}}
	desk  = place{1280, 720, nil}
)

// walker is somebody who looks at one page after the other.
type walker struct {
	*person
	place
	hub          *program
	heard        *console
	same         *same
	ways         *ways
	pages, looks int
	inAxe        time.Duration
}

func newWalker(hub *program, name string, size place) *walker {
	hub.t.Helper()
	w := &walker{place: size, hub: hub, person: hub.browser("sweep-"+name, size.width, size.height)}
	w.heard = w.listen()
	w.prefers("light")
	return w
}

// page is one to look at.
type page struct {
	name, path string
	// status of the answer; 0 means 200.
	status int
	// shows must be there, so that the page is the one that is meant.
	shows string
	// act is what leads from the page at path to the one that is meant.
	act func(*walker)
	// technical pages are for builders: their words are not compared.
	technical bool
}

// look looks at pages in every language.
func (w *walker) look(pages ...page) {
	w.t.Helper()
	for _, p := range pages {
		w.pages++
		words := map[string][]string{}
		for _, lang := range languages {
			words[lang] = w.once(p, lang)
		}
		if p.technical {
			continue
		}
		for _, text := range w.same.compare(words) {
			w.t.Errorf("%s: the same in two languages: %s", p.name, text)
		}
	}
}

// once looks at a page in one language and gives its words.
func (w *walker) once(p page, lang string) []string {
	w.t.Helper()
	w.looks++
	w.speaks(lang)
	w.open(with(p.path, "lang="+lang))
	if p.act != nil {
		p.act(w)
	}
	if p.shows != "" {
		w.sees(p.shows)
	}
	s, wrong := w.judge(lang)
	if want := max(p.status, http.StatusOK); s.Status != want {
		wrong = append(wrong, fmt.Sprintf("answered %d, not %d", s.Status, want))
	}
	if os.Getenv("SWEEP_PICTURES") != "" && (lang == "en" || lang == "pt") {
		w.shoot(strings.ReplaceAll(p.name, " ", "_") + "-" + lang)
	}
	for _, what := range wrong {
		w.t.Errorf("%s, %s (%s): %s", p.name, lang, strings.TrimPrefix(s.URL, w.base), what)
	}
	w.ways.been(s)
	return s.Texts
}

// with adds to the query of a path.
func with(path, query string) string {
	if strings.Contains(path, "?") {
		return path + "&" + query
	}
	return path + "?" + query
}

// judge looks at the page that is shown and says what is wrong with it.
func (w *walker) judge(lang string) (s sight, wrong []string) {
	w.t.Helper()
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	s = w.see()
	if s.Lang != lang {
		say("the page says it is in %q", s.Lang)
	}
	for _, text := range s.Missing {
		say("missing: %s", text)
	}
	for _, complaint := range w.heard.take(s.URL) {
		say("the browser complains: %s", complaint)
	}
	for _, v := range w.rules(axeEverything) {
		say("axe: %s", v)
	}
	if lang == "en" {
		w.prefers("dark")
		for _, v := range w.rules(axeColours) {
			say("axe, in the dark: %s", v)
		}
		w.prefers("light")
	}
	if s.Wide > 0 {
		say("%d wider than its screen of %d: %v", s.Wide, w.width, s.Widest)
	}
	for _, size := range w.also {
		w.do("turn", chromedp.EmulateViewport(size[0], size[1]))
		if s := w.see(); s.Wide > 0 {
			say("%d wider than its screen of %d: %v", s.Wide, size[0], s.Widest)
		}
	}
	if w.also != nil {
		w.do("turn back", chromedp.EmulateViewport(w.width, w.height))
	}
	return s, wrong
}

func (w *walker) rules(options string) []violation {
	w.t.Helper()
	start := time.Now()
	defer func() { w.inAxe += time.Since(start) }()
	return w.axe(options)
}

// signIn signs a demo person in through the pages.
func (w *walker) signIn(path, who string) {
	w.t.Helper()
	w.speaks("en")
	w.open(with(path, "lang=en"))
	w.click(`button[name="person"][value="` + who + `"]`)
}

// content is what there is to look at.
type content struct {
	booked, cancelled, displaced string            // ids of bookings of the resident
	links, ids                   map[string]string // of tickets, by what became of them
	missAfter                    time.Time         // the call that was not heard is a miss from then on
}

const (
	resident = "resident-2"
	clerkOne = "clerk-1"
	renewal  = "dsi-bir-renewal"
)

// furnish makes a day's content through the API.
func furnish(p *program) *content {
	c := &content{links: map[string]string{}, ids: map[string]string{}}
	c.bookings(p)
	c.tickets(p)
	return c
}

func (c *content) bookings(p *program) {
	p.t.Helper()
	who := p.as("citizen", resident, "")
	book := func(service, office, day string) bookingView {
		free := who.slots(service, office, day, day)
		if len(free) == 0 {
			p.t.Fatalf("no free starts for %s on %s", service, day)
		}
		var b bookingView
		who.must(http.StatusCreated, "POST", "/api/v1/bookings", map[string]any{"service": service, "office": office, "start": free[len(free)/2].Start}, &b)
		return b
	}
	c.cancelled = book(renewal, "dsi-main", "2026-11-27").ID
	who.must(http.StatusOK, "DELETE", "/api/v1/bookings/"+c.cancelled, nil, nil)
	c.booked = book(renewal, "dsi-main", "2026-11-26").ID
	gone := book("iam-dog-licence", "iam-main", "2026-12-01")
	c.displaced = gone.ID
	p.as("manager", "manager", "").must(http.StatusCreated, "POST", "/api/v1/offices/iam-main/closures",
		map[string]any{"from": gone.Start.Add(-time.Hour), "to": gone.Start.Add(time.Hour), "reason": "typhoon"}, nil)
}

// tickets brings one ticket into each state; the counters at which that
// happens stay as they are, for their consoles.
func (c *content) tickets(p *program) {
	p.t.Helper()
	machine, clerk := p.as("device", "sweep-kiosk", ""), p.as("clerk", clerkOne, "")
	issue := func(name, office, service string, more map[string]any) ticketView {
		body := map[string]any{"office": office, "service": service}
		for k, v := range more {
			body[k] = v
		}
		var t ticketView
		machine.must(http.StatusCreated, "POST", "/api/v1/tickets", body, &t)
		c.links[name], c.ids[name] = "/t/"+t.Link[strings.LastIndex(t.Link, "/")+1:], t.ID
		return t
	}
	at := func(counter, verb string, body any) {
		status := http.StatusOK
		clerk.must(status, "POST", "/api/v1/counters/"+counter+"/"+verb, body, nil)
	}
	for counter, queue := range map[string]string{"2": "card", "3": "cert", "4": "card", "5": "card", "6": "card", "7": "nationality", "8": "card"} {
		at("dsi-main-"+counter, "open", map[string]any{"queues": []string{"dsi-main-" + queue}})
	}
	for _, name := range []string{"done", "pass", "parked", "serving", "invited", "stepped"} {
		issue(name, "dsi-main", renewal, nil)
	}
	// The first of their queues, so that they are called, and not only invited.
	issue("called", "dsi-main", "dsi-criminal-record", nil)
	issue("missed", "dsi-main", "dsi-nationality-acquisition", nil)
	issue("waiting", "dsi-main", renewal, map[string]any{"lang": "pt", "needs": []string{"low_desk"}, "priority": true})
	at("dsi-main-2", "next", nil)
	at("dsi-main-2", "start", nil)
	at("dsi-main-2", "finish", map[string]any{"outcome": "served"})
	at("dsi-main-6", "next", nil)
	at("dsi-main-6", "start", nil)
	at("dsi-main-6", "finish", map[string]any{"outcome": "incomplete"})
	at("dsi-main-2", "next", nil)
	at("dsi-main-2", "start", nil)
	at("dsi-main-2", "park", map[string]any{"minutes": 20})
	at("dsi-main-4", "next", nil)
	at("dsi-main-4", "start", nil)
	at("dsi-main-8", "next", nil)
	at("dsi-main-3", "next", nil)
	at("dsi-main-7", "next", nil)
	c.missAfter = time.Now().Add(61 * time.Second)
	at("dsi-main-5", "break", map[string]any{"reason": "lunch", "minutes": 30})
	machine.must(http.StatusOK, "POST", "/api/v1/tickets/"+c.ids["stepped"]+"/step-out", nil, nil)
	p.as("clerk", "clerk-2", "dsi-main").must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-10/open", nil, nil)
	at("safp-main-1", "open", nil)
	issue("paused", "safp-main", "safp-formalities-enquiry", nil)
	p.as("manager", "manager", "").must(http.StatusOK, "POST", "/api/v1/offices/safp-main/pause", map[string]any{"reason": "alarm"}, nil)
}

// citizenPages are those of the booking site, on a phone.
func citizenPages(w *walker, c *content) {
	service, days := "/book/"+renewal, "/book/"+renewal+"/dsi-main"
	w.look(
		page{name: "front", path: "/"},
		page{name: "all services", path: "/book"},
		page{name: "a subject", path: "/book?category=justice"},
		page{name: "a department", path: "/book?department=dsi"},
		page{name: "found", path: "/book?q=passport"},
		page{name: "nothing found", path: "/book?q=zzzz"},
		page{name: "service", path: service},
		page{name: "days", path: days},
		page{name: "next month", path: days + "?month=2026-12"},
		page{name: "times", path: days + "/2026-11-27"},
		page{name: "a day without times", path: days + "/2026-11-29"},
		page{name: "privacy", path: "/privacy"},
		page{name: "accessibility", path: "/accessibility"},
		page{name: "people", path: "/signin?return=/my"},
		page{name: "nothing here", status: 404, path: "/no/such/page"},
		page{name: "unknown service", status: 404, path: "/book/no-such-service"},
		page{name: "form expired", status: 403, path: days + "/2026-11-27", act: expire},
	)
	w.open(days + "/2026-11-27")
	w.click(`button[name="start"]`)
	hold := strings.TrimPrefix(w.see().URL, w.base)
	w.look(page{name: "hold, before sign-in", path: hold})
	w.signIn("/signin?return="+hold, resident)
	w.look(
		page{name: "hold", path: hold},
		page{name: "my list", path: "/my"},
		page{name: "memo list", path: "/my/memo"},
		page{name: "booking", path: "/my/" + c.booked},
		page{name: "booking made", path: "/my/" + c.booked + "?made=1"},
		page{name: "booking cancelled", path: "/my/" + c.cancelled},
		page{name: "booking displaced", path: "/my/" + c.displaced},
		page{name: "change day", path: "/my/" + c.booked + "/change"},
		page{name: "change time", path: "/my/" + c.booked + "/change/2026-11-27"},
		page{name: "cancel", path: "/my/" + c.booked + "/cancel"},
		page{name: "cannot cancel", path: "/my/" + c.cancelled + "/cancel"},
		page{name: "service that one has booked", path: service},
		page{name: "ticket from afar", path: days + "/ticket"},
	)
	w.open(days + "/ticket")
	w.click(`form[action$="/ticket"] button`)
	w.look(page{name: "ticket remote", shows: `[data-turn="remote"]`, path: strings.TrimPrefix(w.see().URL, w.base)})
}

// ticketPages are what the link on a ticket shows, on a phone.
func ticketPages(w *walker, c *content) {
	for name, state := range map[string]string{"waiting": "waiting", "called": "called", "invited": "called", "serving": "serving", "parked": "parked",
		"stepped": "parked", "paused": "waiting", "done": "", "pass": ""} {
		shows := `[data-turn="` + state + `"]`
		if state == "" {
			shows = ".ticket-page:not([data-turn])"
		}
		w.look(page{name: "ticket " + name, path: c.links[name], shows: shows})
	}
	w.look(
		page{name: "why, called", path: c.links["called"] + "/why"},
		page{name: "why, waiting", path: c.links["waiting"] + "/why"},
		page{name: "leave the line", path: c.links["waiting"] + "/cancel"},
		page{name: "no such ticket", status: 404, path: "/t/NOSUCHTICKET"},
	)
	time.Sleep(time.Until(c.missAfter))
	w.hub.as("clerk", clerkOne, "").must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-7/miss", nil, nil)
	w.look(page{name: "ticket missed", shows: `[data-turn="missed"]`, path: c.links["missed"]})
}

// set changes what stands in a form.
func (w *walker) set(js string) {
	w.t.Helper()
	if _, err := w.eval(js + `; ""`); err != nil {
		w.t.Fatal(err)
	}
}

// expire sends a form without its token, as one does that was open too long.
func expire(w *walker) {
	w.t.Helper()
	w.set(`document.querySelectorAll("input[name=_token]").forEach(i => i.value = "old")`)
	w.click(`main form[method=post] button`)
}

func kioskPages(w *walker, c *content) {
	home := "/kiosk/dsi-main"
	at := func(name, path string) page { return page{name: name, path: home + path} }
	w.open(home) // pairs the device
	w.look(
		at("doors", ""), at("booking", "/booking"), at("keypad", "/booking/type"), at("return", "/return"), at("help", "/help"),
		at("take", "/take"), at("services", "/services"), at("needs", "/needs"), at("needs for a ticket", "/needs?queue=dsi-main-card"),
		at("queue", "/queue/dsi-main-card"), at("queue of a service", "/queue/dsi-main-card?service="+renewal),
		at("queue with wishes", "/queue/dsi-main-card?need=low_desk&first=1"),
		at("ticket new", "/ticket/"+c.ids["waiting"]+"?new=1"), at("ticket", "/ticket/"+c.ids["waiting"]),
		at("ticket used again", "/ticket/"+c.ids["waiting"]+"?used=1"), at("ticket called", "/ticket/"+c.ids["called"]),
		at("ticket done", "/ticket/"+c.ids["done"]),
	)
	for name, query := range map[string]string{
		"early":        "?start=2026-11-24T11:00:00%2B08:00&from=2026-11-24T10:00:00%2B08:00&minutes=30",
		"late":         "?start=2026-11-24T09:00:00%2B08:00&minutes=30",
		"wrong_office": "?office_id=iam-main&start=2026-11-24T15:00:00%2B08:00",
		"wrong_day":    "?start=2026-11-26T15:00:00%2B08:00",
		"cancelled":    "", "used": "?number=A001", "unknown": "?typed=ABCD1234", "forged": "",
		"pass_expired": "?until=2026-11-20T00:00:00%2B08:00", "hall_paused": "",
	} {
		w.look(at("answer "+name, "/answer/"+name+query))
	}
	w.look(
		at("answer wrong_day, past", "/answer/wrong_day?start=2026-11-20T15:00:00%2B08:00"),
		page{name: "a reminder on paper", path: home + "/answer/wrong_day?start=2026-11-27T10:00:00%2B08:00&booking=" + c.booked, act: func(w *walker) {
			w.click(`form[action$="/reminder"] button`)
		}},
		page{name: "nothing at the kiosk", path: home + "/no-such-page", status: 404},
		page{name: "unknown queue", path: home + "/queue/no-such-queue", status: 404},
		page{name: "queue unattended", path: "/kiosk/iam-main/queue/iam-main-enquiry"},
		page{name: "doors of a paused hall", path: "/kiosk/safp-main"},
		page{name: "queue of a paused hall", path: "/kiosk/safp-main/queue/safp-main-enquiry"},
		page{name: "keypad, wrongly typed", path: home + "/booking/type", act: func(w *walker) {
			w.do("type", chromedp.SendKeys(chromedp.CSS(`input[name="reference"]`), "2222"))
			w.click(`form[action$="/check-in"] button[type="submit"]`)
		}},
	)
}

func boardPages(w *walker, c *content) {
	w.open("/board/dsi-main")
	w.look(
		page{name: "board", path: "/board/dsi-main"},
		page{name: "board of a zone", path: "/board/dsi-main?zone=W"},
		page{name: "board, nobody waits", path: "/board/iam-main"},
		page{name: "board, hall paused", path: "/board/safp-main"},
		page{name: "board, dark", path: "/board/dsi-main?theme=dark"},
		page{name: "unknown board", status: 404, path: "/board/no-such-office"},
	)
}

func clerkPages(w *walker, c *content) {
	w.look(page{name: "staff people", path: "/signin/staff?return=/counter"})
	w.signIn("/signin/staff?return=/counter", clerkOne)
	w.look(
		page{name: "choose an office", path: "/counter"},
		page{name: "choose a counter", path: "/counter?office=dsi-main"},
		page{name: "console closed", path: "/counter/dsi-main-1"},
		page{name: "console idle", path: "/counter/dsi-main-2"},
		page{name: "console called", path: "/counter/dsi-main-3"},
		page{name: "console, invited", path: "/counter/dsi-main-8"},
		page{name: "console serving", path: "/counter/dsi-main-4"},
		page{name: "console on break", path: "/counter/dsi-main-5"},
		page{name: "console taken", path: "/counter/dsi-main-10"},
		page{name: "console of a paused hall", path: "/counter/safp-main-1"},
		page{name: "console, ticket picked", path: "/counter/dsi-main-2?ticket=" + c.ids["waiting"]},
		page{name: "console, parked ticket picked", path: "/counter/dsi-main-2?ticket=" + c.ids["parked"]},
		page{name: "console, done ticket picked", path: "/counter/dsi-main-2?ticket=" + c.ids["done"]},
		page{name: "console, number not found", path: "/counter/dsi-main-2?number=Z999"},
		page{name: "console, recalled", path: "/counter/dsi-main-3", act: func(w *walker) { w.click(`form[action$="/recall"] button`) }},
		page{name: "no such counter", status: 404, path: "/counter/no-such-counter"},
	)
	w.signIn("/signin/staff?return=/counter", "clerk-3") // of another office
	w.look(page{name: "not this clerk's counter", status: 403, path: "/counter/dsi-main-1"})
}

// managerPages are those of whoever looks after a hall.
func managerPages(w *walker, _ *content) {
	w.signIn("/signin/staff?return=/admin", "manager")
	w.look(
		page{name: "halls", path: "/admin"},
		page{name: "a hall", path: "/admin/offices/dsi-main"},
		page{name: "a paused hall", path: "/admin/offices/safp-main"},
		page{name: "a hall with a closure", path: "/admin/offices/iam-main"},
		page{name: "a closure refused", path: "/admin/offices/dsi-main", act: func(w *walker) {
			w.set(`document.querySelectorAll("details").forEach(d => d.open = true); document.querySelector("[name=to]").value = "2026-11-20T10:00"`)
			w.click(`form[action$="/close"] button`)
		}},
		page{name: "printers", path: "/admin/offices/dsi-main/printers"},
		page{name: "a printer refused", status: 422, path: "/admin/offices/dsi-main/printers", act: func(w *walker) {
			w.set(`document.querySelector("[name=name]").value = "Sala"; document.querySelector("[name=address]").value = "tpc://10.0.0.7"`)
			w.click(`.office-side .actions button`)
		}},
		page{name: "papers", path: "/admin/offices/dsi-main/papers"},
		page{name: "papers for an English holder", path: "/admin/offices/dsi-main/papers?holder=en"},
		page{name: "reminders", path: "/admin/offices/dsi-main/reminders"},
		page{name: "staff", path: "/admin/offices/dsi-main/staff"},
		page{name: "no such hall", status: 404, path: "/admin/offices/no-such-office"},
	)
}

// builderPages are for who works with the product or on it.
func builderPages(w *walker, _ *content) {
	w.look(
		page{name: "the API", path: "/api", technical: true},
		page{name: "try the API", path: "/api/try/book", technical: true},
		page{name: "try the catalogue", path: "/api/try/list-services", technical: true},
		page{name: "gallery", path: "/gallery", technical: true},
	)
}

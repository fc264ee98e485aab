package web

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web/webtest"
)

// toldApp serves a live page that hears what the test sends, and a form whose
// answer never comes: it hands on the key of each that is sent.
type toldApp struct {
	*App
	news chan Event
	keys chan string
	came chan struct{} // a form came
	over chan struct{}
}

const toldPage = `{{define "title"}}Told{{end}}{{define "head"}}{{script "web/js/live.js"}}{{script "web/js/countdown.js"}}{{end}}
{{define "main"}}<section data-live="/told" data-live-longest="5000"><b id="ahead" data-live-text="ahead">?</b>
<div id="calls" data-live-fragment="calls"><button id="old" type="button">A012</button></div></section>
<span id="left" data-countdown="2026-11-24T09:35:00+08:00" data-now="2026-11-24T09:30:00+08:00">?</span>
<form id="form" method="post" action="/hang">{{$.Hidden}}<button type="submit">Send</button></form>{{end}}`

// opensTold opens the page in a browser whose own clocks stand still.
func opensTold(t *testing.T) (*toldApp, context.Context) {
	t.Helper()
	m := &toldApp{App: newTestApp(t, nil), news: make(chan Event), keys: make(chan string, 10), came: make(chan struct{}, 10), over: make(chan struct{})}
	if err := m.Pages("test", pagesOf("told.html", toldPage), "templates"); err != nil {
		t.Fatal(err)
	}
	m.Handle(Route{Method: "GET", Path: "/page", Audience: Public, Handler: func(c *fiber.Ctx) error { return Render(c, "test/told", nil) }})
	m.Handle(Route{Method: "GET", Path: "/told", Audience: Public, Handler: func(c *fiber.Ctx) error {
		return Stream(c, func(ctx context.Context, ev *Events) error {
			for {
				select {
				case <-ctx.Done():
					return nil
				case e := <-m.news:
					if err := ev.Send(e); err != nil {
						return err
					}
				}
			}
		})
	}})
	m.Handle(Route{Method: "POST", Path: "/hang", Audience: Public, Handler: func(c *fiber.Ctx) error {
		m.keys <- c.FormValue(KeyField)
		m.came <- struct{}{}
		<-m.over
		return Back(c, "/page")
	}})
	m.Handle(Route{Method: "GET", Path: "/came", Audience: Public, Handler: func(c *fiber.Ctx) error {
		select {
		case <-m.came:
		case <-m.over:
		}
		return c.SendString("yes")
	}})
	ctx, base := webtest.Browse(t, m)
	t.Cleanup(func() { close(m.over) })
	webtest.See(ctx, t, chromedp.Navigate(base+"/page"))
	webtest.Loaded(ctx, t)
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`window.ticks = performance.now(); performance.now = () => ticks; window.wall = Date.now(); Date.now = () => wall`))
	return m, ctx
}

// tells sends news and then a number, and waits until the page shows the number.
func (m *toldApp) tells(ctx context.Context, t *testing.T, ahead string, news ...Event) {
	t.Helper()
	for _, e := range append(news, Event{Name: EventValues, Data: `{"ahead":"` + ahead + `"}`}) {
		select {
		case m.news <- e:
		case <-ctx.Done():
			t.Fatal("nobody hears")
		}
	}
	webtest.See(ctx, t, chromedp.Poll[bool](`document.getElementById("ahead").textContent === "`+ahead+`"`))
}

func callOf(button string) Event {
	return Event{Name: EventFragment, Data: `{"name":"calls","html":"<button id=\"` + button + `\" type=\"button\">` + button + `</button>"}`}
}

func TestNothingMovesUnderAPress(t *testing.T) {
	m, ctx := opensTold(t)
	pointer := func(kind string, buttons string) {
		t.Helper()
		webtest.See(ctx, t, chromedp.Evaluate[bool](`document.querySelector("#calls button").dispatchEvent(new PointerEvent("pointer`+kind+`", {bubbles: true, buttons: `+buttons+`}))`))
	}
	shows := func(id, when string) {
		t.Helper()
		if got := webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("#calls button").id`)); got != id {
			t.Errorf("%s it is %q, want %q", when, got, id)
		}
	}
	pass := func(ms string) { t.Helper(); webtest.See(ctx, t, chromedp.Evaluate[float64](`ticks += `+ms)) }
	until := func(id string) { t.Helper(); webtest.See(ctx, t, chromedp.WaitReady("#"+id)) }

	m.tells(ctx, t, "1", callOf("first"))
	shows("first", "with no pointer near")
	pointer("down", "1")
	m.tells(ctx, t, "2", callOf("second"))
	pass("3000")
	m.tells(ctx, t, "3", callOf("third"))
	shows("first", "while it is pressed")
	pointer("up", "0")
	pass("699")
	m.tells(ctx, t, "4", callOf("fourth"))
	shows("first", "a moment after")
	pass("1")
	until("fourth") // the newest, and by itself
	m.tells(ctx, t, "5", callOf("fifth"))
	shows("fifth", "when the pointer rests")

	pointer("move", "0")
	m.tells(ctx, t, "6", callOf("sixth"))
	shows("fifth", "under a pointer that moves")
	pass("4999")
	pointer("move", "0")
	m.tells(ctx, t, "7", callOf("seventh"))
	shows("fifth", "under a pointer that goes on moving")
	pass("1")
	until("seventh") // nobody moves for ever
}

func TestTheFocusStaysOnAButtonThatIsReplaced(t *testing.T) {
	m, ctx := opensTold(t)
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`document.getElementById("old").focus()`))
	m.tells(ctx, t, "1", callOf("old"))
	if !webtest.See(ctx, t, chromedp.Evaluate[bool](`document.activeElement === document.getElementById("old") && document.getElementById("old").textContent === "old"`)) {
		t.Error("the focus is lost")
	}
}

func TestAPhoneThatWakesComesBackAtOnceWhenItHasMissedABeat(t *testing.T) {
	m, ctx := opensTold(t)
	m.tells(ctx, t, "1") // the last news are of this instant
	for _, c := range []struct {
		slept string
		opens int
	}{{"15000", 0}, {"17000", 1}} {
		opens := webtest.See(ctx, t, chromedp.Evaluate[int](`(async () => {
			let opens = 0;
			const Real = EventSource, was = wall;
			window.EventSource = class extends Real { constructor(address) { super(address); opens++; } };
			wall += `+c.slept+`;
			document.dispatchEvent(new Event("visibilitychange"));
			await new Promise((go) => setTimeout(go, 5));
			window.EventSource = Real;
			wall = was;
			return opens })()`, chromedp.EvalAwaitPromise))
		if opens != c.opens {
			t.Errorf("after %s ms it connects %d times, want %d", c.slept, opens, c.opens)
		}
	}
}

func TestAScreenNeverWaitsLongForTheNextTry(t *testing.T) {
	_, ctx := opensTold(t)
	waits := webtest.See(ctx, t, chromedp.Evaluate[string](`(async () => {
		const waits = [], later = setTimeout, quiet = 40000, dark = 3000;
		Math.random = () => 0.5;
		window.setTimeout = (act, ms) => {
			if (ms === quiet || ms === dark) return later(act, ms);
			waits.push(ms);
			return later(act, 0);
		};
		window.EventSource = class extends EventTarget { constructor() { super(); later(() => this.onerror?.(), 0); } close() { this.onerror = null; } };
		dispatchEvent(new Event("online"));
		while (waits.length < 7) await new Promise((go) => later(go, 1));
		return waits.slice(0, 7).join() })()`, chromedp.EvalAwaitPromise))
	if want := "0,2000,4000,5000,5000,5000,5000"; waits != want {
		t.Errorf("it waits %s, want %s", waits, want)
	}
}

func TestACountdownGoesOnWhileThePhoneSleeps(t *testing.T) {
	_, ctx := opensTold(t)
	shows := func(pattern string) {
		t.Helper()
		webtest.See(ctx, t, chromedp.Poll[bool](`/`+pattern+`/.test(document.getElementById("left").textContent)`))
	}
	webtest.See(ctx, t, chromedp.Evaluate[float64](`wall += 3 * 60_000`)) // the ticks stood still
	shows(`^[12]:`)
	webtest.See(ctx, t, chromedp.Evaluate[float64](`wall -= 60 * 60_000; ticks += 4 * 60_000`)) // the clock was set back
	shows(`^[01]:`)
	webtest.See(ctx, t, chromedp.Evaluate[float64](`wall += 70 * 60_000`))
	shows(`^0:00$`)
}

func TestAFormThatHangsCanBeSentAgainAndDoesNothingTwice(t *testing.T) {
	m, ctx := opensTold(t)
	// The reader presses, and stops the browser once the form is on its way: nothing else is heard meanwhile.
	send := func() {
		t.Helper()
		webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`(() => { addEventListener("submit", (event) => { window.sent = !event.defaultPrevented; }, {once: true});
			document.getElementById("form").requestSubmit();
			if (window.sent) fetch("/came").then(() => window.stop()) })()`))
	}
	wasSent := func() bool { t.Helper(); return webtest.See(ctx, t, chromedp.Evaluate[bool](`window.sent`)) }
	arrives := func() string {
		t.Helper()
		select {
		case key := <-m.keys:
			return key
		case <-ctx.Done():
			t.Fatal("it never arrived")
			return ""
		}
	}
	send()
	first := arrives()
	webtest.See(ctx, t, chromedp.Evaluate[float64](`ticks += 7999`))
	if send(); wasSent() {
		t.Error("it is sent twice")
	}
	webtest.See(ctx, t, chromedp.Evaluate[float64](`ticks += 1`))
	if send(); !wasSent() {
		t.Fatal("it is never sent again")
	}
	if again := arrives(); first == "" || again != first {
		t.Errorf("sent with %q, and again with %q", first, again)
	}
}

func TestAScanIsNoRepeatOfOneThatIsStillToCome(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/scan"))
	for range 2 { // a shorter text, and then the same
		webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`(([mark]) => sessionStorage.setItem("vez.scan", [mark, Date.now() + 3600_000, 20].join(" ")))((sessionStorage.getItem("vez.scan") || "1").split(" "))`))
		typeAll(t, ctx, "v1bk7mx2q9d")
		arrives(t, ctx, m, "V1BK7MX2Q9D|")
	}
}

// TestAFullDiskIsNotSaidToWorkAgain has a hub that answers all the while.
func TestAFullDiskIsNotSaidToWorkAgain(t *testing.T) {
	a := troubled(t, fault.DiskFull)
	var full atomic.Bool
	full.Store(true)
	looks := make(chan struct{}, 100)
	a.Note("room", "full", func(context.Context) error {
		looks <- struct{}{}
		if full.Load() {
			return errors.New("full")
		}
		return nil
	})
	page := strings.ReplaceAll(toldPage, `action="/hang"`, `action="/act"`)
	if err := a.Pages("test", pagesOf("told.html", page), "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/page", Audience: Public, Handler: func(c *fiber.Ctx) error { return Render(c, "test/told", nil) }})
	ctx, base := webtest.Browse(t, a)
	webtest.See(ctx, t, chromedp.Navigate(base+"/page"))
	webtest.Turn(ctx, t, "#form button")
	for range 2 { // it looks again only when the first look found nothing good
		select {
		case <-looks:
		case <-ctx.Done():
			t.Fatal("it looks no more")
		}
	}
	const says = `!document.querySelector("[data-trouble-back]").hidden`
	if webtest.See(ctx, t, chromedp.Evaluate[bool](says)) {
		t.Error("it says that it works again")
	}
	full.Store(false)
	webtest.See(ctx, t, chromedp.Poll[bool](says))
}

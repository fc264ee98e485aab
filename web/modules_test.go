package web

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"vez/locale"
	"vez/web/webtest"
)

// moduleApp serves pages that use the modules, and hands on what comes in:
// scans as "code|alt", and what each returning stream saw last.
type moduleApp struct {
	*App
	scans, lasts chan string
}

const scanPage = `{{define "title"}}Scan{{end}}{{define "head"}}{{script "web/js/scan.js"}}{{end}}
{{define "main"}}<form method="post" action="/scan" data-scan>{{$.Hidden}}<input type="hidden" name="code"><input type="hidden" name="alt"></form>
<input id="typed" type="text"><button id="button" type="button">x</button>{{end}}`

const livePage = `{{define "title"}}Live{{end}}{{define "head"}}{{script "web/js/live.js"}}{{script "web/js/countdown.js"}}{{end}}
{{define "main"}}<section data-live="/live"><b id="ahead" data-live-text="ahead">?</b><p id="late" data-live-show="late" hidden>late</p>
<ul id="calls" data-live-fragment="calls"></ul></section>
<span id="left" data-countdown="2026-11-24T09:35:00+08:00" data-now="2026-11-24T09:30:00+08:00">?</span>{{end}}`

const kioskPage = `{{define "title"}}Kiosk{{end}}{{define "main"}}<h1 data-idle="2" data-idle-warn="30">One</h1>{{end}}`

func newModuleApp(t *testing.T) *moduleApp {
	t.Helper()
	m := &moduleApp{App: newTestApp(t, nil), scans: make(chan string, 100), lasts: make(chan string, 100)}
	pages := pagesOf("scan.html", scanPage, "live.html", livePage, "kiosk.html", kioskPage, "plain.html", plainPage)
	if err := m.Pages("test", pages, "templates"); err != nil {
		t.Fatal(err)
	}
	show := func(name string, options ...Option) fiber.Handler {
		return func(c *fiber.Ctx) error { return Render(c, name, nil, options...) }
	}
	m.Handle(Route{Method: "GET", Path: "/scan", Audience: Public, Layout: "kiosk", Handler: show("test/scan", Home("/scan"))})
	m.Handle(Route{Method: "POST", Path: "/scan", Audience: Public, Layout: "kiosk", Handler: func(c *fiber.Ctx) error {
		m.scans <- c.FormValue("code") + "|" + c.FormValue("alt")
		return Back(c, "/scan")
	}})
	m.Handle(Route{Method: "GET", Path: "/page", Audience: Public, Handler: show("test/live")})
	m.Handle(Route{Method: "GET", Path: "/kiosk", Audience: Public, Layout: "kiosk", Handler: show("test/plain", Home("/kiosk"))})
	m.Handle(Route{Method: "GET", Path: "/kiosk/step", Audience: Public, Layout: "kiosk", Handler: show("test/kiosk", Home("/kiosk"))})
	m.Handle(Route{Method: "GET", Path: "/live", Audience: Public, Handler: m.stream})
	return m
}

// stream ends at once each time, so that the browser must come back.
func (m *moduleApp) stream(c *fiber.Ctx) error {
	m.lasts <- LastEventID(c)
	return Stream(c, func(_ context.Context, ev *Events) error {
		_ = ev.Send(Event{ID: "e.9", Name: EventValues, Data: `{"ahead":"5","late":true}`})
		return ev.Send(Event{ID: "e.10", Name: EventFragment, Data: `{"name":"calls","html":"<li>A047</li>"}`})
	})
}

// wedge types as a scanner does, with all keys at one instant, however slow the machine is; each key is "key" or "key/code".
const wedge = `(keys) => { window.wedged = true; const results = [], value = performance.now(); for (const k of keys) { const [key, code] = k.split("/");
	const e = Object.defineProperty(new KeyboardEvent("keydown", {key, code: code || "", bubbles: true, cancelable: true}), "timeStamp", {value});
	(document.activeElement || document.body).dispatchEvent(e); results.push(e.defaultPrevented); } return results.every(Boolean) && document.getElementById("typed").value === ""; }`

func typeAll(t *testing.T, ctx context.Context, text string) bool {
	t.Helper()
	keys := `["` + strings.Join(strings.Split(text, ""), `","`) + `","Enter"]`
	return webtest.See(ctx, t, chromedp.Evaluate[bool]("("+wedge+")("+keys+")"))
}

// justNow has the last scan be of this instant, however long the page took to come back.
const justNow = `(([mark, , length]) => sessionStorage.setItem("vez.scan", [mark, performance.timeOrigin + performance.now(), length].join(" ")))(sessionStorage.getItem("vez.scan").split(" "))`

// arrives waits for the next scan and then for the page that comes back.
func arrives(t *testing.T, ctx context.Context, m *moduleApp, want string) {
	t.Helper()
	select {
	case got := <-m.scans:
		if got != want {
			t.Fatalf("scanned %q, want %q", got, want)
		}
	case <-ctx.Done():
		t.Fatalf("%q never arrived", want)
	}
	webtest.See(ctx, t, chromedp.WaitReady(chromedp.JSPath(`document.readyState === "complete" && !window.wedged ? document.body : null`)))
}

func TestAScanIsPostedOnceWhereverTheFocusIs(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/scan"))
	if !typeAll(t, ctx, "v1bk7mx2q9d") {
		t.Error("a key of the scanner reached the page")
	}
	arrives(t, ctx, m, "V1BK7MX2Q9D|")
	again := "(" + justNow + ", (" + wedge + `)([..."v1bk7mx2q9d", "Enter"]))`
	if !webtest.See(ctx, t, chromedp.Evaluate[bool](again)) { // the reader saw the same code again
		t.Error("a key of the scanner reached the page")
	}
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`document.getElementById("typed").focus()`))
	if !typeAll(t, ctx, "w1bk7mx2q9d") {
		t.Error("a key of the scanner reached the field")
	}
	arrives(t, ctx, m, "W1BK7MX2Q9D|") // and not the repeat
}

func TestAScanGivesBothReadingsWhereTheLayoutSwapsYAndZ(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/scan"))
	keys := `["v/KeyV","1/Digit1","z/KeyY","7/Digit7","m/KeyM","y/KeyZ","2/Digit2","Enter/Enter"]`
	webtest.See(ctx, t, chromedp.Evaluate[bool]("("+wedge+")("+keys+")"))
	arrives(t, ctx, m, "V1Z7MY2|V1Y7MZ2")
}

// halting types as a scanner does while the machine stands still in the middle: the keys carry their own times.
const halting = `(async (keys) => { window.wedged = true; const began = performance.now(); let n = 0; for (const key of keys) {
	if (n === 8) await new Promise((go) => setTimeout(go, 400));
	const e = Object.defineProperty(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true}), "timeStamp", {value: began + 4 * n++});
	(document.activeElement || document.body).dispatchEvent(e); } })`

func TestAMachineThatStandsStillLosesNoScan(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	for _, field := range []string{"", "typed"} {
		webtest.See(ctx, t, chromedp.Navigate(base+"/scan"))
		webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`sessionStorage.clear(); document.getElementById("`+field+`")?.focus()`))
		webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void]("void "+halting+`([..."v1bk7mx2q9d", "Enter"])`))
		arrives(t, ctx, m, "V1BK7MX2Q9D|")
	}
}

func TestALinkIsReadRightOnAForeignLayout(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/scan"))
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(() => { for (const [key, code, shiftKey] of [["H","KeyH"],["T","KeyT"],["T","KeyT"],["P","KeyP"],["Ö","Semicolon",true],["-","Slash"],["-","Slash"],["V","KeyV"],["Enter","Enter"]])
		document.body.dispatchEvent(Object.defineProperty(new KeyboardEvent("keydown", {key, code, shiftKey: !!shiftKey, bubbles: true, cancelable: true}), "timeStamp", {value: 1000})); return true })()`))
	arrives(t, ctx, m, "HTTP://V|HTTPÖ--V")
}

func TestAPersonMayStillTypeIntoAField(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/scan"))
	webtest.See(ctx, t, chromedp.SendKeys("#typed", "Ab1"))
	webtest.See(ctx, t, chromedp.Poll[bool](`document.getElementById("typed").value === "Ab1"`))
	if len(m.scans) > 0 {
		t.Errorf("scanned %q", <-m.scans)
	}
}

func TestALivePageShowsWhatComesAndResumesAfterIt(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/page"))
	webtest.See(ctx, t, chromedp.Poll[bool](`document.getElementById("ahead").textContent === "5" && !document.getElementById("late").hidden &&
		document.getElementById("calls").innerHTML === "<li>A047</li>"`))
	// Five minutes were left when the page began, which has been no longer than its own clock says.
	if wrong := webtest.See(ctx, t, chromedp.Evaluate[string](`((text) => { const [minutes, seconds] = text.split(":").map(Number), left = minutes * 60 + seconds;
		return left <= 300 && left >= 300 - performance.now() / 1000 ? "" : text })(document.getElementById("left").textContent)`)); wrong != "" {
		t.Errorf("the countdown says %q", wrong)
	}
	for _, want := range []string{"", "e.10"} {
		select {
		case last := <-m.lasts:
			if last != want {
				t.Errorf("the browser came with %q, want %q", last, want)
			}
		case <-ctx.Done():
			t.Fatal("the browser did not come back")
		}
	}
}

func TestAKioskLeftAloneAsksAndGoesBackToItsStart(t *testing.T) {
	m := newModuleApp(t)
	ctx, base := webtest.Browse(t, m)
	webtest.See(ctx, t, chromedp.Navigate(base+"/kiosk/step?lang=pt"))
	webtest.See(ctx, t, chromedp.WaitVisible("[data-idle-dialog]"))
	// The page notes by itself when the question goes and comes: it is gone for no longer than a busy machine may look away.
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`((dialog) => new MutationObserver(() => sessionStorage.setItem("seen",
		(sessionStorage.getItem("seen") || "") + (dialog.checkVisibility() ? "asked " : "gone "))).observe(dialog, {attributeFilter: ["open"]}))(document.querySelector("[data-idle-dialog]"))`))
	webtest.See(ctx, t, chromedp.Click("[data-idle-stay]"))
	webtest.See(ctx, t, chromedp.WaitVisible("#said")) // the start page
	if seen := webtest.See(ctx, t, chromedp.Evaluate[string](`sessionStorage.getItem("seen")`)); seen != "gone asked " {
		t.Errorf("after the answer it was %q", seen)
	}
	if at := webtest.See(ctx, t, chromedp.Location()); !strings.HasSuffix(at, "/kiosk?lang=zh-Hant") {
		t.Errorf("at %s", at)
	}
}

func TestNothingInTheGalleryIsWiderThanAPhoneOrSmallerThanAFinger(t *testing.T) {
	a := newTestApp(t, nil)
	ctx, base := webtest.Browse(t, a)
	const small = `[...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(e => {
		const r = (e.closest("label") || e).getBoundingClientRect(); const inline = getComputedStyle(e).display === "inline";
		return r.width && !inline && (r.width < 24 || r.height < 24) }).map(e => e.outerHTML.slice(0, 80)).join("\n")`
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{360, 740}, {320, 640}, {1280, 720}} {
			webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			webtest.See(ctx, t, chromedp.Navigate(base+"/gallery?lang="+lang))
			webtest.Fits(ctx, t, fmt.Sprintf("%s at %d", lang, size[0]))
			if found := webtest.See(ctx, t, chromedp.Evaluate[string](small)); found != "" {
				t.Errorf("%s at %d: too small to hit:\n%s", lang, size[0], found)
			}
		}
	}
}

func TestTheNewestCallIsASixthOfTheBoard(t *testing.T) {
	a := newTestApp(t, nil)
	text := `{{define "title"}}B{{end}}{{define "main"}}<ol class="calls">{{template "call" (dict "number" "B1012" "counter" 88 "newest" true)}}</ol>{{end}}`
	if err := a.Pages("test", pagesOf("board.html", text), "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/b", Audience: Public, Layout: "board", Handler: func(c *fiber.Ctx) error { return Render(c, "test/board", nil) }})
	ctx, base := webtest.Browse(t, a)
	for _, size := range [][2]int64{{1920, 1080}, {1280, 720}, {3840, 2160}, {1366, 768}} {
		webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
		webtest.See(ctx, t, chromedp.Navigate(base+"/b"))
		// figures stand .7 of their type size in every common face
		high := webtest.See(ctx, t, chromedp.Evaluate[float64](`parseFloat(getComputedStyle(document.querySelector(".call-number")).fontSize) * .71 / innerHeight`))
		wide := webtest.See(ctx, t, chromedp.Evaluate[bool](`[...document.querySelectorAll(".call-number, .call-counter")].every(e => e.scrollWidth <= e.clientWidth + 1)`))
		if high < 1.0/6 || !wide {
			t.Errorf("%v: %.3f of the height, fits %v", size, high, wide)
		}
	}
}

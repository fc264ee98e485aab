package pages

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"vez/hall"
	"vez/locale"
	"vez/office"
	"vez/ticket"
	"vez/web/webtest"
)

// browse opens a headless Chromium on the house as somebody.
func (h *house) browse(who string, options ...chromedp.ExecAllocatorOption) (context.Context, string) {
	h.t.Helper()
	ctx, base := webtest.Browse(h.t, h.app, options...)
	webtest.See(ctx, h.t, chromedp.Navigate(base+"/healthz"))
	webtest.See(ctx, h.t, chromedp.Evaluate[string](`document.cookie = "who=`+who+`;path=/"`))
	return ctx, base
}

// busy fills the hall with a morning's people.
func (h *house) busy() {
	h.t.Helper()
	services := []string{renewal, "dsi-bir-lost", renewal, "dsi-passport-renewal", "dsi-crc", renewal, "dsi-kinship", "dsi-doc-collection", renewal, "dsi-bir-first-issue"}
	langs := []string{"zh-Hant", "pt", "zh-Hant", "en", "zh-Hans"}
	for i, s := range services {
		if h.Catalogue().Service(s) == nil {
			s = renewal
		}
		h.issue(s, func(r *hall.IssueRequest) {
			r.Lang = langs[i%len(langs)]
			if i == 3 {
				r.Priority = true
			}
			if i == 6 {
				r.Needs = []office.Need{office.NeedLowDesk}
			}
			if i == 4 {
				r.Needs = []office.Need{"language:pt"}
				r.People = 3
			}
		})
		h.Clock.Advance(3 * time.Minute)
	}
	b := h.opened("bea", "dsi-main-4")
	b.press("dsi-main-4", "next")
	b.press("dsi-main-4", "start")
	c := h.opened("carl", "dsi-main-5")
	c.press("dsi-main-5", "break")
}

func TestAWholeVisitByKeysAlone(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	ctx, base := h.browse("clerk:dsi:dsi-main|anna")
	press := func(key, until string) {
		t.Helper()
		webtest.See(ctx, t, chromedp.KeyEvent(key))
		webtest.See(ctx, t, chromedp.WaitVisible(until))
		webtest.Loaded(ctx, t) // who hears the next key is a script
	}
	webtest.See(ctx, t, chromedp.Navigate(base+"/counter/"+desk1))
	press("o", ".deskcard.idle")
	press("n", ".deskcard.called")
	if !webtest.See(ctx, t, chromedp.Evaluate[bool](`document.querySelector("[data-key=M]").disabled`)) {
		t.Error("a miss is offered at once")
	}
	press("m", ".deskcard.called")
	press("s", ".deskcard.serving")
	h.want(a.ID, ticket.Serving)
	press("u", ".deskcard.called")
	h.want(a.ID, ticket.Called)
	press("s", ".deskcard.serving")
	press("t", "#transfer-to")
	webtest.See(ctx, t, chromedp.KeyEvent(kb.Escape))
	webtest.See(ctx, t, chromedp.Poll[bool](`!document.querySelector(".drawer[open]")`))
	press("n", ".deskcard.called")
	h.want(a.ID, ticket.Done)
	h.want(b.ID, ticket.Called)
	press("s", ".deskcard.serving")
	press("f", ".deskcard.idle")
	h.want(b.ID, ticket.Done)

	// The line is live, and a double click calls one.
	c, d := h.issue(renewal), h.issue(renewal)
	webtest.See(ctx, t, chromedp.WaitVisible("#t-"+d.ID))
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`(() => { const b = document.querySelector("[data-key=N]"); b.click(); b.click(); })()`))
	webtest.See(ctx, t, chromedp.WaitVisible(".deskcard.called"))
	h.want(c.ID, ticket.Called)
	h.want(d.ID, ticket.Waiting)

	// Somebody else takes it over: the page shows it by itself.
	bea := h.opened("bea", desk2)
	bea.press(desk2, "take-over", "ticket", c.ID)
	webtest.See(ctx, t, chromedp.WaitVisible(".deskcard.idle"))
}

// mouse presses or lets go the left button in the middle of an element.
func mouse(ctx context.Context, t *testing.T, kind, css string) {
	t.Helper()
	at := webtest.See(ctx, t, chromedp.Evaluate[[]float64](`(({left, top, width, height}) => [left + width / 2, top + height / 2])(document.querySelector("`+css+`").getBoundingClientRect())`))
	webtest.See(ctx, t, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: input.DispatchMouseEventType(kind), X: at[0], Y: at[1], Button: input.MouseButtonLeft, ClickCount: 1})
		return err
	}))
}

func TestAPressMeetsTheOneWhoStoodThere(t *testing.T) {
	h := newHouse(t)
	a, b := h.issue(renewal), h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	for range 2 {
		anna.press(desk1, "next")
		anna.press(desk1, "start")
		anna.press(desk1, "park", "minutes", "15")
	}
	ctx, base := h.browse("clerk:dsi:dsi-main|anna")
	webtest.See(ctx, t, chromedp.EmulateViewport(1280, 720))
	webtest.See(ctx, t, chromedp.Navigate(base+"/counter/"+desk1))
	webtest.Loaded(ctx, t)
	// The page's clock stands still, and it notes that it has heard of the row that is gone.
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`(() => { const now = performance.now(), parse = JSON.parse; performance.now = () => now;
		JSON.parse = (text) => { const news = parse(text); window.heard ||= news.name === "aside" && !news.html.includes("resume-`+a.ID+`"); return news } })()`))
	mouse(ctx, t, "mousePressed", "#resume-"+b.ID)
	bea.press(desk2, "resume", "ticket", a.ID)
	h.want(a.ID, ticket.Serving)
	webtest.See(ctx, t, chromedp.Poll[bool](`window.heard`))
	mouse(ctx, t, "mouseReleased", "#resume-"+b.ID)
	webtest.See(ctx, t, chromedp.WaitVisible(".deskcard.serving"))
	h.want(b.ID, ticket.Serving)
}

func TestAFormThatHangsDoesNotHideWhatHasMoved(t *testing.T) {
	h := newHouse(t)
	a := h.issue(renewal)
	anna, bea := h.opened("anna", desk1), h.opened("bea", desk2)
	anna.press(desk1, "next")
	ctx, base := h.browse("clerk:dsi:dsi-main|anna")
	webtest.See(ctx, t, chromedp.Navigate(base+"/counter/"+desk1))
	webtest.Loaded(ctx, t)
	// A form that leads nowhere; its eight seconds are over when the test says so.
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`(() => { const later = setTimeout;
		window.setTimeout = (act, ms) => ms === 8000 ? void (window.hung = act) : later(act, ms);
		document.querySelector("[data-console]").addEventListener("live:moved", () => { window.told = (window.told || 0) + 1; });
		document.querySelector("form[action$='/start']").dispatchEvent(new SubmitEvent("submit", {bubbles: true, cancelable: true})) })()`))
	bea.press(desk2, "take-over", "ticket", a.ID)
	webtest.See(ctx, t, chromedp.Poll[bool](`window.told > 0`))
	next := h.issue(renewal) // the lists go on meanwhile
	webtest.See(ctx, t, chromedp.WaitVisible("#t-"+next.ID))
	if told := webtest.See(ctx, t, chromedp.Evaluate[int](`window.told`)); told != 1 {
		t.Errorf("told %d times", told)
	}
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`window.hung()`))
	webtest.See(ctx, t, chromedp.WaitVisible(".deskcard.idle"))
}

func TestNothingRunsOverTheEdgeAndEverythingIsInReach(t *testing.T) {
	h := newHouse(t)
	h.busy()
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	ctx, base := h.browse("clerk:dsi:dsi-main|anna")
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{1280, 720}, {1920, 1080}, {768, 1024}, {360, 640}} {
			webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			webtest.See(ctx, t, chromedp.Navigate(base+"/counter/"+desk1+"?lang="+lang))
			webtest.Fits(ctx, t, fmt.Sprintf("%s at %d", lang, size[0]))
			bottom := webtest.See(ctx, t, chromedp.Evaluate[float64](`document.querySelector(".undo").getBoundingClientRect().bottom`))
			if size[0] == 1280 && bottom > float64(size[1]) {
				t.Errorf("%s: the last verb ends at %.0f", lang, bottom)
			}
		}
	}
}

// TestShots takes pictures of the console for somebody to look at.
func TestShots(t *testing.T) {
	dir := os.Getenv("VEZ_SHOTS")
	if dir == "" {
		t.Skip("no folder for pictures: set VEZ_SHOTS")
	}
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		t.Run(theme, func(t *testing.T) { shots(t, filepath.Join(dir, theme), options...) })
	}
}

func shots(t *testing.T, prefix string, options ...chromedp.ExecAllocatorOption) {
	h := newHouse(t)
	h.busy()
	ctx, base := h.browse("clerk:dsi:dsi-main|anna", options...)
	n := 0
	shoot := func(name, path string, keys ...string) {
		t.Helper()
		// The open page may be loading itself again because of what was done elsewhere; then ours is cut off.
		if _, err := chromedp.Run(ctx, chromedp.Navigate(base+path)); err != nil {
			webtest.See(ctx, t, chromedp.Navigate(base+path))
		}
		for i := 0; i+1 < len(keys); i += 2 { // a key, and what it brings
			webtest.See(ctx, t, chromedp.KeyEvent(keys[i]))
			webtest.See(ctx, t, chromedp.WaitVisible(keys[i+1]))
		}
		n++
		data := webtest.See(ctx, t, chromedp.CaptureScreenshot())
		if err := os.WriteFile(fmt.Sprintf("%s-%02d-%s.png", prefix, n, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	console := "/counter/" + desk1
	webtest.See(ctx, t, chromedp.EmulateViewport(1280, 720))
	shoot("choose", "/counter?lang=en")
	shoot("closed", console)
	anna := h.opened("anna", desk1)
	shoot("idle", console)
	shoot("break", console, "b", "#break-minutes")
	anna.press(desk1, "next")
	shoot("called", console)
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`fetch(document.querySelector("form[action$=miss]").action, {method: "POST", body: new URLSearchParams(new FormData(document.querySelector("form[action$=miss]")))})`))
	shoot("refused", console)
	h.Clock.Advance(65 * time.Second)
	anna.press(desk1, "miss")
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	anna.press(desk1, "park", "minutes", "15")
	anna.press(desk1, "next")
	shoot("start", console, "s", ".ring")
	h.Clock.Advance(4 * time.Minute)
	for _, lang := range locale.Languages {
		shoot("serving-"+lang, console+"?lang="+lang)
	}
	shoot("transfer", console+"?lang=en", "t", "#transfer-to")
	anna.press(desk1, "finish", "outcome", "served")
	for _, a := range anna.get(console).all("a") {
		if strings.HasPrefix(webtest.Attr(a, "id"), "t-") {
			shoot("picked", webtest.Attr(a, "href"))
			break
		}
	}
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:boss"}, hallID, "fire"); err != nil {
		t.Fatal(err)
	}
	shoot("paused", console)
	if _, err := h.ResumeHall(context.Background(), hall.Act{Actor: "clerk:boss"}, hallID); err != nil {
		t.Fatal(err)
	}
	webtest.See(ctx, t, chromedp.EmulateViewport(1920, 1080))
	shoot("wide-idle", console)
	anna.press(desk1, "next")
	shoot("wide-called", console)
	shoot("taken", "/counter/dsi-main-4")
	webtest.See(ctx, t, chromedp.EmulateViewport(768, 1024))
	shoot("tablet", console)
}

//go:build browser

package pages_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/hall"
	"vez/web/webtest"
)

// open loads a board and waits until its script has drawn it.
func open(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Navigate(address))
	webtest.See(ctx, t, chromedp.WaitVisible("html[data-lang] .board-head"))
}

// shows waits until the board shows these numbers, the newest first.
func shows(ctx context.Context, t *testing.T, numbers string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Poll[bool](`document.documentElement.dataset.lang &&
		[...document.querySelectorAll("[data-hero] [data-part=number], [data-rows] [data-part=number]")].map(e => e.textContent).join(" ") === "`+numbers+`"`))
}

func TestABoardShowsACallAtOnceFlashesItAndLetsItGo(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 3)
	h.call("dsi-main", 1, false)
	ctx, base := webtest.Browse(t, h.app)
	open(ctx, t, base+"/board/dsi-main")
	shows(ctx, t, "A001")
	h.Clock.Advance(time.Minute)
	// A flash is over after six seconds: the page notes it by itself.
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(new MutationObserver(() => { window.flashed ||= document.querySelector("[data-hero] .flash [data-part=number]")?.textContent === "A002"; })
		.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true }), true)`))
	h.call("dsi-main", 2, false)
	shows(ctx, t, "A002 A001")
	webtest.See(ctx, t, chromedp.Poll[bool](`window.flashed && document.querySelector("[data-told]").textContent === "A002 2"`))
	act := hall.Act{Actor: "clerk:2"}
	if _, err := h.Start(context.Background(), act, "dsi-main-2"); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, "A001 A002") // who has not come yet stands alone again
	if _, err := h.Finish(context.Background(), act, "dsi-main-2", ""); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, "A001")
	webtest.See(ctx, t, chromedp.Poll[bool](`document.querySelectorAll(".flash").length === 0`))
}

func TestACallThatIsTakenBackSaysNotYet(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 1)
	ctx, base := webtest.Browse(t, h.app)
	open(ctx, t, base+"/board/dsi-main")
	h.call("dsi-main", 1, false)
	shows(ctx, t, "A001")
	if _, err := h.Undo(context.Background(), hall.Act{Actor: "clerk:1"}, "dsi-main-1"); err != nil {
		t.Fatal(err)
	}
	shows(ctx, t, "")
	webtest.See(ctx, t, chromedp.Poll[bool](`!document.querySelector("[data-alert=stay]").hidden && document.querySelector("[data-withdrawn-numbers]").textContent === "A001"`))
}

func TestLabelsChangeTheirLanguageByTheClock(t *testing.T) {
	h := newHouse(t)
	ctx, base := webtest.Browse(t, h.app)
	open(ctx, t, base+"/board/dsi-main")
	webtest.See(ctx, t, chromedp.Poll[bool](`(() => {
		const lang = ["zh-Hant", "pt", "en", "zh-Hans"][Math.floor(Date.now() / 8000) % 4];
		const seen = [...document.querySelectorAll(".words > span")].filter(e => getComputedStyle(e).visibility === "visible" && e.offsetParent);
		return seen.length > 10 && seen.every(e => e.lang === lang); })()`))
}

func TestALostConnectionIsSaidWithTheTimeOfTheLastNewsAndMended(t *testing.T) {
	h := newHouse(t)
	ctx, base := webtest.Browse(t, h.app)
	open(ctx, t, base+"/board/dsi-main")
	shows(ctx, t, "")
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(window.Kept = EventSource, window.EventSource = class { addEventListener() {} close() {} }, window.dispatchEvent(new Event("online")), true)`))
	webtest.See(ctx, t, chromedp.Poll[bool](`!document.querySelector("[data-live-stale]").hidden && /\d\d:\d\d/.test(document.querySelector("[data-live-stale] time").textContent)`))
	h.issue("dsi-main-card", 1)
	h.call("dsi-main", 1, false)
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(window.EventSource = window.Kept, window.dispatchEvent(new Event("online")), true)`))
	shows(ctx, t, "A001")
	webtest.See(ctx, t, chromedp.Poll[bool](`document.querySelector("[data-live-stale]").hidden`))
}

func TestTheNewestCallIsASixthOfTheScreenAndNothingIsCutOff(t *testing.T) {
	h := newHouse(t)
	h.issue("mong-son-id-doc", 5)
	h.issue("mong-son-works", 1)
	for _, n := range []int{1, 2, 3, 4} {
		h.call("mong-son", n, n == 2)
	}
	h.call("mong-son", 10, false)
	ctx, base := webtest.Browse(t, h.app)
	for _, size := range [][2]int64{{1920, 1080}, {3840, 2160}, {1080, 1920}, {1280, 720}} {
		for _, path := range []string{"/board/mong-son", "/board/mong-son?zone=A", "/board/dsi-main"} {
			webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			open(ctx, t, base+path)
			cut := webtest.See(ctx, t, chromedp.Evaluate[string](`[...document.querySelectorAll(".call-number, .call-counter, td, th")].filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().bottom > innerHeight + 1))
				.map(e => e.className + " " + e.textContent.trim().slice(0, 20)).join(", ")`))
			if cut != "" {
				t.Errorf("%s at %v cuts off %s", path, size, cut)
			}
			if path == "/board/dsi-main" {
				continue
			}
			// Capitals and figures are .71 of the type high.
			high := webtest.See(ctx, t, chromedp.Evaluate[float64](`parseFloat(getComputedStyle(document.querySelector(".newest .call-number")).fontSize) * .71 / Math.min(innerHeight, innerWidth)`))
			if high < 1./6 {
				t.Errorf("%s at %v: the newest number is %.3f of the screen", path, size, high)
			}
		}
	}
}

func TestSoundIsOffUntilAskedForAndSaysEachCallOnceInEachLanguage(t *testing.T) {
	h := newHouse(t)
	h.issue("dsi-main-card", 2)
	ctx, base := webtest.Browse(t, h.app)
	open(ctx, t, base+"/board/dsi-main")
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(window.said = [], speechSynthesis.getVoices = () => ["zh-HK", "pt-PT", "en-GB", "zh-CN"].map(lang => ({ lang })),
		speechSynthesis.speak = (words) => { said.push(words.lang + ": " + words.text); words.onend(); }, true)`))
	if pressed := webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector("[data-sound]").getAttribute("aria-pressed")`)); pressed != "false" {
		t.Errorf("the sound is on unasked: %s", pressed)
	}
	h.call("dsi-main", 1, false)
	shows(ctx, t, "A001")
	webtest.See(ctx, t, chromedp.Click("[data-sound]"))
	h.Clock.Advance(time.Minute)
	h.call("dsi-main", 2, false)
	webtest.See(ctx, t, chromedp.Poll[bool](`said.length >= 4`))
	said := webtest.See(ctx, t, chromedp.Evaluate[string](`said.join("\n")`))
	for _, part := range []string{"籌號 A 零 零 二 ，請到櫃檯 二", "Senha á zero zero dois , dirija-se ao balcão dois", "Ticket A zero zero two , please go to counter two", "请 A 零 零 二 号到窗口 二"} {
		if !strings.Contains(said, part) {
			t.Errorf("it does not say %q but\n%s", part, said)
		}
	}
	if strings.Contains(said, "zero zero um") {
		t.Error("it speaks of a call from before")
	}
}

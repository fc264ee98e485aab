//go:build browser

package pages_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"vez/hall/halltest"
	"vez/web/webtest"
)

// wedge types a text as a scanner does whose layout exchanges Y and Z: the key
// says one letter, its place another. The focus is nowhere. All keys are of one
// instant, however slow the machine is.
const wedge = `((text) => {
	document.activeElement?.blur();
	const swap = { Y: "Z", Z: "Y" }, value = performance.now();
	const type = (key, code) => document.body.dispatchEvent(Object.defineProperty(
		new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }), "timeStamp", { value }));
	for (const letter of text) type(swap[letter] || letter, (/[0-9]/.test(letter) ? "Digit" : "Key") + letter);
	type("Enter", "Enter");
	return true;
})`

func TestAScanTypedTwiceWithFocusNowhereOnASwappedLayoutIsOneTicket(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	code := ""
	for _, start := range []string{"10:30", "11:00", "11:30", "14:30", "15:00"} { // one in two thousand codes has neither letter
		if _, code = h.book("dsi-bir-renewal", "dsi-main", halltest.At(start)); strings.ContainsAny(code, "YZ") {
			break
		}
	}
	ctx, base := webtest.Browse(t, h.app)
	webtest.See(ctx, t, chromedp.Navigate(base+"/kiosk/dsi-main/take?lang=en"))
	webtest.See(ctx, t, chromedp.Evaluate[bool]("("+wedge+`("`+code+`"), `+wedge+`("`+code+`"))`))
	webtest.See(ctx, t, chromedp.WaitVisible(".ticket .number"))
	webtest.Loaded(ctx, t)
	webtest.See(ctx, t, chromedp.Evaluate[bool](`(sessionStorage.removeItem("vez.scan"), `+wedge+`("`+code+`"))`)) // minutes later
	webtest.See(ctx, t, chromedp.WaitVisible(".ticket[data-used] .number"))
	h.only(t, "dsi-main")
}

func TestThePaperIsSeenToComeOut(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	ctx, base := webtest.Browse(t, h.app)
	webtest.See(ctx, t, chromedp.Navigate(base+"/kiosk/dsi-main/queue/dsi-main-card?lang=en"))
	webtest.Turn(ctx, t, `form[action$="/queue/dsi-main-card"] button`)
	webtest.See(ctx, t, chromedp.WaitVisible(".ticket-paper"))
	jobs, err := h.PendingPrints(context.Background())
	if err != nil || len(jobs) != 1 {
		t.Fatalf("%d papers, %v", len(jobs), err)
	}
	h.mark(jobs[0], "unknown", "")
	webtest.See(ctx, t, chromedp.WaitVisible(".came button[value=no]"))
	webtest.Turn(ctx, t, ".came button[value=yes]")
	webtest.See(ctx, t, chromedp.WaitVisible(".paper.good"))
	h.open("dsi-main-2")
	more := webtest.See(ctx, t, chromedp.Evaluate[int64](`(() => { const left = () => Number(document.querySelector("[data-closing-left]").textContent), before = left();
		document.querySelector("[data-closing-more]").click(); return left() - before; })()`))
	if more != 60 {
		t.Errorf("asking for more time gave %d seconds", more)
	}
}

func TestTheKeypadTypesWithoutAskingTheServer(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	b, _ := h.book("dsi-bir-renewal", "dsi-main", halltest.At("10:30"))
	ctx, base := webtest.Browse(t, h.app)
	webtest.See(ctx, t, chromedp.Navigate(base+"/kiosk/dsi-main/booking/type?lang=en"))
	for _, key := range strings.Split(b.Reference, "") {
		webtest.See(ctx, t, chromedp.Click(`button[name=key][value="`+key+`"]`))
	}
	if typed := webtest.See(ctx, t, chromedp.Evaluate[string](`document.getElementById("typed").value`)); strings.ReplaceAll(typed, " ", "") != b.Reference {
		t.Fatalf("typed %q", typed)
	}
	webtest.See(ctx, t, chromedp.Click("[data-keypad-go]"))
	webtest.See(ctx, t, chromedp.WaitVisible(".ticket .number"))
}

func TestNothingToTouchIsSmallerThanAFingerAndNothingIsCutOff(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	ctx, base := webtest.Browse(t, h.app)
	for _, size := range [][2]int64{{1080, 1920}, {1920, 1080}} {
		webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
		for _, lang := range []string{"pt", "zh-Hant"} {
			for _, path := range everywhere() {
				on := base + inLanguage("/kiosk/dsi-main"+path, lang)
				webtest.See(ctx, t, chromedp.Navigate(on))
				small := webtest.See(ctx, t, chromedp.Evaluate[string](`[...document.querySelectorAll("a, button, input:not([type=hidden]):not([type=checkbox]), label.choice")].filter(e => e.offsetParent)
					.map(e => [e.getBoundingClientRect(), e]).filter(([r]) => r.height < 64 || r.width < 64).map(([r, e]) => e.outerHTML.slice(0, 80) + " " + Math.round(r.width) + "x" + Math.round(r.height)).join("\n")`))
				if small != "" {
					t.Errorf("%s at %v has small targets:\n%s", path, size, small)
				}
				over := webtest.See(ctx, t, chromedp.Evaluate[int64](`(m => Math.max(m.scrollHeight - m.clientHeight, m.scrollWidth - m.clientWidth, document.documentElement.scrollWidth - innerWidth))(document.querySelector(".main"))`))
				if over > 0 {
					t.Errorf("%s in %s at %v is cut off by %d", path, lang, size, over)
				}
			}
		}
	}
}

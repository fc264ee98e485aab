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
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"vez/event"
	"vez/locale"
	"vez/web/webtest"
)

// signIn sends a person's header with every request of the browser.
func signIn(as, lang string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"X-Test-Citizen": as, "Accept-Language": lang}})
		return err
	})
}

func TestThePageOfATicketShowsTheCallByItself(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	is := h.issue(t)
	ctx, base := webtest.Browse(t, h.app)
	must(t, chromedp.Do(ctx, signIn("", "en"), chromedp.Navigate(base+"/t/"+is.Link), chromedp.WaitVisible(".hero-state")))
	h.next(t, "dsi-main-1")
	must(t, chromedp.Do(ctx, chromedp.WaitVisible(".hero.now .counter-number")))
	title, err := chromedp.Run(ctx, chromedp.Evaluate[string](`new Promise(f => { const t = setInterval(() => { if (document.title.startsWith("It is")) { clearInterval(t); f(document.title) } }, 20) })`,
		chromedp.EvalAwaitPromise))
	must(t, err)
	if want := "It is your turn at counter 1 · "; len(title) < len(want) || title[:len(want)] != want {
		t.Errorf("the tab is called %q", title)
	}
}

func TestThePhoneShakesAndSaysItAgainWhenTheCallIsRepeated(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	is := h.issue(t)
	ctx, base := webtest.Browse(t, h.app)
	shakes := func(times string) {
		t.Helper()
		webtest.See(ctx, t, chromedp.Poll[bool](`window.shakes === `+times))
	}
	watch := func() {
		t.Helper()
		webtest.Loaded(ctx, t)
		webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`(() => { window.shakes = 0; navigator.vibrate = () => { shakes++; };
			Object.defineProperty(navigator, "userActivation", {get: () => ({hasBeenActive: Boolean(window.touched)}), configurable: true});
			const line = document.querySelector("[data-live-text=said]"), said = window.said = [];
			new MutationObserver(() => said.push(line.textContent)).observe(line, {childList: true, characterData: true, subtree: true}) })()`))
	}
	recall := func() {
		t.Helper()
		_, err := h.Hall.Recall(t.Context(), clerk, "dsi-main-1")
		must(t, err)
	}
	must(t, chromedp.Do(ctx, chromedp.Navigate(base+"/t/"+is.Link+"?lang=en")))
	watch()
	h.next(t, "dsi-main-1")
	webtest.See(ctx, t, chromedp.Poll[bool](`document.title.startsWith("It is")`))
	shakes("0") // nobody has touched the page: the browser would refuse, and complain
	touch := func() { webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`void (window.touched = true)`)) }
	touch()
	recall()
	shakes("1")
	webtest.See(ctx, t, chromedp.Poll[bool](`said.at(-1).startsWith("It is") && said.at(-2) === ""`))
	recall()
	shakes("2")

	// A page that is opened during the call shakes at the next repeat alone.
	must(t, chromedp.Do(ctx, chromedp.Navigate(base+"/t/"+is.Link)))
	watch()
	touch()
	webtest.See(ctx, t, chromedp.Poll[bool](`document.title.startsWith("It is")`))
	recall()
	shakes("1")
}

func TestNoPageIsWiderThanASmallPhone(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	is := h.issue(t)
	mine := h.visitor("one").booked()
	ctx, base := webtest.Browse(t, h.app)
	must(t, chromedp.Do(ctx, chromedp.EmulateViewport(360, 740)))
	for _, lang := range []string{"pt", "zh-Hant"} {
		must(t, chromedp.Do(ctx, signIn("one", lang)))
		for _, path := range []string{"/", "/book", "/book?category=justice", "/book/" + renewal, "/book/" + renewal + "/" + main, timesPath, "/book/" + renewal + "/" + main + "/ticket",
			"/my", mine, mine + "/cancel", mine + "/change", "/t/" + is.Link, "/t/" + is.Link + "/why", "/t/" + is.Link + "/cancel", "/privacy"} {
			must(t, chromedp.Do(ctx, chromedp.Navigate(base+path)))
			webtest.Fits(ctx, t, path+" in "+lang)
		}
	}
}

// furnished is a memo list with one of everything.
func furnished(t *testing.T) *house {
	t.Helper()
	h, m := newMemo(t)
	v := h.visitor("one")
	soon, later, gone := v.booked(), v.bookedAt("dsi-passport-renewal", main, "2026-11-30"), v.bookedAt("iam-dog-licence", "iam-main", "2026-12-01")
	v.submit(v.get(gone+"/cancel"), "/cancel").want(200)
	h.Clock.Advance(time.Hour)
	for _, r := range []struct {
		of     string
		before time.Duration
		by     event.Channel
		state  event.Remind
	}{
		{soon, dayBefore, event.ChannelMemo, event.RemindSent}, {soon, dayBefore, event.ChannelMail, event.RemindFailed},
		{soon, hoursBefore, event.ChannelMemo, event.RemindPlanned},
		{later, 6 * dayBefore, event.ChannelMemo, event.RemindSent}, {later, 6 * dayBefore, event.ChannelPaper, event.RemindSent},
		{later, dayBefore, event.ChannelMemo, event.RemindPlanned},
		{gone, 7 * dayBefore, event.ChannelMemo, event.RemindSent}, {gone, 7 * dayBefore, event.ChannelMail, event.RemindUnknown},
	} {
		h.remind(m, r.of, r.before, r.by, r.state)
	}
	return h
}

// withEmail signs somebody in whose address is verified; "" for one who has none.
func withEmail(as, email, lang string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{
			Headers: network.Headers{"X-Test-Citizen": as, "X-Test-Email": email, "Accept-Language": lang}})
		return err
	})
}

func TestTheMemoListFitsEveryScreenInEveryLanguage(t *testing.T) {
	h := furnished(t)
	ctx, base := webtest.Browse(t, h.app)
	long := strings.Repeat("a-very-long-name.", 12) + "@one-account.example"
	for _, size := range []int64{320, 360, 1280} {
		must(t, chromedp.Do(ctx, chromedp.EmulateViewport(size, 740)))
		for _, lang := range locale.Languages {
			for _, email := range []string{addressOne, strings.Replace(long, "one-account", strings.Repeat("long-", 12)+"account", 1), ""} {
				must(t, chromedp.Do(ctx, withEmail("one", email, lang), chromedp.Navigate(base+"/my/memo")))
				webtest.Fits(ctx, t, fmt.Sprintf("the memo list in %s with %.12s… at %d", lang, email, size))
			}
		}
	}
}

// axeFile is put there by scripts/tools.sh.
const axeFile = "../../.tools/axe-core/axe.min.js"

func TestTheMemoListBreaksNoRuleOfAccessibility(t *testing.T) {
	axe, err := os.ReadFile(axeFile)
	if err != nil {
		t.Skip("no axe here: scripts/tools.sh fetches it")
	}
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		h := furnished(t)
		v := h.visitor("two")
		v.email = addressOne
		theirs := v.bookedLater()
		ctx, base := webtest.Browse(t, h.app, options...)
		judge := func(as, email, path string) {
			t.Helper()
			must(t, chromedp.Do(ctx, chromedp.EmulateViewport(360, 740), withEmail(as, email, "pt"), forget, chromedp.Navigate(base+path)))
			found := webtest.See(ctx, t, chromedp.Evaluate[string](`(async () => { if (!window.axe) { `+string(axe)+` }
				const {violations} = await axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: {"target-size": {enabled: true}}});
				return violations.flatMap(v => v.nodes.map(n => v.id + " at " + n.target + ": " + n.failureSummary)).join("\n") })()`,
				chromedp.EvalAwaitPromise))
			if found != "" {
				t.Errorf("%s, %s: %s", theme, path, found)
			}
		}
		judge("one", addressOne, "/my/memo")
		judge("one", addressOne, "/my")
		judge("three", "", "/my/memo")
		judge("two", addressOne, theirs)
		v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "on")
		judge("two", "other@mail.example", "/my/memo?mail=on")
		judge("two", addressOne, theirs+"?mail=on")
	}
}

func TestTheSwitchIsTurnedByKeysAlone(t *testing.T) {
	h := furnished(t)
	ctx, base := webtest.Browse(t, h.app)
	must(t, chromedp.Do(ctx, withEmail("one", addressOne, "en"), chromedp.Navigate(base+"/my/memo"), chromedp.WaitVisible("#mail button[value=on]")))
	// By the keys that move the focus, until it stands on the switch.
	reach := func(button string) {
		t.Helper()
		webtest.Loaded(ctx, t) // a page's script moves the focus to what it has to say
		for range 60 {
			if webtest.See(ctx, t, chromedp.Evaluate[bool](`document.activeElement.matches("`+button+`")`)) {
				return
			}
			webtest.See(ctx, t, chromedp.KeyEvent(kb.Tab))
		}
		t.Fatalf("%s is never reached", button)
	}
	reach("#mail button[value=on]")
	must(t, chromedp.Do(ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(".notice.good"), chromedp.WaitVisible("#mail button[value=off]")))
	reach("#mail button[value=off]")
	must(t, chromedp.Do(ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible("#mail button[value=on]")))
	if text := webtest.See(ctx, t, chromedp.Evaluate[string](`document.querySelector(".notice.good").innerText`)); !strings.Contains(text, "deleted") {
		t.Errorf("it says %q", text)
	}
}

// forget makes the browser one that has opened nothing yet.
var forget = chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
	_, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{})
	return err
})

// TestShots takes pictures of the memo list for somebody to look at.
func TestShots(t *testing.T) {
	dir := os.Getenv("VEZ_SHOTS")
	if dir == "" {
		t.Skip("no folder for pictures: set VEZ_SHOTS")
	}
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		h := furnished(t)
		v := h.visitor("two")
		theirs := v.bookedLater()
		ctx, base := webtest.Browse(t, h.app, options...)
		shoot := func(name string, width int64, as, email, lang, path string) {
			t.Helper()
			must(t, chromedp.Do(ctx, chromedp.EmulateViewport(width, 740), withEmail(as, email, lang), forget, chromedp.Navigate(base+path)))
			data := webtest.See(ctx, t, chromedp.FullScreenshot(100))
			must(t, os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d-%s-%s.png", theme, width, name, lang)), data, 0o600))
		}
		for _, lang := range locale.Languages {
			for _, width := range []int64{360, 1280} {
				shoot("memo", width, "one", addressOne, lang, "/my/memo")
			}
		}
		shoot("mine", 360, "one", addressOne, "zh-Hant", "/my")
		shoot("none", 360, "three", "", "pt", "/my/memo")
		shoot("booking", 360, "two", addressOne, "en", theirs+"?made=1")
		shoot("booking", 360, "two", addressOne, "zh-Hant", theirs+"?made=1")
		v.email = addressOne
		v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "on")
		shoot("on", 360, "two", addressOne, "en", "/my/memo?mail=on")
		shoot("other", 360, "two", "other@mail.example", "pt", "/my/memo")
		shoot("on-booking", 360, "two", addressOne, "zh-Hans", theirs+"?mail=on")
		v.submit(v.get("/my/memo"), "/my/memo/mail", "mail", "off")
	}
}

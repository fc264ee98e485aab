//go:build browser

package pages_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	devtools "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"

	"vez/hall"
	"vez/kiosk/pages"
	"vez/web"
	"vez/web/webtest"
)

// told gives every page a time that passes only when it is told to: pass(ms).
const told = `(() => {
	let now = 0, last = 0;
	const due = new Map();
	const put = (act, ms, every) => { due.set(++last, { at: now + (ms || 0), act, every }); return last; };
	window.setTimeout = (act, ms) => put(act, ms);
	window.setInterval = (act, ms) => put(act, ms, ms);
	window.clearTimeout = window.clearInterval = (id) => { due.delete(id); };
	window.pass = (ms) => {
		for (const end = now + ms; ;) {
			const [id, next] = [...due].filter(([, d]) => d.at <= end).sort(([, a], [, b]) => a.at - b.at)[0] || [];
			if (!next) { now = end; return true; }
			now = next.at;
			if (next.every) next.at += next.every; else due.delete(id);
			next.act();
		}
	};
})()`

// before runs a script in every page that is opened from now on, before its own.
func before(ctx context.Context, t *testing.T, script string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, devtools.AddScriptToEvaluateOnNewDocument, devtools.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return err
	}))
}

// line cuts the browser off from the hub, or joins it again.
func line(ctx context.Context, t *testing.T, cut bool) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		if _, err := cdp.Call(ctx, tab, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		rules := []*network.Conditions{}
		if cut {
			rules = append(rules, &network.Conditions{Offline: true, DownloadThroughput: -1, UploadThroughput: -1})
		}
		_, err := cdp.Call(ctx, tab, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
		return err
	}))
}

// kiosk opens a page in a browser whose pages are told the time.
func kiosk(t *testing.T, h *house, path string, scripts ...string) context.Context {
	t.Helper()
	ctx, base := webtest.Browse(t, h.app)
	before(ctx, t, told)
	for _, s := range scripts {
		before(ctx, t, s)
	}
	webtest.See(ctx, t, chromedp.Navigate(base+"/kiosk/dsi-main"+path))
	webtest.Loaded(ctx, t)
	return ctx
}

// does evaluates something on the page; until waits for it to be true, of this
// page or of one that follows.
func does(ctx context.Context, t *testing.T, script string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void]("void ("+script+")"))
}

func until(ctx context.Context, t *testing.T, so string) {
	t.Helper()
	webtest.See(ctx, t, chromedp.WaitReady(chromedp.JSPath("("+so+") ? document.body : null")))
}

const (
	seen      = `.checkVisibility()`
	lost      = `!location.protocol.startsWith("http")`
	boxSeen   = `document.querySelector("[data-gone]")?` + seen
	nowHome   = `location.pathname === "/kiosk/dsi-main" && document.readyState === "complete" && document.querySelector(".doors")?` + seen
	stillHere = `location.pathname.startsWith("/kiosk/dsi-main/")`
)

func TestAKioskLeavesNoPageBeforeAHubAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		path, take string
		ends       []string
	}{
		"idle":    {"/take?lang=pt", "", []string{"pass(90_000)", "pass(15_000)"}},
		"closing": {"/queue/dsi-main-card?lang=pt", `form[action$="/queue/dsi-main-card"] button`, []string{"pass(60_000)"}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.open("dsi-main-1")
			ctx := kiosk(t, h, c.path)
			if c.take != "" {
				webtest.Turn(ctx, t, c.take)
			}
			line(ctx, t, true)
			for _, end := range c.ends {
				does(ctx, t, end)
			}
			until(ctx, t, lost+` || `+boxSeen)
			if kept := webtest.See(ctx, t, chromedp.Evaluate[bool](stillHere+` && !document.getElementById("main")`+seen+` && !document.querySelector("dialog").open`)); !kept {
				t.Fatal("the page is lost, or what it shows is still to be seen")
			}
			does(ctx, t, "pass(4_000)") // nobody answers yet
			line(ctx, t, false)
			until(ctx, t, `window.pass?.(4_000) && `+nowHome)
			if lang := webtest.See(ctx, t, chromedp.Evaluate[string](`document.documentElement.lang`)); lang != "zh-Hant" {
				t.Errorf("the next person finds it in %s", lang)
			}
		})
	}
}

func TestWhatIsPressedWhileNoHubAnswersIsNotSentAndThePageStays(t *testing.T) {
	const button = `form[action$="/queue/dsi-main-card"] button`
	h := newHouse(t)
	h.open("dsi-main-1")
	ctx := kiosk(t, h, "/queue/dsi-main-card?lang=en")
	for _, press := range []string{button, ".kiosk-ways a"} {
		line(ctx, t, true)
		does(ctx, t, `document.querySelector('`+press+`').focus()`)
		does(ctx, t, `document.querySelector('`+press+`').click()`)
		until(ctx, t, lost+` || `+boxSeen)
		if kept := webtest.See(ctx, t, chromedp.Evaluate[bool](stillHere+` && document.getElementById("main")`+seen+` && document.activeElement === document.querySelector('`+press+`')`)); !kept {
			t.Fatalf("after %s the page or the focus is lost", press)
		}
		line(ctx, t, false)
		until(ctx, t, `window.pass(4_000) && !`+boxSeen)
	}
	does(ctx, t, `document.querySelector('`+button+`').click(), document.querySelector('`+button+`').click()`)
	webtest.See(ctx, t, chromedp.WaitVisible(".ticket .number"))
	h.only(t, "dsi-main")
}

// slow is a hall whose door opens late.
type slow struct {
	pages.Hall
	asked, open chan struct{}
}

func (s slow) Issue(ctx context.Context, act hall.Act, r hall.IssueRequest) (hall.Issued, error) {
	s.asked <- struct{}{}
	<-s.open
	return s.Hall.Issue(ctx, act, r)
}

func TestNoTimerThrowsAwayTheAnswerToWhatWasSent(t *testing.T) {
	s := slow{asked: make(chan struct{}, 9), open: make(chan struct{})}
	h := newHouse(t, func(_ *web.Config, d *pages.Deps) { s.Hall, d.Hall = d.Hall, &s })
	opened := sync.OnceFunc(func() { close(s.open) })
	t.Cleanup(opened)
	for path, act := range map[string]func(){"/asked": func() { <-s.asked }, "/open": opened} {
		h.app.Handle(web.Route{Method: "GET", Path: path, Audience: web.Public, Handler: func(c *fiber.Ctx) error { act(); return c.SendString("ok") }})
	}
	h.open("dsi-main-1")
	ctx := kiosk(t, h, "/queue/dsi-main-card?lang=en")
	does(ctx, t, "pass(90_000)")
	until(ctx, t, `document.querySelector("[data-idle-dialog]").open`)
	// From here the page acts by itself: a browser that waits for an answer obeys nobody.
	does(ctx, t, `(async () => {
		pass(13_000);
		const asked = () => document.querySelector("[data-idle-dialog]").open ? "asks " : "waits ";
		document.querySelector('form[action$="/queue/dsi-main-card"]').requestSubmit();
		await fetch("/asked");
		pass(20_000);
		let seen = asked();
		pass(10_000); // what takes so long will not come
		pass(90_000);
		sessionStorage.setItem("seen", seen + asked());
		fetch("/open");
	})()`)
	until(ctx, t, `document.readyState === "complete" && document.querySelector(".ticket, .doors")?`+seen)
	if at := webtest.See(ctx, t, chromedp.Location()); !strings.Contains(at, "/ticket/") {
		t.Errorf("the ticket was made, and the screen shows %s", at)
	}
	if seen := webtest.See(ctx, t, chromedp.Evaluate[string](`sessionStorage.getItem("seen")`)); seen != "waits asks " {
		t.Errorf("after 20 seconds and after two minutes it %s", seen)
	}
}

func TestNobodySwipesBackToAnotherPersonsTicket(t *testing.T) {
	h := newHouse(t)
	h.open("dsi-main-1")
	ctx := kiosk(t, h, "/queue/dsi-main-card?lang=en")
	webtest.Turn(ctx, t, `form[action$="/queue/dsi-main-card"] button`)
	webtest.Turn(ctx, t, ".ticket-paper form.print-forms:not(.came) button")
	if how := webtest.See(ctx, t, chromedp.Evaluate[string](`getComputedStyle(document.documentElement).overscrollBehaviorX`)); how != "none" {
		t.Errorf("a wipe of a finger is taken for %q", how)
	}
	webtest.Turn(ctx, t, ".ends a.big")
	for range 2 { // before that there was nobody
		does(ctx, t, `document.documentElement.dataset.here = "yes", requestAnimationFrame(() => history.back())`)
		until(ctx, t, `!document.documentElement.dataset.here && `+nowHome)
	}
}

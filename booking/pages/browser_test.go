package pages

import (
	"context"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

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
			wide, err := chromedp.Run(ctx, chromedp.Evaluate[float64]("document.documentElement.scrollWidth"))
			must(t, err)
			if wide > 360 {
				t.Errorf("%s in %s is %v wide", path, lang, wide)
			}
		}
	}
}

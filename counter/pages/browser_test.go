package pages

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"vez/hall"
	"vez/locale"
	"vez/office"
	"vez/ticket"
)

// browse opens a headless Chromium on the house as somebody, and gives its
// context and the house's address. The test is skipped where there is none.
func (h *house) browse(who string, dark bool) (context.Context, string) {
	h.t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		h.t.Skip("no chromium on this machine")
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = h.app.Serve(ln)
	}()
	h.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.app.Shutdown(ctx)
		<-served
	})
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.UserDataDir(h.t.TempDir()), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	if dark {
		options = append(options, chromedp.Flag("blink-settings", "preferredColorScheme=0"), chromedp.Flag("force-dark-mode", true))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	h.t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(alloc)
	h.t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		h.t.Fatal(err)
	}
	ctx, done := context.WithTimeout(tab, 2*time.Minute)
	h.t.Cleanup(done)
	base := "http://" + ln.Addr().String()
	see(ctx, h.t, chromedp.Navigate(base+"/healthz"))
	see(ctx, h.t, chromedp.Evaluate[string](`document.cookie = "who=`+who+`;path=/"`))
	return ctx, base
}

// see runs an action and fails the test with it.
func see[T any](ctx context.Context, t *testing.T, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
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
		h.clock.Advance(3 * time.Minute)
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
	ctx, base := h.browse("clerk:dsi:dsi-main|anna", false)
	press := func(key, until string) {
		t.Helper()
		see(ctx, t, chromedp.KeyEvent(key))
		see(ctx, t, chromedp.WaitVisible(until))
	}
	see(ctx, t, chromedp.Navigate(base+"/counter/"+desk1))
	press("o", ".deskcard.idle")
	press("n", ".deskcard.called")
	if !see(ctx, t, chromedp.Evaluate[bool](`document.querySelector("[data-key=M]").disabled`)) {
		t.Error("a miss is offered at once")
	}
	press("m", ".deskcard.called")
	press("s", ".deskcard.serving")
	h.want(a.ID, ticket.Serving)
	press("u", ".deskcard.called")
	h.want(a.ID, ticket.Called)
	press("s", ".deskcard.serving")
	press("t", "#transfer-to")
	see(ctx, t, chromedp.KeyEvent(kb.Escape))
	see(ctx, t, chromedp.Poll[bool](`!document.querySelector(".drawer[open]")`))
	press("n", ".deskcard.called")
	h.want(a.ID, ticket.Done)
	h.want(b.ID, ticket.Called)
	press("s", ".deskcard.serving")
	press("f", ".deskcard.idle")
	h.want(b.ID, ticket.Done)

	// The line is live, and a double click calls one.
	c, d := h.issue(renewal), h.issue(renewal)
	see(ctx, t, chromedp.WaitVisible("#t-"+d.ID))
	see(ctx, t, chromedp.Evaluate[chromedp.Void](`(() => { const b = document.querySelector("[data-key=N]"); b.click(); b.click(); })()`))
	see(ctx, t, chromedp.WaitVisible(".deskcard.called"))
	h.want(c.ID, ticket.Called)
	h.want(d.ID, ticket.Waiting)

	// Somebody else takes it over: the page shows it by itself.
	bea := h.opened("bea", desk2)
	bea.press(desk2, "take-over", "ticket", c.ID)
	see(ctx, t, chromedp.WaitVisible(".deskcard.idle"))
}

func TestNothingRunsOverTheEdgeAndEverythingIsInReach(t *testing.T) {
	h := newHouse(t)
	h.busy()
	anna := h.opened("anna", desk1)
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	ctx, base := h.browse("clerk:dsi:dsi-main|anna", false)
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{1280, 720}, {1920, 1080}, {768, 1024}, {360, 640}} {
			see(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			see(ctx, t, chromedp.Navigate(base+"/counter/"+desk1+"?lang="+lang))
			if width := see(ctx, t, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); width > size[0] {
				t.Errorf("%s at %d: %d wide", lang, size[0], width)
			}
			bottom := see(ctx, t, chromedp.Evaluate[float64](`document.querySelector(".undo").getBoundingClientRect().bottom`))
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
	for _, theme := range []string{"light", "dark"} {
		t.Run(theme, func(t *testing.T) { shots(t, filepath.Join(dir, theme), theme == "dark") })
	}
}

func shots(t *testing.T, prefix string, dark bool) {
	h := newHouse(t)
	h.busy()
	ctx, base := h.browse("clerk:dsi:dsi-main|anna", dark)
	n := 0
	shoot := func(name, path string, keys ...string) {
		t.Helper()
		// The open page may be loading itself again because of what was done elsewhere; then ours is cut off.
		if _, err := chromedp.Run(ctx, chromedp.Navigate(base+path)); err != nil {
			see(ctx, t, chromedp.Navigate(base+path))
		}
		for i := 0; i+1 < len(keys); i += 2 { // a key, and what it brings
			see(ctx, t, chromedp.KeyEvent(keys[i]))
			see(ctx, t, chromedp.WaitVisible(keys[i+1]))
		}
		n++
		data := see(ctx, t, chromedp.CaptureScreenshot())
		if err := os.WriteFile(fmt.Sprintf("%s-%02d-%s.png", prefix, n, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	console := "/counter/" + desk1
	see(ctx, t, chromedp.EmulateViewport(1280, 720))
	shoot("choose", "/counter?lang=en")
	shoot("closed", console)
	anna := h.opened("anna", desk1)
	shoot("idle", console)
	shoot("break", console, "b", "#break-minutes")
	anna.press(desk1, "next")
	shoot("called", console)
	see(ctx, t, chromedp.Evaluate[chromedp.Void](`fetch(document.querySelector("form[action$=miss]").action, {method: "POST", body: new URLSearchParams(new FormData(document.querySelector("form[action$=miss]")))})`))
	shoot("refused", console)
	h.clock.Advance(65 * time.Second)
	anna.press(desk1, "miss")
	anna.press(desk1, "next")
	anna.press(desk1, "start")
	anna.press(desk1, "park", "minutes", "15")
	anna.press(desk1, "next")
	shoot("start", console, "s", ".ring")
	h.clock.Advance(4 * time.Minute)
	for _, lang := range locale.Languages {
		shoot("serving-"+lang, console+"?lang="+lang)
	}
	shoot("transfer", console+"?lang=en", "t", "#transfer-to")
	anna.press(desk1, "finish", "outcome", "served")
	for _, a := range anna.get(console).all("a") {
		if strings.HasPrefix(attr(a, "id"), "t-") {
			shoot("picked", attr(a, "href"))
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
	see(ctx, t, chromedp.EmulateViewport(1920, 1080))
	shoot("wide-idle", console)
	anna.press(desk1, "next")
	shoot("wide-called", console)
	shoot("taken", "/counter/dsi-main-4")
	see(ctx, t, chromedp.EmulateViewport(768, 1024))
	shoot("tablet", console)
}

package admin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/hall"
	"vez/locale"
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

func TestTheHallIsLiveOnThePage(t *testing.T) {
	h := newHouse(t)
	ctx, base := h.browse(boss)
	webtest.See(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang=en"))
	x := h.serving()
	webtest.See(ctx, t, chromedp.Poll[bool](`document.querySelector("[data-live-fragment=counters]").textContent.includes("`+x.Number+`")`))
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:other"}, hallID, "fire"); err != nil {
		t.Fatal(err)
	}
	webtest.See(ctx, t, chromedp.WaitVisible(`form[action$="/resume"]`))
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{1280, 720}, {360, 640}} {
			webtest.See(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			webtest.See(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang="+lang))
			if width := webtest.See(ctx, t, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); width > size[0] {
				t.Errorf("%s at %d: %d wide", lang, size[0], width)
			}
		}
	}
}

// TestShots takes pictures of the page for somebody to look at.
func TestShots(t *testing.T) {
	dir := os.Getenv("VEZ_SHOTS")
	if dir == "" {
		t.Skip("no folder for pictures: set VEZ_SHOTS")
	}
	for theme, options := range map[string][]chromedp.ExecAllocatorOption{"light": nil, "dark": webtest.Dark} {
		t.Run(theme, func(t *testing.T) {
			h := newHouse(t)
			h.serving()
			for range 4 {
				if _, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: hallID, Service: renewal}); err != nil {
					t.Fatal(err)
				}
				h.Clock.Advance(4 * time.Minute)
			}
			b := h.browser(boss)
			p, err := h.devices.Pair(context.Background(), "kiosk", hallID)
			if err != nil {
				t.Fatal(err)
			}
			b.press("pair", "code", p.Code, "name", "Entrance")
			if _, _, _, err := h.devices.Collect(context.Background(), p.Code, p.Secret); err != nil {
				t.Fatal(err)
			}
			b.press("close", "from", "2026-11-25T09:00", "to", "2026-11-25T13:00", "reason", "typhoon")
			ctx, base := h.browse(boss, options...)
			webtest.See(ctx, t, chromedp.EmulateViewport(1280, 720))
			for i, lang := range locale.Languages {
				webtest.See(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang="+lang))
				data := webtest.See(ctx, t, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("admin-%s-%d.png", theme, i)), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

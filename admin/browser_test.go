package admin

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/hall"
	"vez/locale"
)

// browse opens a headless Chromium on the house as somebody. The test is
// skipped where there is none.
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
		options = append(options, chromedp.Flag("blink-settings", "preferredColorScheme=0"))
	}
	alloc, stop := chromedp.NewExecAllocator(context.Background(), options...)
	h.t.Cleanup(stop)
	tab, closeTab := chromedp.NewContext(alloc)
	h.t.Cleanup(closeTab)
	if err := chromedp.Do(tab); err != nil {
		h.t.Fatal(err)
	}
	ctx, done := context.WithTimeout(tab, time.Minute)
	h.t.Cleanup(done)
	base := "http://" + ln.Addr().String()
	see(ctx, h.t, chromedp.Navigate(base+"/healthz"))
	see(ctx, h.t, chromedp.Evaluate[string](`document.cookie = "who=`+who+`;path=/"`))
	return ctx, base
}

func see[T any](ctx context.Context, t *testing.T, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTheHallIsLiveOnThePage(t *testing.T) {
	h := newHouse(t)
	ctx, base := h.browse(boss, false)
	see(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang=en"))
	x := h.serving()
	see(ctx, t, chromedp.Poll[bool](`document.querySelector("[data-live-fragment=counters]").textContent.includes("`+x.Number+`")`))
	if _, err := h.PauseHall(context.Background(), hall.Act{Actor: "clerk:other"}, hallID, "fire"); err != nil {
		t.Fatal(err)
	}
	see(ctx, t, chromedp.WaitVisible(`form[action$="/resume"]`))
	for _, lang := range locale.Languages {
		for _, size := range [][2]int64{{1280, 720}, {360, 640}} {
			see(ctx, t, chromedp.EmulateViewport(size[0], size[1]))
			see(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang="+lang))
			if width := see(ctx, t, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`)); width > size[0] {
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
	for _, theme := range []string{"light", "dark"} {
		t.Run(theme, func(t *testing.T) {
			h := newHouse(t)
			h.serving()
			for range 4 {
				if _, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: hallID, Service: renewal}); err != nil {
					t.Fatal(err)
				}
				h.clock.Advance(4 * time.Minute)
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
			ctx, base := h.browse(boss, theme == "dark")
			see(ctx, t, chromedp.EmulateViewport(1280, 720))
			for i, lang := range locale.Languages {
				see(ctx, t, chromedp.Navigate(base+"/admin/offices/"+hallID+"?lang="+lang))
				data := see(ctx, t, chromedp.FullScreenshot(100))
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("admin-%s-%d.png", theme, i)), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

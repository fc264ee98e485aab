package web

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/gofiber/fiber/v2"
)

// LOOK="name WxH[@full] path[#selector];..." 
func TestZZLook(t *testing.T) {
	spec := os.Getenv("LOOK")
	if spec == "" {
		t.Skip()
	}
	a := newTestApp(t, func(c *Config) { c.Demo = os.Getenv("NODEMO") == "" })
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(a.Pages("look", os.DirFS("/tmp/look"), "templates"))
	for _, n := range []string{"site", "kiosk", "board", "staff"} {
		n := n
		a.Handle(Route{Method: "GET", Path: "/look/" + n, Audience: Public, Layout: n, Handler: func(c *fiber.Ctx) error {
			return Render(c, "look/"+n, nil, Theme(c.Query("theme")), Home("/look/kiosk"))
		}})
	}
	ctx, base := browse(t, a)
	for _, one := range strings.Split(spec, ";") {
		f := strings.Fields(one)
		size, full := strings.CutSuffix(f[1], "@full")
		ws, hs, _ := strings.Cut(size, "x")
		w, _ := strconv.Atoi(ws)
		h, _ := strconv.Atoi(hs)
		path, sel, _ := strings.Cut(f[2], "#")
		see(t, ctx, chromedp.EmulateViewport(int64(w), int64(h)))
		see(t, ctx, chromedp.Navigate(base+path))
		sw := see(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth`))
		var buf []byte
		switch {
		case sel != "":
			buf = see(t, ctx, chromedp.Screenshot(sel))
		case full:
			buf = see(t, ctx, chromedp.FullScreenshot(100))
		default:
			buf = see(t, ctx, chromedp.CaptureScreenshot())
		}
		t.Log(f[0], "scrollWidth", sw)
		must(os.WriteFile("/tmp/look/out/"+f[0]+".png", buf, 0o644))
	}
}

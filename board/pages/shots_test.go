//go:build shots

package pages_test

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestAxe(t *testing.T) {
	src, err := os.ReadFile("../../.tools/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	h.issue("dsi-main-card", 3)
	ctx, base := browse(t, h)
	h.call("dsi-main", 1, true)
	h.call("dsi-main", 2, false)
	h.call("dsi-main", 3, false)
	see(ctx, t, chromedp.EmulateViewport(1920, 1080))
	for _, path := range []string{"", "?theme=dark", "?zone=W"} {
		see(ctx, t, chromedp.Navigate(base+"/board/dsi-main"+path))
		see(ctx, t, chromedp.Poll[bool](`!!document.documentElement.dataset.lang && !document.querySelector(".flash")`))
		see(ctx, t, chromedp.Evaluate[bool](string(src)+"; true"))
		out := see(ctx, t, chromedp.Evaluate[string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], rules: {"target-size": {enabled: true}}}).then(r => r.violations.map(v => v.id + ": " + v.nodes.map(n => n.html.slice(0,120)).join(" | ")).join("\n"))`, chromedp.EvalAwaitPromise))
		if out != "" {
			t.Errorf("%s\n%s", path, out)
		}
	}
}

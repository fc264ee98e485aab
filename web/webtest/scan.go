package webtest

import (
	"context"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Scan types texts, each with Enter, as a hand scanner does, wherever the focus
// is. The keys carry times five milliseconds apart, as those of a real one do,
// however long a busy machine takes to hand them on.
func Scan(texts ...string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		at := time.Now()
		for _, r := range strings.Join(texts, "\r") + "\r" {
			at = at.Add(5 * time.Millisecond)
			for _, k := range kb.Encode(r) {
				k.Timestamp = input.TimeSinceEpoch(at.UnixMicro()) / 1e6
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *k); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

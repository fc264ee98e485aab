package admin

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/hall"
	"vez/hall/halltest"
	"vez/web/webtest"
)

// absence is a ledger that is away when the test says so.
type absence struct {
	mu    sync.Mutex
	since time.Time
	bells []chan struct{}
}

func (a *absence) Away() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.since
}

func (a *absence) Subscribe() (<-chan struct{}, func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	bell := make(chan struct{}, 1)
	a.bells = append(a.bells, bell)
	return bell, func() {}
}

func (a *absence) set(since time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.since = since
	for _, bell := range a.bells {
		select {
		case bell <- struct{}{}:
		default:
		}
	}
}

// tells waits for values of which these are a part.
func (e ear) tells(text string) {
	e.t.Helper()
	for e.lines.Scan() {
		if strings.Contains(e.lines.Text(), text) {
			return
		}
	}
	e.t.Fatalf("the stream ended before %q: %v", text, e.lines.Err())
}

// TestTheManagerIsToldThatTheFiguresStandStill follows the page through an outage.
func TestTheManagerIsToldThatTheFiguresStandStill(t *testing.T) {
	ledger := &absence{}
	h := newHouse(t, func(_ *house, d *Deps) { d.Ledger = ledger })
	base := webtest.Serve(t, h.app)
	page := h.listen(base, pathOf(hallID)+"/live")
	page.tells(`{"away":false}`) // also where the page said otherwise before its connection was lost
	page.hears("fragment", "Waiting")
	ledger.set(halltest.At("09:31"))
	page.tells(`"away":true,"away_text":"What you see is from 09:30.`)
	ledger.set(time.Time{})
	page.tells(`{"away":false}`)
	ledger.set(halltest.At("09:31"))
	late := h.listen(base, pathOf(hallID)+"/live")
	late.tells("from 09:31.") // by itself it knows nothing newer
}

func TestTheFiguresGoOnWhileSomebodyTypesAndThenThePageIsNew(t *testing.T) {
	h := newHouse(t)
	ctx, base := h.browse(boss)
	webtest.See(ctx, t, chromedp.Navigate(base+pathOf(hallID)+"?lang=en"))
	webtest.Loaded(ctx, t)
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`document.querySelector("[name=code]").focus();
		document.querySelector("[data-admin]").addEventListener("live:moved", () => { window.told = true; })`))
	if _, err := h.CloseOffice(context.Background(), hall.Act{Actor: "clerk:other"}, hall.CloseRequestOffice{Office: hallID, Reason: "typhoon",
		From: halltest.At("09:00").AddDate(0, 0, 1), To: halltest.At("13:00").AddDate(0, 0, 1)}); err != nil {
		t.Fatal(err)
	}
	webtest.See(ctx, t, chromedp.Poll[bool](`window.told`))
	if _, err := h.Issue(context.Background(), hall.Act{Actor: "device:k1"}, hall.IssueRequest{Office: hallID, Service: renewal}); err != nil {
		t.Fatal(err)
	}
	webtest.See(ctx, t, chromedp.Poll[bool](`/Waiting\s*1|1\s*Waiting/.test(document.querySelector("[data-live-fragment=figures]").textContent)`))
	webtest.See(ctx, t, chromedp.Evaluate[chromedp.Void](`((field) => { field.blur(); field.dispatchEvent(new FocusEvent("focusout", {bubbles: true})) })(document.activeElement)`))
	webtest.See(ctx, t, chromedp.WaitVisible(".closures"))
}

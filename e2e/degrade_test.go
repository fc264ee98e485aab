//go:build browser

package e2e

import (
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"vez/web/webtest"
)

// beside opens another tab of the same browser, with a window of its own size.
func (p *person) beside(name string, width, height int64) *person {
	p.t.Helper()
	tab, shut := chromedp.NewContext(p.tab)
	p.t.Cleanup(shut)
	other := &person{t: p.t, tab: tab, base: p.base, name: name}
	if err := chromedp.Do(tab, chromedp.EmulateViewport(width, height)); err != nil {
		p.t.Fatal(err)
	}
	return other
}

// TestOutagesAreToldAndPass takes Redis and then the ledger from a hub while
// pages of every kind are open: each says so in its reader's language, keeps what
// it knew, loses nobody, and goes on by itself.
func TestOutagesAreToldAndPass(t *testing.T) {
	db, r := newPostgres(t), newRedis(t)
	hub := serve(t, []string{"VEZ_DATABASE=" + db.url, "VEZ_REDIS=" + r.url(), testKey})
	var first, mine ticketView
	for _, tk := range []*ticketView{&first, &mine} {
		hub.as("device", "door", "dsi-main").must(201, "POST", "/api/v1/tickets", map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}, tk)
	}
	code := bookedNow(t, hub)

	kiosk := hub.browser("outage-kiosk", 1080, 1920)
	kiosk.open("/kiosk/dsi-main?lang=pt")
	other := kiosk.beside("outage-scan", 1080, 1920)
	other.open("/kiosk/dsi-main?lang=en")
	board := kiosk.beside("outage-board", 1920, 1080)
	board.open("/board/dsi-main")
	phone := kiosk.beside("outage-phone", 390, 780)
	_, token, _ := strings.Cut(mine.Link, "/t/")
	phone.open("/t/" + token + "?lang=zh-Hant")
	book := kiosk.beside("outage-book", 390, 780)
	book.open("/book/dsi-bir-renewal/dsi-main/2026-11-24?lang=zh-Hans")
	clerk := kiosk.beside("outage-clerk", 1280, 720)
	clerk.opensCounter()

	r.signal(syscall.SIGSTOP)
	clerk.calls(first.Number)
	board.waitText("main", first.Number)
	r.signal(syscall.SIGCONT)
	r.kill()
	clerk.serves()
	for _, p := range []*person{kiosk, board, phone, clerk} {
		p.shoot("without-redis")
		if p.shows(".stale") || p.shows(".away") || p.shows("[data-alert=away]") {
			t.Errorf("%s frightens people although all goes on", p.name)
		}
	}

	db.s.Kill(t)
	kiosk.sees(`.away[data-live-show="away"]`)
	kiosk.waitText(".away", "Dirija-se à recepção")
	kiosk.waitText(".away", "请到接待处")
	if kiosk.shows(".doors") {
		t.Error("the kiosk still offers what it cannot do")
	}
	board.sees("[data-alert=away] time:not(:empty)")
	phone.waitText("main", "未有最新消息")
	clerk.waitText(".notice", "What you see is from")
	other.do("scan", webtest.Scan(code))
	other.waitText(".away", "has not been used")
	clerk.click(`form[action$="/next"] button`)
	clerk.waitText("main", "Nothing was changed and nothing is lost")
	book.click(`button[name="start"]`)
	book.waitText("main", "Nothing was changed") // one browser, one language: that of the page opened last
	if !strings.Contains(phone.text("main"), mine.Number) {
		t.Errorf("the holder has lost sight of the number\n%s", phone.body())
	}
	for _, p := range []*person{kiosk, other, board, phone, clerk, book} {
		p.shoot("without-ledger")
	}

	r.start()
	db.start()
	kiosk.sees(".doors")
	other.waitText("main", "It works again")
	other.click(`.kiosk-act form button`)
	other.sees(".ticket")
	book.sees("[data-trouble-back]:not([hidden])")
	book.click(`.fault form button`)
	book.sees("#confirm, a[href^='/signin']")
	within(t, pageWait, "board, phone and console go on", func() bool {
		return !board.shows("[data-alert=away]") && !phone.shows("[data-live-show=away]") && !clerk.shows("[data-live-show=away]")
	})
	clerk.presses("n")
	clerk.sees(`form[action$="/start"]`)
	for _, p := range []*person{kiosk, other, board, phone, clerk, book} {
		p.shoot("all-well-again")
	}
}

// shows says whether something can be seen now.
func (p *person) shows(css string) bool {
	p.t.Helper()
	got, err := p.eval("String([...document.querySelectorAll(" + quote(css) + ")].some((e) => e.checkVisibility()))")
	if err != nil {
		p.t.Fatal(err)
	}
	return got == "true"
}

// bookedNow books the next start of today and gives the text of its code.
func bookedNow(t *testing.T, hub *program) string {
	t.Helper()
	resident := hub.as("citizen", "outage", "")
	var free list[slotView]
	resident.must(200, "GET", "/api/v1/services/dsi-bir-renewal/slots?office=dsi-main&from=2026-11-24&to=2026-11-24", nil, &free)
	if len(free.Items) == 0 {
		t.Fatal("no start is free")
	}
	var b bookingView
	resident.must(201, "POST", "/api/v1/bookings", map[string]any{"service": "dsi-bir-renewal", "office": "dsi-main", "start": free.Items[0].Start}, &b)
	return b.Code
}

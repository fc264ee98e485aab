//go:build browser

package e2e

import (
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"vez/ledger/pgtest"
	"vez/web/webtest"
)

// TestTheJourney is one visit as people live it: a resident books on a phone,
// scans the code at the kiosk, takes a printed ticket, is called by a clerk and
// sees the number on the board and on the phone; a walk-in does so without a booking.
func TestTheJourney(t *testing.T) {
	data := t.TempDir()
	hub := serve(t, nil, "--data", data)
	journey(t, data, hub, hub)
}

// TestTheJourneyOnTwoHubs lives it on PostgreSQL and Redis: the resident and the
// clerk at one hub, the kiosk and the board at the other.
func TestTheJourneyOnTwoHubs(t *testing.T) {
	data := t.TempDir()
	_, url := ownRedis(t)
	env := []string{"VEZ_DATABASE=" + pgtest.URL(t), "VEZ_REDIS=" + url, testKey, "VEZ_URL=http://vez.test"}
	journey(t, data, serve(t, env, "--data", data), serve(t, env, "--data", data))
}

func journey(t *testing.T, data string, one, other *program) {
	t.Helper()
	phone := one.browser("phone", 360, 740)
	code := phone.books()
	kiosk := other.browser("kiosk", 1080, 1920)
	number := kiosk.scans(code)
	paper(t, data, number)
	walkIn := kiosk.takesATicket()
	board := other.browser("board", 1920, 1080)
	board.open("/board/dsi-main")
	clerk := one.browser("clerk", 1280, 720)
	clerk.opensCounter()
	for _, want := range []string{number, walkIn} {
		clerk.calls(want)
		board.waitText("main", want)
		board.shoot("called-" + want)
		if want == number {
			phone.open("/my")
			phone.click(`.card a[href^="/my/"]`)
			phone.click(`a[href^="/t/"]`)
			phone.waitText("main", want)
			phone.shoot("called")
		}
		clerk.serves()
	}
	board.shoot("after")
}

// books goes from the search to the code, and reads it as the kiosk will.
func (p *person) books() string {
	p.open("/?lang=en")
	p.shoot("1-front")
	p.do("search", chromedp.SendKeys(chromedp.CSS(`input[name="q"]`), "resident identity card"))
	p.click(`form[role="search"] button, form[action="/book"] button`)
	p.shoot("2-found")
	p.open("/book/dsi-bir-renewal")
	p.shoot("3-service")
	p.click(`a.button[href*="/book/dsi-bir-renewal/dsi-main"]`)
	p.shoot("4-days")
	p.open("/book/dsi-bir-renewal/dsi-main/2026-11-24")
	p.shoot("5-times")
	p.click(`button[name="start"]`)
	p.shoot("6-hold")
	p.click(`a[href^="/signin"]`)
	p.shoot("7-people")
	p.click(`button[name="person"]`)
	p.sees(`#confirm`)
	p.click(`#confirm button`)
	p.sees(`.qr svg`)
	return decode(p.t, p.shoot("8-code"))
}

// scans holds the code before the hand scanner: keys at wedge speed, focus
// nowhere, twice, on a layout that swaps Y and Z. It is one ticket.
func (p *person) scans(code string) string {
	p.open("/kiosk/dsi-main?lang=en")
	p.sees(".doors")
	p.shoot("1-home")
	swapped := strings.NewReplacer("Y", "Z", "Z", "Y").Replace(code)
	p.do("scan", webtest.Scan(swapped, swapped))
	p.sees(".ticket")
	p.shoot("2-ticket")
	number := numbers.FindString(p.text(".ticket"))
	if number == "" {
		p.t.Fatalf("no number\n%s", p.body())
	}
	return number
}

var numbers = regexp.MustCompile(`\b[A-Z]{1,2}\d{3,4}`)

// takesATicket walks in.
func (p *person) takesATicket() string {
	p.open("/kiosk/dsi-main?lang=en")
	p.click(`.door[href*="take"], .door:nth-child(2)`)
	p.shoot("3-take")
	p.click(`a[href*="dsi-main-card"], .tile, .choice`)
	p.shoot("4-choose")
	return p.finishTicket()
}

func (p *person) finishTicket() string {
	for range 4 {
		if n := numbers.FindString(p.text(".ticket")); n != "" {
			p.shoot("5-walk-in")
			return n
		}
		p.click(`main form button[type="submit"], main a.choice, main a.tile`)
	}
	p.t.Fatalf("no ticket\n%s", p.body())
	return ""
}

// paper waits for the printed ticket and reads its code back.
func paper(t *testing.T, data, number string) {
	t.Helper()
	var found []string
	within(t, pageWait, "a paper is printed", func() bool {
		found, _ = filepath.Glob(filepath.Join(data, "paper", "*.pdf"))
		return len(found) > 0
	})
	text, err := exec.Command("pdftotext", "-layout", found[0], "-").Output()
	if err != nil || !strings.Contains(string(text), number) {
		t.Fatalf("the paper does not show %s: %v\n%s", number, err, text)
	}
	picture := filepath.Join(t.TempDir(), "paper")
	if out, err := exec.Command("pdftoppm", "-r", "203", "-png", "-singlefile", found[0], picture).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if link := decode(t, picture+".png"); !strings.HasPrefix(link, "HTTP://") || !strings.Contains(link, "/T/") {
		t.Fatalf("the paper's code says %q", link)
	}
}

func (p *person) opensCounter() {
	p.open("/counter?lang=en")
	p.shoot("1-people")
	p.click(`button[name="person"]`)
	p.shoot("2-choose")
	p.open("/counter/dsi-main-1")
	p.click(`form[action$="/open"] button[type="submit"]`)
	p.shoot("3-idle")
}

// presses presses a key, once the scripts that hear it are there, and waits for
// the page that it brings.
func (p *person) presses(key string) {
	p.t.Helper()
	webtest.Loaded(p.tab, p.t)
	ctx, cancel := context.WithTimeout(p.tab, pageWait)
	defer cancel()
	p.must("press "+key, webtest.Next(ctx, chromedp.KeyEvent(key)))
}

// calls presses N and looks at the number.
func (p *person) calls(want string) {
	p.presses("n")
	p.sees(`form[action$="/start"]`)
	p.waitText("main", want)
	p.shoot("4-called-" + want)
}

func (p *person) serves() {
	p.presses("s")
	p.sees(`form[action$="/finish"]`)
	p.shoot("5-serving")
	p.presses("f")
	p.sees(`form[action$="/next"]`)
}

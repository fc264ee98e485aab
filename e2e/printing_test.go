//go:build browser

package e2e

import (
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"vez/hall/halltest"
	"vez/locale"
	"vez/printer"
	papers "vez/printer/content"
	"vez/printer/escpos/escpostest"
	"vez/printer/raster"
)

// TestAHallWithPrinters adds two thermal printers as a manager does, and takes
// their paper away: a ticket comes out below, then at the other printer, then
// on the phone, and kiosk and manager are told each time.
func TestAHallWithPrinters(t *testing.T) {
	roll, spare := escpostest.Start(t, escpostest.Options{}), escpostest.Start(t, escpostest.Options{Width: 384})
	hub := serve(t, nil)
	kiosk := hub.browser("kiosk-printers", 1080, 1920)
	kiosk.open("/kiosk/dsi-main?lang=en") // lets itself in, so that a printer can stand by it
	kiosk.sees(".doors")
	manager := hub.browser("manager-printers", 1280, 900)
	manager.manages()
	manager.addsPrinter("Kiosk 1", roll, printer.Roll80)
	manager.do("stand by the kiosk", chromedp.Click(chromedp.CSS(`input[name="serves"][value^="device:"]`)))
	manager.click(`form[action$="/change"] button`)
	manager.addsPrinter("By the entrance", spare, printer.Roll58)
	manager.open("/admin/offices/dsi-main/printers?lang=en")
	manager.shoot("all-well")

	first := kiosk.takesATicket()
	kiosk.waitText(".ticket-paper", "take your paper below")
	comesOut(t, roll, 2, hub.url, first) // after the page with its code

	roll.PaperOut()
	kiosk.open("/kiosk/dsi-main?lang=en")
	kiosk.waitText("main", "out of paper")
	kiosk.waitText("main", "By the entrance")
	kiosk.shoot("other-printer")
	manager.waitText(".printers", "out of paper")
	manager.shoot("out-of-paper")
	second := kiosk.takesATicket()
	kiosk.waitText(".ticket-paper", "take your paper at: By the entrance")
	comesOut(t, spare, 2, hub.url, second)

	spare.OpenCover()
	kiosk.open("/kiosk/dsi-main?lang=en")
	kiosk.waitText("main", "go to your phone")
	third := kiosk.takesATicket()
	kiosk.waitText(".ticket-paper", "valid without paper")
	kiosk.shoot("on-the-phone")

	roll.Refill()
	spare.CloseCover()
	kiosk.open("/kiosk/dsi-main?lang=en")
	kiosk.waitGone("main", "out of paper")
	fourth := kiosk.takesATicket()
	kiosk.waitText(".ticket-paper", "take your paper below")
	comesOut(t, roll, 3, hub.url, fourth)
	for name, p := range map[string]*escpostest.Printer{"roll": roll, "spare": spare} {
		if n := p.Hanging(); n > 0 {
			t.Errorf("%d rows hang from the %s", n, name)
		}
	}
	if first == second || second == third || third == fourth {
		t.Errorf("numbers: %s %s %s %s", first, second, third, fourth)
	}
}

// manages signs in as a demo manager of the office.
func (p *person) manages() {
	p.open("/admin/offices/dsi-main/printers?lang=en")
	p.shoot("people")
	p.click(`button[name="person"][value*="manager"]`)
	p.sees(".printers")
}

// addsPrinter types the address in, reads the code on the page that comes out,
// and types it back.
func (p *person) addsPrinter(name string, at *escpostest.Printer, f printer.Format) {
	p.t.Helper()
	p.open("/admin/offices/dsi-main/printers?lang=en")
	p.do("fill in", chromedp.SendKeys(chromedp.CSS(`input[name="name"]`), name),
		chromedp.SendKeys(chromedp.CSS(`input[name="address"]`), "tcp://"+at.Addr()),
		chromedp.SetValue(chromedp.CSS(`select[name="format"]`), string(f)))
	p.click(`form[action$="/printers"] .actions button`)
	came := wholePapers(p.t, at, 1)
	p.shoot("code-" + string(f))
	p.do("type the code", chromedp.SendKeys(chromedp.CSS(`input[name="code"]`), codeOn(p.t, came[0].Image, name, f)))
	p.click(`form[action$="/confirm"] button`)
	p.sees(`form[action$="/change"]`)
	if strings.Contains(p.text("main"), "Type the code") {
		p.t.Fatalf("the code was not taken\n%s", p.body())
	}
}

// comesOut waits for the nth paper of a printer and reads its code.
func comesOut(t *testing.T, from *escpostest.Printer, n int, url, number string) {
	t.Helper()
	came := wholePapers(t, from, n)
	pic, err := came[n-1].PNG()
	if err == nil {
		err = os.WriteFile(filepath.Join("..", "artefacts", "thermal-"+number+".png"), pic, 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
	codes, err := came[n-1].Codes(t.Context())
	if err != nil || len(codes) != 1 || !strings.HasPrefix(codes[0], strings.ToUpper(strings.Replace(url, "127.0.0.1", "localhost", 1))+"/T/") {
		t.Errorf("%s: the paper's code reads %q, %v", number, codes, err)
	}
}

// scrap is the most rows of a piece that a printer cuts off to be rid of what hung from it.
const scrap = 200

// wholePapers waits until a printer has put out n papers, scraps not counted.
func wholePapers(t *testing.T, from *escpostest.Printer, n int) []escpostest.Paper {
	t.Helper()
	var out []escpostest.Paper
	within(t, pageWait, "a paper comes out", func() bool {
		out = out[:0]
		for _, p := range from.Papers() {
			if p.Image.Rect.Dy() > scrap {
				out = append(out, p)
			}
		}
		return len(out) >= n
	})
	if len(out) != n {
		t.Fatalf("%d papers came out, want %d", len(out), n)
	}
	return out
}

// waitGone waits until an element says something no more.
func (p *person) waitGone(css, text string) {
	p.t.Helper()
	within(p.t, pageWait, text+" is gone", func() bool { return !strings.Contains(p.text(css), text) })
}

// labels are the texts of papers.
type labels struct{ *locale.Bundle }

func (l labels) T(lang, key string, args ...any) string { return l.In(lang).T(key, args...) }

func (l labels) DateLong(lang string, at time.Time) string { return l.In(lang).DateLong(at) }

// codeOn reads the six figures on the page of a printer, as a person would, by
// comparing them with figures that are known.
func codeOn(t *testing.T, page *image.Paletted, name string, f printer.Format) string {
	t.Helper()
	cat := halltest.Macao()
	press := printer.NewPress(printer.NewFonts("../fonts"), labels{halltest.Texts()})
	known := func(code string) *image.Paletted {
		probe, err := papers.Probe(cat, "dsi-main", name, code, time.Date(2026, 11, 24, 9, 30, 0, 0, time.FixedZone("", 8*3600)))
		if err != nil {
			t.Fatal(err)
		}
		doc, err := press.ProbeOn(f, probe)
		if err != nil {
			t.Fatal(err)
		}
		img, err := raster.Mono(doc.Pages[0])
		if err != nil {
			t.Fatal(err)
		}
		return img
	}
	out := []byte("000000")
	zero := known("000000")
	for i := range out {
		where := image.Rectangle{}
		var tries [10]*image.Paletted
		for d := range tries {
			one := []byte("000000")
			one[i] = byte('0' + d)
			tries[d] = known(string(one))
			where = where.Union(differs(zero, tries[d]))
		}
		best := where.Dx() * where.Dy()
		for d, try := range tries {
			if n := apart(page, try, where); n < best { // the encoder may turn a dot over
				best, out[i] = n, byte('0'+d)
			}
		}
	}
	return string(out)
}

func differs(a, b *image.Paletted) image.Rectangle {
	var out image.Rectangle
	for y := range min(a.Rect.Dy(), b.Rect.Dy()) {
		for x := range a.Rect.Dx() {
			if a.ColorIndexAt(x, y) != b.ColorIndexAt(x, y) {
				out = out.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return out
}

// apart counts the dots in which two pictures differ.
func apart(a, b *image.Paletted, where image.Rectangle) int {
	n := 0
	for y := where.Min.Y; y < where.Max.Y; y++ {
		for x := where.Min.X; x < where.Max.X; x++ {
			if a.ColorIndexAt(x, y) != b.ColorIndexAt(x, y) {
				n++
			}
		}
	}
	return n
}

package admin

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"vez/fault"
	"vez/hall/halltest"
	"vez/locale"
	"vez/printer"
	"vez/web/webtest"
)

const papersPath = "/admin/offices/" + hallID + "/papers"

// fonts skips a test where nothing can be drawn.
func fonts(t *testing.T) {
	t.Helper()
	if err := pressFor(t).Ready(); err != nil {
		t.Skip("no fonts: run `make fonts`")
	}
}

// fetch gives what an address answers to a manager.
func (h *house) fetch(path string) (*http.Response, []byte) {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(&http.Cookie{Name: "who", Value: boss})
	res, err := h.app.Fiber().Test(r, -1)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return res, body
}

func TestEveryPaperOfAnOfficeIsShownOnEveryFormat(t *testing.T) {
	fonts(t)
	h := newHouse(t, withPaper)
	want := 0
	for _, s := range SamplePapers(h.Hall, nil).Samples(hallID, "") {
		want += len(s.Formats)
	}
	a := h.browser(boss).get(papersPath).says("Ticket in large print", "Reminder letters", "Strip, 58 mm", "Sheet, A5", "80 × ", "210 × 297 mm", "sheet 2 of 4")
	pictures := webtest.All(a.doc, func(x *html.Node) bool { return x.Data == "img" })
	if len(pictures) != want+2 { // two formats of the letters, with a second sheet each
		t.Errorf("%d pictures, want %d", len(pictures), want+2)
	}
	for _, x := range pictures {
		if alt := webtest.Attr(x, "alt"); !strings.Contains(alt, "It says:") || len(alt) < 60 {
			t.Errorf("%s: %q", webtest.Attr(x, "src"), alt)
		}
		res, body := h.fetch(webtest.Attr(x, "src"))
		img, err := png.Decode(bytes.NewReader(body))
		if err != nil || res.Header.Get("Content-Type") != "image/png" || !strings.HasPrefix(res.Header.Get("Cache-Control"), "private, max-age=") {
			t.Fatal(webtest.Attr(x, "src"), res.Status, res.Header, err)
		}
		if w := img.Bounds().Dx(); w < 200 || w > 1000 || len(body) > 1<<20 {
			t.Errorf("%s is %d wide, %d bytes", webtest.Attr(x, "src"), w, len(body))
		}
	}
}

func TestAPaperIsInTheHoldersLanguageToo(t *testing.T) {
	fonts(t)
	h := newHouse(t, withPaper)
	words := map[string]bool{}
	for _, holder := range []string{"", "en", "zh-Hans"} {
		doc, err := SamplePapers(h.Hall, pressFor(t)).Sample(context.Background(), hallID, "ticket", printer.Roll80, holder)
		if err != nil {
			t.Fatal(err)
		}
		words[doc.Pages[0].Words()] = true
	}
	if len(words) != 3 {
		t.Errorf("%d of 3 differ", len(words))
	}
	b := h.browser(boss)
	b.lang = "pt"
	a := b.get(papersPath + "?holder=en")
	current := webtest.First(a.doc, func(x *html.Node) bool {
		return webtest.Attr(x, "aria-current") == "true" && webtest.Attr(x, "href") == papersPath+"?holder=en"
	})
	if current == nil || webtest.Attr(current, "lang") != "en" {
		t.Error("the chosen language is not marked")
	}
	if !strings.Contains(a.text(), "as línguas do local") || b.cookies["vez_lang"] != "" {
		t.Error("choosing a holder's language changed the page's")
	}
}

func TestAPaperIsDownloadedAsThePrinterGetsIt(t *testing.T) {
	fonts(t)
	h := newHouse(t, withPaper)
	res, body := h.fetch(papersPath + "/ticket-booked.pdf?format=roll58&holder=pt")
	if res.StatusCode != http.StatusOK || !bytes.HasPrefix(body, []byte("%PDF-")) || !strings.Contains(res.Header.Get("Content-Disposition"), "ticket-booked-roll58.pdf") {
		t.Error(res.Status, res.Header)
	}
	res, body = h.fetch(papersPath + "/ticket.png?format=roll80&size=large")
	if img, err := png.Decode(bytes.NewReader(body)); err != nil || img.Bounds().Dx() != 640 {
		t.Error(res.Status, err)
	}
}

func TestNoPaperIsMadeOfWhatIsNotThere(t *testing.T) {
	h := newHouse(t, withPaper)
	for _, path := range []string{"/nothing.png?format=roll80", "/ticket.png?format=a4", "/ticket.png", "/ticket.pdf?format=x", "/letters.png?format=roll80"} {
		if res, _ := h.fetch(papersPath + path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	if pressFor(t).Ready() == nil {
		for _, sheet := range []string{"0", "9", "-1"} {
			if res, _ := h.fetch(papersPath + "/ticket.png?format=roll80&sheet=" + sheet); res.StatusCode != http.StatusNotFound {
				t.Errorf("sheet %s: %s", sheet, res.Status)
			}
		}
	}
	if res, _ := h.fetch("/admin/offices/iam-main/papers/ticket.png?format=roll80"); res.StatusCode != http.StatusForbidden {
		t.Errorf("another office's paper: %s", res.Status)
	}
}

// noFonts are papers where nothing can be printed.
type noFonts struct{ Papers }

func (noFonts) Sample(context.Context, string, string, printer.Format, string) (printer.Document, error) {
	return printer.Document{}, fault.New(fault.FontsMissing)
}

func TestWithoutFontsThePageSaysSo(t *testing.T) {
	h := newHouse(t, func(h *house, d *Deps) { d.Papers = noFonts{SamplePapers(h.Hall, nil)} })
	for _, lang := range locale.Languages {
		b := h.browser(boss)
		b.lang = lang
		b.get(papersPath).says(halltest.Texts().In(lang).T("admin.papers.no_fonts"))
	}
}

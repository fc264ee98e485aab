package printer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"vez/printer"
	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/raster"
)

// kinds of characters that names come with, and that have broken programs.
var alphabets = [][]rune{
	[]rune("身份證明局澳門氹仔路環政府綜合服務中心冧啲嘅邨峯裏着"), []rune("，。、；：「」（）《》！？…—·"),
	[]rune("Direcção dos Serviços de Identificação "), []rune("ãõçéêàíóúºª áâ "), []rune("abcdefghijklmnopqrstuvwxyz"), []rune("0123456789-/ "),
	[]rune("a\u0303o\u0303c\u0327e\u0301"),                    // NFD
	[]rune("𨋢𠝹𡃁𢫏𪐀𰻝𬜯"),                                         // outside the basic plane
	[]rune("㐀㑇㒓䶮龘靐齉爨"),                                        // rare
	[]rune("😀👩\u200d🦰🏳\ufe0f👍🏽♿✔❤\ufe0f\U0001F1F2\U0001F1F4"), // emoji
	[]rune("\x00\x07\x1b\x7f\u0085\u00ad\n\t\r"), []rune("\u202a\u202b\u202d\u202e\u2066\u2067\u2069\u200e\u200f\ufeff"),
	[]rune("اَلعَرَبِيَّةעִברִית"), []rune("กรุงเทพฯ हिन्दी"), []rune("\u0301\u0323\u20dd\u3099"), []rune("\ue000\uf8ff\U000f0000\U0010ffff\uffff"),
	[]rune("\u3000\u00a0\u2003\u200b"), []rune("⿰⿱〾〇〓ㄅㄆアカサ한글"), []rune("ﾊﾟＡＢＣ１２３"),
}

func randomText(r *rand.Rand, most int) string {
	var b strings.Builder
	n := r.IntN(most + 1)
	for b.Len() < n*2 && n > 0 {
		from := alphabets[r.IntN(len(alphabets))]
		for range 1 + r.IntN(6) {
			b.WriteRune(from[r.IntN(len(from))])
		}
	}
	if r.IntN(40) == 0 {
		b.WriteString("\xff\xfe\xed\xa0\x80")
	}
	return b.String()
}

func randomName(r *rand.Rand) printer.Text {
	t := printer.Text{}
	for _, lang := range []string{"zh-Hant", "pt", "en", "zh-Hans"} {
		most := 24
		if r.IntN(12) == 0 {
			most = 400
		}
		t[lang] = randomText(r, most)
	}
	return t
}

// randomPaper is a paper with names that nobody would give.
func randomPaper(r *rand.Rand) (v paper, langs []string, names map[string]printer.Text) {
	sets := [][]string{{"zh-Hant", "pt"}, {"zh-Hant", "pt", "en"}, {"zh-Hans", "pt", "zh-Hant"}, {"en"}, {"zh-Hans"}}
	langs = sets[r.IntN(len(sets))]
	names = map[string]printer.Text{"office": randomName(r), "service": randomName(r), "other": randomName(r), "address": randomName(r)}
	var bring []printer.Text
	for range r.IntN(5) {
		bring = append(bring, randomName(r))
	}
	tk, s, rem := sampleTicket(langs...), sampleSlip(langs...), sampleReminder(langs...)
	tk.Office, tk.Service, tk.Queue, tk.Bring = names["office"], names["service"], names["other"], bring
	tk.Zone, tk.Large, tk.Booked = randomName(r).In(langs[0]), r.IntN(2) == 0, r.IntN(2) == 0
	s.Office, s.Service, s.Department, s.Address, s.Bring = names["office"], names["service"], names["other"], names["address"], bring
	rem.Office, rem.Service, rem.Department, rem.Address, rem.Bring = s.Office, s.Service, s.Department, s.Address, bring
	ticket := "ticket"
	if tk.Large {
		ticket = "ticket-large"
	}
	switch r.IntN(5) {
	case 0, 1:
		return paper{ticket, printer.Formats, func(p *printer.Press, f printer.Format, _ []string) (printer.Document, error) {
			return p.TicketOn(f, tk)
		}, nil}, langs, names
	case 2:
		return paper{"slip", printer.Formats, func(p *printer.Press, f printer.Format, _ []string) (printer.Document, error) {
			return p.SlipOn(f, s)
		}, nil}, langs, names
	case 3:
		return paper{"pass", printer.Formats, func(p *printer.Press, f printer.Format, _ []string) (printer.Document, error) {
			return p.PassOn(f, s)
		}, nil}, langs, names
	}
	return paper{"reminder", printer.Formats, func(p *printer.Press, f printer.Format, _ []string) (printer.Document, error) {
		return p.ReminderOn(f, rem)
	}, nil}, langs, names
}

// bare drops what line breaks may drop, and writes missing characters as they are printed.
func bare(s string, missing []rune) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\u3000' || r == '\n':
			return -1
		case strings.ContainsRune(string(missing), r):
			return font.Placeholder
		}
		return r
	}, s)
}

// stands says how much of a text is on a page: all of it, its beginning and an
// ellipsis, or nothing.
func stands(words, text string, missing []rune) string {
	want := bare(layout.Clean(text), missing)
	if want == "" || strings.Contains(words, want) {
		return "all"
	}
	runes := []rune(want)
	for n := len(runes) - 1; n > 0; n-- {
		if start := string(runes[:n]); strings.Contains(words, start+"…") || strings.Contains(words, start+"...") {
			return "beginning"
		}
	}
	return "nothing"
}

// whatMustStand are the names that are on each paper in some language,
// whatever else gives way.
var whatMustStand = map[string][]string{"ticket": {"office", "other"}, "slip": {"office", "address", "service"},
	"pass": {"office", "address", "service"}, "reminder": {"office", "address", "service"}}

func checkRandom(t *testing.T, p *printer.Press, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	v, langs, names := randomPaper(r)
	format := v.formats[r.IntN(len(v.formats))]
	id := fmt.Sprintf("%d: %s on %s in %v", seed, v.name, format, langs)
	doc, err := v.on(p, format, langs)
	if err != nil {
		t.Errorf("%s: %v", id, err)
		return
	}
	page := doc.Pages[0]
	if limit := v.limit(format); limit > 0 && page.Height > limit {
		t.Errorf("%s: %d dots long, at most %d", id, page.Height, limit)
	}
	inside(t, id, page)
	short := true
	for _, name := range names {
		for _, s := range name {
			short = short && len(s) < 60
		}
	}
	words := bare(page.Words(), nil)
	for _, r := range page.Words() {
		if r < ' ' && r != '\n' || r >= 0x202A && r <= 0x202E || r >= 0xD800 && r <= 0xDFFF {
			t.Errorf("%s: %U is printed", id, r)
		}
	}
	for _, name := range whatMustStand[strings.TrimSuffix(v.name, "-large")] {
		found := false
		for _, lang := range langs {
			how := stands(words, names[name].In(lang), page.Missing)
			found = found || how != "nothing"
			if how == "beginning" && short && format == printer.A4 && !strings.HasPrefix(v.name, "ticket") {
				t.Errorf("%s: %s %q is cut on a whole page", id, name, names[name][lang])
			}
		}
		if !found {
			t.Errorf("%s: %s %q stands nowhere in %q", id, name, names[name], words)
		}
	}
	pdf, err := doc.PDF()
	if err != nil || len(pdf) < 1000 {
		t.Errorf("%s: PDF of %d bytes, %v", id, len(pdf), err)
	}
	if _, err := raster.Mono(page); err != nil {
		t.Errorf("%s: %v", id, err)
	}
}

// Names are typed by people, in every script there is; none may stop a printer
// or come out with a character less. With the tag paper it is ten thousand.
func TestAnyNameIsPrintedWhole(t *testing.T) {
	p := press(t)
	seeds := make(chan uint64)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for seed := range seeds {
				checkRandom(t, p, seed)
			}
		})
	}
	for i := range randomPapers {
		seeds <- uint64(i)
		if t.Failed() && i > 100 {
			break
		}
	}
	close(seeds)
	wg.Wait()
}

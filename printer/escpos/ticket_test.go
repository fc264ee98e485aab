package escpos_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/escpos/escpostest"
	"vez/printer/font"
)

// words stand for the texts of a paper: what they say does not matter here.
type words struct{}

func (words) T(_, key string, _ ...any) string {
	parts := strings.Split(key, ".")
	return parts[len(parts)-1]
}

func (words) DateLong(_ string, t time.Time) string { return t.Format("2006年1月2日") }

const link = "HTTPS://FILA.EXAMPLE.MO/T/7Q2M4XKD9RTB6WZC3HVN8JFP5A"

// ticket is a real one. The test is skipped when there are no fonts, unless
// they are required.
func ticket(t testing.TB, f printer.Format) printer.Document {
	t.Helper()
	fonts := filepath.Join("..", "..", "fonts")
	if _, err := os.Stat(filepath.Join(fonts, "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	issued := time.Date(2026, 11, 24, 9, 42, 0, 0, time.FixedZone("Asia/Macau", 8*3600))
	doc, err := printer.NewPress(font.NewLibrary(fonts), words{}).TicketOn(f, printer.Ticket{
		Languages: []string{"zh-Hant", "pt"}, Number: "AA047", Ahead: 12, Issued: issued, Link: link,
		Office:  printer.Text{"zh-Hant": "政府綜合服務中心", "pt": "Centro de Serviços da RAEM"},
		Queue:   printer.Text{"zh-Hant": "身份證及旅行證件", "pt": "Bilhete de Identidade e documentos de viagem"},
		Service: printer.Text{"zh-Hant": "居民身份證續期", "pt": "Renovação do BIR"},
		From:    issued.Add(time.Hour), To: issued.Add(90 * time.Minute), ReturnWithin: 30 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// onRoll prints a real ticket and gives the paper.
func onRoll(t *testing.T, f printer.Format, raster escpos.Raster) (printer.Document, escpostest.Paper) {
	t.Helper()
	width := map[printer.Format]int{printer.Roll80: 576, printer.Roll58: 384}[f]
	doc := ticket(t, f)
	p := escpostest.Start(t, escpostest.Options{Width: width})
	d := drive(t, p, escpos.Profile{Width: width, Raster: raster})
	if err := d.Print(t.Context(), printer.Job{ID: "ticket"}, doc); err != nil {
		t.Fatal(err)
	}
	papers := p.Papers()
	if len(papers) != 1 {
		t.Fatalf("%d papers", len(papers))
	}
	return doc, papers[0]
}

func TestARealTicketComesOutDotForDot(t *testing.T) {
	for _, f := range []printer.Format{printer.Roll80, printer.Roll58} {
		for _, raster := range []escpos.Raster{escpos.GSv0, escpos.GS8L} {
			doc, paper := onRoll(t, f, raster)
			if !paper.Shows(picture(t, doc)) {
				t.Errorf("%s %q: another picture", f, raster)
			}
		}
	}
}

// TestView writes a ticket as the emulated printer cut it into the folder named
// by VEZ_VIEW, for people to look at; without it nothing is done.
func TestView(t *testing.T) {
	dir := os.Getenv("VEZ_VIEW")
	if dir == "" {
		t.Skip("set VEZ_VIEW to a folder to get pictures")
	}
	for _, f := range []printer.Format{printer.Roll80, printer.Roll58} {
		_, paper := onRoll(t, f, escpos.GSv0)
		png, err := paper.PNG()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "escpos-"+string(f)+".png"), png, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkTicket(b *testing.B) {
	img := picture(b, ticket(b, printer.Roll80))
	b.ReportAllocs()
	for b.Loop() {
		data, err := escpos.Encode(img, escpos.Profile{})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(data)), "B/paper")
	}
}

func BenchmarkPrint(b *testing.B) {
	p := escpostest.Start(b, escpostest.Options{})
	d := drive(b, p, escpos.Profile{})
	doc := page("bench")
	for b.Loop() {
		if err := d.Print(b.Context(), printer.Job{ID: "bench"}, doc); err != nil {
			b.Fatal(err)
		}
	}
}

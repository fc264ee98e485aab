package printer_test

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"vez/printer"
	"vez/printer/layout"
	"vez/printer/raster"
)

// toolsRequired and randomPapers are raised by the tag paper.
var (
	toolsRequired = false
	randomPapers  = 120
)

// tool finds a program that reads paper back; the test ends without it.
func tool(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
	case toolsRequired:
		t.Fatalf("%s is not installed", pkg)
	default:
		t.Skipf("%s is not installed", pkg)
	}
	return path
}

// onPaper turns the pages of a PDF into the pictures that a printer of 203 dpi makes.
func onPaper(t *testing.T, doc []byte) []string {
	t.Helper()
	ppm := tool(t, "pdftoppm", "poppler-utils")
	out := filepath.Join(t.TempDir(), "paper")
	if err := os.WriteFile(out+".pdf", doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(ppm, "-r", "203", "-gray", out+".pdf", out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	pictures, err := filepath.Glob(out + "-*.pgm")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(pictures)
	return pictures
}

// scan reads the code on a picture; "" where there is none.
func scan(t *testing.T, picture string) string {
	t.Helper()
	out, err := exec.Command(tool(t, "zbarimg", "zbar-tools"), "-q", "--raw", "--nodbus", picture).Output()
	if gone := new(exec.ExitError); err != nil && (!errors.As(err, &gone) || gone.ExitCode() != 4) {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// burnt is a page as a head burns it, on paper that is wider than the head.
func burnt(t *testing.T, page *layout.List) string {
	t.Helper()
	head, err := raster.Mono(page)
	if err != nil {
		t.Fatal(err)
	}
	sheet := image.NewGray(image.Rect(0, 0, page.Width, page.Height))
	draw.Draw(sheet, sheet.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(sheet, head.Rect.Add(image.Pt(page.Inset, 0)), head, image.Point{}, draw.Src)
	file, err := os.Create(filepath.Join(t.TempDir(), "burnt.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(file, sheet); err != nil {
		t.Fatal(err)
	}
	return file.Name()
}

// scansBack prints a document both ways and reads its codes.
func scansBack(t *testing.T, name string, doc printer.Document, codes []string) {
	t.Helper()
	data, err := doc.PDF()
	if err != nil {
		t.Fatal(err)
	}
	pictures := onPaper(t, data)
	if len(pictures) != len(codes) {
		t.Errorf("%s: %d pages of %d", name, len(pictures), len(codes))
		return
	}
	for i, code := range codes {
		if got := scan(t, pictures[i]); got != code {
			t.Errorf("%s, page %d as PDF: read %q", name, i+1, got)
		}
		if got := scan(t, burnt(t, doc.Pages[i])); got != code {
			t.Errorf("%s, page %d in dots: read %q", name, i+1, got)
		}
	}
}

func TestPrintedCodesCanBeScanned(t *testing.T) {
	p := press(t)
	for _, v := range papers {
		if format := v.formats[len(v.formats)-1]; v.codes[len(v.codes)-1] != "" {
			doc, err := v.on(p, format, []string{"zh-Hant", "pt"})
			if err != nil {
				t.Fatal(err)
			}
			scansBack(t, v.name+"-"+string(format), doc, v.codes)
		}
	}
}

func TestThePreviewShowsTheSameCode(t *testing.T) {
	list, err := ticketPage(press(t), sampleTicket("zh-Hant", "pt"))
	if err != nil {
		t.Fatal(err)
	}
	data, err := printer.PNG(list, 1)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "preview.png")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := scan(t, file); got != liveLink {
		t.Errorf("read %q", got)
	}
}

func TestTicketsPrintedAtOnceAreAllAlike(t *testing.T) {
	p := press(t)
	want, err := ticketPDF(p, sampleTicket("zh-Hant", "pt", "zh-Hans"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 4 {
				if doc, err := ticketPDF(p, sampleTicket("zh-Hant", "pt", "zh-Hans")); err != nil || !bytes.Equal(doc, want) {
					t.Errorf("differs, %v", err)
				}
				doc, err := p.SlipOn(printer.A4, sampleSlip("zh-Hans", "pt"))
				if err == nil {
					_, err = doc.PDF()
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

package printer_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vez/printer"
)

// onPaper turns a PDF into the picture that a printer of 203 dpi makes.
func onPaper(t *testing.T, doc []byte) string {
	t.Helper()
	ppm, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("poppler-utils is not installed")
	}
	out := filepath.Join(t.TempDir(), "paper")
	if err := os.WriteFile(out+".pdf", doc, 0o600); err != nil {
		t.Fatal(err)
	}
	if msg, err := exec.Command(ppm, "-r", "203", "-png", "-singlefile", out+".pdf", out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	return out + ".png"
}

func scan(t *testing.T, picture string) string {
	t.Helper()
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbar-tools is not installed")
	}
	out, err := exec.Command(zbar, "-q", "--raw", "--nodbus", picture).Output()
	if err != nil {
		return "nothing: " + err.Error()
	}
	return strings.TrimSpace(string(out))
}

func TestThePreviewShowsTheSameCode(t *testing.T) {
	list, err := press(t).Ticket(sampleTicket("zh-Hant", "pt"))
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
	want, err := p.TicketPDF(sampleTicket("zh-Hant", "pt", "zh-Hans"))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			for range 4 {
				if doc, err := p.TicketPDF(sampleTicket("zh-Hant", "pt", "zh-Hans")); err != nil || !bytes.Equal(doc, want) {
					t.Errorf("differs, %v", err)
				}
				if _, err := p.SlipPDF(sampleSlip("zh-Hans", "pt")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

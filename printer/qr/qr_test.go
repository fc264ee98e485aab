package qr_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"vez/printer/qr"
)

const link = "HTTPS://FILA.EXAMPLE.MO/T/7Q2M4XKD9RTB6WZC3HVN8JFP5A"

func TestATicketLinkFitsVersionFourAtLevelQ(t *testing.T) {
	longest := "HTTPS://" + strings.Repeat("A", 67-8)
	for _, text := range []string{link, longest} {
		m, err := qr.Encode(text, qr.Q)
		if err != nil {
			t.Fatal(err)
		}
		if len(m) != 33 || len(m[0]) != 33 {
			t.Errorf("%d characters: %d modules, want 33", len(text), len(m))
		}
	}
}

func TestABookingCodeFitsVersionSevenAtLevelM(t *testing.T) {
	m, err := qr.Encode(strings.Repeat("K7QM2F9D", 17)+"ABCDE", qr.M)
	if err != nil {
		t.Fatal(err)
	}
	if len(m) > 45 {
		t.Errorf("%d modules", len(m))
	}
}

func TestThePictureIsBlackOnWhiteWithAQuietZone(t *testing.T) {
	data, err := qr.PNG(link, qr.Q, 3)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	side := (33 + 2*qr.Quiet) * 3
	if b := img.Bounds(); b.Dx() != side || b.Dy() != side {
		t.Fatalf("%v, want a side of %d", b, side)
	}
	for y := range side {
		for x := range side {
			r, _, _, _ := img.At(x, y).RGBA()
			inside := x >= 12 && x < side-12 && y >= 12 && y < side-12
			if !inside && r != 0xFFFF {
				t.Fatalf("the quiet zone is not white at %d,%d", x, y)
			}
		}
	}
	if r, _, _, _ := img.At(12, 12).RGBA(); r != 0 {
		t.Error("the corner of the first finder is not black")
	}
}

func TestAnIndependentDecoderReadsThePicture(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbar-tools is not installed")
	}
	for _, scale := range []int{2, 6} {
		data, err := qr.PNG(link, qr.M, scale)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "code.png")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(zbar, "-q", "--raw", "--nodbus", file).Output()
		if err != nil || strings.TrimSpace(string(out)) != link {
			t.Errorf("scale %d: read %q, %v", scale, out, err)
		}
	}
}

func TestTheInlinePictureDrawsTheSameModules(t *testing.T) {
	m, err := qr.Encode(link, qr.M)
	if err != nil {
		t.Fatal(err)
	}
	side, d, err := qr.Path(link, qr.M)
	if err != nil || side != len(m)+2*qr.Quiet {
		t.Fatalf("side %d, %v", side, err)
	}
	black := 0
	for _, row := range m {
		for _, b := range row {
			if b {
				black++
			}
		}
	}
	drawn := 0
	for _, h := range regexp.MustCompile(`h(\d+)v1`).FindAllStringSubmatch(d, -1) {
		n := 0
		for _, c := range h[1] {
			n = n*10 + int(c-'0')
		}
		drawn += n
	}
	if drawn != black {
		t.Errorf("%d modules drawn, %d are black", drawn, black)
	}
}

func TestTheInlinePictureIsSafeInAPage(t *testing.T) {
	svg, err := qr.SVG(link, qr.M, `"><script>alert(1)</script>`)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(svg, "<script") || strings.Contains(svg, "style=") {
		t.Error(svg[:200])
	}
	dec := xml.NewDecoder(strings.NewReader(svg))
	for {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatCannotBeACodeIsAnError(t *testing.T) {
	if _, err := qr.Encode("", qr.M); err == nil {
		t.Error("an empty text was accepted")
	}
	if _, err := qr.Encode(strings.Repeat("ç", 3000), qr.H); err == nil {
		t.Error("3,000 letters were accepted")
	}
	if _, err := qr.Encode("x", qr.Level(9)); err == nil {
		t.Error("level 9 was accepted")
	}
	for _, scale := range []int{0, -1, qr.MaxScale + 1} {
		if _, err := qr.PNG("x", qr.M, scale); err == nil {
			t.Errorf("scale %d was accepted", scale)
		}
	}
}

package pwg_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"vez/printer/pwg"
)

// page is a page as the reader below finds it.
type page struct {
	dpi, width, height, bits, space, total int
	media                                  string
	lines                                  [][]byte
}

// read is a reader of PWG Raster written from the standard, for the tests.
func read(t *testing.T, doc []byte) []page {
	t.Helper()
	if string(doc[:4]) != "RaS2" {
		t.Fatalf("it begins with %q", doc[:4])
	}
	r := bytes.NewReader(doc[4:])
	var pages []page
	for r.Len() > 0 {
		h := make([]byte, 1796)
		if _, err := io.ReadFull(r, h); err != nil {
			t.Fatal(err)
		}
		if string(h[:10]) != "PwgRaster\x00" {
			t.Fatalf("a header that begins with %q", h[:10])
		}
		at := func(offset int) int { return int(binary.BigEndian.Uint32(h[offset:])) }
		p := page{dpi: at(276), width: at(372), height: at(376), bits: at(388), space: at(400), total: at(452),
			media: strings.TrimRight(string(h[1732:]), "\x00")}
		for len(p.lines) < p.height {
			repeat, line, err := readLine(r, at(392))
			if err != nil {
				t.Fatalf("line %d: %v", len(p.lines), err)
			}
			for range repeat {
				p.lines = append(p.lines, line)
			}
		}
		if len(p.lines) != p.height {
			t.Fatalf("%d lines on a page of %d", len(p.lines), p.height)
		}
		pages = append(pages, p)
	}
	return pages
}

func readLine(r *bytes.Reader, size int) (repeat int, line []byte, err error) {
	first, err := r.ReadByte()
	for err == nil && len(line) < size {
		var c, v byte
		if c, err = r.ReadByte(); err != nil {
			break
		}
		if c < 128 {
			v, err = r.ReadByte()
			line = append(line, bytes.Repeat([]byte{v}, int(c)+1)...)
			continue
		}
		literal := make([]byte, 257-int(c))
		_, err = io.ReadFull(r, literal)
		line = append(line, literal...)
	}
	if err == nil && len(line) != size {
		err = errors.New("a run over the end of its line")
	}
	return int(first) + 1, line, err
}

// pictures are hard cases: white, noise, stripes, runs of every length.
func pictures() []*image.Gray {
	rng := rand.New(rand.NewPCG(1, 2))
	kinds := []func(x, y int) uint8{
		func(int, int) uint8 { return 255 },
		func(int, int) uint8 { return uint8(rng.UintN(256)) },
		func(x, _ int) uint8 { return uint8(x % 2 * 255) },
		func(_, y int) uint8 { return uint8(y / 300 * 90) },
		func(x, y int) uint8 { return uint8(x / (y%140 + 1) % 2 * 255) },
		func(int, int) uint8 { return uint8(rng.UintN(2) * 255) },
	}
	var out []*image.Gray
	for _, size := range []image.Point{{1, 1}, {129, 3}, {640, 700}, {257, 258}} {
		for _, kind := range kinds {
			img := image.NewGray(image.Rectangle{Max: size})
			for y := range size.Y {
				for x := range size.X {
					img.SetGray(x, y, color.Gray{Y: kind(x, y)})
				}
			}
			out = append(out, img)
		}
	}
	return out
}

func TestEveryDotOfEveryPageComesBack(t *testing.T) {
	pics := pictures()
	var doc bytes.Buffer
	w := pwg.NewWriter(&doc, pwg.Format{DPI: 203, Media: "iso_a4_210x297mm", Pages: len(pics)})
	for _, img := range pics {
		if err := w.Page(img); err != nil {
			t.Fatal(err)
		}
	}
	pages := read(t, doc.Bytes())
	if len(pages) != len(pics) {
		t.Fatalf("%d pages of %d", len(pages), len(pics))
	}
	for i, p := range pages {
		if p.dpi != 203 || p.bits != 8 || p.space != 18 || p.total != len(pics) || p.media != "iso_a4_210x297mm" {
			t.Errorf("page %d: header %+v", i, page{dpi: p.dpi, bits: p.bits, space: p.space, total: p.total, media: p.media})
		}
		if got := bytes.Join(p.lines, nil); !bytes.Equal(got, pics[i].Pix) {
			t.Errorf("page %d (%d by %d): other dots", i, p.width, p.height)
		}
	}
}

func TestBlackAndWhiteKeepsWhatIsDark(t *testing.T) {
	for i, img := range pictures() {
		var doc bytes.Buffer
		if err := pwg.NewWriter(&doc, pwg.Format{DPI: 300, Bilevel: true}).Page(img); err != nil {
			t.Fatal(err)
		}
		p := read(t, doc.Bytes())[0]
		if p.bits != 1 || p.space != 3 {
			t.Fatalf("%d bits of colour space %d", p.bits, p.space)
		}
		for y, line := range p.lines {
			for x := range p.width {
				if got, want := line[x/8]&(0x80>>(x%8)) != 0, img.GrayAt(x, y).Y <= 143; got != want {
					t.Fatalf("picture %d, dot %d,%d: black %v", i, x, y, got)
				}
			}
		}
	}
}

func TestAPartOfAPictureIsAPage(t *testing.T) {
	whole := pictures()[13]
	part := whole.SubImage(image.Rect(7, 5, 47, 25)).(*image.Gray)
	var doc bytes.Buffer
	if err := pwg.NewWriter(&doc, pwg.Format{DPI: 203}).Page(part); err != nil {
		t.Fatal(err)
	}
	p := read(t, doc.Bytes())[0]
	if p.width != 40 || p.height != 20 || p.lines[3][9] != whole.GrayAt(16, 8).Y {
		t.Errorf("%d by %d, dot %d", p.width, p.height, p.lines[3][9])
	}
}

func TestAPageOfNothingIsRefused(t *testing.T) {
	for name, f := range map[string]pwg.Format{"resolution": {}, "paper": {DPI: 203, Media: strings.Repeat("x", 64)}} {
		if err := pwg.NewWriter(io.Discard, f).Page(image.NewGray(image.Rect(0, 0, 8, 8))); err == nil {
			t.Errorf("no %s, and no error", name)
		}
	}
	if err := pwg.NewWriter(io.Discard, pwg.Format{DPI: 203}).Page(image.NewGray(image.Rectangle{})); err == nil {
		t.Error("no dots, and no error")
	}
}

// CUPS reads the file, makes a PDF of it, and poppler gives the dots back.
func TestTheReaderOfCUPSFindsTheSameDots(t *testing.T) {
	filter := "/usr/lib/cups/filter/rastertopdf"
	if _, err := os.Stat(filter); err != nil {
		t.Skip("no cups-filters")
	}
	for _, tool := range []string{"pdfimages", "qpdf"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip("no poppler-utils or qpdf")
		}
	}
	dir := t.TempDir()
	for i, img := range pictures()[12:18] {
		var doc bytes.Buffer
		if err := pwg.NewWriter(&doc, pwg.Format{DPI: 203, Pages: 1}).Page(img); err != nil {
			t.Fatal(err)
		}
		raster, pdf := filepath.Join(dir, "page.pwg"), filepath.Join(dir, "page.pdf")
		if err := os.WriteFile(raster, doc.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		run := exec.CommandContext(t.Context(), filter, "1", "vez", "page", "1", "", raster)
		run.Env = append(os.Environ(), "CONTENT_TYPE=image/pwg-raster", "FINAL_CONTENT_TYPE=application/pdf", "TMPDIR="+dir)
		out, err := run.Output()
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(pdf, out, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := dots(t, pdf); !bytes.Equal(got, img.Pix) {
			t.Errorf("picture %d: CUPS sees other dots (%d of %d)", i, len(got), len(img.Pix))
		}
	}
}

// dots gives the grey values of the one picture in a PDF, as they stand there.
func dots(t *testing.T, pdf string) []byte {
	t.Helper()
	list, err := exec.CommandContext(t.Context(), "pdfimages", "-list", pdf).Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(list)), "\n")
	fields := strings.Fields(lines[len(lines)-1])
	if len(lines) != 3 || len(fields) < 11 || fields[5] != "gray" {
		t.Fatalf("no single grey picture:\n%s", list)
	}
	out, err := exec.CommandContext(t.Context(), "qpdf", "--show-object="+fields[10], "--filtered-stream-data", pdf).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

package raster_test

import (
	"bytes"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vez/fault"
	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/qr"
	"vez/printer/raster"
)

const link = "HTTPS://FILA.EXAMPLE.MO/T/7Q2M4XKD9RTB6WZC3HVN8JFP5A"

// codePage is a page that needs no fonts.
func codePage(t testing.TB) *layout.List {
	t.Helper()
	m, err := qr.Encode(link, qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	return &layout.List{Width: 640, Height: 300, Inset: 32, Items: []layout.Item{
		layout.Code{X: 64, Y: 40, Module: 6, Modules: m, Content: link},
		layout.Rect{X: 400, Y: 40, W: 100, H: 50},
		layout.Shape{Name: "triangle", Points: []layout.Point{{X: 400, Y: 100}, {X: 500, Y: 100}, {X: 400, Y: 200}}},
	}}
}

func TestTheThermalPictureHasTheDotsOfTheHead(t *testing.T) {
	img, err := raster.Mono(codePage(t))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 576 || b.Dy() != 300 {
		t.Fatalf("%v", b)
	}
	for _, c := range []struct {
		x, y int
		want uint8
	}{{400 - 32, 40, 1}, {499 - 32, 89, 1}, {500 - 32, 89, 0}, {399 - 32, 40, 0}, {410 - 32, 110, 1}, {490 - 32, 190, 0}, {64 - 32, 40, 1}, {63 - 32, 40, 0}} {
		if got := img.ColorIndexAt(c.x, c.y); got != c.want {
			t.Errorf("dot %d,%d is %d, want %d", c.x, c.y, got, c.want)
		}
	}
}

func TestAnIndependentDecoderReadsEveryPicture(t *testing.T) {
	zbar, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Skip("zbar-tools is not installed")
	}
	mono, err := raster.MonoPNG(codePage(t))
	if err != nil {
		t.Fatal(err)
	}
	pictures := map[string][]byte{"mono": mono}
	for name, scale := range map[string]float64{"half": 0.5, "whole": 1, "odd": 1.37} {
		if pictures[name], err = raster.PNG(codePage(t), scale); err != nil {
			t.Fatal(err)
		}
	}
	for name, data := range pictures {
		file := filepath.Join(t.TempDir(), name+".png")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(zbar, "-q", "--raw", "--nodbus", file).Output()
		if err != nil || strings.TrimSpace(string(out)) != link {
			t.Errorf("%s: read %q, %v", name, out, err)
		}
	}
}

func TestTextIsDrawnBlackOnWhiteAndWhiteOnBlack(t *testing.T) {
	set := fontSet(t)
	ink := func(draw func(s *layout.Sheet)) int {
		s := layout.NewSheet(set, 200, 0)
		s.Height = 60
		draw(s)
		img, err := raster.Mono(&s.List)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Count(img.Pix, []byte{1})
	}
	text := func(lang string, bold, white bool) func(*layout.Sheet) {
		return func(s *layout.Sheet) {
			s.Text(10, 5, 180, layout.Style{Lang: lang, Size: 40, Bold: bold, White: white}, "直門")
		}
	}
	plain, bold := ink(text("zh-Hant", false, false)), ink(text("zh-Hant", true, false))
	if plain < 300 || bold <= plain {
		t.Errorf("%d dots, bold %d", plain, bold)
	}
	if thin, heavy := ink(text("zh-Hans", false, false)), ink(text("zh-Hans", true, false)); heavy <= thin {
		t.Errorf("Simplified: %d dots, struck twice %d", thin, heavy)
	}
	field := func(s *layout.Sheet) { s.Rect(0, 0, 200, 60) }
	if all, rest := ink(field), ink(func(s *layout.Sheet) { field(s); text("zh-Hant", false, true)(s) }); all-rest < 300 {
		t.Errorf("white letters took %d dots away", all-rest)
	}
}

func TestAPictureOutOfBoundsIsAnError(t *testing.T) {
	for _, scale := range []float64{0, -1, 1000} {
		if _, err := raster.PNG(codePage(t), scale); fault.CodeOf(err) != fault.PrintFailed {
			t.Errorf("scale %v: %v", scale, err)
		}
	}
	list := codePage(t)
	list.Items = append(list.Items, layout.Rect{X: -50, Y: -50, W: 5000, H: 20},
		layout.Shape{Points: []layout.Point{{X: -500, Y: -500}, {X: 9000, Y: 9000}, {X: 0, Y: 9000}}}, layout.Shape{})
	data, err := raster.PNG(list, 1)
	if err != nil {
		t.Fatalf("what lies outside is cut off: %v", err)
	}
	if _, err := png.Decode(bytes.NewReader(data)); err != nil {
		t.Fatal(err)
	}
}

func fontSet(t testing.TB) *font.Set {
	t.Helper()
	dir := filepath.Join("..", "..", "fonts")
	if _, err := os.Stat(filepath.Join(dir, "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	set, err := font.NewLibrary(dir).Set()
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func textPage(set *font.Set) *layout.List {
	s := layout.NewSheet(set, 640, 32)
	y := 10
	for _, lang := range []string{"zh-Hant", "zh-Hans", "pt"} {
		for _, size := range []int{22, 28, 60} {
			y = s.Text(32, y, 576, layout.Style{Lang: lang, Size: size, Bold: size == 28}, "預約 A047 Marcação às 10:30 约")
		}
	}
	s.Rect(32, y, 576, 60)
	s.Text(40, y, 500, layout.Style{Lang: "en", Size: 40, White: true}, "Copy 2")
	s.Wave(32, y+80, 576, 48, 5, 4)
	s.Height = y + 100
	return &s.List
}

// A head stands still on whole dots, the preview does not: they may differ at
// the edges of letters only.
func TestThePreviewShowsWhatTheHeadBurns(t *testing.T) {
	list := textPage(fontSet(t))
	mono, err := raster.Mono(list)
	if err != nil {
		t.Fatal(err)
	}
	grey, err := raster.Grey(list, 1)
	if err != nil {
		t.Fatal(err)
	}
	black, far := 0, 0
	for y := range list.Height {
		for x := range 576 {
			dot := mono.Pix[y*mono.Stride+x]
			black += int(dot)
			near := 0 // how dark it is here and beside
			for dx := -1; dx <= 1; dx++ {
				near = max(near, 255-int(grey.GrayAt(x+32+dx, y).Y))
			}
			light := 255
			for dx := -1; dx <= 1; dx++ {
				light = min(light, 255-int(grey.GrayAt(x+32+dx, y).Y))
			}
			if dot == 1 && near < 100 || dot == 0 && light > 150 {
				far++
			}
		}
	}
	if black < 20_000 || far > black/500 {
		t.Errorf("%d of %d black dots differ from the preview", far, black)
	}
}

func TestPicturesDrawnAtOnceAreAllAlike(t *testing.T) {
	set := fontSet(t)
	want, err := raster.MonoPNG(textPage(set))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if got, err := raster.MonoPNG(textPage(set)); err != nil || !bytes.Equal(got, want) {
					t.Errorf("differs, %v", err)
				}
			}
		})
	}
	wg.Wait()
}

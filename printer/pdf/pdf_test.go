package pdf_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/fault"
	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/pdf"
	"vez/printer/qr"
	"vez/printer/raster"
)

const link = "HTTPS://FILA.EXAMPLE.MO/T/7Q2M4XKD9RTB6WZC3HVN8JFP5A"

var made = time.Date(2026, 11, 24, 1, 42, 0, 0, time.UTC)

func fonts(t testing.TB) *font.Set {
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

// page sets a text in four languages, a code and a rule.
func page(t testing.TB, set *font.Set, text string) *layout.List {
	t.Helper()
	s := layout.NewSheet(set, 640, 32)
	y := 20
	for _, st := range []layout.Style{{Lang: "zh-Hant", Size: 30, Bold: true}, {Lang: "zh-Hans", Size: 28, Bold: true}, {Lang: "pt", Size: 24}} {
		y = s.Text(32, y, 576, st, text)
	}
	s.Wave(32, y+20, 576, 48, 5, 4)
	s.Rect(32, y+40, 576, 60)
	s.Text(40, y+50, 500, layout.Style{Lang: "pt", Size: 30, White: true}, "branco")
	m, err := qr.Encode(link, qr.Q)
	if err != nil {
		t.Fatal(err)
	}
	side := s.Code(32, y+110, 6, m, link)
	s.Title, s.Height = "A047", y+120+side
	return &s.List
}

func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

func save(t *testing.T, doc []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(file, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func render(t testing.TB, list *layout.List) []byte {
	t.Helper()
	doc, err := pdf.Render(made, list)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

const sentence = "澳門氹仔路環：籌號、取籌；櫃檯「預約」Direcção n.º 225 àãâéêíóõôúç €"

func TestTheSameListGivesTheSameBytes(t *testing.T) {
	set := fonts(t)
	first := render(t, page(t, set, sentence))
	for range 5 {
		if !bytes.Equal(first, render(t, page(t, set, sentence))) {
			t.Fatal("bytes differ")
		}
	}
	if bytes.Equal(first, render(t, page(t, set, sentence+"。"))) {
		t.Fatal("another text gives the same bytes")
	}
}

func TestADocumentIsSmallAndWhole(t *testing.T) {
	doc := render(t, page(t, fonts(t), sentence))
	if len(doc) > 60_000 {
		t.Errorf("%d bytes", len(doc))
	}
	out, err := exec.Command(tool(t, "qpdf"), "--check", save(t, doc)).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func TestAReaderFindsEveryWord(t *testing.T) {
	doc := render(t, page(t, fonts(t), sentence))
	out, err := exec.Command(tool(t, "pdftotext"), "-raw", save(t, doc), "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	squeeze := strings.NewReplacer(" ", "", "\n", "", "\f", "")
	got, want := squeeze.Replace(string(out)), squeeze.Replace(sentence)
	if strings.Count(got, want) < 2 || !strings.Contains(got, "branco") {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestAnIndependentDecoderReadsThePrintedCode(t *testing.T) {
	ppm, zbar := tool(t, "pdftoppm"), tool(t, "zbarimg")
	file := save(t, render(t, page(t, fonts(t), sentence)))
	out := strings.TrimSuffix(file, ".pdf")
	if msg, err := exec.Command(ppm, "-r", "203", "-png", "-singlefile", file, out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, msg)
	}
	got, err := exec.Command(zbar, "-q", "--raw", "--nodbus", out+".png").Output()
	if err != nil || strings.TrimSpace(string(got)) != link {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestCharactersOutsideTheBasicPlaneAndUnknownOnesDoNoHarm(t *testing.T) {
	set := fonts(t)
	for _, text := range []string{"搭𨋢去𠝹手", "👩\u200d🦰😀", "\uE000\uE001𨋢", "a\u0301\u0323\u202e", strings.Repeat("\U0010FFFF", 50), "\uFFFF\uFFFE", ""} {
		doc := render(t, page(t, set, text))
		if len(doc) < 1000 {
			t.Errorf("%q: %d bytes", text, len(doc))
		}
	}
}

func TestManyDocumentsAtOnce(t *testing.T) {
	set := fonts(t)
	want := render(t, page(t, set, sentence))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 5 {
				if doc, err := pdf.Render(made, page(t, set, sentence)); err != nil || !bytes.Equal(doc, want) {
					t.Errorf("differs, %v", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAPageWithoutSizeAndAPanicAreErrors(t *testing.T) {
	for _, list := range []*layout.List{{}, {Width: 10, Height: 10, Items: []layout.Item{layout.Text{Size: 10, Chars: "x"}}}, {Width: 10, Height: 10, Items: []layout.Item{nil}}} {
		if _, err := pdf.Render(made, list); fault.CodeOf(err) != fault.PrintFailed {
			t.Errorf("got %v", err)
		}
	}
}

// TestFontsWithoutTrueTypeOutlinesAreDrawnAsShapes uses the system's CJK
// collection, whose outlines a PDF library of this kind cannot embed.
func TestFontsWithoutTrueTypeOutlinesAreDrawnAsShapes(t *testing.T) {
	src := "/usr/share/fonts/opentype/noto"
	if _, err := os.Stat(filepath.Join(src, "NotoSansCJK-Regular.ttc")); err != nil {
		t.Skip("fonts-noto-cjk is not installed")
	}
	set, err := font.NewLibrary(src).Set()
	if err != nil {
		t.Fatal(err)
	}
	list := page(t, set, "澳門 A047")
	doc := render(t, list)
	if len(doc) > 100_000 {
		t.Errorf("%d bytes", len(doc))
	}
	for _, it := range list.Items {
		if tx, ok := it.(layout.Text); ok && tx.Face.Cuttable() {
			t.Errorf("%s is cuttable: this test tests nothing", tx.Face.Name())
		}
	}
	out, err := exec.Command(tool(t, "qpdf"), "--check", save(t, doc)).CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// gap is how far two grey pictures are apart (smoothing of edges differs between
// programs): the mean difference of a dot, 0 to 255.
func gap(t *testing.T, file string, want *image.Gray) float64 {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	got, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for y := range want.Rect.Dy() {
		for x := range want.Rect.Dx() {
			a, b := int(want.GrayAt(x, y).Y), int(color.GrayModel.Convert(got.At(x, y)).(color.Gray).Y)
			sum += max(a-b, b-a)
		}
	}
	return float64(sum) / float64(len(want.Pix))
}

func TestThePDFLooksLikeThePicture(t *testing.T) {
	ppm := tool(t, "pdftoppm")
	for _, dir := range []string{filepath.Join("..", "..", "fonts"), "/usr/share/fonts/opentype/noto"} {
		set, err := font.NewLibrary(dir).Set()
		if err != nil {
			t.Logf("no fonts in %s", dir)
			continue
		}
		list := page(t, set, sentence)
		file := save(t, render(t, list))
		out := strings.TrimSuffix(file, ".pdf")
		// 203.2 dots to the inch: the width in pixels makes it exact
		if msg, err := exec.Command(ppm, "-scale-to-x", "640", "-scale-to-y", strconv.Itoa(list.Height), "-gray", "-png", "-singlefile", file, out).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, msg)
		}
		want, err := raster.Grey(list, 1)
		if err != nil {
			t.Fatal(err)
		}
		list.Items = list.Items[:len(list.Items)-2] // without "branco" and the code
		without, err := raster.Grey(list, 1)
		if err != nil {
			t.Fatal(err)
		}
		near, far := gap(t, out+".png", want), gap(t, out+".png", without)
		if near > 9 || far < 2*near {
			t.Errorf("%s: %.2f apart, %.2f from a page that lacks something", dir, near, far)
		}
	}
}

func TestWhiteLettersAreWhiteInEveryFont(t *testing.T) {
	ppm := tool(t, "pdftoppm")
	for _, dir := range []string{filepath.Join("..", "..", "fonts"), "/usr/share/fonts/opentype/noto"} {
		set, err := font.NewLibrary(dir).Set()
		if err != nil {
			t.Logf("no fonts in %s", dir)
			continue
		}
		for _, lang := range []string{"zh-Hant", "zh-Hans"} {
			s := layout.NewSheet(set, 100, 0)
			s.Height = 100
			s.Rect(0, 0, 100, 100)
			s.Text(10, 0, 90, layout.Style{Lang: lang, Size: 80, Bold: true, White: true}, "約")
			s.Rect(0, 0, 0, 0)
			file := save(t, render(t, &s.List))
			out := strings.TrimSuffix(file, ".pdf")
			if msg, err := exec.Command(ppm, "-scale-to-x", "100", "-scale-to-y", "100", "-gray", "-png", "-singlefile", file, out).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, msg)
			}
			if g := gap(t, out+".png", image.NewGray(image.Rect(0, 0, 100, 100))); g < 20 || g > 150 {
				t.Errorf("%s %s: %.1f of white on black", dir, lang, g)
			}
		}
	}
}

func BenchmarkRender(b *testing.B) {
	list := page(b, fonts(b), sentence)
	for b.Loop() {
		render(b, list)
	}
}

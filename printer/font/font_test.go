package font_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/jung-kurt/gofpdf"
	"golang.org/x/image/font/sfnt"

	"vez/fault"
	"vez/printer/font"
)

func fontsDir(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../../fonts")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	return dir
}

func set(t testing.TB) *font.Set {
	t.Helper()
	s, err := font.NewLibrary(fontsDir(t)).Set()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAFolderOfFontsMayBeALink(t *testing.T) {
	link := filepath.Join(t.TempDir(), "fonts")
	if err := os.Symlink(fontsDir(t), link); err != nil {
		t.Fatal(err)
	}
	if _, err := font.NewLibrary(link).Set(); err != nil {
		t.Error(err)
	}
}

func TestSimplifiedAndTraditionalHaveTheirOwnFaces(t *testing.T) {
	s := set(t)
	for _, c := range []struct {
		style font.Style
		text  string
		face  string
		heavy bool
	}{
		{font.Style{Lang: "zh-Hant"}, "直", "hk", false},
		{font.Style{Lang: "zh-Hans"}, "直", "sc", false},
		{font.Style{Lang: "pt", Bold: true}, "ç", "hk-bold", false},
		{font.Style{Lang: "zh-Hans", Bold: true}, "直", "sc", true},
		{font.Style{Lang: "zh-Hans", Bold: true}, "7", "hk-bold", false},
		{font.Style{Lang: "zh-Hant"}, "𨋢", "hk", false},
		{font.Style{Lang: "zh-Hant"}, "筹", "sc", false},
	} {
		glyphs, missing := s.Shape(c.style, c.text)
		if len(missing) > 0 || len(glyphs) != 1 {
			t.Fatalf("%v %s: %d glyphs, missing %q", c.style, c.text, len(glyphs), missing)
		}
		if g := glyphs[0]; g.Face.Name() != c.face || g.Heavy != c.heavy {
			t.Errorf("%v %s: drawn by %s heavy %v, want %s %v", c.style, c.text, g.Face.Name(), g.Heavy, c.face, c.heavy)
		}
	}
}

func TestACharacterThatNobodyHasIsReportedAndReplaced(t *testing.T) {
	glyphs, missing := set(t).Shape(font.Style{Lang: "pt"}, "a😀b")
	if len(glyphs) != 3 || glyphs[1].Rune != font.Placeholder {
		t.Errorf("glyphs %v", glyphs)
	}
	if string(missing) != "😀" {
		t.Errorf("missing %q", missing)
	}
}

func TestNoFontsIsACodedFaultAndFontsPutThereLaterAreUsed(t *testing.T) {
	src, dir := fontsDir(t), t.TempDir()
	lib := font.NewLibrary(dir, filepath.Join(dir, "no such folder"))
	if _, err := lib.Set(); !errors.Is(err, fault.New(fault.FontsMissing)) {
		t.Fatalf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "NotoSansHK-Regular.ttf"), []byte("not a font at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := lib.Set(); fault.CodeOf(err) != fault.FontsMissing {
		t.Fatalf("a broken file: got %v", err)
	}
	for _, name := range []string{"NotoSansHK-Regular.ttf", "NotoSansHK-Bold.ttf", "NotoSansSC-Regular.ttf"} {
		_ = os.Remove(filepath.Join(dir, name))
		if err := os.Symlink(filepath.Join(src, name), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := lib.Set(); err != nil {
		t.Fatal(err)
	}
}

// recorder notes an outline in words.
type recorder struct{ steps []float64 }

func (r *recorder) MoveTo(x, y float64)             { r.steps = append(r.steps, 1, x, y) }
func (r *recorder) LineTo(x, y float64)             { r.steps = append(r.steps, 2, x, y) }
func (r *recorder) QuadTo(a, b, x, y float64)       { r.steps = append(r.steps, 3, a, b, x, y) }
func (r *recorder) CubeTo(a, b, c, d, x, y float64) { r.steps = append(r.steps, 4, a, b, c, d, x, y) }
func outline(t *testing.T, f *font.Face, r rune) []float64 {
	t.Helper()
	var rec recorder
	if err := f.Outline(r, &rec); err != nil {
		t.Fatal(err)
	}
	return rec.steps
}

func TestACutFaceDrawsTheSameShapesWithTheSameWidths(t *testing.T) {
	glyphs, _ := set(t).Shape(font.Style{Lang: "zh-Hant"}, "Açã9籌澳，𨋢 ")
	codes := map[rune]rune{}
	want := map[rune]rune{}
	for i, g := range glyphs {
		code := g.Rune
		if code > 0xFFFF {
			code = rune(0xE000 + i)
		}
		codes[code], want[code] = g.Rune, g.Rune
	}
	full := glyphs[0].Face
	data, err := full.Cut(codes)
	if err != nil {
		t.Fatal(err)
	}
	if len(data) > 12_000 {
		t.Errorf("%d bytes for %d characters", len(data), len(codes))
	}
	if _, err := sfnt.Parse(data); err != nil {
		t.Fatal(err)
	}
	cut, err := font.Parse("cut", data, 0)
	if err != nil {
		t.Fatal(err)
	}
	for code, r := range want {
		a, b := outline(t, full, r), outline(t, cut, code)
		if len(a) != len(b) || full.Width(r) != cut.Width(code) {
			t.Fatalf("%c: %d steps and width %v, cut %d and %v", r, len(a), full.Width(r), len(b), cut.Width(code))
		}
		for i := range a {
			if a[i] != b[i] {
				t.Fatalf("%c differs at step %d", r, i)
			}
		}
	}
	if cut.Has('B') {
		t.Error("a character that was not asked for is still there")
	}
}

func TestAPDFTakesACutFaceWithoutComplaint(t *testing.T) {
	glyphs, _ := set(t).Shape(font.Style{Lang: "zh-Hant"}, "籌")
	data, err := glyphs[0].Face.Cut(map[rune]rune{'籌': '籌', 0xE000: '𨋢'})
	if err != nil {
		t.Fatal(err)
	}
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.AddUTF8FontFromBytes("x", "", data)
	pdf.SetFont("x", "", 12)
	if err := pdf.Error(); err != nil {
		t.Fatal(err)
	}
	if w := pdf.GetStringSymbolWidth("籌"); w != 1000 {
		t.Errorf("width %d", w)
	}
}

func TestCutRefusesCodesOutsideTheBasicPlane(t *testing.T) {
	glyphs, _ := set(t).Shape(font.Style{}, "籌")
	if _, err := glyphs[0].Face.Cut(map[rune]rune{0x1F600: '籌'}); err == nil {
		t.Error("accepted")
	}
}

func FuzzParseNeverPanics(f *testing.F) {
	f.Add([]byte{0, 1, 0, 0, 0, 1})
	f.Add([]byte("ttcf\x00\x01\x00\x00\x00\x00\x00\x01\x00\x00\x00\x10"))
	f.Fuzz(func(t *testing.T, data []byte) {
		face, err := font.Parse("fuzz", data, 0)
		if err != nil || !face.Cuttable() {
			return
		}
		_, _ = face.Cut(map[rune]rune{'A': 'A'})
	})
}

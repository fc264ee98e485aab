package font_test

import (
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"testing"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"vez/fault"
	"vez/printer/font"
)

// The faces below are read where they are needed; what they draw is compared
// with the same file read whole.

func TestAFaceDrawsWhatItsWholeFileSays(t *testing.T) {
	text := "Aç9澳門籌櫃檯預約直骨𨋢，。"
	for _, c := range []struct {
		style font.Style
		file  string
		index int
	}{
		{font.Style{Lang: "zh-Hant"}, filepath.Join(fontsDir(t), "NotoSansHK-Regular.ttf"), 0},
		{font.Style{Lang: "zh-Hant", Bold: true}, filepath.Join(fontsDir(t), "NotoSansHK-Bold.ttf"), 0},
	} {
		data, err := os.ReadFile(c.file)
		if err != nil {
			t.Fatal(err)
		}
		whole := inMemory(t, data, c.index)
		glyphs, _ := set(t).Shape(c.style, text)
		for _, g := range glyphs {
			want, err := whole.steps(g.Rune)
			if err != nil {
				t.Fatal(err)
			}
			if got := outline(t, g.Face, g.Rune); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %c has %d steps, in the file %d", c.file, g.Rune, len(got), len(want))
			}
		}
	}
}

// A character in PostScript outlines calls subroutines elsewhere in the file, and comes back.
func TestACollectionOfPostScriptOutlinesIsReadFromItsFile(t *testing.T) {
	folder := "/usr/share/fonts/opentype/noto"
	data, err := os.ReadFile(filepath.Join(folder, "NotoSansCJK-Bold.ttc"))
	if err != nil {
		t.Skip("no collection of Noto Sans CJK in the system")
	}
	s, err := font.NewLibrary(folder).Set()
	if err != nil {
		t.Fatal(err)
	}
	whole := inMemory(t, data, 2) // Noto Sans CJK SC
	for r := rune('一'); r < '一'+400; r++ {
		want, err := whole.steps(r)
		if err != nil {
			t.Fatal(err)
		}
		glyphs, _ := s.Shape(font.Style{Lang: "zh-Hans", Bold: true}, string(r))
		if got := outline(t, glyphs[0].Face, r); !reflect.DeepEqual(got, want) {
			t.Fatalf("%c in %s has %d steps, in the file %d", r, glyphs[0].Face.Name(), len(got), len(want))
		}
	}
}

func TestAFontCopiedInPartIsNotUsed(t *testing.T) {
	src, dir := fontsDir(t), t.TempDir()
	for _, name := range []string{"NotoSansHK-Regular.ttf", "NotoSansHK-Bold.ttf", "NotoSansSC-Regular.ttf"} {
		data, err := os.ReadFile(filepath.Join(src, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data[:len(data)/2], 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := font.NewLibrary(dir).Set(); fault.CodeOf(err) != fault.FontsMissing {
		t.Errorf("half a font was taken: %v", err)
	}
}

func TestASetOfFontsKeepsLittleInMemory(t *testing.T) {
	lib := font.NewLibrary(fontsDir(t))
	before := heap()
	s, err := lib.Set()
	if err != nil {
		t.Fatal(err)
	}
	if grown := heap() - before; grown > 4_000_000 {
		t.Errorf("a set keeps %d bytes in memory, its files have 24 MB", grown)
	}
	runtime.KeepAlive(s)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// whole is a face of a file that is in memory.
type whole struct {
	f *sfnt.Font
	b sfnt.Buffer
}

func inMemory(t *testing.T, data []byte, index int) *whole {
	t.Helper()
	coll, err := sfnt.ParseCollection(data)
	if err != nil {
		t.Fatal(err)
	}
	f, err := coll.Font(index)
	if err != nil {
		t.Fatal(err)
	}
	return &whole{f: f}
}

// steps are what recorder notes.
func (w *whole) steps(r rune) ([]float64, error) {
	id, err := w.f.GlyphIndex(&w.b, r)
	if err != nil {
		return nil, err
	}
	upem := fixed.Int26_6(w.f.UnitsPerEm()) << 6
	segs, err := w.f.LoadGlyph(&w.b, id, upem, nil)
	if err != nil {
		return nil, err
	}
	var out []float64
	for _, s := range segs {
		points := map[sfnt.SegmentOp]int{sfnt.SegmentOpMoveTo: 1, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2, sfnt.SegmentOpCubeTo: 3}[s.Op]
		out = append(out, float64(s.Op)+1)
		for _, p := range s.Args[:points] {
			out = append(out, float64(p.X)/float64(upem), float64(p.Y)/float64(upem))
		}
	}
	return out, nil
}

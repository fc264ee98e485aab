package font

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// Face is one typeface of one weight. It is read-only after Read and
// may be used by many goroutines at once.
type Face struct {
	name   string
	parsed *sfnt.Font
	raw    *tables // nil where the outlines are not TrueType's and cannot be cut
	upem   fixed.Int26_6

	mu     sync.RWMutex
	glyphs map[rune]glyph
}

// glyph is what the face says of one character; id 0 means it has none.
type glyph struct {
	id    sfnt.GlyphIndex
	width float64 // in em
}

var buffers = sync.Pool{New: func() any { return new(sfnt.Buffer) }}

// Parse is Read of a file that is in memory. The data must not be changed afterwards.
func Parse(name string, data []byte, index int) (*Face, error) {
	return Read(name, io.NewSectionReader(bytes.NewReader(data), 0, int64(len(data))), index)
}

// Read opens a TrueType or OpenType file or collection. In a collection, index
// chooses the face. The outlines stay in the file and are read as they are
// asked for: a Chinese font has 10 to 20 MB, of which a hall prints a few
// hundred characters. A file that is changed meanwhile gives wrong outlines or
// errors, never more.
func Read(name string, file *io.SectionReader, index int) (*Face, error) {
	coll, err := sfnt.ParseCollectionReaderAt(file)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	parsed, err := coll.Font(index)
	if err != nil {
		return nil, fmt.Errorf("font %s, face %d: %w", name, index, err)
	}
	raw, err := readTables(file, index)
	if err != nil && !errors.Is(err, errNotTrueType) {
		return nil, fmt.Errorf("font %s, face %d: %w", name, index, err)
	}
	return &Face{name: name, parsed: parsed, raw: raw, upem: fixed.Int26_6(parsed.UnitsPerEm()), glyphs: make(map[rune]glyph)}, nil
}

// Name is a short name for golden files and error texts, such as "hk-bold".
func (f *Face) Name() string { return f.name }

// Cuttable says whether Cut can work: the outlines are TrueType's.
func (f *Face) Cuttable() bool { return f.raw != nil }

// Has says whether the face can draw the character.
func (f *Face) Has(r rune) bool { return f.glyph(r).id != 0 }

// Width is the advance of a character in em; 0 for one the face has not.
func (f *Face) Width(r rune) float64 { return f.glyph(r).width }

func (f *Face) glyph(r rune) glyph {
	f.mu.RLock()
	g, ok := f.glyphs[r]
	f.mu.RUnlock()
	if ok {
		return g
	}
	g = f.read(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.glyphs) < 20_000 { // text from outside must not grow the cache for ever
		f.glyphs[r] = g
	}
	return g
}

func (f *Face) read(r rune) glyph {
	buf := buffers.Get().(*sfnt.Buffer)
	defer buffers.Put(buf)
	id, err := f.parsed.GlyphIndex(buf, r)
	if err != nil || id == 0 {
		return glyph{}
	}
	adv, err := f.parsed.GlyphAdvance(buf, id, f.upem, font.HintingNone)
	if err != nil {
		return glyph{}
	}
	return glyph{id: id, width: float64(adv) / float64(f.upem)}
}

// Outline gives the contours of a character in em, with y growing downwards
// and the origin on the baseline, to the three callbacks of a pen. It draws
// nothing for a character that the face has not.
func (f *Face) Outline(r rune, pen Pen) error {
	g := f.glyph(r)
	if g.id == 0 {
		return nil
	}
	buf := buffers.Get().(*sfnt.Buffer)
	defer buffers.Put(buf)
	segs, err := f.parsed.LoadGlyph(buf, g.id, f.upem<<6, nil)
	if err != nil {
		return fmt.Errorf("outline of %U in %s: %w", r, f.name, err)
	}
	scale := float64(f.upem << 6)
	at := func(p fixed.Point26_6) (float64, float64) { return float64(p.X) / scale, float64(p.Y) / scale }
	for _, s := range segs {
		x, y := at(s.Args[0])
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			pen.MoveTo(x, y)
		case sfnt.SegmentOpLineTo:
			pen.LineTo(x, y)
		case sfnt.SegmentOpQuadTo:
			x1, y1 := at(s.Args[1])
			pen.QuadTo(x, y, x1, y1)
		case sfnt.SegmentOpCubeTo:
			x1, y1 := at(s.Args[1])
			x2, y2 := at(s.Args[2])
			pen.CubeTo(x, y, x1, y1, x2, y2)
		}
	}
	return nil
}

// Pen takes the contours of an outline. A contour ends at the next MoveTo or
// at the end, closed.
type Pen interface {
	MoveTo(x, y float64)
	LineTo(x, y float64)
	QuadTo(cx, cy, x, y float64)
	CubeTo(c1x, c1y, c2x, c2y, x, y float64)
}

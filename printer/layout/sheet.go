package layout

import (
	"math"
	"slices"
	"strings"

	"vez/printer/font"
	"vez/printer/qr"
)

// Align puts lines at the left, in the middle, or at the right of their box.
type Align int

// The alignments.
const (
	Left Align = iota
	Middle
	Right
)

// Style says how a text is set.
type Style struct {
	Lang string // BCP 47
	Size int    // em
	Bold bool
	// Pitch is the distance of lines; 0 stands for 1.2 em.
	Pitch int
	Align Align
	// Lines is the most lines there may be; more end in an ellipsis. 0: any.
	Lines int
	// Balance evens the lines out.
	Balance bool
	White   bool
}

// MinChinese is the least size of Chinese characters, 3.5 mm: text of which any
// is Chinese is set no smaller, whatever its language is said to be.
const MinChinese = 28

// of is the style for a text.
func (st Style) of(text string) Style {
	if st.Size < MinChinese && strings.ContainsFunc(text, isChinese) {
		st.Size = MinChinese
	}
	return st
}

// CapHeight is the height of capitals and figures of the Noto faces, in em.
const CapHeight = 0.733

// Sheet is a page being laid out. Not safe for concurrent use.
type Sheet struct {
	List
	fonts *font.Set
	cut   bool
}

// NewSheet begins a page of the given width and inset; its height is set at
// the end.
func NewSheet(fonts *font.Set, width, inset int) *Sheet {
	return &Sheet{List: List{Width: width, Inset: inset}, fonts: fonts}
}

// Cut says whether a text was shortened to keep within its number of lines.
func (s *Sheet) Cut() bool { return s.cut }

func (st Style) pitch() int {
	if st.Pitch > 0 {
		return st.Pitch
	}
	return (st.Size*120 + 50) / 100
}

// Text sets a paragraph in the box that begins at x, y and is w wide, and
// gives the y below it. Empty text takes no room.
func (s *Sheet) Text(x, y, w int, st Style, text string) int {
	st = st.of(text)
	lines := s.lines(w, st, text)
	for _, line := range lines {
		s.line(x, y, w, st, line)
		y += st.pitch()
	}
	return y
}

// Rows is how many lines a text takes in a width.
func (s *Sheet) Rows(w int, st Style, text string) int {
	st = st.of(text)
	glyphs, _ := s.fonts.Shape(st.font(), Clean(text))
	return len(Break(glyphs, float64(w)/float64(st.Size)))
}

func (s *Sheet) lines(w int, st Style, text string) [][]font.Glyph {
	glyphs := s.shape(st, text)
	em := float64(w) / float64(st.Size)
	lines := Break(glyphs, em)
	if st.Lines > 0 && len(lines) > st.Lines {
		s.cut = true
		lines = lines[:st.Lines]
		lines[st.Lines-1] = s.ellipsis(lines[st.Lines-1], em, st)
		return lines
	}
	if st.Balance {
		return balance(glyphs, em)
	}
	return lines
}

func (s *Sheet) ellipsis(line []font.Glyph, width float64, st Style) []font.Glyph {
	mark := "..." // the Chinese ellipsis stands at half height
	if strings.HasPrefix(st.Lang, "zh") {
		mark = "…"
	}
	dots := s.shape(st, mark)
	for len(line) > 0 && Width(line)+Width(dots) > width {
		line = line[:len(line)-1]
	}
	return append(slices.Clone(line), dots...)
}

// line sets one line; its em box is centred in the pitch.
func (s *Sheet) line(x, y, w int, st Style, glyphs []font.Glyph) {
	wide := Width(glyphs) * float64(st.Size)
	at := float64(x)
	switch st.Align {
	case Middle:
		at += (float64(w) - wide) / 2
	case Right:
		at += float64(w) - wide
	}
	base := y + (st.pitch()-st.Size)/2 + int(math.Round(0.88*float64(st.Size)))
	s.run(at, base, st, glyphs)
}

// run draws glyphs on a baseline, a Text for each stretch of one face.
func (s *Sheet) run(x float64, base int, st Style, glyphs []font.Glyph) {
	for len(glyphs) > 0 {
		n := 1
		for n < len(glyphs) && glyphs[n].Face == glyphs[0].Face && glyphs[n].Heavy == glyphs[0].Heavy {
			n++
		}
		chars := make([]rune, n)
		for i := range chars {
			chars[i] = glyphs[i].Rune
		}
		s.Items = append(s.Items, Text{X: int(math.Round(x)), Y: base, Size: st.Size, Face: glyphs[0].Face,
			Heavy: glyphs[0].Heavy, White: st.White, Chars: string(chars)})
		x += Width(glyphs[:n]) * float64(st.Size)
		glyphs = glyphs[n:]
	}
}

// Line draws one line on a given baseline, without breaking it, and gives its
// width.
func (s *Sheet) Line(x, base int, st Style, text string) int {
	st = st.of(text)
	glyphs := s.shape(st, text)
	wide := Width(glyphs) * float64(st.Size)
	at := float64(x)
	switch st.Align {
	case Middle:
		at -= wide / 2
	case Right:
		at -= wide
	}
	s.run(at, base, st, glyphs)
	return int(math.Ceil(wide))
}

// Measure is the width of a text on one line, in dots.
func (s *Sheet) Measure(st Style, text string) int {
	st = st.of(text)
	glyphs, _ := s.fonts.Shape(st.font(), Clean(text))
	return int(math.Ceil(Width(glyphs) * float64(st.Size)))
}

func (st Style) font() font.Style { return font.Style{Lang: st.Lang, Bold: st.Bold} }

func (s *Sheet) shape(st Style, text string) []font.Glyph {
	glyphs, missing := s.fonts.Shape(st.font(), Clean(text))
	for _, r := range missing {
		if !slices.Contains(s.Missing, r) {
			s.Missing = append(s.Missing, r)
		}
	}
	return glyphs
}

// Rect draws a filled rectangle.
func (s *Sheet) Rect(x, y, w, h int) { s.Items = append(s.Items, Rect{x, y, w, h}) }

// Frame draws the outline of a rectangle, its strokes inside it.
func (s *Sheet) Frame(x, y, w, h, stroke int) {
	s.Rect(x, y, w, stroke)
	s.Rect(x, y+h-stroke, w, stroke)
	s.Rect(x, y+stroke, stroke, h-2*stroke)
	s.Rect(x+w-stroke, y+stroke, stroke, h-2*stroke)
}

// Shape draws a filled polygon.
func (s *Sheet) Shape(name string, white bool, points []Point) {
	s.Items = append(s.Items, Shape{Name: name, White: white, Points: points})
}

// Code draws a QR code in a square with a quiet zone of four modules around
// it and gives the side of the square.
func (s *Sheet) Code(x, y, module int, m qr.Modules, content string) (side int) {
	s.Items = append(s.Items, Code{X: x + qr.Quiet*module, Y: y + qr.Quiet*module, Module: module, Modules: m, Content: content})
	return (len(m) + 2*qr.Quiet) * module
}

// Wave draws the wave of Macao's pavements as a rule: a band of the given
// thickness that swings by swing to each side of y, in periods of the given
// length.
func (s *Sheet) Wave(x, y, w, period, swing, thick int) {
	const steps = 16
	var top, bottom []Point
	for i := 0; i <= w*steps/period; i++ {
		at := float64(i) * float64(period) / steps
		mid := float64(y) - float64(swing)*math.Sin(2*math.Pi*float64(i)/steps)
		top = append(top, Point{float64(x) + at, mid - float64(thick)/2})
		bottom = append(bottom, Point{float64(x) + at, mid + float64(thick)/2})
	}
	slices.Reverse(bottom)
	s.Shape("wave", false, append(top, bottom...))
}

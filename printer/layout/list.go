package layout

import (
	"fmt"
	"strings"

	"vez/printer/font"
	"vez/printer/qr"
)

// DotsPerMM is the grid of the display list.
const DotsPerMM = 8

// List is a page ready to be drawn: what every back-end gets.
type List struct {
	Title string
	// Width and Height of the paper.
	Width, Height int
	// Inset is the strip at the left and at the right that a thermal head
	// cannot reach; everything lies inside it.
	Inset int
	Items []Item
	// Missing are characters that no font had, once each; a placeholder
	// stands for them.
	Missing []rune
}

// Item is something to draw: Text, Rect, Shape or Code.
type Item interface{ line() string }

// Text is a run of characters in one face. Its characters are all in the face.
type Text struct {
	X, Y  int // start of the baseline
	Size  int // em
	Face  *font.Face
	Heavy bool // strokes are to be thickened, for want of a bold face
	White bool
	Chars string
}

// Advance is the width of the run.
func (t Text) Advance() float64 {
	var em float64
	for _, r := range t.Chars {
		em += t.Face.Width(r)
	}
	return em * float64(t.Size)
}

// Rect is a filled black rectangle.
type Rect struct{ X, Y, W, H int }

// Point is a corner of a Shape.
type Point struct{ X, Y float64 }

// Shape is a filled polygon, black or white.
type Shape struct {
	Name   string // for golden files
	White  bool
	Points []Point
}

// Code is a QR code without its quiet zone, which the layout keeps free.
type Code struct {
	X, Y, Module int
	Modules      qr.Modules
	Content      string
}

func (t Text) line() string {
	mark := ""
	if t.Heavy {
		mark += " heavy"
	}
	if t.White {
		mark += " white"
	}
	return fmt.Sprintf("text %d,%d %d %s%s %q", t.X, t.Y, t.Size, t.Face.Name(), mark, t.Chars)
}

func (r Rect) line() string { return fmt.Sprintf("rect %d,%d %dx%d", r.X, r.Y, r.W, r.H) }

func (s Shape) line() string {
	if len(s.Points) == 0 {
		return "shape " + s.Name
	}
	mark := ""
	if s.White {
		mark = " white"
	}
	return fmt.Sprintf("shape %s%s %.0f,%.0f %d points", s.Name, mark, s.Points[0].X, s.Points[0].Y, len(s.Points))
}

func (c Code) line() string {
	return fmt.Sprintf("code %d,%d %dx%d module %d %q", c.X, c.Y, len(c.Modules), len(c.Modules), c.Module, c.Content)
}

// String is the list in plain text, one item a line: for golden files.
func (l *List) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "page %dx%d inset %d %q\n", l.Width, l.Height, l.Inset, l.Title)
	for _, it := range l.Items {
		b.WriteString(it.line())
		b.WriteByte('\n')
	}
	if len(l.Missing) > 0 {
		fmt.Fprintf(&b, "missing %q\n", string(l.Missing))
	}
	return b.String()
}

// Words is all text of the list in drawing order, a line for each run.
func (l *List) Words() string {
	var b strings.Builder
	for _, it := range l.Items {
		if t, ok := it.(Text); ok {
			b.WriteString(t.Chars)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// Strike is how far to the right a Heavy text is drawn a second time.
func (t Text) Strike() float64 { return float64(t.Size) / 26 }

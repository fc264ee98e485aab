package pdf

import (
	"fmt"
	"maps"
	"slices"

	"github.com/jung-kurt/gofpdf"

	"vez/printer/font"
	"vez/printer/layout"
)

type drawer struct {
	pdf      *gofpdf.Fpdf
	embedded map[*font.Face]embedded
	white    bool
}

func (d *drawer) item(item layout.Item) error {
	switch it := item.(type) {
	case layout.Text:
		return d.text(it)
	case layout.Rect:
		d.pdf.Rect(mm(it.X), mm(it.Y), mm(it.W), mm(it.H), "F")
	case layout.Shape:
		d.shape(it)
	case layout.Code:
		d.code(it)
	default:
		return fmt.Errorf("cannot draw %T", item)
	}
	return d.pdf.Error()
}

func (d *drawer) text(t layout.Text) error {
	d.ink(t.White)
	// A face without a bold one beside it is struck twice, a little apart.
	strikes := []float64{0}
	if t.Heavy {
		strikes = append(strikes, t.Strike())
	}
	for _, dx := range strikes {
		if err := d.strike(t, float64(t.X)+dx); err != nil {
			return err
		}
	}
	return d.pdf.Error()
}

func (d *drawer) strike(t layout.Text, x float64) error {
	e, ok := d.embedded[t.Face]
	if !ok {
		return d.outlines(t, x)
	}
	d.pdf.SetFont(e.family, "", mm(t.Size)*pointsPerMM)
	d.pdf.Text(mm(x), mm(t.Y), e.encode(t.Chars))
	return d.pdf.Error()
}

// outlines draws text as shapes, for faces that cannot be embedded.
func (d *drawer) outlines(t layout.Text, x float64) error {
	if t.White {
		d.pdf.SetFillColor(255, 255, 255)
		defer d.pdf.SetFillColor(0, 0, 0)
	}
	for _, r := range t.Chars {
		p := pen{pdf: d.pdf, x: mm(x), y: mm(t.Y), em: mm(t.Size)}
		if err := t.Face.Outline(r, &p); err != nil {
			return err
		}
		p.close()
		x += t.Face.Width(r) * float64(t.Size)
	}
	return nil
}

func (d *drawer) ink(white bool) {
	if d.white == white {
		return
	}
	d.white = white
	level := 0
	if white {
		level = 255
	}
	d.pdf.SetTextColor(level, level, level)
}

func (d *drawer) shape(s layout.Shape) {
	for i, p := range s.Points {
		if i == 0 {
			d.pdf.MoveTo(mm(p.X), mm(p.Y))
			continue
		}
		d.pdf.LineTo(mm(p.X), mm(p.Y))
	}
	d.pdf.ClosePath()
	if s.White {
		d.pdf.SetFillColor(255, 255, 255)
		defer d.pdf.SetFillColor(0, 0, 0)
	}
	d.pdf.DrawPath("F")
}

// code draws all modules as one path, so that no viewer shows seams between
// them.
func (d *drawer) code(c layout.Code) {
	for _, b := range c.Modules.Blocks() {
		x0, y0 := mm(c.X+b.Min.X*c.Module), mm(c.Y+b.Min.Y*c.Module)
		x1, y1 := mm(c.X+b.Max.X*c.Module), mm(c.Y+b.Max.Y*c.Module)
		d.pdf.MoveTo(x0, y0)
		d.pdf.LineTo(x1, y0)
		d.pdf.LineTo(x1, y1)
		d.pdf.LineTo(x0, y1)
		d.pdf.ClosePath()
	}
	d.pdf.DrawPath("F")
}

// pen draws an outline, given in em, at a place in millimetres.
type pen struct {
	pdf      *gofpdf.Fpdf
	x, y, em float64
	px, py   float64 // where the pen is
	open     bool
}

func (p *pen) at(x, y float64) (float64, float64) { return p.x + x*p.em, p.y + y*p.em }

func (p *pen) MoveTo(x, y float64) {
	if p.open {
		p.pdf.ClosePath()
	}
	p.open = true
	p.px, p.py = p.at(x, y)
	p.pdf.MoveTo(p.px, p.py)
}

func (p *pen) LineTo(x, y float64) {
	p.px, p.py = p.at(x, y)
	p.pdf.LineTo(p.px, p.py)
}

// QuadTo raises the curve to a cubic one, the only kind that PDF has.
func (p *pen) QuadTo(cx, cy, x, y float64) {
	cx, cy = p.at(cx, cy)
	x, y = p.at(x, y)
	p.pdf.CurveBezierCubicTo(p.px+(cx-p.px)*2/3, p.py+(cy-p.py)*2/3, x+(cx-x)*2/3, y+(cy-y)*2/3, x, y)
	p.px, p.py = x, y
}

func (p *pen) CubeTo(c1x, c1y, c2x, c2y, x, y float64) {
	c1x, c1y = p.at(c1x, c1y)
	c2x, c2y = p.at(c2x, c2y)
	p.px, p.py = p.at(x, y)
	p.pdf.CurveBezierCubicTo(c1x, c1y, c2x, c2y, p.px, p.py)
}

func (p *pen) close() {
	if p.open {
		p.pdf.ClosePath()
		p.pdf.DrawPath("F")
	}
}

func sorted(set map[rune]bool) []rune { return slices.Sorted(maps.Keys(set)) }

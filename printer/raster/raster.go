package raster

import (
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"

	"golang.org/x/image/vector"

	"vez/fault"
	"vez/printer/layout"
)

// maxSide bounds a picture, in pixels.
const maxSide = 8000

// Grey draws a list on white with scale pixels to a dot (1 is 203 dpi).
// A failure of any kind is a fault with the code print_failed.
func Grey(list *layout.List, scale float64) (img *image.Gray, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: panic: %v", p))
		}
	}()
	w, h := int(math.Ceil(float64(list.Width)*scale)), int(math.Ceil(float64(list.Height)*scale))
	if w < 1 || h < 1 || w > maxSide || h > maxSide {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: a picture of %d by %d", w, h))
	}
	p := painter{img: image.NewGray(image.Rect(0, 0, w, h)), scale: scale}
	for i := range p.img.Pix {
		p.img.Pix[i] = 255
	}
	if err := trace(&p, list); err != nil {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: %w", err))
	}
	return p.img, nil
}

// PNG draws a list as a grey PNG, scale pixels to a dot.
func PNG(list *layout.List, scale float64) ([]byte, error) {
	img, err := Grey(list, scale)
	if err != nil {
		return nil, err
	}
	return encode(img)
}

// MonoPNG is what a thermal printer would burn, as a 1-bit PNG.
func MonoPNG(list *layout.List) ([]byte, error) {
	img, err := Mono(list)
	if err != nil {
		return nil, err
	}
	return encode(img)
}

func encode(img image.Image) ([]byte, error) {
	var out bytes.Buffer
	enc := png.Encoder{CompressionLevel: png.BestSpeed} // half the time, a few kilobytes more
	if err := enc.Encode(&out, img); err != nil {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: %w", err))
	}
	return out.Bytes(), nil
}

type painter struct {
	img   *image.Gray
	scale float64
}

// pen draws what a list is made of, in dots.
type pen interface {
	text(t layout.Text) error
	rect(x0, y0, x1, y1 int)
	shape(s layout.Shape)
}

// trace puts a whole list down with a pen.
func trace(p pen, list *layout.List) error {
	for _, item := range list.Items {
		switch it := item.(type) {
		case layout.Text:
			if err := p.text(it); err != nil {
				return err
			}
		case layout.Rect:
			p.rect(it.X, it.Y, it.X+it.W, it.Y+it.H)
		case layout.Shape:
			p.shape(it)
		case layout.Code:
			for _, b := range it.Modules.Blocks() {
				p.rect(it.X+b.Min.X*it.Module, it.Y+b.Min.Y*it.Module, it.X+b.Max.X*it.Module, it.Y+b.Max.Y*it.Module)
			}
		default:
			return fmt.Errorf("cannot draw %T", item)
		}
	}
	return nil
}

func (p *painter) rect(x0, y0, x1, y1 int) {
	at := func(v int) int { return int(math.Round(float64(v) * p.scale)) }
	r := image.Rect(at(x0), at(y0), at(x1), at(y1)).Intersect(p.img.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		clear(p.img.Pix[p.img.PixOffset(r.Min.X, y):p.img.PixOffset(r.Max.X, y)])
	}
}

func (p *painter) shape(s layout.Shape) {
	if len(s.Points) == 0 {
		return
	}
	x0, y0, x1, y1 := bounds(s.Points)
	f := newFrame(x0, y0, x1, y1, p.scale, p.img.Rect)
	f.polygon(s.Points)
	f.fill(p.img, s.White)
}

func bounds(points []layout.Point) (x0, y0, x1, y1 float64) {
	x0, y0, x1, y1 = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, p := range points {
		x0, y0, x1, y1 = math.Min(x0, p.X), math.Min(y0, p.Y), math.Max(x1, p.X), math.Max(y1, p.Y)
	}
	return x0, y0, x1, y1
}

func (p *painter) text(t layout.Text) error {
	size := float64(t.Size)
	x, y := float64(t.X), float64(t.Y)
	f := newFrame(x-size/2, y-1.3*size, x+t.Advance()+size/2, y+size/2, p.scale, p.img.Rect)
	strikes := []float64{0}
	if t.Heavy {
		strikes = append(strikes, t.Strike())
	}
	for _, dx := range strikes {
		f.x, f.y, f.em = x+dx, y, size
		for _, r := range t.Chars {
			if err := t.Face.Outline(r, f); err != nil {
				return err
			}
			f.x += t.Face.Width(r) * size
		}
	}
	f.fill(p.img, t.White)
	return nil
}

// frame collects contours within a part of the picture. Points come in dots,
// or, for an outline, in em from x, y.
type frame struct {
	rast     *vector.Rasterizer
	rect     image.Rectangle
	scale    float64
	x, y, em float64
	open     bool
}

// newFrame is the part of a picture between two corners in dots, within limits in pixels.
func newFrame(x0, y0, x1, y1, scale float64, limits image.Rectangle) *frame {
	r := image.Rect(int(math.Floor(x0*scale)), int(math.Floor(y0*scale)),
		int(math.Ceil(x1*scale)), int(math.Ceil(y1*scale))).Intersect(limits)
	return &frame{rast: vector.NewRasterizer(r.Dx(), r.Dy()), rect: r, scale: scale, em: 1}
}

func (f *frame) polygon(points []layout.Point) {
	for i, pt := range points {
		if i == 0 {
			f.MoveTo(pt.X, pt.Y)
			continue
		}
		f.LineTo(pt.X, pt.Y)
	}
}

func (f *frame) at(x, y float64) (float32, float32) {
	return float32((f.x+x*f.em)*f.scale - float64(f.rect.Min.X)), float32((f.y+y*f.em)*f.scale - float64(f.rect.Min.Y))
}

// MoveTo begins a contour and closes the one before it.
func (f *frame) MoveTo(x, y float64) {
	f.close()
	f.open = true
	f.rast.MoveTo(f.at(x, y))
}

// LineTo adds a straight edge.
func (f *frame) LineTo(x, y float64) { f.rast.LineTo(f.at(x, y)) }

// QuadTo adds a quadratic curve.
func (f *frame) QuadTo(cx, cy, x, y float64) {
	ax, ay := f.at(cx, cy)
	bx, by := f.at(x, y)
	f.rast.QuadTo(ax, ay, bx, by)
}

// CubeTo adds a cubic curve.
func (f *frame) CubeTo(c1x, c1y, c2x, c2y, x, y float64) {
	ax, ay := f.at(c1x, c1y)
	bx, by := f.at(c2x, c2y)
	cx, cy := f.at(x, y)
	f.rast.CubeTo(ax, ay, bx, by, cx, cy)
}

func (f *frame) close() {
	if f.open {
		f.rast.ClosePath()
	}
	f.open = false
}

// fill puts ink, black or white, where the contours cover the picture.
func (f *frame) fill(dst *image.Gray, white bool) {
	f.close()
	if f.rect.Empty() {
		return
	}
	cover := image.NewAlpha(image.Rect(0, 0, f.rect.Dx(), f.rect.Dy()))
	f.rast.DrawOp = draw.Src
	f.rast.Draw(cover, cover.Rect, image.Opaque, image.Point{})
	ink := 0
	if white {
		ink = 255
	}
	for y := range f.rect.Dy() {
		row := dst.Pix[dst.PixOffset(f.rect.Min.X, f.rect.Min.Y+y):]
		for x, a := range cover.Pix[y*cover.Stride : y*cover.Stride+f.rect.Dx()] {
			if a > 0 {
				row[x] = uint8((int(row[x])*(255-int(a)) + ink*int(a) + 127) / 255)
			}
		}
	}
}

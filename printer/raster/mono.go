package raster

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"math"

	"vez/fault"
	"vez/printer/layout"
)

// threshold is how dark a grey dot must be to be burnt: a little less than
// half, so that thin strokes of Chinese characters close up rather than break.
const threshold = 112

// blackOnWhite are the colours of a head: index 1 burns.
var blackOnWhite = color.Palette{color.White, color.Black}

// Mono draws a list in the dots of a thermal head: one pixel a dot, only what
// lies inside the inset; index 1 of the palette is black. Characters stand on
// whole dots and are cut from masks that are kept. A failure of any kind is a
// fault with the code print_failed.
func Mono(list *layout.List) (img *image.Paletted, err error) {
	defer func() {
		if p := recover(); p != nil {
			img, err = nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: panic: %v", p))
		}
	}()
	w := list.Width - 2*list.Inset
	if w < 1 || list.Height < 1 || w > maxSide || list.Height > maxSide {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: a head of %d dots, %d long", w, list.Height))
	}
	b := burner{img: image.NewPaletted(image.Rect(0, 0, w, list.Height), blackOnWhite), left: list.Inset}
	if err := trace(&b, list); err != nil {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("raster: %w", err))
	}
	return b.img, nil
}

// burner draws in black and white; left is the first dot of the head.
type burner struct {
	img  *image.Paletted
	left int
}

func (b *burner) rect(x0, y0, x1, y1 int) {
	r := image.Rect(x0-b.left, y0, x1-b.left, y1).Intersect(b.img.Rect)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		ink(b.img.Pix[y*b.img.Stride+r.Min.X:y*b.img.Stride+r.Max.X], 1)
	}
}

func (b *burner) text(t layout.Text) error {
	x := float64(t.X)
	for _, r := range t.Chars {
		m, err := masks.of(maskKey{t.Face, r, t.Size, t.Heavy})
		if err != nil {
			return err
		}
		b.stamp(m, int(math.Round(x)), t.Y, t.White)
		x += m.advance
	}
	return nil
}

// stamp puts a mask with its origin at x, y.
func (b *burner) stamp(m mask, x, y int, white bool) {
	var value uint8 = 1
	if white {
		value = 0
	}
	x -= b.left
	for _, s := range m.spans {
		row := y + int(s.y)
		from, to := max(0, x+int(s.from)), min(b.img.Rect.Dx(), x+int(s.to))
		if row >= 0 && row < b.img.Rect.Dy() && from < to {
			ink(b.img.Pix[row*b.img.Stride+from:row*b.img.Stride+to], value)
		}
	}
}

// shape is drawn without a mask: there are few, and each has its own size.
func (b *burner) shape(s layout.Shape) {
	if len(s.Points) == 0 {
		return
	}
	x0, y0, x1, y1 := bounds(s.Points)
	f := newFrame(x0, y0, x1, y1, 1, image.Rect(0, 0, b.img.Rect.Dx()+2*b.left, b.img.Rect.Dy()))
	f.polygon(s.Points)
	b.stamp(mask{spans: f.spans()}, 0, 0, s.White)
}

func ink(dots []uint8, value uint8) {
	for i := range dots {
		dots[i] = value
	}
}

// spans gives the dots that are dark enough, row by row, in the coordinates of
// the picture.
func (f *frame) spans() []span {
	f.close()
	if f.rect.Empty() {
		return nil
	}
	cover := image.NewAlpha(image.Rect(0, 0, f.rect.Dx(), f.rect.Dy()))
	f.rast.DrawOp = draw.Src
	f.rast.Draw(cover, cover.Rect, image.Opaque, image.Point{})
	var out []span
	for y := range f.rect.Dy() {
		row := cover.Pix[y*cover.Stride:][:f.rect.Dx()]
		for x := 0; x < len(row); x++ {
			if row[x] < threshold {
				continue
			}
			from := x
			for x < len(row) && row[x] >= threshold {
				x++
			}
			out = append(out, span{int16(f.rect.Min.Y + y), int16(f.rect.Min.X + from), int16(f.rect.Min.X + x)})
		}
	}
	return out
}

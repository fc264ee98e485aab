package qr

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/png"
	"strconv"
	"strings"

	qrcode "github.com/skip2/go-qrcode"
)

// Level is how much of a code may be damaged and still be read.
type Level int

// The levels of the standard. go-qrcode calls Q "High" and H "Highest".
const (
	L Level = iota // 7 %
	M              // 15 %
	Q              // 25 %
	H              // 30 %
)

// Quiet is the width of the empty margin that a code needs, in modules.
const Quiet = 4

// MaxScale bounds the pixels of a module, so that a request cannot ask for a
// picture of a gigabyte.
const MaxScale = 64

// Modules are the squares of a code, row by row, true for black, without the
// quiet zone.
type Modules [][]bool

// Encode makes the smallest code that holds the text. It fails for an empty
// text and for one that no version of the code can hold.
func Encode(text string, level Level) (Modules, error) {
	if text == "" || level < L || level > H {
		return nil, fmt.Errorf("qr: no code for %d characters at level %d", len(text), level)
	}
	c, err := qrcode.New(text, qrcode.RecoveryLevel(level))
	if err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	c.DisableBorder = true
	return c.Bitmap(), nil
}

// PNG draws a code black on white with its quiet zone, scale pixels a module
// (1 to MaxScale).
func PNG(text string, level Level, scale int) ([]byte, error) {
	if scale < 1 || scale > MaxScale {
		return nil, fmt.Errorf("qr: %d pixels a module is outside 1 to %d", scale, MaxScale)
	}
	m, err := Encode(text, level)
	if err != nil {
		return nil, err
	}
	side := (len(m) + 2*Quiet) * scale
	img := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	for y, row := range m {
		for x, black := range row {
			if black {
				fill(img, (x+Quiet)*scale, (y+Quiet)*scale, scale)
			}
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil, fmt.Errorf("qr: %w", err)
	}
	return out.Bytes(), nil
}

func fill(img *image.Paletted, x, y, side int) {
	for dy := range side {
		at := img.PixOffset(x, y+dy)
		for dx := range side {
			img.Pix[at+dx] = 1
		}
	}
}

// SVG is a code as an inline picture for a page: white ground with the quiet
// zone, one black path, no style attribute (pages forbid those), a label for
// screen readers. It grows to the width it is given.
func SVG(text string, level Level, label string) (string, error) {
	side, d, err := Path(text, level)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 %d %d" role="img" aria-label="%s" `+
		`shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%[1]dv%[1]dH0z"/><path fill="#000" d="%[4]s"/></svg>`,
		side, side, html.EscapeString(label), d), nil
}

// Path is a code as the data of an SVG path in a square of the given side,
// one unit a module, the quiet zone included.
func Path(text string, level Level) (side int, d string, err error) {
	m, err := Encode(text, level)
	if err != nil {
		return 0, "", err
	}
	var b strings.Builder
	for y, row := range m {
		for _, s := range spans(row) {
			b.WriteString("M" + strconv.Itoa(s.from+Quiet) + " " + strconv.Itoa(y+Quiet))
			n := strconv.Itoa(s.to - s.from)
			b.WriteString("h" + n + "v1h-" + n + "z")
		}
	}
	return len(m) + 2*Quiet, b.String(), nil
}

type span struct{ from, to int }

func spans(row []bool) []span {
	var out []span
	for x := 0; x < len(row); x++ {
		if !row[x] {
			continue
		}
		from := x
		for x < len(row) && row[x] {
			x++
		}
		out = append(out, span{from, x})
	}
	return out
}

// Blocks gives the black squares as few rectangles, in modules: for back-ends
// that draw shapes.
func (m Modules) Blocks() []image.Rectangle {
	var out []image.Rectangle
	for y, row := range m {
		for _, s := range spans(row) {
			out = append(out, image.Rect(s.from, y, s.to, y+1))
		}
	}
	return out
}

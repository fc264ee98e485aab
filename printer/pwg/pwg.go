package pwg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"math"
)

// headerSize is the size of a page header.
const headerSize = 1796

// black is how dark, of 255, a grey dot must be to be a black one.
const black = 112

// Format is what all pages of a document share.
type Format struct {
	// DPI is dots per inch, the same both ways.
	DPI int
	// Bilevel makes black and white (black_1); else it is grey (sgray_8).
	Bilevel bool
	// Media is the name of the paper as IPP spells it, or "".
	Media string
	// Pages is how many pages come; 0: not known.
	Pages int
}

// Writer writes a document page by page.
type Writer struct {
	w      io.Writer
	format Format
	begun  bool
}

// NewWriter makes a writer of one document.
func NewWriter(w io.Writer, format Format) *Writer { return &Writer{w: w, format: format} }

// Page writes a page. Its picture is the whole page.
func (w *Writer) Page(img *image.Gray) error {
	size := img.Bounds().Size()
	if size.X < 1 || size.Y < 1 || w.format.DPI < 1 {
		return fmt.Errorf("pwg: a page of %d by %d dots at %d dpi", size.X, size.Y, w.format.DPI)
	}
	if len(w.format.Media) > 63 {
		return errors.New("pwg: the name of the paper is too long")
	}
	var out bytes.Buffer
	if !w.begun {
		out.WriteString("RaS2")
	}
	out.Write(w.format.header(size.X, size.Y))
	w.format.lines(&out, img)
	w.begun = true
	_, err := w.w.Write(out.Bytes())
	return err
}

// rowBytes is the length of a line of width dots.
func (f Format) rowBytes(width int) int {
	if f.Bilevel {
		return (width + 7) / 8
	}
	return width
}

// header is the page header; the numbers are offsets of the standard's table 2.
func (f Format) header(width, height int) []byte {
	h := make([]byte, headerSize)
	put := func(at int, values ...int) {
		for i, v := range values {
			binary.BigEndian.PutUint32(h[at+4*i:], uint32(v))
		}
	}
	points := func(dots int) int { return int(math.Round(float64(dots) * 72 / float64(f.DPI))) }
	bits, space := 8, 18 // sGray
	if f.Bilevel {
		bits, space = 1, 3 // Black
	}
	copy(h, "PwgRaster")
	put(276, f.DPI, f.DPI)                  // HWResolution
	put(340, 1)                             // NumCopies
	put(352, points(width), points(height)) // PageSize
	put(372, width, height)                 // Width, Height
	put(384, bits, bits, f.rowBytes(width)) // BitsPerColor, BitsPerPixel, BytesPerLine
	put(400, space)                         // ColorSpace
	put(420, 1)                             // NumColors
	put(452, f.Pages, 1, 1)                 // TotalPageCount, CrossFeedTransform, FeedTransform
	put(464, 0, 0, width, height)           // ImageBox
	put(480, 0xffffff)                      // AlternatePrimary
	copy(h[1732:], f.Media)                 // PageSizeName
	return h
}

// lines writes the picture: equal lines once, with their number.
func (f Format) lines(out *bytes.Buffer, img *image.Gray) {
	r := img.Bounds()
	for y := r.Min.Y; y < r.Max.Y; {
		row := img.Pix[img.PixOffset(r.Min.X, y):][:r.Dx()]
		same := 1
		for ; same < 256 && y+same < r.Max.Y; same++ {
			if !bytes.Equal(row, img.Pix[img.PixOffset(r.Min.X, y+same):][:r.Dx()]) {
				break
			}
		}
		out.WriteByte(byte(same - 1))
		if f.Bilevel {
			row = bilevel(row)
		}
		pack(out, row)
		y += same
	}
}

// bilevel makes a line of bits, 1 for black.
func bilevel(row []byte) []byte {
	bits := make([]byte, (len(row)+7)/8)
	for x, v := range row {
		if 255-v >= black {
			bits[x/8] |= 0x80 >> (x % 8)
		}
	}
	return bits
}

// pack compresses a line: n-1 and a byte for n equal ones, 257-n and n bytes
// for others; n is at most 128.
func pack(out *bytes.Buffer, row []byte) {
	for len(row) > 0 {
		n := run(row)
		if n > 1 || len(row) == 1 {
			out.WriteByte(byte(n - 1))
			out.WriteByte(row[0])
			row = row[n:]
			continue
		}
		n = 1
		for n < 128 && n < len(row) && run(row[n:]) < 3 {
			n++
		}
		if n == 1 {
			out.WriteByte(0)
		} else {
			out.WriteByte(byte(257 - n))
		}
		out.Write(row[:n])
		row = row[n:]
	}
}

// run is how many bytes at the beginning are equal, at most 128.
func run(row []byte) int {
	n := 1
	for n < 128 && n < len(row) && row[n] == row[0] {
		n++
	}
	return n
}

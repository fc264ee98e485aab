package escpos

import (
	"encoding/binary"
	"fmt"
	"image"

	"vez/fault"
)

const (
	// bandRows is how many rows one raster command carries: a height of one
	// byte, which the oldest printers take too.
	bandRows = 255
	// leastFeed is how many blank rows are worth a feed command of their own.
	leastFeed = 8
)

// Encode gives the whole paper: the picture (index 1 of the palette is black),
// the feed and the cut. It is a fault print_failed when the picture is empty or
// wider than the head.
func Encode(img *image.Paletted, p Profile) ([]byte, error) {
	body, tail, err := encodeParts(img, p)
	if err != nil {
		return nil, err
	}
	out := appendStart(make([]byte, 0, len(body)+len(tail)+8), p)
	return append(append(out, body...), tail...), nil
}

// encodeParts gives what comes after the start: what makes no paper yet, and
// what makes it one, which is the order to cut, or, where nothing cuts, the last
// rows too.
func encodeParts(img *image.Paletted, p Profile) (body, tail []byte, err error) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	if w < 1 || h < 1 || w > p.width() {
		return nil, nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("escpos: a picture of %d by %d for a head of %d dots", w, h, p.width()))
	}
	e := encoder{rowBytes: (w + 7) / 8, raster: p.Raster}
	e.pack(img)
	e.out = make([]byte, 0, len(e.rows)+1024)
	if !p.NoCutter {
		e.picture(0, h)
		return e.out, appendTail(nil, p), nil
	}
	last := max(0, e.lastInk(h)-heldRows)
	e.picture(0, last)
	body, e.out = e.out, nil
	e.picture(last, h)
	return body, appendTail(e.out, p), nil
}

// heldRows is how much of a picture is held back where nothing cuts: without
// them it is no paper.
const heldRows = 32

// appendStart puts the printer into a known state.
func appendStart(out []byte, p Profile) []byte {
	out = append(out, esc, '@')
	if p.DPI > 0 {
		out = append(out, gs, 'P', byte(p.DPI), byte(p.DPI))
	}
	return out
}

// appendTail appends what makes a picture a paper of its own.
func appendTail(out []byte, p Profile) []byte {
	feed := byte(min(max(p.Feed, 0), 255))
	if p.NoCutter {
		// Out of the mouth, so that all of it stands before the edge to tear at.
		return append(out, esc, 'J', max(feed, tearFeed))
	}
	return append(out, gs, 'V', 66, feed)
}

// tearFeed is how far paper is fed where nothing cuts it, in dots.
const tearFeed = 120

type encoder struct {
	out      []byte
	rows     []byte // the packed picture
	rowBytes int
	raster   Raster
}

// pack makes eight dots a byte, the leftmost the highest bit.
func (e *encoder) pack(img *image.Paletted) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	e.rows = make([]byte, e.rowBytes*h)
	for y := range h {
		from := img.Pix[y*img.Stride:][:w]
		to := e.rows[y*e.rowBytes:][:e.rowBytes]
		for i := range w / 8 {
			to[i] = packEight(binary.BigEndian.Uint64(from[i*8:]))
		}
		for x := w &^ 7; x < w; x++ {
			to[x/8] |= from[x] & 1 << (7 - x%8)
		}
	}
}

// packEight gathers the lowest bits of eight bytes.
func packEight(v uint64) byte {
	return byte(v & 0x0101010101010101 * 0x0102040810204080 >> 56)
}

// picture appends the rows from y to h as bands, and feeds for what is blank
// between them.
func (e *encoder) picture(y, h int) {
	for y < h {
		if blank := e.blankFrom(y, h); blank >= leastFeed {
			e.feed(blank)
			y += blank
			continue
		}
		end := y
		for end < h && end-y < bandRows {
			// A short gap belongs to the band; a long one ends it.
			blank := e.blankFrom(end, h)
			if blank >= leastFeed {
				break
			}
			end = min(end+max(blank, 1), y+bandRows)
		}
		e.band(y, end)
		y = end
	}
}

// blankFrom counts blank rows from y on.
func (e *encoder) blankFrom(y, h int) int {
	for n := y; n < h; n++ {
		if !blankRow(e.rows[n*e.rowBytes:][:e.rowBytes]) {
			return n - y
		}
	}
	return h - y
}

// lastInk gives the row after the last that is not blank.
func (e *encoder) lastInk(h int) int {
	for h > 0 && blankRow(e.rows[(h-1)*e.rowBytes:][:e.rowBytes]) {
		h--
	}
	return h
}

func blankRow(row []byte) bool {
	for len(row) >= 8 {
		if binary.NativeEndian.Uint64(row) != 0 {
			return false
		}
		row = row[8:]
	}
	for _, b := range row {
		if b != 0 {
			return false
		}
	}
	return true
}

func (e *encoder) feed(rows int) {
	for ; rows > 0; rows -= 255 {
		e.out = append(e.out, esc, 'J', byte(min(rows, 255)))
	}
}

// band appends rows from y to end.
func (e *encoder) band(y, end int) {
	data := e.rows[y*e.rowBytes : end*e.rowBytes]
	rows := end - y
	if e.raster == GS8L {
		dots, size := e.rowBytes*8, len(data)+10
		e.out = append(e.out, gs, '8', 'L', byte(size), byte(size>>8), byte(size>>16), byte(size>>24),
			48, 112, 48, 1, 1, 49, byte(dots), byte(dots>>8), byte(rows), byte(rows>>8))
		e.data(data)
		e.out = append(e.out, gs, '(', 'L', 2, 0, 48, 50)
		return
	}
	e.out = append(e.out, gs, 'v', '0', 0, byte(e.rowBytes), byte(e.rowBytes>>8), byte(rows), byte(rows>>8))
	e.data(data)
}

// data appends dots. A printer obeys a real-time command wherever it stands, in
// a picture too: where dots would spell one, a dot is turned over.
func (e *encoder) data(data []byte) {
	at := len(e.out)
	e.out = append(e.out, data...)
	for i := at; i < len(e.out); i++ {
		if e.out[i-1] == dle && startsRealTime(e.out[i]) {
			e.out[i] ^= 0x02
		}
	}
}

// startsRealTime says whether a byte after DLE makes a real-time command.
func startsRealTime(b byte) bool { return b == eot || b == enq || b == dc4 }

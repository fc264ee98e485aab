package ipp

import (
	"bytes"
	"errors"
	"image"
	"image/draw"
	"math"
	"strconv"
	"strings"

	"vez/fault"
	"vez/printer"
	"vez/printer/layout"
	"vez/printer/pwg"
	"vez/printer/raster"
)

// sheets are the names of paper sizes (PWG 5101.1).
var sheets = map[printer.Format]string{printer.A4: "iso_a4_210x297mm", printer.A5: "iso_a5_148x210mm"}

// Formats of documents.
const (
	mimePDF = "application/pdf"
	mimePWG = "image/pwg-raster"
)

// payload is a document as the printer wants it.
type payload struct {
	mime string
	data []byte
	// attrs say how it is to be printed, size on which paper.
	attrs, size []Attribute
	pages       int
}

// draw makes the payload of a document: PDF where the printer takes it, else
// PWG raster. Faults: print_failed.
func (m machine) draw(doc printer.Document) (payload, error) {
	if len(doc.Pages) == 0 {
		return payload{}, fault.New(fault.PrintFailed).Because(errors.New("ipp: a document without pages"))
	}
	paper := m.paper(doc)
	p := payload{mime: mimePDF, attrs: m.ticket(), size: m.media(paper), pages: len(doc.Pages)}
	var err error
	switch {
	case m.has("document-format-supported", mimePDF):
		p.data, err = doc.PDF()
	case m.has("document-format-supported", mimePWG):
		p.mime = mimePWG
		p.data, err = m.raster(doc, paper)
	default:
		err = errors.New("ipp: the printer takes neither PDF nor PWG raster")
	}
	if err != nil && fault.CodeOf(err) != fault.PrintFailed {
		err = fault.New(fault.PrintFailed).Because(err)
	}
	return p, err
}

// paper is what the printer is asked to take.
type paper struct {
	// name is that of a sheet; "" for a strip, or where the printer knows no such sheet.
	name string
	// width and height of a strip in hundredths of a millimetre; 0 where the printer cannot cut one like it.
	width, height int
	// head: width is that of what a thermal head prints, without the edges.
	head bool
}

func (m machine) paper(doc printer.Document) paper {
	if name := sheets[doc.Format]; !doc.Format.Roll() {
		if m.has("media-supported", name) {
			return paper{name: name}
		}
		return paper{}
	}
	page := doc.Pages[0]
	whole := paper{width: hundredths(page.Width), height: hundredths(page.Height)}
	inner := paper{width: hundredths(page.Width - 2*page.Inset), height: whole.height, head: true}
	for _, p := range []paper{whole, inner} {
		if m.has("media-col-supported", "media-size") && m.cuts(p.width, p.height) {
			return p
		}
	}
	return paper{}
}

func hundredths(dots int) int { return dots * 100 / layout.DotsPerMM }

// cuts says whether a strip of the size is among those that the printer makes.
func (m machine) cuts(width, height int) bool {
	for _, v := range m.Values("media-size-supported") {
		c, _ := v.Data.(Collection)
		x, wide := span(find(c, "x-dimension"))
		y, high := span(find(c, "y-dimension"))
		if wide && high && within(width, x) && within(height, y) {
			return true
		}
	}
	names := m.Strings("media-supported")
	for _, class := range []string{"roll", "custom"} {
		low, high := sizes(names, class+"_min_"), sizes(names, class+"_max_")
		for i := range min(len(low), len(high)) {
			x, y := Range{low[i].Low, high[i].Low}, Range{low[i].High, high[i].High}
			if within(width, x) && within(height, y) {
				return true
			}
		}
	}
	return false
}

// span reads a dimension: a number or a range.
func span(values []Value) (Range, bool) {
	if len(values) == 0 {
		return Range{}, false
	}
	switch d := values[0].Data.(type) {
	case int32:
		return Range{d, d}, true
	case Range:
		return d, true
	}
	return Range{}, false
}

// within allows a millimetre, because paper of 80 mm is 79.5 mm wide.
func within(n int, r Range) bool { return n >= int(r.Low)-100 && n <= int(r.High)+100 }

// sizes reads the width and height at the end of the names with a prefix, such
// as roll_max_72x400mm, as Low and High.
func sizes(names []string, prefix string) []Range {
	var out []Range
	for _, name := range names {
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		size, unit := name[strings.LastIndexByte(name, '_')+1:], 100.0
		if inches, ok := strings.CutSuffix(size, "in"); ok {
			size, unit = inches, 2540
		}
		w, h, _ := strings.Cut(strings.TrimSuffix(size, "mm"), "x")
		x, xerr := strconv.ParseFloat(w, 64)
		y, yerr := strconv.ParseFloat(h, 64)
		if xerr == nil && yerr == nil && x > 0 && x < 1e5 && y > 0 && y < 1e5 {
			out = append(out, Range{int32(x * unit), int32(y * unit)})
		}
	}
	return out
}

// ticket is the job ticket: one copy, one-sided, because the pages of a
// document may be letters to different people, and without banner pages.
func (m machine) ticket() []Attribute {
	attrs := append([]Attribute{Attr(Integer, "copies", int32(1))}, m.choose("sides", "one-sided")...)
	return append(attrs, m.choose("job-sheets", "none")...)
}

// choose gives a setting if the printer has it.
func (m machine) choose(name, word string) []Attribute {
	if !m.has(name+"-supported", word) {
		return nil
	}
	return []Attribute{Attr(Keyword, name, word)}
}

// media asks for a paper; where the printer has none such, to fit the page to what it has.
func (m machine) media(p paper) []Attribute {
	switch {
	case p.name != "":
		return append(m.choose("print-scaling", "none"), Attr(Keyword, "media", p.name))
	case p.width > 0:
		size := Collection{Attr(Integer, "x-dimension", int32(p.width)), Attr(Integer, "y-dimension", int32(p.height))}
		return append(m.choose("print-scaling", "none"), Attr(CollectionTag, "media-col", Collection{Attr(CollectionTag, "media-size", size)}))
	}
	return m.choose("print-scaling", "fit")
}

// headDPI is the resolution of a thermal head, 8 dots to the millimetre.
const headDPI = 203

// raster draws a document page by page, so that one page at a time is in memory as dots.
func (m machine) raster(doc printer.Document, p paper) ([]byte, error) {
	format := pwg.Format{DPI: m.dpi(), Media: p.name, Pages: len(doc.Pages)}
	types := "pwg-raster-document-type-supported"
	format.Bilevel = m.has(types, "black_1") && !m.has(types, "sgray_8")
	var out bytes.Buffer
	w := pwg.NewWriter(&out, format)
	for _, list := range doc.Pages {
		img, err := dots(list, format.DPI, p.head)
		if err != nil {
			return nil, err
		}
		if err := w.Page(img); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// dpi is the resolution to draw in: ours if the printer has it or does not say,
// else the next finer, else its finest.
func (m machine) dpi() int {
	best := 0
	for _, v := range m.Values("pwg-raster-document-resolution-supported") {
		r, ok := v.Data.(Resolution)
		if !ok || r.X != r.Y || r.Units != 3 || r.X < 72 || r.X > 600 {
			continue
		}
		n := int(r.X)
		if best == 0 || best < headDPI && n > best || n >= headDPI && n < best {
			best = n
		}
	}
	if best == 0 {
		return headDPI
	}
	return best
}

// dots draws a page; head: without the edges that a thermal head does not reach.
func dots(list *layout.List, dpi int, head bool) (*image.Gray, error) {
	scale := float64(dpi) / 25.4 / layout.DotsPerMM
	if dpi == headDPI {
		scale = 1
	}
	img, err := raster.Grey(list, scale)
	if err != nil {
		return nil, err
	}
	at := func(v int) int { return int(math.Round(float64(v) * scale)) }
	want := image.Rect(0, 0, at(list.Width), at(list.Height))
	if head {
		want.Min.X, want.Max.X = at(list.Inset), at(list.Width-list.Inset)
	}
	if want.In(img.Rect) {
		return img.SubImage(want).(*image.Gray), nil
	}
	page := image.NewGray(want)
	draw.Draw(page, want, image.White, image.Point{}, draw.Src)
	draw.Draw(page, img.Rect, img, image.Point{}, draw.Src)
	return page, nil
}

package printer

import (
	"time"

	"vez/printer/layout"
	"vez/printer/pdf"
)

// Format is the paper that a printer holds.
type Format string

// The formats.
const (
	Roll80 Format = "roll80" // 80 mm, a head of 576 dots
	Roll58 Format = "roll58" // 58 mm, a head of 384 dots
	A4     Format = "a4"
	A5     Format = "a5"
)

// Formats lists all formats.
var Formats = []Format{Roll80, Roll58, A4, A5}

// Roll says whether the paper is a strip that is cut to any length.
func (f Format) Roll() bool { return f == Roll80 || f == Roll58 }

// Document is a paper that is composed and not drawn yet: a driver draws it
// the way its printer wants it.
type Document struct {
	Format Format
	// Pages have a display list each; a strip has one.
	Pages []*layout.List
	// Made is the instant that the document bears.
	Made time.Time
}

// PDF draws the document; the same pages and instant give the same bytes.
func (d Document) PDF() ([]byte, error) { return pdf.Render(d.Made, d.Pages...) }

package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jung-kurt/gofpdf"

	"vez/fault"
	"vez/printer/layout"
)

// pointsPerMM turns the library's font sizes, points, into ours.
const pointsPerMM = 72 / 25.4

// Render draws lists as the pages of a PDF, each in its list's size. The same
// lists and instant give the same bytes. made is noted in the document.
// A failure of any kind is a fault with the code print_failed.
func Render(made time.Time, pages ...*layout.List) (doc []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("pdf: panic: %v", p))
		}
	}()
	doc, err = render(made, pages)
	if err != nil {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("pdf: %w", err))
	}
	return doc, nil
}

func render(made time.Time, pages []*layout.List) ([]byte, error) {
	if len(pages) == 0 {
		return nil, errors.New("no pages")
	}
	first := pages[0]
	p := gofpdf.NewCustom(&gofpdf.InitType{UnitStr: "mm", Size: size(first)})
	p.SetMargins(0, 0, 0)
	p.SetAutoPageBreak(false, 0)
	p.SetCatalogSort(true)
	p.SetCreationDate(made.UTC())
	p.SetModificationDate(made.UTC())
	p.SetProducer("Vez", true)
	p.SetTitle(first.Title, true)
	p.SetDisplayMode("fullpage", "single")
	p.SetFillColor(0, 0, 0)
	d := drawer{pdf: p}
	if err := d.fonts(pages, family(pages)); err != nil {
		return nil, err
	}
	for _, list := range pages {
		if err := d.page(list); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func size(list *layout.List) gofpdf.SizeType {
	return gofpdf.SizeType{Wd: mm(list.Width), Ht: mm(list.Height)}
}

func (d *drawer) page(list *layout.List) error {
	if list.Width <= 0 || list.Height <= 0 {
		return fmt.Errorf("a page of %d by %d dots", list.Width, list.Height)
	}
	d.pdf.AddPageFormat("P", size(list))
	for _, item := range list.Items {
		if err := d.item(item); err != nil {
			return err
		}
	}
	return nil
}

func mm[N int | float64](dots N) float64 { return float64(dots) / layout.DotsPerMM }

// family names the fonts of a document after its content, because programs
// that join documents take fonts of one name for the same font.
func family(pages []*layout.List) string {
	sum := sha256.New()
	for _, list := range pages {
		sum.Write([]byte(list.String()))
	}
	return "v" + hex.EncodeToString(sum.Sum(nil)[:5])
}

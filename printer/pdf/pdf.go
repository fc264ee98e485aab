package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jung-kurt/gofpdf"

	"vez/fault"
	"vez/printer/layout"
)

// pointsPerMM turns the library's font sizes, points, into ours.
const pointsPerMM = 72 / 25.4

// Render draws a list as a PDF of one page, in the list's size. The same list
// and instant give the same bytes. made is noted in the document.
// A failure of any kind is a fault with the code print_failed.
func Render(list *layout.List, made time.Time) (doc []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			doc, err = nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("pdf: panic: %v", p))
		}
	}()
	doc, err = render(list, made)
	if err != nil {
		return nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("pdf: %w", err))
	}
	return doc, nil
}

func render(list *layout.List, made time.Time) ([]byte, error) {
	if list.Width <= 0 || list.Height <= 0 {
		return nil, fmt.Errorf("a page of %d by %d dots", list.Width, list.Height)
	}
	p := gofpdf.NewCustom(&gofpdf.InitType{UnitStr: "mm",
		Size: gofpdf.SizeType{Wd: mm(list.Width), Ht: mm(list.Height)}})
	p.SetMargins(0, 0, 0)
	p.SetAutoPageBreak(false, 0)
	p.SetCatalogSort(true)
	p.SetCreationDate(made.UTC())
	p.SetModificationDate(made.UTC())
	p.SetProducer("Vez", true)
	p.SetTitle(list.Title, true)
	p.SetDisplayMode("fullpage", "single")
	p.AddPage()
	p.SetFillColor(0, 0, 0)
	d := drawer{pdf: p}
	if err := d.fonts(list, family(list)); err != nil {
		return nil, err
	}
	for _, item := range list.Items {
		if err := d.item(item); err != nil {
			return nil, err
		}
	}
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func mm[N int | float64](dots N) float64 { return float64(dots) / layout.DotsPerMM }

// family names the fonts of a document after its content, because programs
// that join documents take fonts of one name for the same font.
func family(list *layout.List) string {
	sum := sha256.Sum256([]byte(list.String()))
	return "v" + hex.EncodeToString(sum[:5])
}

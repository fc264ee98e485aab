package printer

import (
	"errors"
	"fmt"
	"time"

	"vez/fault"
	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/pdf"
	"vez/printer/raster"
)

// Fonts finds the typefaces to print with.
type Fonts = font.Library

// NewFonts looks through the folders given and then the system's.
func NewFonts(dirs ...string) *Fonts {
	return font.NewLibrary(append(dirs, font.SystemDirs()...)...)
}

// Press composes papers. It may be used by many goroutines at once.
type Press struct {
	fonts  *Fonts
	labels Labels
}

// NewPress makes a press. It reads no font before the first paper.
func NewPress(fonts *Fonts, labels Labels) *Press { return &Press{fonts: fonts, labels: labels} }

// Ready reports a fault (fonts_missing) while nothing could be printed.
func (p *Press) Ready() error {
	_, err := p.fonts.Set()
	return err
}

// Uncovered lists the characters of a text that no font can print.
func (p *Press) Uncovered(lang, text string) ([]rune, error) {
	set, err := p.fonts.Set()
	if err != nil {
		return nil, err
	}
	return set.Missing(font.Style{Lang: lang}, layout.Clean(text)), nil
}

// Ticket composes a ticket of 80 mm paper, at most MaxTicket long, or
// MaxLargeTicket in large print. Faults: fonts_missing, print_failed.
func (p *Press) Ticket(t Ticket) (*layout.List, error) {
	return p.compose(func(set *font.Set) (*layout.List, error) { return composeTicket(set, p.labels, t) })
}

// Slip composes a booking slip or return pass, on one page of A4 or on 80 mm
// paper. Faults: fonts_missing, print_failed.
func (p *Press) Slip(s Slip) (*layout.List, error) {
	if len(s.Languages) == 0 {
		s.Languages = Languages("", "")
	}
	return p.compose(func(set *font.Set) (*layout.List, error) {
		if s.Roll {
			return composeRoll(set, p.labels, s)
		}
		return composeSlip(set, p.labels, s)
	})
}

func (p *Press) compose(make func(*font.Set) (*layout.List, error)) (list *layout.List, err error) {
	defer func() {
		if r := recover(); r != nil {
			list, err = nil, fault.New(fault.PrintFailed).Because(fmt.Errorf("layout: panic: %v", r))
		}
	}()
	set, err := p.fonts.Set()
	if err != nil {
		return nil, err
	}
	list, err = make(set)
	if err != nil && !errors.As(err, new(*fault.Error)) {
		err = fault.New(fault.PrintFailed).Because(err)
	}
	return list, err
}

// TicketPDF composes and draws a ticket; the document bears the time of issue.
func (p *Press) TicketPDF(t Ticket) ([]byte, error) {
	list, err := p.Ticket(t)
	if err != nil {
		return nil, err
	}
	return PDF(list, t.Issued)
}

// SlipPDF composes and draws a slip; the document bears the time of issue.
func (p *Press) SlipPDF(s Slip) ([]byte, error) {
	list, err := p.Slip(s)
	if err != nil {
		return nil, err
	}
	return PDF(list, s.Issued)
}

// PDF draws a display list as a PDF; the same list and instant give the same bytes.
func PDF(list *layout.List, made time.Time) ([]byte, error) { return pdf.Render(made, list) }

// PNG draws a display list as a grey picture, scale pixels to a dot of 1/8 mm.
func PNG(list *layout.List, scale float64) ([]byte, error) { return raster.PNG(list, scale) }

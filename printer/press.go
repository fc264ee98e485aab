package printer

import (
	"errors"
	"fmt"
	"time"

	"vez/fault"
	"vez/printer/font"
	"vez/printer/layout"
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

// TicketOn composes a ticket. On a roll it is at most MaxTicket (MaxTicket58)
// long, or MaxLargeTicket (MaxLargeTicket58) in large print; on a sheet it
// stands in large print in the middle. Faults, here and below: fonts_missing,
// print_failed.
func (p *Press) TicketOn(f Format, t Ticket) (Document, error) {
	return p.one(f, t.Issued, func(set *font.Set, paper stock) (*layout.List, error) {
		return composeTicket(set, p.labels, paper, t)
	})
}

// SlipOn composes a booking slip: a strip of at most MaxRoll (MaxRoll58), or one page.
func (p *Press) SlipOn(f Format, s Slip) (Document, error) { return p.slip(f, s.kind(), s) }

// PassOn composes a return pass, like a slip.
func (p *Press) PassOn(f Format, s Slip) (Document, error) {
	s.Pass = true
	return p.slip(f, returnPass, s)
}

// ReminderOn composes what reminds of a booking, like a slip; on A4 and A5 it
// is a letter.
func (p *Press) ReminderOn(f Format, r Reminder) (Document, error) {
	return p.slip(f, reminderSlip, r.slip())
}

// LettersOn composes the reminder letters of a batch as pages of one document,
// the cover before them; letters need sheets, A4 or A5. More letters than the
// cover can list give it a second page.
func (p *Press) LettersOn(f Format, c Cover, letters []Reminder) (Document, error) {
	if f.Roll() {
		return Document{}, fault.New(fault.PrintFailed).Because(fmt.Errorf("letters on %s", f))
	}
	c.Languages = orPlace(c.Languages)
	return p.compose(f, c.Issued, func(set *font.Set, paper stock) ([]*layout.List, error) {
		return composeLetters(set, p.labels, paper, c, letters)
	})
}

// ProbeOn composes the page that proves a printer.
func (p *Press) ProbeOn(f Format, v Probe) (Document, error) {
	v.Languages = orPlace(v.Languages)
	return p.one(f, v.Issued, func(set *font.Set, paper stock) (*layout.List, error) {
		return composeProbe(set, p.labels, paper, v), nil
	})
}

func (p *Press) slip(f Format, kind slipKind, s Slip) (Document, error) {
	s.Languages = orPlace(s.Languages)
	return p.one(f, s.Issued, func(set *font.Set, paper stock) (*layout.List, error) {
		if f.Roll() {
			return composeRoll(set, p.labels, paper, kind, s)
		}
		return composeSheet(set, p.labels, paper, kind, s)
	})
}

// orPlace stands in for languages that nobody named.
func orPlace(langs []string) []string {
	if len(langs) == 0 {
		return Languages("", "")
	}
	return langs
}

// one composes a document of one page.
func (p *Press) one(f Format, made time.Time, draw func(*font.Set, stock) (*layout.List, error)) (Document, error) {
	return p.compose(f, made, func(set *font.Set, paper stock) ([]*layout.List, error) {
		list, err := draw(set, paper)
		return []*layout.List{list}, err
	})
}

func (p *Press) compose(f Format, made time.Time, draw func(*font.Set, stock) ([]*layout.List, error)) (doc Document, err error) {
	defer func() {
		if r := recover(); r != nil {
			doc, err = Document{}, fault.New(fault.PrintFailed).Because(fmt.Errorf("layout: panic: %v", r))
		}
	}()
	paper, err := stockOf(f)
	if err != nil {
		return Document{}, err
	}
	set, err := p.fonts.Set()
	if err != nil {
		return Document{}, err
	}
	pages, err := draw(set, paper)
	if err != nil {
		if !errors.As(err, new(*fault.Error)) {
			err = fault.New(fault.PrintFailed).Because(err)
		}
		return Document{}, err
	}
	return Document{Format: f, Pages: pages, Made: made}, nil
}

// PNG draws a display list as a grey picture, scale pixels to a dot of 1/8 mm.
func PNG(list *layout.List, scale float64) ([]byte, error) { return raster.PNG(list, scale) }

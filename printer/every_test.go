package printer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vez/printer"
	"vez/printer/layout"
)

var (
	rolls  = []printer.Format{printer.Roll80, printer.Roll58}
	sheets = []printer.Format{printer.A4, printer.A5}
)

// paper is one of everything that is printed.
type paper struct {
	name    string
	formats []printer.Format
	on      func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error)
	// codes are what its pages let a scanner read, "" for a page without a code.
	codes []string
}

// limit is the longest that it may be; 0: one page.
func (p paper) limit(f printer.Format) int {
	small := f == printer.Roll58
	switch {
	case !f.Roll(), p.name == "probe":
		return 0
	case strings.HasPrefix(p.name, "ticket-large") && small:
		return printer.MaxLargeTicket58
	case strings.HasPrefix(p.name, "ticket-large"):
		return printer.MaxLargeTicket
	case strings.HasPrefix(p.name, "ticket") && small:
		return printer.MaxTicket58
	case strings.HasPrefix(p.name, "ticket"):
		return printer.MaxTicket
	case small:
		return printer.MaxRoll58
	}
	return printer.MaxRoll
}

func ticketWith(change func(*printer.Ticket)) func(*printer.Press, printer.Format, []string) (printer.Document, error) {
	return func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error) {
		tk := sampleTicket(langs...)
		change(&tk)
		return p.TicketOn(f, tk)
	}
}

// papers lists everything that is printed.
var papers = []paper{
	{"ticket", printer.Formats, ticketWith(func(*printer.Ticket) {}), []string{liveLink}},
	{"ticket-booked", rolls, ticketWith(func(t *printer.Ticket) { t.Number, t.Booked = "A047", true }), []string{liveLink}},
	{"ticket-large", rolls, ticketWith(func(t *printer.Ticket) { t.Large = true }), []string{liveLink}},
	{"ticket-large-copy", rolls, ticketWith(func(t *printer.Ticket) { t.Large, t.Booked, t.Copy, t.Number = true, true, 2, "A047" }), []string{liveLink}},
	{"slip", printer.Formats, func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error) {
		return p.SlipOn(f, sampleSlip(langs...))
	}, []string{bookingCode}},
	{"pass", printer.Formats, func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error) {
		return p.PassOn(f, samplePass(langs...))
	}, []string{bookingCode}},
	{"reminder", printer.Formats, func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error) {
		return p.ReminderOn(f, sampleReminder(langs...))
	}, []string{bookingCode}},
	{"letters", sheets, func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error) {
		r := sampleReminder(langs...)
		return p.LettersOn(f, sampleCover(langs...), []printer.Reminder{r, r})
	}, []string{"", bookingCode, bookingCode}},
	{"probe", printer.Formats, func(p *printer.Press, f printer.Format, langs []string) (printer.Document, error) {
		return p.ProbeOn(f, printer.Probe{Languages: langs, Office: sampleTicket().Office, Name: "Recepção 接待處 1", Code: "402917", Issued: at(9, 42)})
	}, []string{""}},
}

func samplePass(langs ...string) printer.Slip {
	s := sampleSlip(langs...)
	s.Reference, s.People, s.ChangeUntil, s.Link = "", 0, time.Time{}, ""
	return s
}

func sampleReminder(langs ...string) printer.Reminder {
	s := sampleSlip(langs...)
	return printer.Reminder{Languages: s.Languages, Reference: s.Reference, Code: s.Code, Department: s.Department, Office: s.Office,
		Address: s.Address, Service: s.Service, Start: s.Start, People: s.People, Bring: s.Bring, ChangeUntil: s.ChangeUntil,
		Link: "https://vez.example.mo/my", Issued: s.Issued}
}

func sampleCover(langs ...string) printer.Cover {
	return printer.Cover{Languages: langs, Office: sampleTicket().Office, Day: time.Date(2026, 12, 3, 0, 0, 0, 0, macau), Issued: at(9, 42)}
}

// each calls f for every paper in every format and set of languages.
func each(t *testing.T, f func(t *testing.T, name string, v paper, format printer.Format, langs []string, doc printer.Document)) {
	p := press(t)
	for _, v := range papers {
		for _, format := range v.formats {
			for place, langs := range places {
				doc, err := v.on(p, format, langs)
				if err != nil {
					t.Fatal(v.name, format, place, err)
				}
				if doc.Format != format || !doc.Made.Equal(at(9, 42)) {
					t.Errorf("%s: format %s, made %v", v.name, doc.Format, doc.Made)
				}
				f(t, fmt.Sprintf("%s-%s-%s", v.name, format, place), v, format, langs, doc)
			}
		}
	}
}

var widths = map[printer.Format]int{printer.Roll80: 640, printer.Roll58: 464, printer.A4: 1680, printer.A5: 1184}

// leastModule is what our own codes take; the study found four dots the least
// that phones and scanners read.
var leastModule = map[printer.Format]int{printer.Roll80: 6, printer.Roll58: 5, printer.A4: 6, printer.A5: 6}

func TestEveryPaperFitsItsFormat(t *testing.T) {
	each(t, func(t *testing.T, name string, v paper, format printer.Format, _ []string, doc printer.Document) {
		if len(doc.Pages) != len(v.codes) {
			t.Errorf("%s: %d pages", name, len(doc.Pages))
		}
		for _, page := range doc.Pages {
			fits(t, name, page, format, v.limit(format))
			for _, it := range page.Items {
				if c, ok := it.(layout.Code); ok && c.Module < leastModule[format] {
					t.Errorf("%s: a module of %d dots", name, c.Module)
				}
			}
		}
	})
}

func fits(t *testing.T, name string, page *layout.List, format printer.Format, limit int) {
	t.Helper()
	if page.Width != widths[format] {
		t.Errorf("%s: %d dots wide", name, page.Width)
	}
	switch {
	case format == printer.A4 && page.Height != 2376, format == printer.A5 && page.Height != 1680:
		t.Errorf("%s: %d dots high", name, page.Height)
	case limit > 0 && page.Height > limit:
		t.Errorf("%s: %d dots long, at most %d", name, page.Height, limit)
	}
	if len(page.Missing) > 0 {
		t.Errorf("%s: %q cannot be printed", name, string(page.Missing))
	}
	inside(t, name, page)
}

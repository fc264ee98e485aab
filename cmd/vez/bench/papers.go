package bench

import (
	"time"

	"vez/hall"
	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/raster"
)

// papers measures one ticket on paper, warm.
func (b *Bench) papers() ([]Row, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	if err := x.Press.Ready(); err != nil {
		return []Row{missing("one ticket on paper", "make fonts first")}, nil
	}
	is, err := x.Hall.Issue(b.ctx, hall.Act{Actor: "device:bench"}, hall.IssueRequest{Office: benchAt, Service: "dsi-bir-renewal", Lang: "en"})
	if err != nil {
		return nil, err
	}
	paper, err := x.Paper(b.ctx, is.Ticket)
	if err != nil {
		return nil, err
	}
	pdf, err := drawn(x.Press, paper, func(doc printer.Document) error { _, err := doc.PDF(); return err })
	if err != nil {
		return nil, err
	}
	dots, err := drawn(x.Press, paper, dotted)
	return []Row{
		bound("one ticket as PDF, warm", pdf, 10*time.Millisecond).noting("with its layout"),
		bound("one ticket as ESC/POS dots, warm", dots, 10*time.Millisecond).noting("with its layout"),
	}, err
}

// drawn is the median time of laying a ticket out and drawing it.
func drawn(press *printer.Press, paper printer.Ticket, draw func(printer.Document) error) (time.Duration, error) {
	var failed error
	took := timings(40, func() {
		doc, err := press.TicketOn(printer.Roll80, paper)
		if err == nil {
			err = draw(doc)
		}
		if err != nil {
			failed = err
		}
	})
	return quantile(took, 0.5), failed
}

func dotted(doc printer.Document) error {
	img, err := raster.Mono(doc.Pages[0])
	if err == nil {
		_, err = escpos.Encode(img, escpos.Profile{})
	}
	return err
}

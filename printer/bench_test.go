package printer_test

import (
	"testing"

	"vez/printer"
	"vez/printer/raster"
)

// A ticket is asked for by somebody who stands before the printer: warm, it may
// take 10 ms as PDF, and 5 ms in the dots of a head.

func BenchmarkTicketPDF(b *testing.B) {
	p := press(b)
	for _, place := range []string{"macao", "macao-en", "hengqin"} { // two faces, two, three
		b.Run(place, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				doc, err := p.TicketOn(printer.Roll80, sampleTicket(places[place]...))
				if err == nil {
					_, err = doc.PDF()
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkTicketRaster(b *testing.B) {
	p := press(b)
	for _, f := range []printer.Format{printer.Roll80, printer.Roll58} {
		b.Run(string(f), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				doc, err := p.TicketOn(f, sampleTicket("zh-Hant", "pt"))
				if err == nil {
					_, err = raster.Mono(doc.Pages[0])
				}
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkTicketCompose(b *testing.B) {
	p := press(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.TicketOn(printer.Roll80, sampleTicket("zh-Hant", "pt", "en")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMonoOfAComposedTicket(b *testing.B) {
	doc, err := press(b).TicketOn(printer.Roll80, sampleTicket("zh-Hant", "pt"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := raster.Mono(doc.Pages[0]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLetters(b *testing.B) {
	p := press(b)
	letters := make([]printer.Reminder, 50)
	for i := range letters {
		letters[i] = sampleReminder("zh-Hant", "pt")
	}
	b.ReportAllocs()
	for b.Loop() {
		doc, err := p.LettersOn(printer.A4, sampleCover("zh-Hant", "pt"), letters)
		if err == nil {
			_, err = doc.PDF()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

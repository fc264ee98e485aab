package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/locale"
	"vez/office"
	"vez/printer"
	"vez/printer/content"
	"vez/printer/spool"
	"vez/ticket"
)

// papers makes documents from what the ledger says of a ticket or booking.
type papers struct {
	hall  *hall.Hall
	live  *live.Hub
	press *printer.Press
	// batch lists the reminder letters of an office's day.
	batch func(ctx context.Context, office string, day office.Day) ([]event.Reminder, error)
	url   string // public address without a slash at its end
}

// words gives the printing room the catalogues' texts.
type words struct{ bundle *locale.Bundle }

func (w words) T(lang, key string, args ...any) string { return w.bundle.In(lang).T(key, args...) }

func (w words) DateLong(lang string, t time.Time) string { return w.bundle.In(lang).DateLong(t) }

// Document of a job; printer.Documents.
func (p papers) Document(ctx context.Context, job printer.Job, f printer.Format) (printer.Document, error) {
	switch job.Kind {
	case printer.KindTicket, printer.KindPass:
		t, err := p.hall.Ticket(ctx, job.Ref)
		if err != nil {
			return printer.Document{}, err
		}
		if job.Kind == printer.KindPass {
			return p.pass(t, job, f)
		}
		paper, err := p.ticket(ctx, t)
		if err != nil {
			return printer.Document{}, err
		}
		paper.Copy, paper.Large = job.Copy, job.Large
		return p.press.TicketOn(f, paper)
	case printer.KindSlip, printer.KindReminder:
		b, err := p.hall.Read(ctx).Booking(job.Ref)
		if err != nil {
			return printer.Document{}, err
		}
		return p.booking(b, job, f)
	case printer.KindLetters:
		return p.letters(ctx, job, f)
	}
	return printer.Document{}, fault.New(fault.PrintFailed).Because(errors.New("no artwork for a " + string(job.Kind)))
}

func (p papers) ticket(ctx context.Context, t ticket.Ticket) (printer.Ticket, error) {
	link, err := p.hall.Read(ctx).LinkOf(t.ID)
	if err != nil {
		return printer.Ticket{}, err
	}
	facts := content.TicketFacts{Link: p.url + "/t/" + link, Ahead: -1}
	if pos, err := p.live.Position(ctx, t.Office, t.ID); err == nil {
		facts.Ahead = pos.Ahead
		if pos.Window != nil {
			facts.From, facts.To = pos.Window.From, pos.Window.To
		}
	}
	return content.Ticket(p.hall.Catalogue(), t, facts)
}

// pass is the return pass of a ticket that ended with one.
func (p papers) pass(t ticket.Ticket, job printer.Job, f printer.Format) (printer.Document, error) {
	code, err := p.hall.TicketCode(t)
	if err == nil && (code == "" || !t.State.Final()) {
		err = fault.New(fault.PrintFailed).Because(errors.New("the ticket ended without a return pass"))
	}
	if err != nil {
		return printer.Document{}, err
	}
	slip, err := content.Pass(p.hall.Catalogue(), t, t.EndedAt.Add(hall.PassFor), content.SlipFacts{Code: code, Copy: job.Copy}, p.hall.Now())
	if err != nil {
		return printer.Document{}, err
	}
	return p.press.PassOn(f, slip)
}

// facts are what a booking's papers say beside the booking.
func (p papers) facts(b booking.Booking, lang string, copy int) (content.SlipFacts, error) {
	code, err := p.hall.BookingCode(b)
	return content.SlipFacts{Code: code, Link: p.url + "/my", Lang: lang, Copy: copy}, err
}

func (p papers) booking(b booking.Booking, job printer.Job, f printer.Format) (printer.Document, error) {
	facts, err := p.facts(b, "", job.Copy)
	if err != nil {
		return printer.Document{}, err
	}
	if job.Kind == printer.KindReminder {
		paper, err := content.Reminder(p.hall.Catalogue(), b, facts, p.hall.Now())
		if err != nil {
			return printer.Document{}, err
		}
		return p.press.ReminderOn(f, paper)
	}
	slip, err := content.Slip(p.hall.Catalogue(), b, facts, p.hall.Now())
	if err != nil {
		return printer.Document{}, err
	}
	return p.press.SlipOn(f, slip)
}

// letters are an office's reminder letters of a day, of the bookings that
// still stand as they did.
func (p papers) letters(ctx context.Context, job printer.Job, f printer.Format) (printer.Document, error) {
	id, day, ok := strings.Cut(job.Ref, "/")
	if !ok || p.batch == nil {
		return printer.Document{}, fault.New(fault.UnknownThing, "what", "letters")
	}
	rows, err := p.batch(ctx, id, office.Day(day))
	if err != nil {
		return printer.Document{}, err
	}
	var out []printer.Reminder
	for _, row := range rows {
		b, err := p.hall.Read(ctx).Booking(row.Booking)
		if err != nil {
			return printer.Document{}, err
		}
		if b.State != booking.Confirmed || !b.Start.Equal(row.Start) {
			continue
		}
		facts, err := p.facts(b, "", job.Copy)
		if err != nil {
			return printer.Document{}, err
		}
		letter, err := content.Reminder(p.hall.Catalogue(), b, facts, p.hall.Now())
		if err != nil {
			return printer.Document{}, err
		}
		out = append(out, letter)
	}
	cover, err := content.Cover(p.hall.Catalogue(), id, office.Day(day), job.Copy, p.hall.Now())
	if err != nil {
		return printer.Document{}, err
	}
	return p.press.LettersOn(f, cover, out)
}

// probe is the page that proves a printer.
func (p papers) probe(_ context.Context, _ printer.Job, at spool.Printer, code string) (printer.Document, error) {
	paper, err := content.Probe(p.hall.Catalogue(), at.Office, at.Name, code, p.hall.Now())
	if err != nil {
		return printer.Document{}, err
	}
	return p.press.ProbeOn(at.Format, paper)
}

// Slip is a booking's slip as PDF, in the languages of its office and lang.
func (p papers) Slip(b booking.Booking, lang string) ([]byte, error) {
	facts, err := p.facts(b, lang, 0)
	if err != nil {
		return nil, err
	}
	slip, err := content.Slip(p.hall.Catalogue(), b, facts, p.hall.Now())
	if err != nil {
		return nil, err
	}
	doc, err := p.press.SlipOn(printer.A4, slip)
	if err != nil {
		return nil, err
	}
	return doc.PDF()
}

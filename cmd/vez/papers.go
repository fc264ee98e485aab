package main

import (
	"context"
	"fmt"
	"strings"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/locale"
	"vez/office"
	"vez/printer"
	"vez/ticket"

	"time"
)

// papers makes documents from what the ledger says of a ticket or booking.
type papers struct {
	hall  *hall.Hall
	live  *live.Hub
	press *printer.Press
	url   string // public address without a slash at its end
}

// words gives the printing room the catalogues' texts.
type words struct{ bundle *locale.Bundle }

func (w words) T(lang, key string, args ...any) string { return w.bundle.In(lang).T(key, args...) }

func (w words) DateLong(lang string, t time.Time) string { return w.bundle.In(lang).DateLong(t) }

// Document of a job; printer.Documents.
func (p papers) Document(ctx context.Context, job printer.Job, format printer.Format) (printer.Document, error) {
	if job.Kind != printer.KindTicket {
		return printer.Document{}, fault.New(fault.PrintFailed).Because(fmt.Errorf("no artwork for a %s yet", job.Kind))
	}
	t, err := p.hall.Ticket(ctx, job.Ref)
	if err != nil {
		return printer.Document{}, err
	}
	paper, err := p.ticket(ctx, t)
	if err != nil {
		return printer.Document{}, err
	}
	paper.Copy, paper.Large = job.Copy, job.Large
	return p.press.TicketOn(format, paper)
}

func (p papers) ticket(ctx context.Context, t ticket.Ticket) (printer.Ticket, error) {
	cat := p.hall.Catalogue()
	o, q := cat.Office(t.Office), cat.Queue(t.Queue)
	if o == nil || q == nil {
		return printer.Ticket{}, fault.New(fault.UnknownThing, "what", t.Queue)
	}
	link, err := p.hall.Read(ctx).LinkOf(t.ID)
	if err != nil {
		return printer.Ticket{}, err
	}
	loc := o.Location()
	paper := printer.Ticket{
		Languages: printer.Languages(o.Jurisdiction, t.Lang), Holder: t.Lang,
		Number: t.Number, Booked: t.Class == ticket.Booked || t.Class == ticket.Late,
		Office: texts(o.Name), Zone: zoneOf(o, q.Zone), Queue: texts(q.Name), Ahead: -1,
		From: t.From.In(loc), To: t.To.In(loc), ReturnWithin: q.RulesOn(t.Day).ReturnGrace,
		Issued: t.Arrival.In(loc), Link: strings.ToUpper(p.url + "/t/" + link),
	}
	if t.From.IsZero() {
		paper.From, paper.To = time.Time{}, time.Time{}
	}
	if !t.Callable.IsZero() {
		paper.NotBefore = t.Callable.In(loc)
	}
	if s := cat.Service(t.Service); s != nil {
		paper.Bring = documents(s)
		if !s.RulesAt(t.Queue, t.Day).Discreet {
			paper.Service = texts(s.Name)
		}
	}
	if pos, err := p.live.Position(ctx, t.Office, t.ID); err == nil {
		paper.Ahead = pos.Ahead
		if paper.From.IsZero() && pos.Window != nil {
			paper.From, paper.To = pos.Window.From, pos.Window.To
		}
	}
	return paper, nil
}

// Slip is a booking's slip as PDF, in the languages of its office and lang.
func (p papers) Slip(b booking.Booking, lang string) ([]byte, error) {
	cat := p.hall.Catalogue()
	o, s := cat.Office(b.Office), cat.Service(b.Service)
	if o == nil || s == nil {
		return nil, fault.New(fault.UnknownThing, "what", b.Service)
	}
	code, err := p.hall.BookingCode(b)
	if err != nil {
		return nil, err
	}
	if lang == "" {
		lang = b.Lang
	}
	loc := o.Location()
	slip := printer.Slip{Languages: printer.Languages(o.Jurisdiction, lang), Reference: b.Reference, Code: code,
		Office: texts(o.Name), Address: texts(o.Address), Start: b.Start.In(loc), End: b.End.In(loc), People: b.People,
		Bring: documents(s), ChangeUntil: booking.Cutoff(s, o, cat, b.Start), Link: p.url + "/my", Issued: p.hall.Now().In(loc)}
	if d := cat.Department(s.Department); d != nil {
		slip.Department = texts(d.Name)
	}
	if !s.RulesAt(b.Queue, b.Day).Discreet {
		slip.Service = texts(s.Name)
	}
	return p.press.SlipPDF(slip)
}

func texts(t office.Text) printer.Text { return printer.Text(t.Names()) }

func documents(s *office.Service) []printer.Text {
	out := make([]printer.Text, len(s.Documents))
	for i, d := range s.Documents {
		out[i] = texts(d)
	}
	return out
}

func zoneOf(o *office.Office, id string) printer.Text {
	for _, z := range o.Zones {
		if z.ID == id {
			return texts(z.Name)
		}
	}
	return nil
}

package api

import (
	"context"
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"

	"vez/booking"
	"vez/fault"
	"vez/locale"
	"vez/printer/qr"
)

// file is an answer that is not JSON.
type file struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

type qrIn struct {
	IDPath
	Scale int `query:"scale" minimum:"1" maximum:"32" default:"8" doc:"Pixels to a module."`
}

func papers(a *API) {
	paper := func(id, name, content string) operation {
		return operation{id: id, method: "GET", path: "/bookings/{id}/" + name, tag: "bookings", content: content,
			audience: of(citizen, greeter), faults: []fault.Code{fault.BookingState}}
	}
	add(a, paper("booking-qr", "qr.png", "image/png"), a.qrPNG)
	slip := paper("booking-slip", "slip.pdf", "application/pdf")
	slip.faults = append(slip.faults, fault.FontsMissing)
	add(a, slip, a.slipPDF)
	add(a, paper("booking-event", "event.ics", "text/calendar"), a.eventICS)
}

// promised gives a booking that the caller may see and that still has a code.
func (a *API) promised(ctx context.Context, c *call, id string) (booking.Booking, string, error) {
	b, err := a.bookingFor(ctx, c, id)
	if err != nil {
		return b, "", err
	}
	if !coded(b) {
		return b, "", fault.New(fault.BookingState, "state", string(b.State))
	}
	code, err := a.Hall.BookingCode(b)
	return b, code, err
}

func (a *API) qrPNG(ctx context.Context, c *call, r *qrIn) (*file, error) {
	_, code, err := a.promised(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	png, err := qr.PNG(code, qr.M, r.Scale)
	return &file{"image/png", "inline", png}, err
}

func (a *API) slipPDF(ctx context.Context, c *call, r *IDPath) (*file, error) {
	b, _, err := a.promised(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	if a.Slip == nil {
		return nil, fault.New(fault.FontsMissing)
	}
	pdf, err := a.Slip(b, c.lang)
	return &file{"application/pdf", `inline; filename="vez-` + b.Reference + `.pdf"`, pdf}, err
}

// alarm lets the holder's own calendar remind them.
func alarm(e *ics.VEvent, before time.Duration, text string) {
	a := e.AddAlarm()
	a.SetAction(ics.ActionDisplay)
	a.SetTrigger(fmt.Sprintf("-PT%dM", int(before/time.Minute)))
	a.SetProperty(ics.ComponentPropertyDescription, text)
}

// eventICS is the booking for a calendar (RFC 5545), which rings when a
// reminder is due. A service that is discreet is not named.
func (a *API) eventICS(ctx context.Context, c *call, r *IDPath) (*file, error) {
	b, _, err := a.promised(ctx, c, r.ID)
	if err != nil {
		return nil, err
	}
	o, s := a.cat.Office(b.Office), a.cat.Service(b.Service)
	cal := ics.NewCalendarFor("Vez")
	cal.SetMethod(ics.MethodPublish)
	e := cal.AddEvent(b.ID + "@vez")
	e.SetDtStampTime(a.Hall.Now())
	e.SetStartAt(b.Start)
	e.SetEndAt(b.End)
	e.SetSequence(int(b.Seq))
	e.SetStatus(ics.ObjectStatusConfirmed)
	e.SetLocation(locale.Pick(o.Name.Names(), c.lang) + ", " + locale.Pick(o.Address.Names(), c.lang))
	summary := c.text.T("api.event.summary", "office", o.Name.Names())
	if s != nil {
		rules := s.RulesAt(b.Queue, b.Day)
		if !rules.Discreet {
			summary = locale.Pick(s.Name.Names(), c.lang)
		}
		for _, before := range rules.Remind {
			alarm(e, before, summary)
		}
	}
	e.SetSummary(summary)
	e.SetDescription(c.text.T("api.event.reference", "reference", booking.ReferenceWords(b.Reference)))
	return &file{"text/calendar; charset=utf-8", `attachment; filename="vez-` + b.Reference + `.ics"`, []byte(cal.Serialize(ics.WithNewLineWindows))}, nil
}

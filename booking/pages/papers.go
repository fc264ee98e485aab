package pages

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/office"
	"vez/printer/qr"
	"vez/ticket"
	"vez/web"
)

// passUntil is until when the return pass of a ticket is good.
func passUntil(t ticket.Ticket) time.Time { return t.EndedAt.Add(hall.PassFor) }

// passCode is the text of the return pass that a ticket ended with; "" for none.
func (r *room) passCode(t ticket.Ticket) (string, error) {
	if !t.State.Final() {
		return "", nil
	}
	return r.Hall.TicketCode(t)
}

// codePicture is a booking's code as a PNG, to keep in the phone's photos.
func (r *room) codePicture(c *fiber.Ctx) error {
	b, _, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return err
	}
	if b.State != booking.Confirmed {
		return fault.New(fault.BookingState, "state", string(b.State))
	}
	code, err := r.Hall.BookingCode(b)
	if err != nil {
		return err
	}
	png, err := qr.PNG(code, qr.M, 16)
	if err != nil {
		return err
	}
	return download(c, "image/png", "vez-"+b.Reference+".png", png)
}

// slip is a booking on paper, for who prefers it.
func (r *room) slip(c *fiber.Ctx) error {
	b, _, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return err
	}
	if r.Slip == nil {
		return unknown("slip")
	}
	if b.State != booking.Confirmed {
		return fault.New(fault.BookingState, "state", string(b.State))
	}
	pdf, err := r.Slip(b, web.Lang(c))
	if err != nil {
		return err
	}
	return download(c, "application/pdf", "vez-"+b.Reference+".pdf", pdf)
}

// calendar is a booking as an iCalendar file (RFC 5545). A discreet service is not named in it.
func (r *room) calendar(c *fiber.Ctx) error {
	b, o, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return err
	}
	if b.State != booking.Confirmed {
		return fault.New(fault.BookingState, "state", string(b.State))
	}
	return download(c, "text/calendar; charset=utf-8", "vez-"+b.Reference+".ics", []byte(r.event(c, b, o)))
}

func (r *room) event(c *fiber.Ctx, b booking.Booking, o *office.Office) string {
	text, lang := web.Text(c), web.Lang(c)
	title := text.T("booking.ics.discreet")
	var remind []time.Duration
	if s := r.cat.Service(b.Service); s != nil {
		rules := s.RulesAt(b.Queue, b.Day)
		if remind = rules.Remind; !rules.Discreet {
			title = s.Name.In(lang)
		}
	}
	cal := ics.NewCalendarFor("Vez")
	cal.SetMethod(ics.MethodPublish)
	e := cal.AddEvent(b.ID + "@vez")
	for _, before := range remind {
		alarm(e, before, title)
	}
	e.SetDtStampTime(r.Hall.Now())
	e.SetStartAt(b.Start)
	e.SetEndAt(b.End)
	e.SetSummary(title)
	e.SetLocation(whereIs(o, lang))
	e.SetDescription(text.T("booking.ics.text", "reference", booking.ReferenceWords(b.Reference)))
	if r.app.URL() != "" {
		e.SetURL(r.app.URL() + "/my/" + b.ID)
	}
	return cal.Serialize()
}

// alarm lets the holder's own calendar remind them.
func alarm(e *ics.VEvent, before time.Duration, text string) {
	a := e.AddAlarm()
	a.SetAction(ics.ActionDisplay)
	a.SetTrigger(fmt.Sprintf("-PT%dM", int(before/time.Minute)))
	a.SetProperty(ics.ComponentPropertyDescription, text)
}

func whereIs(o *office.Office, lang string) string {
	return o.Name.In(lang) + ", " + o.Address.In(lang)
}

func download(c *fiber.Ctx, kind, name string, body []byte) error {
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Send(body)
}

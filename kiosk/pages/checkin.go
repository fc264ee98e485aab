package pages

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/web"
)

// checkIn takes what was scanned or typed, on whatever page: POST
// /kiosk/{office}/check-in {code, alt, reference, need, first}. It leads to the
// ticket, or to the answer that helps.
func (r *room) checkIn(c *fiber.Ctx, v *visit) error {
	texts := []string{c.FormValue("code"), c.FormValue("alt"), c.FormValue("reference")}
	var first error
	for _, text := range texts {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		to, err := r.present(c, v, text)
		if err == nil {
			return web.Back(c, to)
		}
		if first == nil {
			first = err
		}
		if !misread(err) {
			first = err
			break
		}
	}
	if first == nil {
		return web.Back(c, v.to("/booking"))
	}
	if !answered(fault.CodeOf(first)) {
		return first
	}
	return web.Back(c, v.answerURL(fault.Of(first), clean(c.FormValue("reference"))))
}

// misread says whether another reading of the same scan may do better.
func misread(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Unknown || code == fault.Forged
}

// present checks in with one reading; it gives the page of the ticket.
func (r *room) present(c *fiber.Ctx, v *visit, text string) (string, error) {
	if _, token, ok := strings.Cut(strings.ToUpper(text), "/T/"); ok {
		return r.byLink(c.UserContext(), v, token)
	}
	req := hall.CheckInRequest{Office: v.office.ID, Needs: v.wish.Needs, Priority: v.wish.First, Lang: v.text.Lang(), Print: true}
	if len(text) <= 2*booking.ReferenceLength {
		req.Reference = text
	} else {
		req.Code = text
	}
	if req.Typed() {
		if err := web.Limit(c, identity.References, web.Who(c).ID); err != nil {
			return "", err
		}
	}
	is, err := r.Hall.CheckIn(c.UserContext(), act(c), req)
	if fault.CodeOf(err) == fault.Used {
		return r.usedAgain(c.UserContext(), v, fault.Of(err))
	}
	if err != nil {
		return "", err
	}
	return v.ticketURL(is.Ticket.ID, "new", "1"), nil
}

// byLink finds a ticket by the code that is printed on it.
func (r *room) byLink(ctx context.Context, v *visit, token string) (string, error) {
	t, err := r.Hall.Read(ctx).TicketByLink(hall.ParseLink(token))
	if err != nil || t.Office != v.office.ID || t.Day != v.day() {
		if err == nil || fault.CodeOf(err) == fault.UnknownThing {
			err = fault.New(fault.Unknown)
		}
		return "", err
	}
	return v.ticketURL(t.ID), nil
}

// usedAgain leads to the ticket that a code has become, if it is one of today's here.
func (r *room) usedAgain(ctx context.Context, v *visit, used *fault.Error) (string, error) {
	id, _ := used.Params["ticket"].(string)
	t, err := r.Hall.Ticket(ctx, id)
	if err != nil || t.Office != v.office.ID || t.Day != v.day() {
		return "", used
	}
	return v.ticketURL(t.ID, "used", "1"), nil
}

func (v *visit) ticketURL(id string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	to := v.home + "/ticket/" + id
	if len(q) > 0 {
		to += "?" + q.Encode()
	}
	return to
}

// answerURL is the page of an answer. What it says stands in its address, so
// that it can be read in another language; there is nothing of a person in it.
func (v *visit) answerURL(f *fault.Error, typed string) string {
	pairs := []string{"typed", typed}
	for _, name := range []string{"start", "from", "until", "date"} {
		if at, ok := f.Params[name].(time.Time); ok {
			pairs = append(pairs, name, at.Format(time.RFC3339))
		}
	}
	for _, name := range []string{"office_id", "number", "booking"} {
		if text, ok := f.Params[name].(string); ok {
			pairs = append(pairs, name, text)
		}
	}
	if n, ok := f.Params["minutes"].(int); ok {
		pairs = append(pairs, "minutes", strconv.Itoa(n))
	}
	return v.to("/answer/"+string(f.Code), pairs...)
}

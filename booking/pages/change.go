package pages

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/office"
	"vez/web"
)

// moving finds a booking that its holder may still move; where they may not,
// the fault says until when it was possible.
func (r *room) moving(c *fiber.Ctx) (place, error) {
	b, _, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return place{}, err
	}
	if err := booking.CanChange(b, r.cat, r.Hall.Now()); err != nil {
		return place{}, err
	}
	p, err := r.place(b.Service, b.Office)
	p.moving = &b
	return p, err
}

// changeDays shows the days to which a booking can go.
func (r *room) changeDays(c *fiber.Ctx) error {
	p, err := r.moving(c)
	if err != nil {
		return err
	}
	return r.showDays(c, p)
}

// changeTimes shows the times of such a day.
func (r *room) changeTimes(c *fiber.Ctx) error {
	p, err := r.moving(c)
	if err != nil {
		return err
	}
	day, err := office.ParseDay(c.Params("day"))
	if err != nil {
		return unknown("day")
	}
	return r.showTimes(c, p, day, time.Time{}, nil)
}

// change moves a booking to another time: the old one is given up in the same
// moment, and never before.
func (r *room) change(c *fiber.Ctx) error {
	p, err := r.moving(c)
	if err != nil {
		return err
	}
	start, err := time.Parse(time.RFC3339, c.FormValue("start"))
	if err != nil {
		return fault.New(fault.InvalidField, "field", "start", "why", "no time").Because(err)
	}
	if err := web.Limit(c, identity.Moves, citizen(c)); err != nil {
		return err
	}
	a := act(c, start.UTC().Format(time.RFC3339))
	b, err := r.Hall.Reschedule(c.UserContext(), a, p.moving.ID, citizen(c), hall.RescheduleRequest{Start: start})
	if err == nil && !b.Start.Equal(start) {
		// A form that was sent before, and the booking has moved on since.
		b, err = r.Hall.Reschedule(c.UserContext(), hall.Act{Actor: a.Actor}, p.moving.ID, citizen(c), hall.RescheduleRequest{Start: start})
	}
	if err != nil && tellable(err) {
		return r.showTimes(c, p, p.office.Day(start), start, err)
	} else if err != nil {
		return err
	}
	return web.Back(c, "/my/"+b.ID+"?moved=1")
}

type cancelPage struct {
	ID, Service, Office string
	Start               time.Time
	Possible            bool
	Cutoff              time.Time
	Notice              *notice
}

func (r *room) cancelPage(c *fiber.Ctx, b booking.Booking, o *office.Office) cancelPage {
	p := cancelPage{ID: b.ID, Office: o.Name.In(web.Lang(c)), Start: b.Start.In(o.Location())}
	if s := r.cat.Service(b.Service); s != nil {
		p.Service, p.Cutoff = s.Name.In(web.Lang(c)), booking.Cutoff(s, o, r.cat, b.Start).In(o.Location())
	}
	if err := booking.CanChange(b, r.cat, r.Hall.Now()); err != nil {
		p.Notice = problem(c, err)
	}
	p.Possible = p.Notice == nil
	return p
}

// askCancel asks once more before a booking is given up.
func (r *room) askCancel(c *fiber.Ctx) error {
	b, o, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return err
	}
	return web.Render(c, "booking/cancel", r.cancelPage(c, b, o))
}

// cancel gives a booking up.
func (r *room) cancel(c *fiber.Ctx) error {
	b, o, err := r.owned(c.UserContext(), citizen(c), c.Params("id"))
	if err != nil {
		return err
	}
	if _, err = r.Hall.CancelBooking(c.UserContext(), act(c), b.ID, citizen(c), false); err != nil {
		if !tellable(err) {
			return err
		}
		p := r.cancelPage(c, b, o)
		p.Notice, p.Possible = problem(c, err), false
		return web.Render(c, "booking/cancel", p, web.Status(web.StatusOf(fault.Of(err).Kind)))
	}
	return web.Back(c, "/my/"+b.ID)
}

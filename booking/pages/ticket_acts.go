package pages

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/hall"
	"vez/ticket"
	"vez/web"
)

// bearer acts by the address of a ticket's page alone.
func bearer(c *fiber.Ctx) hall.Act {
	a := act(c)
	a.Actor = "citizen:bearer"
	return a
}

// move makes a holder's own move of a ticket and shows its page again.
func (r *room) move(c *fiber.Ctx, do func(ctx context.Context, act hall.Act, id string) (ticket.Ticket, error)) error {
	p, err := r.pass(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	if _, err := do(c.UserContext(), bearer(c), p.ticket.ID); err != nil {
		if tellable(err) || fault.CodeOf(err) == fault.LedgerAway {
			return r.showTicket(c, p, err)
		}
		return err
	}
	return web.Back(c, p.url())
}

// stepOut lets a holder leave the hall once, for a quarter of an hour.
func (r *room) stepOut(c *fiber.Ctx) error { return r.move(c, r.Hall.StepOut) }

// comeBack puts a ticket whose holder stepped out back where it stood.
func (r *room) comeBack(c *fiber.Ctx) error { return r.move(c, r.Hall.ComeBack) }

type leavePage struct{ Number, URL, Office string }

// askCancelTicket asks once more before a place is given up.
func (r *room) askCancelTicket(c *fiber.Ctx) error {
	p, err := r.pass(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	if p.ticket.State.Final() {
		return web.Back(c, p.url())
	}
	return web.Render(c, "booking/leave", leavePage{p.ticket.Number, p.url(), p.office.Name.In(web.Lang(c))})
}

// cancelTicket gives a place up.
func (r *room) cancelTicket(c *fiber.Ctx) error { return r.move(c, r.Hall.CancelTicket) }

package admin

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/identity"
	"vez/web"
)

// Staff knows who is signed in, and signs out. *identity.Service is one.
type Staff interface {
	Present(ctx context.Context, office string) ([]identity.Present, error)
	SignOut(ctx context.Context, by identity.Principal, office, subject string) (identity.Present, error)
}

func (r *room) staffRoutes(get add) {
	if r.Staff != nil {
		get("/admin/offices/:office/staff", r.staff)
	}
}

// staffPage is the data of the page admin/staff.
type staffPage struct {
	head
	People []person
}

// person is somebody who is signed in. Times are the office's.
type person struct {
	identity.Present
	Since, Seen time.Time
	// Self is who looks; Yields to them who may be signed out.
	Self, Yields bool
	// Today: the sign-in was today, and its hour is enough.
	Today bool
}

// staff is the page of who is signed in: GET /admin/offices/{id}/staff.
func (r *room) staff(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	if !p.Pairs {
		return fault.New(fault.NotAllowed)
	}
	present, err := r.Staff.Present(c.UserContext(), p.office.ID)
	if err != nil {
		return err
	}
	v := staffPage{}
	now := r.Machine.Now().In(p.office.Location())
	for _, one := range present {
		x := person{Present: one, Since: one.Since.In(p.office.Location()), Seen: one.Seen.In(p.office.Location()),
			Self: one.Subject == p.who.Subject, Yields: one.Yields(p.who, p.office.ID)}
		x.Today = x.Since.Format(time.DateOnly) == now.Format(time.DateOnly)
		v.People = append(v.People, x)
	}
	v.head = r.head(c, p, "staff")
	return web.Render(c, "admin/staff", v, web.Wide(), web.Refresh(30*time.Second))
}

// signOut ends what a colleague has open.
func (p press) signOut() (did, error) {
	if !p.Pairs { // who does not see the page; whom one may sign out, Staff says
		return did{}, fault.New(fault.NotAllowed)
	}
	if p.Staff == nil {
		return did{}, fault.New(fault.UnknownThing, "what", "session")
	}
	gone, err := p.Staff.SignOut(p.ctx, p.who, p.office.ID, p.field("who"))
	return did{text: "signed_out", params: []any{"name", gone.Name}, back: pathOf(p.office.ID) + "/staff"}, err
}

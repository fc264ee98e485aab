package identity

import (
	"context"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web"
)

// door is the data of the page identity/staff.
type door struct {
	Back     string
	Name     string
	Provider string // where the provider's sign-in begins; "" when there is none
	Title    string // of what went wrong; "" on the first look
	Detail   string
}

// staffDoor leads staff to their provider, or shows the form where local
// accounts are in use: GET /signin/staff?return=/path. With via=provider it
// does not ask again.
func (s *Service) staffDoor(c *fiber.Ctx) error {
	back := localPath(c.Query("return"), staffHome)
	if !s.cfg.LocalStaff || c.Query("via") == "provider" {
		return s.lead(c, SortStaff, back)
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return web.Render(c, "identity/staff", s.door(back))
}

func (s *Service) door(back string) door {
	d := door{Back: back}
	if s.staff.offered() {
		d.Provider = "/signin/staff?via=provider&return=" + url.QueryEscape(back)
	}
	return d
}

// staffPassword signs in with a local account: POST /signin/staff.
func (s *Service) staffPassword(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if !s.cfg.LocalStaff {
		return fault.New(fault.UnknownThing)
	}
	name, back := c.FormValue("name"), localPath(c.FormValue("return"), staffHome)
	guess := "password " + accountName(name) + " " + web.Client(c).String()
	err := web.LimitClient(c, passwords)
	if err == nil {
		err = s.brake.take(guess)
	}
	if err == nil {
		ctx, cancel := context.WithTimeout(c.UserContext(), 20*time.Second)
		defer cancel()
		var who Principal
		if who, err = s.accounts.Verify(ctx, name, c.FormValue("password")); err == nil {
			s.brake.ease(guess)
			if err = s.settle(c, who, SortStaff, ""); err == nil {
				return c.Redirect(back, fiber.StatusSeeOther)
			}
		}
	}
	return s.doorAgain(c, name, back, err)
}

// doorAgain shows the form with what went wrong.
func (s *Service) doorAgain(c *fiber.Ctx, name, back string, err error) error {
	f := fault.Of(err)
	if f.Code != fault.SignInFailed && f.Code != fault.TooOften {
		return err
	}
	s.cfg.Log.Warn("sign-in failed", "why", err)
	d := s.door(back)
	d.Name = name
	if d.Title, d.Detail = web.FaultText(web.Text(c), f); f.Code == fault.SignInFailed {
		d.Title, d.Detail = web.Text(c).T("identity.staff.wrong.title"), web.Text(c).T("identity.staff.wrong.detail")
	}
	return web.Render(c, "identity/staff", d, web.Status(web.StatusOf(f.Kind)))
}

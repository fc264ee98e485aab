package identity

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web"
)

// Where somebody goes who did not come from anywhere.
const (
	citizenHome = "/my"
	staffHome   = "/counter"
)

// signIn leads a citizen to the identity provider: GET /signin?return=/path.
// With as=staff it leads to the door for staff.
func (s *Service) signIn(c *fiber.Ctx) error {
	if c.Query("as") == "staff" {
		return c.Redirect("/signin/staff?return="+url.QueryEscape(c.Query("return")), fiber.StatusSeeOther)
	}
	return s.lead(c, SortCitizen, localPath(c.Query("return"), citizenHome))
}

// lead sends the browser to the provider with a new attempt.
func (s *Service) lead(c *fiber.Ctx, sort Sort, back string) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	if !s.party(sort).offered() {
		return fault.New(fault.SignInFailed).Because(fmt.Errorf("no provider for %s", sort))
	}
	return s.send(c, s.newAttempt(sort, back, s.base(c)))
}

// send sends the browser to the provider.
func (s *Service) send(c *fiber.Ctx, a attempt) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	to, err := s.party(a.Sort).address(ctx, a, web.Lang(c))
	if err != nil {
		return fault.New(fault.SignInFailed).Because(err)
	}
	sealed, err := s.seal(a)
	if err != nil {
		return err
	}
	s.setCookie(c, attemptCookie, sealed, s.limits.Attempt)
	return c.Redirect(to, fiber.StatusSeeOther)
}

// patience is how long we wait for a provider.
const patience = 10 * time.Second

func (s *Service) party(sort Sort) *relyingParty {
	if sort == SortStaff {
		return s.staff
	}
	return s.citizens
}

// callback is where the provider sends the browser back to, with a code. Every
// refusal looks the same outside; the log says which it was.
func (s *Service) callback(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	sealed := s.cookie(c, attemptCookie)
	s.dropCookie(c, attemptCookie)
	a, err := s.open(sealed)
	if err != nil {
		return s.failed(err)
	}
	err = s.answered(c, a)
	if errors.Is(err, errScope) && !a.Plain {
		again := s.newAttempt(a.Sort, a.Back, a.Base)
		again.Plain = true
		return s.send(c, again)
	}
	if err != nil {
		return s.failed(err)
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), patience)
	defer cancel()
	got, err := s.party(a.Sort).redeem(ctx, c.Query("code"), a)
	if err != nil {
		return s.failed(err)
	}
	who, err := s.principal(a.Sort, got)
	if err != nil {
		return err
	}
	if err := s.settle(c, who, a.Sort, got.address()); err != nil {
		return err
	}
	return c.Redirect(a.Back, fiber.StatusSeeOther)
}

// answered checks that the answer belongs to the attempt of this browser: its
// state, and the issuer where the provider names it (RFC 9207).
func (s *Service) answered(c *fiber.Ctx, a attempt) error {
	state := c.Query("state")
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(a.State)) != 1 {
		return fmt.Errorf("another state")
	}
	if iss := c.Query("iss"); iss != "" && iss != s.party(a.Sort).cfg.Issuer {
		return fmt.Errorf("another issuer")
	}
	if refused := c.Query("error"); refused == "invalid_scope" {
		return errScope
	} else if refused != "" {
		return fmt.Errorf("the provider refused: %.60q", refused)
	}
	if c.Query("code") == "" {
		return fmt.Errorf("no code")
	}
	return nil
}

// errScope: the provider refuses one of the scopes. Most pass over those that
// they do not know; to one that does not we come back without asking for the
// address, so that nobody is shut out for its sake.
var errScope = errors.New("the provider refused: invalid_scope")

func (s *Service) failed(err error) error {
	s.cfg.Log.Warn("sign-in failed", "why", err)
	return fault.New(fault.SignInFailed).Because(err)
}

// principal makes one of verified claims. A citizen's name is not kept, and a
// role claim counts at the door for staff only.
func (s *Service) principal(sort Sort, got claims) (Principal, error) {
	if sort == SortCitizen {
		return Principal{
			Subject: s.Pseudonym("citizen", got.Issuer, got.Subject), Grants: []Grant{{Citizen, Any, Any}}, Lang: got.lang(),
		}, nil
	}
	p := Principal{
		Subject: s.Pseudonym("clerk", got.Issuer, got.Subject), Grants: parseGrants(got.Roles), Name: got.Name, Lang: got.lang(),
	}
	if len(p.Grants) == 0 {
		return Principal{}, fault.New(fault.NotAllowed).Because(fmt.Errorf("the account has no role here"))
	}
	return p, nil
}

// signOut ends the session that the page was shown with, which its address or
// the field "as" tells, or all of a person's when nothing tells. Devices stay
// paired.
func (s *Service) signOut(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	for _, sort := range s.leaving(c) {
		if secret := s.cookie(c, cookieNames[sort]); secret != "" {
			if err := s.end(c.UserContext(), secret, sort); err != nil {
				return err
			}
			s.dropCookie(c, cookieNames[sort])
		}
	}
	return c.Redirect("/", fiber.StatusSeeOther)
}

func (s *Service) leaving(c *fiber.Ctx) []Sort {
	switch Sort(c.FormValue("as")) {
	case SortCitizen:
		return []Sort{SortCitizen}
	case SortStaff:
		return []Sort{SortStaff}
	}
	page, err := url.Parse(c.Get(fiber.HeaderReferer))
	if err != nil || page.Path == "" {
		return []Sort{SortCitizen, SortStaff}
	}
	for _, sort := range order(strings.TrimSuffix(page.Path, "/")) {
		if sort.person() && s.cookie(c, cookieNames[sort]) != "" {
			return []Sort{sort}
		}
	}
	return nil
}

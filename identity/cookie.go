package identity

import (
	"time"

	"github.com/gofiber/fiber/v2"
)

// cookieNames by sort; on https each has the prefix __Host-, which keeps a
// neighbouring subdomain from planting one.
var cookieNames = map[Sort]string{
	SortCitizen: "vez", SortStaff: "vez_staff", SortKiosk: "vez_kiosk", SortBoard: "vez_board",
}

// Cookies of what is under way; they end by themselves.
const (
	attemptCookie = "vez_signin"
	pairingCookie = "vez_pairing"
)

func (s *Service) isSecure(c *fiber.Ctx) bool { return s.secure || c.Secure() }

func (s *Service) cookieName(c *fiber.Ctx, name string) string {
	if s.isSecure(c) {
		return "__Host-" + name
	}
	return name
}

func (s *Service) cookie(c *fiber.Ctx, name string) string { return c.Cookies(s.cookieName(c, name)) }

// setCookie sets one for the whole site; lasting 0 means until the browser
// closes.
func (s *Service) setCookie(c *fiber.Ctx, name, value string, lasting time.Duration) {
	c.Cookie(&fiber.Cookie{
		Name: s.cookieName(c, name), Value: value, Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: s.isSecure(c), SessionOnly: lasting == 0, MaxAge: int(lasting / time.Second),
	})
}

// dropCookie must repeat every attribute, or browsers keep a __Host- cookie.
func (s *Service) dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{
		Name: s.cookieName(c, name), Path: "/", HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode,
		Secure: s.isSecure(c), Expires: time.Unix(1, 0),
	})
}

// settle puts a fresh session into its cookie and ends the one that was there:
// an id that somebody knew before the sign-in is worth nothing after it. A
// citizen's may carry an e-mail address; "" for none.
func (s *Service) settle(c *fiber.Ctx, p Principal, sort Sort, email string) error {
	secret, err := s.start(c.UserContext(), p, sort, s.most(sort), email)
	if err != nil {
		return err
	}
	if old := s.cookie(c, cookieNames[sort]); old != "" {
		if err := s.end(c.UserContext(), old, sort); err != nil {
			s.cfg.Log.Warn("identity: a session could not be ended at a new sign-in", "why", err)
		}
	}
	lasting := time.Duration(0)
	if !sort.person() {
		lasting = deviceCookieFor
	}
	s.setCookie(c, cookieNames[sort], secret, lasting)
	return nil
}

// deviceCookieFor is the longest that browsers keep a cookie.
const deviceCookieFor = 400 * 24 * time.Hour

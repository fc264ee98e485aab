package web

import (
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
)

// LangCookie remembers the language for a year.
const LangCookie = "vez_lang"

// begin gives the request its reference and its language.
func (a *App) begin(c *fiber.Ctx) error {
	s := &state{app: a, ref: random(5), route: Route{Layout: "site"}}
	c.Locals(stateKey, s)
	s.lang = a.chooseLanguage(c)
	c.Set("X-Request-ID", s.ref)
	c.Set(fiber.HeaderContentLanguage, s.lang)
	return c.Next()
}

// chooseLanguage takes ?lang=, then the cookie, then Accept-Language. A choice
// made with ?lang= on a page is remembered.
func (a *App) chooseLanguage(c *fiber.Ctx) string {
	if asked := c.Query("lang"); locale.Valid(asked) {
		if c.Method() == fiber.MethodGet && !wantsJSON(c) {
			c.Cookie(&fiber.Cookie{
				Name: LangCookie, Value: asked, Path: "/", MaxAge: 365 * 24 * 3600,
				SameSite: "Lax", Secure: a.isSecure(c), HTTPOnly: true,
			})
		}
		return asked
	}
	if kept := c.Cookies(LangCookie); locale.Valid(kept) && !underAPI(c) {
		return kept
	}
	return locale.Match(c.Get(fiber.HeaderAcceptLanguage))
}

// finish turns errors and panics into answers and writes the log line.
func (a *App) finish(c *fiber.Ctx) error {
	start := a.cfg.Clock.Now()
	err := allowed(c, a.safely(c))
	if err != nil {
		a.answerFault(c, err)
	}
	a.hardened(c)
	unkept(c)
	took := a.cfg.Clock.Since(start)
	s, status := stateOf(c), c.Response().StatusCode()
	route := or(s.route.Path, "-")
	if a.cfg.Observe != nil {
		a.cfg.Observe(c.Method(), route, status, took)
	}
	attrs := []any{"ref", s.ref, "method", c.Method(), "route", route, "status", status,
		"ms", float64(took.Microseconds()) / 1000}
	switch {
	case status >= 500:
		a.cfg.Log.Error("request", append(attrs, "why", err)...)
	case err != nil:
		a.cfg.Log.Info("request", append(attrs, "fault", string(fault.CodeOf(fromFiber(err))))...)
	case status == fiber.StatusUnauthorized || status == fiber.StatusForbidden || status == fiber.StatusTooManyRequests:
		// Answered by the API itself, which knows the code.
		a.cfg.Log.Info("request", attrs...)
	default:
		a.cfg.Log.Debug("request", attrs...)
	}
	return nil
}

// allowed completes the header Allow, in which Fiber lists the methods of an
// address that was asked with another one, and answers OPTIONS with it: what may
// be asked is no secret, and no other site may ask.
func allowed(c *fiber.Ctx, err error) error {
	if !errors.Is(err, fiber.ErrMethodNotAllowed) {
		return err
	}
	c.Append(fiber.HeaderAllow, fiber.MethodOptions)
	if c.Method() != fiber.MethodOptions {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendStatus(fiber.StatusNoContent)
}

// unkept keeps a page that was drawn for somebody out of the browser's store,
// whoever it is for: on a machine that others use next, Back shows nothing of it.
// A handler that said itself how long its answer keeps is believed.
func unkept(c *fiber.Ctx) {
	h := &c.Response().Header
	if stateOf(c).who.Known() && string(h.Peek(fiber.HeaderCacheControl)) == keepPage {
		h.Set(fiber.HeaderCacheControl, "no-store")
	}
}

// safely runs the rest of the chain and makes an error of a panic.
func (a *App) safely(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			a.cfg.Log.Error("panic", "ref", stateOf(c).ref, "what", fmt.Sprint(r), "stack", string(debug.Stack()))
			err = fault.New(fault.Unexpected).Because(fmt.Errorf("panic: %v", r))
		}
	}()
	return c.Next()
}

// headers are sent with every answer.
func (a *App) headers(c *fiber.Ctx) error {
	a.fence(c)
	return c.Next()
}

// fence tells the browser what an answer may do. Inline scripts and styles are
// refused, so none of ours may use them.
func (a *App) fence(c *fiber.Ctx) {
	c.Set("Content-Security-Policy", a.csp)
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "same-origin")
	c.Set("Permissions-Policy", permissions(false))
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Vary(fiber.HeaderAcceptLanguage, fiber.HeaderCookie)
	if a.isSecure(c) {
		c.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

func (a *App) isSecure(c *fiber.Ctx) bool { return a.secure || c.Secure() }

// policy is the Content-Security-Policy with the origins a form may lead to.
func policy(formTargets []string) string {
	form := strings.Join(append([]string{"form-action 'self'"}, formTargets...), " ")
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
		"connect-src 'self'", "media-src 'self' blob:", "manifest-src 'self'", "worker-src 'self'", "object-src 'none'",
		"base-uri 'none'", "frame-ancestors 'none'", form,
	}, "; ")
}

// permissions switches off what no page needs.
func permissions(camera bool) string {
	may := "camera=()"
	if camera {
		may = "camera=(self)"
	}
	return may + ", microphone=(), geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), " +
		"display-capture=(), accelerometer=(), gyroscope=(), magnetometer=(), idle-detection=(), browsing-topics=()"
}

// underAPI says whether the path is for programs.
func underAPI(c *fiber.Ctx) bool { return c.Path() == "/api" || strings.HasPrefix(c.Path(), "/api/") }

// wantsJSON says whether the asker is a program.
func wantsJSON(c *fiber.Ctx) bool {
	accept := c.Get(fiber.HeaderAccept)
	return underAPI(c) || (strings.Contains(accept, "json") && !strings.Contains(accept, "text/html"))
}

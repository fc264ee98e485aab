package web

import (
	"crypto/subtle"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
)

// Names of the hidden fields that Page.Hidden puts into every form.
const (
	TokenField = "_token"
	KeyField   = "_key"
)

// tokenCookie holds the form token. On https the prefix keeps a neighbouring
// subdomain from planting one.
func (a *App) tokenCookie(c *fiber.Ctx) string {
	if a.isSecure(c) {
		return "__Host-vez_form"
	}
	return "vez_form"
}

// sameSite refuses changes that another site's page asks the browser to make:
// first by what the browser says of the sender, then, for forms, by a token that
// stands both in a cookie and in the form. Requests that carry their own
// credential in a header are not the browser's doing and pass.
func (a *App) sameSite(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return nil
	}
	if c.Get(fiber.HeaderAuthorization) != "" {
		return nil
	}
	if !a.fromHere(c) {
		return fault.New(fault.OtherSite)
	}
	if !isForm(c) {
		return nil
	}
	if underAPI(c) && stateOf(c).route.Method == "*" {
		return fault.New(fault.WrongType) // programs send no forms, and have no page that was open too long
	}
	kept, sent := c.Cookies(a.tokenCookie(c)), c.FormValue(TokenField)
	if kept == "" || subtle.ConstantTimeCompare([]byte(kept), []byte(sent)) != 1 {
		return fault.New(fault.FormExpired)
	}
	return nil
}

// fromHere reads Sec-Fetch-Site, which pages cannot forge, and Origin where the
// browser is too old for it. Programs send neither.
func (a *App) fromHere(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return true
	}
	if a.origin != "" && strings.EqualFold(origin, a.origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, string(c.Request().Host()))
}

func isForm(c *fiber.Ctx) bool {
	kind := strings.ToLower(c.Get(fiber.HeaderContentType))
	return kind == "" && len(c.Body()) > 0 || strings.HasPrefix(kind, fiber.MIMEApplicationForm) ||
		strings.HasPrefix(kind, fiber.MIMEMultipartForm) || strings.HasPrefix(kind, fiber.MIMETextPlain)
}

// formToken gives the token of this browser, making one at the first form.
func (a *App) formToken(c *fiber.Ctx) string {
	s := stateOf(c)
	if s.token != "" {
		return s.token
	}
	if kept := c.Cookies(a.tokenCookie(c)); len(kept) == 32 {
		s.token = kept
		return kept
	}
	s.token = random(20)
	c.Cookie(&fiber.Cookie{
		Name: a.tokenCookie(c), Value: s.token, Path: "/", SameSite: "Lax", HTTPOnly: true, Secure: a.isSecure(c),
	})
	return s.token
}

// Key is the idempotency key of a write: the header Idempotency-Key, or the one
// that the rendered form carried; "" when there is none. At most 128 bytes.
func Key(c *fiber.Ctx) string {
	key := c.Get("Idempotency-Key")
	if key == "" && isForm(c) {
		key = c.FormValue(KeyField)
	}
	// What is no text, or half a character, no ledger can hold.
	return strings.ReplaceAll(strings.ToValidUTF8(key[:min(len(key), 128)], ""), "\x00", "")
}

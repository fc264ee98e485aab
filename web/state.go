package web

import (
	"crypto/rand"
	"encoding/base32"

	"github.com/gofiber/fiber/v2"

	"vez/locale"
)

// state is what the frame knows of a request. It is put into the context before
// anything else runs.
type state struct {
	app     *App
	ref     string
	lang    string
	route   Route
	who     Principal
	whoErr  error
	asked   bool   // who has been asked for
	token   string // of forms, once one is drawn
	failure error
}

const stateKey = "vez.web"

// stateOf gives the request's state; outside the middleware (a request that
// Fiber refused before any handler) an empty one with no app.
func stateOf(c *fiber.Ctx) *state {
	if s, ok := c.Locals(stateKey).(*state); ok {
		return s
	}
	return &state{lang: locale.Languages[0]}
}

// Ref is the short reference of a request, shown on fault pages and logged.
func Ref(c *fiber.Ctx) string { return stateOf(c).ref }

// Lang is the language chosen for a request, one of locale.Languages.
func Lang(c *fiber.Ctx) string { return stateOf(c).lang }

// Text is the printer in the language of a request.
func Text(c *fiber.Ctx) locale.Printer {
	s := stateOf(c)
	return s.app.cfg.Text.In(s.lang)
}

// Who is the principal of a request; the zero one for nobody or a session that
// has ended.
func Who(c *fiber.Ctx) Principal {
	who, _ := whoOrFault(c)
	return who
}

// whoOrFault asks Config.Auth once a request.
func whoOrFault(c *fiber.Ctx) (Principal, error) {
	s := stateOf(c)
	if !s.asked && s.app != nil {
		s.asked = true
		s.who, s.whoErr = s.app.cfg.Auth(c)
		if s.whoErr != nil {
			s.who = Principal{}
		}
	}
	return s.who, s.whoErr
}

// crockford has no I, L, O and U.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// random gives n random bytes in Crockford base 32.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails, by its contract
	return crockford.EncodeToString(b)
}

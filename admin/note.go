package admin

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/web"
)

// A form is answered with a redirect; what came of it waits in a cookie of the
// office's page, for one look.
const noteCookie = "vez_note"

type note struct {
	Tone   string `json:"o"`
	Title  string `json:"t"`
	Detail string `json:"d,omitempty"`
}

// refuse shows a fault in place; one that says that somebody may not, or that
// is our own mistake, has a page of its own.
func refuse(c *fiber.Ctx, at place, err error, back string) error {
	switch fault.CodeOf(err) {
	case fault.Unexpected, fault.NotAllowed, fault.NotSignedIn:
		return err
	}
	if c.Accepts(fiber.MIMETextHTML, fiber.MIMEApplicationJSON) == fiber.MIMEApplicationJSON {
		return err
	}
	n := note{Tone: "warn"}
	n.Title, n.Detail = web.FaultText(web.Text(c), err)
	putNote(c, at, n)
	return web.Back(c, back)
}

func putNote(c *fiber.Ctx, at place, n note) {
	text, err := json.Marshal(n)
	if err != nil {
		return // it is made of strings
	}
	c.Cookie(&fiber.Cookie{Name: noteCookie, Value: base64.RawURLEncoding.EncodeToString(text), Path: pathOf(at.office.ID),
		HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Secure: c.Secure(), MaxAge: 60})
}

// takeNote gives the note to show and forgets it.
func takeNote(c *fiber.Ctx, at place) *note {
	text, err := base64.RawURLEncoding.DecodeString(c.Cookies(noteCookie))
	var n note
	if err != nil || len(text) == 0 || json.Unmarshal(text, &n) != nil {
		return nil
	}
	c.Cookie(&fiber.Cookie{Name: noteCookie, Path: pathOf(at.office.ID), HTTPOnly: true,
		SameSite: fiber.CookieSameSiteLaxMode, Secure: c.Secure(), Expires: time.Unix(1, 0)})
	return &n
}

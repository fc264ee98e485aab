package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// hardened puts on every cookie that a room has set what none of ours may lack:
// no script reads it, no other site's page sends it along with a change, and
// over https alone where the house is on https. A room cannot forget it.
func (a *App) hardened(c *fiber.Ctx) {
	var all []*fasthttp.Cookie
	for _, line := range c.Response().Header.Cookies() {
		k := &fasthttp.Cookie{}
		if k.ParseBytes(line) == nil {
			all = append(all, k)
		}
	}
	for _, k := range all {
		k.SetHTTPOnly(true)
		k.SetSecure(a.isSecure(c))
		if k.SameSite() == fasthttp.CookieSameSiteDisabled || k.SameSite() == fasthttp.CookieSameSiteNoneMode {
			k.SetSameSite(fasthttp.CookieSameSiteLaxMode)
		}
		c.Response().Header.SetCookie(k)
	}
}

package pages

import (
	"github.com/gofiber/fiber/v2"

	"vez/web"
)

// privacy says what is known of people here, and for how long.
func (r *room) privacy(c *fiber.Ctx) error { return web.Render(c, "booking/privacy", nil) }

// accessibility says how these pages can be used.
func (r *room) accessibility(c *fiber.Ctx) error { return web.Render(c, "booking/accessibility", nil) }

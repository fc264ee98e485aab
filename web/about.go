package web

import "github.com/gofiber/fiber/v2"

// about is a public statement: its texts stand in locale under about.<topic>.
type about struct {
	Topic string
	Parts []string
}

// statements are the pages that every foot of a page leads to.
var statements = []about{
	{"privacy", []string{"kept", "shown", "border", "gone"}},
	{"accessibility", []string{"how", "kiosk", "help"}},
}

func (a *App) aboutRoutes() {
	for _, s := range statements {
		a.Handle(Route{Method: "GET", Path: "/" + s.Topic, Audience: Public, Handler: func(c *fiber.Ctx) error {
			return Render(c, "web/about", s)
		}})
	}
}

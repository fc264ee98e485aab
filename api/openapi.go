package api

import (
	"encoding/json"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"vez/web"
)

// document is the head of the OpenAPI document. Bodies carry no $schema, and
// huma serves neither the document nor a page of its own.
func (a *API) document() huma.Config {
	version := a.Version
	if version == "" {
		version = "1"
	}
	c := huma.DefaultConfig("Vez", version)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.AllowAdditionalPropertiesByDefault, c.FieldsOptionalByDefault = true, true
	c.Info.Description = "Bookings, tickets and counters of public offices. Times are RFC 3339 with the offset of the office; names are given in four " +
		"languages; problems follow RFC 9457 with a stable code, in the language of Accept-Language. Every write takes an Idempotency-Key."
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		security: {Type: "http", Scheme: "bearer", Description: "A token of the demonstration or of a device. A browser's session counts as well."},
	}
	for _, tag := range tags {
		c.Tags = append(c.Tags, &huma.Tag{Name: tag})
	}
	if url := a.app.URL(); url != "" {
		c.Servers = []*huma.Server{{URL: url}}
	}
	return c
}

// tags are the parts of the interface, in the order of the page.
var tags = []string{"catalogue", "bookings", "tickets", "halls", "counters", "devices", "demo"}

// pages registers the document and the page to try it.
func (a *API) pages() error {
	text, err := json.Marshal(a.huma.OpenAPI())
	if err != nil {
		return err
	}
	a.app.Handle(web.Route{Method: fiber.MethodGet, Path: "/api/openapi.json", Audience: web.Public, Handler: func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/vnd.oai.openapi+json;version=3.1")
		return c.Send(text)
	}})
	return a.tryPages()
}

package api

import (
	"encoding/json"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
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

// problems lists every code there is in the document: as the values of a
// problem's code, and, under x-problems, with its status and what it says.
// No code is given that is not in the list.
func (a *API) problems() {
	type entry struct {
		Code   fault.Code `json:"code"`
		Status int        `json:"status"`
		Title  string     `json:"title"`
	}
	doc, text := a.huma.OpenAPI(), a.app.Text(locale.En)
	codes := fault.Codes()
	slices.Sort(codes)
	list, values := make([]entry, 0, len(codes)), make([]any, 0, len(codes))
	for _, code := range codes {
		list = append(list, entry{code, statusOf(code), text.T("fault." + string(code) + ".title")})
		values = append(values, string(code))
	}
	if doc.Extensions == nil {
		doc.Extensions = map[string]any{}
	}
	doc.Extensions["x-problems"] = list
	if p := doc.Components.Schemas.Map()["Problem"]; p != nil {
		p.Properties["code"].Enum = values
	}
}

// pages registers the document and the page to try it.
func (a *API) pages() error {
	a.problems()
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

package api

import (
	"bytes"
	"embed"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"vez/fault"
	"vez/web"
)

//go:embed templates assets
var files embed.FS

// bearerCookie keeps the token that was typed last, for the next operation.
const bearerCookie = "vez_try"

// part is the operations of one tag, for the page.
type part struct {
	Tag        string
	Operations []Operation
}

// attempt is the page of one operation.
type attempt struct {
	Op      Operation
	For     string
	Where   string // "office", "own" or ""
	Faults  []fault.Code
	Token   bool
	Bearer  string
	Params  []param
	HasBody bool
	Body    string
	Fields  []field
	Write   bool
	Key     string
	Answer  *answer
	Tone    string
}

// param is one field of the address.
type param struct {
	Name, Field, Label, Where, Value string
	Required                         bool
}

// field is one of the body, for the list beside it.
type field struct {
	Name, Type string
	Required   bool
}

// answer is what came back.
type answer struct {
	Status int
	Sent   string
	Body   string
	File   bool
}

// tryPages registers the page of all operations and that of each.
func (a *API) tryPages() error {
	if err := a.app.Pages("api", files, "templates"); err != nil {
		return err
	}
	if err := a.app.Assets("api", files, "assets"); err != nil {
		return err
	}
	for _, r := range []web.Route{
		{Method: fiber.MethodGet, Path: "/api", Handler: a.indexPage},
		{Method: fiber.MethodGet, Path: "/api/try/:operation", Handler: a.tryPage},
		{Method: fiber.MethodPost, Path: "/api/try/:operation", Handler: a.try},
	} {
		r.Audience = web.Public
		a.app.Handle(r)
	}
	return nil
}

func (a *API) indexPage(c *fiber.Ctx) error {
	var parts []part
	for _, tag := range tags {
		p := part{Tag: tag}
		for _, o := range a.Operations() {
			if o.Tag == tag {
				p.Operations = append(p.Operations, o)
			}
		}
		if len(p.Operations) > 0 {
			parts = append(parts, p)
		}
	}
	return web.Render(c, "api/index", map[string]any{"Parts": parts})
}

func (a *API) operationNamed(id string) (*operation, *huma.Operation, error) {
	i := slices.IndexFunc(a.ops, func(o *operation) bool { return o.id == id })
	if i < 0 {
		return nil, nil, fault.New(fault.UnknownThing, "what", id)
	}
	o := a.ops[i]
	item := a.huma.OpenAPI().Paths[Prefix+o.path]
	return o, map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PATCH": item.Patch, "DELETE": item.Delete}[o.method], nil
}

func (a *API) tryPage(c *fiber.Ctx) error {
	o, doc, err := a.operationNamed(c.Params("operation"))
	if err != nil {
		return err
	}
	return web.Render(c, "api/try", a.attempt(c, o, doc))
}

// attempt fills the page: with what was sent, else with examples.
func (a *API) attempt(c *fiber.Ctx, o *operation, doc *huma.Operation) *attempt {
	text := web.Text(c)
	v := &attempt{Op: Operation{o.id, o.method, Prefix + o.path, o.tag, o.audience}, For: text.T("api.page.public"), Faults: o.faults,
		Token: !o.audience.Public, Write: o.write(), Bearer: c.Cookies(bearerCookie), Key: c.FormValue("idempotency")}
	posted := c.Method() == fiber.MethodPost
	if posted && v.Token {
		v.Bearer = c.FormValue("token")
	}
	if !o.audience.Public {
		var names []string
		for _, r := range o.audience.Roles {
			names = append(names, text.T("api.role."+string(r)))
		}
		v.For = text.Value(names)
		if o.audience.Where != anywhere {
			v.Where = string(o.audience.Where)
		}
	}
	for _, p := range doc.Parameters {
		if p.In != "path" && p.In != "query" {
			continue
		}
		f := param{Name: p.Name, Field: p.In + "-" + p.Name, Label: p.Name, Where: text.T("api.page." + p.In), Required: p.Required}
		if f.Value = c.FormValue(f.Field); !posted && p.In == "path" {
			f.Value = a.example(o)
		}
		v.Params = append(v.Params, f)
	}
	if schema := bodySchema(doc); schema != nil {
		v.HasBody, v.Fields = true, a.fields(schema)
		if v.Body = c.FormValue("body"); !posted {
			v.Body = a.exampleBody(v.Fields)
		}
	}
	return v
}

func bodySchema(doc *huma.Operation) *huma.Schema {
	if doc.RequestBody == nil || doc.RequestBody.Content["application/json"] == nil {
		return nil
	}
	return doc.RequestBody.Content["application/json"].Schema
}

// fields lists what a body may hold, what is needed first.
func (a *API) fields(s *huma.Schema) []field {
	if s.Ref != "" {
		s = a.huma.OpenAPI().Components.Schemas.SchemaFromRef(s.Ref)
	}
	var all []field
	for name, p := range s.Properties {
		kind := p.Type
		switch {
		case p.Ref != "":
			kind = huma.TypeObject
		case p.Format != "":
			kind += " (" + p.Format + ")"
		}
		for i, e := range p.Enum {
			kind += strings.TrimSuffix([]string{": ", " | "}[min(i, 1)]+toText(e), "\n")
		}
		all = append(all, field{name, kind, slices.Contains(s.Required, name)})
	}
	slices.SortFunc(all, func(x, y field) int {
		if x.Required != y.Required {
			if x.Required {
				return -1
			}
			return 1
		}
		return strings.Compare(x.Name, y.Name)
	})
	return all
}

func toText(v any) string {
	s, _ := v.(string)
	return s
}

// example is an id that exists, for the first try.
func (a *API) example(o *operation) string {
	first := a.cat.Offices[0]
	switch {
	case strings.HasPrefix(o.path, "/offices/"):
		return first.ID
	case strings.HasPrefix(o.path, "/departments/"):
		return a.cat.Departments[0].ID
	case strings.HasPrefix(o.path, "/services/"):
		return a.exampleService()
	case strings.HasPrefix(o.path, "/counters/") && len(first.Counters) > 0:
		return first.Counters[0].ID
	}
	return ""
}

// exampleService is the first service that can be booked at the first office.
func (a *API) exampleService() string {
	for _, s := range a.cat.Services {
		if s.Rules.Bookable && a.cat.QueueFor(s.ID, a.cat.Offices[0].ID) != nil {
			return s.ID
		}
	}
	return a.cat.Services[0].ID
}

// exampleBody writes a body with what is needed, and the service where one may be named.
func (a *API) exampleBody(fields []field) string {
	o := a.cat.Offices[0]
	day := a.cat.WorkingDays(o, o.Day(a.Hall.Now()), 1)
	clock := func(hour time.Duration) string { return day.Time(hour*time.Hour, o.Location()).Format(time.RFC3339) }
	known := map[string]any{"office": o.ID, "service": a.exampleService(), "role": "citizen", "start": clock(11), "from": clock(9), "to": clock(18)}
	body := map[string]any{}
	for _, f := range fields {
		value, ok := known[f.Name]
		switch {
		case f.Required && !ok:
			body[f.Name] = ""
		case f.Required || ok && (f.Name == "service" || f.Name == "role"):
			body[f.Name] = value
		}
	}
	text, _ := json.MarshalIndent(body, "", "  ") // plain values
	return string(text)
}

// try sends the request of the form through the app itself, as the API would
// get it from outside, and shows what comes back. Scripts are not needed.
func (a *API) try(c *fiber.Ctx) error {
	o, doc, err := a.operationNamed(c.Params("operation"))
	if err != nil {
		return err
	}
	v := a.attempt(c, o, doc)
	if v.Token {
		keepToken(c, v.Bearer)
	}
	var inner fasthttp.RequestCtx
	inner.Init2(c.Context().Conn(), nil, false)
	a.request(c, v).CopyTo(&inner.Request)
	a.app.Fiber().Handler()(&inner)
	v.Answer = answerOf(&inner)
	if v.Tone = "good"; v.Answer.Status >= 400 {
		v.Tone = "warn"
	}
	if o.id == "demo-token" && v.Answer.Status == fiber.StatusCreated {
		var t Token
		if json.Unmarshal(inner.Response.Body(), &t) == nil {
			keepToken(c, t.Token)
		}
	}
	return web.Render(c, "api/try", v)
}

// request builds what a program would send.
func (a *API) request(c *fiber.Ctx, v *attempt) *fasthttp.Request {
	path, query := v.Op.Path, url.Values{}
	for _, p := range v.Params {
		switch {
		case strings.HasPrefix(p.Field, "path-"):
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(p.Value))
		case p.Value != "":
			query.Set(p.Name, p.Value)
		}
	}
	r := &fasthttp.Request{}
	r.Header.SetMethod(v.Op.Method)
	r.SetRequestURI(path)
	if len(query) > 0 {
		r.URI().SetQueryString(query.Encode())
	}
	r.Header.SetHost(string(c.Request().Host()))
	r.Header.Set(fiber.HeaderAcceptLanguage, web.Lang(c))
	switch {
	case v.Bearer != "" && v.Token:
		r.Header.Set(fiber.HeaderAuthorization, "Bearer "+v.Bearer)
	default: // the form has proved that it is ours; who is signed in sends it
		r.Header.Set(fiber.HeaderCookie, c.Get(fiber.HeaderCookie))
	}
	if v.Key != "" && v.Write {
		r.Header.Set(keyHeader, v.Key)
	}
	if v.HasBody && strings.TrimSpace(v.Body) != "" {
		r.Header.SetContentType(fiber.MIMEApplicationJSON)
		r.SetBodyString(v.Body)
	}
	return r
}

func answerOf(inner *fasthttp.RequestCtx) *answer {
	r := &inner.Request
	sent := string(r.Header.Method()) + " " + string(r.RequestURI()) + "\nAccept-Language: " + string(r.Header.Peek(fiber.HeaderAcceptLanguage))
	if len(r.Header.Peek(fiber.HeaderAuthorization)) > 0 {
		sent += "\nAuthorization: Bearer …"
	}
	if key := r.Header.Peek(keyHeader); len(key) > 0 {
		sent += "\n" + keyHeader + ": " + string(key)
	}
	if len(r.Body()) > 0 {
		sent += "\nContent-Type: application/json\n\n" + string(r.Body())
	}
	res := &inner.Response
	v := &answer{Status: res.StatusCode(), Sent: sent}
	kind := string(res.Header.ContentType())
	switch {
	case strings.Contains(kind, "json"):
		v.Body = indented(res.Body())
	case strings.HasPrefix(kind, "text/"):
		v.Body = string(res.Body())
	default:
		v.File = len(res.Body()) > 0
		v.Body = kind + ", " + strconv.Itoa(len(res.Body()))
	}
	return v
}

func indented(body []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, body, "", "  ") != nil {
		return string(body)
	}
	return b.String()
}

// keepToken fills a token in below every operation from now on; "" forgets it.
func keepToken(c *fiber.Ctx, token string) {
	k := &fiber.Cookie{Name: bearerCookie, Value: token, Path: "/api/try", SameSite: "Strict", HTTPOnly: true, Secure: c.Secure()}
	if token == "" {
		k.MaxAge = -1
	}
	c.Cookie(k)
}

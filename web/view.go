package web

import (
	"strings"

	"html/template"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/locale"
)

// Page is the dot of a page's templates. A handler's data is in Data.
type Page struct {
	// Data is what the handler gave to Render.
	Data any
	// Name is the page's name, such as "booking/find".
	Name string
	// Lang is the page's language.
	Lang string
	// Layout is site, staff, kiosk or board.
	Layout string
	// Theme is "light", "dark", or "" for what the reader's system prefers.
	Theme string
	// Path is the request's path with its query, without lang.
	Path string
	// Who is the principal; the zero one for nobody.
	Who Principal
	// Ref is the request's short reference.
	Ref string
	// Demo says that this is a demonstration.
	Demo bool
	// Refresh is after how many seconds a browser without scripts loads the page
	// again; 0 for never.
	Refresh int
	// Wide lets the page use the full width of the site layout.
	Wide bool
	// Home is where the kiosk layout's back-to-start leads.
	Home string

	c *fiber.Ctx
}

// Hidden gives the hidden fields that every form needs: the token that proves
// the form is ours, and a fresh idempotency key.
func (p *Page) Hidden() template.HTML {
	if p.c == nil {
		return ""
	}
	token := stateOf(p.c).app.formToken(p.c)
	return template.HTML(`<input type="hidden" name="` + TokenField + `" value="` + template.HTMLEscapeString(token) +
		`"><input type="hidden" name="` + KeyField + `" value="` + random(15) + `">`)
}

// resendMost is the size of a form that is offered to be sent once more.
const resendMost = 16 << 10

// Resend gives the fields of the form that this request has sent, its key among
// them, so that it can be sent once more and does nothing twice. It is empty for
// what was no form, is large, or holds a password.
func (p *Page) Resend() template.HTML {
	if p.c == nil || p.c.Method() != fiber.MethodPost || len(p.c.Body()) > resendMost ||
		!strings.HasPrefix(strings.ToLower(p.c.Get(fiber.HeaderContentType)), fiber.MIMEApplicationForm) {
		return ""
	}
	token, secret := stateOf(p.c).app.formToken(p.c), false
	var b strings.Builder
	for name, value := range p.c.Request().PostArgs().All() {
		text := string(value)
		if string(name) == TokenField {
			text = token
		}
		secret = secret || strings.Contains(string(name), "password")
		b.WriteString(`<input type="hidden" name="` + template.HTMLEscapeString(string(name)) + `" value="` + template.HTMLEscapeString(text) + `">`)
	}
	if secret {
		return ""
	}
	return template.HTML(b.String())
}

// ResendTo is where Resend's form goes.
func (p *Page) ResendTo() string {
	if p.c == nil {
		return "/"
	}
	return LocalPath(p.c.OriginalURL())
}

// Choice is one language of the switch.
type Choice struct {
	Lang, Name, URL string
	Current         bool
}

// Languages lists the switch: each language named in itself, with a link to the
// same page.
func (p *Page) Languages() []Choice {
	var out []Choice
	for _, lang := range locale.Languages {
		out = append(out, Choice{lang, locale.Endonym(lang), withLang(p.Path, lang), lang == p.Lang})
	}
	return out
}

// withLang puts ?lang= into a local address.
func withLang(path, lang string) string {
	u, err := url.Parse(path)
	if err != nil {
		return "/?lang=" + lang
	}
	q := u.Query()
	q.Set("lang", lang)
	u.RawQuery = q.Encode()
	return u.String()
}

// Option changes how a page is shown.
type Option func(*Page, *fiber.Ctx)

// Layout chooses site, staff, kiosk or board instead of the route's.
func Layout(name string) Option { return func(p *Page, _ *fiber.Ctx) { p.Layout = name } }

// Theme fixes "light" or "dark".
func Theme(name string) Option { return func(p *Page, _ *fiber.Ctx) { p.Theme = name } }

// Refresh loads the page again after d where scripts are off.
func Refresh(d time.Duration) Option {
	return func(p *Page, _ *fiber.Ctx) { p.Refresh = int(d / time.Second) }
}

// Wide uses the full width.
func Wide() Option { return func(p *Page, _ *fiber.Ctx) { p.Wide = true } }

// Home tells the kiosk layout where its start is.
func Home(path string) Option { return func(p *Page, _ *fiber.Ctx) { p.Home = path } }

// Status answers with another status than 200.
func Status(code int) Option { return func(_ *Page, c *fiber.Ctx) { c.Status(code) } }

// homeOf is where a layout's start is when nobody says: a kiosk must not end up
// on the citizen's site, even from a fault that came before its handler.
func homeOf(layout, path string) string {
	if layout == "kiosk" {
		if parts := strings.SplitN(path, "/", 4); len(parts) > 2 && parts[2] != "" {
			return "/" + parts[1] + "/" + parts[2]
		}
	}
	return "/"
}

// keepPage is how long a browser may show a page again without asking: never.
const keepPage = "private, no-cache"

// Render answers with a page in the language of the request. Nothing is sent
// when a template fails: the error goes the way of all others.
func Render(c *fiber.Ctx, name string, data any, options ...Option) error {
	s := stateOf(c)
	p := &Page{
		Data: data, Name: name, Lang: s.lang, Layout: s.route.Layout, Path: pathWithoutLang(c), Who: Who(c),
		Ref: s.ref, Demo: s.app.cfg.Demo, Home: homeOf(s.route.Layout, c.Path()), c: c,
	}
	for _, option := range options {
		option(p, c)
	}
	html, err := s.app.engine.run(name, s.lang, "layout/"+p.Layout, p)
	if err != nil {
		return err
	}
	if len(c.Response().Header.Peek(fiber.HeaderCacheControl)) == 0 {
		c.Set(fiber.HeaderCacheControl, keepPage)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return c.Send(html)
}

// Fragment renders one template that a page defines, for a live stream. The
// data is that template's dot. Safe for concurrent use.
func (a *App) Fragment(page, tmpl, lang string, data any) (string, error) {
	html, err := a.engine.run(page, lang, tmpl, data)
	return string(html), err
}

// Back answers a form with a redirect (303), so that reloading does not send it
// again. Only local paths are followed.
func Back(c *fiber.Ctx, path string) error {
	return c.Redirect(LocalPath(path), fiber.StatusSeeOther)
}

func pathWithoutLang(c *fiber.Ctx) string {
	if c.Method() != fiber.MethodGet {
		return c.Path()
	}
	u, err := url.ParseRequestURI(c.OriginalURL())
	if err != nil {
		return c.Path()
	}
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	return u.RequestURI()
}

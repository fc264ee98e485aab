package provider

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/locale"
	"vez/web"
)

// request is what a client asks for (RFC 6749, 4.1.1; RFC 7636, 4.3).
type request struct {
	Client, Redirect, State, Nonce, Challenge string
	Email                                     bool // the scope of that name was asked for
}

// fields of a request that the page carries on.
var fields = []string{
	"client_id", "redirect_uri", "state", "nonce", "code_challenge", "response_type", "scope", "code_challenge_method",
}

// grant is a code that was given and not yet redeemed.
type grant struct {
	request
	person Person
	name   string // in the language of the page
	at     time.Time
}

const (
	// codeFor is how long a code may be redeemed.
	codeFor = time.Minute
	// grantsMost bounds the codes in memory.
	grantsMost = 1000
)

// choice is one person on the page.
type choice struct {
	ID, Name, Note, Icon string
}

// people is the data of the page demo/people.
type people struct {
	Staff   bool
	Hidden  map[string]string
	Choices []choice
}

// ask shows who one can sign in as.
func (p *Provider) ask(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	read := func(name string) string { return c.Query(name) }
	r, refusal, err := p.read(c, read)
	if err != nil {
		return err
	}
	if refusal != "" {
		return p.back(c, r, url.Values{"error": {refusal}})
	}
	data := people{Staff: r.Client == clientStaff, Hidden: map[string]string{}}
	for _, name := range fields {
		data.Hidden[name] = read(name)
	}
	for _, person := range People {
		if clientOf(person) == r.Client {
			data.Choices = append(data.Choices, p.choice(web.Text(c), person))
		}
	}
	return web.Render(c, "demo/people", data)
}

// choice writes a person in the language of the page.
func (p *Provider) choice(text locale.Printer, person Person) choice {
	c := choice{ID: person.ID, Name: person.name(text), Icon: "person"}
	switch {
	case !person.Staff():
		c.Note = text.T("demo.people.prefers." + person.Lang)
		if person.Email != "" && !person.Unverified {
			c.Note += " · " + person.Email
		}
	case person.Office != "":
		c.Icon = "counter"
		c.Note = text.T("demo.people.clerk.only", "office", or(locale.Pick(p.cfg.Office(person.Office), text.Lang()), person.Office))
	default:
		c.Icon = map[string]string{"clerk": "counter", "reception": "help", "manager": "settings"}[person.Text]
		c.Note = text.T("demo.people." + person.Text + ".note")
	}
	return c
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// answer sends the browser back to the client with a code for the person chosen.
func (p *Provider) answer(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	r, refusal, err := p.read(c, func(name string) string { return c.FormValue(name) })
	if err != nil {
		return err
	}
	person, ok := find(c.FormValue("person"), r.Client)
	if !ok && refusal == "" {
		refusal = "access_denied"
	}
	if refusal != "" {
		return p.back(c, r, url.Values{"error": {refusal}})
	}
	code := p.give(grant{request: r, person: person, name: person.name(web.Text(c))})
	return p.back(c, r, url.Values{"code": {code}})
}

// read checks a request. A wrong client or redirect address is a fault, because
// the browser must not be sent there; anything else is a refusal that the client
// is told.
func (p *Provider) read(c *fiber.Ctx, value func(string) string) (r request, refusal string, err error) {
	r = request{
		Client: value("client_id"), Redirect: value("redirect_uri"), State: value("state"), Nonce: value("nonce"),
		Challenge: value("code_challenge"), Email: slices.Contains(strings.Fields(value("scope")), "email"),
	}
	if _, ok := p.secret[r.Client]; !ok {
		return r, "", fault.New(fault.BadRequest, "what", "client_id").Because(fmt.Errorf("client %.40q", r.Client))
	}
	// The address that this browser reached us at is ours too: a port may be
	// forwarded, and localhost has more than one name.
	ours := []string{p.cfg.URL + "/signin/callback", c.BaseURL() + "/signin/callback"}
	if !slices.Contains(ours, r.Redirect) {
		return r, "", fault.New(fault.BadRequest, "what", "redirect_uri").Because(fmt.Errorf("redirect %.200q", r.Redirect))
	}
	switch {
	case value("response_type") != "code":
		refusal = "unsupported_response_type"
	case len(r.Challenge) != 43, value("code_challenge_method") != "S256":
		refusal = "invalid_request"
	}
	return r, refusal, nil
}

// back leads to the client, with state and issuer (RFC 9207).
func (p *Provider) back(c *fiber.Ctx, r request, with url.Values) error {
	with.Set("state", r.State)
	with.Set("iss", p.issuer)
	return c.Redirect(r.Redirect+"?"+with.Encode(), fiber.StatusSeeOther)
}

// give keeps a grant under a fresh code.
func (p *Provider) give(g grant) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	g.at = p.cfg.Clock.Now()
	for code, old := range p.grants {
		if g.at.Sub(old.at) > codeFor {
			delete(p.grants, code)
		}
	}
	if len(p.grants) >= grantsMost {
		clear(p.grants)
	}
	code := random()
	p.grants[code] = g
	return code
}

// take redeems a code: once, and within codeFor.
func (p *Provider) take(code string) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := p.grants[code]
	delete(p.grants, code)
	return g, ok && p.cfg.Clock.Now().Sub(g.at) <= codeFor
}

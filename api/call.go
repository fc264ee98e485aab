package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/locale"
	"vez/office"
	"vez/web"
)

const (
	keyHeader = "Idempotency-Key"
	// maxKey is the longest idempotency key, in bytes.
	maxKey = 128
)

// call is one request under way.
type call struct {
	op   *operation
	who  identity.Principal // the zero one on operations for everybody
	lang string
	text locale.Printer
	ref  string
	key  event.Key
	// request is good until the operation returns.
	request *fiber.Ctx
}

type callKey struct{}

// callOf gives the call of a request's context.
func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// enter is the one way in: it answers what the caller has already, tells who
// asks, and turns away who is not in the operation's audience.
func (a *API) enter(ctx huma.Context, next func(huma.Context)) {
	f := humafiber.Unwrap(ctx)
	o := ctx.Operation().Metadata["operation"].(*operation)
	c := &call{op: o, lang: web.Lang(f), text: web.Text(f), ref: web.Ref(f), request: f}
	if o.catalogue && a.unchanged(ctx, f, c.lang) {
		return
	}
	for _, step := range []func(*fiber.Ctx, *call) error{a.admit, limited, flat, a.readKey} {
		if err := step(f, c); err != nil {
			a.refuse(ctx, c, err)
			return
		}
	}
	if !o.catalogue {
		ctx.SetHeader(fiber.HeaderCacheControl, "no-store")
	}
	if a.ready(ctx, f, c) {
		return
	}
	next(huma.WithValue(ctx, callKey{}, c))
}

// admit finds out who asks, and whether the operation is for them anywhere.
func (a *API) admit(f *fiber.Ctx, c *call) error {
	if c.op.audience.Public {
		return nil
	}
	all, err := a.Identity.Everyone(f)
	who, ok := c.op.audience.choose(all)
	switch {
	case ok:
		c.who = who
		return nil
	case len(all) > 0:
		return fault.New(fault.NotAllowed)
	case err != nil:
		return err
	}
	return fault.New(fault.NotSignedIn)
}

// limited counts a write under the name of who asks for it.
func limited(f *fiber.Ctx, c *call) error {
	if !c.op.write() {
		return nil
	}
	return web.LimitWrite(f, c.who.Web())
}

// depthMost is how deep a body may be nested; no shape of ours goes deeper than four.
const depthMost = 16

// flat refuses a body that is nested beyond measure, before a parser that calls
// itself for each level reads it. Brackets in strings do not count.
func flat(f *fiber.Ctx, c *call) error {
	if !c.op.write() {
		return nil
	}
	depth, quoted := 0, false
	body := f.Request().Body()
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case quoted && b == '\\':
			i++
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			if depth++; depth > depthMost {
				return fault.New(fault.BadRequest, "what", "body")
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	return nil
}

// readKey takes the idempotency key. Its hash covers the body and the exact
// path, so that a key sent to another counter is not taken for a repeat.
func (a *API) readKey(f *fiber.Ctx, c *call) error {
	key := f.Get(keyHeader)
	if key == "" || !c.op.write() {
		return nil
	}
	if len(key) > maxKey {
		return fault.New(fault.InvalidField, "field", keyHeader, "why", "> 128")
	}
	if !utf8.ValidString(key) { // no ledger can hold it
		return fault.New(fault.InvalidField, "field", keyHeader, "why", "UTF-8")
	}
	h := sha256.New()
	h.Write([]byte(f.Path()))
	h.Write([]byte{0})
	h.Write(f.Body())
	c.key = event.Key{Principal: c.who.Subject, Route: c.op.method + " " + Prefix + c.op.path, Key: key,
		BodyHash: hex.EncodeToString(h.Sum(nil))}
	return nil
}

// act says to the hall who acts.
func (c *call) act() hall.Act { return hall.Act{Actor: c.who.Subject, Key: c.key} }

// holder is the pseudonym that a citizen's things belong to; "" for anybody else.
func (c *call) holder() string {
	holder, ok := c.who.Citizen()
	if !ok {
		return ""
	}
	return holder
}

// language of what is made: the one asked for in the body, else the request's.
func (c *call) language(asked string) string {
	if locale.Valid(asked) {
		return asked
	}
	return c.lang
}

// in puts an instant into an office's zone; nil for none.
func in(o *office.Office, t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	local := t.In(o.Location())
	return &local
}

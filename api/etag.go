package api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"vez/office"
)

// etagOf is a short hash of all that catalogue reads are made of: the
// catalogue does not change while the program runs, and two hubs with the same
// catalogue give the same.
func etagOf(c *office.Catalogue) string {
	h := sha256.New()
	e := json.NewEncoder(h)
	for _, part := range []any{shapes, c.Departments, c.Offices, c.Queues, c.Services, c.Holidays} {
		_ = e.Encode(part) // plain data into a hash: it cannot fail
	}
	for _, o := range c.Offices {
		_ = e.Encode([]any{o.Hours, o.Counters})
	}
	for _, s := range c.Services {
		_ = e.Encode([]any{s.Rules, s.Cases})
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// shapes counts the changes of what catalogue answers look like.
const shapes = 1

// unchanged sets the ETag of a catalogue read and answers 304 when the caller
// has it already. What is answered depends on nothing but catalogue, address
// and language.
func (a *API) unchanged(ctx huma.Context, f *fiber.Ctx, lang string) bool {
	sum := sha256.Sum256([]byte(a.etag + "\x00" + f.OriginalURL() + "\x00" + lang))
	tag := `"` + hex.EncodeToString(sum[:12]) + `"`
	ctx.SetHeader("ETag", tag)
	ctx.SetHeader(fiber.HeaderCacheControl, "no-cache")
	if !matches(f.Get(fiber.HeaderIfNoneMatch), tag) {
		return false
	}
	ctx.SetStatus(fiber.StatusNotModified)
	return true
}

// matches reads an If-None-Match header (RFC 9110, section 13.1.2).
func matches(header, tag string) bool {
	for _, t := range strings.Split(header, ",") {
		t = strings.TrimSpace(t)
		if t == "*" || strings.TrimPrefix(t, "W/") == tag {
			return true
		}
	}
	return false
}

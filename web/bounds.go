package web

import (
	"bytes"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
)

// Bounds of a request beside its body's and its headers' bytes. Nothing of ours
// comes near them; a request that does is no page's and no program's.
const (
	headersMost = 100     // header lines
	urlMost     = 4 << 10 // bytes of path and query: codes of some providers take two thousand
	queryMost   = 64      // parameters in a query
	fieldsMost  = 256     // fields of a form
	headerBytes = 8 << 10 // all header lines and the request line together
)

// bounded refuses what is out of bounds before anything reads it.
func (a *App) bounded(c *fiber.Ctx) error {
	h := &c.Request().Header
	if chunked(h.RawHeaders()) {
		// Where a length is sent as well, a proxy before us may have believed that: what follows is not read as a
		// second request (RFC 9112, 6.3).
		c.Context().SetConnectionClose()
	}
	switch {
	case len(h.RequestURI()) > urlMost:
		return fault.New(fault.BadRequest, "what", "address")
	case parameters(c.Request().URI().QueryString()) > queryMost:
		return fault.New(fault.BadRequest, "what", "query")
	case h.Len() > headersMost:
		return fault.New(fault.BadRequest, "what", "headers")
	case packed(c):
		// A small packed body may unpack to a thousand times its size.
		return fault.New(fault.WrongType) // as RFC 9110, 15.5.16 has it
	case strings.HasPrefix(kindOf(c), fiber.MIMEMultipartForm):
		// No form of ours sends files, and parts cost more to read than fields.
		return fault.New(fault.WrongType)
	case strings.HasPrefix(kindOf(c), fiber.MIMEApplicationForm) && parameters(c.Request().Body()) > fieldsMost:
		return fault.New(fault.BadRequest, "what", "form")
	}
	return c.Next()
}

// parameters counts without reading them: a first pass that cannot be costly.
func parameters(text []byte) int {
	if len(text) == 0 {
		return 0
	}
	return bytes.Count(text, []byte{'&'}) + 1
}

func packed(c *fiber.Ctx) bool {
	how := strings.TrimSpace(string(c.Request().Header.ContentEncoding()))
	return how != "" && !strings.EqualFold(how, "identity")
}

func kindOf(c *fiber.Ctx) string {
	return strings.ToLower(strings.TrimSpace(string(c.Request().Header.ContentType())))
}

// chunked tells whether a body comes in chunks: asked of the headers as they
// came, because they say nothing of it once the body is read.
func chunked(headers []byte) bool {
	const name = "transfer-encoding"
	for line := range bytes.SplitSeq(headers, []byte{'\n'}) {
		if len(line) > len(name) && (line[0] == 't' || line[0] == 'T') && bytes.EqualFold(line[:len(name)], []byte(name)) {
			return true
		}
	}
	return false
}

package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// TestWhatAHandlerKeepsStaysAsItWas: fasthttp writes the next request into the
// same memory, so a text that a room keeps past its handler must be a copy.
func TestWhatAHandlerKeepsStaysAsItWas(t *testing.T) {
	a := newTestApp(t, nil)
	var kept []string
	a.Handle(Route{Method: "POST", Path: "/keep/:id", Audience: Public, CrossSite: true, Handler: func(c *fiber.Ctx) error {
		kept = append(kept, c.Params("id"), c.Query("q"), c.Get("X-Word"), c.FormValue("f"), c.Cookies("k"), c.Path(), c.OriginalURL(), c.Method())
		return nil
	}})
	send := func(word string) {
		word = strings.Repeat(word, 8)
		form := url.Values{"f": {word}, TokenField: {"t"}}.Encode()
		got := ask(t, a, "POST", "/keep/"+word+"?q="+word, form, "X-Word", word, "Cookie", "k="+word,
			"Content-Type", "application/x-www-form-urlencoded", "Authorization", "Bearer x")
		if got.status != 200 {
			t.Fatal(got.status, got.body)
		}
	}
	send("a")
	want := strings.Join(kept, " ")
	for range 50 {
		send("z")
	}
	if got := strings.Join(kept[:8], " "); got != want || strings.Contains(got, "z") {
		t.Errorf("%s became %s", want, got)
	}
}

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

// TestASubscriberIsOneNetwork: who has a /64 has 18 quintillion addresses, and
// is still counted as one.
func TestASubscriberIsOneNetwork(t *testing.T) {
	a := newTestApp(t, func(c *Config) { c.TrustedProxies = []string{"0.0.0.0"} })
	a.Handle(Route{Method: "GET", Path: "/network", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString(Network(c)) }})
	of := func(addr string) string { return ask(t, a, "GET", "/network", "", "X-Forwarded-For", addr).body }
	if of("2001:db8::1") != of("2001:db8::ffff:1") || of("2001:db8::1") == of("2001:db8:0:1::1") {
		t.Errorf("%s, %s, %s", of("2001:db8::1"), of("2001:db8::ffff:1"), of("2001:db8:0:1::1"))
	}
	if of("192.0.2.1") == of("192.0.2.2") {
		t.Error("two addresses of IPv4 are one network")
	}
}

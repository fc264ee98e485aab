package web

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
)

// roleAuth lets a test be somebody: the header X-Test names role, device or a
// session that has expired.
func roleAuth(cfg *Config) {
	cfg.Auth = func(c *fiber.Ctx) (Principal, error) {
		switch who := c.Get("X-Test"); who {
		case "":
			return Principal{}, nil
		case "expired":
			return Principal{}, fault.New(fault.SessionExpired)
		case "unasked":
			return Principal{}, fault.New(fault.LedgerAway)
		case "kiosk", "board":
			return Principal{ID: "k1", Roles: []string{"device"}, Device: who}, nil
		default:
			return Principal{ID: "p1", Roles: []string{who}, Name: "Demo"}, nil
		}
	}
}

func ok(c *fiber.Ctx) error { return c.SendString("in") }

func TestARouteIsOpenToItsAudienceAlone(t *testing.T) {
	a := newTestApp(t, roleAuth)
	a.Handle(Route{Method: "GET", Path: "/public", Audience: Public, Handler: ok})
	a.Handle(Route{Method: "GET", Path: "/citizen", Audience: Citizen, Handler: ok})
	a.Handle(Route{Method: "GET", Path: "/clerk", Audience: Staff("clerk"), Handler: ok})
	a.Handle(Route{Method: "GET", Path: "/staff", Audience: Staff(), Handler: ok})
	a.Handle(Route{Method: "GET", Path: "/device", Audience: Device("kiosk"), Handler: ok})
	a.Handle(Route{Method: "GET", Path: "/mixed", Audience: AnyOf(Citizen, Device("kiosk"), Staff("greeter")), Handler: ok})
	for _, c := range []struct{ who, path, want string }{
		{"", "/public", "in"}, {"expired", "/public", "in"},
		{"", "/citizen", "/signin?return=%2Fcitizen"}, {"citizen", "/citizen", "in"}, {"clerk", "/citizen", "403"},
		{"", "/clerk", "/signin?as=staff&return=%2Fclerk"}, {"clerk", "/clerk", "in"}, {"manager", "/clerk", "403"},
		{"citizen", "/clerk", "403"}, {"auditor", "/staff", "in"}, {"citizen", "/staff", "403"}, {"kiosk", "/staff", "403"},
		{"", "/device", "/pair?return=%2Fdevice"}, {"kiosk", "/device", "in"}, {"board", "/device", "403"},
		{"kiosk", "/mixed", "in"}, {"greeter", "/mixed", "in"}, {"clerk", "/mixed", "403"},
		{"expired", "/citizen", "/signin?return=%2Fcitizen"},
		{"unasked", "/public", "in"}, {"unasked", "/citizen", "503"}, {"unasked", "/device", "503"},
	} {
		got := ask(t, a, "GET", c.path, "", "X-Test", c.who, "Accept", "text/html")
		is := got.body
		switch got.status {
		case 303:
			is = got.header.Get("Location")
		case 403, 503:
			is = strconv.Itoa(got.status)
		}
		if is != c.want {
			t.Errorf("%q asks %s: %.60q, want %q", c.who, c.path, is, c.want)
		}
	}
}

func TestAProgramIsToldThatItMustSignIn(t *testing.T) {
	a := newTestApp(t, roleAuth)
	a.Handle(Route{Method: "GET", Path: "/api/v1/mine", Audience: Citizen, Handler: ok})
	got := ask(t, a, "GET", "/api/v1/mine", "")
	if got.status != 401 || !strings.Contains(got.body, `"code":"not_signed_in"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	got = ask(t, a, "GET", "/api/v1/mine", "", "X-Test", "expired")
	if got.status != 401 || !strings.Contains(got.body, `"code":"session_expired"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestARouteWithoutAnAudienceCannotBeRegistered(t *testing.T) {
	a := newTestApp(t, nil)
	defer func() {
		if recover() == nil {
			t.Error("it was registered")
		}
	}()
	a.Handle(Route{Method: "GET", Path: "/open", Handler: ok})
}

func TestEveryRouteOfTheFrameDeclaresItsAudience(t *testing.T) {
	a := newTestApp(t, nil)
	a.Mount("/api/v1", Public)
	a.Fiber().Get("/api/v1/offices", ok)
	if missing := a.Undeclared(); len(missing) > 0 {
		t.Errorf("undeclared: %v", missing)
	}
	a.Fiber().Get("/secret", ok)
	if missing := a.Undeclared(); len(missing) == 0 {
		t.Error("a route past Handle is not noticed")
	}
	for _, r := range a.Routes() {
		if !r.Audience.Declared() || r.Audience.String() == "" {
			t.Errorf("%s %s declares nobody", r.Method, r.Path)
		}
	}
}

func TestAMountKeepsItsAudienceAndRefusesOtherSites(t *testing.T) {
	a := newTestApp(t, roleAuth)
	a.Mount("/api/v1/counters", Staff("clerk"))
	a.Fiber().Post("/api/v1/counters/next", ok)
	for _, c := range []struct {
		who, site string
		want      int
	}{{"clerk", "", 200}, {"citizen", "", 403}, {"", "", 401}, {"clerk", "cross-site", 403}} {
		got := ask(t, a, "POST", "/api/v1/counters/next", "{}", "X-Test", c.who, "Content-Type", "application/json", "Sec-Fetch-Site", c.site)
		if got.status != c.want {
			t.Errorf("%q from %q: %d, want %d", c.who, c.site, got.status, c.want)
		}
	}
}

// TestAProgramsMistakeIsNoPageThatWasOpenTooLong: what is wrong with a request
// is said as it is.
func TestAProgramsMistakeIsNoPageThatWasOpenTooLong(t *testing.T) {
	a := newTestApp(t, nil)
	a.Mount("/api/v1", Public)
	a.Fiber().Post("/api/v1/bookings", ok)
	for _, c := range []struct {
		kind, site, code string
		status           int
	}{
		{"application/x-www-form-urlencoded", "", "wrong_type", 415}, {"text/plain", "", "wrong_type", 415}, {"", "", "wrong_type", 415},
		{"application/json", "cross-site", "other_site", 403}, {"application/x-www-form-urlencoded", "cross-site", "other_site", 403},
	} {
		got := ask(t, a, "POST", "/api/v1/bookings", "a=1", "Content-Type", c.kind, "Sec-Fetch-Site", c.site)
		if got.status != c.status || !strings.Contains(got.body, `"code":"`+c.code+`"`) {
			t.Errorf("%q from %q: %d %s", c.kind, c.site, got.status, got.body)
		}
	}
}

func TestOnlyLocalPathsAreFollowedBack(t *testing.T) {
	for path, want := range map[string]string{
		"/my": "/my", "/my?x=1": "/my?x=1", "": "/", "//evil.example": "/", "https://evil.example": "/",
		"/\\evil.example": "/", "my": "/", "/a\r\nSet-Cookie: x": "/", "/\t/evil.example": "/",
	} {
		if got := LocalPath(path); got != want {
			t.Errorf("%q gives %q, want %q", path, got, want)
		}
	}
}

// formOf opens a page with a form and gives its cookie and its token.
func formOf(t *testing.T, a *App) (cookie, token string) {
	t.Helper()
	got := ask(t, a, "GET", "/form", "")
	for _, c := range got.cookies {
		if strings.HasSuffix(c.Name, "vez_form") {
			cookie = c.Name + "=" + c.Value
		}
	}
	_, rest, _ := strings.Cut(got.body, `name="_token" value="`)
	token, _, _ = strings.Cut(rest, `"`)
	if cookie == "" || token == "" {
		t.Fatalf("no token in %s", got.body)
	}
	return cookie, token
}

func formApp(t *testing.T) *App {
	t.Helper()
	a := newTestApp(t, nil)
	pages := pagesOf("form.html", `{{define "title"}}Form{{end}}{{define "main"}}<form method="post">{{$.Hidden}}</form>{{end}}`)
	if err := a.Pages("test", pages, "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/form", Audience: Public, Handler: func(c *fiber.Ctx) error { return Render(c, "test/form", nil) }})
	a.Handle(Route{Method: "POST", Path: "/form", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString("key " + Key(c)) }})
	return a
}

func TestAFormIsTakenOnlyFromOurOwnPage(t *testing.T) {
	a := formApp(t)
	cookie, token := formOf(t, a)
	right := url.Values{TokenField: {token}, KeyField: {"K1"}}.Encode()
	for name, c := range map[string]struct {
		body, cookie, site, origin string
		want                       int
	}{
		"ours":                          {right, cookie, "same-origin", "", 200},
		"ours in an old browser":        {right, cookie, "", "http://example.com", 200},
		"without a token":               {"a=1", cookie, "same-origin", "", 403},
		"without the cookie":            {right, "", "same-origin", "", 403},
		"with somebody else's token":    {url.Values{TokenField: {strings.Repeat("0", 32)}}.Encode(), cookie, "same-origin", "", 403},
		"from another site":             {right, cookie, "cross-site", "", 403},
		"from a neighbouring subdomain": {right, cookie, "same-site", "", 403},
		"from another origin":           {right, cookie, "", "https://evil.example", 403},
		"from an opaque origin":         {right, cookie, "", "null", 403},
	} {
		got := ask(t, a, "POST", "/form", c.body, "Content-Type", "application/x-www-form-urlencoded", "Cookie", c.cookie,
			"Sec-Fetch-Site", c.site, "Origin", c.origin)
		if got.status != c.want {
			t.Errorf("%s: %d, want %d", name, got.status, c.want)
		}
		if c.want == 200 && got.body != "key K1" {
			t.Errorf("%s: %s", name, got.body)
		}
	}
}

func TestEachFormCarriesAKeyOfItsOwn(t *testing.T) {
	a := formApp(t)
	first, second := ask(t, a, "GET", "/form", "").body, ask(t, a, "GET", "/form", "").body
	keyOf := func(body string) string {
		_, rest, _ := strings.Cut(body, `name="_key" value="`)
		key, _, _ := strings.Cut(rest, `"`)
		return key
	}
	if keyOf(first) == "" || keyOf(first) == keyOf(second) {
		t.Errorf("%q and %q", keyOf(first), keyOf(second))
	}
}

package identity

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"

	"vez/identity/identitytest"
	"vez/locale"
	"vez/web"
)

// FuzzClaims signs somebody in with anything that a provider may have signed:
// a citizen is nothing but a citizen, staff hold only roles that there are, and
// an address is one that mail can carry and that says nothing but an address.
func FuzzClaims(f *testing.F) {
	for _, said := range []string{
		`{"iss":"https://id.example","sub":"1","name":"示範","locale":"zh-HK","vez_roles":["clerk:dsi:dsi-main"],"email":"a@b.example","email_verified":true}`,
		`{"iss":"i","sub":"2","locale":"pt-PT","vez_roles":["manager:*:*","citizen:*:*","device:*:*","x","clerk:::"],"email":"á@b","email_verified":"true"}`,
		`{"sub":"","vez_roles":["admin"],"email":"a@b\r\nBcc: c@d","email_verified":1}`, `{"email":"\"a b\"@c.d","email_verified":true}`, `{"email":"a@b (c)","email_verified":true}`,
		`{}`, `null`, `[]`, `{"vez_roles":"clerk:dsi:*"}`, `{"vez_roles":[null]}`, `{"email_verified":{"a":[]}}`, `{"email":"a@[1.2.3.4]","email_verified":true}`, `{"locale":"xx"}`,
	} {
		f.Add([]byte(said))
	}
	s, err := New(Config{Store: identitytest.NewStore(), Secret: []byte(someSecret), URL: "https://vez.example"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		var c claims
		if json.Unmarshal(said, &c) != nil {
			return
		}
		who, err := s.principal(SortCitizen, c)
		if err != nil || len(who.Grants) != 1 || who.Grants[0] != (Grant{Citizen, Any, Any}) || who.Name != "" || !strings.HasPrefix(who.Subject, "citizen:") ||
			c.Subject != "" && len(c.Subject) > 3 && strings.Contains(who.Subject, c.Subject) {
			t.Fatalf("%s makes %+v, %v", said, who, err)
		}
		clerk, err := s.principal(SortStaff, c)
		for _, g := range clerk.Grants {
			again, bad := ParseGrant(g.String())
			if bad != nil || again != g || !g.Role.Staff() {
				t.Fatalf("%s grants %s", said, g)
			}
		}
		if (err == nil) != (len(clerk.Grants) > 0) || clerk.Subject == who.Subject {
			t.Fatalf("%s makes %+v, %v", said, clerk, err)
		}
		if lang := c.lang(); lang != "" && !locale.Valid(lang) {
			t.Fatalf("%s speaks %q", said, lang)
		}
		if to := c.address(); to != "" {
			parsed, err := mail.ParseAddress("<" + to + ">")
			if err != nil || parsed.Address != to || len(to) > 254 || strings.ContainsAny(to, "\r\n \t,;<>") || !bool(c.Verified) {
				t.Fatalf("%s is written to at %q", said, to)
			}
		}
	})
}

// scripted is a provider's token endpoint that answers what it is told.
type scripted struct{ answer string }

func (p *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Request: r,
		Body: io.NopCloser(strings.NewReader(p.answer))}, nil
}

// FuzzCallback comes back from the provider with anything in the address, in the
// cookie and from the provider itself: nobody is signed in whom it has not
// signed, it is never our own mistake, and the browser stays here.
func FuzzCallback(f *testing.F) {
	const none = `{"access_token":"a","token_type":"Bearer","id_token":"eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJzdWIiOiIxIn0."}`
	for _, answer := range []string{none, `{"id_token":1}`, `{"error":"x"}`, `{`, "", `{"access_token":"a","id_token":"a.b.c"}`, `{"keys":[{"kty":"oct"}]}`} {
		f.Add("code=1", true, "", answer)
		f.Add("code=1&iss=https://id.example", true, "", answer)
	}
	for _, query := range []string{"", "error=access_denied&error_description=%0d%0aX:1", "error=invalid_scope", "iss=https://evil.example&code=1", "code=%ff&state=%zz", "code=1&code=2&state=a&state=b"} {
		f.Add(query, true, "", none)
		f.Add(query, false, "AAAA", none)
		f.Add(query, false, "", none)
	}
	said := &scripted{}
	s, err := New(Config{Store: identitytest.NewStore(), Secret: []byte(someSecret), URL: "https://vez.example", Citizens: OpenID{
		Issuer: "https://id.example", ClientID: "vez", Client: &http.Client{Transport: said},
		Fixed: &oidc.ProviderConfig{IssuerURL: "https://id.example", AuthURL: "https://id.example/authorize", TokenURL: "https://id.example/token",
			JWKSURL: "https://id.example/keys", Algorithms: []string{"ES256"}},
	}})
	if err != nil {
		f.Fatal(err)
	}
	text, err := locale.Load()
	if err != nil {
		f.Fatal(err)
	}
	app, err := web.New(web.Config{Text: text, URL: "https://vez.example", Auth: s.Auth})
	if err != nil {
		f.Fatal(err)
	}
	if err := s.Register(app); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, query string, begun bool, cookie, answer string) {
		if len(query)+3*len(cookie) > 6<<10 {
			t.Skip("more than the server reads of a head")
		}
		said.answer = answer
		a := s.newAttempt(SortCitizen, "/my", "https://vez.example")
		if begun {
			if cookie, err = s.seal(a); err != nil {
				t.Fatal(err)
			}
			query += "&state=" + a.State
		}
		r := httptest.NewRequestWithContext(context.Background(), "GET", "/signin/callback", nil)
		r.URL.RawQuery = strings.Map(visible, query)
		r.RequestURI = r.URL.RequestURI()
		r.Header.Set("Cookie", "__Host-"+attemptCookie+"="+url.QueryEscape(cookie))
		res, err := app.Fiber().Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode >= 500 {
			t.Fatalf("%s is answered %d", query, res.StatusCode)
		}
		for _, c := range res.Cookies() {
			if name := strings.TrimPrefix(c.Name, "__Host-"); name != attemptCookie && name != "vez_form" && name != web.LangCookie {
				t.Fatalf("%s, %s: somebody got the cookie %s", query, answer, c.Name)
			}
		}
		if to := res.Header.Get("Location"); to != "" && !strings.HasPrefix(to, "https://id.example/authorize?") {
			t.Fatalf("%s leads to %s", query, to)
		}
	})
}

// visible makes a text fit to stand in an address.
func visible(r rune) rune {
	if r <= ' ' || r >= 0x7f || r == '#' {
		return -1
	}
	return r
}

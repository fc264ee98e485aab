package apitest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vez/identity"
)

// Answer is what a request came back with.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// JSON reads the body; what is not there is zero.
func (a Answer) JSON(into any) error { return json.Unmarshal([]byte(a.Body), into) }

// Get walks the body by names and gives the text that stands there, numbers as
// they print; "" for what is not there.
func (a Answer) Get(names ...string) string {
	var v any
	if json.Unmarshal([]byte(a.Body), &v) != nil {
		return ""
	}
	for _, n := range names {
		m, ok := v.(map[string]any)
		if !ok {
			return ""
		}
		v = m[n]
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	b, _ := json.Marshal(v) // it came from JSON
	return string(b)
}

// For is the same house in another test, such as one of a fuzz.
func (h *House) For(t testing.TB) *House {
	other := *h
	other.T = t
	return &other
}

// Token gives a bearer token for "role:subject@office"; subject and office may
// be left out. It is made once for each text.
func (h *House) Token(who string) string {
	h.T.Helper()
	if t, ok := h.tokens.Load(who); ok {
		return t.(string)
	}
	role, rest, _ := strings.Cut(who, ":")
	subject, office, _ := strings.Cut(rest, "@")
	if subject == "" {
		subject = "demo " + role
	}
	t, _, err := h.Who.DemoToken(h.T.Context(), identity.TokenRequest{Role: identity.Role(role), Subject: subject, Office: office})
	h.must(err)
	h.tokens.Store(who, t)
	return t
}

// Ask sends one request through the app, in memory. who is as in Token, "" for
// nobody, or a grant with a name as in "manager:safp:hengqin|mo"; a path that begins with "/api" is taken as it is, any other is put
// under /api/v1. Headers are pairs.
func (h *House) Ask(who, method, path, body string, headers ...string) Answer {
	h.T.Helper()
	if !strings.HasPrefix(path, "/api") {
		path = "/api/v1" + path
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept-Language", "en")
	switch {
	case strings.Contains(who, "|"):
		r.Header.Set("Authorization", grantScheme+who)
	case who != "":
		r.Header.Set("Authorization", "Bearer "+h.Token(who))
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := h.App.Fiber().Test(r, -1)
	h.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	h.must(err)
	return Answer{res.StatusCode, res.Header, string(text)}
}

// Must asks and fails the test unless the status is as said.
func (h *House) Must(status int, who, method, path, body string, headers ...string) Answer {
	h.T.Helper()
	a := h.Ask(who, method, path, body, headers...)
	if a.Status != status {
		h.T.Fatalf("%s %s as %q: %d, want %d\n%s", method, path, who, a.Status, status, a.Body)
	}
	return a
}

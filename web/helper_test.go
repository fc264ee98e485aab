package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/gofiber/fiber/v2"

	"vez/locale"
)

// newTestApp makes an app; change may alter its settings.
func newTestApp(t testing.TB, change func(*Config)) *App {
	t.Helper()
	text, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Text: text, Demo: true}
	if change != nil {
		change(&cfg)
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// answer is what a request came back with.
type answer struct {
	status  int
	header  http.Header
	body    string
	cookies []*http.Cookie
}

// ask sends one request through the app, in memory. Headers are pairs.
func ask(t *testing.T, a *App, method, path, body string, headers ...string) answer {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := a.Fiber().Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text), res.Cookies()}
}

// pagesOf makes a room's templates of name and text pairs.
func pagesOf(pairs ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fsys["templates/"+pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fsys
}

const plainPage = `{{define "title"}}Test{{end}}{{define "main"}}<p id="said">{{.Data}}</p>{{end}}`

// say is a handler that renders the page test/plain.
func say(text string) fiber.Handler {
	return func(c *fiber.Ctx) error { return Render(c, "test/plain", text) }
}

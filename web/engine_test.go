package web

import (
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"vez/locale"
)

func TestTwoPagesMayDefineTheSameBlock(t *testing.T) {
	a := newTestApp(t, nil)
	page := func(text string) string {
		return `{{define "title"}}T{{end}}{{define "main"}}{{template "part"}}{{end}}{{define "part"}}` + text + `{{end}}`
	}
	if err := a.Pages("test", pagesOf("one.html", page("first"), "two.html", page("second")), "templates"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"test/one": "first", "test/two": "second"} {
		got, err := a.Fragment(name, "part", locale.En, nil)
		if err != nil || got != want {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
}

func TestABadTemplateIsFoundBeforeItIsServed(t *testing.T) {
	for name, text := range map[string]string{
		"does not parse":            `{{define "title"}}`,
		"has no main":               `{{define "title"}}T{{end}}`,
		"calls an unknown template": `{{define "title"}}T{{end}}{{define "main"}}{{if .}}{{template "nothing"}}{{end}}{{end}}`,
		"calls an unknown function": `{{define "title"}}T{{end}}{{define "main"}}{{nothing}}{{end}}`,
	} {
		if err := newTestApp(t, nil).Pages("test", pagesOf("bad.html", text), "templates"); err == nil {
			t.Errorf("a page that %s is taken", name)
		}
	}
	a := newTestApp(t, nil)
	open := `{{define "title"}}T{{end}}{{define "main"}}<a href={{if .}}"x{{end}}>{{end}}`
	if err := a.Pages("test", pagesOf("open.html", open), "templates"); err != nil {
		t.Fatal(err)
	}
	if err := a.CheckPages(); err == nil {
		t.Error("HTML that cannot be escaped is taken")
	}
}

func TestPartialsOfARoomComeBeforeComponents(t *testing.T) {
	a := newTestApp(t, nil)
	pages := pagesOf("_parts.html", `{{define "tag"}}own tag{{end}}`,
		"x.html", `{{define "title"}}T{{end}}{{define "main"}}{{template "tag" .}}{{end}}`)
	if err := a.Pages("test", pages, "templates"); err != nil {
		t.Fatal(err)
	}
	if got, err := a.Fragment("test/x", "main", locale.En, nil); err != nil || got != "own tag" {
		t.Errorf("%q %v", got, err)
	}
}

func TestWhatAPageSaysIsEscaped(t *testing.T) {
	a := newTestApp(t, nil)
	if err := a.Pages("test", pagesOf("plain.html", plainPage), "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/x", Audience: Public, Handler: say(`<script>alert(1)</script>`)})
	if body := ask(t, a, "GET", "/x", "").body; strings.Contains(body, "<script>alert") {
		t.Error(body)
	}
}

func TestAFailingPageSendsNothingOfItself(t *testing.T) {
	a := newTestApp(t, nil)
	text := `{{define "title"}}T{{end}}{{define "main"}}half a page{{index .Data 9}}{{end}}`
	if err := a.Pages("test", pagesOf("half.html", text), "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/x", Audience: Public, Handler: func(c *fiber.Ctx) error {
		return Render(c, "test/half", []int{1})
	}})
	if got := ask(t, a, "GET", "/x", ""); got.status != 500 || strings.Contains(got.body, "half a page") {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestEachRoomFaultPageKeepsItsLayout(t *testing.T) {
	a := newTestApp(t, nil)
	a.Handle(Route{Method: "GET", Path: "/kiosk/x", Audience: Public, Layout: "kiosk", Handler: func(*fiber.Ctx) error { return fiber.ErrNotFound }})
	if body := ask(t, a, "GET", "/kiosk/x", "").body; !strings.Contains(body, `class="kiosk"`) {
		t.Error(body)
	}
}

func TestAssetsAreKeptForEverUnderTheirHash(t *testing.T) {
	a := newTestApp(t, nil)
	if err := a.Assets("board", pagesOf("board.js", "import '../web/js/live.js';"), "templates"); err != nil {
		t.Fatal(err)
	}
	address := a.Asset("board/board.js")
	got := ask(t, a, "GET", address, "")
	if got.status != 200 || !strings.Contains(got.header.Get("Cache-Control"), "immutable") ||
		got.header.Get("Content-Type") != "text/javascript; charset=utf-8" {
		t.Errorf("%d %v", got.status, got.header)
	}
	other := ask(t, a, "GET", "/assets/0123456789abcdef/board/board.js", "")
	if other.status != 200 || other.header.Get("Cache-Control") != "no-cache" {
		t.Errorf("%d %v", other.status, other.header)
	}
	css := ask(t, a, "GET", a.Asset("web/vez.css"), "", "Accept-Encoding", "gzip")
	if css.header.Get("Content-Encoding") != "gzip" || len(css.body) > 12_000 {
		t.Errorf("%v, %d bytes", css.header, len(css.body))
	}
}

func TestAssetsChangeTheirAddressWithTheirContent(t *testing.T) {
	one, two := newTestApp(t, nil), newTestApp(t, nil)
	_ = one.Assets("x", pagesOf("a.js", "1"), "templates")
	_ = two.Assets("x", pagesOf("a.js", "2"), "templates")
	if one.Asset("x/a.js") == two.Asset("x/a.js") {
		t.Error("the same address for different files")
	}
}

func TestPagesCannotReachOutOfTheirFolder(t *testing.T) {
	a := newTestApp(t, nil)
	for _, path := range []string{"/assets/x/../../etc/passwd", "/assets/x/web/../../go.mod", "/assets/x/%2e%2e/app.go"} {
		if got := ask(t, a, "GET", path, ""); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

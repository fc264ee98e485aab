package web

import (
	"context"
	"strings"
	"testing"

	"vez/locale"
	"vez/web/webtest"
)

func TestAPartIsSentOnceUntilItIsOtherwise(t *testing.T) {
	a := newTestApp(t, nil)
	page := pagesOf("x.html", `{{define "title"}}T{{end}}{{define "main"}}{{end}}{{define "list"}}{{.}}{{end}}`)
	if err := a.Pages("test", page, "templates"); err != nil {
		t.Fatal(err)
	}
	a.Handle(Route{Method: "GET", Path: "/live", Audience: Public, Handler: streaming(func(_ context.Context, ev *Events) error {
		p := ev.Parts("test/x", locale.En)
		for _, list := range []string{"", "", "A1", "A1", ""} {
			if err := p.Part("list", "calls", list); err != nil {
				return err
			}
			if err := p.Values("calls", map[string]any{"empty": list == ""}); err != nil {
				return err
			}
		}
		return nil
	})})
	lines, _, _ := follow(t, webtest.Serve(t, a)+"/live")
	var got []string
	for {
		line, err := lines.ReadString('\n')
		if data, is := strings.CutPrefix(line, "data: "); is {
			got = append(got, strings.TrimSpace(data))
		}
		if err != nil {
			break
		}
	}
	want := []string{
		`{"html":"","name":"calls"}`, `{"empty":true}`,
		`{"html":"A1","name":"calls"}`, `{"empty":false}`,
		`{"html":"","name":"calls"}`, `{"empty":true}`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("sent\n%s\nexpected\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

package web

import (
	"context"
	"strings"
	"testing"

	"vez/locale"
)

func TestAPartIsSentOnceUntilItIsOtherwise(t *testing.T) {
	a, address := streamApp(t, nil, func(_ context.Context, ev *Events) error {
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
	})
	page := pagesOf("x.html", `{{define "title"}}T{{end}}{{define "main"}}{{end}}{{define "list"}}{{.}}{{end}}`)
	if err := a.Pages("test", page, "templates"); err != nil {
		t.Fatal(err)
	}
	lines, _, _ := follow(t, address)
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

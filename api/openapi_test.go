package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vez/api"
	"vez/api/apitest"
)

func TestEveryOperationIsDescribedAndDeclaresItsAudience(t *testing.T) {
	h := apitest.New(t)
	n := 0
	for path, item := range h.API.OpenAPI().Paths {
		if !strings.HasPrefix(path, api.Prefix) {
			t.Errorf("%s is outside %s", path, api.Prefix)
		}
		raw, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		var ops map[string]struct {
			OperationID string           `json:"operationId"`
			Summary     string           `json:"summary"`
			Tags        []string         `json:"tags"`
			Responses   map[string]any   `json:"responses"`
			Security    []map[string]any `json:"security"`
			Audience    string           `json:"x-audience"`
		}
		if err := json.Unmarshal(raw, &ops); err != nil {
			t.Fatal(err)
		}
		for method, o := range ops {
			n++
			if o.OperationID == "" || o.Summary == "" || len(o.Tags) != 1 || len(o.Responses) < 2 || len(o.Security) != 1 || o.Audience == "" {
				t.Errorf("%s %s: %+v", method, path, o)
			}
			if o.Audience != "public" && o.Security[0]["bearer"] == nil {
				t.Errorf("%s %s asks for no token but is for %s", method, path, o.Audience)
			}
		}
	}
	if n < 45 {
		t.Errorf("only %d operations", n)
	}
}

func TestEveryRouteBelongsToADeclaredOperation(t *testing.T) {
	h := apitest.New(t)
	if missing := h.App.Undeclared(); len(missing) > 0 {
		t.Error(missing)
	}
	known := map[string]bool{}
	for _, o := range h.API.Operations() {
		if !o.Audience.Declared() {
			t.Errorf("%s %s is for nobody", o.Method, o.Path)
		}
		known[o.Method+" "+o.Path] = true
	}
	for _, r := range h.App.Fiber().GetRoutes(true) {
		path := r.Path
		if !strings.HasPrefix(path, api.Prefix+"/") {
			continue
		}
		path = strings.ReplaceAll(path, ":id", "{id}")
		if !known[r.Method+" "+path] {
			t.Errorf("%s %s is answered without being declared", r.Method, r.Path)
		}
	}
}

func TestTheDocumentIsServedWithoutSchemaFields(t *testing.T) {
	h := apitest.New(t)
	doc := h.Must(200, "", "GET", "/api/openapi.json", "")
	if doc.Get("openapi") != "3.1.0" || strings.Contains(doc.Body, "$schema") {
		t.Error(doc.Body[:200])
	}
	if d := h.Must(200, "", "GET", "/departments", ""); strings.Contains(d.Body, "$schema") || d.Header.Get("Link") != "" {
		t.Error(d.Body)
	}
}

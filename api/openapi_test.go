package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vez/api"
	"vez/api/apitest"
	"vez/fault"
	"vez/web"
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
		if r.Method == http.MethodHead && known["GET "+path] {
			continue
		}
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

// TestTheDocumentListsEveryProblem: a program that knows the document is never
// given a code that it has not seen there, and nobody a ⟦key⟧.
func TestTheDocumentListsEveryProblem(t *testing.T) {
	h := apitest.New(t)
	var doc struct {
		Problems []struct {
			Code   fault.Code `json:"code"`
			Status int        `json:"status"`
			Title  string     `json:"title"`
		} `json:"x-problems"`
		Components struct {
			Schemas map[string]struct {
				Properties map[string]struct {
					Enum []fault.Code `json:"enum"`
				} `json:"properties"`
			} `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(h.Must(200, "", "GET", "/api/openapi.json", "").Body), &doc); err != nil {
		t.Fatal(err)
	}
	values := doc.Components.Schemas["Problem"].Properties["code"].Enum
	for _, code := range fault.Codes() {
		if !slices.Contains(values, code) {
			t.Errorf("%s is no value of a problem's code", code)
		}
	}
	if len(doc.Problems) != len(fault.Codes()) {
		t.Errorf("%d problems of %d", len(doc.Problems), len(fault.Codes()))
	}
	for _, p := range doc.Problems {
		if p.Status != web.StatusOf(fault.New(p.Code).Kind) || p.Title == "" || strings.ContainsAny(p.Title, "⟦{") {
			t.Errorf("%+v", p)
		}
	}
}

// TestAnOperationsRefusalsStandAmongItsAnswers: what an operation names as its
// refusals has its status among its answers.
func TestAnOperationsRefusalsStandAmongItsAnswers(t *testing.T) {
	h := apitest.New(t)
	for path, item := range h.API.OpenAPI().Paths {
		raw, err := json.Marshal(item)
		if err != nil {
			t.Fatal(err)
		}
		var ops map[string]struct {
			Description string         `json:"description"`
			Responses   map[string]any `json:"responses"`
		}
		if err := json.Unmarshal(raw, &ops); err != nil {
			t.Fatal(err)
		}
		for method, o := range ops {
			_, refusals, _ := strings.Cut(o.Description, "Refused with: ")
			for name := range strings.SplitSeq(refusals, ", ") {
				code := fault.Code(strings.Trim(name, "`. "))
				if code == "" {
					continue
				}
				if !slices.Contains(fault.Codes(), code) {
					t.Errorf("%s %s: %q is no code", method, path, code)
				}
				if status := strconv.Itoa(web.StatusOf(fault.New(code).Kind)); o.Responses[status] == nil {
					t.Errorf("%s %s: %s is %s, which is no answer of it", method, path, code, status)
				}
			}
			if method != "get" && (o.Responses["415"] == nil || o.Responses["413"] == nil || o.Responses["429"] == nil) {
				t.Errorf("%s %s does not say that it may be too much", method, path)
			}
		}
	}
}

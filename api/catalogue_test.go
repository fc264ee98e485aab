package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vez/api/apitest"
	"vez/config"
	"vez/office"
	"vez/office/catalogue"
)

func macao(t testing.TB) *office.Catalogue {
	t.Helper()
	c, mistakes := catalogue.Load(config.Macao())
	if c == nil {
		t.Fatal(mistakes)
	}
	return c
}

type list[T any] struct {
	Items []T
	Next  *string
}

type thing struct {
	ID, Department string
	Name           map[string]string
}

func get[T any](t *testing.T, h *apitest.House, path string, headers ...string) T {
	t.Helper()
	var v T
	if err := h.Must(200, "", "GET", path, "", headers...).JSON(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheCatalogueOfMacaoIsServed(t *testing.T) {
	h := apitest.New(t, apitest.With(macao(t)))
	departments := get[list[thing]](t, h, "/departments")
	if len(departments.Items) != 29 || departments.Next != nil {
		t.Errorf("%d departments", len(departments.Items))
	}
	names := departments.Items[0].Name
	for _, lang := range []string{"zh-Hant", "zh-Hans", "pt", "en"} {
		if names[lang] == "" {
			t.Errorf("%s has no name in %s", departments.Items[0].ID, lang)
		}
	}
	if !strings.Contains(fmt.Sprint(departments.Items), "hq") {
		t.Error("hq is not among them")
	}
	one := h.Must(200, "", "GET", "/services/dsi-bir-renewal", "")
	for _, part := range []string{`"department":"dsi"`, `"category":"identity"`, `"minutes":15`, `"modes":["counter","kiosk"]`, `"offices":["`, `"zh-Hant":"居民身份證續期"`} {
		if !strings.Contains(one.Body, part) {
			t.Errorf("no %s in %s", part, one.Body)
		}
	}
	if o := h.Must(200, "", "GET", "/offices/dsi-main", ""); !strings.Contains(o.Body, `"id":"dsi-main-card"`) || !strings.Contains(o.Body, `"id":"dsi-main-3"`) {
		t.Error("queues and counters of dsi-main are missing")
	}
}

func TestEveryServiceIsReachedByPaging(t *testing.T) {
	c := macao(t)
	h := apitest.New(t, apitest.With(c))
	seen := map[string]bool{}
	path, pages := "/services?limit=100", 0
	for next := ""; ; pages++ {
		l := get[list[thing]](t, h, path+next)
		for _, s := range l.Items {
			if seen[s.ID] {
				t.Fatalf("%s twice", s.ID)
			}
			seen[s.ID] = true
		}
		if l.Next == nil {
			break
		}
		next = "&cursor=" + *l.Next
	}
	if len(seen) != len(c.Services) || pages != len(c.Services)/100 {
		t.Errorf("%d of %d services on %d pages", len(seen), len(c.Services), pages+1)
	}
	if l := get[list[thing]](t, h, "/services"); len(l.Items) != 50 {
		t.Errorf("a page has %d without a limit", len(l.Items))
	}
	if l := get[list[thing]](t, h, "/services?limit=500&department=hq"); len(l.Items) == 0 || l.Items[0].Department != "hq" {
		t.Error("not only those of the department")
	}
}

func TestServicesAreFoundByWhatPeopleCallThem(t *testing.T) {
	h := apitest.New(t, apitest.With(macao(t)))
	for _, c := range []struct{ lang, q, first string }{
		{"en", "renewal of resident identity card", "dsi-bir-renewal"},
		{"en", "RENEWAL of Resident", "dsi-bir-renewal"},
		{"pt", "renovacao do bir", "dsi-bir-renewal"},
		{"pt", "Renovação do BIR", "dsi-bir-renewal"},
		{"zh-Hant", "居民身份證續期", "dsi-bir-renewal"},
		{"zh-Hans", "居民身份证续期", "dsi-bir-renewal"},
		{"en", "居民身份证续期", "dsi-bir-renewal"},
		{"en", "card identity renewal resident", "dsi-bir-renewal"},
		{"en", "ＲＥＮＥＷＡＬ of resident identity", "dsi-bir-renewal"},
		{"en", "dsi-bir-renewal", "dsi-bir-renewal"},
		{"en", "document collection", "dsi-document-collection"},
	} {
		l := get[list[thing]](t, h, "/services?q="+escape(c.q)+"&lang="+c.lang)
		if len(l.Items) == 0 || l.Items[0].ID != c.first {
			t.Errorf("%s %q: %v", c.lang, c.q, first(l.Items, 3))
		}
	}
	if l := get[list[thing]](t, h, "/services?q=zzzz"); len(l.Items) != 0 {
		t.Error(l)
	}
	if l := get[list[thing]](t, h, "/services?q=DSI&limit=500"); len(l.Items) < 30 {
		t.Errorf("an acronym leads to %d services", len(l.Items))
	}
}

func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

func first(all []thing, n int) (ids []string) {
	for _, s := range all[:min(n, len(all))] {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestCatalogueReadsAreNotSentTwice(t *testing.T) {
	h := apitest.New(t)
	for _, path := range []string{"/departments", "/services?q=card", "/services/renew", "/offices", "/offices/main"} {
		a := h.Must(200, "", "GET", path, "")
		tag := a.Header.Get("ETag")
		if tag == "" {
			t.Fatalf("%s has no ETag", path)
		}
		if b := h.Must(304, "", "GET", path, "", "If-None-Match", `"other", W/`+tag); b.Body != "" || b.Header.Get("ETag") != tag {
			t.Error(path, b)
		}
		h.Must(200, "", "GET", path, "", "If-None-Match", `"other"`)
		if b := h.Must(200, "", "GET", path, "", "Accept-Language", "pt"); b.Header.Get("ETag") == tag {
			t.Errorf("%s: the same tag in two languages", path)
		}
	}
	if a := h.Must(200, "", "GET", "/offices/main/queues", ""); a.Header.Get("ETag") != "" || a.Header.Get("Cache-Control") != "no-store" {
		t.Error("live figures are kept")
	}
}

func TestAnotherCatalogueHasAnotherTag(t *testing.T) {
	tag := func(c *office.Catalogue) string {
		return apitest.New(t, apitest.With(c)).Must(200, "", "GET", "/services/renew", "").Header.Get("ETag")
	}
	changed := apitest.Catalogue()
	changed.Service("renew").Rules.HorizonDays = 7
	if same := tag(apitest.Catalogue()); same != tag(apitest.Catalogue()) || same == tag(changed) {
		t.Error("the tag does not follow the catalogue")
	}
}

func TestEveryAnswerIsJSONWithListsThatAreLists(t *testing.T) {
	h := apitest.New(t)
	for _, path := range []string{"/departments", "/services", "/offices", "/offices/main", "/offices/main/queues", "/services/renew/slots"} {
		a := h.Must(200, "", "GET", path, "")
		if !json.Valid([]byte(a.Body)) || strings.Contains(a.Body, `"items":null`) || strings.Contains(a.Body, `"services":null`) {
			t.Error(path, a.Body)
		}
	}
}

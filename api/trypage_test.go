package api_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vez/api/apitest"
	"vez/locale"
)

// browser is one with cookies and without scripts.
type browser struct {
	h       *apitest.House
	cookies map[string]*http.Cookie
}

func (b *browser) load(r *http.Request) (int, string) {
	b.h.T.Helper()
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	res, err := b.h.App.Fiber().Test(r, -1)
	if err != nil {
		b.h.T.Fatal(err)
	}
	defer res.Body.Close()
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c
	}
	var text strings.Builder
	_ = res.Write(&text)
	return res.StatusCode, text.String()
}

func (b *browser) get(path string) string {
	b.h.T.Helper()
	status, text := b.load(httptest.NewRequest("GET", path, nil))
	if status != 200 {
		b.h.T.Fatalf("%s: %d %s", path, status, text)
	}
	return text
}

var input = regexp.MustCompile(`<(?:input|textarea)[^>]* name="([^"]+)"[^>]*?(?: value="([^"]*)"[^>]*)?>(?:([^<]*)</textarea>)?`)

// send loads a page, fills its form in and sends it.
func (b *browser) send(path string, fill map[string]string) string {
	b.h.T.Helper()
	form := url.Values{}
	for _, m := range input.FindAllStringSubmatch(b.get(path), -1) {
		form.Set(m[1], html.UnescapeString(m[2]+m[3]))
	}
	for name, value := range fill {
		form.Set(name, value)
	}
	r := httptest.NewRequest("POST", path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	_, text := b.load(r)
	return html.UnescapeString(text)
}

func TestThePageListsEveryOperationInEveryLanguage(t *testing.T) {
	h := apitest.New(t)
	b := &browser{h, map[string]*http.Cookie{}}
	for _, lang := range locale.Languages {
		page := b.get("/api?lang=" + lang)
		if strings.Contains(page, "⟦") || strings.Contains(page, "<script>") || !strings.Contains(page, `lang="`+lang+`"`) {
			t.Errorf("%s: a text is missing, or there is a script in the page", lang)
		}
		for _, o := range h.API.Operations() {
			if !strings.Contains(page, `href="/api/try/`+o.ID+`?lang=`+lang+`"`) || !strings.Contains(page, html.EscapeString(h.Text.In(lang).T("api.op."+o.ID))) {
				t.Errorf("%s: %s is missing", lang, o.ID)
			}
			if form := b.get("/api/try/" + o.ID + "?lang=" + lang); strings.Contains(form, "⟦") {
				t.Errorf("%s: a text of %s is missing", lang, o.ID)
			}
		}
	}
}

func TestEveryOperationCanBeTriedWithoutScripts(t *testing.T) {
	h := apitest.New(t)
	b := &browser{h, map[string]*http.Cookie{}}
	if page := b.send("/api/try/list-services?lang=en", map[string]string{"query-q": "land"}); !strings.Contains(page, `"id": "deed"`) || !strings.Contains(page, "/api/v1/services?") {
		t.Error(page)
	}
	if page := b.send("/api/try/list-bookings?lang=en", nil); !strings.Contains(page, `"code": "not_signed_in"`) {
		t.Error(page)
	}
	if page := b.send("/api/try/demo-token?lang=en", nil); !strings.Contains(page, `"token": "`) || !strings.Contains(page, "Answer 201") {
		t.Error(page)
	}
	page := b.send("/api/try/book?lang=pt", map[string]string{"idempotency": "one"})
	if !strings.Contains(page, `"state": "confirmed"`) || strings.Contains(page, "Bearer e") {
		t.Error("the example does not book, or the token is shown", page)
	}
	if again := b.send("/api/try/book?lang=pt", map[string]string{"idempotency": "one"}); !strings.Contains(again, `"state": "confirmed"`) {
		t.Error(again)
	}
	if page := b.send("/api/try/list-bookings?lang=en", nil); strings.Count(page, `"state": "confirmed"`) != 1 {
		t.Error(page)
	}
}

func TestThePageOfAnotherSiteCannotTry(t *testing.T) {
	h := apitest.New(t)
	r := httptest.NewRequest("POST", "/api/try/demo-token", strings.NewReader("body=%7B%7D"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if status, text := (&browser{h, map[string]*http.Cookie{}}).load(r); status != 403 {
		t.Error(status, text)
	}
}

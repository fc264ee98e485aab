package main

import (
	"bufio"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vez/identity"
	"vez/web/webtest"
)

// fenced says what an answer lacks of what every answer must carry.
func fenced(h http.Header, https bool) (lacks []string) {
	csp := "; " + h.Get("Content-Security-Policy") + ";"
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'",
		"form-action 'self'"} {
		if !strings.Contains(csp, "; "+want) {
			lacks = append(lacks, want)
		}
	}
	for _, never := range []string{"unsafe", "*", "http:", "blob: 'self'"} {
		if strings.Contains(csp, never) {
			lacks = append(lacks, "no "+never)
		}
	}
	if r := h.Get("Referrer-Policy"); r != "same-origin" && r != "no-referrer" {
		lacks = append(lacks, "Referrer-Policy")
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
		if h.Get(name) != want {
			lacks = append(lacks, name)
		}
	}
	if p := h.Get("Permissions-Policy"); !strings.Contains(p, "geolocation=()") || !strings.Contains(p, "microphone=()") || !strings.Contains(p, "serial=()") {
		lacks = append(lacks, "Permissions-Policy")
	}
	if hsts := strings.HasPrefix(h.Get("Strict-Transport-Security"), "max-age=31536000"); hsts != https {
		lacks = append(lacks, "Strict-Transport-Security")
	}
	for _, chatter := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
		if h.Get(chatter) != "" {
			lacks = append(lacks, "no "+chatter)
		}
	}
	return lacks
}

var asset = regexp.MustCompile(`/assets/[^"' ]+\.(css|js|svg)`)

// TestEveryKindOfAnswerCarriesItsFences: pages, refusals, assets, the API, papers.
func TestEveryKindOfAnswerCarriesItsFences(t *testing.T) {
	h, _ := demoHub(t)
	all := visitors(t, h)
	one := all[1].bearer
	kept := furnished(t, h, one)
	as := func(role identity.Role, kind, at string) string {
		for _, v := range all {
			if v.role == role && v.kind == kind && v.at == at {
				return v.bearer
			}
		}
		return ""
	}
	front := h.ask(t, "GET", "/", "")
	assets := asset.FindAllString(front.body, -1)
	if len(assets) < 2 {
		t.Fatal("the front page has no assets")
	}
	type kind struct {
		name, method, path, bearer string
		status                     int
		private                    bool // must not be kept by anybody
		lacking                    string
	}
	kinds := []kind{
		{"front", "GET", "/", "", 200, false, ""}, {"front, signed in", "GET", "/", one, 200, true, ""}, {"services, signed in", "GET", "/book", one, 200, true, ""}, {"gallery", "GET", "/gallery", "", 200, false, ""},
		{"nothing there", "GET", "/none", "", 404, true, ""}, {"a wrong method", "DELETE", "/book", "", 405, true, ""}, {"what may be asked", "OPTIONS", "/book", "", 204, true, ""},
		{"a redirect to the sign-in", "GET", "/my", "", 303, true, ""}, {"refused", "GET", "/my", as(identity.Clerk, "", ours), 403, true, ""},
		{"my bookings", "GET", "/my", one, 200, true, ""}, {"a ticket by its link", "GET", "/t/" + kept["link"], "", 200, true, ""},
		{"a hold by its address", "GET", "/book/hold/" + kept["hold"], one, 0, true, ""}, {"a ticket through the API", "GET", "/api/v1/tickets/" + kept["ticket"], as(identity.Clerk, "", ours), 200, true, ""}, {"my booking", "GET", "/my/" + kept["id"], one, 200, true, ""},
		{"code", "GET", "/my/" + kept["id"] + "/code.png", one, 200, true, ""}, {"calendar", "GET", "/my/" + kept["id"] + "/visit.ics", one, 200, true, ""},
		{"kiosk", "GET", "/kiosk/" + ours, as(identity.Device, "kiosk", ours), 200, true, ""},
		{"board", "GET", "/board/" + ours, as(identity.Device, "board", ours), 200, true, ""},
		{"console", "GET", "/counter/" + ours + "-3", as(identity.Clerk, "", ours), 200, true, ""},
		{"admin", "GET", "/admin/offices/" + ours, as(identity.Manager, "", ours), 200, true, ""},
		{"API page", "GET", "/api", "", 200, false, ""}, {"document", "GET", "/api/openapi.json", "", 200, false, ""},
		{"catalogue", "GET", "/api/v1/departments", "", 200, false, ""}, {"API, private", "GET", "/api/v1/bookings", one, 200, true, ""},
		{"API, refused", "GET", "/api/v1/bookings", "", 401, true, ""}, {"API, nothing there", "GET", "/api/v1/none", "", 404, true, ""},
		{"API code", "GET", "/api/v1/bookings/" + kept["id"] + "/qr.png", one, 200, true, ""},
		{"health", "GET", "/healthz", "", 200, false, ""}, {"ready", "GET", "/readyz", "", 200, false, ""},
		{"style", "GET", assets[0], "", 200, false, ""}, {"script", "GET", assets[len(assets)-1], "", 200, false, ""},
	}
	for _, path := range []string{"/my/" + kept["id"] + "/slip.pdf", "/api/v1/bookings/" + kept["id"] + "/slip.pdf"} {
		kinds = append(kinds, kind{"slip", "GET", path, one, 0, true, ""}) // 503 where there are no fonts
	}
	for _, k := range kinds {
		headers := []string{"Accept", "text/html"}
		if k.bearer != "" {
			headers = append(headers, "Authorization", k.bearer)
		}
		a := h.ask(t, k.method, k.path, "", headers...)
		if k.status != 0 && a.status != k.status {
			t.Errorf("%s: %d, want %d", k.name, a.status, k.status)
		}
		if lacks := fenced(a.header, false); len(lacks) > 0 {
			t.Errorf("%s: %v in %v", k.name, lacks, a.header)
		}
		if cache := a.header.Get("Cache-Control"); k.private && !strings.Contains(cache, "no-store") {
			t.Errorf("%s may be kept: %q", k.name, cache)
		}
		if a.header.Get("Content-Type") == "" && len(a.body) > 0 {
			t.Errorf("%s does not say what it is", k.name)
		}
	}
	if camera := h.ask(t, "GET", "/kiosk/"+ours, "", "Authorization", as(identity.Device, "kiosk", ours)).header.Get("Permissions-Policy"); strings.Contains(camera, "camera=*") {
		t.Error(camera)
	}
}

func TestALiveStreamCarriesItsFences(t *testing.T) {
	h, _ := demoHub(t)
	all := visitors(t, h)
	base := webtest.Serve(t, h.app)
	for _, v := range all {
		if v.kind != "board" || v.at != ours {
			continue
		}
		r, err := http.NewRequestWithContext(t.Context(), "GET", base+"/live/board/"+ours, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", v.bearer)
		res, err := (&http.Transport{}).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		if lacks := fenced(res.Header, false); len(lacks) > 0 || !strings.Contains(res.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("%v in %v", lacks, res.Header)
		}
		if _, err := bufio.NewReader(res.Body).ReadString('\n'); err != nil {
			t.Error(err)
		}
	}
}

// earnest are the settings of a house on https behind a proxy; the provider of
// the test is not there.
var earnest = []string{"VEZ_URL=https://vez.test", "VEZ_OIDC_ISSUER=https://127.0.0.1:9", "VEZ_OIDC_CLIENT=vez", "VEZ_OIDC_SECRET=none"}

// TestOnHTTPSEveryCookieIsTheHousesAloneAndNeverSentInTheClear walks what sets
// cookies without a sign-in; those of sessions are tested in identity.
func TestOnHTTPSEveryCookieIsTheHousesAloneAndNeverSentInTheClear(t *testing.T) {
	h, _ := openHub(t, earnest...)
	seen := map[string]bool{}
	for _, path := range []string{"/?lang=pt", "/book?lang=en", "/book/dsi-bir-renewal/dsi-main", "/pair?return=/kiosk/dsi-main", "/none"} {
		a := h.ask(t, "GET", path, "", "Accept", "text/html")
		if lacks := fenced(a.header, true); len(lacks) > 0 {
			t.Errorf("%s: %v in %v", path, lacks, a.header)
		}
		for _, k := range (&http.Response{Header: a.header}).Cookies() {
			seen[k.Name] = true
			if !k.Secure || !k.HttpOnly || k.SameSite == http.SameSiteNoneMode || k.SameSite == 0 || k.Domain != "" || k.Path != "/" {
				t.Errorf("%s: %v", path, k)
			}
			if k.Name != "vez_lang" && !strings.HasPrefix(k.Name, "__Host-") {
				t.Errorf("%s: %s could be planted by a neighbouring subdomain", path, k.Name)
			}
		}
	}
	if !seen["__Host-vez_pairing"] || !seen["vez_lang"] {
		t.Errorf("only %v were set", seen)
	}
}

// TestNoLinkOrRedirectFollowsTheHostHeader: outside the demonstration all
// addresses are that of VEZ_URL or begin with a slash.
func TestNoLinkOrRedirectFollowsTheHostHeader(t *testing.T) {
	h, _ := openHub(t, append(earnest, "VEZ_TRUSTED_PROXIES=0.0.0.0")...)
	who := identity.Principal{Subject: "clerk:m", Grants: []identity.Grant{{Role: identity.Manager, Department: identity.Any, Office: identity.Any}}}
	p, err := h.who.Pair(t.Context(), "kiosk", ours)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.who.Confirm(t.Context(), who, p.Code, ours, "by the door"); err != nil {
		t.Fatal(err)
	}
	_, token, done, err := h.who.Collect(t.Context(), p.Code, p.Secret)
	if err != nil || !done {
		t.Fatal(done, err)
	}
	for _, path := range []string{"/", "/book", "/book/dsi-bir-renewal/dsi-main", "/my", "/my/none", "/signin?return=//evil.test", "/signin/staff", "/pair?return=https://evil.test/",
		"/counter", "/api", "/api/openapi.json", "/api/v1/departments", "/none", "//evil.test/%2e%2e", "/kiosk/dsi-main", "/kiosk/dsi-main/queue/dsi-main-card"} {
		for _, accept := range []string{"text/html", "application/json"} {
			headers := []string{"Host", "evil.test", "X-Forwarded-Host", "evil.test", "X-Forwarded-Proto", "https", "Accept", accept}
			if strings.HasPrefix(path, "/kiosk") {
				headers = append(headers, "Authorization", "Bearer "+token)
			}
			a := h.ask(t, "GET", path, "", headers...)
			to, err := url.Parse(a.header.Get("Location"))
			if err != nil || to.Host != "" && to.Host != "vez.test" {
				t.Errorf("%s leads to %s", path, to)
			}
			body := strings.ReplaceAll(a.body, "evil.test/%2e%2e", "") // the address itself may be shown
			if strings.Contains(path, "evil") {
				body = ""
			}
			if strings.Contains(body, "evil.test") {
				t.Errorf("%s speaks of the host it was asked under", path)
			}
		}
	}
}

// TestAfterTheSignInNobodyIsLedAway tries return addresses that browsers read as other sites.
func TestAfterTheSignInNobodyIsLedAway(t *testing.T) {
	h, _ := demoHub(t)
	base := webtest.Serve(t, h.app)
	for _, back := range []string{"//evil.test", "/\\evil.test", "https://evil.test", "javascript:alert(1)", "/%09/evil.test", "\t//evil.test", "/\t/evil.test"} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
			if !strings.HasPrefix(base, "http://"+r.URL.Host) {
				t.Errorf("%q leads to %s", back, r.URL)
				return http.ErrUseLastResponse
			}
			return nil
		}}
		r, err := http.NewRequestWithContext(t.Context(), "GET", base+"/pair?return="+url.QueryEscape(back), nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
}

// TestOutsideTheDemonstrationItsDoorsAreNotThere asks for each of them.
func TestOutsideTheDemonstrationItsDoorsAreNotThere(t *testing.T) {
	h, _ := openHub(t, earnest...)
	for _, path := range []string{"GET /demo/id/authorize", "POST /demo/id/authorize", "POST /demo/id/token", "GET /demo/id/keys", "GET /gallery",
		"POST /api/v1/demo/token", "GET /debug/pprof/", "GET /debug/vars", "GET /.env", "GET /.git/config"} {
		method, at, _ := strings.Cut(path, " ")
		if a := h.ask(t, method, at, ""); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	for _, r := range h.app.Routes() {
		if strings.HasPrefix(r.Path, "/demo") || r.Path == "/gallery" {
			t.Errorf("%s %s is there in earnest", r.Method, r.Path)
		}
	}
	if a := h.ask(t, "GET", "/pair?return=/kiosk/dsi-main", ""); len((&http.Response{Header: a.header}).Cookies()) == 0 || a.status != http.StatusOK {
		t.Errorf("a device pairs itself: %d %v", a.status, a.header)
	}
}

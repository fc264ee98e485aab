package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"vez/identity"
	"vez/web/webtest"
)

// person is a browser of the test that keeps what nobody else may learn.
type person struct {
	t      *testing.T
	client *http.Client
	jar    *cookiejar.Jar
	base   string
}

func newPerson(t *testing.T, base string) *person {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t: t, jar: jar, base: base, client: &http.Client{Jar: jar, Timeout: 30 * time.Second}}
}

func (p *person) send(r *http.Request, err error) string {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/html")
	res, err := p.client.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(body)
}

func (p *person) get(path string) string {
	p.t.Helper()
	return p.send(http.NewRequestWithContext(p.t.Context(), "GET", p.base+path, nil))
}

func (p *person) post(path string, fields url.Values) string {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), "POST", p.base+path, strings.NewReader(fields.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return p.send(r, err)
}

// signIn goes through the demo provider as one of its people.
func (p *person) signIn(path, who string) {
	p.t.Helper()
	form := hidden(p.get(path))
	form.Set("person", who)
	if body := p.post("/demo/id/authorize", form); strings.Contains(body, `name="person"`) {
		p.t.Fatalf("not signed in:\n%.600s", body)
	}
}

var input = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// hidden reads the hidden fields of a page.
func hidden(page string) url.Values {
	out := url.Values{}
	for _, m := range input.FindAllStringSubmatch(page, -1) {
		out.Set(m[1], strings.ReplaceAll(m[2], "&amp;", "&"))
	}
	return out
}

// secrets are the person's cookies.
func (p *person) secrets() map[string]string {
	at, err := url.Parse(p.base)
	if err != nil {
		p.t.Fatal(err)
	}
	out := map[string]string{}
	for _, k := range p.jar.Cookies(at) {
		if k.Name != "vez_lang" {
			out[k.Name] = k.Value
		}
	}
	return out
}

// TestTheLogTellsOfNobody drives flows that go well and flows that go wrong, at
// the log's most talkative, and looks for everything that a reader of the log
// must not learn: who, which code, which token, from where.
func TestTheLogTellsOfNobody(t *testing.T) {
	h, log := demoHub(t)
	base := webtest.Serve(t, h.app)
	all := visitors(t, h)
	kept := furnished(t, h, all[1].bearer)
	secret := map[string]string{}
	for _, v := range all {
		if v.bearer != "" {
			secret["token of "+v.String()] = strings.TrimPrefix(v.bearer, "Bearer ")
		}
	}
	b := h.ask(t, "GET", "/api/v1/bookings/"+kept["id"], "", "Authorization", all[1].bearer)
	secret["reference"], secret["code"] = field(b.body, "reference"), field(b.body, "code")

	resident, clerk := newPerson(t, base), newPerson(t, base)
	resident.signIn("/my", "resident-2")
	resident.get("/my/" + kept["id"]) // of somebody else
	resident.get("/book/dsi-bir-renewal?q=a-private-search")
	clerk.signIn("/counter", "clerk-1")
	clerk.get("/admin")
	for who, p := range map[string]*person{"resident": resident, "clerk": clerk} {
		for name, v := range p.secrets() {
			secret[who+"'s cookie "+name] = v
		}
	}
	if secret["resident's cookie vez"] == "" || secret["clerk's cookie vez_staff"] == "" {
		t.Fatal("nobody has signed in")
	}

	for _, kiosk := range all {
		if kiosk.kind != "kiosk" || kiosk.at != ours {
			continue
		}
		form := "application/x-www-form-urlencoded"
		h.ask(t, "POST", "/kiosk/"+ours+"/check-in", "reference="+secret["reference"], "Authorization", kiosk.bearer, "Content-Type", form)
		h.ask(t, "POST", "/kiosk/"+ours+"/check-in", "code="+secret["code"]+"X", "Authorization", kiosk.bearer, "Content-Type", form)
		h.ask(t, "POST", "/api/v1/check-ins", `{"office":"dsi-main","code":"`+secret["code"]+`"}`, "Authorization", kiosk.bearer, "Content-Type", "application/json")
	}
	link, err := h.hall.Read(t.Context()).LinkOf(kept["ticket"])
	if err != nil {
		t.Fatal(err)
	}
	secret["ticket link"] = link
	h.ask(t, "GET", "/t/"+link, "")
	h.ask(t, "POST", "/t/"+link+"/cancel", "_token=stolen-token-of-a-form", "Content-Type", "application/x-www-form-urlencoded")
	h.ask(t, "GET", "/signin/callback?code=code-of-the-provider&state=state-of-nobody", "", "Cookie", "vez_signin=sealed-attempt-cookie")
	h.ask(t, "POST", "/signin/staff", "name=chan.tai.man&password=correct-horse-battery", "Content-Type", "application/x-www-form-urlencoded")
	h.ask(t, "GET", "/my", "", "Authorization", "Bearer a-token-that-was-made-up")
	h.ask(t, "GET", "/my", "", "Authorization", "Basic Y2hhbjpwYXNzd29yZA==", "X-Forwarded-For", "203.0.113.77", "User-Agent", "telling-browser/1.0", "Referer", "https://telling.referrer/")
	h.ask(t, "GET", "/none/of/1234567-8?phone=66123456&email=someone@example.org", "")
	for name, v := range map[string]string{"form token": "stolen-token-of-a-form", "provider's code": "code-of-the-provider", "state": "state-of-nobody",
		"attempt": "sealed-attempt-cookie", "password": "correct-horse-battery", "account": "chan.tai.man", "bad token": "a-token-that-was-made-up",
		"basic": "Y2hhbjpwYXNzd29yZA", "address": "203.0.113.77", "browser": "telling-browser", "referrer": "telling.referrer", "path": "1234567-8",
		"phone": "66123456", "email": "someone@example.org", "search": "a-private-search", "a citizen's pseudonym": "citizen:",
		"a clerk's pseudonym": "clerk:", "subject": "resident-2"} {
		secret[name] = v
	}
	said := log.String()
	for name, v := range secret {
		if v == "" {
			t.Errorf("%s is empty: the test looks for nothing", name)
		} else if at := strings.Index(said, v); at >= 0 {
			t.Errorf("the log tells the %s: …%s…", name, said[max(0, at-120):min(len(said), at+60)])
		}
	}
	if n := strings.Count(said, "msg=request"); n < 20 {
		t.Errorf("the log has %d requests only: the test has heard nothing", n)
	}
}

// TestEveryRefusalStandsInTheLogWithItsReference looks at what the log keeps as
// it is set up by default.
func TestEveryRefusalStandsInTheLogWithItsReference(t *testing.T) {
	h, log := demoHub(t)
	all := visitors(t, h)
	for _, c := range []struct {
		path, bearer string
		status       int
	}{
		{"/api/v1/bookings", "", 401}, {"/api/v1/bookings", all[3].bearer, 403}, {"/my", all[3].bearer, 403}, {"/my", "Bearer none", 401},
	} {
		a := h.ask(t, "GET", c.path, "", "Accept", "application/json", "Authorization", c.bearer)
		if a.status != c.status {
			t.Fatalf("%s: %d", c.path, a.status)
		}
		found := false
		for line := range strings.SplitSeq(log.String(), "\n") {
			found = found || strings.Contains(line, "ref="+a.header.Get("X-Request-ID")) && strings.Contains(line, "level=INFO")
		}
		if !found {
			t.Errorf("%s, %d: nothing in the log", c.path, c.status)
		}
	}
}

// TestNobodyWritesLinesOfTheirOwnIntoTheLog sends line ends in every place that
// a sender chooses, as bytes on the wire.
func TestNobodyWritesLinesOfTheirOwnIntoTheLog(t *testing.T) {
	h, log := demoHub(t)
	host := strings.TrimPrefix(webtest.Serve(t, h.app), "http://")
	const forged = `time=2030-01-01T00:00:00Z level=ERROR msg="forged line"`
	for _, request := range []string{
		"GET /x%0d%0a" + url.PathEscape(forged) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /x%0a" + url.PathEscape(forged) + "?y=%0a" + url.PathEscape(forged) + " HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET /signin/callback?error=%0a" + url.QueryEscape(forged) + "&state=%0a HTTP/1.1\r\nHost: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX-Request-ID: a\n" + forged + "\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\n" + forged + "\r\nAccept-Language: pt\n" + forged + "\r\n\r\n",
		"G\n" + forged + " / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST /signin/staff HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 14\r\n\r\nname=%0Aforged",
		"POST /api/v1/demo/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{\"role\":\"\\nlevel=ERR\"}",
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(request))
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		_, _ = bufio.NewReader(conn).ReadString('\n')
		_ = conn.Close()
	}
	h.ask(t, "GET", "/none", "")
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	for _, line := range lines {
		if !strings.HasPrefix(line, "time=20") || !strings.Contains(line, " level=") || strings.HasPrefix(line, "time=2030") {
			t.Errorf("a line of somebody else's: %q", line)
		}
	}
	if len(lines) < 4 {
		t.Errorf("%d lines only", len(lines))
	}
}

// TestAnOfficesStaffReachNothingOfAnotherThroughTheirOwnAddress: the address
// names their own office, the ticket, counter or device in it another's.
func TestAnOfficesStaffReachNothingOfAnotherThroughTheirOwnAddress(t *testing.T) {
	h, _ := demoHub(t)
	all := visitors(t, h)
	kept := furnished(t, h, all[1].bearer)
	as := func(role identity.Role, kind, at string) string {
		for _, v := range all {
			if v.role == role && v.kind == kind && v.at == at {
				return v.bearer
			}
		}
		t.Fatalf("nobody is %s %s at %s", kind, role, at)
		return ""
	}
	state := func() string {
		a := h.ask(t, "GET", "/api/v1/tickets/"+kept["ticket"], "", "Authorization", as(identity.Clerk, "", ours))
		return field(a.body, "state") + field(a.body, "counter")
	}
	h.ask(t, "POST", "/api/v1/counters/"+ours+"-3/open", "{}", "Authorization", as(identity.Clerk, "", ours), "Content-Type", "application/json")
	before := state()
	for _, c := range []struct{ who, method, path, body string }{
		{as(identity.Device, "kiosk", theirs), "GET", "/kiosk/" + theirs + "/ticket/" + kept["ticket"], ""},
		{as(identity.Device, "kiosk", theirs), "POST", "/kiosk/" + theirs + "/ticket/" + kept["ticket"] + "/print", ""},
		{as(identity.Device, "kiosk", theirs), "GET", "/live/kiosk/" + theirs + "/" + kept["ticket"], ""},
		{as(identity.Clerk, "", theirs), "POST", "/counter/" + theirs + "-1/call", "ticket=" + kept["ticket"] + "&reason=helped"},
		{as(identity.Clerk, "", theirs), "POST", "/counter/" + theirs + "-1/cancel", "ticket=" + kept["ticket"]},
		{as(identity.Clerk, "", theirs), "POST", "/counter/" + theirs + "-1/take-over", "ticket=" + kept["ticket"]},
		{as(identity.Manager, "", theirs), "POST", "/admin/offices/" + theirs + "/close-counter", "counter=" + ours + "-3"},
	} {
		a := h.ask(t, c.method, c.path, c.body, "Authorization", c.who, "Accept", "text/html")
		if a.endless || a.status < 400 && c.method == "GET" {
			t.Errorf("%s %s: %d", c.method, c.path, a.status)
		}
	}
	if after := state(); after != before {
		t.Errorf("the ticket was %s and is %s", before, after)
	}
	if desk := h.ask(t, "GET", "/api/v1/counters/"+ours+"-3", "", "Authorization", as(identity.Clerk, "", ours)); !strings.Contains(desk.body, `"mine":true`) {
		t.Errorf("the counter was closed from another office: %s", desk.body)
	}
	for _, verb := range []string{"call", "take_over", "this_one_is_here", "resume", "return"} {
		a := h.ask(t, "POST", "/api/v1/counters/"+theirs+"-1/"+verb, `{"ticket":"`+kept["ticket"]+`","reason":"helped"}`,
			"Authorization", as(identity.Clerk, "", theirs), "Content-Type", "application/json")
		if a.status < 400 {
			t.Errorf("%s: %d %s", verb, a.status, a.body)
		}
	}
}

package api_test

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"vez/api/apitest"
)

// TestAStrangersBookingsAndTicketsAreNotThere is about guessing ids: with the
// right id in hand another citizen learns and changes nothing, not even that it
// exists.
func TestAStrangersBookingsAndTicketsAreNotThere(t *testing.T) {
	h := apitest.New(t)
	b := h.Must(201, "citizen:one", "POST", "/bookings", tomorrow)
	k := h.Must(201, "citizen:one", "POST", "/tickets", fromAfar)
	unknown := h.Ask("citizen:two", "GET", "/bookings/none", "")
	for _, path := range []string{"GET /bookings/", "PATCH /bookings/", "DELETE /bookings/"} {
		method, at, _ := strings.Cut(path, " ")
		a := h.Ask("citizen:two", method, at+b.Get("id"), `{"start":"2026-11-26T11:00:00+08:00"}`)
		if a.Status != 404 || a.Get("code") != unknown.Get("code") || a.Get("title") != unknown.Get("title") || a.Get("detail") != unknown.Get("detail") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
	for _, at := range []string{"qr.png", "slip.pdf", "event.ics"} {
		h.Must(404, "citizen:two", "GET", "/bookings/"+b.Get("id")+"/"+at, "")
	}
	for _, verb := range []string{"confirm", "extend"} {
		h.Must(404, "citizen:two", "POST", "/bookings/"+b.Get("id")+"/"+verb, "")
	}
	for _, path := range []string{"GET /tickets/*", "DELETE /tickets/*", "POST /tickets/*/step-out", "POST /tickets/*/come-back"} {
		method, at, _ := strings.Cut(strings.Replace(path, "*", k.Get("id"), 1), " ")
		h.Must(404, "citizen:two", method, at, "")
	}
	if mine := h.Must(200, "citizen:two", "GET", "/bookings", ""); strings.Contains(mine.Body, b.Get("id")) {
		t.Error(mine.Body)
	}
	if b2 := h.Must(200, "citizen:one", "GET", "/bookings/"+b.Get("id"), ""); b2.Get("start") != b.Get("start") || b2.Get("state") != "confirmed" {
		t.Error(b2.Body)
	}
}

// TestFieldsThatAreNotAskedForChangeNothing is about mass assignment.
func TestFieldsThatAreNotAskedForChangeNothing(t *testing.T) {
	h := apitest.New(t)
	b := h.Must(201, "citizen:one", "POST", "/bookings", `{"service":"renew","office":"main","start":"2026-11-25T11:00:00+08:00",
		"id":"mine","reference":"AAAA1111","state":"fulfilled","holder":"citizen:two","class":"guaranteed","origin":"reception",
		"end":"2026-11-25T18:00:00+08:00","queue":"main-small","made":"2020-01-01T00:00:00Z","extended":-5,"ticket":"t1","held_until":"2030-01-01T00:00:00Z"}`)
	if b.Get("id") == "mine" || b.Get("reference") == "AAAA1111" || b.Get("state") != "confirmed" || b.Get("class") != "booked" ||
		b.Get("queue") != "main-card" || b.Get("ticket") != "" || !strings.HasPrefix(b.Get("end"), "2026-11-25T11:15") || !strings.HasPrefix(b.Get("made"), "2026-11-24") {
		t.Error(b.Body)
	}
	h.Must(404, "citizen:two", "GET", "/bookings/"+b.Get("id"), "")
	k := h.Must(201, "citizen:one", "POST", "/tickets", `{"office":"main","service":"renew","remote":true,
		"id":"mine","number":"A001","state":"called","counter":"main-1","due":"2020-01-01T00:00:00Z","ahead":0,"holder":"citizen:two","arrived":"2020-01-01T00:00:00Z"}`)
	if k.Get("id") == "mine" || k.Get("state") == "called" || k.Get("counter") != "" || strings.HasPrefix(k.Get("due"), "2020") {
		t.Error(k.Body)
	}
	h.Must(403, "citizen:one", "POST", "/bookings", `{"service":"renew","office":"main","start":"2026-11-25T12:00:00+08:00","guaranteed":true}`)
}

// TestTheOfficeThatIsCheckedIsTheOfficeThatIsUsed is about parameters that are
// sent twice, or in the address and in the body.
func TestTheOfficeThatIsCheckedIsTheOfficeThatIsUsed(t *testing.T) {
	h := apitest.New(t)
	for _, body := range []string{
		`{"office":"main","office":"across","service":"permit"}`,
		`{"office":"main","OFFICE":"across","service":"permit"}`,
		`{"OFFICE":"across","service":"permit"}`,
	} {
		if a := h.Ask(kiosk, "POST", "/tickets", body); a.Status < 400 {
			t.Errorf("%s: %d %s", body, a.Status, a.Body)
		}
	}
	if a := h.Ask(kiosk, "POST", "/tickets", `{"office":"across","office":"main","service":"renew"}`); a.Status == 201 && a.Get("office") != "main" {
		t.Error(a.Body)
	}
	h.Must(200, ana, "POST", "/counters/main-1/open?id=across-1&office=across", `{"id":"across-1","office":"across"}`)
	if a := h.Must(200, "auditor:a@across", "GET", "/counters/across-1", ""); a.Get("shift", "clerk") != "" {
		t.Errorf("a counter of another office was opened: %s", a.Body)
	}
	one := h.Must(200, "", "GET", "/services/renew/slots?office=main&from=2026-11-25&to=2026-11-25", "")
	for _, twice := range []string{"office=main&office=across", "office=main,across"} {
		if a := h.Ask("", "GET", "/services/renew/slots?"+twice+"&from=2026-11-25&to=2026-11-25", ""); a.Status == 200 && a.Body != one.Body {
			t.Errorf("%s: %s", twice, a.Body)
		}
	}
}

// TestAMethodIsWhatTheRequestLineSays: no header, field or parameter makes a
// reading request a writing one, and methods that nobody needs are refused.
func TestAMethodIsWhatTheRequestLineSays(t *testing.T) {
	h := apitest.New(t)
	b := h.Must(201, "citizen:one", "POST", "/bookings", tomorrow)
	at := "/bookings/" + b.Get("id")
	for _, name := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
		h.Must(200, "citizen:one", "GET", at+"?_method=DELETE", "", name, "DELETE")
		h.Ask("citizen:one", "HEAD", at+"?_method=DELETE", "", name, "DELETE")
	}
	if a := h.Must(200, "citizen:one", "GET", at, ""); a.Get("state") != "confirmed" {
		t.Error(a.Body)
	}
	if a := h.Ask("citizen:one", "OPTIONS", at, ""); a.Status != 204 || a.Body != "" || strings.Contains(a.Header.Get("Allow"), "PUT") {
		t.Errorf("OPTIONS: %d %s", a.Status, a.Body)
	}
	for _, method := range []string{"PUT", "TRACE", "CONNECT", "PROPFIND"} {
		if a := h.Ask("citizen:one", method, at, "", "X-Secret", "echo"); a.Status < 400 || strings.Contains(a.Body, "echo") {
			t.Errorf("%s: %d %s", method, a.Status, a.Body)
		}
	}
}

// TestABodyThatIsBuiltToHurtIsRefusedBeforeItIsRead: nested without end, or packed.
func TestABodyThatIsBuiltToHurtIsRefusedBeforeItIsRead(t *testing.T) {
	h := apitest.New(t)
	for _, body := range []string{
		strings.Repeat("[", 30_000),
		strings.Repeat(`{"service":`, 5_000),
		`{"service":` + strings.Repeat("[", 17) + strings.Repeat("]", 17) + `}`,
	} {
		if a := h.Ask("citizen:one", "POST", "/bookings", body); a.Status != 400 || a.Get("code") != "bad_request" {
			t.Errorf("%.20s… of %d bytes: %d %s", body, len(body), a.Status, a.Body)
		}
	}
	h.Must(404, "citizen:one", "POST", "/bookings", `{"service":"`+strings.Repeat("[", 50)+`\"[","office":"main","start":"2026-11-25T11:00:00+08:00"}`)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write([]byte(tomorrow))
	_ = w.Close()
	if a := h.Ask("citizen:one", "POST", "/bookings", packed.String(), "Content-Encoding", "gzip"); a.Status != 415 || a.Get("code") != "wrong_type" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
}

// TestABodyIsReadAsWhatItIsAndNoMore: its kind, its length and what is asked for in return.
func TestABodyIsReadAsWhatItIsAndNoMore(t *testing.T) {
	h := apitest.New(t)
	long := `{"service":"` + strings.Repeat("x", 70<<10) + `"}`
	h.Must(201, "citizen:one", "POST", "/bookings", tomorrow)
	for name, c := range map[string]struct {
		body, kind, accept string
		status             int
		code               string
	}{
		"JSON with a charset":       {tomorrow, "application/json; charset=utf-8", "*/*", 409, "limit_reached"},
		"a form":                    {"service=renew", "application/x-www-form-urlencoded", "", 415, "wrong_type"},
		"a form in parts":           {"--x--", "multipart/form-data; boundary=x", "", 415, "wrong_type"},
		"text":                      {tomorrow, "text/plain", "", 415, "wrong_type"},
		"XML":                       {"<a/>", "application/xml", "", 415, "wrong_type"},
		"over the bound":            {long, "application/json", "", 413, "body_too_large"},
		"another kind is asked for": {tomorrow, "application/json", "image/png", 409, "limit_reached"},
	} {
		a := h.Ask("citizen:one", "POST", "/bookings", c.body, "Content-Type", c.kind, "Accept", c.accept)
		if a.Status != c.status || a.Get("code") != c.code || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s %s", name, a.Status, a.Header.Get("Content-Type"), a.Body)
		}
	}
	if a := h.Ask("", "GET", "/departments", "", "Accept", "image/png"); a.Status != 200 || a.Header.Get("Content-Type") != "application/json" {
		t.Errorf("who accepts nothing of ours is given JSON: %d %s", a.Status, a.Header.Get("Content-Type"))
	}
}

package api_test

import (
	"strings"
	"testing"

	"vez/api/apitest"
)

// step is one request of a scenario and what must come back.
type step struct {
	who  string // role:subject@office, "" for nobody
	do   string // "POST /path"
	body string
	want int
	has  []string // fragments of the body
	not  []string // fragments that must not stand in it
	// keep remembers a value of the answer under a name, for {name} in later
	// paths and bodies: "name=path/in/body".
	keep string
	head []string // request headers, in pairs
}

type scenario struct {
	name  string
	steps []step
}

func run(t *testing.T, all []scenario, options ...apitest.Option) {
	t.Helper()
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			h := apitest.New(t, options...)
			kept := []string{}
			for i, st := range s.steps {
				fill := strings.NewReplacer(kept...)
				method, path, _ := strings.Cut(fill.Replace(st.do), " ")
				a := h.Ask(st.who, method, path, fill.Replace(st.body), st.head...)
				if a.Status != st.want {
					t.Fatalf("step %d, %s %s as %q: %d, want %d\n%s", i+1, method, path, st.who, a.Status, st.want, a.Body)
				}
				for _, f := range st.has {
					if !strings.Contains(a.Body, fill.Replace(f)) {
						t.Errorf("step %d, %s: %q is not in\n%s", i+1, st.do, fill.Replace(f), a.Body)
					}
				}
				for _, f := range st.not {
					if strings.Contains(a.Body, fill.Replace(f)) {
						t.Errorf("step %d, %s: %q must not be in\n%s", i+1, st.do, f, a.Body)
					}
				}
				if st.keep != "" {
					name, at, _ := strings.Cut(st.keep, "=")
					v := a.Get(strings.Split(at, "/")...)
					if v == "" {
						t.Fatalf("step %d, %s: no %s in\n%s", i+1, st.do, at, a.Body)
					}
					kept = append(kept, "{"+name+"}", v)
				}
			}
		})
	}
}

const (
	slotAt10 = `{"service":"renew","office":"main","start":"2026-11-24T10:00:00+08:00"}`
	slotAt11 = `{"service":"renew","office":"main","start":"2026-11-24T11:00:00+08:00"}`
	tomorrow = `{"service":"renew","office":"main","start":"2026-11-25T11:00:00+08:00"}`
	walkIn   = `{"office":"main","service":"renew"}`
	fromAfar = `{"office":"main","service":"renew","remote":true}`
	kiosk    = "device:k1@main"
	ana      = "clerk:ana@main"
)

func TestWhoMayDoWhatWhere(t *testing.T) {
	deny := func(who, do, body string, want int, code string) step {
		return step{who: who, do: do, body: body, want: want, has: []string{`"code":"` + code + `"`}}
	}
	book := step{who: "citizen:one", do: "POST /bookings", body: tomorrow, want: 201, keep: "b=id"}
	take := step{who: kiosk, do: "POST /tickets", body: walkIn, want: 201, keep: "t=id"}
	run(t, []scenario{
		{"nobody signed in", []step{
			deny("", "POST /bookings", tomorrow, 401, "not_signed_in"),
			deny("", "GET /bookings", "", 401, "not_signed_in"),
			deny("", "POST /counters/main-1/open", "", 401, "not_signed_in"),
			deny("", "POST /check-ins", `{"office":"main","code":"X"}`, 401, "not_signed_in"),
			deny("", "GET /tickets/x", "", 401, "not_signed_in"),
		}},
		{"a token that is none", []step{{do: "GET /bookings", want: 401, head: []string{"Authorization", "Bearer nonsense"}, has: []string{"not_signed_in"}}}},
		{"a citizen does no work of staff", []step{
			deny("citizen:one", "POST /counters/main-1/open", "", 403, "not_allowed"),
			deny("citizen:one", "POST /check-ins", `{"office":"main","code":"X"}`, 403, "not_allowed"),
			deny("citizen:one", "POST /offices/main/closures", `{"from":"2026-11-25T00:00:00+08:00","to":"2026-11-26T00:00:00+08:00"}`, 403, "not_allowed"),
			deny("citizen:one", "POST /offices/main/pause", "", 403, "not_allowed"),
			deny("citizen:one", "GET /offices/main/line", "", 403, "not_allowed"),
			deny("citizen:one", "POST /devices/heartbeat", "{}", 403, "not_allowed"),
		}},
		{"a stranger's booking is not there", []step{
			book,
			deny("citizen:two", "GET /bookings/{b}", "", 404, "not_found"),
			deny("citizen:two", "DELETE /bookings/{b}", "", 404, "not_found"),
			deny("citizen:two", "PATCH /bookings/{b}", `{"start":"2026-11-25T12:00:00+08:00"}`, 404, "not_found"),
			deny("citizen:two", "GET /bookings/{b}/qr.png", "", 404, "not_found"),
			deny("citizen:two", "GET /bookings/{b}/event.ics", "", 404, "not_found"),
			{who: "citizen:two", do: "GET /bookings", want: 200, has: []string{`"items":[],"next":null`}},
			{who: "greeter:eva@main", do: "GET /bookings/{b}", want: 200, has: []string{`"id":"{b}"`}, not: []string{"citizen", "holder"}},
			deny("greeter:eva@across", "GET /bookings/{b}", "", 403, "not_allowed"),
			deny(ana, "GET /bookings/{b}", "", 403, "not_allowed"),
		}},
		{"staff of another office", []step{
			take,
			deny("clerk:bo@across", "POST /counters/main-1/open", "", 403, "not_allowed"),
			deny("clerk:bo@across", "GET /tickets/{t}", "", 403, "not_allowed"),
			deny("clerk:bo@across", "DELETE /tickets/{t}", "", 403, "not_allowed"),
			deny("device:k9@across", "POST /tickets", walkIn, 403, "not_allowed"),
			deny("device:k9@across", "POST /check-ins", `{"office":"main","code":"X"}`, 403, "not_allowed"),
			deny("manager:mo@across", "POST /offices/main/pause", "", 403, "not_allowed"),
			{who: ana, do: "GET /tickets/{t}", want: 200, has: []string{`"id":"{t}"`}, not: []string{"/t/"}},
		}},
		{"a device does not serve, a clerk does not pause", []step{
			deny(kiosk, "POST /counters/main-1/next", "", 403, "not_allowed"),
			deny(kiosk, "GET /bookings", "", 403, "not_allowed"),
			deny(ana, "POST /offices/main/pause", "", 403, "not_allowed"),
			deny("auditor:au@main", "POST /counters/main-1/open", "", 403, "not_allowed"),
			{who: "auditor:au@main", do: "GET /counters/main-1", want: 200, has: []string{`"state":"closed"`}},
			{who: kiosk, do: "POST /devices/heartbeat", body: `{"paper":"low"}`, want: 204},
		}},
		{"a manager is also a clerk", []step{
			{who: "manager:mo@main", do: "POST /counters/main-1/open", want: 200, has: []string{`"state":"open"`, `"mine":true`}},
			{who: "manager:mo@main", do: "POST /offices/main/pause", body: `{"reason":"alarm"}`, want: 200, has: []string{`"paused":true`, `"reason":"alarm"`}},
			deny("manager:mo@main", "POST /counters/main-1/next", "", 409, "hall_paused"),
			{who: "manager:mo@main", do: "POST /offices/main/resume", want: 200, has: []string{`"paused":false`}},
			{who: "manager:mo@main", do: "POST /counters/main-1/next", want: 204},
		}},
	})
}

func TestWhatIsUnknownOrMalformedIsSaidInACode(t *testing.T) {
	code := func(who, do, body string, want int, code, field string) step {
		s := step{who: who, do: do, body: body, want: want, has: []string{`"code":"` + code + `"`, `"ref":"`, `"status":`}, not: []string{"$schema", "errors"}}
		if field != "" {
			s.has = append(s.has, `"field":"`+field+`"`)
		}
		return s
	}
	run(t, []scenario{
		{"unknown ids", []step{
			code("", "GET /services/none", "", 404, "not_found", ""),
			code("", "GET /offices/none", "", 404, "not_found", ""),
			code("", "GET /departments/none", "", 404, "not_found", ""),
			code("", "GET /offices/none/queues", "", 404, "not_found", ""),
			code("", "GET /services/none/slots", "", 404, "not_found", ""),
			code("", "GET /services/renew/slots?office=none", "", 404, "not_found", ""),
			code("", "GET /services/renew/slots?office=across", "", 422, "service_not_here", ""),
			code("", "GET /nothing", "", 404, "not_found", ""),
			code("clerk:z", "POST /counters/none/next", "", 404, "not_found", ""),
			code("citizen:one", "GET /bookings/none", "", 404, "not_found", ""),
			code("citizen:one", "GET /tickets/none", "", 404, "not_found", ""),
			code("citizen:one", "POST /bookings", `{"service":"none","office":"main","start":"2026-11-25T11:00:00+08:00"}`, 404, "not_found", ""),
			code("citizen:one", "POST /bookings", `{"service":"renew","office":"none","start":"2026-11-25T11:00:00+08:00"}`, 404, "not_found", ""),
			code("citizen:one", "POST /tickets", `{"office":"none","service":"renew"}`, 404, "not_found", ""),
			code("", "POST /demo/token", `{"role":"clerk","office":"none"}`, 404, "not_found", ""),
		}},
		{"bodies", []step{
			code("citizen:one", "POST /bookings", `{"service":`, 400, "bad_request", ""),
			code("citizen:one", "POST /bookings", ``, 400, "bad_request", ""),
			code("citizen:one", "POST /bookings", `[]`, 422, "invalid_field", "body"),
			code("citizen:one", "POST /bookings", `{"service":"renew","office":"main"}`, 422, "invalid_field", "start"),
			code("citizen:one", "POST /bookings", `{"service":7,"office":"main","start":"2026-11-25T11:00:00+08:00"}`, 422, "invalid_field", "service"),
			code("citizen:one", "POST /bookings", `{"service":"renew","office":"main","start":"tomorrow"}`, 422, "invalid_field", "start"),
			code("citizen:one", "POST /bookings", `{"service":"renew","office":"main","start":"2026-11-25T11:00:00+08:00","people":-1}`, 422, "invalid_field", "people"),
			code("citizen:one", "POST /tickets", `{"office":"main"}`, 422, "invalid_field", "service"),
			code(kiosk, "POST /check-ins", `{"office":"main"}`, 422, "invalid_field", "code"),
			code("", "POST /demo/token", `{"role":"king"}`, 422, "invalid_field", "role"),
			code(ana, "POST /counters/main-1/finish", `{"outcome":"gone"}`, 422, "invalid_field", "outcome"),
			code(ana, "POST /counters/main-1/resume", `{}`, 422, "invalid_field", "ticket"),
		}},
		{"queries", []step{
			code("", "GET /services?limit=501", "", 422, "invalid_field", "limit"),
			code("", "GET /services?limit=0", "", 422, "invalid_field", "limit"),
			code("", "GET /services?limit=ten", "", 422, "invalid_field", "limit"),
			code("", "GET /services?cursor=zzz", "", 422, "invalid_field", "cursor"),
			code("", "GET /services/renew/slots?from=soon", "", 422, "invalid_field", "from"),
			code("", "GET /services/renew/slots?from=2026-11-25&to=2026-11-24", "", 422, "invalid_field", "to"),
			code("", "GET /services/renew/slots?from=2026-11-25&to=2027-11-24", "", 422, "invalid_field", "to"),
		}},
		{"unknown fields are ignored, bodies may be left out", []step{
			{who: ana, do: "POST /counters/main-1/open", body: `{"colour":"green"}`, want: 200},
			{who: ana, do: "POST /counters/main-1/next", body: `{"colour":{"deep":1}}`, want: 204},
			{who: ana, do: "POST /counters/main-1/close", want: 200, has: []string{`"state":"closed"`}},
		}},
	})
}

func TestProblemsSpeakTheLanguageAskedFor(t *testing.T) {
	h := apitest.New(t)
	seen := map[string]bool{}
	for _, lang := range []string{"zh-Hant", "pt", "en", "zh-Hans"} {
		a := h.Ask("", "GET", "/offices/none", "", "Accept-Language", lang)
		if a.Header.Get("Content-Type") != "application/problem+json" || a.Get("type") != "urn:vez:fault:not_found" || a.Get("status") != "404" || a.Get("ref") == "" {
			t.Errorf("%s: %v %s", lang, a.Header, a.Body)
		}
		seen[a.Get("title")+a.Get("detail")] = true
	}
	if len(seen) != 4 {
		t.Errorf("%d of 4 languages differ", len(seen))
	}
}

func TestBodiesOfAMegabyteAreRefused(t *testing.T) {
	h := apitest.New(t)
	for _, n := range []int{100 << 10, 1_000_000} {
		a := h.Ask("citizen:one", "POST", "/bookings", `{"service":"`+strings.Repeat("x", n)+`"}`)
		if a.Status != 413 || a.Get("code") != "body_too_large" {
			t.Errorf("%d bytes: %d %s", n, a.Status, a.Body)
		}
	}
}

func TestThereAreNoTokensInEarnest(t *testing.T) {
	h := apitest.New(t, apitest.Earnest())
	if a := h.Ask("", "POST", "/demo/token", `{"role":"citizen"}`); a.Status != 404 || a.Get("code") != "not_found" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if _, there := h.API.OpenAPI().Paths["/api/v1/demo/token"]; there {
		t.Error("the document speaks of tokens")
	}
}

func TestATokenIsWhoItSays(t *testing.T) {
	h := apitest.New(t)
	a := h.Must(201, "", "POST", "/demo/token", `{"role":"clerk","subject":"ana","office":"main"}`)
	if a.Get("expires") == "" {
		t.Error(a.Body)
	}
	open := h.Must(200, "", "POST", "/counters/main-1/open", "", "Authorization", "Bearer "+a.Get("token"))
	if same := h.Must(200, ana, "GET", "/counters/main-1", ""); same.Get("shift", "mine") != "true" || open.Get("shift", "clerk") == "" {
		t.Error(same.Body)
	}
}

package api_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"vez/api/apitest"
	"vez/event"
	"vez/hall/halltest"
)

// The centre of Hengqin is hosted by hq, and safp has one queue in it.
const (
	hosts    = "hq-social-insurance" // a service of the host's, at counter 9
	guests   = "safp-one-account-help"
	hostsAt  = "hengqin-insurance"
	guestsAt = "hengqin-macao-remote"
)

func centre(t *testing.T) *apitest.House { return apitest.New(t, apitest.With(halltest.Macao())) }

// firstStart is a service's first free start there tomorrow.
func firstStart(h *apitest.House, service string) string {
	h.T.Helper()
	a := h.Must(200, "", "GET", "/services/"+service+"/slots?office=hengqin&from=2026-11-25&to=2026-11-26", "")
	_, rest, ok := strings.Cut(a.Body, `"start":"`)
	if !ok {
		h.T.Fatal("nothing is free", a.Body)
	}
	start, _, _ := strings.Cut(rest, `"`)
	return start
}

// TestStaffOfOneDepartmentTouchNothingOfAnotherInACentre tries whatever changes
// something of the host's, and of its hall, as staff of a guest department.
func TestStaffOfOneDepartmentTouchNothingOfAnotherInACentre(t *testing.T) {
	h := centre(t)
	take := `{"office":"hengqin","service":"` + hosts + `"}`
	id := h.Must(201, "device:k@hengqin", "POST", "/tickets", take).Get("id")
	start := firstStart(h, hosts)
	book := `{"office":"hengqin","service":"` + hosts + `","start":"` + start + `"}`
	b := h.Must(201, "citizen:one", "POST", "/bookings", book).Get("id")
	h.Must(200, "clerk:hq:hengqin|ho", "POST", "/counters/hengqin-9/open", "")
	h.Must(200, "clerk:safp:hengqin|sa", "POST", "/counters/hengqin-29/open", "")
	h.Must(200, "manager:safp|mo", "POST", "/counters/hengqin-30/open", "")

	named := `{"ticket":"` + id + `","reason":"our_mistake"}`
	times := `"from":"2026-11-30T09:00:00+08:00","to":"2026-11-30T12:00:00+08:00","reason":"works"`
	refused := map[string][]string{ // by role: "METHOD /path body"
		"manager": {
			"POST /offices/hengqin/pause",
			"POST /offices/hengqin/resume",
			"POST /offices/hengqin/closures {" + times + "}",
			`POST /offices/hengqin/closures {"queue":"` + hostsAt + `",` + times + "}",
			`POST /offices/hengqin/closures {"queue":"none",` + times + "}",
			`POST /offices/hengqin/closures {"queue":"mong-son-account",` + times + "}",
			`POST /counters/hengqin-9/close {"force":true}`,
			`POST /counters/hengqin-10/close {"force":true}`,
		},
		"clerk": {
			"POST /counters/hengqin-10/open",
			`POST /counters/hengqin-10/open {"queues":["` + hostsAt + `"]}`,
			`POST /counters/hengqin-29/open {"queues":["` + guestsAt + `","` + hostsAt + `"]}`,
			"POST /counters/hengqin-29/call " + named,
			"POST /counters/hengqin-29/start " + named,
			"POST /counters/hengqin-29/resume " + named,
			"POST /counters/hengqin-29/return " + named,
			"POST /counters/hengqin-29/take_over " + named,
			"POST /counters/hengqin-29/this_one_is_here " + named,
			"POST /counters/hengqin-29/reopen " + named,
			`POST /counters/hengqin-29/serve {"service":"` + hosts + `"}`,
			`POST /counters/hengqin-29/serve {"queue":"` + hostsAt + `"}`,
			`POST /counters/hengqin-29/serve {"service":"` + hosts + `","queue":"` + guestsAt + `"}`,
			`POST /counters/hengqin-29/close {"force":true}`,
			"DELETE /tickets/" + id,
			"POST /tickets/" + id + "/step-out",
			"POST /tickets/" + id + "/come-back",
		},
		"greeter": {
			"POST /tickets " + take,
			`POST /tickets {"office":"hengqin","queue":"` + hostsAt + `"}`,
			"DELETE /tickets/" + id,
			"POST /tickets/" + id + "/step-out",
			"POST /tickets/" + id + "/come-back",
			"POST /bookings " + book,
			"GET /bookings/" + b,
			"GET /bookings/" + b + "/qr.png",
			"GET /bookings/" + b + "/slip.pdf",
			"GET /bookings/" + b + "/event.ics",
			"POST /bookings/" + b + "/confirm",
			"POST /bookings/" + b + "/extend",
			"PATCH /bookings/" + b + ` {"start":"` + start + `"}`,
			"DELETE /bookings/" + b,
		},
	}
	before := heads(t, h)
	try := func(who, act string) {
		method, rest, _ := strings.Cut(act, " ")
		path, body, _ := strings.Cut(rest, " ")
		if a := h.Ask(who, method, path, body); a.Status != 403 || a.Get("code") != "not_allowed" {
			t.Errorf("%s as %s: %d %s", act, who, a.Status, a.Body)
		}
	}
	for role, acts := range refused {
		for _, act := range acts {
			try(role+":safp:hengqin|sa", act)
			try(role+":safp|sa", act)
			if role != "manager" && !strings.Contains(act, "force") {
				try("manager:safp|sa", act) // who is a clerk and a greeter too
			}
		}
	}
	if after := heads(t, h); !slices.Equal(before, after) {
		t.Errorf("a refusal left an event: %v, then %v", before, after)
	}
}

func heads(t *testing.T, h *apitest.House) []event.Head {
	t.Helper()
	all, err := h.DB.Heads(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestStaffOfADepartmentDoTheirOwnWorkInACentre is the other half: what is
// refused to strangers is done by those whose it is.
func TestStaffOfADepartmentDoTheirOwnWorkInACentre(t *testing.T) {
	type who struct{ name, manager, clerk, greeter, service, queue, counter string }
	for _, w := range []who{
		{"of the host", "manager:hq:hengqin|mo", "clerk:hq|cy", "greeter:hq:hengqin|gil", hosts, hostsAt, "/counters/hengqin-9/"},
		{"of a guest", "manager:safp|mo", "clerk:safp:hengqin|cy", "greeter:safp|gil", guests, guestsAt, "/counters/hengqin-29/"},
		{"of the whole office", "manager:*:hengqin|mo", "clerk:*:hengqin|cy", "greeter:*:hengqin|gil", guests, guestsAt, "/counters/hengqin-29/"},
	} {
		t.Run(w.name, func(t *testing.T) {
			h := centre(t)
			take := `{"office":"hengqin","service":"` + w.service + `"}`
			book := `{"office":"hengqin","service":"` + w.service + `","start":"` + firstStart(h, w.service) + `"}`
			h.Must(200, w.clerk, "POST", w.counter+"open", "")
			id := h.Must(201, w.greeter, "POST", "/tickets", take).Get("id")
			named := `{"ticket":"` + id + `","reason":"our_mistake"}`
			h.Must(200, w.clerk, "POST", "/tickets/"+id+"/step-out", "")
			h.Must(200, w.greeter, "POST", "/tickets/"+id+"/come-back", "")
			h.Must(200, w.clerk, "POST", w.counter+"call", named)
			h.Must(200, w.clerk, "POST", w.counter+"start", named)
			h.Must(200, w.clerk, "POST", w.counter+"park", "")
			h.Must(200, w.clerk, "POST", w.counter+"resume", named)
			h.Must(200, w.clerk, "POST", w.counter+"return", named)
			h.Must(200, w.clerk, "POST", w.counter+"this_one_is_here", named)
			h.Must(200, w.clerk, "POST", w.counter+"finish", "")
			h.Must(200, w.clerk, "POST", w.counter+"reopen", named)
			h.Must(200, w.clerk, "POST", w.counter+"finish", "")
			h.Must(200, w.clerk, "POST", w.counter+"serve", `{"queue":"`+w.queue+`"}`)
			b := h.Must(201, w.greeter, "POST", "/bookings", book).Get("id")
			h.Must(200, w.greeter, "GET", "/bookings/"+b, "")
			h.Must(200, w.greeter, "DELETE", "/bookings/"+b, "")
			h.Must(201, w.manager, "POST", "/offices/hengqin/closures",
				`{"queue":"`+w.queue+`","from":"2026-11-30T09:00:00+08:00","to":"2026-11-30T12:00:00+08:00","reason":"works"}`)
			for range 2 { // the counter serves nothing any more when it is asked again
				h.Must(200, w.manager, "POST", w.counter+"close", `{"force":true}`, "Idempotency-Key", "shut")
			}
			h.Must(409, w.manager, "POST", w.counter+"close", `{"force":true}`)
		})
	}
}

// TestReceptionChecksInForItsDepartmentOnly: a booking by its reference and its
// code, a ticket from afar, and the pass of who could not be served.
func TestReceptionChecksInForItsDepartmentOnly(t *testing.T) {
	h := centre(t)
	book := `{"office":"hengqin","service":"` + hosts + `","start":"` + firstStart(h, hosts) + `"}`
	b := h.Must(201, "citizen:one", "POST", "/bookings", book)
	start, err := time.Parse(time.RFC3339, b.Get("start"))
	if err != nil {
		t.Fatal(err)
	}
	h.Clock.Advance(start.Sub(h.Clock.Now()))
	remote := h.Must(201, "citizen:two", "POST", "/tickets", `{"office":"hengqin","service":"`+hosts+`"}`)
	h.Must(200, "clerk:hq:hengqin|ho", "POST", "/counters/hengqin-9/open", "")
	h.Must(201, "greeter:hq|gil", "POST", "/tickets", `{"office":"hengqin","service":"`+hosts+`"}`)
	h.Must(200, "clerk:hq:hengqin|ho", "POST", "/counters/hengqin-9/next", "")
	h.Must(200, "clerk:hq:hengqin|ho", "POST", "/counters/hengqin-9/start", "")
	left := h.Must(200, "clerk:hq:hengqin|ho", "POST", "/counters/hengqin-9/finish", `{"outcome":"incomplete"}`)

	before := heads(t, h)
	for name, body := range map[string]string{
		"a booking's reference":        `{"office":"hengqin","reference":"` + b.Get("reference") + `"}`,
		"a reference in place of code": `{"office":"hengqin","code":"` + b.Get("reference") + `"}`,
		"a ticket from afar":           `{"office":"hengqin","code":"` + remote.Get("code") + `"}`,
		"a return pass":                `{"office":"hengqin","code":"` + left.Get("code") + `"}`,
		"a booking's code":             `{"office":"hengqin","code":"` + b.Get("code") + `"}`,
	} {
		for _, who := range []string{"greeter:safp:hengqin|ru", "greeter:safp|ru", "manager:safp|mo"} {
			if a := h.Ask(who, "POST", "/check-ins", body); a.Status != 403 || a.Get("code") != "not_allowed" {
				t.Errorf("%s as %s: %d %s", name, who, a.Status, a.Body)
			}
		}
	}
	if after := heads(t, h); !slices.Equal(before, after) {
		t.Errorf("a refusal left an event: %v, then %v", before, after)
	}

	for range 2 { // the answer is repeated once the booking is used
		h.Must(201, "greeter:hq:hengqin|gil", "POST", "/check-ins", `{"office":"hengqin","reference":"`+b.Get("reference")+`"}`, "Idempotency-Key", "in")
	}
	h.Must(201, "greeter:*:hengqin|eva", "POST", "/check-ins", `{"office":"hengqin","code":"`+remote.Get("code")+`"}`)
	h.Must(201, "manager:hq|mo", "POST", "/check-ins", `{"office":"hengqin","code":"`+left.Get("code")+`"}`)

	// What is not of this office is told to whoever asks, as at a kiosk.
	c := h.Must(201, "citizen:three", "POST", "/tickets", `{"office":"dsi-main","service":"dsi-bir-renewal"}`)
	if a := h.Ask("greeter:safp:hengqin|ru", "POST", "/check-ins", `{"office":"hengqin","code":"`+c.Get("code")+`"}`); a.Get("code") != "wrong_office" {
		t.Error(a.Status, a.Body)
	}
	if a := h.Ask("greeter:safp:hengqin|ru", "POST", "/check-ins", `{"office":"hengqin","reference":"00000000"}`); a.Get("code") != "unknown" {
		t.Error(a.Status, a.Body)
	}
}

func TestTheHallAsAWholeIsItsHosts(t *testing.T) {
	shut := `{"from":"2026-11-30T09:00:00+08:00","to":"2026-11-30T12:00:00+08:00","reason":"works"}`
	for _, c := range []struct{ office, manager, clerk, counter string }{
		{"hengqin", "manager:hq:hengqin|mo", "clerk:safp:hengqin|sa", "hengqin-29"},
		{"mong-son", "manager:safp|mo", "clerk:dsi|mia", "mong-son-1"}, // hosted by the guest at Hengqin
	} {
		h := centre(t)
		h.Must(200, c.manager, "POST", "/offices/"+c.office+"/pause", "")
		h.Must(200, c.manager, "POST", "/offices/"+c.office+"/resume", "")
		h.Must(201, c.manager, "POST", "/offices/"+c.office+"/closures", shut)
		h.Must(200, c.clerk, "POST", "/counters/"+c.counter+"/open", "")
		h.Must(200, c.manager, "POST", "/counters/"+c.counter+"/close", `{"force":true}`)
	}
}

// TestWhoWorksInACentreSeesItsHall: as on the pages, but for codes that act for
// whoever shows them.
func TestWhoWorksInACentreSeesItsHall(t *testing.T) {
	h := centre(t)
	id := h.Must(201, "citizen:one", "POST", "/tickets", `{"office":"hengqin","service":"`+hosts+`"}`).Get("id")
	for _, who := range []string{"clerk:safp|sa", "greeter:safp:hengqin|ru", "auditor:safp|otto", "manager:safp|mo"} {
		h.Must(200, who, "GET", "/offices/hengqin/line", "")
		h.Must(200, who, "GET", "/offices/hengqin/counters", "")
		h.Must(200, who, "GET", "/counters/hengqin-9", "")
	}
	for range 3 { // the first answer is kept
		if a := h.Must(200, "clerk:hq|ho", "GET", "/tickets/"+id, ""); a.Get("code") == "" {
			t.Error("who serves it has no code", a.Body)
		}
		for _, who := range []string{"clerk:safp|sa", "auditor:safp|otto"} {
			if a := h.Must(200, who, "GET", "/tickets/"+id, ""); a.Get("code") != "" || a.Get("link") != "" || a.Get("id") != id {
				t.Errorf("%s looks on: %s", who, a.Body)
			}
		}
		if a := h.Must(200, "device:k@hengqin", "GET", "/tickets/"+id, ""); a.Get("code") == "" || a.Get("link") == "" {
			t.Error("a kiosk prints it", a.Body)
		}
	}
}

package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/api/apitest"
)

func TestTicketsLiveThroughTheirStates(t *testing.T) {
	at := func(who, verb, body string, want int, has ...string) step {
		return step{who: who, do: "POST /counters/main-1/" + verb, body: body, want: want, has: has}
	}
	open := at(ana, "open", "", 200, `"queues":["main-card"]`, `"mine":true`, `"since":"2026-11-24T10:00:00+08:00"`)
	take := func(name string) step {
		return step{who: kiosk, do: "POST /tickets", body: walkIn, want: 201, keep: name + "=id"}
	}
	run(t, []scenario{
		{"a walk-in at the kiosk", []step{
			{who: kiosk, do: "POST /tickets", body: walkIn, want: 201, has: []string{`"number":"A001"`, `"state":"waiting"`, `"queue":"main-card"`,
				`"due":"2026-11-24T10:00:00+08:00"`, `"ahead":0`, `"link":"http://127.0.0.1/t/`, `"print":{"id":"`, `"counter":""`}},
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","queue":"main-card","print":false,"people":3}`, want: 201,
				has: []string{`"number":"A002"`, `"ahead":1`, `"people":3`}, not: []string{`"print"`}},
			{do: "GET /offices/main/queues", want: 200, has: []string{`"id":"main-card"`, `"waiting":2`, `"status":"unattended"`, `"next":null`}},
		}},
		{"from afar: once, seen by its holder, activated on site", []step{
			{who: "citizen:one", do: "POST /tickets", body: fromAfar, want: 201, keep: "t=id", has: []string{`"state":"remote"`, `"number":"A001"`, `"code":"0`}},
			{who: "citizen:one", do: "POST /tickets", body: fromAfar, want: 409, has: []string{"already_in_line"}},
			{who: "citizen:one", do: "GET /tickets/{t}", want: 200, keep: "code=code", has: []string{`"link":"http`}},
			{who: "citizen:two", do: "GET /tickets/{t}", want: 404},
			{who: "citizen:two", do: "DELETE /tickets/{t}", want: 404},
			open, at(ana, "next", "", 204),
			{who: kiosk, do: "POST /check-ins", body: `{"office":"main","code":"{code}"}`, want: 201, has: []string{`"id":"{t}"`, `"state":"waiting"`}},
			{who: kiosk, do: "POST /check-ins", body: `{"office":"main","code":"{code}"}`, want: 409, has: []string{`"code":"used"`, `A001`}},
			at(ana, "next", "", 200, `"id":"{t}"`),
		}},
		{"a citizen stands in a line once", []step{
			{who: "citizen:one", do: "POST /tickets", body: walkIn, want: 201, keep: "t=id", has: []string{`"state":"remote"`}},
			{who: "citizen:one", do: "POST /tickets", body: walkIn, want: 409, has: []string{"already_in_line"}},
			{who: "citizen:one", do: "DELETE /tickets/{t}", want: 200, has: []string{`"state":"cancelled"`, `"window":null`}},
			{who: "citizen:one", do: "POST /tickets", body: walkIn, want: 201, has: []string{`"number":"A002"`}},
		}},
		{"stepping out, once", []step{
			take("t"),
			{who: kiosk, do: "POST /tickets/{t}/step-out", want: 200, has: []string{`"state":"parked"`, `"back_by":"2026-11-24T10:15:00+08:00"`, `"stepped_out":true`}},
			{who: kiosk, do: "POST /tickets/{t}/come-back", want: 200, has: []string{`"state":"waiting"`, `"ahead":0`}},
			{who: kiosk, do: "POST /tickets/{t}/step-out", want: 409, has: []string{"stepped_out_once"}},
			{who: kiosk, do: "POST /tickets/{t}/come-back", want: 409, has: []string{"illegal_move"}},
		}},
		{"queues refuse", []step{
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","queue":"across-card"}`, want: 422, has: []string{"queue_not_here"}},
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","service":"permit"}`, want: 422, has: []string{"service_not_here"}},
			{who: "citizen:one", do: "POST /tickets", body: `{"office":"main","service":"deed","remote":true}`, want: 409, has: []string{"filing_order"}},
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","service":"quick"}`, want: 201},
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","service":"quick"}`, want: 201},
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","service":"quick"}`, want: 201},
			{who: kiosk, do: "POST /tickets", body: `{"office":"main","service":"quick"}`, want: 409, has: []string{"queue_full", `"limit":3`}},
		}},
		{"recall, start, park, resume, finish, reopen, undo", []step{
			take("t"), open, at(ana, "next", "", 200, `"rule":"only_one"`),
			at(ana, "recall", "", 200, `"recalls":1`, `"state":"called"`), at(ana, "miss", "", 409, "miss_too_soon", `"seconds":60`),
			at(ana, "start", "", 200, `"state":"serving"`, `"counter":"main-1"`, `"desk":"1"`),
			at(ana, "park", `{"minutes":10}`, 200, `"state":"parked"`, `"back_by":"2026-11-24T10:10:00+08:00"`),
			at(ana, "resume", `{"ticket":"{t}"}`, 200, `"state":"serving"`),
			at(ana, "finish", "", 200, `"state":"done"`, `"outcome":"served"`), at(ana, "undo", "", 200, `"state":"serving"`, `"id":"{t}"`),
			at(ana, "undo", "", 409, "nothing_to_undo"), at(ana, "finish", `{"outcome":"incomplete"}`, 200, `"outcome":"incomplete"`, `"code":"0`),
			at(ana, "reopen", `{"ticket":"{t}"}`, 200, `"state":"serving"`),
		}},
		{"out of turn, for a reason; and the one who is here", []step{
			take("one"), take("two"), take("three"), open,
			at(ana, "call", `{"ticket":"{two}"}`, 422, "reason_needed"), at(ana, "call", `{"ticket":"{two}","reason":"whim"}`, 422, "unknown_reason"),
			at(ana, "call", `{"ticket":"{two}","reason":"our_mistake"}`, 200, `"id":"{two}"`, `"state":"called"`),
			at(ana, "this_one_is_here", `{"ticket":"{three}"}`, 200, `"id":"{three}"`, `"state":"serving"`),
			at(ana, "next", `{"finish":{}}`, 200, `"id":"{one}"`),
			{who: ana, do: "GET /offices/main/line", want: 200, has: []string{`"ticket":"{two}"`, `"state":"waiting"`}, not: []string{`"ticket":"{one}"`}},
		}},
		{"transfer, continue, return, serve", []step{
			take("t"), open, at(ana, "next", "", 200), at(ana, "return", "", 200, `"state":"waiting"`, `"counter":""`),
			at(ana, "next", "", 200), at(ana, "start", "", 200), at(ana, "transfer", "", 422, "invalid_field"),
			at(ana, "transfer", `{"queue":"main-deeds","place":"due"}`, 200, `"queue":"main-deeds"`, `"state":"waiting"`, `"number":"A001"`),
			at(ana, "serve", `{"service":"collect"}`, 200, `"state":"serving"`, `"number":"A002"`),
			at(ana, "continue", `{"service":"quick"}`, 200, `"queue":"main-small"`, `"state":"waiting"`, `"number":"A002"`),
		}},
		{"two clerks and one ticket", []step{
			take("t"), open, at(ana, "next", "", 200),
			at("clerk:bo@main", "open", "", 409, "counter_taken"), at("clerk:bo@main", "recall", "", 409, "counter_taken"),
			{who: "clerk:bo@main", do: "POST /counters/main-2/open", body: `{"queues":["main-card","main-deeds"]}`, want: 200, has: []string{`"queues":["main-card","main-deeds"]`}},
			{who: "clerk:bo@main", do: "POST /counters/main-2/take_over", body: `{"ticket":"{t}"}`, want: 200, has: []string{`"counter":"main-2"`, `"state":"called"`}},
			at(ana, "start", "", 409, "nothing_open"),
			{who: "clerk:bo@main", do: "POST /counters/main-2/close", want: 409, has: []string{"counter_busy", `"ticket":{"id":"{t}"`}},
			{who: "clerk:bo@main", do: "POST /counters/main-2/close", body: `{"force":true}`, want: 403},
			{who: "manager:mo@main", do: "POST /counters/main-2/close", body: `{"force":true}`, want: 200, has: []string{`"state":"closed"`}},
			{who: ana, do: "GET /offices/main/counters", want: 200, has: []string{`"id":"main-1"`, `"mine":true`}},
			at(ana, "next", "", 200, `"id":"{t}"`),
		}},
		{"breaks", []step{
			open, at(ana, "break", `{"reason":"lunch","minutes":45}`, 200, `"state":"break"`, `"back_at":"2026-11-24T10:45:00+08:00"`, `"reason":"lunch"`),
			at(ana, "next", "", 409, "counter_on_break", "End the break first"), at(ana, "break", "", 409, "counter_on_break"), at(ana, "back", "", 200, `"state":"open"`),
		}},
	})
}

func TestTheCheckInSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	book := func(body, name string) step {
		return step{who: "citizen:" + name, do: "POST /bookings", body: body, want: 201, keep: name + "=code"}
	}
	present := func(name, office string, want int, code string, has ...string) step {
		return step{who: "greeter:eva@" + office, do: "POST /check-ins", body: `{"office":"` + office + `","code":"{` + name + `}"}`, want: want,
			has: append(has, `"code":"`+code+`"`, `"detail":"`)}
	}
	run(t, []scenario{
		{"wrong day", []step{book(tomorrow, "one"), present("one", "main", 409, "wrong_day")}},
		{"wrong office", []step{book(slotAt11, "one"), present("one", "across", 409, "wrong_office", "1 Grand Avenue")}},
		{"cancelled", []step{book(tomorrow, "one"),
			{who: "citizen:one", do: "GET /bookings", want: 200},
			{who: "citizen:two", do: "POST /bookings", body: tomorrow, want: 201, keep: "b=id"},
			{who: "citizen:two", do: "GET /bookings/{b}", want: 200, keep: "two=code"},
			{who: "citizen:two", do: "DELETE /bookings/{b}", want: 200},
			present("two", "main", 410, "cancelled")}},
		{"unknown", []step{{who: kiosk, do: "POST /check-ins", body: `{"office":"main","code":"HELLO"}`, want: 404, has: []string{`"code":"unknown"`}},
			{who: kiosk, do: "POST /check-ins", body: `{"office":"main","reference":"00000000"}`, want: 404, has: []string{`"code":"unknown"`}}}},
		{"forged", []step{{who: kiosk, do: "POST /check-ins", body: `{"office":"main","code":"` + forged() + `"}`, want: 422, has: []string{`"code":"forged"`}}}},
		{"a reference will do, as people type it", []step{
			{who: "citizen:one", do: "POST /bookings", body: slotAt11, want: 201, keep: "ref=reference"},
			{who: kiosk, do: "POST /check-ins", body: `{"office":"main","reference":" {ref} ","print":false}`, want: 201,
				has: []string{`"class":"booked"`, `"start":"2026-11-24T11:00:00+08:00"`, `"callable":"2026-11-24T10:55:00+08:00"`, `"print":null`}},
		}},
	})
}

// forged is a code of the right length with a kind and key that exist, and nobody's signature.
func forged() string { return "040G2" + strings.Repeat("0", 147) }

func TestLateIsToldWithWhatToDo(t *testing.T) {
	h := apitest.New(t)
	code := h.Must(201, "citizen:one", "POST", "/bookings", slotAt10).Get("code")
	h.Clock.Advance(40 * time.Minute)
	a := h.Must(409, kiosk, "POST", "/check-ins", `{"office":"main","code":"`+code+`"}`)
	if a.Get("code") != "late" || a.Get("detail") == "" {
		t.Error(a.Body)
	}
}

func TestSixtyFourClerksCallEachTicketOnce(t *testing.T) {
	h := apitest.New(t)
	const clerks, people = 64, 200
	for i := range people {
		if a := h.Must(201, kiosk, "POST", "/tickets", `{"office":"main","service":"renew","print":false}`); a.Get("ahead") != fmt.Sprint(i) {
			t.Fatalf("ticket %d: %s", i, a.Body)
		}
	}
	who := func(i int) (name, path string) {
		return fmt.Sprintf("clerk:%d@main", i), fmt.Sprintf("/counters/main-%d/", i+1)
	}
	for i := range clerks {
		name, path := who(i)
		h.Must(200, name, "POST", path+"open", "")
	}
	var mu sync.Mutex
	called := map[string]int{}
	var wg sync.WaitGroup
	for i := range clerks {
		wg.Go(func() {
			name, path := who(i)
			for {
				a := h.Ask(name, "POST", path+"next", `{"finish":{}}`)
				if a.Status == 204 {
					return
				}
				if a.Status != 200 {
					t.Errorf("%d %s", a.Status, a.Body)
					return
				}
				mu.Lock()
				called[a.Get("ticket", "number")]++
				mu.Unlock()
				if s := h.Ask(name, "POST", path+"start", ""); s.Status != 200 {
					t.Errorf("%d %s", s.Status, s.Body)
					return
				}
			}
		})
	}
	wg.Wait()
	for number, n := range called {
		if n != 1 {
			t.Errorf("%s was called %d times", number, n)
		}
	}
	if len(called) != people {
		t.Errorf("%d of %d were called", len(called), people)
	}
}

// TestARefusalNamesTheCounterAsItIsSigned: people know the number over the desk,
// programs its id.
func TestARefusalNamesTheCounterAsItIsSigned(t *testing.T) {
	h := apitest.New(t)
	k := h.Must(201, kiosk, "POST", "/tickets", walkIn)
	h.Must(200, ana, "POST", "/counters/main-1/open", "")
	h.Must(200, ana, "POST", "/counters/main-1/next", "")
	other := "clerk:bo@main"
	h.Must(200, other, "POST", "/counters/main-2/open", "")
	a := h.Must(409, other, "POST", "/counters/main-2/return", `{"ticket":"`+k.Get("id")+`"}`, "Accept-Language", "en")
	if a.Get("code") != "not_yours" || a.Get("params", "counter") != "main-1" || strings.Contains(a.Get("detail"), "main-1") || !strings.Contains(a.Get("detail"), "counter 1.") {
		t.Error(a.Body)
	}
}

// TestAResidentAtHomeTakesNoWalkInTicket: a citizen's ticket is always one from
// afar, whatever they say, and is refused where there are none.
func TestAResidentAtHomeTakesNoWalkInTicket(t *testing.T) {
	c := apitest.Catalogue()
	c.Queue("main-small").Rules.Remote = false
	h := apitest.New(t, apitest.With(c))
	one := "citizen:one"
	h.Must(200, ana, "POST", "/counters/main-1/open", "")
	for _, remote := range []string{"", `,"remote":false`, `,"remote":true`} {
		body := func(service string) string { return `{"office":"main","service":"` + service + `"` + remote + `}` }
		if a := h.Must(409, one, "POST", "/tickets", body("deed")); a.Get("code") != "filing_order" {
			t.Errorf("in filing order, with %q: %s", remote, a.Body)
		}
		if a := h.Ask(one, "POST", "/tickets", body("quick")); a.Get("code") != "remote_refused" {
			t.Errorf("where none are given from afar, with %q: %d %s", remote, a.Status, a.Body)
		}
		k := h.Must(201, one, "POST", "/tickets", body("renew"))
		if k.Get("state") != "remote" || k.Get("class") != "remote" || k.Get("code") == "" {
			t.Errorf("with %q: %s", remote, k.Body)
		}
		h.Must(204, ana, "POST", "/counters/main-1/next", "") // nobody is called who is not there
		h.Must(200, one, "DELETE", "/tickets/"+k.Get("id"), "")
	}
	for _, who := range []string{kiosk, "greeter:eva@main"} {
		for _, service := range []string{"deed", "quick", "renew"} {
			if k := h.Must(201, who, "POST", "/tickets", `{"office":"main","service":"`+service+`"}`); k.Get("state") != "waiting" {
				t.Errorf("%s gives out what waits: %s", who, k.Body)
			}
		}
	}
}

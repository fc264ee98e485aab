package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A loser stands before a hub, lets each request through, and loses its reply.
type loser struct {
	to   string
	lost chan lostReply
}

type lostReply struct {
	status int
	body   []byte
}

// ServeHTTP takes the whole answer of the hub and hangs up.
func (l *loser) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	in, _ := io.ReadAll(r.Body)
	var reply lostReply
	req, err := http.NewRequestWithContext(r.Context(), r.Method, l.to+r.URL.RequestURI(), bytes.NewReader(in))
	if err == nil {
		req.Header = r.Header.Clone()
		var res *http.Response
		if res, err = crowd.Do(req); err == nil {
			defer res.Body.Close()
			reply.status = res.StatusCode
			reply.body, err = io.ReadAll(res.Body)
		}
	}
	if err != nil {
		reply = lostReply{0, []byte(err.Error())}
	}
	l.lost <- reply
	panic(http.ErrAbortHandler)
}

// anAct is a request that changes something, made possible by what goes before.
type anAct struct {
	who  *client
	path string
	body any
	id   string // where in the answer the id stands; "" when it has none
}

// TestALostReplyOfAnyChangeIsHealedByItsKey loses the reply of every operation
// that the API's own document says changes something, and asks again.
func TestALostReplyOfAnyChangeIsHealedByItsKey(t *testing.T) {
	env, data := []string{"VEZ_CATALOGUE=" + smallTown(t)}, t.TempDir()
	p := serve(t, env, "--data", data)
	loses := &loser{to: p.url, lost: make(chan lostReply, 1)}
	proxy := httptest.NewUnstartedServer(loses)
	proxy.Config.ErrorLog = nil
	proxy.Start()
	defer proxy.Close()
	prepared := actsOf(t, p)
	for _, op := range changes(t, p) {
		t.Run(op.id, func(t *testing.T) {
			prepare, ok := prepared[op.id]
			if !ok {
				t.Fatalf("%s %s changes something: say here how to ask for it", op.method, op.path)
			}
			act := prepare()
			c := *act.who
			c.base, c.http = proxy.URL, &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
			if status, raw, err := c.try(op.method, act.path, "key of "+op.id, act.body, nil); err == nil {
				t.Fatalf("the reply was not lost: %d %s", status, raw)
			}
			lost := <-loses.lost
			if lost.status == 0 || lost.status >= 300 {
				t.Fatalf("the first time: %d %s", lost.status, lost.body)
			}
			before := standsAt(p)
			status, raw, err := act.who.try(op.method, act.path, "key of "+op.id, act.body, nil)
			if err != nil || status != lost.status {
				t.Fatalf("the first reply was %d, the second %d %v %s", lost.status, status, err, raw)
			}
			if act.id != "" && (field(raw, act.id) == "" || field(raw, act.id) != field(lost.body, act.id)) {
				t.Errorf("the first reply was of %s, the second of %s", lost.body, raw)
			}
			if after := standsAt(p); after != before {
				t.Errorf("the repeat did something: %s, then %s", before, after)
			}
		})
	}
	if err := p.stop(); err != nil {
		t.Errorf("the hub did not end well: %v", err)
	}
	mustVez(t, env, "ledger", "verify", "--data", data)
}

// standsAt tells how far the halls are.
func standsAt(p *program) (out string) {
	for _, hall := range townHalls[:2] {
		var now struct{ At string }
		c := &client{t: p.t, base: p.url, http: crowd}
		c.must(http.StatusOK, "GET", "/api/v1/offices/"+hall+"-hall/queues", nil, &now)
		out += now.At + " "
	}
	return out
}

// field reads a text out of a JSON answer.
func field(raw []byte, path string) string {
	var v any
	_ = json.Unmarshal(raw, &v)
	for _, key := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	text, _ := v.(string)
	return text
}

type aChange struct{ id, method, path string }

// changes lists what the OpenAPI document says changes something.
func changes(t *testing.T, p *program) (out []aChange) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string `json:"operationId"`
		}
	}
	(&client{t: t, base: p.url, http: crowd}).must(http.StatusOK, "GET", "/api/openapi.json", nil, &doc)
	for path, of := range doc.Paths {
		for method, op := range of {
			if method != "get" && op.OperationID != "" {
				out = append(out, aChange{op.OperationID, strings.ToUpper(method), path})
			}
		}
	}
	if len(out) < 30 {
		t.Fatalf("only %d operations change something", len(out))
	}
	return out
}

// smallTown is the catalogue of a town.
func smallTown(t *testing.T) string {
	t.Helper()
	var all []setting
	for i, id := range townHalls {
		s := usual(id)
		s.prefix, s.rules[ofOffice] = string(rune('A'+i)), []string{"limit-per-service: 100", "limit-open: 100", "limit-per-day: 100", "cutoff: none", "miss-after: 0 s"}
		all = append(all, s)
	}
	return catalogueOf(t, all)
}

// desks hands out a counter of its own to each act.
type desks struct {
	t    *testing.T
	p    *program
	used int
}

const deskHall, deskQueue, deskMatter = "nor-hall", "nor-hall-line", "nor-matter"

// at gives a fresh clerk at a counter in the state that a verb needs, with the
// ticket that was brought into it.
func (d *desks) at(verbs ...string) (c *client, at, ticket string) {
	d.t.Helper()
	d.used++
	counter := d.used%5 + 1
	c = d.p.as("clerk", fmt.Sprint("clerk-", d.used), deskHall)
	at = fmt.Sprintf("/api/v1/counters/%s-%d/", deskHall, counter)
	d.p.as("manager", "frees", deskHall).do("POST", at+"close", map[string]any{"force": true}, nil)
	for _, verb := range verbs {
		want, body := http.StatusOK, any(nil)
		switch verb {
		case "next":
			d.walkIn()
			var got struct{ Ticket ticketView }
			c.must(want, "POST", at+verb, nil, &got)
			ticket = got.Ticket.ID
			continue
		case "park", "finish", "miss", "start", "open":
		case "return", "resume":
			body = map[string]any{"ticket": ticket}
		}
		c.must(want, "POST", at+verb, body, nil)
	}
	return c, at, ticket
}

// walkIn lets somebody wait.
func (d *desks) walkIn() (v ticketView) {
	d.t.Helper()
	d.p.as("device", "kiosk", deskHall).must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": deskHall, "service": deskMatter, "print": false}, &v)
	return v
}

// books takes the n-th free start of a day.
func (d *desks) books(who, day string, hold bool) (c *client, b bookingView) {
	d.t.Helper()
	c = d.p.as("citizen", who, "")
	free := c.slots(deskMatter, deskHall, day, day)
	c.must(http.StatusCreated, "POST", "/api/v1/bookings",
		map[string]any{"office": deskHall, "service": deskMatter, "start": free[len(free)/2].Start, "hold": hold}, &b)
	return c, b
}

// actsOf says of each operation what makes it possible.
func actsOf(t *testing.T, p *program) map[string]func() anAct {
	d := &desks{t: t, p: p}
	const day = "2026-11-26"
	acts := map[string]func() anAct{
		"take-ticket": func() anAct {
			return anAct{p.as("device", "k", deskHall), "/api/v1/tickets", map[string]any{"office": deskHall, "service": deskMatter}, "id"}
		},
		"cancel-ticket": func() anAct {
			return anAct{p.as("greeter", "g", deskHall), "/api/v1/tickets/" + d.walkIn().ID, nil, "id"}
		},
		"step-out": func() anAct {
			return anAct{p.as("greeter", "g", deskHall), "/api/v1/tickets/" + d.walkIn().ID + "/step-out", nil, "id"}
		},
		"come-back": func() anAct {
			c, v := p.as("greeter", "g", deskHall), d.walkIn()
			c.must(http.StatusOK, "POST", "/api/v1/tickets/"+v.ID+"/step-out", nil, nil)
			return anAct{c, "/api/v1/tickets/" + v.ID + "/come-back", nil, "id"}
		},
		"check-in": func() anAct {
			_, b := d.books("comes", "2026-11-24", false)
			return anAct{p.as("device", "k", deskHall), "/api/v1/check-ins", map[string]any{"office": deskHall, "code": b.Code}, "ticket.id"}
		},
		"book": func() anAct {
			c := p.as("citizen", "books", "")
			free := c.slots(deskMatter, deskHall, day, day)
			return anAct{c, "/api/v1/bookings", map[string]any{"office": deskHall, "service": deskMatter, "start": free[0].Start}, "id"}
		},
		"confirm-booking": func() anAct {
			c, b := d.books("confirms", day, true)
			return anAct{c, "/api/v1/bookings/" + b.ID + "/confirm", nil, "id"}
		},
		"extend-hold": func() anAct {
			c, b := d.books("extends", day, true)
			return anAct{c, "/api/v1/bookings/" + b.ID + "/extend", nil, "id"}
		},
		"reschedule": func() anAct {
			c, b := d.books("moves", day, false)
			free := c.slots(deskMatter, deskHall, "2026-11-27", "2026-11-27")
			return anAct{c, "/api/v1/bookings/" + b.ID, map[string]any{"start": free[0].Start}, "id"}
		},
		"cancel-booking": func() anAct {
			c, b := d.books("cancels", day, false)
			return anAct{c, "/api/v1/bookings/" + b.ID, nil, "id"}
		},
		"close-office": func() anAct {
			return anAct{p.as("manager", "m", "sul-hall"), "/api/v1/offices/sul-hall/closures",
				map[string]any{"from": "2026-11-30T09:00:00+08:00", "to": "2026-11-30T12:00:00+08:00", "reason": "works"}, "id"}
		},
		"pause-hall": func() anAct {
			return anAct{p.as("manager", "m", "sul-hall"), "/api/v1/offices/sul-hall/pause", nil, "office"}
		},
		"resume-hall": func() anAct {
			c := p.as("manager", "m", "sul-hall")
			c.must(http.StatusOK, "POST", "/api/v1/offices/sul-hall/pause", nil, nil)
			return anAct{c, "/api/v1/offices/sul-hall/resume", nil, "office"}
		},
		"heartbeat": func() anAct {
			return anAct{p.as("device", "k", deskHall), "/api/v1/devices/heartbeat", map[string]any{"paper": "ok"}, ""}
		},
		"demo-token": func() anAct {
			return anAct{p.as("citizen", "x", ""), "/api/v1/demo/token", map[string]any{"subject": "again"}, ""}
		},
	}
	for id, act := range d.verbs() {
		acts[id] = act
	}
	return acts
}

// verbs are the acts at a counter.
func (d *desks) verbs() map[string]func() anAct {
	ready := map[string][]string{
		"open": {}, "close": {"open"}, "break": {"open"}, "back": {"open", "break"}, "next": {"open"}, "recall": {"open", "next"},
		"start": {"open", "next"}, "finish": {"open", "next", "start"}, "miss": {"open", "next"}, "park": {"open", "next", "start"},
		"resume": {"open", "next", "start", "park"}, "transfer": {"open", "next", "start"}, "return": {"open", "next"},
		"continue": {"open", "next", "start"}, "serve": {"open"}, "reopen": {"open", "next", "start", "finish"}, "undo": {"open", "next"},
		"call": {"open"}, "this_one_is_here": {"open", "next"},
	}
	bodies := map[string]func(ticket string) any{
		"resume":   func(id string) any { return map[string]any{"ticket": id} },
		"reopen":   func(id string) any { return map[string]any{"ticket": id} },
		"transfer": func(string) any { return map[string]any{"queue": deskQueue, "place": "end"} },
		"continue": func(string) any { return map[string]any{"service": deskMatter} },
		"serve":    func(string) any { return map[string]any{"service": deskMatter} },
		"call":     func(string) any { return map[string]any{"ticket": d.walkIn().ID, "reason": "our_mistake"} },
		"this_one_is_here": func(string) any {
			return map[string]any{"ticket": d.walkIn().ID}
		},
	}
	ids := map[string]string{"next": "ticket.id"}
	out := map[string]func() anAct{"counter-take_over": func() anAct {
		_, _, ticket := d.at("open", "next", "start")
		c, at, _ := d.at("open")
		return anAct{c, at + "take_over", map[string]any{"ticket": ticket}, "id"}
	}}
	for verb, first := range ready {
		out["counter-"+verb] = func() anAct {
			c, at, ticket := d.at(first...)
			if verb == "next" {
				d.walkIn()
			}
			var body any
			if make := bodies[verb]; make != nil {
				body = make(ticket)
			}
			id := ids[verb]
			if id == "" {
				id = "id"
			}
			return anAct{c, at + verb, body, id}
		}
	}
	return out
}

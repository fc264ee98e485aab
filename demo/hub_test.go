package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/demo/clock"
)

var macao = time.FixedZone("Macao", 8*3600)

// morning is a Tuesday on which the hall of these tests is open.
var morning = time.Date(2026, 11, 24, 9, 30, 0, 0, macao)

// hub is a small server with the API's shapes: one office, two queues of five
// counters each. It keeps the rules that the public must live with.
type hub struct {
	t      *testing.T
	clock  clockwork.Clock
	server *httptest.Server

	mu       sync.Mutex
	change   chan struct{} // closed at every change
	tokens   map[string]string
	tickets  []*fakeTicket
	counters map[string]*fakeDesk
	bookings map[string]bool // by code; true when checked in
	verbs    map[string]int  // by "counter verb", refused ones too
	keys     map[string]int  // requests by key
	done     int
	down     bool // answers 503
	status   string
	toldAt   int // how many tickets there were when the public first heard that the hall is closed
	booked   int
}

type fakeTicket struct {
	ticketShape
	Arrival time.Time
}

type fakeDesk struct {
	clerk  string
	state  string
	queues []string
	back   time.Time
	ticket *fakeTicket
}

// newHub starts a hub whose house runs at a speed.
func newHub(t *testing.T, speed float64) *hub {
	t.Helper()
	c, err := clock.New(clockwork.NewRealClock(), morning, speed)
	if err != nil {
		t.Fatal(err)
	}
	h := &hub{t: t, clock: c, change: make(chan struct{}), tokens: map[string]string{}, counters: map[string]*fakeDesk{},
		bookings: map[string]bool{}, verbs: map[string]int{}, keys: map[string]int{}, status: "open", toldAt: -1}
	for n := range 10 {
		h.counters[fmt.Sprintf("hall-%d", n+1)] = &fakeDesk{state: "closed"}
	}
	h.server = httptest.NewServer(h)
	t.Cleanup(h.server.Close)
	return h
}

// populate runs the public until the test ends; stop ends it before and waits.
func (h *hub) populate() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- Run(ctx, Config{URL: h.server.URL, Clock: h.clock, Offices: []string{"hall", "nowhere"}, Scale: 1, Seed: 7})
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			h.t.Errorf("the public ended with %v", err)
		}
	})
	h.t.Cleanup(stop)
	return stop
}

// until waits for something to be so, looking after every change.
func (h *hub) until(what string, so func() bool) {
	h.t.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for {
		h.mu.Lock()
		ok, change := so(), h.change
		h.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-change:
		case <-deadline.C:
			h.t.Fatalf("it did not happen that %s", what)
		}
	}
}

// count counts tickets in a state. The lock is held.
func (h *hub) count(state string) int {
	n := 0
	for _, t := range h.tickets {
		if t.State == state {
			n++
		}
	}
	return n
}

type answer struct {
	status int
	body   any
}

func no(status int, code string) answer {
	return answer{status, map[string]any{"code": code, "params": map[string]any{}}}
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body map[string]any
	_ = json.NewDecoder(r.Body).Decode(&body)
	h.mu.Lock()
	a := h.answer(r, body)
	said, err := json.Marshal(a.body) // the next request may change what it shows
	close(h.change)
	h.change = make(chan struct{})
	h.mu.Unlock()
	if err != nil {
		h.t.Error(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(a.status)
	if a.body != nil {
		_, _ = w.Write(said)
	}
}

func (h *hub) answer(r *http.Request, body map[string]any) answer {
	if h.down {
		return no(503, "ledger_away")
	}
	if k := r.Header.Get("Idempotency-Key"); k != "" {
		h.keys[k]++
	}
	part := strings.Split(strings.TrimPrefix(r.URL.Path, "/api/v1/"), "/")
	if part[0] == "demo" {
		token := fmt.Sprintf("%v/%v", body["role"], body["subject"])
		h.tokens[token] = token
		return answer{201, map[string]string{"token": token}}
	}
	who := h.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if who == "" && (r.Method != "GET" || part[0] == "counters") {
		return no(401, "not_signed_in")
	}
	switch part[0] {
	case "offices":
		return h.office(part[1:], r)
	case "services":
		return h.service(part[1:], r)
	case "bookings":
		return h.booking(r)
	case "check-ins":
		return h.checkIn(body)
	case "tickets":
		return h.ticket(part[1:], r, body)
	case "counters":
		if len(part) == 2 {
			return answer{200, h.deskNow(part[1], who)}
		}
		h.verbs[part[1]+" "+part[2]]++
		return h.verb(part[1], part[2], who, body)
	}
	return no(404, "not_found")
}

func (h *hub) office(part []string, r *http.Request) answer {
	if part[0] != "hall" {
		return no(404, "not_found")
	}
	if len(part) == 1 {
		return answer{200, fakeOffice()}
	}
	if part[1] == "line" {
		waiting := []entry{}
		for _, t := range h.tickets {
			if t.State == "waiting" && t.Queue == r.URL.Query().Get("queue") {
				waiting = append(waiting, entry{Ticket: t.ID, Arrival: t.Arrival})
			}
		}
		return answer{200, map[string]any{"waiting": waiting}}
	}
	if h.status == "closed" && h.toldAt < 0 {
		h.toldAt = len(h.tickets)
	}
	var items []queueNow
	for _, q := range []string{"hall-a", "hall-b"} {
		now := queueNow{ID: q, Status: h.status}
		for _, t := range h.tickets {
			if t.State == "waiting" && t.Queue == q {
				now.Waiting++
			}
		}
		items = append(items, now)
	}
	return answer{200, map[string]any{"items": items}}
}

func fakeOffice() officeShape {
	o := officeShape{ID: "hall", TimeZone: "Asia/Macau", Languages: []string{"zh-Hant", "pt"},
		Zones: []zoneShape{{ID: "W"}, {ID: "X", Far: true}},
		Queues: []queueShape{
			{ID: "hall-a", Department: "d", Services: []string{"a1", "a2", "a3"}, WalkIn: true, WalkInLimit: 400, Remote: true},
			{ID: "hall-b", Department: "d", Services: []string{"b1"}, WalkIn: true, WalkInLimit: 400},
		}}
	for day := 1; day <= 5; day++ {
		o.Hours = append(o.Hours, hours{day, "09:00", "18:00"})
	}
	for n := 1; n <= 10; n++ {
		c := counterShape{ID: fmt.Sprintf("hall-%d", n), Label: fmt.Sprint(n), Zone: "W", Queues: []string{"hall-a", "hall-b"}}
		if n > 5 {
			c.Zone, c.Queues = "X", []string{"hall-b", "hall-a"}
		}
		o.Counters = append(o.Counters, c)
	}
	return o
}

func fakeServices() []serviceShape {
	bookable := &struct{}{}
	return []serviceShape{{"a1", 10, bookable}, {"a2", 5, bookable}, {"a3", 20, nil}, {"b1", 8, nil}}
}

func (h *hub) service(part []string, r *http.Request) answer {
	if len(part) == 0 {
		return answer{200, map[string]any{"items": fakeServices(), "next": nil}}
	}
	day, err := time.ParseInLocation(time.DateOnly, r.URL.Query().Get("from"), macao)
	if err != nil {
		return no(422, "invalid_field")
	}
	items := []slotShape{}
	for m := range 9 * 12 {
		if start := day.Add(9*time.Hour + time.Duration(m)*5*time.Minute); start.After(h.clock.Now()) {
			items = append(items, slotShape{start, 1})
		}
	}
	return answer{200, map[string]any{"items": items}}
}

func (h *hub) booking(r *http.Request) answer {
	if r.Method != "POST" {
		return answer{200, bookingShape{}}
	}
	h.booked++
	code := fmt.Sprintf("CODE%d", h.booked)
	h.bookings[code] = false
	return answer{201, bookingShape{ID: code, Code: code, Start: h.clock.Now().Add(15 * time.Minute)}}
}

func (h *hub) checkIn(body map[string]any) answer {
	if h.status == "closed" {
		return no(409, "wrong_day")
	}
	code := fmt.Sprint(body["code"])
	for _, t := range h.tickets {
		if t.Code == code && t.State == "remote" {
			t.State = "waiting"
			return answer{201, map[string]any{"ticket": t}}
		}
	}
	if used, known := h.bookings[code]; used || !known {
		return no(409, "used")
	}
	h.bookings[code] = true
	return answer{201, map[string]any{"ticket": h.issue("hall-a", "waiting")}}
}

func (h *hub) issue(queue, state string) *fakeTicket {
	id := fmt.Sprintf("t%d", len(h.tickets)+1)
	t := &fakeTicket{ticketShape{ID: id, Number: id, State: state, Queue: queue, Code: "R" + id}, h.clock.Now()}
	h.tickets = append(h.tickets, t)
	return t
}

func (h *hub) ticket(part []string, r *http.Request, body map[string]any) answer {
	if len(part) == 0 {
		queue, state := "hall-a", "waiting"
		if body["service"] == "b1" {
			queue = "hall-b"
		}
		if body["remote"] == true {
			state = "remote"
		}
		return answer{201, h.issue(queue, state)}
	}
	i := slices.IndexFunc(h.tickets, func(t *fakeTicket) bool { return t.ID == part[0] })
	if i < 0 {
		return no(404, "not_found")
	}
	t := h.tickets[i]
	switch {
	case r.Method == "GET":
	case r.Method == "DELETE":
		t.State = "cancelled"
	case t.State == "waiting" && part[1] == "step-out":
		t.State = "parked"
	case t.State == "parked" && part[1] == "come-back":
		t.State = "waiting"
	default:
		return no(409, "illegal_move")
	}
	return answer{200, t}
}

func (h *hub) deskNow(id, who string) map[string]any {
	d := h.counters[id]
	return map[string]any{"id": id, "state": d.state, "ticket": d.ticket,
		"shift": map[string]any{"mine": d.clerk == who, "back_at": d.back}}
}

func (h *hub) verb(id, verb, who string, body map[string]any) answer {
	d := h.counters[id]
	if verb == "open" {
		if d.state != "closed" && d.clerk != who {
			return no(409, "counter_taken")
		}
		d.clerk, d.state, d.queues = who, "open", []string{fmt.Sprint(body["queues"].([]any)[0])}
		return answer{200, h.deskNow(id, who)}
	}
	if d.state == "closed" || d.clerk != who {
		return no(409, "counter_closed")
	}
	if slices.Contains([]string{"close", "break", "back"}, verb) {
		if d.ticket != nil {
			return no(409, "counter_busy")
		}
		d.state = map[string]string{"close": "closed", "break": "break", "back": "open"}[verb]
		if verb == "break" {
			d.back, _ = time.Parse(time.RFC3339, fmt.Sprint(body["back_at"]))
		}
		return answer{200, h.deskNow(id, who)}
	}
	if verb == "next" {
		return h.next(id, d)
	}
	if name, ok := body["ticket"]; ok {
		return h.takeUp(id, d, fmt.Sprint(name), verb)
	}
	return h.move(d, verb, body)
}

func (h *hub) next(id string, d *fakeDesk) answer {
	if d.ticket != nil {
		return no(409, "counter_busy")
	}
	for _, t := range h.tickets {
		if t.State == "waiting" && slices.Contains(d.queues, t.Queue) {
			t.State, t.Counter, t.CalledAt, t.Recalls = "called", id, h.clock.Now(), 0
			d.ticket = t
			return answer{200, map[string]any{"ticket": t, "reason": map[string]any{"rule": "first_due"}}}
		}
	}
	return answer{204, nil}
}

func (h *hub) takeUp(id string, d *fakeDesk, name, verb string) answer {
	i := slices.IndexFunc(h.tickets, func(t *fakeTicket) bool { return t.ID == name })
	if i < 0 || d.ticket != nil && verb != "return" {
		return no(409, "counter_busy")
	}
	t := h.tickets[i]
	switch {
	case verb == "return" && t.State == "missed":
		t.State = "waiting"
	case verb == "start" && t.State == "missed" && t.Counter == id, verb == "resume" && t.State == "parked":
		t.State, t.Counter, t.Serving, d.ticket = "serving", id, h.clock.Now(), t
	default:
		return no(409, "illegal_move")
	}
	return answer{200, t}
}

func (h *hub) move(d *fakeDesk, verb string, body map[string]any) answer {
	t := d.ticket
	if t == nil {
		return no(409, "nothing_open")
	}
	switch {
	case t.State == "called" && verb == "start":
		t.State, t.Serving = "serving", h.clock.Now()
		return answer{200, t}
	case t.State == "called" && verb == "recall":
		t.Recalls++
		return answer{200, t}
	case t.State == "called" && verb == "miss" && h.clock.Now().Sub(t.CalledAt) < time.Minute:
		return answer{409, map[string]any{"code": "miss_too_soon", "params": map[string]any{"seconds": 10}}}
	case t.State == "called" && verb == "miss":
		t.State = "missed"
	case t.State == "serving" && verb == "finish":
		t.State = "done"
		h.done++
	case t.State == "serving" && verb == "park":
		t.State = "parked"
	case t.State == "serving" && verb == "transfer":
		t.State, t.Queue = "waiting", fmt.Sprint(body["queue"])
	default:
		return no(409, "illegal_move")
	}
	d.ticket = nil
	return answer{200, t}
}

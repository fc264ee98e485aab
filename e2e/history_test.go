package e2e

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"vez/ledger/pgtest"
	"vez/ledger/porttest"
)

var historyFor = flag.Duration("history.for", 2*time.Second, "how long clients act before their history is checked")

// The histories' places: a queue without bookings, with its counters, and a
// service to be booked whose queue has several places a cell.
const (
	historyOffice  = "dsi-main"
	historyQueue   = "dsi-main-collect"
	historyLimit   = 900 // walk-ins of that queue a day
	historyService = "dsi-bir-renewal"
)

// chronicle is what many clients did and were told.
type chronicle struct {
	test    *testing.T
	began   time.Time
	end     time.Time
	clients atomic.Int64
	keys    atomic.Int64
	hung    atomic.Int64
	hubs    sync.RWMutex // held by who must not see one die

	mu      sync.Mutex
	bases   []string              // of the hubs that clients may ask
	onLine  []porcupine.Operation // acts on tickets
	onSlots []porcupine.Operation // acts on bookings
	known   []asked               // tickets, for those who act on another's
	busy    []asked               // those that a counter had last
	told    map[string]int        // answers by what was asked
}

// witness is one client whose acts are written down.
type witness struct {
	*client
	*chronicle
	id     int
	random *rand.Rand
	// patient clients ask again with the same key until they learn the outcome.
	patient bool
}

func (c *chronicle) witness(p *program, seed int, role, subject string) *witness {
	return &witness{client: p.as(role, subject, historyOffice), chronicle: c, id: int(c.clients.Add(1)),
		random: rand.New(rand.NewPCG(uint64(seed), 7)), patient: role == "clerk" || seed%3 > 0}
}

// hub picks one to ask.
func (w *witness) hub() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.bases[w.random.IntN(len(w.bases))]
}

// learnFor is how long a patient client asks again.
const learnFor = 30 * time.Second

// ask sends one request, to one hub or, for a patient client that does not
// learn the outcome, to any until one tells.
func (w *witness) ask(verb, method, path string, body any) (status int, raw []byte, known bool) {
	key := fmt.Sprintf("h-%d", w.keys.Add(1))
	if verb == "undo" { // a repeated answer shows the ticket of now, not what was restored
		w.hubs.RLock()
		defer w.hubs.RUnlock()
	}
	for first := time.Now(); ; {
		c := *w.client
		c.base = w.hub()
		if verb != "undo" && w.hangsUp() {
			c.http = &http.Client{Timeout: time.Duration(1+w.random.IntN(6)) * time.Millisecond, Transport: transport}
		}
		status, raw, err := c.try(method, path, key, body, nil)
		if err == nil && status < 500 {
			return status, raw, true
		}
		never := errors.Is(err, syscall.ECONNREFUSED) // nobody heard it
		if !w.patient && !never || time.Since(first) > learnFor {
			return status, raw, false
		}
		time.Sleep(20 * time.Millisecond) // the hub is away
	}
}

// hangUps is how many outcomes may stay unknown: each of them doubles what a
// check has to try.
const hangUps = 4

// hangsUp tells whether the client loses its connection before the answer comes.
// A patient one asks again, maybe while the first request is still at work.
func (w *witness) hangsUp() bool {
	if w.random.IntN(30) > 0 {
		return false
	}
	return w.patient || w.hung.Add(1) <= hangUps
}

// act sends a request and writes down what was asked and answered.
func (w *witness) act(in asked, method, path string, body any, shape func(raw []byte, a *answered)) answered {
	call := time.Since(w.began).Nanoseconds()
	status, raw, known := w.ask(in.verb, method, path, body)
	done := time.Since(w.began).Nanoseconds()
	out := answered{unknown: !known}
	switch {
	case !known:
	case status >= 300:
		var no problem
		if err := json.Unmarshal(raw, &no); err != nil || no.Code == "" {
			w.test.Errorf("%s %s: %d %s", method, path, status, raw)
		}
		out.code = no.Code
	default:
		shape(raw, &out)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if in.verb == "hold" || in.verb == "book" || in.verb == "release" || in.verb == "confirm" {
		w.onSlots = append(w.onSlots, operation(w.id, call, done, in, out))
	} else {
		w.onLine = append(w.onLine, operation(w.id, call, done, in, out))
	}
	w.told[strings.TrimSpace(in.verb+" "+out.code)]++
	if out.ok() && out.number > 0 && out.state != "waiting" && out.state != "done" {
		w.busy = append(w.busy, asked{thing: out.thing, number: out.number, express: out.express})
	}
	if in.verb == "issue" && out.ok() {
		w.known = append(w.known, asked{thing: out.thing, number: out.number, express: in.express})
	}
	if out.unknown {
		w.id = int(w.clients.Add(1)) // the old self may still be at it
	}
	return out
}

type seenTicket struct {
	ID, Number, State, Counter string
	Arrival, Due               time.Time
}

func (s seenTicket) into(a *answered) {
	a.thing, a.state = s.ID, s.State
	a.express = s.Due.Before(s.Arrival)
	_, _ = fmt.Sscanf(s.Number[1:], "%d", &a.number)
	if s.State == "called" || s.State == "serving" {
		a.counter = s.Counter
	}
}

func ticketShape(raw []byte, a *answered) {
	var s seenTicket
	if json.Unmarshal(raw, &s) == nil && s.ID != "" {
		s.into(a)
	}
}

func nextShape(raw []byte, a *answered) {
	var s struct{ Ticket seenTicket }
	if len(raw) > 0 && json.Unmarshal(raw, &s) == nil && s.Ticket.ID != "" {
		s.Ticket.into(a)
	}
}

// over tells that the time is up, or that one check bears no more.
func (w *witness) over() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	switch {
	case max(len(w.onLine), len(w.onSlots)) > opsMost-100 || now.After(w.end.Add(time.Minute)):
		return true
	}
	return now.After(w.end) && len(w.missing()) == 0
}

// missing are the acts that nobody has come to yet: a history without them proves little.
func (c *chronicle) missing() (out []string) {
	for _, verb := range []string{"issue", "next", "call", "start", "finish", "park", "resume", "take_over", "return", "undo", "cancel", "read",
		"hold", "release", "book", "confirm"} {
		if c.told[verb] == 0 {
			out = append(out, verb)
		}
	}
	return out
}

// visitors take tickets, some with priority, and now and then give one up.
func (w *witness) visitors() {
	for !w.over() {
		express := w.random.IntN(5) == 0
		out := w.act(asked{verb: "issue", express: express}, "POST", "/api/v1/tickets",
			map[string]any{"office": historyOffice, "queue": historyQueue, "priority": express, "print": false}, ticketShape)
		if out.code == "queue_full" && w.random.IntN(3) > 0 {
			return
		}
	}
}

// reception reads and cancels anybody's tickets.
func (w *witness) reception() {
	for !w.over() {
		in := w.anybody()
		if in.thing == "" {
			continue
		}
		if in.verb = "read"; w.random.IntN(3) > 0 {
			w.act(in, "GET", "/api/v1/tickets/"+in.thing, nil, ticketShape)
			continue
		}
		in.verb = "cancel"
		w.act(in, "DELETE", "/api/v1/tickets/"+in.thing, nil, ticketShape)
	}
}

// anybody gives a ticket.
func (w *witness) anybody() asked {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pick(w.known, len(w.known))
}

// somebody gives a ticket that was at a counter just now, or anybody's.
func (w *witness) somebody() asked {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random.IntN(4) == 0 {
		return w.pick(w.known, 20)
	}
	return w.pick(w.busy, 12)
}

// pick draws one of the last n.
func (w *witness) pick(list []asked, n int) asked {
	list = list[max(0, len(list)-n):]
	if len(list) == 0 {
		return asked{}
	}
	return list[w.random.IntN(len(list))]
}

// clerk works at a counter, also on tickets that others have.
func (w *witness) clerk(n int) {
	counter := fmt.Sprintf("dsi-main-%d", n)
	at := "/api/v1/counters/" + counter
	if status, raw, _ := w.ask("open", "POST", at+"/open", map[string]any{"queues": []string{historyQueue}}); status != http.StatusOK {
		w.test.Errorf("open: %d %s", status, raw)
		return
	}
	var open seenTicket
	for !w.over() {
		out := w.verb(at, counter, open)
		switch {
		case !out.ok():
			open = w.look(at)
		case out.counter == counter:
			open = seenTicket{ID: out.thing, State: out.state}
		default:
			open = seenTicket{}
		}
	}
}

// look reads which ticket is open at the counter.
func (w *witness) look(at string) seenTicket {
	_, raw, _ := w.ask("look", "GET", at, nil)
	var s struct{ Ticket seenTicket }
	_ = json.Unmarshal(raw, &s)
	return s.Ticket
}

// verb does one thing that a clerk may do.
func (w *witness) verb(at, counter string, open seenTicket) answered {
	post := func(verb string, in asked, body any) answered {
		in.verb, in.counter = verb, counter
		shape := ticketShape
		if verb == "next" {
			shape = nextShape
		}
		return w.act(in, "POST", at+"/"+verb, body, shape)
	}
	other, mine := w.somebody(), asked{thing: open.ID}
	body := map[string]any{"ticket": other.thing, "reason": "manager"}
	n := w.random.IntN(12)
	switch {
	case open.ID == "" && other.thing != "" && n < 6:
		return post([]string{"call", "resume", "resume", "resume", "take_over", "return"}[n], other, body)
	case open.ID == "":
		return post("next", asked{}, nil)
	case n == 0 && other.thing != "":
		return post("resume", other, body)
	case n == 1:
		return post("return", mine, nil)
	case n == 2:
		return post("undo", mine, nil)
	case open.State == "called":
		return post("start", mine, nil)
	case n < 6:
		return post("park", mine, nil)
	}
	return post("finish", mine, nil)
}

// citizen holds, books and gives up places at the starts.
func (w *witness) citizen(starts []string) {
	for !w.over() {
		start := starts[w.random.IntN(len(starts))]
		verb := []string{"hold", "hold", "book"}[w.random.IntN(3)]
		var b bookingView
		bookingShape := func(raw []byte, a *answered) {
			if json.Unmarshal(raw, &b) == nil {
				a.counter, a.state = b.ID, b.State
			}
		}
		out := w.act(asked{verb: verb, thing: start}, "POST", "/api/v1/bookings",
			map[string]any{"service": historyService, "office": historyOffice, "start": start, "hold": verb == "hold"}, bookingShape)
		if !out.ok() {
			continue
		}
		id := out.counter
		if verb == "hold" {
			if w.random.IntN(3) > 0 {
				w.act(asked{verb: "release", thing: start, counter: id}, "DELETE", "/api/v1/bookings/"+id, nil, bookingShape)
				continue
			}
			w.act(asked{verb: "confirm", thing: start, counter: id}, "POST", "/api/v1/bookings/"+id+"/confirm", nil, bookingShape)
		}
		w.ask("give up", "DELETE", "/api/v1/bookings/"+id, nil) // its place does not come back within this test
	}
}

// starts are far enough apart that none takes anything from another.
func (c *client) starts() map[string]int {
	free := map[string]int{}
	for _, s := range c.slots(historyService, historyOffice, "2026-11-25", "2026-11-27") {
		if s.Start.Minute() == 0 && s.Start.Hour() < 17 {
			free[s.Start.Format(time.RFC3339)] = s.Free
		}
	}
	return free
}

// record lets everybody act at the hubs, with one thing going wrong half way.
func record(t *testing.T, hubs []*program, halfWay func(*chronicle)) {
	t.Helper()
	c := &chronicle{test: t, told: map[string]int{}, began: time.Now()}
	for _, p := range hubs {
		c.bases = append(c.bases, p.url)
	}
	hub := hubs[0]
	free := hub.as("citizen", "looker", "").starts()
	var starts []string
	places := 0
	for s, n := range free {
		starts, places = append(starts, s), places+n
	}
	if len(starts) < 10 || places < 2*len(starts) {
		t.Fatalf("too little to book: %v", free)
	}
	var wg sync.WaitGroup
	var acts []func()
	for i := range 3 {
		w := c.witness(hub, i, "device", fmt.Sprintf("k%d", i))
		acts = append(acts, w.visitors)
	}
	for i := range 6 {
		w := c.witness(hub, 10+i, "clerk", fmt.Sprintf("c%d", i))
		acts = append(acts, func() { w.clerk(27 + i) })
	}
	for i := range 2 {
		w := c.witness(hub, 20+i, "greeter", fmt.Sprintf("g%d", i))
		acts = append(acts, w.reception)
	}
	for i := range 8 {
		w := c.witness(hub, 30+i, "citizen", fmt.Sprintf("p%d", i))
		acts = append(acts, func() { w.citizen(starts) })
	}
	c.end = time.Now().Add(*historyFor)
	for _, act := range acts {
		wg.Go(act)
	}
	time.Sleep(*historyFor / 2)
	c.hubs.Lock()
	halfWay(c)
	c.hubs.Unlock()
	wg.Wait()
	c.check(free)
}

// check holds the chronicle against the three models.
func (c *chronicle) check(free map[string]int) {
	c.test.Helper()
	unknown := 0
	for _, op := range append(c.onLine[:len(c.onLine):len(c.onLine)], c.onSlots...) {
		if op.Output.(answered).unknown {
			unknown++
		}
	}
	c.test.Logf("%d acts on tickets, %d on slots, %d without an answer: %v", len(c.onLine), len(c.onSlots), unknown, c.told)
	linear(c.test, "line", lineModel(historyLimit, c.onLine), onTheLine(c.onLine))
	linear(c.test, "ticket", seatModel(), c.onLine)
	linear(c.test, "slot", slotModel(func(start string) int { return free[start] }), c.onSlots)
	if m := c.missing(); len(m) > 0 {
		c.test.Errorf("nobody came to %v", m)
	}
}

func TestAHistoryOnSQLite(t *testing.T) {
	dir := t.TempDir()
	at := []string{"--data", dir, "--listen", fmt.Sprint("127.0.0.1:", porttest.Port(t))}
	hub := serve(t, nil, at...)
	record(t, []*program{hub}, func(*chronicle) {
		hub.kill()
		serve(t, nil, at...)
	})
}

func TestAHistoryOnPostgres(t *testing.T) {
	hub := serve(t, []string{"VEZ_DATABASE=" + pgtest.URL(t), testKey})
	record(t, []*program{hub}, func(*chronicle) {})
}

func TestAHistoryOnPostgresWithTwoHubs(t *testing.T) {
	a, b, _ := pair(t)
	record(t, []*program{a, b}, func(c *chronicle) {
		a.kill()
		c.mu.Lock()
		c.bases = []string{b.url}
		c.mu.Unlock()
	})
}

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// A town is the public and the staff of a few halls. Each of them asks until
// there is an answer, with the same Idempotency-Key and at whatever hub is
// there, and notes what the answer promised.
type town struct {
	t    *testing.T
	h    *house
	seed uint64
	stop chan struct{} // closed: finish what you are at
	quit chan struct{} // closed: give up even that
	wg   sync.WaitGroup

	mu       sync.Mutex
	tickets  map[string]*promisedTicket
	bookings map[string]bookingView
	codes    []bookingView // of today, to be checked in
	refused  map[string]int
	answers  int
	put      int // refusals of changes, for the moment
	slowest  time.Duration
	trouble  []string
}

type promisedTicket struct {
	ticketView
	told   bool   // its own reply has come; a call's may be faster
	at     string // who called it last
	called bool   // nobody has asked for its return since
	ever   bool   // it was called at all
	done   bool
}

// halls of a town, each with one queue of five counters.
var townHalls = []string{"nor", "sul", "mar", "rio"}

// answerWithin is how long one request may take; answers that come later are a failure.
const answerWithin = 40 * time.Second

// opens lets the people in: of each hall so many kiosks, clerks and citizens.
func (h *house) opens(seed uint64, kiosks, clerks, citizens int) *town {
	h.t.Helper()
	w := &town{t: h.t, h: h, seed: seed, stop: make(chan struct{}), quit: make(chan struct{}),
		tickets: map[string]*promisedTicket{}, bookings: map[string]bookingView{}, refused: map[string]int{}}
	for i, hall := range townHalls {
		for k := range kiosks {
			w.goes("kiosk", hall, k, i, w.kiosk)
		}
		for k := range clerks {
			w.goes("clerk", hall, k, i, w.clerk)
		}
		for k := range citizens {
			w.goes("citizen", hall, k, i, w.citizen)
		}
	}
	return w
}

// somebody acts in a town.
type somebody struct {
	*town
	name, hall string
	counter    int
	rng        *rand.Rand
	token      string
	n          int
}

func (w *town) goes(role, hall string, k, i int, live func(*somebody)) {
	s := &somebody{town: w, name: fmt.Sprintf("%s-%s-%d-%x", role, hall, k, w.seed), hall: hall + "-hall", counter: k + 1,
		rng: rand.New(rand.NewPCG(w.seed, uint64(len(role)*1000+i*100+k)))}
	as := role
	if role == "kiosk" {
		as = "device"
	}
	s.token = w.h.hub(0).as(as, s.name, map[string]string{"citizen": ""}[role]+map[bool]string{true: s.hall}[role != "citizen"]).token
	w.wg.Go(func() { live(s) })
}

// over tells whether everybody shall go home; else it waits a moment.
func (s *somebody) over(pause time.Duration) bool {
	select {
	case <-s.stop:
		return true
	case <-time.After(pause/2 + time.Duration(s.rng.Int64N(int64(pause)))):
		return false
	}
}

// temporary are the refusals that ask to try again.
var temporary = []string{"ledger_away", "unknown_outcome", "disk_full", "shutting_down"}

// asks repeats a request with one key until somebody says yes or no. It fails
// the test for every answer that is neither and no coded 503, and gives 0 when
// the town has closed.
func (s *somebody) asks(method, path string, body, out any) (int, problem) {
	s.n++
	key := fmt.Sprintf("%s %d", s.name, s.n)
	var in []byte
	if body != nil {
		in, _ = json.Marshal(body)
	}
	for try := 0; ; try++ {
		began := time.Now()
		status, raw, err := s.sends(s.h.hub(s.rng.IntN(8)), method, path, key, in)
		took := time.Since(began)
		var no problem
		if status >= 400 {
			_ = json.Unmarshal(raw, &no)
		}
		s.heard(method+" "+path, status, no.Code, took, err)
		switch {
		case err == nil && status < 500:
			if out != nil && status < 300 && len(raw) > 0 {
				if err := json.Unmarshal(raw, out); err != nil {
					s.fails("%s %s: %v in %s", method, path, err, raw)
				}
			}
			return status, no
		case err == nil && (status != http.StatusServiceUnavailable || !slices.Contains(temporary, no.Code)):
			s.fails("%s %s: %d %s", method, path, status, raw)
		}
		select {
		case <-s.quit:
			s.fails("%s %s: never answered: %d %s %v", method, path, status, raw, err)
			return 0, no
		case <-time.After(time.Duration(10+s.rng.IntN(min(40<<min(try, 4), 400))) * time.Millisecond):
		}
	}
}

// crowd is one connection pool, with as many connections as there are people.
var crowd = &http.Client{Timeout: answerWithin, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}

func (s *somebody) sends(p *program, method, path, key string, body []byte) (int, []byte, error) {
	req, err := http.NewRequest(method, p.url+path, bytes.NewReader(body)) //nolint:noctx // the client has a deadline
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Authorization", "Bearer "+s.token)
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := crowd.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errDown, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, raw, err
}

func (w *town) heard(what string, status int, code string, took time.Duration, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slowest = max(w.slowest, took)
	switch {
	case err != nil && strings.Contains(err.Error(), "Client.Timeout"):
		w.trouble = append(w.trouble, fmt.Sprintf("%s: no answer in %s", what, took))
	case err != nil:
		w.refused["no answer"]++
	case status == http.StatusServiceUnavailable:
		w.refused[code]++
		if !strings.HasPrefix(what, "GET ") {
			w.put++
		}
	case status < 300:
		w.answers++
	}
}

// fails notes what must not happen; nobody stops for it.
func (w *town) fails(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trouble = append(w.trouble, fmt.Sprintf(format, args...))
}

// told is how many answers came so far; faults wait for some between them.
func (w *town) told() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.answers
}

// goesOn waits until n more answers have come, in at most d.
func (w *town) goesOn(n int, d time.Duration) {
	w.t.Helper()
	from := w.told()
	within(w.t, d, fmt.Sprintf("%d more answers", n), func() bool { return w.told() >= from+n })
}

func (w *town) kiosk(s *somebody) {
	for !s.over(25 * time.Millisecond) {
		if b, ok := s.takesCode(); ok {
			var got struct{ Ticket ticketView }
			status, no := s.asks("POST", "/api/v1/check-ins", map[string]any{"office": s.hall, "code": b.Code, "print": false}, &got)
			switch {
			case status == http.StatusCreated:
				s.issued(got.Ticket)
			case status != 0:
				s.fails("the check-in of %s: %d %s", b.Reference, status, no.Code)
			}
			continue
		}
		var got ticketView
		status, no := s.asks("POST", "/api/v1/tickets", map[string]any{"office": s.hall, "service": s.service(), "print": s.rng.IntN(25) == 0}, &got)
		switch {
		case status == http.StatusCreated:
			s.issued(got)
		case status != 0:
			s.fails("a walk-in: %d %s", status, no.Code)
		}
	}
}

func (s *somebody) service() string { return strings.TrimSuffix(s.hall, "-hall") + "-matter" }

// takesCode takes a booking of today from a phone; not always, for walk-ins come too.
func (s *somebody) takesCode() (bookingView, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rng.IntN(3) > 0 {
		return bookingView{}, false
	}
	for i, b := range s.codes {
		if b.Office == s.hall {
			s.codes = slices.Delete(s.codes, i, i+1)
			return b, true
		}
	}
	return bookingView{}, false
}

func (w *town) issued(v ticketView) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := w.tickets[v.ID]
	if k == nil {
		k = &promisedTicket{}
		w.tickets[v.ID] = k
	}
	if k.told || k.ID != "" && k.Number != v.Number {
		w.trouble = append(w.trouble, fmt.Sprintf("ticket %s was issued as %s and as %s", v.ID, k.Number, v.Number))
	}
	k.ticketView, k.told = v, true
}

// calls notes that a reply called a ticket to a counter.
func (s *somebody) calls(v ticketView) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.tickets[v.ID]
	if k == nil {
		k = &promisedTicket{ticketView: v}
		s.tickets[v.ID] = k
	}
	if k.called || k.done {
		s.trouble = append(s.trouble, fmt.Sprintf("%s was called to %s and is at %s already (done %t)", v.Number, s.name, k.at, k.done))
	}
	k.called, k.ever, k.at = true, true, s.name
}

// lets go of a ticket, before the request that allows others to call it is sent.
func (s *somebody) lets(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets[id].called = false
}

func (s *somebody) finished(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tickets[id].done = true
}

func (w *town) clerk(s *somebody) {
	at := fmt.Sprintf("/api/v1/counters/%s-%d/", s.hall, s.counter)
	if status, no := s.asks("POST", at+"open", nil, nil); status != http.StatusOK {
		s.fails("%s cannot open: %d %s", s.name, status, no.Code)
		return
	}
	open := "" // the ticket being served
	for !s.over(20 * time.Millisecond) {
		var body any
		if open != "" {
			body = map[string]any{"finish": map[string]any{"outcome": "served"}}
		}
		var got struct{ Ticket ticketView }
		status, no := s.asks("POST", at+"next", body, &got)
		if status != 0 && open != "" {
			s.finished(open)
			open = ""
		}
		switch status {
		case http.StatusOK:
			s.calls(got.Ticket)
			open = s.serves(at, got.Ticket.ID)
		case http.StatusNoContent, 0:
		default:
			s.fails("%s, next: %d %s", s.name, status, no.Code)
		}
	}
	if open != "" {
		s.move(at, "finish", nil, open)
		s.finished(open)
	}
}

// serves does with a called ticket what clerks do, and gives it back if it is to be finished with the next call.
func (s *somebody) serves(at, id string) (open string) {
	switch s.rng.IntN(10) {
	case 0: // nobody is seen; back to the line
		s.lets(id)
		s.move(at, "return", map[string]any{"ticket": id}, id)
		return ""
	case 1: // a form to fill in
		if s.move(at, "start", nil, id) && s.move(at, "park", nil, id) && s.move(at, "resume", map[string]any{"ticket": id}, id) && s.move(at, "finish", nil, id) {
			s.finished(id)
		}
		return ""
	case 2, 3, 4:
		if s.move(at, "start", nil, id) {
			return id
		}
		return ""
	}
	if s.move(at, "start", nil, id) && s.move(at, "finish", map[string]any{"outcome": "served"}, id) {
		s.finished(id)
	}
	return ""
}

func (s *somebody) move(at, verb string, body any, id string) bool {
	var got ticketView
	status, no := s.asks("POST", at+verb, body, &got)
	if status == http.StatusOK && got.ID == id {
		return true
	}
	if status != 0 {
		s.fails("%s, %s %s: %d %s, %s", s.name, verb, id, status, no.Code, got.ID)
	}
	return false
}

// citizen books, changes their mind, cancels, or comes today.
func (w *town) citizen(s *somebody) {
	for i := 1; !s.over(40 * time.Millisecond); i++ {
		if i%3 == 0 { // a limit of open bookings holds for each
			s.becomes(fmt.Sprintf("%s-%d", s.name, i))
		}
		free := s.free("2026-11-24", "2026-11-27")
		if len(free) < 2 {
			continue
		}
		start, other := free[s.rng.IntN(len(free))].Start, free[s.rng.IntN(len(free))].Start
		hold := s.rng.IntN(3) == 0
		var b bookingView
		status, no := s.asks("POST", "/api/v1/bookings", map[string]any{"office": s.hall, "service": s.service(), "start": start, "hold": hold}, &b)
		if status != http.StatusCreated {
			s.wanted("booking", status, no, "slot_taken", "slot_not_offered", "limit_reached", "too_soon")
			continue
		}
		s.booked(b)
		if hold {
			if status, no := s.asks("POST", "/api/v1/bookings/"+b.ID+"/confirm", nil, &b); status != http.StatusOK {
				s.wanted("confirming", status, no, "slot_taken", "slot_not_offered")
				continue
			}
			s.booked(b)
		}
		s.changes(b, other)
	}
}

// changes does with a booking what people do with bookings.
func (s *somebody) changes(b bookingView, other time.Time) {
	switch s.rng.IntN(4) {
	case 0:
		if status, no := s.asks("PATCH", "/api/v1/bookings/"+b.ID, map[string]any{"start": other}, &b); status != http.StatusOK {
			s.wanted("rescheduling", status, no, "slot_taken", "slot_not_offered", "cutoff_passed", "too_soon", "limit_reached")
			return
		}
		s.booked(b)
	case 1:
		if status, no := s.asks("DELETE", "/api/v1/bookings/"+b.ID, nil, &b); status >= 300 {
			s.wanted("cancelling", status, no, "cutoff_passed")
			return
		}
		b.State = "cancelled"
		s.booked(b)
	default:
		if b.State == "confirmed" && b.Start.Format("2006-01-02") == "2026-11-24" && b.Start.Hour() < 16 {
			s.mu.Lock()
			s.codes = append(s.codes, b)
			s.mu.Unlock()
		}
	}
}

// wanted tells a rule's refusal from one that must not be.
func (s *somebody) wanted(what string, status int, no problem, codes ...string) {
	if status != 0 && !slices.Contains(codes, no.Code) {
		s.fails("%s by %s: %d %s %s", what, s.name, status, no.Code, no.Detail)
	}
}

func (s *somebody) booked(b bookingView) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bookings[b.ID] = b
}

// becomes somebody else.
func (s *somebody) becomes(subject string) {
	var got struct{ Token string }
	if status, no := s.asks("POST", "/api/v1/demo/token", map[string]any{"role": "citizen", "subject": subject}, &got); status != http.StatusCreated {
		s.wanted("signing in", status, no)
		return
	}
	s.token = got.Token
}

func (s *somebody) free(from, to string) []slotView {
	var got list[slotView]
	status, no := s.asks("GET", "/api/v1/services/"+s.service()+"/slots?office="+s.hall+"&from="+from+"&to="+to, nil, &got)
	if status != http.StatusOK {
		s.wanted("looking for a place", status, no)
	}
	return got.Items
}

// closes sends everybody home: who waits for an answer waits for it, for at most d.
func (w *town) closes(d time.Duration) {
	w.t.Helper()
	close(w.stop)
	late := time.AfterFunc(d, func() { close(w.quit) })
	defer late.Stop()
	w.wg.Wait()
	if len(w.trouble) > 0 {
		w.t.Errorf("seed %#x: %d things that must not be:\n%s", w.seed, len(w.trouble), strings.Join(w.trouble[:min(len(w.trouble), 12)], "\n"))
	}
	w.t.Logf("seed %#x: %d answers, %d tickets, %d bookings; refused for the moment %v; slowest answer %s", w.seed, w.answers, len(w.tickets),
		len(w.bookings), w.refused, w.slowest.Round(time.Millisecond))
}

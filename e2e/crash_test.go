package e2e

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// acked is what replies have promised before the crash.
type acked struct {
	mu       sync.Mutex
	tickets  map[string]ticketView // by id
	called   map[string]string     // ticket id → counter
	done     map[string]bool
	bookings map[string]bookingView
}

func (a *acked) note(do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	do()
}

// TestNothingAcknowledgedIsLost kills the hub under load and looks for every
// booking, ticket and move that a reply has promised.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	dir := t.TempDir()
	a := &acked{tickets: map[string]ticketView{}, called: map[string]string{}, done: map[string]bool{}, bookings: map[string]bookingView{}}
	for round := range 3 {
		p := serve(t, nil, "--data", dir)
		a.check(t, p)
		load(t, p, a, round)
		p.kill()
	}
	p := serve(t, nil, "--data", dir)
	a.check(t, p)
	if len(a.tickets) < 50 || len(a.called) < 20 || len(a.bookings) < 5 {
		t.Fatalf("too little happened to prove anything: %d tickets, %d calls, %d bookings", len(a.tickets), len(a.called), len(a.bookings))
	}
	if err := p.stop(); err != nil {
		t.Fatalf("the hub did not end well: %v", err)
	}
	out, err := exec.Command(binary, "ledger", "verify", "--json", "--data", dir).CombinedOutput()
	if err != nil {
		t.Fatalf("the ledger does not prove itself: %v\n%s", err, out)
	}
	t.Logf("%d tickets, %d calls, %d bookings kept; %s", len(a.tickets), len(a.called), len(a.bookings), out)
}

// load lets kiosks, clerks and citizens at the hub, which is killed while they are busy.
func load(t *testing.T, p *program, a *acked, round int) {
	t.Helper()
	kiosk := p.as("device", "k", "dsi-main")
	clerks := make([]*client, 6)
	for i := range clerks {
		clerks[i] = p.as("clerk", fmt.Sprintf("c%d", i), "dsi-main")
	}
	citizens := make([]*client, 4)
	for i := range citizens {
		citizens[i] = p.as("citizen", fmt.Sprintf("r%d-%d", round, i), "")
	}
	days := citizens[0].slots("dsi-bir-renewal", "dsi-main", "2026-11-25", "2026-11-27")
	var wg sync.WaitGroup
	for i := range 6 {
		wg.Go(func() { kioskWork(kiosk, a, fmt.Sprintf("%d-%d", round, i)) })
	}
	for i, c := range clerks {
		wg.Go(func() { clerkWork(c, a, fmt.Sprintf("dsi-main-%d", i+1)) })
	}
	for i, c := range citizens {
		wg.Go(func() { citizenWork(c, a, days, i) })
	}
	time.Sleep(1500*time.Millisecond + time.Duration(rand.IntN(700))*time.Millisecond)
	p.kill()
	wg.Wait()
}

func kioskWork(c *client, a *acked, name string) {
	for i := 0; ; i++ {
		var got ticketView
		status, _, err := c.try("POST", "/api/v1/tickets", fmt.Sprintf("%s-%d", name, i),
			map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}, &got)
		if errors.Is(err, errDown) {
			return
		}
		if status == http.StatusCreated {
			a.note(func() { a.tickets[got.ID] = got })
			continue
		}
		return // the day's limit of walk-ins is reached
	}
}

func clerkWork(c *client, a *acked, counter string) {
	at := "/api/v1/counters/" + counter
	if status, _, err := c.try("POST", at+"/open", "", map[string]any{"queues": []string{"dsi-main-cert"}}, nil); err != nil || status != http.StatusOK {
		return
	}
	var current string
	var view struct{ Ticket ticketView }
	if _, _, err := c.try("GET", at, "", nil, &view); err == nil {
		current = view.Ticket.ID
	}
	for {
		var got struct{ Ticket ticketView }
		if current != "" {
			if _, _, err := c.try("POST", at+"/start", "", nil, nil); err != nil {
				return
			}
			status, _, err := c.try("POST", at+"/finish", "", map[string]any{"outcome": "served"}, nil)
			if err != nil {
				return
			}
			if status == http.StatusOK {
				id := current
				a.note(func() { a.done[id] = true })
			}
		}
		status, _, err := c.try("POST", at+"/next", "", nil, &got)
		if err != nil {
			return
		}
		current = got.Ticket.ID
		if status == http.StatusOK {
			a.note(func() { a.called[current] = counter })
		}
	}
}

func citizenWork(c *client, a *acked, free []slotView, i int) {
	for n := i; n < len(free); n += 4 {
		var b bookingView
		status, _, err := c.try("POST", "/api/v1/bookings", fmt.Sprintf("b%d", n),
			map[string]any{"service": "dsi-bir-renewal", "office": "dsi-main", "start": free[n].Start}, &b)
		if err != nil {
			return
		}
		if status != http.StatusCreated {
			continue
		}
		a.note(func() { a.bookings[b.ID] = b })
		var gone bookingView
		if status, _, err = c.try("DELETE", "/api/v1/bookings/"+b.ID, "", nil, &gone); err != nil {
			return
		}
		if status < 300 {
			b.State = "cancelled"
			a.note(func() { a.bookings[b.ID] = b })
		}
	}
}

// check looks for everything that was promised.
func (a *acked) check(t *testing.T, p *program) {
	t.Helper()
	kiosk := p.as("manager", "m", "dsi-main")
	numbers := map[string]string{}
	for id, was := range a.tickets {
		var now ticketView
		kiosk.must(http.StatusOK, "GET", "/api/v1/tickets/"+id, nil, &now)
		if now.Number != was.Number {
			t.Fatalf("ticket %s was %s and is %s", id, was.Number, now.Number)
		}
		if other := numbers[now.Number]; other != "" {
			t.Fatalf("number %s was given twice: %s and %s", now.Number, other, id)
		}
		numbers[now.Number] = id
		if _, called := a.called[id]; called && now.State == "waiting" {
			t.Fatalf("the call of %s was lost", now.Number)
		}
		if a.done[id] && now.State != "done" {
			t.Fatalf("the finish of %s was lost: %s", now.Number, now.State)
		}
	}
	for id, was := range a.bookings {
		c := p.as("greeter", "g", "dsi-main")
		var now bookingView
		c.must(http.StatusOK, "GET", "/api/v1/bookings/"+id, nil, &now)
		if now.Reference != was.Reference || was.State == "cancelled" && now.State != "cancelled" {
			t.Fatalf("booking %+v is now %+v", was, now)
		}
	}
}

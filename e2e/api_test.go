package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// slots asks for the free starts of a service.
func (c *client) slots(service, office, from, to string) []slotView {
	c.t.Helper()
	var got list[slotView]
	c.must(http.StatusOK, "GET", "/api/v1/services/"+service+"/slots?office="+office+"&from="+from+"&to="+to, nil, &got)
	return got.Items
}

func TestOneVisitThroughTheAPI(t *testing.T) {
	visit(t, serve(t, nil))
}

// visit is the whole journey of a booked resident and a walk-in, at one or more hubs in turn.
func visit(t *testing.T, hubs ...*program) {
	t.Helper()
	hub := func(i int) *program { return hubs[i%len(hubs)] }
	resident := hub(0).as("citizen", "demo-resident", "")
	free := resident.slots("dsi-bir-renewal", "dsi-main", "2026-11-24", "2026-11-24")
	if len(free) == 0 {
		t.Fatal("no free starts today")
	}
	var b bookingView
	resident.must(http.StatusCreated, "POST", "/api/v1/bookings",
		map[string]any{"service": "dsi-bir-renewal", "office": "dsi-main", "start": free[0].Start}, &b)
	kiosk := hub(1).as("device", "demo-kiosk", "dsi-main")
	var in struct {
		Ticket ticketView
		Print  struct{ ID, State string }
	}
	kiosk.must(http.StatusCreated, "POST", "/api/v1/check-ins", map[string]any{"code": b.Code, "office": "dsi-main"}, &in)
	if in.Ticket.State != "waiting" || in.Print.ID == "" {
		t.Fatalf("%+v", in)
	}
	var walk ticketView
	kiosk.must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "dsi-main", "service": "dsi-bir-renewal"}, &walk)
	clerk := hub(2).as("clerk", "demo-clerk", "dsi-main")
	clerk.must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-3/open", map[string]any{"queues": []string{in.Ticket.Queue}}, nil)
	var called struct {
		Ticket ticketView
		Reason json.RawMessage
	}
	for _, want := range []ticketView{in.Ticket, walk} {
		clerk.must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-3/next", map[string]any{"finish": map[string]any{"outcome": "served"}}, &called)
		if called.Ticket.ID != want.ID || called.Ticket.State != "called" || len(called.Reason) == 0 {
			t.Fatalf("called %+v, want %s", called, want.Number)
		}
		var at ticketView
		kiosk.must(http.StatusOK, "GET", "/api/v1/tickets/"+want.ID, nil, &at)
		if at.State != "called" || at.Counter != "dsi-main-3" {
			t.Fatalf("%+v", at)
		}
		clerk.must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-3/start", nil, nil)
	}
	var mine, other ticketView
	resident.must(http.StatusOK, "GET", "/api/v1/tickets/"+in.Ticket.ID, nil, &mine)
	resident.must(http.StatusNotFound, "GET", "/api/v1/tickets/"+walk.ID, nil, &other)
	clerk.must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-3/finish", map[string]any{"outcome": "served"}, nil)
	clerk.must(http.StatusNoContent, "POST", "/api/v1/counters/dsi-main-3/next", nil, nil)
}

func TestAcrossTheBorderNothingSaysWhoThePersonIs(t *testing.T) {
	p := serve(t, nil)
	const who = "a-resident-with-a-telling-subject"
	resident := p.as("citizen", who, "")
	free := resident.slots("hq-social-insurance", "hengqin", "2026-11-25", "2026-11-27")
	if len(free) == 0 {
		t.Fatal("no free starts in Hengqin")
	}
	var b bookingView
	resident.must(http.StatusCreated, "POST", "/api/v1/bookings",
		map[string]any{"service": "hq-social-insurance", "office": "hengqin", "start": free[0].Start}, &b)
	kiosk := p.as("device", "demo-kiosk-hq", "hengqin")
	status, raw, err := kiosk.try("POST", "/api/v1/check-ins", "", map[string]any{"code": b.Code, "office": "hengqin"}, nil)
	if err != nil || status != http.StatusConflict {
		t.Fatalf("a booking for another day: %d %v %s", status, err, raw)
	}
	var no problem
	if err := json.Unmarshal(raw, &no); err != nil || no.Code != "wrong_day" {
		t.Fatalf("%s", raw)
	}
	if strings.Contains(string(raw), who) || strings.Contains(string(raw), "citizen:") {
		t.Fatalf("the answer says who: %s", raw)
	}
}

package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
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

// TestAcrossTheBorderNothingSaysWhoThePersonIs books a service of Hengqin's as
// a resident of Macao and checks in there a day later; everything that the
// devices and pages across the border receive is searched for the person.
func TestAcrossTheBorderNothingSaysWhoThePersonIs(t *testing.T) {
	const who = "a-resident-with-a-telling-subject"
	data, env := t.TempDir(), []string{"VEZ_URL=http://vez.test"}
	p := serve(t, env, "--data", data)
	resident := p.as("citizen", who, "")
	free := resident.slots("hq-social-insurance", "hengqin", "2026-11-25", "2026-11-25")
	if len(free) == 0 {
		t.Fatal("no free starts in Hengqin")
	}
	var b bookingView
	resident.must(http.StatusCreated, "POST", "/api/v1/bookings",
		map[string]any{"service": "hq-social-insurance", "office": "hengqin", "start": free[0].Start}, &b)
	kiosk := p.as("device", "demo-kiosk-hq", "hengqin")
	status, raw, err := kiosk.try("POST", "/api/v1/check-ins", "", map[string]any{"code": b.Code, "office": "hengqin"}, nil)
	var no problem
	_ = json.Unmarshal(raw, &no)
	if err != nil || status != http.StatusConflict || no.Code != "wrong_day" {
		t.Fatalf("a day early: %d %v %s", status, err, raw)
	}
	heard := string(raw)
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = serve(t, env, "--data", data, "--clock", free[0].Start.Add(time.Minute).Format(time.RFC3339))
	kiosk = p.as("device", "demo-kiosk-hq", "hengqin")
	status, raw, err = kiosk.try("POST", "/api/v1/check-ins", "", map[string]any{"code": b.Code, "office": "hengqin"}, nil)
	if err != nil || status != http.StatusCreated {
		t.Fatalf("on the day: %d %v %s", status, err, raw)
	}
	heard += string(raw)
	var in struct{ Ticket ticketView }
	if err := json.Unmarshal(raw, &in); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/api/v1/tickets/" + in.Ticket.ID, "/api/v1/offices/hengqin/queues"} {
		if _, raw, err = kiosk.try("GET", path, "", nil, nil); err != nil {
			t.Fatal(err)
		}
		heard += string(raw)
	}
	page := p.page("/kiosk/hengqin")
	if !strings.Contains(page, `lang="zh-Hans"`) {
		t.Error("the kiosk of Hengqin does not begin in Simplified Chinese")
	}
	heard += page + p.page("/kiosk/hengqin/ticket/"+in.Ticket.ID) + p.page("/board/hengqin")
	if strings.Contains(heard, who) || strings.Contains(heard, "citizen:") {
		t.Fatalf("something says who the person is:\n%s", heard)
	}
}

func TestEachSideOfTheBorderKeepsItsOwnHolidays(t *testing.T) {
	p := serve(t, nil, "--clock", "2026-12-07T09:30:00+08:00")
	resident := p.as("citizen", "r", "")
	// 8 December is a holiday in Macao and a working day in Hengqin.
	if free := resident.slots("hq-social-insurance", "hengqin", "2026-12-08", "2026-12-08"); len(free) == 0 {
		t.Error("Hengqin keeps a holiday of Macao's")
	}
	if free := resident.slots("dsi-bir-renewal", "dsi-main", "2026-12-08", "2026-12-08"); len(free) != 0 {
		t.Errorf("Macao is open on its holiday: %v", free)
	}
}

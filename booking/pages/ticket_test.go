package pages

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/ticket"
	"vez/web/webtest"
)

func closeOffice(t *testing.T, h *house, day time.Time) {
	t.Helper()
	if _, err := h.Hall.CloseOffice(t.Context(), hall.Act{Actor: "manager:1"}, hall.CloseRequestOffice{
		Office: main, From: day, To: day.Add(24 * time.Hour), Reason: "typhoon"}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) issue(t *testing.T) hall.Issued {
	t.Helper()
	is, err := h.Hall.Issue(t.Context(), hall.Act{Actor: "device:k"}, hall.IssueRequest{Office: main, Service: renewal})
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func (h *house) open(t *testing.T, counter string) {
	t.Helper()
	if _, err := h.Hall.OpenCounter(t.Context(), clerk, counter, []string{"dsi-main-card"}); err != nil {
		t.Fatal(err)
	}
}

var clerk = hall.Act{Actor: "clerk:1"}

func (h *house) next(t *testing.T, counter string) hall.Desk {
	t.Helper()
	d, err := h.Hall.Next(t.Context(), clerk, counter, hall.NextRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestATicketsPageFollowsItThroughTheDay(t *testing.T) {
	h := newHouse(t)
	v := h.visitor("")
	h.open(t, "dsi-main-1")
	first, second := h.issue(t), h.issue(t)
	path := "/t/" + second.Link
	v.get(path).want(200, second.Ticket.Number, "Please wait", "Step out for 15 minutes", "noindex").lacks(first.Ticket.Number, second.Ticket.ID)
	v.submit(v.get(path), "/out").want(200, "You have stepped out", "I am back")
	v.submit(v.get(path), "/back").want(200, "Please wait")
	v.submit(v.get(path), "/out").want(409, "You have already stepped out once", "Please wait")

	h.next(t, "dsi-main-1")
	v.get("/t/"+first.Link).want(200, "hero now", "It is your turn", "counter-number")
	h.Clock.Advance(2 * time.Minute)
	_, err := h.Hall.Miss(t.Context(), clerk, "dsi-main-1")
	must(t, err)
	v.get("/t/"+first.Link).want(200, "You were called", "by 10:02")

	h.next(t, "dsi-main-1")
	_, err = h.Hall.Start(t.Context(), clerk, "dsi-main-1")
	must(t, err)
	v.get(path).want(200, "You are being served")
	_, err = h.Hall.Finish(t.Context(), clerk, "dsi-main-1", ticket.Incomplete)
	must(t, err)
	v.get(path).want(200, "Something is still missing", "Your return pass", "<svg").lacks("data-live=")
}

func TestAPlaceIsGivenUpOnlyAfterAskingOnceMore(t *testing.T) {
	h := newHouse(t)
	v := h.visitor("")
	is := h.issue(t)
	path := "/t/" + is.Link
	v.get(path+"/cancel").want(200, "Give up "+is.Ticket.Number+"?")
	v.submit(v.get(path+"/cancel"), "/cancel").want(200, ">Given up<")
	if p := v.send("POST", path+"/cancel", nil); p.status == 200 {
		t.Error("a second time")
	}
}

func TestACodeInCapitalsLeadsToThePage(t *testing.T) {
	h := newHouse(t)
	is := h.issue(t)
	p := h.visitor("").get("/T/"+is.Link).want(200, is.Ticket.Number)
	if p.path != "/t/"+is.Link {
		t.Error(p.path)
	}
	h.visitor("").get("/t/"+strings.ToLower(is.Link)).want(200, is.Ticket.Number)
	h.visitor("").get("/t/" + strings.Repeat("0", 26)).want(404)
	h.visitor("").get("/t/x").want(404)
}

func TestATicketFromAfarIsTakenActivatedAndKeptToOne(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	v := h.visitor("one")
	path := "/book/" + renewal + "/" + main
	v.get("/book/"+renewal).want(200, path+"/ticket")
	p := v.submit(v.get(path+"/ticket").want(200, "Take a ticket from where you are", "10 minutes more"), "/ticket")
	p.want(200, "On your way", "Scan this when you arrive", "<svg", "shape=remote").lacks("citizen:one")
	v.get("/my").want(200, "Tickets for today", p.path)
	v.submit(v.get(path+"/ticket"), "/ticket").want(409, "You already have a ticket for this queue today")

	tk, err := h.Hall.Read(t.Context()).TicketByLink(strings.TrimPrefix(p.path, "/t/"))
	must(t, err)
	code, err := h.Hall.TicketCode(tk)
	must(t, err)
	_, err = h.Hall.CheckIn(t.Context(), hall.Act{Actor: "device:k"}, hall.CheckInRequest{Office: main, Code: code})
	must(t, err)
	v.get(p.path).want(200, "Please wait", "shape=line").lacks("Scan this when you arrive")
	if q := h.visitor("").get(path + "/ticket"); q.status != 303 {
		t.Errorf("taken by nobody: %d", q.status)
	}
}

func TestWhyThisOrderIsAnswered(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	first, second := h.issue(t), h.issue(t)
	_, err := h.Hall.Call(t.Context(), clerk, "dsi-main-1", second.Ticket.ID, "paper_back")
	must(t, err)
	v := h.visitor("")
	v.get("/t/"+first.Link+"/why").want(200, second.Ticket.Number, "Called out of turn by staff", "is back with the missing paper", "You arrived at 09:30")
	v.get("/t/"+second.Link+"/why").want(200, "Called at 09:30 to counter 1", first.Ticket.Number)
}

// forgetful is a live hub that was started anew since a ticket's day.
type forgetful struct{ Live }

func (forgetful) Subscribe(context.Context, string, live.Filter, string) (*live.Sub, error) {
	return nil, fault.New(fault.UnknownThing, "what", "position")
}

func TestTheStreamOfYesterdaysTicketLeadsOnOnceAndStays(t *testing.T) {
	h := newHouse(t, func(d *Deps) { d.Live = forgetful{d.Live} })
	is := h.issue(t)
	base := webtest.Serve(t, h.app)
	// hears opens the stream of a page in a shape and gives its first event.
	hears := func(shape string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", base+"/live/t/"+is.Link+"?lang=en&shape="+shape, nil)
		must(t, err)
		res, err := http.DefaultClient.Do(req)
		must(t, err)
		t.Cleanup(func() { res.Body.Close() })
		if res.StatusCode != http.StatusOK {
			return res.Status
		}
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				return name
			}
		}
		t.Fatalf("%s: the stream ended: %v", shape, lines.Err())
		return ""
	}
	if got := hears("line"); got != "404 Not Found" { // of today: it comes again until the hub knows it
		t.Error(got)
	}
	h.Clock.Advance(24 * time.Hour)
	if got := hears("line"); got != "values" { // the day is not closed yet: it stands as it stood
		t.Error(got)
	}
	must(t, h.Hall.TurnDay(t.Context(), main))
	if got := hears("line"); got != "reload" {
		t.Error(got)
	}
	if got := hears("end"); got != "values" {
		t.Error(got)
	}
}

func TestTheStreamShowsTheCallAndLeadsOnWhenTheTicketEnds(t *testing.T) {
	h := newHouse(t)
	h.open(t, "dsi-main-1")
	is := h.issue(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", webtest.Serve(t, h.app)+"/live/t/"+is.Link+"?shape=line&lang=en", nil)
	must(t, err)
	res, err := http.DefaultClient.Do(req)
	must(t, err)
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	until := func(text string) string {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), text) {
				return lines.Text()
			}
		}
		t.Fatalf("the stream ended before %q: %v", text, lines.Err())
		return ""
	}
	until(`"away":false`) // also where the page said otherwise before its connection was lost
	until("Please wait")
	until(`"can_out":true`)
	h.next(t, "dsi-main-1")
	if got := until("It is your turn at counter 1"); !strings.Contains(got, `"called":true`) {
		t.Error(got)
	}
	_, err = h.Hall.Start(t.Context(), clerk, "dsi-main-1")
	must(t, err)
	until("You are being served")
	_, err = h.Hall.Finish(t.Context(), clerk, "dsi-main-1", ticket.Served)
	must(t, err)
	until("event: reload")
}

package pages_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"vez/fault"
	"vez/hall"
	"vez/kiosk/pages"
	"vez/printer"
	"vez/printer/spool"
	"vez/web"
	"vez/web/webtest"
)

// printers are the printers of a hall, as a test says they are.
type printers struct {
	seen []spool.Seen
	ring chan struct{}
}

func (p *printers) State(string) []spool.Seen { return p.seen }

func (p *printers) Trouble(office string, kind printer.Kind, by string) fault.Code {
	_, why := spool.Route(spool.Task{Job: printer.Job{Office: office, Kind: kind, By: by}}, p.seen)
	return why
}

func (p *printers) Subscribe(string) (<-chan struct{}, func()) { return p.ring, func() {} }

// twoPrinters are one by the kiosk k1 and one by the entrance.
func twoPrinters() *printers {
	roll := func(id, name string, serves ...string) spool.Seen {
		return spool.Seen{Printer: spool.Printer{ID: id, Office: "dsi-main", Name: name, Address: "tcp://192.0.2.1:9100",
			Format: printer.Roll80, Serves: serves, Confirmed: true}}
	}
	return &printers{seen: []spool.Seen{roll("p1", "Kiosk 1", "device:k1"), roll("p2", "By the entrance")}, ring: make(chan struct{}, 1)}
}

func (h *house) mark(j hall.PrintJob, state, printer string) {
	h.t.Helper()
	next := j
	next.State, next.Printer = state, printer
	if state == "moved" {
		next.Reason = "paper_out"
	}
	if ok, err := h.MarkPrint(context.Background(), j, next); err != nil || !ok {
		h.t.Fatalf("mark %s: %v, %v", state, ok, err)
	}
}

func newHouseOf(t *testing.T, p *printers) *house {
	return newHouse(t, func(_ *web.Config, d *pages.Deps) { d.Printers = p })
}

func TestTheKioskSaysWhereThePaperIs(t *testing.T) {
	for name, c := range map[string]struct{ state, printer, want, not string }{
		"queued":    {"queued", "", "It prints below", "Kiosk 1"},
		"here":      {"printing", "p1", "It prints below", "Kiosk 1"},
		"elsewhere": {"printing", "p2", "It prints at: By the entrance", "below"},
		"out there": {"printed", "p2", "take your paper at: By the entrance", "below"},
		"out here":  {"printed", "p1", "take your paper below", "entrance"},
		"folder":    {"printed", spool.BuiltIn, "take your paper below", "entrance"},
		"phone":     {"moved", "p1", "The printer is out of paper", "below"},
		"unknown":   {"unknown", "p1", "We do not know whether", "take your paper"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouseOf(t, twoPrinters())
			h.open("dsi-main-1")
			p := h.person("en")
			g := p.submit(p.get("/kiosk/dsi-main/queue/dsi-main-card"), "/queue/dsi-main-card")
			jobs, err := h.PrintJobs(context.Background(), h.only(t, "dsi-main").ID)
			if err != nil {
				t.Fatal(err)
			}
			h.mark(jobs[0], c.state, c.printer)
			body := p.get(g.path).body
			part := body[strings.Index(body, `data-live-fragment="print"`):]
			part = part[:strings.Index(part, "</div>\n")]
			if !strings.Contains(part, c.want) || strings.Contains(part, c.not) {
				t.Errorf("it says %s", part)
			}
			if asks := !strings.Contains(body, `data-live-show="asked" hidden`); asks != (c.state == "unknown") {
				t.Errorf("it asks whether the paper came out: %v", asks)
			}
		})
	}
}

func TestThePersonAnswersWhetherThePaperCameOut(t *testing.T) {
	for answer, want := range map[string]string{"yes": "printed", "no": "moved"} {
		h := newHouse(t)
		h.open("dsi-main-1")
		p := h.person("en")
		g := p.submit(p.get("/kiosk/dsi-main/queue/dsi-main-card"), "/queue/dsi-main-card")
		id := h.only(t, "dsi-main").ID
		jobs, err := h.PrintJobs(context.Background(), id)
		if err != nil {
			t.Fatal(err)
		}
		p.submit(p.get(g.path), "/came", "came", answer) // nobody asked
		if j, err := h.PrintJob(context.Background(), jobs[0].ID); err != nil || j.State != "queued" {
			t.Errorf("an answer to nothing made it %s, %v", j.State, err)
		}
		h.mark(jobs[0], "unknown", "p1")
		p.submit(p.get(g.path), "/came", "came", answer)
		all, err := h.PrintJobs(context.Background(), id)
		if err != nil || len(all) != 1 || all[0].State != want {
			t.Errorf("%s: %+v, %v", answer, all, err)
		}
	}
}

func TestTheFirstPageSaysWhenThereIsNoPaper(t *testing.T) {
	all := twoPrinters()
	h := newHouseOf(t, all)
	p := h.person("en")
	if body := p.get("/kiosk/dsi-main").body; strings.Contains(body, "out of paper") {
		t.Error("it complains of printers that are well")
	}
	all.seen[0].State.Problem = fault.PaperOut
	if body := p.get("/kiosk/dsi-main").body; !strings.Contains(body, "out of paper") || !strings.Contains(body, "Tickets print at: By the entrance") {
		t.Error("it does not say which printer stands in")
	}
	all.seen[1].State.Problem = fault.PrinterAway
	if body := p.get("/kiosk/dsi-main").body; !strings.Contains(body, "out of paper") || !strings.Contains(body, "go to your phone") {
		t.Error("it does not say that tickets go to the phone")
	}
	all.seen[0].State.Problem, all.seen[1].State.Problem = "", fault.CoverOpen
	if body := p.get("/kiosk/dsi-main").body; strings.Contains(body, "stands open") {
		t.Error("it complains of a printer that stands elsewhere")
	}
}

func TestWhoComesOnAnotherDayTakesAReminderOnPaper(t *testing.T) {
	h := newHouse(t)
	_, code := h.book("dsi-bir-renewal", "dsi-main", atDay("2026-11-26", "10:30"))
	p := h.person("en")
	g := p.scan(p.get("/kiosk/dsi-main"), code)
	if !strings.Contains(g.body, "Print a reminder") {
		t.Fatal("no reminder is offered")
	}
	paper := p.submit(g, "/reminder")
	jobs, err := h.PendingPrints(context.Background())
	if err != nil || len(jobs) != 1 || jobs[0].Kind != "reminder" || jobs[0].By != "device:k1" || jobs[0].Office != "dsi-main" {
		t.Fatalf("%+v, %v", jobs, err)
	}
	if !strings.Contains(paper.body, "It prints below") {
		t.Error("the page does not say where it comes out")
	}
	h.mark(jobs[0], "unknown", "p1")
	p.submit(p.get(paper.path), "/paper/"+jobs[0].ID, "came", "no")
	if j, err := h.PrintJob(context.Background(), jobs[0].ID); err != nil || j.State != "moved" {
		t.Errorf("%+v, %v", j, err)
	}
	// A booking of the past, or of nobody, gives none.
	old := p.get("/kiosk/dsi-main/answer/wrong_day?start=2026-11-01T10:00:00%2B08:00&booking=b1")
	if strings.Contains(old.body, "/reminder") {
		t.Error("a reminder of what is over is offered")
	}
}

func TestThePrinterThatRecoveredBeforeTheScreenListenedIsSeenToBeWell(t *testing.T) {
	h := newHouseOf(t, twoPrinters()) // all well by the time the stream opens
	base := webtest.Serve(t, h.app)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/live/kiosk/dsi-main?lang=en", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "data:"); ok && strings.Contains(text, `"paper"`) {
			if strings.Contains(text, "out of paper") {
				t.Errorf("it says %s", text)
			}
			return
		}
	}
	t.Errorf("the screen was told nothing and keeps its old news: %v", ctx.Err())
}

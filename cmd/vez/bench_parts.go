package main

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/hall"
	"vez/office"
	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/raster"
)

// connections is how many the promise speaks of.
const connections = 64

// benchOffice and its queue without a limit for walk-ins that matters.
const (
	benchAt    = "dsi-main"
	benchQueue = "dsi-main-collect"
)

// moves compares durable moves through the API with the store's own rate of
// single commits of the same rows.
func (b *bencher) moves() ([]row, error) {
	single, err := b.singleCommits()
	if err != nil {
		return nil, err
	}
	x, err := b.hub()
	if err != nil {
		return nil, err
	}
	defer x.end()
	callers, err := x.clerks(connections)
	if err != nil {
		return nil, err
	}
	got, p99, err := load(connections, b.lasts, func(i int, stop *atomic.Bool, took *[]time.Duration) error {
		for !stop.Load() {
			if err := callers[i].visit(func(call func() error) error { return timed(took, call) }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	note := fmt.Sprintf("SQLite, p99 %.1f ms at %d connections", float64(p99.Microseconds())/1000, connections)
	return []row{rate("durable moves through the HTTP API", got, single, 1, "/s", note), bound("  one of them, 99th percentile", p99, 15*time.Millisecond, "")}, nil
}

// deskCaller is a clerk at a counter.
type deskCaller struct {
	*caller
	at     string
	queue  string
	ticket string
}

// busyOffices have counters enough for all callers.
var busyOffices = []string{benchAt, "dsf-main", "iam-main"}

// clerks opens counters for n callers; each has one of its own.
func (x *benchHub) clerks(n int) ([]*deskCaller, error) {
	out := make([]*deskCaller, 0, n)
	for _, id := range busyOffices {
		queue := x.cat.QueuesOf(id)[0].ID
		for _, c := range x.cat.Office(id).Counters {
			if len(out) == n {
				return out, nil
			}
			token, err := x.token("clerk", "clerk "+c.ID, id)
			if err != nil {
				return nil, err
			}
			d := &deskCaller{caller: newCaller(x.addr, token), at: "/api/v1/counters/" + c.ID, queue: queue}
			if err := d.verb(d.at+"/open", `{"queues":["`+queue+`"]}`); err != nil {
				return nil, err
			}
			out = append(out, d)
		}
	}
	return nil, fmt.Errorf("the offices have %d counters, not %d", len(out), n)
}

// visit serves one person with eight moves.
func (d *deskCaller) visit(move func(call func() error) error) error {
	steps := []struct{ path, body string }{{"/serve", `{"queue":"` + d.queue + `"}`}}
	for range 3 {
		steps = append(steps, struct{ path, body string }{"/park", `{}`}, struct{ path, body string }{"/resume", "ticket"})
	}
	steps = append(steps, struct{ path, body string }{"/finish", `{"outcome":"served"}`})
	for _, s := range steps {
		body := s.body
		if body == "ticket" {
			body = `{"ticket":"` + d.ticket + `"}`
		}
		if err := move(func() error { return d.verb(d.at+s.path, body) }); err != nil {
			return err
		}
	}
	return nil
}

// verb makes a move and remembers the ticket of the answer.
func (d *deskCaller) verb(path, body string) error {
	status, err := d.ask("POST", path, body)
	if err != nil {
		return err
	}
	if status >= 300 {
		return fmt.Errorf("%s: %d %s", path, status, d.res.Body())
	}
	if id := ticketIn(string(d.res.Body())); id != "" {
		d.ticket = id
	}
	return nil
}

// ticketIn finds the id of a ticket in an answer.
func ticketIn(body string) string {
	return between(body, `"id":"`, `"`)
}

func between(s, from, to string) string {
	i := strings.Index(s, from)
	if i < 0 {
		return ""
	}
	s = s[i+len(from):]
	if i = strings.Index(s, to); i < 0 {
		return ""
	}
	return s[:i]
}

// reads compares live reads with an empty handler of the same framework.
func (b *bencher) reads() ([]row, error) {
	x, err := b.hub()
	if err != nil {
		return nil, err
	}
	defer x.end()
	token, err := x.token("device", "kiosk", benchAt)
	if err != nil {
		return nil, err
	}
	k := newCaller(x.addr, token)
	for range 40 {
		if status, err := k.ask("POST", "/api/v1/tickets", `{"office":"`+benchAt+`","queue":"`+benchQueue+`"}`); err != nil || status != 201 {
			return nil, errors.Join(err, fmt.Errorf("ticket: %d %s", status, k.res.Body()))
		}
	}
	id := between(string(k.res.Body()), `"id":"`, `"`)
	empty, stop, err := b.emptyHandler()
	if err != nil {
		return nil, err
	}
	defer stop()
	base, err := b.readRate(empty, "", "/")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range []struct{ what, path string }{
		{"queue figures of an office", "/api/v1/offices/" + benchAt + "/queues"},
		{"position of a ticket", "/api/v1/tickets/" + id},
	} {
		got, err := b.readRate(x.addr, token, r.path)
		if err != nil {
			return nil, err
		}
		rows = append(rows, rate("live reads: "+r.what, got, base, 0.5, "/s", "against an empty handler"))
	}
	return rows, nil
}

func (b *bencher) readRate(addr, token, path string) (float64, error) {
	got, _, err := load(16, b.lasts/2, func(_ int, stop *atomic.Bool, took *[]time.Duration) error {
		c := newCaller(addr, token)
		for !stop.Load() {
			if err := timed(took, func() error { _, err := c.ask("GET", path, ""); return err }); err != nil {
				return err
			}
		}
		return nil
	})
	return got, err
}

func (b *bencher) emptyHandler() (addr string, stop func(), err error) {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	app.Get("/", func(c *fiber.Ctx) error { return nil })
	ln, err := b.listen()
	if err != nil {
		return "", nil, err
	}
	go func() { _ = app.Listener(ln) }()
	return ln.Addr().String(), func() { _ = app.Shutdown() }, nil
}

// slots measures the calendar that a citizen sees.
func (b *bencher) slots() ([]row, error) {
	cat, err := openCatalogue(b.plain())
	if err != nil {
		return nil, err
	}
	o := cat.Office(benchAt)
	s := cat.Service("dsi-bir-renewal")
	q := cat.QueueFor(s.ID, benchAt)
	from := o.Day(morning)
	month := func(q *office.Queue, days int) int {
		n := 0
		for i := range days {
			day := from.Add(i)
			plan := booking.PlanOf(q, cat.Openings(q, day, nil), day, o.Location(), booking.BlockMinutes(cat, q))
			n += len(booking.Starts(plan, booking.Taken{}, booking.NeedOf(cat, s, q, booking.Standard, morning)))
		}
		return n
	}
	one := median(50, func() { month(q, 31) })
	many := median(10, func() {
		for range 20 {
			month(q, 90)
		}
	})
	return []row{
		bound("a month of slots for one service", one, 2*time.Millisecond, "plans reckoned anew, nothing taken"),
		bound("20 offices × 90 days", many, 10*time.Millisecond, "plans reckoned anew"),
	}, nil
}

func median(n int, do func()) time.Duration {
	took := make([]time.Duration, n)
	for i := range took {
		begun := time.Now()
		do()
		took[i] = time.Since(begun)
	}
	return quantile(took, 0.5)
}

// papers measures one ticket on paper, warm.
func (b *bencher) papers() ([]row, error) {
	x, err := b.hub()
	if err != nil {
		return nil, err
	}
	defer x.end()
	if err := x.press.Ready(); err != nil {
		return []row{{What: "one ticket as PDF", Note: "not measured: make fonts first"}}, nil
	}
	is, err := x.hall.Issue(b.ctx, hall.Act{Actor: "device:bench"}, hall.IssueRequest{Office: benchAt, Service: "dsi-bir-renewal", Lang: "en"})
	if err != nil {
		return nil, err
	}
	paper, err := x.papers.ticket(b.ctx, is.Ticket)
	if err != nil {
		return nil, err
	}
	var failed error
	drawn := func(draw func(printer.Document) error) time.Duration {
		return median(40, func() {
			doc, err := x.press.TicketOn(printer.Roll80, paper)
			if err == nil {
				err = draw(doc)
			}
			if err != nil {
				failed = err
			}
		})
	}
	pdf := drawn(func(doc printer.Document) error { _, err := doc.PDF(); return err })
	dots := drawn(func(doc printer.Document) error {
		img, err := raster.Mono(doc.Pages[0])
		if err == nil {
			_, err = escpos.Encode(img, escpos.Profile{})
		}
		return err
	})
	return []row{bound("one ticket as PDF, warm", pdf, 10*time.Millisecond, "with its layout"),
		bound("one ticket as ESC/POS dots, warm", dots, 5*time.Millisecond, "with its layout")}, failed
}

// rivals lets a thousand people ask for one place.
func (b *bencher) rivals() ([]row, error) {
	x, err := b.hub()
	if err != nil {
		return nil, err
	}
	defer x.end()
	const rivals = 1000
	var won atomic.Int64
	var wg sync.WaitGroup
	q := x.cat.Queue("dsi-main-association")
	service := q.Services[0]
	start := x.firstFree(q, service)
	begun := time.Now()
	for i := range rivals {
		wg.Go(func() {
			holder := fmt.Sprint("citizen:", i)
			_, err := x.hall.Book(b.ctx, hall.Act{Actor: holder}, hall.BookRequest{Service: service, Office: benchAt, Start: start.Start, Holder: holder})
			if err == nil {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(begun)
	if got := won.Load(); got != int64(start.Free) {
		return nil, fmt.Errorf("%d winners for %d places", got, start.Free)
	}
	return []row{{What: fmt.Sprintf("%d rivals for %d place(s): winners", rivals, start.Free), Got: float64(won.Load()), Baseline: float64(start.Free),
		Ratio: 1, Least: 1, Note: fmt.Sprintf("all answered in %d ms", took.Milliseconds())}}, nil
}

func (x *benchHub) firstFree(q *office.Queue, service string) booking.Slot {
	o := x.cat.Office(q.Office)
	s := x.cat.Service(service)
	for day := o.Day(morning).Add(1); ; day = day.Add(1) {
		plan := booking.PlanOf(q, x.cat.Openings(q, day, nil), day, o.Location(), booking.BlockMinutes(x.cat, q))
		if free := booking.Starts(plan, booking.Taken{}, booking.NeedOf(x.cat, s, q, booking.Standard, x.hall.Now())); len(free) > 0 {
			return free[0]
		}
	}
}

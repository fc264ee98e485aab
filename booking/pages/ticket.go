package pages

import (
	"context"
	"html/template"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

// pass is a ticket as its live page knows it: who has the address may look at
// it and act for it, and it says nothing about anybody.
type pass struct {
	ticket ticket.Ticket
	token  string
	office *office.Office
	queue  *office.Queue
}

// pass finds a ticket by the token of its page.
func (r *room) pass(ctx context.Context, token string) (pass, error) {
	p := pass{token: hall.ParseLink(token)}
	if len(p.token) < 20 || len(p.token) > 40 {
		return p, unknown("ticket")
	}
	var err error
	if p.ticket, err = r.byLink(ctx, p.token); err != nil {
		return p, err
	}
	p.office, p.queue = r.cat.Office(p.ticket.Office), r.cat.Queue(p.ticket.Queue)
	if p.office == nil || p.queue == nil {
		return p, unknown("ticket")
	}
	return p, nil
}

// byLink finds a ticket. While the ledger is away it is as the hub holds it: who
// waits keeps seeing their place.
func (r *room) byLink(ctx context.Context, token string) (t ticket.Ticket, err error) {
	if r.Ledger.Away().IsZero() {
		if t, err = r.Hall.Read(ctx).TicketByLink(token); err == nil {
			r.Links.keep(token, t.ID, t.Office)
		}
	} else {
		err = fault.New(fault.LedgerAway)
	}
	if fault.CodeOf(err) != fault.LedgerAway {
		return t, err
	}
	to, known := r.Links.find(token)
	if !known {
		return t, err
	}
	p, held := r.Live.Placed(ctx, to.office, to.ticket)
	if !held {
		return t, err
	}
	return *p.Ticket, nil
}

func (p pass) url() string { return "/t/" + p.token }

// The shapes of the page: within one, the live stream changes it in place.
const (
	shapeRemote = "remote" // with the code that activates the ticket
	shapeLine   = "line"
	shapeEnd    = "end" // nothing more happens
)

func shape(s ticket.State) string {
	switch {
	case s == ticket.Remote:
		return shapeRemote
	case s.Final():
		return shapeEnd
	}
	return shapeLine
}

type ticketPage struct {
	Number                   string
	URL, Stream              string
	Shape                    string
	Office, Address, Service string
	Queue, Zone              string
	Due                      time.Time
	Start                    time.Time // booked
	Place                    ticketPlace
	QR                       template.HTML
	Code, Kiosk              string // in a demonstration
	PassUntil                time.Time
	Why                      bool
	Stepped                  bool // the one step-out is used
	Notice                   *notice
	Again                    string
	Away                     time.Time // since when nothing can be saved; zero while all is well
}

// ticketPlace is what changes while one waits.
type ticketPlace struct {
	Number, Mark string
	State        ticket.State
	Outcome      ticket.Outcome
	Counter      string // label, while called or served, and where it was missed
	Zone         string
	InLine       bool // waiting or remote: ahead and window count
	Ahead        int
	Window       *live.Window
	BackBy       time.Time
	ByHolder     bool // parked by its holder
	Passed       bool
	Near         bool
	Withdrawn    bool
	Paused       bool
	Closed       bool
	Unattended   bool
	Now          time.Time
}

// Called says that the holder is to come to a counter now.
func (p ticketPlace) Called() bool { return p.State == ticket.Called }

// Key is the part of the text keys that says how it stands.
func (p ticketPlace) Key() string {
	switch {
	case p.State == ticket.Parked && p.ByHolder:
		return "out"
	case p.State == ticket.Remote && p.Passed:
		return "passed"
	case p.State == ticket.Done && p.Outcome == ticket.Incomplete:
		return "incomplete"
	}
	return string(p.State)
}

// CanOut, CanBack and CanCancel say what its holder may do.
func (p ticketPlace) CanOut(stepped bool) bool { return p.State == ticket.Waiting && !stepped }

func (p ticketPlace) CanBack() bool { return p.State == ticket.Parked && p.ByHolder }

func (p ticketPlace) CanCancel() bool {
	switch p.State {
	case ticket.Remote, ticket.Waiting, ticket.Parked, ticket.Missed, ticket.Called:
		return true
	}
	return false
}

// ticket is the live page of a ticket.
func (r *room) ticket(c *fiber.Ctx) error {
	p, err := r.pass(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	return r.showTicket(c, p, nil)
}

func (r *room) ticketInCapitals(c *fiber.Ctx) error {
	return web.Back(c, "/t/"+hall.ParseLink(c.Params("token")))
}

// refreshAfter is how often the page is loaded again where scripts are off.
const refreshAfter = 20 * time.Second

func (r *room) showTicket(c *fiber.Ctx, p pass, refused error) error {
	page, err := r.ticketPage(c, p)
	if err != nil {
		return err
	}
	// Addresses of tickets are secrets of their holders.
	c.Set("X-Robots-Tag", "noindex, nofollow")
	c.Set("Referrer-Policy", "no-referrer")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	var options []web.Option
	if refused != nil {
		page.Notice = problem(c, refused)
		options = append(options, web.Status(web.StatusOf(fault.Of(refused).Kind)))
	} else if page.Shape != shapeEnd {
		options = append(options, web.Refresh(refreshAfter))
	}
	return web.Render(c, "booking/ticket", page, options...)
}

func (r *room) ticketPage(c *fiber.Ctx, p pass) (ticketPage, error) {
	t, lang := p.ticket, web.Lang(c)
	page := ticketPage{
		Number: t.Number, URL: p.url(), Office: p.office.Name.In(lang), Address: p.office.Address.In(lang),
		Queue: p.queue.Name.In(lang), Zone: zoneName(p.office, p.queue.Zone, lang), Shape: shape(t.State),
		Stream: "/live/t/" + p.token + "?shape=" + shape(t.State), Why: r.Events != nil, Again: "/book",
	}
	if s := r.cat.Service(t.Service); s != nil && !s.RulesAt(t.Queue, t.Day).Discreet {
		page.Service, page.Again = s.Name.In(lang), "/book/"+s.ID
	}
	if t.Class == ticket.Booked || t.Class == ticket.Late {
		page.Start = t.Start.In(p.office.Location())
	}
	pos, err := r.Live.Position(c.UserContext(), t.Office, t.ID)
	if err != nil || pos.State != t.State {
		// The hub has not heard yet, or the day is over: the ledger knows the state.
		pos = ofLedger(t, p.office, p.queue, r.Hall.Now())
	}
	page.Place = r.placeOf(pos, p.office, lang)
	page.Place.Mark = mark(web.Text(c), pos.Booked)
	page.Place.ByHolder = t.SteppedOut && t.Counter == ""
	page.Stepped = t.SteppedOut
	if since := r.Ledger.Away(); !since.IsZero() {
		page.Away = since.In(p.office.Location())
	}
	return page, r.ticketCode(c, &page, t)
}

// ofLedger says what the ledger alone knows of a ticket's place.
func ofLedger(t ticket.Ticket, o *office.Office, q *office.Queue, now time.Time) live.Position {
	loc := o.Location()
	p := live.Position{
		Office: o.ID, Now: now.In(loc), Number: t.Number, State: t.State, Queue: t.Queue, Zone: q.Zone, Ahead: -1,
		Booked: t.Class == ticket.Booked || t.Class == ticket.Late || t.Class == ticket.Pass, Outcome: t.Outcome, Counter: t.Counter,
	}
	for _, desk := range o.Counters {
		if desk.ID == t.Counter {
			p.Label = desk.Label
		}
	}
	switch t.State {
	case ticket.Missed:
		p.BackBy = t.MissedAt.Add(q.RulesOn(t.Day).ReturnGrace).In(loc)
	case ticket.Parked:
		if !t.ParkedUntil.IsZero() {
			p.BackBy = t.ParkedUntil.In(loc)
		}
	}
	return p
}

// placeOf makes the changing part of the page from a position.
func (r *room) placeOf(pos live.Position, o *office.Office, lang string) ticketPlace {
	p := ticketPlace{
		Number: pos.Number, State: pos.State, Outcome: pos.Outcome, Counter: pos.Label, Zone: zoneName(o, pos.Zone, lang),
		InLine: pos.State == ticket.Waiting || pos.State == ticket.Remote, Ahead: pos.Ahead, Window: pos.Window, BackBy: pos.BackBy, Now: pos.Now,
	}
	if p.Window == nil {
		p.Window = pos.Told
	}
	for _, n := range pos.Notices {
		switch n {
		case live.NoticeSteppedOut:
			p.ByHolder = pos.Counter == ""
		case live.NoticePassed:
			p.Passed = true
		case live.NoticeNear:
			p.Near = true
		case live.NoticeWithdrawn:
			p.Withdrawn = p.InLine
		case live.NoticePaused:
			p.Paused = true
		case live.NoticeClosed:
			p.Closed = true
		case live.NoticeUnattended:
			p.Unattended = true
		}
	}
	return p
}

type textOf interface {
	T(key string, args ...any) string
}

// mark is the sign of a booked person's number, as on paper and board.
func mark(text textOf, booked bool) string {
	if !booked {
		return ""
	}
	return text.T("paper.ticket.mark")
}

func zoneName(o *office.Office, id, lang string) string {
	for _, z := range o.Zones {
		if z.ID == id {
			return z.Name.In(lang)
		}
	}
	return ""
}

// ticketCode draws what activates a remote ticket, or its return pass.
func (r *room) ticketCode(c *fiber.Ctx, page *ticketPage, t ticket.Ticket) error {
	code, err := r.Hall.TicketCode(t)
	if err != nil || code == "" {
		return err
	}
	if page.Shape == shapeEnd {
		page.PassUntil = passUntil(t).In(r.cat.Office(t.Office).Location())
	}
	if r.Demo {
		page.Code, page.Kiosk = code, "/kiosk/"+t.Office
	}
	page.QR, err = draw(code, web.Text(c).T("ticket.alt"))
	return err
}

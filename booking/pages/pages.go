package pages

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/live"
	"vez/office"
	"vez/office/search"
	"vez/ticket"
	"vez/web"
)

//go:embed all:templates assets
var files embed.FS

// Hall is the door for every change, and what is committed. *hall.Hall is one.
type Hall interface {
	// Now is house time.
	Now() time.Time
	Catalogue() *office.Catalogue
	Read(ctx context.Context) hall.Reader

	Book(ctx context.Context, act hall.Act, r hall.BookRequest) (booking.Booking, error)
	ExtendHold(ctx context.Context, act hall.Act, id, holder string) (booking.Booking, error)
	Confirm(ctx context.Context, act hall.Act, id, holder string) (booking.Booking, error)
	CancelBooking(ctx context.Context, act hall.Act, id, holder string, staff bool) (booking.Booking, error)
	Reschedule(ctx context.Context, act hall.Act, id, holder string, r hall.RescheduleRequest) (booking.Booking, error)
	BookingCode(b booking.Booking) (string, error)

	Issue(ctx context.Context, act hall.Act, r hall.IssueRequest) (hall.Issued, error)
	TicketCode(t ticket.Ticket) (string, error)
	StepOut(ctx context.Context, act hall.Act, id string) (ticket.Ticket, error)
	ComeBack(ctx context.Context, act hall.Act, id string) (ticket.Ticket, error)
	CancelTicket(ctx context.Context, act hall.Act, id string) (ticket.Ticket, error)
}

// Live is what goes on in the halls. *live.Hub is one.
type Live interface {
	State(ctx context.Context, office string) (office.State, error)
	Queues(ctx context.Context, office string) (live.Queues, error)
	Position(ctx context.Context, office, ticket string) (live.Position, error)
	Placed(ctx context.Context, office, ticket string) (live.Placed, bool)
	Active(office string, since uint64) (tickets []string, version uint64)
	Subscribe(ctx context.Context, office string, f live.Filter, lastID string) (*live.Sub, error)
}

// Cells reads which places of queues are taken, one byte a cell, without
// asking the ledger. An error means that the ledger must be asked.
type Cells interface {
	CellsOf(ctx context.Context, queues []string, days []office.Day) (map[string]map[office.Day][]byte, error)
}

// Events lists an office's events after a sequence number, in order, at most limit.
type Events interface {
	After(ctx context.Context, office string, seq int64, limit int) ([]event.Event, error)
}

// Ledger tells since when nothing can be saved, in house time; zero while all is
// well. The bell rings when that changes; cancel it.
type Ledger interface {
	Away() time.Time
	Subscribe() (bell <-chan struct{}, cancel func())
}

// ever is a ledger that is never away.
type ever struct{}

func (ever) Away() time.Time                             { return time.Time{} }
func (ever) Subscribe() (bell <-chan struct{}, _ func()) { return nil, func() {} }

// Deps is what the pages stand on. Hall and Live are needed.
type Deps struct {
	Hall Hall
	Live Live
	// Cells may be nil: then calendars ask the ledger.
	Cells Cells
	// Events answers "why this order?"; nil: the page is not offered.
	Events Events
	// Reminders lists what people are reminded of; nil: there is no memo list.
	Reminders Reminders
	// Contacts keep addresses for reminders by e-mail; nil: there are none.
	Contacts Contacts
	// Email gives the verified address with which the citizen of a request has
	// signed in; nil: nobody has one.
	Email func(c *fiber.Ctx) (address string, ok bool)
	// Slip makes a booking's slip as PDF in a language; nil: no slip is offered.
	Slip func(b booking.Booking, lang string) ([]byte, error)
	// Allow bounds what one network may do: n at once and n in every per;
	// refused, it says how long to wait. nil: no bound, as on a demonstration.
	Allow func(ctx context.Context, key string, n int, per time.Duration) (ok bool, wait time.Duration)
	// Ledger tells of its absence; nil: it is never away.
	Ledger Ledger
	// Links open the pages of tickets while the ledger is away; nil: those that were opened before.
	Links *Links
	// Speed of the house clock, for countdowns; 0 means 1.
	Speed float64
	// Demo shows how to try the whole journey, at these offices; none: those of Popular's first service.
	Demo        bool
	DemoOffices []string
	// Popular are the services on the front page; nil: those of the sample catalogue.
	Popular []string
}

// room is the registered pages.
type room struct {
	Deps
	app     *web.App
	cat     *office.Catalogue
	index   *search.Index
	popular []*office.Service
}

// Register adds the pages, their templates and assets to the application.
func Register(app *web.App, d Deps) error {
	if d.Hall == nil || d.Live == nil {
		return errors.New("booking/pages: Deps.Hall and Deps.Live are needed")
	}
	if err := app.Pages("booking", files, "templates"); err != nil {
		return err
	}
	if err := app.Assets("booking", files, "assets"); err != nil {
		return err
	}
	if d.Speed == 0 {
		d.Speed = 1
	}
	if d.Popular == nil {
		d.Popular = popular
	}
	if d.Ledger == nil {
		d.Ledger = ever{}
	}
	if d.Links == nil {
		d.Links = NewLinks(d.Hall, d.Live)
	}
	r := &room{Deps: d, app: app, cat: d.Hall.Catalogue()}
	r.index = search.New(r.cat)
	for _, id := range d.Popular {
		if s := r.cat.Service(id); s != nil {
			r.popular = append(r.popular, s)
		}
	}
	r.routes()
	return nil
}

func (r *room) routes() {
	get := func(path string, who web.Audience, h fiber.Handler) {
		r.app.Handle(web.Route{Method: "GET", Path: path, Audience: who, Handler: h})
	}
	post := func(path string, who web.Audience, h fiber.Handler) {
		r.app.Handle(web.Route{Method: "POST", Path: path, Audience: who, Handler: h})
	}
	get("/", web.Public, r.front)
	get("/privacy", web.Public, r.privacy)
	get("/accessibility", web.Public, r.accessibility)

	get("/book", web.Public, r.find)
	get("/book/hold/:id", web.Public, r.showHold)
	post("/book/hold/:id/extend", web.Public, r.extend)
	post("/book/hold/:id/release", web.Public, r.release)
	post("/book/hold/:id/confirm", web.Citizen, r.confirm)
	get("/book/:service", web.Public, r.service)
	get("/book/:service/:office", web.Public, r.days)
	post("/book/:service/:office", web.Public, r.hold)
	get("/book/:service/:office/ticket", web.Citizen, r.remote)
	post("/book/:service/:office/ticket", web.Citizen, r.take)
	get("/book/:service/:office/:day", web.Public, r.times)

	get("/my", web.Citizen, r.mine)
	get("/my/memo", web.Citizen, r.memo)
	post("/my/memo/mail", web.Citizen, r.setMail)
	get("/my/:id", web.Citizen, r.show)
	get("/my/:id/code.png", web.Citizen, r.codePicture)
	get("/my/:id/slip.pdf", web.Citizen, r.slip)
	get("/my/:id/visit.ics", web.Citizen, r.calendar)
	get("/my/:id/change", web.Citizen, r.changeDays)
	post("/my/:id/change", web.Citizen, r.change)
	get("/my/:id/change/:day", web.Citizen, r.changeTimes)
	get("/my/:id/cancel", web.Citizen, r.askCancel)
	post("/my/:id/cancel", web.Citizen, r.cancel)

	get("/t/:token", web.Public, r.ticket)
	// The code on paper is in capitals, so that it stays small.
	get("/T/:token", web.Public, r.ticketInCapitals)
	get("/live/t/:token", web.Public, r.ticketStream)
	get("/t/:token/why", web.Public, r.why)
	post("/t/:token/out", web.Public, r.stepOut)
	post("/t/:token/back", web.Public, r.comeBack)
	get("/t/:token/cancel", web.Public, r.askCancelTicket)
	post("/t/:token/cancel", web.Public, r.cancelTicket)
}

// citizen is the pseudonym of who is signed in as a resident, "" for anybody else.
func citizen(c *fiber.Ctx) string {
	if who := web.Who(c); who.Is("citizen") && strings.HasPrefix(who.ID, "citizen:") {
		return who.ID
	}
	return ""
}

// act says who acts, under the idempotency key of the form. More is what of
// the form the answer depends on, where one form has several buttons.
func act(c *fiber.Ctx, more ...string) hall.Act {
	a := hall.Act{Actor: citizen(c)}
	if a.Actor == "" {
		a.Actor = "citizen:guest"
	}
	if key := web.Key(c); key != "" {
		body := sha256.Sum256(c.Body())
		a.Key = event.Key{
			Principal: a.Actor, Route: c.Method() + " " + c.Path(), Key: strings.Join(append([]string{key}, more...), "/"),
			BodyHash: hex.EncodeToString(body[:]),
		}
	}
	return a
}

// slow refuses a network that does something too often. Its address is not kept.
func (r *room) slow(c *fiber.Ctx, what string, n int, per time.Duration) error {
	if r.Allow == nil {
		return nil
	}
	from := sha256.Sum256([]byte(what + web.Network(c)))
	ok, wait := r.Allow(c.UserContext(), what+":"+hex.EncodeToString(from[:12]), n, per)
	if ok {
		return nil
	}
	return fault.New(fault.TooOften, "seconds", int(wait/time.Second)+1)
}

// unknown is the answer to an address that names nothing, or nothing of theirs.
func unknown(what string) error { return fault.New(fault.UnknownThing, "what", what) }

// notice is a message in a page; see the component of that name.
type notice struct{ Title, Text, Tone, URL, Link string }

// problem tells a fault inside a page.
func problem(c *fiber.Ctx, err error) *notice {
	title, text := web.FaultText(web.Text(c), err)
	return &notice{Title: title, Text: text, Tone: "bad"}
}

// tellable says whether a fault is an answer to what the person asked, to be
// told where they stand; anything else goes to the fault page.
func tellable(err error) bool {
	switch fault.Of(err).Kind {
	case fault.Conflict, fault.Invalid, fault.Gone:
		return true
	}
	return false
}

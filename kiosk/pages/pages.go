package pages

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/live"
	"vez/office"
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
	Ticket(ctx context.Context, id string) (ticket.Ticket, error)
	CheckIn(ctx context.Context, act hall.Act, r hall.CheckInRequest) (hall.Issued, error)
	Issue(ctx context.Context, act hall.Act, r hall.IssueRequest) (hall.Issued, error)
	ComeBack(ctx context.Context, act hall.Act, id string) (ticket.Ticket, error)
	Reprint(ctx context.Context, act hall.Act, ticketID string, large bool) (hall.PrintJob, error)
	AskPaper(ctx context.Context, act hall.Act, r hall.PaperRequest) (hall.PrintJob, error)
	AnswerPaper(ctx context.Context, act hall.Act, jobID string, cameOut bool) (hall.PrintJob, error)
	PrintJob(ctx context.Context, id string) (hall.PrintJob, error)
	PrintJobs(ctx context.Context, ref string) ([]hall.PrintJob, error)
}

// Live is what goes on in the halls. *live.Hub is one.
type Live interface {
	State(ctx context.Context, office string) (office.State, error)
	Queues(ctx context.Context, office string) (live.Queues, error)
	Position(ctx context.Context, office, ticket string) (live.Position, error)
	Subscribe(ctx context.Context, office string, f live.Filter, lastID string) (*live.Sub, error)
}

// Ledger tells since when nothing can be saved, in house time; zero while all is
// well. The bell rings when that changes; cancel it.
type Ledger interface {
	Away() time.Time
	Subscribe() (bell <-chan struct{}, cancel func())
}

// Deps is what the pages stand on. Hall and Live are needed.
type Deps struct {
	Hall Hall
	Live Live
	// Printers tells of trouble with paper; nil: nothing is known of it.
	Printers Printers
	// Ledger tells of its absence; nil: it is never away.
	Ledger Ledger
	// Machine is the clock that the state of the printer is asked by; default: the real one.
	Machine clockwork.Clock
	// Log takes what failed behind a page; default: none.
	Log *slog.Logger
	// Demo shows a field to paste a code into, for who has no scanner, and
	// begins in the language of the browser.
	Demo bool
}

// room is the registered pages.
type room struct {
	Deps
	app   *web.App
	cat   *office.Catalogue
	index *index
}

// Register adds the pages, their templates and assets to the application.
func Register(app *web.App, d Deps) error {
	if d.Hall == nil || d.Live == nil {
		return errors.New("kiosk/pages: Deps.Hall and Deps.Live are needed")
	}
	if err := app.Pages("kiosk", files, "templates"); err != nil {
		return err
	}
	if err := app.Assets("kiosk", files, "assets"); err != nil {
		return err
	}
	if d.Machine == nil {
		d.Machine = clockwork.NewRealClock()
	}
	if d.Log == nil {
		d.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if d.Ledger == nil {
		d.Ledger = ever{}
	}
	r := &room{Deps: d, app: app, cat: d.Hall.Catalogue()}
	r.index = newIndex(r.cat)
	r.routes()
	return nil
}

func (r *room) routes() {
	for _, route := range []struct {
		method, path string
		show         func(*fiber.Ctx, *visit) error
	}{
		{"GET", "", r.home},
		{"GET", "/booking", r.booking},
		{"GET", "/booking/type", r.typing},
		{"POST", "/booking/type", r.typed},
		{"GET", "/return", r.comeBackDoor},
		{"GET", "/help", r.help},
		{"POST", "/check-in", r.checkIn},
		{"GET", "/answer/:code", r.answer},
		{"GET", "/take", r.take},
		{"GET", "/services", r.services},
		{"GET", "/queue/:queue", r.queue},
		{"POST", "/queue/:queue", r.issue},
		{"GET", "/needs", r.needs},
		{"GET", "/ticket/:ticket", r.ticket},
		{"POST", "/ticket/:ticket/print", r.reprint},
		{"POST", "/ticket/:ticket/back", r.comeBack},
		{"POST", "/reminder", r.remind},
		{"GET", "/paper/:job", r.paperPage},
		{"POST", "/paper/:job", r.paperCame},
		{"POST", "/ticket/:ticket/came", r.ticketCame},
	} {
		r.app.Handle(web.Route{Method: route.method, Path: "/kiosk/:office" + route.path, Audience: web.Device("kiosk"),
			Layout: "kiosk", Handler: r.at(route.show)})
	}
	for path, stream := range map[string]fiber.Handler{
		"/live/kiosk/:office": r.homeStream, "/live/kiosk/:office/:ticket": r.ticketStream, "/live/kiosk/:office/paper/:job": r.paperStream,
	} {
		r.app.Handle(web.Route{Method: "GET", Path: path, Audience: web.Device("kiosk"), Layout: "kiosk", Handler: stream})
	}
}

// at finds the office of a request and tells what goes wrong in the kiosk's own
// words: its fault page leads back to this kiosk's start and nowhere else.
func (r *room) at(show func(*fiber.Ctx, *visit) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		o, err := r.officeOf(c)
		if err != nil {
			return err
		}
		v := r.visit(c, o)
		c.Set(fiber.HeaderCacheControl, "no-store")
		err = show(c, v)
		if err == nil {
			return nil
		}
		f := fault.Of(err)
		if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			r.Log.Error("kiosk", "ref", web.Ref(c), "why", err)
		}
		return r.trouble(c, v, err)
	}
}

// officeOf is the office of a request, if the device may stand there.
func (r *room) officeOf(c *fiber.Ctx) (*office.Office, error) {
	o := r.cat.Office(c.Params("office"))
	if o == nil {
		return nil, fault.New(fault.UnknownThing, "what", "office")
	}
	if !identity.Of(c).May(identity.Device, o.ID) {
		return nil, fault.New(fault.NotAllowed)
	}
	return o, nil
}

// act says who acts, under the idempotency key of the form. What was scanned
// belongs to the key: another scan on the same page is another act.
func act(c *fiber.Ctx) hall.Act {
	a := hall.Act{Actor: web.Who(c).ID}
	if key := web.Key(c); key != "" {
		sum := sha256.Sum256(c.Body())
		body := hex.EncodeToString(sum[:])
		a.Key = event.Key{Principal: a.Actor, Route: c.Method() + " " + c.Path(), Key: key + "/" + body[:16], BodyHash: body}
	}
	return a
}

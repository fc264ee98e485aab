package admin

import (
	"context"
	"embed"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/hall"
	"vez/identity"
	"vez/live"
	"vez/may"
	"vez/office"
	"vez/web"
)

//go:embed all:templates assets
var files embed.FS

// Hall is the door for what concerns an office as a whole. *hall.Hall is one.
type Hall interface {
	// Now is house time.
	Now() time.Time
	Catalogue() *office.Catalogue
	Read(ctx context.Context) hall.Reader
	CloseCounter(ctx context.Context, act hall.Act, counter string, r hall.CloseRequest) (hall.Desk, error)
	PauseHall(ctx context.Context, act hall.Act, office, reason string) (office.State, error)
	ResumeHall(ctx context.Context, act hall.Act, office string) (office.State, error)
	CloseOffice(ctx context.Context, act hall.Act, r hall.CloseRequestOffice) (hall.Closed, error)
	// PendingPrints lists what is queued or printing, in all offices.
	PendingPrints(ctx context.Context) ([]hall.PrintJob, error)
	// PrintJobs lists the papers of a ticket, booking, printer or day of letters.
	PrintJobs(ctx context.Context, ref string) ([]hall.PrintJob, error)
	AskPaper(ctx context.Context, act hall.Act, r hall.PaperRequest) (hall.PrintJob, error)
}

// Live gives figures and rings when something changed. *live.Hub is one.
type Live interface {
	Queues(ctx context.Context, office string) (live.Queues, error)
	Counters(ctx context.Context, office string) (live.Counters, error)
	Subscribe(ctx context.Context, office string, f live.Filter, lastID string) (*live.Sub, error)
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

// Devices lets kiosks and boards in and out. *identity.Service is one.
type Devices interface {
	Devices(ctx context.Context, office string) ([]identity.Paired, error)
	Look(ctx context.Context, by identity.Principal, code string) (identity.Asked, error)
	Confirm(ctx context.Context, by identity.Principal, code, office, name string) error
	Unpair(ctx context.Context, by identity.Principal, id string) error
}

// Deps is what the pages stand on. Hall, Live and Devices are needed; where
// Printers, Papers or Reminders is nil, its pages are not there.
type Deps struct {
	Hall    Hall
	Live    Live
	Devices Devices
	// Ledger tells of its absence; nil: it is never away.
	Ledger Ledger
	// Staff who are signed in; nil: the page is not there.
	Staff Staff
	// Printers of the offices.
	Printers Printers
	// Papers as they are printed, for previews.
	Papers Papers
	// Lost are the papers that did not come out; nil: nobody is told of them there.
	Lost Lost
	// Reminders as the ledger has them.
	Reminders Reminders
	// Check reaches for the printer at an address and tells what stands in the
	// way; an *ipp.CertificateError when its certificate is not trusted. nil: CheckPrinter.
	Check func(ctx context.Context, address string) error
	// Machine is the clock of heartbeats; nil: the real one.
	Machine clockwork.Clock
	// Speed of the house clock, for timers; 0 means 1.
	Speed float64
}

// room is the registered pages.
type room struct {
	Deps
	app     *web.App
	lost    lostPapers
	drawing chan struct{} // bounds how many previews are drawn at once
}

// keepers are everybody who may look; what they may do is checked by the handlers.
var keepers = web.Staff("manager", "admin", "auditor")

// Register adds the pages and acts of management to the app.
func Register(app *web.App, d Deps) error {
	if d.Machine == nil {
		d.Machine = clockwork.NewRealClock()
	}
	if d.Speed == 0 {
		d.Speed = 1
	}
	if d.Ledger == nil {
		d.Ledger = ever{}
	}
	if d.Check == nil {
		d.Check = CheckPrinter
	}
	r := &room{Deps: d, app: app, drawing: make(chan struct{}, drawAtOnce)}
	if err := app.Pages("admin", files, "templates"); err != nil {
		return err
	}
	if err := app.Assets("admin", files, "assets"); err != nil {
		return err
	}
	get := func(path string, h fiber.Handler) {
		app.Handle(web.Route{Method: fiber.MethodGet, Path: path, Audience: keepers, Layout: "staff", Handler: h})
	}
	get("/admin", r.choose)
	get("/admin/offices/:office", r.show)
	get("/admin/offices/:office/live", r.live)
	for name, a := range acts {
		app.Handle(web.Route{Method: fiber.MethodPost, Path: "/admin/offices/:office/" + name, Audience: keepers, Layout: "staff",
			Handler: r.act(name, a)})
	}
	post := func(path string, h fiber.Handler) {
		app.Handle(web.Route{Method: fiber.MethodPost, Path: path, Audience: keepers, Layout: "staff", Handler: h})
	}
	r.staffRoutes(get)
	r.printerRoutes(get, post)
	r.paperRoutes(get, post)
	r.reminderRoutes(get, post)
	return nil
}

// add registers a handler for a path.
type add func(path string, h fiber.Handler)

// place is an office, and what the visitor may do there.
type place struct {
	who    identity.Principal
	office *office.Office
	cat    *office.Catalogue
	// Manages the hall as a whole, which is its host department's; pairs devices.
	Manages, Pairs bool
}

// place finds the office of a request and refuses who has nothing to look for there.
func (r *room) place(c *fiber.Ctx) (place, error) {
	cat := r.Hall.Catalogue()
	p := place{who: identity.Of(c), office: cat.Office(c.Params("office")), cat: cat}
	if p.office == nil {
		return p, fault.New(fault.UnknownThing, "what", "office")
	}
	if !looks(p.who, p.office.ID) {
		return p, fault.New(fault.NotAllowed)
	}
	p.Manages = may.ManageHall(cat, p.who, p.office.ID)
	p.Pairs = p.who.May(identity.Manager, p.office.ID) || p.who.May(identity.Admin, p.office.ID)
	return p, nil
}

// looks tells whether somebody may see an office's page.
func looks(who identity.Principal, officeID string) bool {
	return who.May(identity.Auditor, officeID) // managers and admins are auditors too
}

func pathOf(officeID string) string { return "/admin/offices/" + officeID }

package pages

import (
	"context"
	"embed"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/event"
	"vez/hall"
	"vez/live"
	"vez/office"
	"vez/ticket"
	"vez/web"
)

//go:embed all:templates assets
var files embed.FS

// Hall is the door for every move, and what is committed. *hall.Hall is one.
type Hall interface {
	// Now is house time.
	Now() time.Time
	Catalogue() *office.Catalogue
	Read(ctx context.Context) hall.Reader

	OpenCounter(ctx context.Context, act hall.Act, counter string, queues []string) (hall.Desk, error)
	CloseCounter(ctx context.Context, act hall.Act, counter string, r hall.CloseRequest) (hall.Desk, error)
	Break(ctx context.Context, act hall.Act, counter, reason string, back time.Time) (hall.Desk, error)
	Back(ctx context.Context, act hall.Act, counter string) (hall.Desk, error)

	Next(ctx context.Context, act hall.Act, counter string, r hall.NextRequest) (hall.Desk, error)
	Call(ctx context.Context, act hall.Act, counter, ticket, reason string) (hall.Desk, error)
	Recall(ctx context.Context, act hall.Act, counter string) (hall.Desk, error)
	Start(ctx context.Context, act hall.Act, counter string) (hall.Desk, error)
	StartMissed(ctx context.Context, act hall.Act, counter, ticket string) (hall.Desk, error)
	ThisOneIsHere(ctx context.Context, act hall.Act, counter, ticket string) (hall.Desk, error)
	ServeHere(ctx context.Context, act hall.Act, counter string, r hall.ServeRequest) (hall.Desk, error)
	TakeOver(ctx context.Context, act hall.Act, counter, ticket string) (hall.Desk, error)

	Finish(ctx context.Context, act hall.Act, counter string, outcome ticket.Outcome) (hall.Desk, error)
	Continue(ctx context.Context, act hall.Act, counter, service string) (hall.Desk, error)
	Miss(ctx context.Context, act hall.Act, counter string) (hall.Desk, error)
	Park(ctx context.Context, act hall.Act, counter string, minutes int) (hall.Desk, error)
	Resume(ctx context.Context, act hall.Act, counter, ticket string) (hall.Desk, error)
	Return(ctx context.Context, act hall.Act, counter, ticket string) (hall.Desk, error)
	Transfer(ctx context.Context, act hall.Act, counter string, r hall.TransferRequest) (hall.Desk, error)
	Reopen(ctx context.Context, act hall.Act, counter, ticket string) (hall.Desk, error)
	Undo(ctx context.Context, act hall.Act, counter string) (hall.Desk, error)

	ChangeTicket(ctx context.Context, act hall.Act, ticket string, r hall.ChangeRequest) (ticket.Ticket, error)
	CancelTicket(ctx context.Context, act hall.Act, ticket string) (ticket.Ticket, error)
	Unserve(ctx context.Context, act hall.Act, ticket string) (ticket.Ticket, error)
	AskPaper(ctx context.Context, act hall.Act, r hall.PaperRequest) (hall.PrintJob, error)
}

// Live rings when something changed, and knows which consoles are silent. *live.Hub is one.
type Live interface {
	Counters(ctx context.Context, office string) (live.Counters, error)
	Subscribe(ctx context.Context, office string, f live.Filter, lastID string) (*live.Sub, error)
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

// Deps is what the console stands on. Hall and Live are needed.
type Deps struct {
	Hall Hall
	Live Live
	// Machine is the clock of undo and heartbeats; nil: the real one.
	Machine clockwork.Clock
	// Touch notes a sign of a counter's console; nil: nobody is told. Its error
	// is of no consequence: the next sign is not far.
	Touch func(ctx context.Context, office, counter string) error
	// Events tells why a ticket was called when another hub called it, or this
	// one before it was started anew; nil: then only what the ticket itself tells.
	Events Events
	// Ledger tells of its absence; nil: it is never away.
	Ledger Ledger
	// Speed of the house clock, for countdowns; 0 means 1.
	Speed float64
}

// room is the registered pages.
type room struct {
	Deps
	app    *web.App
	whys   whys
	floors floors
}

// clerks are everybody who may come to the console; where they may work is
// checked by the handlers. Reception finds there what it can do instead.
var clerks = web.Staff("clerk", "greeter", "manager")

// Register adds the console's pages, verbs and stream to the app.
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
	r := &room{Deps: d, app: app}
	r.floors.read = r.readFloor
	if err := app.Pages("counter", files, "templates"); err != nil {
		return err
	}
	if err := app.Assets("counter", files, "assets"); err != nil {
		return err
	}
	get := func(path string, h fiber.Handler) {
		app.Handle(web.Route{Method: fiber.MethodGet, Path: path, Audience: clerks, Layout: "staff", Handler: h})
	}
	get("/counter", r.choose)
	get("/counter/:counter", r.console)
	get("/counter/:counter/live", r.live)
	for name, v := range verbs {
		app.Handle(web.Route{Method: fiber.MethodPost, Path: "/counter/:counter/" + name, Audience: clerks, Layout: "staff",
			Handler: r.act(name, v)})
	}
	return nil
}

// pathOf is the console of a counter.
func pathOf(counter string) string { return "/counter/" + counter }

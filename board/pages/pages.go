package pages

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/identity"
	"vez/live"
	"vez/office"
	"vez/web"
)

//go:embed all:templates assets
var files embed.FS

// Live is what goes on in the halls. *live.Hub is one.
type Live interface {
	Board(ctx context.Context, office, zone string) (live.Board, error)
	Subscribe(ctx context.Context, office string, f live.Filter, lastID string) (*live.Sub, error)
}

// Ledger tells since when nobody can be called, in house time; zero while all is
// well. The bell rings when that changes; cancel it.
type Ledger interface {
	Away() time.Time
	Subscribe() (bell <-chan struct{}, cancel func())
}

// ever is a ledger that is never away.
type ever struct{}

func (ever) Away() time.Time                             { return time.Time{} }
func (ever) Subscribe() (bell <-chan struct{}, _ func()) { return nil, func() {} }

// Deps is what the pages stand on. Catalogue and Live are needed.
type Deps struct {
	Catalogue *office.Catalogue
	Live      Live
	// Ledger tells of its absence; nil: it is never away.
	Ledger Ledger
	// Machine is the clock by which labels change their language; default: the real one.
	Machine clockwork.Clock
	// Speed of the house clock, for the clock on the board; 0 means 1.
	Speed float64
	// Painted is told the sequence number of the last event that a board has
	// shown, about every half minute; nil: nobody wants to know.
	Painted func(c *fiber.Ctx, seq int64) error
}

// room is the registered pages.
type room struct {
	Deps
	app *web.App
}

// Register adds the pages, their templates and assets to the application.
func Register(app *web.App, d Deps) error {
	if d.Catalogue == nil || d.Live == nil {
		return errors.New("board/pages: Deps.Catalogue and Deps.Live are needed")
	}
	if err := app.Pages("board", files, "templates"); err != nil {
		return err
	}
	if err := app.Assets("board", files, "assets"); err != nil {
		return err
	}
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
	for _, route := range []web.Route{
		{Method: "GET", Path: "/board/:office", Handler: r.show},
		{Method: "POST", Path: "/board/:office/painted", Handler: r.painted},
		{Method: "GET", Path: "/live/board/:office", Handler: r.stream},
	} {
		route.Audience, route.Layout = web.Device("board"), "board"
		app.Handle(route)
	}
	return nil
}

// place finds the office and the zone of a request, if the device may hang there.
func (r *room) place(c *fiber.Ctx) (*office.Office, string, error) {
	o := r.Catalogue.Office(c.Params("office"))
	if o == nil {
		return nil, "", fault.New(fault.UnknownThing, "what", "office")
	}
	if !identity.Of(c).May(identity.Device, o.ID) {
		return nil, "", fault.New(fault.NotAllowed)
	}
	zone := c.Query("zone")
	if zone == "" {
		return o, "", nil
	}
	for _, z := range o.Zones {
		if z.ID == zone {
			return o, zone, nil
		}
	}
	return nil, "", fault.New(fault.UnknownThing, "what", "zone")
}

// paintedBody is what a board tells of itself.
type paintedBody struct {
	At string `json:"at"` // the id of the last event it has shown
}

// painted takes a board's sign of life: POST /board/{office}/painted {at}.
func (r *room) painted(c *fiber.Ctx) error {
	if _, _, err := r.place(c); err != nil {
		return err
	}
	var body paintedBody
	if err := c.BodyParser(&body); err != nil {
		return fault.New(fault.BadRequest, "what", "body").Because(err)
	}
	_, seq, ok := live.ParseID(body.At)
	if !ok {
		return fault.New(fault.InvalidField, "field", "at", "why", "form")
	}
	if r.Painted != nil {
		if err := r.Painted(c, seq); err != nil {
			return err
		}
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// refreshEvery is how often a browser without scripts loads the board again.
const refreshEvery = 10 * time.Second

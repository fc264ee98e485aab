package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/booking"
	"vez/event"
	"vez/hall"
	"vez/identity"
	"vez/live"
	"vez/office"
	"vez/office/search"
	"vez/web"
)

// Prefix is where the operations are.
const Prefix = "/api/v1"

// Identity is what the API asks about people and devices; *identity.Service is one.
type Identity interface {
	// Everyone lists the principals of a request: of a bearer token one, of
	// cookies one for each session.
	Everyone(c *fiber.Ctx) ([]identity.Principal, error)
	// DemoToken makes a bearer token to try the API with.
	DemoToken(ctx context.Context, r identity.TokenRequest) (token string, expires time.Time, err error)
	// Heartbeat notes what a device says of itself.
	Heartbeat(ctx context.Context, who identity.Principal, b identity.Beat) error
}

// Live is what the API asks about halls as they are now; *live.Hub is one.
type Live interface {
	// State of an office, also while the ledger is away.
	State(ctx context.Context, office string) (office.State, error)
	Queues(ctx context.Context, office string) (live.Queues, error)
	Position(ctx context.Context, office, ticket string) (live.Position, error)
	Line(ctx context.Context, office string, queues ...string) (live.Line, error)
	Counters(ctx context.Context, office string) (live.Counters, error)
	// Placed gives a ticket of an office's day with its position; false when the hub does not have it.
	Placed(ctx context.Context, office, ticket string) (live.Placed, bool)
	// Newest tells whether the hub holds all that the ledger has of an office, asked of it now.
	Newest(ctx context.Context, office string) bool
	// Head is how far the snapshot of an office has come.
	Head(ctx context.Context, office string) (event.Head, error)
}

// Config is what the API is made of. Hall, Live and Identity are needed.
type Config struct {
	Hall     *hall.Hall
	Live     Live
	Identity Identity
	// Cells gives occupied places for many days at once; nil: the ledger is read.
	Cells Cells
	// Slip makes slip.pdf of a booking, for a reader of lang; nil: such requests are answered fonts_missing.
	Slip func(b booking.Booking, lang string) ([]byte, error)
	// Machine is the clock of the program; the real one when nil.
	Machine clockwork.Clock
	// Demo registers the operation that gives tokens.
	Demo bool
	// Version of the program, for the document.
	Version string
	// Log hears of our own mistakes; nil: nobody.
	Log *slog.Logger
}

// API answers programs. Make it with Register.
type API struct {
	Config
	app   *web.App
	huma  huma.API
	cat   *office.Catalogue
	index *search.Index
	etag  string // of the catalogue
	fresh *fresh
	kept  *kept
	ops   []*operation
}

// Register builds the API on an app. It must come after the app's middleware
// and before its first request.
func Register(app *web.App, cfg Config) (*API, error) {
	if cfg.Hall == nil || cfg.Live == nil || cfg.Identity == nil {
		return nil, errors.New("api: a hall, a live hub and an identity service are needed")
	}
	if cfg.Machine == nil {
		cfg.Machine = clockwork.NewRealClock()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	a := &API{Config: cfg, app: app, cat: cfg.Hall.Catalogue()}
	a.index, a.etag, a.fresh = search.New(a.cat), etagOf(a.cat), newFresh(cfg.Machine)
	a.kept = newKept()
	app.Mount(Prefix, web.Public)
	a.huma = humafiber.New(app.Fiber(), a.document())
	a.huma.UseMiddleware(a.enter)
	for _, room := range []func(*API){catalogue, halls, bookings, tickets, counters, devices} {
		room(a)
	}
	if cfg.Demo {
		demo(a)
	}
	heads(app.Fiber())
	return a, a.pages()
}

// heads answers HEAD where an operation answers GET, as the pages do: huma's
// adapter registers each method by itself.
func heads(f *fiber.App) {
	for _, r := range f.GetRoutes(true) {
		if r.Method == fiber.MethodGet && strings.HasPrefix(r.Path, Prefix+"/") {
			f.Add(fiber.MethodHead, r.Path, r.Handlers...)
		}
	}
}

// OpenAPI is the document of the interface; it must not be changed.
func (a *API) OpenAPI() *huma.OpenAPI { return a.huma.OpenAPI() }

// Operation is one method and path with who it is for.
type Operation struct {
	ID, Method, Path, Tag string
	Audience              Audience
}

// Operations lists what there is, in the order of the document's parts.
func (a *API) Operations() []Operation {
	out := make([]Operation, 0, len(a.ops))
	for _, o := range a.ops {
		out = append(out, Operation{o.id, o.method, Prefix + o.path, o.tag, o.audience})
	}
	return out
}

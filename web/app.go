package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/locale"
)

// Config is what the app is made of. Text is required, the rest has defaults.
type Config struct {
	// Text holds the catalogues.
	Text *locale.Bundle
	// Log takes the request log, which holds no personal data; default: none.
	Log *slog.Logger
	// Clock is the machine clock (never shifted by the demo) for durations,
	// heartbeats and write deadlines; default: the real one. A fake one must
	// start at the present, because deadlines are given to the kernel.
	Clock clockwork.Clock
	// URL is the public address, such as https://vez.gov.mo. With https, cookies
	// are Secure and HSTS is sent. Empty: whatever the request says.
	URL string
	// Auth tells who sends a request: the zero Principal for nobody, a fault
	// when a session is broken or has expired. Default: nobody, ever.
	Auth func(*fiber.Ctx) (Principal, error)
	// SignIn gives the address where somebody signs in for an audience and comes
	// back to a local path. Default: /signin?return=…, with &as=staff for staff,
	// and /pair?return=… for devices.
	SignIn func(a Audience, back string) string
	// FormTargets are further origins that a form may lead to, such as that of
	// the OIDC provider.
	FormTargets []string
	// TrustedProxies are the addresses whose forwarding headers are believed.
	TrustedProxies []string
	// BodyLimit is in bytes; default 1 MiB.
	BodyLimit int
	// ReadTimeout is for a whole request, from its first byte to its body's last,
	// IdleTimeout for the time between two; they default to 20 s and 60 s. There
	// is no write timeout, because it would cut every live stream.
	ReadTimeout, IdleTimeout time.Duration
	// MaxStreams bounds the live streams open at once; default 20,000.
	// MaxStreamsFrom bounds those of one network; default 2,000.
	MaxStreams, MaxStreamsFrom int
	// MaxConns bounds the connections that one network holds at once, trusted
	// proxies and the machine itself aside; default 1,000.
	MaxConns int
	// Allow is the limiter that all hubs share: n at once and n in every per;
	// refused, it says how long to wait. With its store away it may allow
	// everything. Default: each hub counts by itself. See Limit.
	Allow func(ctx context.Context, key string, n int, per time.Duration) (ok bool, wait time.Duration)
	// StreamAge is how long one stream lives before the browser renews it;
	// default 1 hour. Heartbeat is how often a quiet one is written; default 15 s.
	StreamAge, Heartbeat time.Duration
	// Demo marks pages as a demonstration and opens /gallery.
	Demo bool
	// Observe is told of every finished request, for metrics; route is the
	// pattern, never the path.
	Observe func(method, route string, status int, took time.Duration)
}

// App is the web application. Make it with New, register pages, assets and
// routes, then Serve. Registration is not safe for concurrent use and ends with
// the first request.
type App struct {
	cfg     Config
	fiber   *fiber.App
	engine  *engine
	assets  *assets
	origin  string // scheme and host of URL, or ""
	secure  bool
	csp     string
	routes  []Route
	mounts  []Route
	ready   []check
	notes   []check
	closers []func(context.Context)
	done    chan struct{}
	stop    sync.Once
	streams atomic.Int64
	watched watched
	trusted networks
	buckets *buckets
}

type check struct {
	name, bad string
	ok        func(context.Context) error
}

// New makes the app with its middleware, its own assets and components, and the
// routes /healthz and /readyz. It fails when a template or the address is bad.
func New(cfg Config) (*App, error) {
	if cfg.Text == nil {
		return nil, errors.New("web: Config.Text is missing")
	}
	a := &App{cfg: withDefaults(cfg), assets: newAssets(), done: make(chan struct{})}
	if err := a.readURL(); err != nil {
		return nil, err
	}
	a.trusted, a.buckets = readNetworks(a.cfg.TrustedProxies), newBuckets(a.cfg.Clock)
	a.csp = policy(a.cfg.FormTargets)
	engine, err := newEngine(a)
	if err != nil {
		return nil, err
	}
	a.engine = engine
	if err := a.assets.add("web", ownAssets, "assets"); err != nil {
		return nil, err
	}
	if err := a.assets.addStyles(); err != nil {
		return nil, err
	}
	a.fiber = a.newFiber()
	a.ownRoutes()
	return a, nil
}

func withDefaults(c Config) Config {
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if c.Clock == nil {
		c.Clock = clockwork.NewRealClock()
	}
	if c.Auth == nil {
		c.Auth = func(*fiber.Ctx) (Principal, error) { return Principal{}, nil }
	}
	if c.SignIn == nil {
		c.SignIn = defaultSignIn
	}
	c.BodyLimit = or(c.BodyLimit, 1<<20)
	c.ReadTimeout = or(c.ReadTimeout, 20*time.Second)
	c.IdleTimeout = or(c.IdleTimeout, 60*time.Second)
	c.MaxStreams = or(c.MaxStreams, 20_000)
	c.MaxStreamsFrom = or(c.MaxStreamsFrom, 2_000)
	c.MaxConns = or(c.MaxConns, 1_000)
	c.StreamAge = or(c.StreamAge, time.Hour)
	c.Heartbeat = or(c.Heartbeat, 15*time.Second)
	return c
}

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (a *App) readURL() error {
	if a.cfg.URL == "" {
		return nil
	}
	u, err := url.Parse(a.cfg.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return fmt.Errorf("web: the public address %q is no http or https address", a.cfg.URL)
	}
	a.origin = u.Scheme + "://" + strings.ToLower(u.Host)
	a.secure = u.Scheme == "https"
	return nil
}

func (a *App) newFiber() *fiber.App {
	f := fiber.New(fiber.Config{
		AppName:                 "Vez",
		Immutable:               true, // strings from the context outlive the handler
		CaseSensitive:           true,
		UnescapePath:            true,
		DisableStartupMessage:   true,
		DisableDefaultDate:      true,
		BodyLimit:               a.cfg.BodyLimit,
		ReadBufferSize:          headerBytes,
		ReadTimeout:             a.cfg.ReadTimeout,
		IdleTimeout:             a.cfg.IdleTimeout,
		WriteTimeout:            0, // it would cut live streams
		EnableTrustedProxyCheck: true,
		TrustedProxies:          a.cfg.TrustedProxies,
		ErrorHandler:            a.lastResort,
	})
	f.Server().KeepHijackedConns = true // a stream closes its connection itself
	f.Use(a.begin, a.finish, a.headers, a.bounded)
	return f
}

func (a *App) ownRoutes() {
	a.Handle(Route{Method: "GET", Path: "/healthz", Audience: Public, Handler: func(c *fiber.Ctx) error {
		return c.SendString("ok\n")
	}})
	a.Handle(Route{Method: "GET", Path: "/readyz", Audience: Public, Handler: a.readyz})
	a.Handle(Route{Method: "GET", Path: "/assets/:hash/*", Audience: Public, Handler: a.serveAsset})
	a.Handle(Route{Method: "GET", Path: "/favicon.ico", Audience: Public, Handler: func(c *fiber.Ctx) error {
		return c.Redirect(a.Asset("web/vez.svg"), fiber.StatusFound)
	}})
	if a.cfg.Demo {
		a.Handle(Route{Method: "GET", Path: "/gallery", Audience: Public, Handler: a.gallery})
	}
}

// Fiber gives the app underneath, for the API's adapter and for tests. Routes
// added to it directly must be announced with Mount.
func (a *App) Fiber() *fiber.App { return a.fiber }

// URL is the public address without a slash at its end, or "" when none is set.
func (a *App) URL() string { return strings.TrimSuffix(a.cfg.URL, "/") }

// Text gives the printer of a language, for what is written outside a request.
func (a *App) Text(lang string) locale.Printer { return a.cfg.Text.In(lang) }

// Ready adds a check to /readyz. It must return soon; the reason of a failure
// is logged, not shown.
func (a *App) Ready(name string, ok func(context.Context) error) {
	a.ready = append(a.ready, check{name: name, bad: "away", ok: ok})
}

// Note adds a part to /readyz that is told and does not count: a hub without
// its Redis, or whose ledger has no room to write, still answers better than
// nobody. bad is the word for the part while ok gives an error.
func (a *App) Note(name, bad string, ok func(context.Context) error) {
	a.notes = append(a.notes, check{name: name, bad: bad, ok: ok})
}

// OnShutdown adds what is to be closed before HTTP is, such as the live hub.
// They are called in order.
func (a *App) OnShutdown(f func(context.Context)) { a.closers = append(a.closers, f) }

// Done is closed when the app begins to shut down.
func (a *App) Done() <-chan struct{} { return a.done }

// Serve answers on ln until Shutdown. Missing templates are found before the
// first request.
func (a *App) Serve(ln net.Listener) error {
	if err := a.engine.check(); err != nil {
		return err
	}
	return a.fiber.Listener(a.guarded(ln))
}

// Shutdown calls the OnShutdown hooks, ends the live streams, then waits for
// the requests under way until ctx ends. It may be called more than once.
func (a *App) Shutdown(ctx context.Context) error {
	a.stop.Do(func() {
		for _, f := range a.closers {
			f(ctx)
		}
		close(a.done)
	})
	streams := a.watched.close(ctx)
	return errors.Join(streams, a.fiber.ShutdownWithContext(ctx))
}

func (a *App) readyz(c *fiber.Ctx) error {
	ctx, cancel := clockwork.WithTimeout(c.UserContext(), a.cfg.Clock, 2*time.Second)
	defer cancel()
	status, parts := fiber.StatusOK, map[string]string{}
	for _, check := range a.ready {
		parts[check.name] = "ok"
		if err := check.ok(ctx); err != nil {
			a.cfg.Log.Warn("not ready", "part", check.name, "why", err)
			parts[check.name], status = check.bad, fiber.StatusServiceUnavailable
		}
	}
	for _, check := range a.notes {
		parts[check.name] = "ok"
		if check.ok(ctx) != nil {
			parts[check.name] = check.bad
		}
	}
	select {
	case <-a.done:
		parts["web"], status = "closing", fiber.StatusServiceUnavailable
	default:
		parts["web"] = "ok"
	}
	return c.Status(status).JSON(parts)
}

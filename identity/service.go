package identity

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/web"
)

//go:embed templates
var files embed.FS

// Config is what the service is made of. Store, Secret and URL are required.
type Config struct {
	Store Store
	// Secret is at least 32 bytes, the same at every hub and for ever: whoever
	// loses it loses whose bookings are whose.
	Secret []byte
	// URL is the public address, without a slash at its end.
	URL string
	// Clock is the machine clock; default: the real one.
	Clock clockwork.Clock
	// Log takes sign-ins that failed and why, without personal data; default: none.
	Log *slog.Logger
	// Citizens and Staff are the OpenID providers; without an issuer that
	// sign-in is not offered.
	Citizens, Staff OpenID
	// LocalStaff offers name and password for staff, beside the provider or
	// without one.
	LocalStaff bool
	// Offices lists the offices where a department is served, so that a grant
	// for a department everywhere is known at each of them. Default: none.
	Offices func(department string) []string
	// Demo allows demo tokens and lets devices pair themselves; sign-in then
	// follows the address that the browser used.
	Demo bool
	// Limits are how long things last; zero values take the defaults.
	Limits Limits
}

// Limits are durations of machine time.
type Limits struct {
	// A citizen's session ends after 30 minutes without a request, at the latest
	// after 8 hours.
	CitizenIdle, CitizenMost time.Duration
	// A staff session ends after 90 minutes without a request: longer than a
	// live stream lives (1 hour), whose renewal is all that is heard of a console
	// during a long visit. At the latest it ends after 12 hours, longer than any
	// shift.
	StaffIdle, StaffMost time.Duration
	// Attempt is how long a sign-in may take; 10 minutes.
	Attempt time.Duration
	// Pairing is how long a code is shown; 10 minutes.
	Pairing time.Duration
	// Token is how long a demo token lasts; 24 hours.
	Token time.Duration
	// Cache is how long a session is believed without asking the store, which is
	// how late another hub learns of a sign-out; 5 seconds.
	Cache time.Duration
	// Stale is how long a session is believed while the store is away; 10 minutes.
	Stale time.Duration
}

func (l Limits) orDefaults() Limits {
	for _, d := range []struct {
		of        *time.Duration
		otherwise time.Duration
	}{
		{&l.CitizenIdle, 30 * time.Minute}, {&l.CitizenMost, 8 * time.Hour},
		{&l.StaffIdle, 90 * time.Minute}, {&l.StaffMost, 12 * time.Hour},
		{&l.Attempt, 10 * time.Minute}, {&l.Pairing, 10 * time.Minute}, {&l.Token, 24 * time.Hour},
		{&l.Cache, 5 * time.Second}, {&l.Stale, 10 * time.Minute},
	} {
		if *d.of <= 0 {
			*d.of = d.otherwise
		}
	}
	return l
}

// Service knows who everybody is. Make it with New; it is safe for concurrent
// use.
type Service struct {
	cfg      Config
	limits   Limits
	keys     keys
	secure   bool
	host     string // of the public address
	cache    *cache
	brake    *brake // on guesses
	starts   *brake // on pairings that anybody may begin
	citizens *relyingParty
	staff    *relyingParty
	accounts *Accounts

	app       *web.App
	audiences func() map[string]web.Audience
}

// New makes the service. Nothing is asked of the providers before somebody
// signs in.
func New(cfg Config) (*Service, error) {
	if cfg.Store == nil || len(cfg.Secret) < 32 {
		return nil, errors.New("identity: a store and a secret of 32 bytes are needed")
	}
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("identity: the public address %q is none", cfg.URL)
	}
	cfg.URL = strings.TrimSuffix(cfg.URL, "/")
	if cfg.Clock == nil {
		cfg.Clock = clockwork.NewRealClock()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if cfg.Offices == nil {
		cfg.Offices = func(string) []string { return nil }
	}
	s := &Service{cfg: cfg, limits: cfg.Limits.orDefaults(), secure: u.Scheme == "https", host: u.Host}
	if s.keys, err = newKeys(cfg.Secret); err != nil {
		return nil, err
	}
	s.cache = newCache(cfg.Clock)
	s.brake = newBrake(cfg.Clock, 5, time.Second, 15*time.Minute)
	s.starts = newBrake(cfg.Clock, 60, 10*time.Second, time.Minute)
	s.citizens, s.staff = newRelyingParty(cfg, cfg.Citizens, true), newRelyingParty(cfg, cfg.Staff, false)
	s.accounts = newAccounts(s)
	s.audiences = func() map[string]web.Audience { return nil }
	return s, nil
}

// Register adds the pages of sign-in, sign-out and pairing.
func (s *Service) Register(app *web.App) error {
	if err := app.Pages("identity", files, "templates"); err != nil {
		return err
	}
	s.app = app
	s.audiences = sync.OnceValue(func() map[string]web.Audience { return audiencesOf(app.Routes()) })
	for _, r := range []web.Route{
		{Method: "GET", Path: "/signin", Handler: s.signIn},
		{Method: "GET", Path: "/signin/staff", Handler: s.staffDoor},
		{Method: "POST", Path: "/signin/staff", Handler: s.staffPassword},
		{Method: "GET", Path: "/signin/callback", Handler: s.callback},
		{Method: "POST", Path: "/signout", Handler: s.signOut},
		{Method: "GET", Path: "/pair", Handler: s.pairPage, Layout: "kiosk"},
	} {
		r.Audience = web.Public
		app.Handle(r)
	}
	return nil
}

// Accounts are the local staff accounts.
func (s *Service) Accounts() *Accounts { return s.accounts }

func (s *Service) now() time.Time { return s.cfg.Clock.Now() }

// base is the address that a browser reaches us at. In the demonstration it is
// the one the browser used, because a port may be forwarded and localhost has
// more than one name; in earnest it is the configured one alone.
func (s *Service) base(c *fiber.Ctx) string {
	if s.cfg.Demo && c.Hostname() != s.host {
		return c.BaseURL()
	}
	return s.cfg.URL
}

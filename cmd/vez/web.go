package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/admin"
	"vez/api"
	boardpages "vez/board/pages"
	bookingpages "vez/booking/pages"
	"vez/cmd/vez/printjobs"
	counterpages "vez/counter/pages"
	"vez/demo"
	"vez/demo/provider"
	"vez/identity"
	kioskpages "vez/kiosk/pages"
	"vez/web"
)

// openWeb makes the application and registers every room's pages.
func (h *hub) openWeb(ctx context.Context) error {
	secret, err := h.memory.db.Secret(ctx, "identity", func() ([]byte, error) {
		b := make([]byte, 32)
		_, err := rand.Read(b)
		return b, err
	})
	if err != nil {
		return err
	}
	cfg := h.identityConfig(secret)
	var people *provider.Provider
	if h.s.Demo.Enabled {
		if people, err = h.demoProvider(); err != nil {
			return err
		}
		cfg.Citizens, cfg.Staff = people.Citizens(), people.Staff()
	}
	who, err := identity.New(cfg)
	if err != nil {
		return err
	}
	proxies := make([]string, len(h.s.TrustedProxies))
	for i, p := range h.s.TrustedProxies {
		proxies[i] = p.String()
	}
	h.app, err = web.New(web.Config{Text: h.text, Log: h.log, Clock: h.machine, URL: h.s.URL, Auth: who.Auth,
		TrustedProxies: proxies, Demo: h.s.Demo.Enabled, Observe: h.metrics.observe, Allow: h.memory.queue.Allow})
	if err != nil {
		return err
	}
	h.app.Ready("ledger", h.memory.db.Ping)
	h.app.Note("room", "full", h.health.room)
	h.app.Note("redis", "away", h.redis)
	h.memory.db.OnCommit(h.metrics.committed)
	h.memory.db.OnLost(h.metrics.lost)
	h.metrics.watch(h)
	h.metrics.register(h.app, h.s.MetricsToken)
	h.app.OnShutdown(func(context.Context) { h.memory.live.Close() })
	if people != nil {
		if err := people.Register(h.app); err != nil {
			return err
		}
	}
	h.who = who
	return h.register(who)
}

// register adds the pages of all rooms.
func (h *hub) register(who *identity.Service) error {
	for _, room := range []struct {
		name string
		add  func() error
	}{
		{"identity", func() error { return who.Register(h.app) }},
		{"api", func() error { return h.registerAPI(who) }},
		{"booking", func() error { return bookingpages.Register(h.app, h.bookingDeps()) }},
		{"kiosk", func() error {
			return kioskpages.Register(h.app, kioskpages.Deps{Hall: h.hall, Live: h.memory.live, Printers: h.fleet, Ledger: h.health,
				Machine: h.machine, Log: h.log, Demo: h.s.Demo.Enabled})
		}},
		{"board", func() error {
			return boardpages.Register(h.app, boardpages.Deps{Catalogue: h.cat, Live: h.memory.live, Ledger: h.health, Machine: h.machine, Speed: h.speed(),
				Painted: func(c *fiber.Ctx, seq int64) error {
					return who.Heartbeat(c.UserContext(), identity.Of(c), identity.Beat{Version: version, Painted: seq})
				}})
		}},
		{"admin", func() error {
			return admin.Register(h.app, admin.Deps{Hall: h.hall, Live: h.memory.live, Devices: who, Staff: who, Printers: h.fleet,
				Papers: admin.SamplePapers(h.hall, h.press), Lost: printjobs.Lost{Records: h.memory.db}, Reminders: h.memory.db, Ledger: h.health, Machine: h.machine, Speed: h.speed()})
		}},
		{"counter", func() error {
			return counterpages.Register(h.app, counterpages.Deps{Hall: h.hall, Live: h.memory.live, Machine: h.machine,
				Touch: h.memory.queue.Touch, Events: h.memory.db, Ledger: h.health, Speed: h.speed()})
		}},
	} {
		if err := room.add(); err != nil {
			return fmt.Errorf("%s: %w", room.name, err)
		}
	}
	return nil
}

func (h *hub) bookingDeps() bookingpages.Deps {
	d := bookingpages.Deps{Hall: h.hall, Live: h.memory.live, Cells: h.memory.queue, Events: h.memory.db, Slip: h.papers.Slip,
		Allow: h.memory.queue.Allow, Ledger: h.health, Links: h.links, Speed: h.speed(), Demo: h.s.Demo.Enabled, Reminders: h.memory.db}
	if h.s.Mail.Server != "" {
		d.Contacts, d.Email = h.contacts, h.who.Email
	}
	if d.Demo {
		d.Allow, d.DemoOffices = nil, demo.Offices
	}
	return d
}

// redis is an error while Redis does not answer.
func (h *hub) redis(context.Context) error {
	if up, since := h.memory.queue.Health(); !up {
		return fmt.Errorf("away since %s", since.Format(time.RFC3339))
	}
	return nil
}

// speed of the house clock.
func (h *hub) speed() float64 {
	if h.s.Demo.Enabled {
		return h.s.Demo.Speed
	}
	return 1
}

func (h *hub) registerAPI(who *identity.Service) error {
	_, err := api.Register(h.app, api.Config{Hall: h.hall, Live: h.memory.live, Identity: who, Cells: h.memory.queue,
		Slip: h.papers.Slip, Machine: h.machine, Demo: h.s.Demo.Enabled, Version: version, Log: h.log})
	return err
}

func (h *hub) identityConfig(secret []byte) identity.Config {
	return identity.Config{Store: records{h.memory.db}, Secret: secret, URL: h.s.URL, Clock: h.machine, Log: h.log,
		Demo:     h.s.Demo.Enabled,
		Citizens: identity.OpenID{Issuer: h.s.OIDC.Issuer, ClientID: h.s.OIDC.Client, ClientSecret: h.s.OIDC.Secret},
		Staff:    identity.OpenID{Issuer: h.s.OIDC.Issuer, ClientID: h.s.OIDC.Client, ClientSecret: h.s.OIDC.Secret},
		Offices:  h.officesOf,
	}
}

// officesOf lists the offices where a department is served.
func (h *hub) officesOf(department string) []string {
	var out []string
	for _, o := range h.cat.Offices {
		for _, d := range o.Departments {
			if d == department {
				out = append(out, o.ID)
			}
		}
	}
	return out
}

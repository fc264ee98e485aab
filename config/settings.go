package config

import (
	"net/netip"
	"time"
)

// Settings are everything that can be set. The tags say where a setting is
// found: key in the YAML file, env as variable, flag on the command line.
// Field names are told apart without their group; a test sees to it.
type Settings struct {
	// Listen is the address of the hub's HTTP server, host:port.
	Listen string `key:"listen" env:"VEZ_LISTEN" default:"127.0.0.1:8080" help:"address to listen on"`
	// URL is the public address in QR codes, links and sign-in, without a path.
	// "" only in demo mode, where the listening address stands in.
	URL string `key:"url" env:"VEZ_URL" help:"public address, https://…"`
	// Data is the folder of ledger, spool and keys. "": vez-data in the working
	// folder, in demo mode a fresh folder.
	Data string `key:"data" env:"VEZ_DATA" help:"folder of ledger, spool and keys"`
	// Database is a postgres:// address, or "" for SQLite in Data.
	Database string `key:"database" env:"VEZ_DATABASE" secret:"yes" help:"postgres://… ; empty: SQLite in the data folder"`
	// Redis is "" for the embedded server, "child", or an address.
	Redis string `key:"redis" env:"VEZ_REDIS" secret:"yes" help:"redis://…, child, or empty for the embedded one"`
	// Key wraps the keys that lie in the ledger.
	Key string `key:"key" env:"VEZ_KEY" secret:"yes" help:"wraps the keys in the ledger, 32 characters or more"`
	// Catalogue is a folder as docs/catalogue.md describes it; "": the sample of Macao.
	Catalogue string `key:"catalogue" env:"VEZ_CATALOGUE" help:"catalogue folder; empty: the sample of Macao"`
	// TrustedProxies may say on whose behalf they ask.
	TrustedProxies Networks `key:"trusted_proxies" env:"VEZ_TRUSTED_PROXIES" help:"addresses or networks of proxies whose X-Forwarded-For is believed"`
	// Fonts are folders looked into before the usual ones.
	Fonts []string `key:"fonts" env:"VEZ_FONTS" help:"font folders, searched first"`
	// Traces is an OTLP endpoint; "" for none.
	Traces string `key:"traces" env:"VEZ_TRACES" help:"OTLP endpoint for traces; empty: none"`
	// MetricsToken is what scrapers of /metrics show; "": only programs on the
	// hub's own machine may ask.
	MetricsToken string `key:"metrics_token" env:"VEZ_METRICS_TOKEN" secret:"yes" help:"bearer token of /metrics; empty: only this machine may ask"`

	Log   Log
	OIDC  OIDC
	Mail  Mail
	Kiosk Kiosk
	Demo  Demo

	origins map[string]origin
}

// Log says what is logged and how.
type Log struct {
	LogLevel  string `key:"log.level" env:"VEZ_LOG" default:"info" help:"debug, info, warn or error"`
	LogFormat string `key:"log.format" env:"VEZ_LOG_FORMAT" default:"text" help:"text or json"`
}

// OIDC is the identity provider that citizens and staff sign in with.
type OIDC struct {
	Issuer string `key:"oidc.issuer" env:"VEZ_OIDC_ISSUER" help:"address of the identity provider"`
	Client string `key:"oidc.client" env:"VEZ_OIDC_CLIENT" help:"client id there"`
	Secret string `key:"oidc.secret" env:"VEZ_OIDC_SECRET" secret:"yes" help:"client secret there"`
	// Roles is the claim that carries the roles of staff.
	Roles string `key:"oidc.roles" env:"VEZ_OIDC_ROLES" default:"roles" help:"claim with the roles of staff"`
}

// Mail sends reminders by e-mail.
type Mail struct {
	// Server is smtp:// or smtps://, with user and password; "": no mail.
	Server string `key:"mail.server" env:"VEZ_MAIL" secret:"yes" help:"smtp://user:password@host:587; empty: no mail"`
	From   string `key:"mail.from" env:"VEZ_MAIL_FROM" help:"sender of mails"`
}

// Kiosk is what the program on a kiosk box needs.
type Kiosk struct {
	// Hub is the address of the hub.
	Hub string `key:"kiosk.hub" env:"VEZ_HUB" help:"address of the hub, for vez kiosk"`
	// Printer is tcp://host:9100, ipp://…, a device such as /dev/usb/lp0, or a folder for PDF.
	Printer string `key:"kiosk.printer" env:"VEZ_PRINTER" help:"tcp://host:9100, ipp://…, /dev/usb/lp0, or a folder"`
	// Scanner is a serial device; "" for one that types like a keyboard.
	Scanner string `key:"kiosk.scanner" env:"VEZ_SCANNER" help:"serial device of the scanner; empty: it types"`
}

// Demo is the product with demo people and a simulated public.
type Demo struct {
	Enabled bool `key:"demo.enabled" env:"VEZ_DEMO" flag:"demo" default:"false" help:"run as a demo"`
	// Clock is where house time begins; zero: now, or the next opening.
	Clock time.Time `key:"demo.clock" env:"VEZ_DEMO_CLOCK" flag:"clock" help:"house time at the start, 2026-11-24T09:30:00+08:00"`
	// Speed of house time against machine time.
	Speed float64 `key:"demo.speed" env:"VEZ_DEMO_SPEED" flag:"speed" default:"1" help:"house seconds in a second"`
	// Public is the size of the simulated public; 1 is a usual day, 0 nobody.
	Public float64 `key:"demo.public" env:"VEZ_DEMO_PUBLIC" flag:"public" default:"1" help:"size of the simulated public, 0 for none"`
}

// Networks are addresses and networks.
type Networks []netip.Prefix

// UnmarshalText reads networks and single addresses, separated by commas.
func (n *Networks) UnmarshalText(text []byte) error {
	*n = nil
	for _, part := range split(string(text)) {
		if addr, err := netip.ParseAddr(part); err == nil {
			*n = append(*n, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return err
		}
		*n = append(*n, p)
	}
	return nil
}

// DataFolder is Data, or its default outside of demo mode.
func (s Settings) DataFolder() string {
	if s.Data == "" {
		return "vez-data"
	}
	return s.Data
}

// IsSet tells whether a setting was given by somebody rather than left at its default.
func (s Settings) IsSet(key string) bool { return s.origins[key].where != "" }

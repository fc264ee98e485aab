package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// minKey is the shortest VEZ_KEY taken: 32 hexadecimal digits carry 128 bits.
const minKey = 32

// wrong makes a mistake about a setting, placed where it was set.
func (s Settings) wrong(severity, key, remedy, what string, args ...any) Mistake {
	o := s.origins[key]
	if o.where == "" {
		o.where = "settings"
	}
	return Mistake{severity, o.where, o.line, fmt.Sprintf(what, args...), remedy}
}

// name of a setting as its writer called it; its variable where nobody did.
func (s Settings) name(key string) string {
	if o := s.origins[key]; o.name != "" {
		return o.name
	}
	for _, f := range Fields() {
		if f.Key == key {
			return f.Env
		}
	}
	return key
}

// checkForms looks at each setting by itself.
func (s Settings) checkForms() (out []Mistake) {
	bad := func(key, remedy string) {
		out = append(out, s.wrong(Error, key, remedy, "%s cannot be used as it is written", s.name(key)))
	}
	if _, port, err := net.SplitHostPort(s.Listen); err != nil || !goodPort(port) {
		bad("listen", "write host:port such as 127.0.0.1:8080, or :8080 for every address")
	}
	if s.URL != "" && !publicAddress(s.URL) {
		bad("url", "write the address without path or query, such as https://vez.example.org")
	}
	if s.Database != "" && !scheme(s.Database, "postgres", "postgresql") {
		bad("database", "write postgres://user:password@host:5432/name, or leave it empty for SQLite")
	}
	if s.Redis != "" && s.Redis != "child" && !scheme(s.Redis, "redis", "rediss", "unix",
		"redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster") {
		bad("redis", "write redis://host:6379/0, redis+sentinel://…, redis+cluster://…, child, or leave it empty")
	}
	if s.Key != "" && len(s.Key) < minKey {
		bad("key", "make a key of 32 characters or more: openssl rand -hex 32")
	}
	for key, address := range map[string]string{"oidc.issuer": s.OIDC.Issuer, "traces": s.Traces, "kiosk.hub": s.Kiosk.Hub} {
		if address != "" && !scheme(address, "https", "http") {
			bad(key, "write the whole address, with https://")
		}
	}
	if s.Mail.Server != "" && !scheme(s.Mail.Server, "smtp", "smtps") {
		bad("mail.server", "write smtp://user:password@host:587 or smtps://…:465")
	}
	if s.Mail.From != "" {
		if _, err := mail.ParseAddress(s.Mail.From); err != nil {
			bad("mail.from", "write an address such as vez@example.org")
		}
	}
	return sorted(append(out, s.checkChoices()...))
}

func (s Settings) checkChoices() (out []Mistake) {
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, s.Log.LogLevel) {
		out = append(out, s.wrong(Error, "log.level", "write debug, info, warn or error", "%q is no value for %s", s.Log.LogLevel, s.name("log.level")))
	}
	if !slices.Contains([]string{"text", "json"}, s.Log.LogFormat) {
		out = append(out, s.wrong(Error, "log.format", "write text or json", "%q is no value for %s", s.Log.LogFormat, s.name("log.format")))
	}
	if !(s.Demo.Speed > 0 && s.Demo.Speed <= 3600) {
		out = append(out, s.wrong(Error, "demo.speed", "write a number above 0, up to 3600", "%v is no speed for %s", s.Demo.Speed, s.name("demo.speed")))
	}
	if !(s.Demo.Public >= 0 && s.Demo.Public <= 100) {
		out = append(out, s.wrong(Error, "demo.public", "write a number from 0 to 100", "%v is no size for %s", s.Demo.Public, s.name("demo.public")))
	}
	return out
}

// CheckServing looks at what the hub needs to serve. isFolder tells whether a
// path is a folder that can be read; vez check and vez serve both ask.
func (s Settings) CheckServing(isFolder func(string) bool) (out []Mistake) {
	add := func(m Mistake) { out = append(out, m) }
	if s.URL == "" && !s.Demo.Enabled {
		add(s.wrong(Error, "url", "set VEZ_URL to the address that residents type, such as https://vez.example.org", "there is no public address: QR codes, links and sign-in need it"))
	}
	if u, err := url.Parse(s.URL); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) && !s.Demo.Enabled {
		add(s.wrong(Warning, "url", "use https, by a balancer in front or otherwise", "the public address is not encrypted"))
	}
	if u, err := url.Parse(s.URL); err == nil && u.Scheme == "https" && len(s.TrustedProxies) == 0 && !s.Demo.Enabled {
		add(s.wrong(Warning, "trusted_proxies", "set VEZ_TRUSTED_PROXIES to the addresses of what answers https for the hub",
			"whoever answers https is not named: its limits would hold for all residents together"))
	}
	if s.Database != "" && s.Key == "" {
		add(s.wrong(Error, "key", "set VEZ_KEY, such as the output of: openssl rand -hex 32", "a hub on PostgreSQL needs a key to wrap those in the ledger"))
	}
	if s.Database != "" && s.Redis == "" {
		add(s.wrong(Warning, "redis", "set VEZ_REDIS where several hubs share the database", "each hub has live lines of its own in its embedded Redis"))
	}
	out = append(out, s.checkSignIn()...)
	if s.Mail.Server != "" && s.Mail.From == "" {
		add(s.wrong(Error, "mail.from", "set VEZ_MAIL_FROM", "mails need a sender"))
	}
	if s.Catalogue != "" && !isFolder(s.Catalogue) {
		add(s.wrong(Error, "catalogue", "name a folder with a catalogue.yaml, or leave it empty for the sample of Macao", "%s is no folder that can be read", s.Catalogue))
	}
	for _, dir := range s.Fonts {
		if !isFolder(dir) {
			add(s.wrong(Warning, "fonts", "run make fonts, or take it out", "there is no font folder %s", dir))
		}
	}
	return append(out, s.checkDemo()...)
}

func (s Settings) checkSignIn() (out []Mistake) {
	switch {
	case s.OIDC.Issuer == "" && !s.Demo.Enabled:
		out = append(out, s.wrong(Warning, "oidc.issuer", "set VEZ_OIDC_ISSUER, VEZ_OIDC_CLIENT and VEZ_OIDC_SECRET", "citizens cannot sign in: there is no identity provider"))
	case s.OIDC.Issuer != "" && s.OIDC.Client == "":
		out = append(out, s.wrong(Error, "oidc.client", "set VEZ_OIDC_CLIENT to the id that the provider gave", "the identity provider is set, but not the client there"))
	case s.OIDC.Issuer != "" && s.Demo.Enabled:
		out = append(out, s.wrong(Warning, "oidc.issuer", "leave demo mode, or take it out", "demo mode has an identity provider of its own and does not use this one"))
	}
	return out
}

func (s Settings) checkDemo() (out []Mistake) {
	if s.Demo.Enabled {
		return nil
	}
	for _, key := range []string{"demo.clock", "demo.speed", "demo.public"} {
		if s.IsSet(key) && !s.isDefault(key) {
			out = append(out, s.wrong(Warning, key, "add --demo, or take it out", "%s counts in demo mode only", s.name(key)))
		}
	}
	return out
}

// isDefault tells whether a demo setting has its default, as in the sample file.
func (s Settings) isDefault(key string) bool {
	switch key {
	case "demo.clock":
		return s.Demo.Clock.IsZero()
	case "demo.speed":
		return s.Demo.Speed == 1
	}
	return s.Demo.Public == 1
}

func goodPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

func scheme(address string, schemes ...string) bool {
	u, err := url.Parse(address)
	return err == nil && slices.Contains(schemes, u.Scheme) && (u.Host != "" || u.Scheme == "unix" && u.Path != "")
}

func publicAddress(address string) bool {
	u, err := url.Parse(address)
	return err == nil && scheme(address, "https", "http") && strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// sorted orders mistakes by place, so that two runs read alike.
func sorted(all []Mistake) []Mistake {
	slices.SortStableFunc(all, func(a, b Mistake) int {
		if a.File != b.File {
			return strings.Compare(a.File, b.File)
		}
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return strings.Compare(a.What, b.What)
	})
	return all
}

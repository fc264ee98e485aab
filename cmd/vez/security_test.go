package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/config"
	"vez/hall"
	"vez/identity"
	"vez/web"
	"vez/web/webtest"
)

// notes is a log that may be read while it is written.
type notes struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.buf.String()
}

// openHub builds a hub as serve does, and lets its pages be asked. Settings are
// VEZ_… pairs; the log takes everything, as with VEZ_LOG=debug.
func openHub(t *testing.T, environ ...string) (*hub, *notes) {
	t.Helper()
	environ = append([]string{"VEZ_DATA=" + t.TempDir()}, environ...)
	s, mistakes := config.Load(config.Sources{Environ: environ, ReadFile: os.ReadFile})
	if config.Failed(mistakes) {
		t.Fatal(mistakes)
	}
	log := &notes{}
	h := &hub{s: s, machine: clockwork.NewRealClock(), metrics: newMetrics(),
		log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	if err := h.open(t.Context(), "127.0.0.1:8080"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.memory.Close)
	callers.Store(h, caller(t, h))
	t.Cleanup(func() { callers.Delete(h) })
	return h, log
}

// callers are the clients of the hubs that tests have open.
var callers sync.Map

// caller serves a hub on loopback and gives a client whose every call goes there,
// whatever host it asks for.
func caller(t *testing.T, h *hub) *http.Client {
	address := strings.TrimPrefix(webtest.Serve(t, h.app), "http://")
	transport := &http.Transport{DisableCompression: true, DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// demoHub is one on a working Tuesday, halls open.
func demoHub(t *testing.T, environ ...string) (*hub, *notes) {
	t.Helper()
	return openHub(t, append([]string{"VEZ_DEMO=true", "VEZ_DEMO_PUBLIC=0", "VEZ_DEMO_CLOCK=2026-11-24T09:30:00+08:00"}, environ...)...)
}

// reply is what a request came back with; endless when it was a stream.
type reply struct {
	status  int
	header  http.Header
	body    string
	endless bool
}

// ask sends one request to the hub. Headers are pairs.
func (h *hub) ask(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://example.com"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	client, _ := callers.Load(h)
	res, err := client.(*http.Client).Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	if method != http.MethodHead && strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return reply{status: res.StatusCode, header: res.Header, endless: true}
	}
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: res.StatusCode, header: res.Header, body: string(text)}
}

// visitor is somebody of the matrix.
type visitor struct {
	role              identity.Role
	subject, at, kind string
	who               identity.Principal
	bearer            string
}

func (v visitor) String() string {
	if v.role == "" {
		return "nobody"
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s %s@%s", v.kind, v.role, v.subject, v.at))
}

// visitors are nobody, two citizens, and each role of staff and kind of device
// at the office that everything belongs to, and at another one.
func visitors(t *testing.T, h *hub) []visitor {
	t.Helper()
	all := []visitor{{}, {role: identity.Citizen, subject: "one"}, {role: identity.Citizen, subject: "two"}}
	for _, at := range []string{ours, theirs} {
		for _, r := range []identity.Role{identity.Clerk, identity.Greeter, identity.Manager, identity.Admin, identity.Auditor} {
			all = append(all, visitor{role: r, subject: "s", at: at})
		}
		for _, kind := range []string{"kiosk", "board", "printer"} {
			all = append(all, visitor{role: identity.Device, subject: kind, at: at, kind: kind})
		}
	}
	for i := range all[1:] {
		v := &all[i+1]
		token, _, err := h.who.DemoToken(t.Context(), identity.TokenRequest{Role: v.role, Subject: v.subject, Office: v.at, Kind: v.kind})
		if err != nil {
			t.Fatal(err)
		}
		office := v.at
		if office == "" {
			office = identity.Any
		}
		v.bearer = "Bearer " + token
		v.who = identity.Principal{Subject: "x", Kind: v.kind, Grants: []identity.Grant{{Role: v.role, Department: identity.Any, Office: office}}}
	}
	return all
}

// The offices of the matrix: everything stands in ours.
const ours, theirs = "dsi-main", "iam-main"

// forAll are the routes for everybody, one by one: a new one is added here, or
// the test fails. Those under /t/ and /book/hold/ are for whoever holds the
// address, which nobody can guess.
var forAll = []string{
	"GET /healthz", "GET /readyz", "GET /assets/:hash/*", "GET /favicon.ico", "GET /gallery", "GET /metrics",
	"GET /demo/id/.well-known/openid-configuration", "GET /demo/id/keys", "GET /demo/id/authorize", "POST /demo/id/authorize", "POST /demo/id/token",
	"GET /signin", "GET /signin/staff", "POST /signin/staff", "GET /signin/callback", "POST /signout", "GET /pair",
	"GET /api", "GET /api/openapi.json", "GET /api/try/:operation", "POST /api/try/:operation",
	"GET /", "GET /privacy", "GET /accessibility", "GET /book", "GET /book/:service", "GET /book/:service/:office", "GET /book/:service/:office/:day",
	"POST /book/:service/:office", "GET /book/hold/:id", "POST /book/hold/:id/extend", "POST /book/hold/:id/release",
	"GET /t/:token", "GET /T/:token", "GET /live/t/:token", "GET /t/:token/why", "POST /t/:token/out", "POST /t/:token/back",
	"GET /t/:token/cancel", "POST /t/:token/cancel",
}

// office rules, by the beginning of a path: what beyond the role is asked.
const (
	anywhere = "the role is enough"
	there    = "the role is held at the office of the address"
	owner    = "the thing is the citizen's own"
)

// rules by path; the longest that fits counts. A route that is not for all and
// fits none of these is one that nobody has thought about, and fails the test.
var rules = map[string]string{
	"/my": anywhere, "/my/memo": anywhere, "/my/memo/mail": anywhere, "/my/:id": owner, "/book/hold/:id/": owner,
	"/book/:service/:office/ticket": anywhere,
	"/kiosk/:office":                there, "/live/kiosk/:office": there, "/board/:office": there, "/live/board/:office": there,
	"/admin": anywhere, "/admin/offices/:office": there, "/counter": anywhere, "/counter/:counter": there,
}

// ruleOf gives the rule of a path: that of the path itself, or of the longest
// beginning that ends at a slash.
func ruleOf(path string) string {
	best := ""
	for prefix := range rules {
		if (path == prefix || strings.HasPrefix(path, strings.TrimSuffix(prefix, "/")+"/") && strings.Contains(prefix, ":")) && len(prefix) > len(best) {
			best = prefix
		}
	}
	return rules[best]
}

// may reckons whether a route is for a visitor, from its audience and rule.
func may(r web.Route, v visitor) bool {
	if !r.Audience.Admits(v.who.Web()) {
		return false
	}
	switch ruleOf(r.Path) {
	case there:
		return v.at == ours
	case owner:
		return v.subject == "one"
	}
	return true
}

// turnedAway tells whether an answer gave nothing and did nothing.
func turnedAway(a reply) bool {
	to := a.header.Get("Location")
	return slices.Contains([]int{401, 403, 404}, a.status) ||
		a.status == http.StatusSeeOther && (strings.HasPrefix(to, "/signin?") || strings.HasPrefix(to, "/pair?"))
}

// address fills in a route's parameters with what is the citizen one's, in ours.
func address(kept map[string]string, path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") {
			name, ending, _ := strings.Cut(p[1:], ".")
			if ending != "" {
				ending = "." + ending
			}
			if name == "id" && strings.HasPrefix(path, "/book/hold/") {
				name = "hold"
			}
			v, known := kept[name]
			if !known {
				v = "none"
			}
			parts[i] = v + ending
		}
	}
	return strings.Join(parts, "/")
}

// TestEveryPageRefusesEverybodyItIsNotFor walks the routes of the whole house,
// as serve joins it, with everybody: nothing is answered to anybody whom the
// declared audience or the office rule leaves out. Refusals come first, so that
// what the welcome ones change does not hide a mistake.
func TestEveryPageRefusesEverybodyItIsNotFor(t *testing.T) {
	h, _ := demoHub(t, "VEZ_MAIL=smtp://127.0.0.1:9", "VEZ_MAIL_FROM=vez@vez.test") // nothing is sent: no job runs
	all := visitors(t, h)
	kept := furnished(t, h, all[1].bearer)
	if missing := h.app.Undeclared(); len(missing) > 0 {
		t.Errorf("routes without an audience: %v", missing)
	}
	tried := 0
	for _, wanted := range []bool{false, true} {
		for _, r := range h.app.Routes() {
			name := r.Method + " " + r.Path
			switch {
			case r.Audience.Public():
				if !slices.Contains(forAll, name) {
					t.Errorf("%s is for everybody, but not on the list of what may be", name)
				}
				continue
			case ruleOf(r.Path) == "":
				t.Errorf("%s: no rule says whose it is", name)
				continue
			}
			welcome := 0
			for _, v := range all {
				if may(r, v) != wanted {
					continue
				}
				if wanted && strings.HasPrefix(r.Path, "/live/") && welcome > 0 {
					continue // streams have no end; one is enough
				}
				tried++
				headers := []string{"Accept", "text/html"}
				if v.bearer != "" {
					headers = append(headers, "Authorization", v.bearer)
				}
				body := ""
				if r.Method == http.MethodPost {
					body = "ticket=" + kept["ticket"] + "&queue=" + kept["queue"]
				}
				a := h.ask(t, r.Method, address(kept, r.Path), body, headers...)
				switch away := turnedAway(a); {
				case a.status >= 500 && a.status != 503:
					t.Errorf("%s as %s: %d", name, v, a.status)
				case !wanted && !away:
					t.Errorf("%s answers %s with %d %s, but is for %s, where %s", name, v, a.status, a.header.Get("Location"), r.Audience, ruleOf(r.Path))
				case !away:
					welcome++
				}
			}
			if wanted && welcome == 0 && !bare(r.Path) {
				t.Errorf("%s was answered to nobody: the matrix tries it on nothing", name)
			}
		}
	}
	for _, name := range forAll {
		if !slices.ContainsFunc(h.app.Routes(), func(r web.Route) bool { return r.Method+" "+r.Path == name }) {
			t.Errorf("the list of what is for everybody has %s, which is not there", name)
		}
	}
	t.Logf("%d routes, %d visitors, %d requests", len(h.app.Routes()), len(all), tried)
}

// bare tells whether a path names what the hub of the test has none of.
func bare(path string) bool {
	return slices.ContainsFunc([]string{":job", ":printer", ":paper", "/reminder"}, func(p string) bool { return strings.Contains(path, p) })
}

// furnished makes the citizen one's booking, hold and ticket in ours.
func furnished(t *testing.T, h *hub, one string) map[string]string {
	t.Helper()
	kept := map[string]string{"office": ours, "counter": ours + "-3", "queue": ours + "-card", "service": "dsi-bir-renewal",
		"day": "2026-11-26", "code": "early"}
	for name, body := range map[string]string{
		"id":   `{"service":"dsi-bir-renewal","office":"dsi-main","start":"2026-11-26T11:00:00+08:00"}`,
		"hold": `{"service":"dsi-criminal-record","office":"dsi-main","start":"2026-11-26T12:00:00+08:00","hold":true}`,
	} {
		a := h.ask(t, "POST", "/api/v1/bookings", body, "Authorization", one, "Content-Type", "application/json")
		if a.status != http.StatusCreated {
			t.Fatalf("%d %s", a.status, a.body)
		}
		kept[name] = field(a.body, "id")
	}
	is, err := h.hall.Issue(t.Context(), hall.Act{Actor: "device:test"}, hall.IssueRequest{Office: ours, Service: "dsi-bir-renewal", Lang: "en"})
	if err != nil {
		t.Fatal(err)
	}
	kept["ticket"], kept["link"] = is.Ticket.ID, is.Link
	return kept
}

// field reads a text field of a flat JSON body.
func field(body, name string) string {
	_, rest, _ := strings.Cut(body, `"`+name+`":"`)
	v, _, _ := strings.Cut(rest, `"`)
	return v
}

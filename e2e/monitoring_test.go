package e2e

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

type alertRule struct {
	Alert       string
	Expr        string
	Labels      map[string]string
	Annotations struct{ Summary, Action string }
}

func alertRules(t *testing.T) (out []alertRule) {
	t.Helper()
	text, err := os.ReadFile("../deploy/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Groups []struct{ Rules []alertRule } }
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		out = append(out, g.Rules...)
	}
	if len(out) < 12 {
		t.Fatalf("%d rules were read", len(out))
	}
	return out
}

// asked is an expression, and what writes its answer.
type query struct{ where, expr, legend string }

func dashboardAsks(t *testing.T) (out []query) {
	t.Helper()
	text, err := os.ReadFile("../deploy/dashboard.json")
	if err != nil {
		t.Fatal(err)
	}
	var d struct {
		SchemaVersion int
		Panels        []struct {
			Title, Type string
			Targets     []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal(text, &d); err != nil {
		t.Fatal(err)
	}
	if d.SchemaVersion < 39 {
		t.Errorf("schema %d is older than Grafana 11", d.SchemaVersion)
	}
	for _, p := range d.Panels {
		if p.Type != "row" && len(p.Targets) == 0 {
			t.Errorf("panel %q asks for nothing", p.Title)
		}
		for _, q := range p.Targets {
			out = append(out, query{"panel " + p.Title, q.Expr, q.LegendFormat})
		}
	}
	return out
}

// series are the labels that each metric of a scrape has.
type series map[string]map[string]bool

var sample = regexp.MustCompile(`(?m)^([a-z_][a-z0-9_]*)(?:\{(.*)\})? [-+0-9.eENaIinf]+$`)

func seriesOf(texts ...string) series {
	out := series{}
	for _, text := range texts {
		for _, m := range sample.FindAllStringSubmatch(text, -1) {
			if out[m[1]] == nil {
				out[m[1]] = map[string]bool{"instance": true, "job": true} // which Prometheus adds
			}
			for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
				out[m[1]][l[1]] = true
			}
		}
	}
	out["up"] = map[string]bool{"instance": true, "job": true}
	return out
}

var (
	labelName = regexp.MustCompile(`([a-z_]+)(?:=|!=|=~|!~)"`)
	metric    = regexp.MustCompile(`\b((?:vez|process|go)_[a-z0-9_]+|up)\b(?:\{([^}]*)\})?`)
	grouped   = regexp.MustCompile(`\b(?:by|on|without)\s*\(([^)]*)\)`)
	legendOf  = regexp.MustCompile(`\{\{\s*\$?(?:labels\.)?([a-z_]+)\s*\}\}`)
)

// wrong says what an expression asks for that no hub tells; "" when nothing.
func (s series) wrong(a query) string {
	for _, pair := range []string{"()", "{}", "[]"} {
		if strings.Count(a.expr, pair[:1]) != strings.Count(a.expr, pair[1:]) {
			return "unbalanced " + pair
		}
	}
	found, any := metric.FindAllStringSubmatch(a.expr, -1), map[string]bool{}
	if len(found) == 0 {
		return "no figure of ours"
	}
	for _, m := range found {
		has := s[m[1]]
		if has == nil {
			return m[1]
		}
		for l := range has {
			any[l] = true
		}
		for _, l := range labelName.FindAllStringSubmatch(m[2], -1) {
			if !has[l[1]] {
				return m[1] + " by " + l[1]
			}
		}
	}
	wants := legendOf.FindAllStringSubmatch(a.legend, -1)
	for _, m := range grouped.FindAllStringSubmatch(a.expr, -1) {
		for _, l := range strings.Split(m[1], ",") {
			wants = append(wants, []string{"", strings.TrimSpace(l)})
		}
	}
	for _, l := range wants {
		if l[1] != "value" && !any[l[1]] {
			return "a label " + l[1]
		}
	}
	return ""
}

// TestEveryPanelAndAlertAsksForWhatAHubTells scrapes a hub that has had a visit.
func TestEveryPanelAndAlertAsksForWhatAHubTells(t *testing.T) {
	p := serve(t, nil)
	visit(t, p)
	_, body := scrape(t, p)
	file := filepath.Join(t.TempDir(), "vez.prom")
	data := t.TempDir()
	other := serve(t, nil, "--data", data)
	visit(t, other)
	mustVez(t, nil, "backup", "--data", data, "--figures", file, t.TempDir())
	backup, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	told := seriesOf(body, string(backup))
	all := dashboardAsks(t)
	for _, r := range alertRules(t) {
		all = append(all, query{"alert " + r.Alert, r.Expr, r.Annotations.Summary + r.Annotations.Action})
	}
	if len(all) < 50 {
		t.Errorf("only %d expressions were read", len(all))
	}
	for _, a := range all {
		if what := told.wrong(a); what != "" {
			t.Errorf("%s asks for %s, which no hub tells: %s", a.where, what, a.expr)
		}
	}
	for _, bad := range []query{{expr: "vez_nothing"}, {expr: `sum(vez_change_seconds_count{colour="red"})`}, {expr: "sum by (colour) (vez_ledger_up)"}, {expr: "vez_ledger_up", legend: "{{office}}"}} {
		if told.wrong(bad) == "" {
			t.Errorf("this test does not notice %+v", bad)
		}
	}
}

// TestAnAlertOfWhatIsNotThereFires: a comparison with a series that is absent
// is empty, and raises nothing. What a hub tells is missing when VezHubGone
// fires; everything else must say itself what its absence means.
func TestAnAlertOfWhatIsNotThereFires(t *testing.T) {
	p := serve(t, nil)
	visit(t, p)
	_, body := scrape(t, p)
	told := seriesOf(body)
	delete(told, "up")
	others := 0
	for _, r := range alertRules(t) {
		for _, m := range metric.FindAllStringSubmatch(strings.Split(r.Expr, "absent(")[0], -1) {
			if told[m[1]] != nil {
				continue
			}
			others++
			if !strings.Contains(r.Expr, "or absent("+m[0]+")") {
				t.Errorf("%s is silent when there is no %s: %s", r.Alert, m[0], r.Expr)
			}
		}
	}
	if others < 2 {
		t.Errorf("%d series of others were found", others)
	}
}

func TestEveryAlertHasItsParagraph(t *testing.T) {
	text, err := os.ReadFile("../docs/operations/monitoring.md")
	if err != nil {
		t.Fatal(err)
	}
	parts, told := strings.Split(string(text), "\n### ")[1:], map[string]string{}
	for _, part := range parts {
		name, words, _ := strings.Cut(part, "\n")
		told[strings.TrimSpace(name)] = words
	}
	for _, r := range alertRules(t) {
		if len(told[r.Alert]) < 120 {
			t.Errorf("monitoring.md does not say what %s means and what to do", r.Alert)
		}
		delete(told, r.Alert)
		if r.Annotations.Summary == "" || r.Annotations.Action == "" || !slices.Contains([]string{"page", "ticket"}, r.Labels["severity"]) {
			t.Errorf("%s does not say what to do, or how soon", r.Alert)
		}
	}
	for name := range told {
		t.Errorf("monitoring.md tells of %s, which is no alert", name)
	}
}

// stands asks a hub how it is.
func stands(t *testing.T, p *program, path string) (int, map[string]string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil
	}
	defer res.Body.Close()
	parts := map[string]string{}
	_ = json.NewDecoder(res.Body).Decode(&parts) // /healthz says a word
	return res.StatusCode, parts
}

// TestReadinessAndFiguresTellTheTruth takes from a hub its Redis, its ledger,
// both, and itself. With Redis away it stays ready: it serves as well as others.
func TestReadinessAndFiguresTellTheTruth(t *testing.T) {
	db, r := newPostgres(t), newRedis(t)
	p := serve(t, []string{"VEZ_DATABASE=" + db.url, "VEZ_REDIS=" + r.url(), testKey})
	visit(t, p)
	is := func(what string, status int, ledger, redis string, figures ...string) {
		t.Helper()
		var why string
		within(t, 20*time.Second, what, func() bool {
			got, parts := stands(t, p, "/readyz")
			_, body := scrape(t, p)
			why = ""
			for _, line := range figures {
				line, absent := strings.CutPrefix(line, "no ")
				if strings.Contains(body, "\n"+line) == absent {
					why += " " + line
				}
			}
			return got == status && parts["ledger"] == ledger && parts["redis"] == redis && parts["room"] == "ok" && parts["web"] == "ok" && why == ""
		})
		if alive, _ := stands(t, p, "/healthz"); alive != http.StatusOK {
			t.Errorf("%s: the process is said not to live: %d", what, alive)
		}
	}
	const lag, waits = `vez_projection_behind_events{office="dsi-main"} `, `vez_tickets_waiting{office="dsi-main"} `
	is("all is well", 200, "ok", "ok", "vez_ledger_up 1", "vez_redis_up 1", "vez_live_stale_seconds 0", "vez_ledger_away_seconds 0", "vez_ledger_room 1", lag+"0", waits)
	r.kill()
	is("Redis is away", 200, "ok", "away", "vez_ledger_up 1", "vez_redis_up 0", "vez_live_stale_seconds 0", "no "+lag, waits)
	db.killsPostmaster()
	is("both are away", 503, "away", "away", "vez_ledger_up 0", "vez_redis_up 0", "no vez_live_stale_seconds 0", "no vez_ledger_away_seconds 0", "no "+lag, waits)
	r.start()
	is("the ledger is away", 503, "away", "ok", "vez_ledger_up 0", "vez_redis_up 1", "vez_live_stale_seconds 0", "no vez_ledger_away_seconds 0", waits)
	db.start()
	is("all is well again", 200, "ok", "ok", "vez_ledger_up 1", "vez_redis_up 1", "vez_live_stale_seconds 0", "vez_ledger_away_seconds 0", lag+"0", waits)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	within(t, 20*time.Second, "a hub that stops is not ready", func() bool {
		status, _ := stands(t, p, "/readyz")
		return status != http.StatusOK
	})
}

// TestReadsGoOnWithoutTheLedger takes the ledger away: searches, calendars and
// figures are still answered, by the API and by pages that are opened only now.
func TestReadsGoOnWithoutTheLedger(t *testing.T) {
	db, r := newPostgres(t), newRedis(t)
	p := serve(t, []string{"VEZ_DATABASE=" + db.url, "VEZ_REDIS=" + r.url(), testKey})
	visit(t, p)
	q := serve(t, []string{"VEZ_DATABASE=" + db.url, "VEZ_REDIS=" + r.url(), testKey}, "--public", "0")
	var waits ticketView
	p.as("device", "door", "dsi-main").must(201, "POST", "/api/v1/tickets", map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}, &waits)
	reader := p.as("citizen", "reader", "")
	const month = "/api/v1/services/dsi-bir-renewal/slots?office=dsi-main&from=2026-11-24&to=2026-12-23"
	var before, after list[slotView]
	within(t, 20*time.Second, "the live queues have all calendars", func() bool {
		_, said := scrape(t, p)
		return strings.Contains(said, `vez_projection_behind_events{office="dsi-main"} 0`)
	})
	reader.must(200, "GET", month, nil, &before)
	time.Sleep(soon(5 * time.Second)) // as long as a hub takes to remember new addresses
	db.killsPostmaster()
	within(t, 20*time.Second, "the ledger is away", func() bool {
		_, parts := stands(t, p, "/readyz")
		return parts["ledger"] == "away"
	})
	reader.must(200, "GET", month, nil, &after)
	if len(before.Items) == 0 || !slices.Equal(before.Items, after.Items) {
		t.Errorf("%d free starts before, %d while the ledger is away", len(before.Items), len(after.Items))
	}
	for _, path := range []string{"/api/v1/offices/dsi-main/queues", "/api/v1/services?q=renewal", "/api/v1/offices"} {
		reader.must(200, "GET", path, nil, nil)
	}
	for _, path := range []string{"/", "/book?q=renewal", "/book/dsi-bir-renewal", "/book/dsi-bir-renewal/dsi-main", "/book/dsi-bir-renewal/dsi-main/2026-11-25"} {
		p.page(path)
	}
	_, link, _ := strings.Cut(waits.Link, "/t/")
	for name, hub := range map[string]*program{"the hub that gave the ticket": p, "the hub that nobody asked": q} {
		if page := hub.page("/t/" + link); !strings.Contains(page, waits.Number) {
			t.Errorf("%s does not show the page of a ticket that nobody has opened yet", name)
		}
	}
	status, raw, err := reader.try("POST", "/api/v1/bookings", "", map[string]any{"service": "dsi-bir-renewal", "office": "dsi-main", "start": after.Items[0].Start}, nil)
	if err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(raw), `"ledger_away"`) {
		t.Errorf("a booking is answered %d %s %v", status, raw, err)
	}
}

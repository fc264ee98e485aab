package e2e

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// scrape asks a hub for its metrics.
func scrape(t *testing.T, p *program, header ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestMetricsTellWhatIsAndNothingOfAnybody(t *testing.T) {
	p := serve(t, nil)
	visit(t, p)
	var status int
	var body string
	within(t, 20*time.Second, "the live queues have caught up", func() bool {
		status, body = scrape(t, p)
		return strings.Contains(body, `vez_projection_behind_events{office="dsi-main"} 0`)
	})
	for _, line := range []string{"vez_ledger_up 1", "vez_redis_up 1", "vez_live_stale_seconds 0", `vez_projection_behind_events{office="dsi-main"} 0`,
		`vez_tickets_waiting{office="dsi-main"}`, `vez_events_total{kind="ticket.check_in"}`, `route="/api/v1/`, "process_resident_memory_bytes"} {
		if !strings.Contains(body, line) {
			t.Errorf("%d: it does not tell %s", status, line)
		}
	}
	if who := regexp.MustCompile(`citizen:|clerk:|device:|[0-9a-f]{8}-[0-9a-f]{4}-7`).FindString(body); who != "" {
		t.Errorf("it tells of somebody: %s", who)
	}
	if status, body := scrape(t, p, "X-Forwarded-For", "192.0.2.7"); status != http.StatusNotFound || strings.Contains(body, "vez_") {
		t.Errorf("somebody behind a proxy gets %d", status)
	}
}

func TestMetricsWithATokenAreForWhoShowsIt(t *testing.T) {
	p := serve(t, []string{"VEZ_METRICS_TOKEN=a-token-of-this-test"})
	for token, want := range map[string]int{"": 404, "Bearer a-token-of-this-tesT": 404, "a-token-of-this-test": 404, "Bearer a-token-of-this-test": 200} {
		if status, _ := scrape(t, p, "Authorization", token); status != want {
			t.Errorf("%q gets %d, want %d", token, status, want)
		}
	}
}

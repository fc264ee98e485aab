//go:build browser

package e2e

import (
	"net/http"
	"testing"
	"time"
)

// TestANewcomerSeesALivingHallWithinTenSeconds opens the front door of a fresh
// demonstration and looks at the halls ten seconds later.
func TestANewcomerSeesALivingHallWithinTenSeconds(t *testing.T) {
	p := serve(t, nil, "--public", "1")
	newcomer := p.browser("newcomer", 1280, 800)
	newcomer.open("/?lang=en")
	clerk := p.as("clerk", "watcher", "dsi-main")
	within(t, soon(10*time.Second), "people wait and are served at three offices", func() bool {
		for _, office := range []string{"dsi-main", "hengqin", "mong-son"} {
			waiting, serving := hall(clerk, office)
			if waiting < 5 || serving < 3 {
				return false
			}
		}
		return true
	})
	screen := p.browser("living", 1920, 1080)
	for _, office := range []string{"dsi-main", "hengqin", "mong-son"} {
		screen.open("/board/" + office)
		screen.sees(".call")
		screen.shoot("board-" + office)
	}
	// Two counters of each office are left to people.
	for _, counter := range []string{"dsi-main-1", "dsi-main-2", "hengqin-1", "mong-son-1"} {
		var at struct{ Shift struct{ State string } }
		p.as("manager", "m", "").must(http.StatusOK, "GET", "/api/v1/counters/"+counter, nil, &at)
		if at.Shift.State == "open" {
			t.Errorf("the simulated clerks took %s", counter)
		}
	}
}

// hall counts who waits and who is at the counters.
func hall(c *client, office string) (waiting, serving int) {
	var got list[struct {
		Waiting int
		Serving []string
	}]
	c.must(http.StatusOK, "GET", "/api/v1/offices/"+office+"/queues", nil, &got)
	for _, q := range got.Items {
		waiting += q.Waiting
		serving += len(q.Serving)
	}
	return waiting, serving
}

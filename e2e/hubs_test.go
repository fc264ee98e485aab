package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/ledger/pgtest"
	"vez/queue"
)

// pair starts two hubs on one PostgreSQL and one Redis.
func pair(t *testing.T) (a, b *program, live redis.UniversalClient) {
	t.Helper()
	database := pgtest.URL(t)
	live, url := ownRedis(t)
	env := []string{"VEZ_DATABASE=" + database, "VEZ_REDIS=" + url, "VEZ_KEY=0123456789abcdef0123456789abcdef",
		"VEZ_URL=http://vez.test"} // one public address, as behind a balancer
	return serve(t, env), serve(t, env), live
}

// ownRedis starts a redis-server of the test's own.
func ownRedis(t *testing.T) (redis.UniversalClient, string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "vez-e2e-redis-") // t.TempDir may be too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	client, end, err := queue.Child(t.Context(), dir, clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	if errors.Is(err, queue.ErrNoServer) && os.Getenv("VEZ_REQUIRE_REDIS") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return client, "unix://" + filepath.Join(dir, "redis.sock")
}

func TestOneVisitOnPostgresAndRedisWithTwoHubs(t *testing.T) {
	a, b, _ := pair(t)
	visit(t, a, b)
}

// board is what a hub shows of an office.
func (c *client) board(office string) map[string]int {
	c.t.Helper()
	var got list[struct {
		Queue   string
		Waiting int
	}]
	c.must(http.StatusOK, "GET", "/api/v1/offices/"+office+"/queues", nil, &got)
	out := map[string]int{}
	for _, q := range got.Items {
		out[q.Queue] = q.Waiting
	}
	return out
}

// within waits for a condition, at most for d; the promise is about time, so the test is too.
// soon is how long what was promised within d may take in a test. A suite that has
// the machine for itself (STRICT_TIME: make faults) is strict; beside other suites four times as long will do, for
// what nobody mends never comes. How long it took is logged.
func soon(d time.Duration) time.Duration {
	if os.Getenv("STRICT_TIME") != "" {
		return d
	}
	return 4 * d
}

func within(t *testing.T, d time.Duration, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(d)
	for !ok() {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", d, what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestAHubKilledBetweenCommitAndProjectionLeavesTheOtherRightWithinTwoSeconds(t *testing.T) {
	a, b, _ := pair(t)
	kiosk := a.as("device", "k", "dsi-main")
	watcher := b.as("clerk", "w", "dsi-main")
	n := 0
	for i := range 40 {
		status, _, err := kiosk.try("POST", "/api/v1/tickets", fmt.Sprint(i), map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}, nil)
		if err != nil || status != http.StatusCreated {
			t.Fatalf("%d %v", status, err)
		}
		n++
	}
	a.kill() // the last commits may not have reached Redis
	within(t, soon(2*time.Second), "the other hub counts all that wait", func() bool { return watcher.board("dsi-main")["dsi-main-cert"] == n })
}

func TestARetryAtTheOtherHubLearnsTheTruth(t *testing.T) {
	a, b, _ := pair(t)
	one := a.as("device", "k", "dsi-main")
	body := map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}
	var first, second ticketView
	if status, raw, err := one.try("POST", "/api/v1/tickets", "the-key", body, &first); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %v %s", status, err, raw)
	}
	a.kill()
	two := b.as("device", "k", "dsi-main")
	if status, raw, err := two.try("POST", "/api/v1/tickets", "the-key", body, &second); err != nil || status != http.StatusCreated {
		t.Fatalf("%d %v %s", status, err, raw)
	}
	if first.ID != second.ID || first.Number != second.Number {
		t.Fatalf("%+v and %+v", first, second)
	}
	body["service"] = "dsi-bir-renewal"
	status, raw, err := two.try("POST", "/api/v1/tickets", "the-key", body, nil)
	var no problem
	_ = json.Unmarshal(raw, &no)
	if err != nil || status != http.StatusUnprocessableEntity || no.Code != "key_reused" {
		t.Fatalf("another body: %d %v %s", status, err, raw)
	}
}

func TestFlushingRedisIsNoticedByNobodyAtACounter(t *testing.T) {
	a, _, client := pair(t)
	kiosk, clerk := a.as("device", "k", "dsi-main"), a.as("clerk", "c", "dsi-main")
	for range 10 {
		kiosk.must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "dsi-main", "service": "dsi-criminal-record"}, nil)
	}
	clerk.must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-1/open", map[string]any{"queues": []string{"dsi-main-cert"}}, nil)
	if err := client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	var got struct{ Ticket ticketView }
	clerk.must(http.StatusOK, "POST", "/api/v1/counters/dsi-main-1/next", nil, &got)
	if got.Ticket.Number != "C001" {
		t.Fatalf("called %+v", got.Ticket)
	}
	within(t, soon(2*time.Second), "the board is right again", func() bool { return clerk.board("dsi-main")["dsi-main-cert"] == 9 })
}

package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vez/ledger/pgtest"
)

// vez runs a command of the program to its end.
func vez(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// mustVez runs a command that must succeed.
func mustVez(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out, err := vez(t, env, args...)
	if err != nil {
		t.Fatalf("vez %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

// before is what had been promised when a backup began, and what shows whether it is the same house.
type before struct {
	promised *acked
	booking  bookingView // of today, not yet checked in
	quiet    int         // tickets that wait in a queue that nobody calls
	file     string
	head     string // exported at the time
	late     string // exported after more had happened
	key      string // what wraps the secrets
	redis    string // with the queues of the former epoch
}

// oneAddress is the house's address before and after: whose a booking is depends on who signed them in, and where.
const oneAddress = "VEZ_URL=http://vez.test"

const quietQueue, quietService = "dsi-main-card", "dsi-bir-renewal"

// TestABackupTakenWhileServingIsTheSameHouseElsewhere backs a busy hub up, goes
// on, loses the machine, and opens the house again from the backup, with the
// Redis that still has what came after.
func TestABackupTakenWhileServingIsTheSameHouseElsewhere(t *testing.T) {
	was := backedUp(t)
	t.Run("in a folder", func(t *testing.T) {
		data := filepath.Join(t.TempDir(), "data")
		env := []string{"VEZ_REDIS=" + was.redis, oneAddress}
		out := mustVez(t, env, "restore", "--data", data, "--json", was.file)
		was.check(t, out, env, data)
	})
	t.Run("in PostgreSQL", func(t *testing.T) {
		env := []string{"VEZ_REDIS=" + was.redis, "VEZ_DATABASE=" + pgtest.URL(t), "VEZ_KEY=" + was.key, oneAddress}
		data := t.TempDir()
		out := mustVez(t, env, "restore", "--data", data, "--json", was.file)
		was.check(t, out, env, data)
	})
}

// backedUp runs a busy hub and backs it up.
func backedUp(t *testing.T) before {
	t.Helper()
	_, redis := ownRedis(t)
	dir, data := t.TempDir(), t.TempDir()
	was := before{file: filepath.Join(dir, "backup.tar"), head: filepath.Join(dir, "head.json"), late: filepath.Join(dir, "late.json"), redis: redis}
	hub := serve(t, []string{"VEZ_REDIS=" + redis, oneAddress}, "--data", data)
	kiosk, citizen := hub.as("device", "quiet", "dsi-main"), hub.as("citizen", "amy", "")
	for ; was.quiet < 7; was.quiet++ {
		takesQuiet(kiosk)
	}
	was.booking = booksToday(t, citizen)
	all := &acked{tickets: map[string]ticketView{}, called: map[string]string{}, done: map[string]bool{}, bookings: map[string]bookingView{}}
	stop := busy(t, hub, all)
	exported(t, data, was.head)
	was.promised = all.copy()
	mustVez(t, nil, "backup", "--with-key", "--json", "--data", data, was.file)
	for range 5 {
		takesQuiet(kiosk)
	}
	exported(t, data, was.late)
	hub.kill()
	stop()
	if len(was.promised.tickets) < 20 || len(was.promised.called) < 5 || len(was.promised.bookings) < 3 {
		t.Fatalf("too little happened to prove anything: %+v", was.promised)
	}
	key, err := os.ReadFile(filepath.Join(data, "key"))
	if err != nil {
		t.Fatal(err)
	}
	was.key = string(key)
	mustVez(t, nil, "backup", "verify", "--signer", was.head, "--head", was.head, was.file)
	return was
}

func takesQuiet(c *client) {
	c.t.Helper()
	c.must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "dsi-main", "service": quietService}, nil)
}

// booksToday takes the last start of the day.
func booksToday(t *testing.T, c *client) bookingView {
	t.Helper()
	free := c.slots(quietService, "dsi-main", "2026-11-24", "2026-11-24")
	if len(free) == 0 {
		t.Fatal("no place is free today")
	}
	var b bookingView
	c.must(http.StatusCreated, "POST", "/api/v1/bookings",
		map[string]any{"service": quietService, "office": "dsi-main", "start": free[len(free)-1].Start}, &b)
	return b
}

func exported(t *testing.T, data, path string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(mustVez(t, nil, "ledger", "head", "--json", "--data", data)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// busy lets kiosks, clerks and citizens at a hub, until it is killed, and comes back when enough has happened.
func busy(t *testing.T, hub *program, a *acked) (wait func()) {
	t.Helper()
	var wg sync.WaitGroup
	for i := range 2 {
		kiosk, clerk, citizen := hub.as("device", "k", "dsi-main"), hub.as("clerk", fmt.Sprint("c", i), "dsi-main"), hub.as("citizen", fmt.Sprint("r", i), "")
		days := citizen.slots("dsi-bir-renewal", "dsi-main", "2026-11-25", "2026-11-27")
		wg.Go(func() { kioskWork(kiosk, a, fmt.Sprint("busy", i)) })
		wg.Go(func() { clerkWork(clerk, a, fmt.Sprintf("dsi-main-%d", i+1)) })
		wg.Go(func() { citizenWork(citizen, a, days, i) })
	}
	within(t, 30*time.Second, "the hall is busy", func() bool {
		c := a.copy()
		return len(c.tickets) > 30 && len(c.called) > 10 && len(c.bookings) > 4
	})
	return wg.Wait
}

// copy is what was promised so far.
func (a *acked) copy() *acked {
	a.mu.Lock()
	defer a.mu.Unlock()
	return &acked{tickets: maps.Clone(a.tickets), called: maps.Clone(a.called), done: maps.Clone(a.done), bookings: maps.Clone(a.bookings)}
}

// check opens a restored house and looks for everything that was promised.
func (was before) check(t *testing.T, restored string, env []string, data string) {
	t.Helper()
	var told struct {
		Epoch  string
		Former string `json:"former_epoch"`
		Report struct{ Flaws []any }
	}
	if err := json.Unmarshal([]byte(restored), &told); err != nil || told.Epoch == told.Former || len(told.Report.Flaws) > 0 {
		t.Fatalf("restored %s: %v", restored, err)
	}
	hub := serve(t, env, "--data", data)
	clerk := hub.as("clerk", "w", "dsi-main")
	within(t, 10*time.Second, "the queue is the ledger's, not the former Redis's", func() bool { return clerk.board("dsi-main")[quietQueue] == was.quiet })
	was.promised.check(t, hub)
	var mine bookingView
	hub.as("citizen", "amy", "").must(http.StatusOK, "GET", "/api/v1/bookings/"+was.booking.ID, nil, &mine)
	if mine.Code != was.booking.Code || mine.Reference != was.booking.Reference || mine.State != "confirmed" {
		t.Errorf("the booking was %+v and is %+v", was.booking, mine)
	}
	hub.as("greeter", "g", "dsi-main").must(http.StatusCreated, "POST", "/api/v1/check-ins", map[string]any{"code": was.booking.Code, "office": "dsi-main"}, nil)
	if err := hub.stop(); err != nil {
		t.Errorf("the hub did not end well: %v", err)
	}
	mustVez(t, env, "ledger", "verify", "--json", "--data", data)
	mustVez(t, env, "ledger", "head", "--check", was.head, "--data", data)
	if out, err := vez(t, env, "ledger", "head", "--check", was.late, "--data", data); err == nil || !strings.Contains(out, "restored from an older backup") {
		t.Errorf("what happened after the backup was not missed: %v\n%s", err, out)
	}
}

func TestARestoreOverALedgerIsRefusedUntilItIsMovedAside(t *testing.T) {
	data, file := t.TempDir(), filepath.Join(t.TempDir(), "backup.tar")
	hub := serve(t, nil, "--data", data)
	takesQuiet(hub.as("device", "k", "dsi-main"))
	mustVez(t, nil, "backup", "--data", data, file)
	if out, err := vez(t, nil, "backup", "--data", data, file); err == nil || !strings.Contains(out, "overwrites") {
		t.Errorf("a backup was overwritten: %v\n%s", err, out)
	}
	if out, err := vez(t, nil, "restore", "--data", data, file); err == nil || !strings.Contains(out, "--replace") {
		t.Errorf("a ledger was overwritten: %v\n%s", err, out)
	}
	if out, err := vez(t, nil, "restore", "--replace", "--data", data, file); err == nil || !strings.Contains(out, "stop it first") {
		t.Errorf("a ledger was replaced under a hub: %v\n%s", err, out)
	}
	takesQuiet(hub.as("device", "k", "dsi-main"))
	if err := hub.stop(); err != nil {
		t.Fatal(err)
	}
	mustVez(t, nil, "restore", "--replace", "--data", data, file)
	aside, err := filepath.Glob(filepath.Join(data, "before-restore-*", "ledger.db"))
	if err != nil || len(aside) != 1 {
		t.Errorf("kept aside: %v %v", aside, err)
	}
	again := serve(t, nil, "--data", data)
	clerk := again.as("clerk", "w", "dsi-main")
	within(t, 10*time.Second, "one waits, as in the backup", func() bool { return clerk.board("dsi-main")[quietQueue] == 1 })
}

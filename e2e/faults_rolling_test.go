package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vez/ledger/pgtest"
)

// TestARollingRestartIsNoticedByNobodyWhoAsksAgain ends one hub after the other
// in the orderly way, under load, and starts a new one in its place.
func TestARollingRestartIsNoticedByNobodyWhoAsksAgain(t *testing.T) {
	seed, _ := seedOf(t)
	live := newRedis(t)
	h := newHouse(t, houseIs{hubs: 2, database: pgtest.URL(t), redis: live.client(), address: live.url()})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	for i := range rounds(4) {
		began := time.Now()
		h.stopsHub(i)
		t.Logf("hub %d ended within %s", i%2, time.Since(began).Round(time.Millisecond))
		h.catchesUp(soon(2*time.Second), "a hub ended")
		w.goesOn(40, 20*time.Second)
		h.replaces(i)
		w.goesOn(40, 20*time.Second)
	}
	w.closes(30 * time.Second)
	for code := range w.refused {
		if code != "no answer" && code != "shutting_down" {
			t.Errorf("somebody was told %q: %v", code, w.refused)
		}
	}
	w.quick(5 * time.Second)
	w.proves()
}

// stopsHub ends a hub in the orderly way.
func (h *house) stopsHub(i int) {
	h.t.Helper()
	p := h.hub(i)
	if err := p.stop(); err != nil {
		h.t.Errorf("hub %d did not end well: %v", i, err)
	}
}

// beforeReminders is the last state of the program with the first schema; the
// migration after it keeps the state of each reminder.
const beforeReminders = "c1a3845~1"

// TestAnOlderHubServesOnWhileANewerOneMigrates runs the program as it was before
// a migration, under load, and starts today's beside it on the same ledger.
func TestAnOlderHubServesOnWhileANewerOneMigrates(t *testing.T) {
	seed, _ := seedOf(t)
	older := buildOlder(t, beforeReminders)
	live := newRedis(t)
	today := binary
	binary = older
	t.Cleanup(func() { binary = today })
	h := newHouse(t, houseIs{hubs: 1, database: pgtest.URL(t), redis: live.client(), address: live.url()})
	binary = today
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	newer := h.start() // it migrates under the older one's load
	h.mu.Lock()
	h.hubs = append(h.hubs, newer)
	h.mu.Unlock()
	w.goesOn(200, 30*time.Second)
	h.catchesUp(soon(2*time.Second), "two versions side by side")
	out := refusesAs(t, older, h.env, "serve", "--demo", "--public", "0", "--listen", "127.0.0.1:0")
	says(t, out, "schema_newer")
	h.stopsHub(0)
	h.mu.Lock()
	h.hubs = h.hubs[1:]
	h.mu.Unlock()
	h.catchesUp(soon(2*time.Second), "the older hub ended")
	w.goesOn(50, 20*time.Second)
	w.closes(30 * time.Second)
	w.proves()
}

// buildOlder builds the program as it was at a commit, once on a machine;
// without that history it cannot.
func buildOlder(t *testing.T, commit string) string {
	t.Helper()
	git := func(args ...string) (string, error) {
		cmd := exec.Command("git", args...)
		cmd.Dir = ".."
		out, err := cmd.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	id, err := git("rev-parse", "--verify", commit+"^{commit}")
	if err != nil {
		t.Skipf("this copy of the repository does not go back to %s: %v %s", commit, err, id)
	}
	kept, err := filepath.Abs("../.tools/older")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(kept, "vez-"+id)
	if _, err := os.Stat(program); err == nil {
		return program
	}
	dir := t.TempDir()
	if out, err := git("archive", "--format=tar", "-o", filepath.Join(dir, "tree.tar"), id); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	built := filepath.Join(dir, "older")
	for _, args := range [][]string{{"tar", "-xf", "tree.tar"}, {"go", "build", "-o", built, "./cmd/vez"}} {
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	if err := os.MkdirAll(kept, 0o750); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mv", built, program).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	return program
}

// refusesAs runs a version of the program that must not start, and gives what it said.
func refusesAs(t *testing.T, program string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	done := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer done.Stop()
	out, err := cmd.CombinedOutput()
	if err == nil || strings.Contains(string(out), "Vez is open") {
		t.Fatalf("it started:\n%s", out)
	}
	return string(out)
}

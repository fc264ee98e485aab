package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"vez/ledger/pgtest"
	"vez/printer/drive"
)

// disk mounts a small disk of its own at a folder.
func disk(t *testing.T, dir, size string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("mounting a small disk needs root")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("cannot mount a small disk: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// fills writes until a disk is full; the function it gives makes room again.
func fills(t *testing.T, dir string) (room func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for size := 64 << 10; size > 0; { // to the last byte
		if _, err := f.Write(make([]byte, size)); err != nil {
			size /= 2
		}
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFullDiskIsToldAndForgottenWhenThereIsRoom fills the disk of the ledger
// under a busy hub; what was promised stays, everybody else is told.
func TestAFullDiskIsToldAndForgottenWhenThereIsRoom(t *testing.T) {
	data := t.TempDir()
	disk(t, data, "48m")
	seed, rng := seedOf(t)
	h := newHouse(t, houseIs{hubs: 1, data: data})
	w := h.opens(seed, 1, 2, 1)
	reader := h.hub(0).as("greeter", "reader", "nor-hall")
	for range rounds(3) {
		w.goesOn(100, 30*time.Second)
		room := fills(t, data)
		was := w.waited()
		within(t, 30*time.Second, "somebody is told", func() bool { return w.waited() > was+5 })
		reader.must(http.StatusOK, "GET", "/api/v1/offices/nor-hall/line", nil, nil) // who looks, sees
		time.Sleep(between(rng, 100*time.Millisecond, 500*time.Millisecond))
		room()
		w.goesOn(20, 10*time.Second)
	}
	w.closes(30 * time.Second)
	for code := range w.refused {
		if code != "disk_full" {
			t.Errorf("with the disk full somebody was told %q: %v", code, w.refused)
		}
	}
	w.proves()
}

// TestAFullDiskOfPostgreSQLIsToldAndForgottenWhenThereIsRoom fills the disk of a
// PostgreSQL with its journal under two busy hubs. It refuses, or panics and
// does not come up until there is room and somebody starts it, as the machine's
// own supervisor does; the hubs go on by themselves.
func TestAFullDiskOfPostgreSQLIsToldAndForgottenWhenThereIsRoom(t *testing.T) {
	t.Parallel() // it mostly waits
	files := t.TempDir()
	disk(t, files, "160m")
	if err := os.Chmod(filepath.Dir(files), 0o755); err != nil { // PostgreSQL is not root
		t.Fatal(err)
	}
	seed, rng := seedOf(t)
	live, s := newRedis(t), pgtest.NewIn(t, files)
	h := newHouse(t, houseIs{hubs: 2, database: s.URL(t), redis: live.client(), address: live.url()})
	w := h.opens(seed, 1, 2, 1)
	for range rounds(2) {
		w.goesOn(100, 30*time.Second)
		room := fills(t, files)
		was := w.waited()
		within(t, 60*time.Second, "somebody is told", func() bool { return w.waited() > was+5 })
		time.Sleep(between(rng, 500*time.Millisecond, 3*time.Second))
		room()
		began := time.Now()
		if s.Ended() {
			t.Log("PostgreSQL gave up, and is started again")
			s.Start(t)
		}
		w.goesOn(20, 20*time.Second)
		t.Logf("it went on %s after there was room", time.Since(began).Round(time.Millisecond))
	}
	w.closes(60 * time.Second)
	for code := range w.refused {
		if code != "disk_full" && code != "ledger_away" && code != "unknown_outcome" {
			t.Errorf("with the disk full somebody was told %q: %v", code, w.refused)
		}
	}
	w.quick(blackHole)
	w.proves()
}

// TestAFullDiskOfRedisIsNoticedByNobody lets Redis keep a journal on a disk that
// runs full: it refuses writes, and the counters go on.
func TestAFullDiskOfRedisIsNoticedByNobody(t *testing.T) {
	seed, _ := seedOf(t)
	dir := t.TempDir()
	disk(t, dir, "8m")
	live := newRedisIn(t, dir, "--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0")
	h := newHouse(t, houseIs{hubs: 2, database: pgtest.URL(t), redis: live.client(), address: live.url()})
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(100, 30*time.Second)
	room := fills(t, dir)
	within(t, 20*time.Second, "Redis refuses to write", func() bool {
		err := live.client().Set(context.Background(), "of the test", "x", time.Second).Err()
		return err != nil && strings.Contains(err.Error(), "MISCONF")
	})
	w.goesOn(100, 20*time.Second)
	room()
	within(t, 10*time.Second, "Redis writes again", func() bool {
		return live.client().Set(context.Background(), "of the test", "x", time.Second).Err() == nil
	})
	h.catchesUp(soon(2*time.Second), "Redis has room again")
	w.goesOn(30, 20*time.Second)
	w.closes(30 * time.Second)
	if w.waited() > 0 {
		t.Errorf("somebody was refused: %v", w.refused)
	}
	w.quick(atOnce)
	w.proves()
}

// TestAFullPaperFolderHoldsUpNoTicket fills the disk that papers are written to:
// tickets are given all the same, at once. A paper that had to wait too long is
// the phone's; the others come when there is room, and so do those of later tickets.
func TestAFullPaperFolderHoldsUpNoTicket(t *testing.T) {
	data := t.TempDir()
	papers := drive.Paper(data)
	disk(t, papers, "1m")
	p := serve(t, nil, "--data", data)
	room := fills(t, papers)
	kiosk := p.as("device", "k", "dsi-main")
	for range 6 {
		began := time.Now()
		takesQuiet(kiosk)
		if took := time.Since(began); took > 7*time.Second { // less than a paper waits for a printer
			t.Errorf("a ticket took %s", took)
		}
	}
	pending := func() (n int) {
		_, body := scrape(t, p)
		_, line, _ := strings.Cut(body, "\nvez_print_jobs_pending ")
		if _, err := fmt.Sscan(line, &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	within(t, 10*time.Second, "six papers wait or have waited too long", func() bool {
		return pending()+strings.Count(p.log.String(), "state=moved") >= 6
	})
	room()
	within(t, 60*time.Second, "no paper waits", func() bool { return pending() == 0 })
	written := func() int {
		all, err := filepath.Glob(filepath.Join(papers, "*.pdf"))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before, moved := written(), 0
	for end := time.Now().Add(10 * time.Second); before+moved < 6 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) { // the log comes after the ledger
		moved = strings.Count(p.log.String(), "state=moved")
	}
	if before+moved != 6 {
		t.Errorf("of six papers %d came and %d are the phone's", before, moved)
	}
	takesQuiet(kiosk)
	within(t, 10*time.Second, "the next ticket has its paper", func() bool { return written() == before+1 })
}

package queue_test

import (
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/queue"
)

func child(t *testing.T) (redis.UniversalClient, string) {
	dir, err := os.MkdirTemp("", "vez-child-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	dir = filepath.Join(dir, "redis")
	c, end, err := queue.Child(t.Context(), dir, clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	if errors.Is(err, queue.ErrNoServer) && os.Getenv("VEZ_REQUIRE_REDIS") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	return c, dir
}

func info(t *testing.T, c redis.UniversalClient, field string) string {
	for line := range strings.Lines(c.Info(t.Context(), "server").Val()) {
		if v, ok := strings.CutPrefix(line, field+":"); ok {
			return strings.TrimSpace(v)
		}
	}
	return ""
}

func TestAChildIsReachedByItsSocketAloneAndWritesNoFile(t *testing.T) {
	c, dir := child(t)
	if port := info(t, c, "tcp_port"); port != "0" {
		t.Errorf("it listens on port %q", port)
	}
	if st, err := os.Stat(dir); err != nil || st.Mode().Perm() != 0o700 {
		t.Errorf("its folder is %v (%v)", st.Mode(), err)
	}
	c.Set(t.Context(), "vez:test", "1", 0)
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 || files[0].Name() != "redis.sock" {
		t.Errorf("in its folder are %v (%v)", files, err)
	}
}

func TestAKilledChildComesBack(t *testing.T) {
	c, _ := child(t)
	first := info(t, c, "process_id")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(10 * time.Second)
	for id := first; id == first || id == ""; id = info(t, c, "process_id") {
		if time.Now().After(deadline) {
			t.Fatal("it does not come back")
		}
	}
}

func TestClosingEndsTheChild(t *testing.T) {
	dir, err := os.MkdirTemp("", "vez-child-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	_, end, err := queue.Child(t.Context(), dir, clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	if errors.Is(err, queue.ErrNoServer) && os.Getenv("VEZ_REQUIRE_REDIS") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	end()
	if c, err := net.Dial("unix", filepath.Join(dir, "redis.sock")); err == nil {
		c.Close()
		t.Error("it still answers")
	}
}

func TestAFolderTooDeepForASocketIsRefused(t *testing.T) {
	_, _, err := queue.Child(t.Context(), filepath.Join(t.TempDir(), strings.Repeat("x", 120)), clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	if err == nil || errors.Is(err, queue.ErrNoServer) && os.Getenv("VEZ_REQUIRE_REDIS") != "" {
		t.Errorf("the error is %v", err)
	}
}

package queuetest

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"

	"vez/queue"
)

// Backend is a Redis that a test can cut off.
type Backend struct {
	Client redis.UniversalClient
	wire   *wire
}

// Cut ends every connection and refuses new ones.
func (b *Backend) Cut() { b.wire.set(true) }

// Mend lets connections through again.
func (b *Backend) Mend() { b.wire.set(false) }

// wire hands out connections while it is whole.
type wire struct {
	mu    sync.Mutex
	dial  func() (net.Conn, error)
	cut   bool
	conns []net.Conn
}

var errCut = errors.New("queuetest: the wire is cut")

func (w *wire) Dial(context.Context, string, string) (net.Conn, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		return nil, errCut
	}
	c, err := w.dial()
	if err == nil {
		w.conns = append(w.conns, c)
	}
	return c, err
}

func (w *wire) set(cut bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = cut
	if cut {
		for _, c := range w.conns {
			c.Close()
		}
		w.conns = nil
	}
}

func backend(t testing.TB, dial func() (net.Conn, error)) *Backend {
	c, err := queue.Dial("redis://test")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{dial: dial}
	o := *c.(*redis.Client).Options()
	_ = c.Close()
	o.Dialer = w.Dial
	b := &Backend{Client: redis.NewClient(&o), wire: w}
	t.Cleanup(func() {
		_ = b.Client.Close()
		b.Cut()
	})
	return b
}

// Mini is the embedded server, fresh for the test.
func Mini(t testing.TB) *Backend {
	c, end := queue.Embedded(clockwork.NewRealClock())
	t.Cleanup(end)
	dial := c.(*redis.Client).Options().Dialer
	return backend(t, func() (net.Conn, error) { return dial(context.Background(), "", "") })
}

// Real is a redis-server of its own for the test, on a socket in a temporary
// folder. Without an installed server the test is skipped, unless VEZ_REQUIRE_REDIS is set.
func Real(t testing.TB) *Backend {
	dir, err := os.MkdirTemp("", "vez-redis-") // t.TempDir may be too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	c, end, err := queue.Child(t.Context(), dir, clockwork.NewRealClock(), slog.New(slog.DiscardHandler))
	if errors.Is(err, queue.ErrNoServer) && os.Getenv("VEZ_REQUIRE_REDIS") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(end)
	c.FlushAll(t.Context())
	return backend(t, func() (net.Conn, error) { return net.Dial("unix", filepath.Join(dir, "redis.sock")) })
}

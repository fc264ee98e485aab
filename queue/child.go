package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/redis/go-redis/v9"
)

// Servers that a child may be, in the order they are looked for.
var servers = []string{"redis-server", "valkey-server"}

// Pauses before a child that died is started again, machine time.
const (
	restartFirst = 100 * time.Millisecond
	restartMost  = 10 * time.Second
	// healthyAfter is how long a child must live for the pauses to begin anew.
	healthyAfter = time.Minute
	// quitWithin is how long a child may take to end when asked.
	quitWithin = 5 * time.Second
	// socketMost is what a socket's path may be long (unix(7): 108 bytes with the final zero).
	socketMost = 107
)

// ErrNoServer tells that no Redis server is installed.
var ErrNoServer = errors.New("queue: neither redis-server nor valkey-server is installed")

// Child runs an installed Redis or Valkey server as a child of this process, on
// a socket in dir that only we can reach, without a port and without files: what
// it holds can be made anew. It is started again when it dies, and ends with
// close or with this process. Child returns when the server answers or ctx ends.
func Child(ctx context.Context, dir string, clock clockwork.Clock, log *slog.Logger) (client redis.UniversalClient, close func(), err error) {
	path, err := serverPath()
	if err != nil {
		return nil, nil, err
	}
	socket, err := socketIn(dir)
	if err != nil {
		return nil, nil, err
	}
	s := &supervisor{path: path, dir: dir, socket: socket, clock: clock, log: log, ended: make(chan struct{})}
	run, stop := context.WithCancel(context.Background())
	go s.keep(run)
	c := single(&redis.Options{Network: "unix", Addr: socket})
	end := func() {
		stop()
		<-s.ended
		_ = c.Close()
	}
	if err := waitFor(ctx, c, clock); err != nil {
		end()
		return nil, nil, fmt.Errorf("queue: the child does not answer: %w", err)
	}
	return c, end, nil
}

func serverPath() (string, error) {
	for _, name := range servers {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrNoServer
}

// socketIn makes dir private and names the socket in it.
func socketIn(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("queue: the folder of the child: %w", err)
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return "", fmt.Errorf("queue: the folder of the child: %w", err)
	}
	socket := filepath.Join(dir, "redis.sock")
	if len(socket) > socketMost {
		return "", fmt.Errorf("queue: the path of the child's socket is longer than %d bytes: %s", socketMost, socket)
	}
	return socket, nil
}

// waitFor asks until the server answers.
func waitFor(ctx context.Context, c redis.UniversalClient, clock clockwork.Clock) error {
	for {
		err := c.Ping(ctx).Err()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-clock.After(restartFirst / 4):
		}
	}
}

// supervisor keeps one server running.
type supervisor struct {
	path, dir, socket string
	clock             clockwork.Clock
	log               *slog.Logger
	ended             chan struct{}
}

// keep starts the server again and again until ctx ends.
func (s *supervisor) keep(ctx context.Context) {
	defer close(s.ended)
	// The kernel ends the child with the thread that started it: keep the thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pause := restartFirst
	for ctx.Err() == nil {
		began := s.clock.Now()
		err := s.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if s.clock.Since(began) >= healthyAfter {
			pause = restartFirst
		}
		s.log.Error("queue: the Redis child ended and is started again", "err", err, "pause", pause)
		select {
		case <-ctx.Done():
		case <-s.clock.After(pause):
		}
		pause = min(2*pause, restartMost)
	}
}

// once runs the server to its end.
func (s *supervisor) once(ctx context.Context) error {
	_ = os.Remove(s.socket) // of one that was killed; usually there is none
	var said bytes.Buffer
	cmd := exec.CommandContext(ctx, s.path, "-")
	cmd.Stdin = bytes.NewReader(s.settings())
	out := &tail{&said}
	cmd.Stdout, cmd.Stderr = out, out
	cmd.Dir = s.dir
	cmd.SysProcAttr = withParent()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = quitWithin
	err := cmd.Run()
	if err == nil {
		err = errors.New("it ended by itself")
	}
	if said.Len() > 0 && ctx.Err() == nil {
		err = fmt.Errorf("%w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return err
}

// settings of the server: reachable by us alone, nothing on disk, nothing thrown away when memory is short.
func (s *supervisor) settings() []byte {
	return fmt.Appendf(nil, `port 0
unixsocket "%s"
unixsocketperm 700
save ""
appendonly no
maxmemory-policy noeviction
daemonize no
loglevel warning
logfile ""
`, s.socket)
}

// tail keeps the end of what a child says.
type tail struct{ b *bytes.Buffer }

const tailKept = 2048

func (t *tail) Write(p []byte) (int, error) {
	t.b.Write(p)
	if t.b.Len() > tailKept {
		t.b.Next(t.b.Len() - tailKept)
	}
	return len(p), nil
}

package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"vez/ledger/pgtest"
	"vez/ledger/porttest"
	"vez/queue"
)

// A redisServer is a real redis-server on a port of its own, to be killed,
// stopped and started again over its folder.
type redisServer struct {
	t    *testing.T
	dir  string
	port int
	args []string
	cmd  *exec.Cmd
	end  chan struct{}
}

// newRedis starts one; args are settings such as "--appendonly", "no".
func newRedis(t *testing.T, args ...string) *redisServer {
	t.Helper()
	return newRedisIn(t, t.TempDir(), args...)
}

// newRedisIn starts one that keeps its files in a folder.
func newRedisIn(t *testing.T, dir string, args ...string) *redisServer {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil && os.Getenv("VEZ_REQUIRE_REDIS") == "" {
		t.Skip(err)
	}
	var also []int
	if slices.Contains(args, "--cluster-enabled") {
		also = append(also, 10000) // its bus
	}
	r := &redisServer{t: t, dir: dir, port: porttest.Port(t, also...), args: args}
	r.start()
	t.Cleanup(func() {
		r.signal(syscall.SIGCONT)
		r.kill()
		if t.Failed() {
			said, _ := os.ReadFile(filepath.Join(r.dir, "log"))
			t.Logf("redis-server at %d said:\n%s", r.port, said[max(0, len(said)-3000):])
		}
	})
	return r
}

func (r *redisServer) address() string { return "127.0.0.1:" + strconv.Itoa(r.port) }

func (r *redisServer) url() string { return "redis://" + r.address() + "/0" }

// start starts it over its folder and waits until it answers.
func (r *redisServer) start() {
	r.t.Helper()
	args := append([]string{"--port", strconv.Itoa(r.port), "--bind", "127.0.0.1", "--dir", r.dir, "--save", "", "--logfile", filepath.Join(r.dir, "log"),
		"--daemonize", "no"}, r.args...)
	r.runs(args)
	c := dials(r.t, r.url())
	within(r.t, 20*time.Second, "redis-server answers", func() bool { return c.Ping(context.Background()).Err() == nil })
}

func (r *redisServer) runs(args []string) {
	r.t.Helper()
	r.cmd = exec.Command("redis-server", args...)
	r.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	r.end = make(chan struct{})
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, end chan struct{}) {
		_ = cmd.Wait()
		close(end)
	}(r.cmd, r.end)
}

func (r *redisServer) signal(s syscall.Signal) { _ = r.cmd.Process.Signal(s) }

// kill ends it at once and waits.
func (r *redisServer) kill() {
	r.signal(syscall.SIGKILL)
	<-r.end
}

// client is the test's own way to it.
func (r *redisServer) client() redis.UniversalClient { return dials(r.t, r.url()) }

func dials(t *testing.T, url string) redis.UniversalClient {
	t.Helper()
	c, err := queue.Dial(url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// A postgres is a server whose processes can be killed one by one.
type postgres struct {
	t   *testing.T
	s   *pgtest.Server
	url string
}

func newPostgres(t *testing.T) *postgres {
	t.Helper()
	s := pgtest.New(t)
	return &postgres{t: t, s: s, url: s.URL(t)}
}

// asks runs a statement that answers with one text.
func (p *postgres) asks(statement string) (out string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	within(p.t, 20*time.Second, "PostgreSQL answers", func() bool {
		c, err := pgx.Connect(ctx, p.url)
		if err != nil {
			return false
		}
		defer c.Close(ctx)
		return c.QueryRow(ctx, statement).Scan(&out) == nil
	})
	return out
}

// killsPostmaster kills -9 the server's first process; the others notice and go.
func (p *postgres) killsPostmaster() {
	p.t.Helper()
	text, err := os.ReadFile(filepath.Join(p.asks("SHOW data_directory"), "postmaster.pid"))
	if err != nil {
		p.t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		p.t.Fatal(err)
	}
	// What it starts while it is looked at would be overlooked.
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		p.t.Fatal(err)
	}
	all := append(childrenOf(pid), pid)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	within(p.t, 20*time.Second, "every process of PostgreSQL is gone", func() bool {
		for _, one := range all {
			if alive(one) {
				return false
			}
		}
		return true
	})
}

// killsBackend kills -9 one connection's process of a hub; PostgreSQL ends all others and recovers.
func (p *postgres) killsBackend() {
	p.t.Helper()
	var all []int
	for text := range strings.SplitSeq(p.asks("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity WHERE application_name = 'vez'"), " ") {
		pid, err := strconv.Atoi(text)
		if err != nil {
			p.t.Fatal(err)
		}
		all = append(all, pid)
	}
	if err := syscall.Kill(all[0], syscall.SIGKILL); err != nil {
		p.t.Fatal(err)
	}
	// It answers until its first process has noticed; then every connection ends.
	within(p.t, 20*time.Second, "PostgreSQL has noticed", func() bool { return !slices.ContainsFunc(all, alive) })
}

func (p *postgres) start() { p.s.Start(p.t) }

func childrenOf(parent int) (out []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(parent) {
			pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			out = append(out, pid)
		}
	}
	return out
}

// alive tells whether a process runs; one that only waits to be reaped does not.
func alive(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if errors.Is(err, os.ErrNotExist) || err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return !strings.HasPrefix(rest, "Z") && !strings.HasPrefix(rest, "X")
}

package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// errNoPostgres tells that there is nothing to start.
var errNoPostgres = errors.New("no PostgreSQL is installed")

// postgresStarts is how long a server may take until it answers.
const postgresStarts = 60 * time.Second

// postgres is a throwaway server on loopback, durable like a real one, with
// everything in a folder of its own.
type postgres struct {
	ctx  context.Context
	bin  string // folder of its programs
	home string
	port string
	cred *syscall.Credential // whom it runs as when we are root, which PostgreSQL refuses
	gone chan struct{}       // closed when it has ended
	stop func()
	made int // databases
}

func startPostgres(ctx context.Context) (*postgres, error) {
	bin, err := postgresPrograms()
	if err != nil {
		return nil, err
	}
	home, remove, err := temp()
	if err != nil {
		return nil, err
	}
	p := &postgres{ctx: ctx, bin: bin, home: home, gone: make(chan struct{})}
	if err := errors.Join(p.unroot(), p.init()); err != nil {
		remove()
		return nil, err
	}
	if err := p.start(); err != nil {
		remove()
		return nil, err
	}
	if err := p.answers(); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// postgresPrograms finds them where Debian keeps them, else on the path: some
// systems have links to a few of them there.
func postgresPrograms() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		at, err := exec.LookPath("initdb")
		if err != nil {
			return "", errNoPostgres
		}
		return filepath.Dir(at), nil
	}
	major := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return major(a) - major(b) })
	return filepath.Dir(newest), nil
}

// unroot gives the folder to the system's own user for it.
func (p *postgres) unroot() error {
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("%w for root: there is no user postgres to run it as", errNoPostgres)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	p.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(p.home, int(uid), int(gid))
}

func (p *postgres) command(name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(p.ctx, filepath.Join(p.bin, name), args...) //nolint:gosec // PostgreSQL's own programs, with arguments of ours
	cmd.Dir, cmd.Env = p.home, append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: p.cred}
	return cmd
}

func (p *postgres) run(name string, args ...string) error {
	out, err := p.command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

func (p *postgres) init() error {
	return p.run("initdb", "-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
}

// start runs the server; the thread that starts it is kept, for the kernel ends the child with it.
func (p *postgres) start() error {
	ln, err := (&net.ListenConfig{}).Listen(p.ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, p.port, _ = net.SplitHostPort(ln.Addr().String())
	if err := ln.Close(); err != nil {
		return err
	}
	cmd := p.command("postgres", "-D", "data", "-k", p.home, "-p", p.port, "-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "max_connections=200")
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGINT) } // PostgreSQL's fast shutdown
	withParent(cmd.SysProcAttr)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.gone)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	p.stop = func() { _ = cmd.Cancel() }
	return <-started
}

func (p *postgres) answers() error {
	limit := time.Now().Add(postgresStarts)
	for {
		err := p.run("pg_isready", "-h", "127.0.0.1", "-p", p.port, "-q")
		if err == nil {
			return nil
		}
		select {
		case <-p.gone:
			return errors.New("the throwaway PostgreSQL has ended by itself")
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(limit) {
			return fmt.Errorf("the throwaway PostgreSQL does not answer: %w", err)
		}
	}
}

// database makes an empty one and gives its address.
func (p *postgres) database() (string, error) {
	p.made++
	name := fmt.Sprint("bench", p.made)
	if err := p.run("createdb", "-h", "127.0.0.1", "-p", p.port, "-U", "postgres", name); err != nil {
		return "", err
	}
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%s/%s?sslmode=disable", p.port, name), nil
}

// end stops the server and removes everything.
func (p *postgres) end() {
	p.stop()
	<-p.gone
	_ = os.RemoveAll(p.home)
}

package pgtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"vez/ledger/porttest"
)

// required makes a missing PostgreSQL a failure instead of a skip.
const required = "VEZ_REQUIRE_POSTGRES"

// startFor bounds the start of a server on a busy machine.
const startFor = 60 * time.Second

// portTries is how many ports a new server is tried on: somebody else may take
// one between its being found free and the server's start.
const portTries = 5

var errPortTaken = errors.New("pgtest: the port is taken")

// Server is a private PostgreSQL.
type Server struct {
	bin  string // directory of the programs
	home string // holds data and socket
	// small keeps a small journal.
	small bool
	port  int
	cred  *syscall.Credential // whom it runs as when we are root; PostgreSQL refuses root
	proc  *exec.Cmd
	gone  chan struct{} // closed when proc has ended
}

var shared struct {
	once   sync.Once
	server *Server
	err    error
}

// Main runs a package's tests and then stops the shared server: call it from
// TestMain as os.Exit(pgtest.Main(m)).
func Main(m *testing.M) int {
	defer func() {
		if shared.server != nil {
			shared.server.remove()
		}
	}()
	return m.Run()
}

// URL makes a fresh, empty database on the server that the tests of this
// process share, and gives its URL. The database is dropped with the test.
func URL(t testing.TB) string {
	t.Helper()
	shared.once.Do(func() { shared.server, shared.err = launch("") })
	if shared.err != nil {
		skip(t, shared.err)
	}
	return shared.server.URL(t)
}

// Address is the TCP address of the shared server, for a proxy before it.
func Address(t testing.TB) string {
	t.Helper()
	if shared.server == nil {
		t.Fatal("pgtest: no database was asked for yet")
	}
	return shared.server.address()
}

// New starts a server of the test's own, to be stopped and killed at will.
func New(t testing.TB) *Server {
	t.Helper()
	return NewIn(t, "")
}

// NewIn is New with its files in a folder, "" for the usual one: on a disk that
// is to run full, for one. Its journal is written in files of 1 MB there.
func NewIn(t testing.TB, dir string) *Server {
	t.Helper()
	s, err := launch(dir)
	if err != nil {
		skip(t, err)
	}
	t.Cleanup(s.remove)
	return s
}

func skip(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, exec.ErrNotFound) && os.Getenv(required) == "" {
		t.Skipf("no PostgreSQL on this machine: %v", err)
	}
	t.Fatal(err)
}

var databases atomic.Int64

// URL makes a fresh, empty database.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	name := fmt.Sprintf("test%d", databases.Add(1))
	if err := s.run("CREATE DATABASE " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.run("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)") })
	return s.url(name)
}

// Account makes an account on the server of a URL, unless it is there; it owns nothing.
func Account(t testing.TB, address, name string) {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var known bool
	err = db.QueryRowContext(t.Context(), "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).Scan(&known)
	if err == nil && !known {
		_, err = db.ExecContext(t.Context(), "CREATE ROLE "+name+" LOGIN")
	}
	if err != nil {
		t.Fatal(err)
	}
}

// As is a URL for another account.
func As(t testing.TB, address, account string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User(account)
	return u.String()
}

// AnyURL names a database that is on every server.
func (s *Server) AnyURL() string { return s.url("postgres") }

func (s *Server) address() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)) }

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://postgres@%s/%s?sslmode=disable", s.address(), database)
}

// Kill ends the server as a power cut would: at once, without a checkpoint.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	s.signal(syscall.SIGQUIT)
}

// Ended tells whether the server's first process is gone.
func (s *Server) Ended() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

// Start brings a killed server back and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatal(err)
	}
}

func launch(dir string) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	sweep()
	home, err := os.MkdirTemp(dir, fmt.Sprintf("%s%d-", homePrefix, os.Getpid()))
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, home: home, small: dir != ""}
	if err := s.prepare(); err != nil {
		s.remove()
		return nil, err
	}
	return s, nil
}

const homePrefix = "vez-postgres-"

// sweep removes the homes of processes that were killed before they could.
func sweep() {
	homes, _ := filepath.Glob(filepath.Join(os.TempDir(), homePrefix+"*"))
	for _, home := range homes {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(home), homePrefix), "-")
		if pid, err := strconv.Atoi(id); err == nil && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			_ = os.RemoveAll(home)
		}
	}
}

// programs finds initdb and postgres: Debian keeps them out of the path.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", fmt.Errorf("initdb: %w", exec.ErrNotFound)
	}
	slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
	return filepath.Dir(found[0]), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

func (s *Server) prepare() error {
	if os.Geteuid() == 0 {
		if err := s.becomePostgres(); err != nil {
			return err
		}
	}
	args := []string{"-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"}
	if s.small {
		args = append(args, "--wal-segsize=1")
	}
	init := s.command("initdb", args...)
	if out, err := init.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	var err error
	for range portTries {
		if s.port, err = porttest.Find(); err != nil {
			return err
		}
		if err = s.start(); !errors.Is(err, errPortTaken) {
			return err
		}
	}
	return err
}

func (s *Server) becomePostgres() error {
	u, err := user.Lookup("postgres")
	if err != nil {
		return fmt.Errorf("no user to run PostgreSQL as: %w: %w", err, exec.ErrNotFound)
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	s.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(s.home, uid, gid)
}

func (s *Server) data() string { return filepath.Join(s.home, "data") }

func (s *Server) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.bin, name), args...)
	cmd.Dir = s.home
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: s.cred, Setpgid: true}
	return cmd
}

func (s *Server) start() error {
	log, err := os.OpenFile(filepath.Join(s.home, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	sockets := s.home
	if s.small {
		sockets = "" // the path of a test's folder may be too long for one
	}
	args := []string{"-D", s.data(), "-k", sockets, "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "fsync=on", "-c", "max_connections=200"}
	if s.small {
		args = append(args, "-c", "min_wal_size=2MB", "-c", "max_wal_size=16MB")
	}
	s.proc = s.command("postgres", args...)
	s.proc.Stdout, s.proc.Stderr = log, log
	dieWithUs(s.proc.SysProcAttr)
	s.gone = make(chan struct{})
	started := make(chan error)
	go func(p *exec.Cmd, gone chan struct{}) {
		// The thread lives as long as the server, and on: it may have started other programs, which would end with it.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.Start()
		started <- err
		if err == nil {
			_ = p.Wait()
		}
		close(gone)
	}(s.proc, s.gone)
	if err := <-started; err != nil {
		return fmt.Errorf("postgres: %w", err)
	}
	return s.answers()
}

// answers waits until the server takes connections, and not another one that
// came first to its port.
func (s *Server) answers() error {
	limit, cancel := context.WithTimeout(context.Background(), startFor)
	defer cancel()
	ours := fmt.Sprintf("SELECT 1 / (current_setting('data_directory') = '%s')::int", s.data())
	for {
		err := s.run(ours)
		if err == nil {
			return nil
		}
		wait, stop := context.WithTimeout(limit, 50*time.Millisecond)
		select {
		case <-s.gone:
			stop()
			return s.failed()
		case <-wait.Done():
			stop()
		}
		if limit.Err() != nil {
			return fmt.Errorf("postgres does not answer: %w", err)
		}
	}
}

// failed tells why the server did not start.
func (s *Server) failed() error {
	said, err := os.ReadFile(filepath.Join(s.home, "log"))
	if bytes.Contains(said, []byte("Address already in use")) {
		err = errPortTaken
	}
	return errors.Join(fmt.Errorf("postgres did not start:\n%s", said), err)
}

// run executes one statement in the maintenance database.
func (s *Server) run(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), startFor)
	defer cancel()
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, statement)
	return err
}

// signal sends a signal and waits for the end.
func (s *Server) signal(sig syscall.Signal) {
	if s.proc == nil || s.proc.Process == nil {
		return
	}
	_ = s.proc.Process.Signal(sig)
	<-s.gone
}

func (s *Server) remove() {
	s.signal(syscall.SIGQUIT)
	_ = os.RemoveAll(s.home)
}

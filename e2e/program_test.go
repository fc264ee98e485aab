package e2e

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"vez/ledger/pgtest"
)

var (
	binary string
	// scratch is where programs make their temporary folders: one that is killed cannot clear them away.
	scratch string
)

// TestMain builds the program once.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "vez-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binary, scratch = filepath.Join(dir, "vez"), filepath.Join(dir, "tmp")
	if err := os.Mkdir(scratch, 0o700); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	build := exec.Command("go", "build", "-o", binary, "vez/cmd/vez")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		os.RemoveAll(dir)
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
	code := pgtest.Main(m)
	os.RemoveAll(dir)
	os.Exit(code)
}

// tuesday is a working day on both sides of the border, halls open.
const tuesday = "2026-11-24T09:30:00+08:00"

// program is a running hub.
type program struct {
	t   *testing.T
	url string
	cmd *exec.Cmd
	log *lines
	end chan error
}

// lines keeps the last output of a program for when a test fails.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all = append(l.all, s); len(l.all) > 400 {
		l.all = l.all[100:]
	}
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.all, "\n")
}

var opened = regexp.MustCompile(`msg="Vez is open" .*listen=(\S+)`)

// serve starts a demo without public on a free port and waits until it is open.
func serve(t *testing.T, env []string, args ...string) *program {
	t.Helper()
	args = append([]string{"serve", "--demo", "--public", "0", "--clock", tuesday, "--listen", "127.0.0.1:0"}, args...)
	p := &program{t: t, cmd: exec.Command(binary, args...), log: &lines{}, end: make(chan error, 1)}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Dir = root // where fonts/ lies
	p.cmd.Env = append(append(os.Environ(), "TMPDIR="+scratch), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	urls := make(chan string, 1)
	go func() {
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			p.log.add(scan.Text())
			if m := opened.FindStringSubmatch(scan.Text()); m != nil {
				urls <- "http://" + m[1]
			}
		}
		p.end <- p.cmd.Wait()
	}()
	t.Cleanup(func() {
		p.kill()
		if t.Failed() {
			t.Logf("the program said:\n%s", p.log)
		}
	})
	select {
	case p.url = <-urls:
	case err := <-p.end:
		p.end <- err
		t.Fatalf("the program ended: %v\n%s", err, p.log)
	case <-time.After(60 * time.Second):
		t.Fatalf("the program did not open\n%s", p.log)
	}
	return p
}

// kill ends the program as a power cut would: SIGKILL.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	err := <-p.end
	p.end <- err
}

// stop asks it to end and waits.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := <-p.end
	p.end <- err
	return err
}

// client talks to the API as somebody.
type client struct {
	t     *testing.T
	base  string
	token string
	http  *http.Client
}

var transport = &http.Transport{MaxIdleConnsPerHost: 128}

// as gives a client with a demo token.
func (p *program) as(role, subject, office string) *client {
	p.t.Helper()
	c := &client{t: p.t, base: p.url, http: &http.Client{Timeout: 30 * time.Second, Transport: transport}}
	var got struct{ Token string }
	if status := c.post("/api/v1/demo/token", map[string]any{"role": role, "subject": subject, "office": office}, &got); status != http.StatusCreated {
		p.t.Fatalf("demo token: %d", status)
	}
	c.token = got.Token
	return c
}

// errDown tells that the hub did not answer.
var errDown = errors.New("no answer")

// try sends a request and decodes the answer into out; key is an idempotency key or "".
func (c *client) try(method, path, key string, body, out any) (int, []byte, error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return 0, nil, err
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(context.Background(), method, c.base+path, in)
	if err != nil {
		return 0, nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	req.Header.Set("Accept-Language", "en")
	res, err := c.http.Do(req)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errDown, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", errDown, err)
	}
	if out != nil && len(raw) > 0 && res.StatusCode < 300 {
		err = json.Unmarshal(raw, out)
	}
	return res.StatusCode, raw, err
}

func (c *client) do(method, path string, body, out any) int {
	c.t.Helper()
	status, raw, err := c.try(method, path, "", body, out)
	if err != nil {
		c.t.Fatalf("%s %s: %v %s", method, path, err, raw)
	}
	if status >= 500 {
		c.t.Errorf("%s %s: %d %s", method, path, status, raw)
	}
	return status
}

func (c *client) post(path string, body, out any) int { return c.do(http.MethodPost, path, body, out) }

// must sends and fails unless the status is the one wanted.
func (c *client) must(want int, method, path string, body, out any) {
	c.t.Helper()
	status, raw, err := c.try(method, path, "", body, out)
	if err != nil || status != want {
		c.t.Fatalf("%s %s: %d %v, want %d\n%s", method, path, status, err, want, raw)
	}
}

type bookingView struct {
	ID, Reference, Code, State, Service, Office string
	Start, End                                  time.Time
}

type ticketView struct {
	ID, Number, State, Office, Queue, Service, Counter, Link string
	Due                                                      time.Time
	Ahead                                                    int
}

type slotView struct {
	Start time.Time
	Free  int
}

type list[T any] struct{ Items []T }

type problem struct{ Code, Detail, Title string }

// page opens a page as a fresh device or visitor does, following redirects.
func (p *program) page(path string) string {
	p.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		p.t.Fatal(err)
	}
	c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, p.url+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	res, err := c.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %d %v\n%s", path, res.StatusCode, err, body)
	}
	return string(body)
}

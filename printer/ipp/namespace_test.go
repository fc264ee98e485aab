//go:build paper

package ipp_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// inside is set to the folder to work in for the process that runs in the
// network namespace.
const inside = "VEZ_TEST_IPP_DIR"

// TestMain lets programs be found that Debian keeps from the path of ordinary users.
func TestMain(m *testing.M) {
	_ = os.Setenv("PATH", os.Getenv("PATH")+":/usr/sbin:/sbin")
	os.Exit(m.Run())
}

// unable skips, or fails where these tests are required.
func unable(t *testing.T, why string) {
	t.Helper()
	if os.Getenv("VEZ_REQUIRE_IPP") != "" {
		t.Fatalf("real print servers are required: %s", why)
	}
	t.Skipf("no real print servers: %s", why)
}

// enter runs the test once more where it is alone: with a loopback network of
// its own, on which nothing reaches a real printer; its own processes, which
// all end with it; its own mounts. It says whether that is where we are.
func enter(t *testing.T) (dir string, entered bool) {
	t.Helper()
	if dir := os.Getenv(inside); dir != "" {
		return dir, true
	}
	for _, tool := range []string{"unshare", "ip", "dbus-daemon", "avahi-daemon", "ippeveprinter", "cupsd", "lpadmin", "pdftotext",
		"pdftoppm", "zbarimg"} {
		if _, err := exec.LookPath(tool); err != nil {
			unable(t, err.Error())
		}
	}
	namespace := []string{"--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"}
	if out, err := exec.CommandContext(t.Context(), "unshare", append(namespace, "true")...).CombinedOutput(); err != nil {
		unable(t, "a network namespace needs root: "+strings.TrimSpace(string(out)))
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	args := append(namespace, self, "-test.run=^"+t.Name()+"$", "-test.v", "-test.timeout=100s")
	again := exec.CommandContext(ctx, "unshare", args...)
	dir = t.TempDir()
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := os.Chmod(d, 0o755); err != nil { // CUPS works as another user
			t.Fatal(err)
		}
	}
	again.Env = append(os.Environ(), inside+"="+dir)
	out, err := again.CombinedOutput()
	t.Logf("in the namespace:\n%s", out)
	if err != nil {
		t.Errorf("in the namespace: %v", err)
	}
	return "", false
}

// daemon is a program that runs for as long as the test.
type daemon struct {
	name  string
	lines chan string // what it says, until it ends
}

// start starts a program; what it says goes to the test's log.
func start(t *testing.T, env []string, name string, args ...string) *daemon {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = w, w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	d := &daemon{name: filepath.Base(name), lines: make(chan string, 4096)}
	go d.listen(r)
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait() // killed
		_ = r.Close()
		if t.Failed() {
			d.tell(t)
		}
	})
	return d
}

func (d *daemon) listen(r io.Reader) {
	defer close(d.lines)
	for s := bufio.NewScanner(r); s.Scan(); {
		select {
		case d.lines <- s.Text():
		default: // nobody wants to know so much
		}
	}
}

// tell logs what the program said last.
func (d *daemon) tell(t *testing.T) {
	var said []string
	for {
		select {
		case line, open := <-d.lines:
			if open {
				said = append(said, line)
				continue
			}
		default:
		}
		t.Logf("%s said last:\n%s", d.name, strings.Join(said[max(0, len(said)-40):], "\n"))
		return
	}
}

// says waits until the program says something.
func (d *daemon) says(t *testing.T, text string) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		select {
		case line, open := <-d.lines:
			if !open {
				t.Fatalf("%s ended without saying %q", d.name, text)
			}
			if strings.Contains(line, text) {
				return
			}
		case <-late:
			t.Fatalf("%s does not say %q", d.name, text)
		}
	}
}

// until asks again and again, because programs of others give no signal.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !f() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("not in a minute: %s", what)
		}
	}
}

// listens waits until somebody listens on a port of the loopback.
func listens(t *testing.T, port string) {
	t.Helper()
	until(t, "somebody listens on "+port, func() bool {
		conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(t.Context(), "tcp", "localhost:"+port)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	})
}

// command runs a program to its end.
func command(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// write puts a file with its folders.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// network sets up the loopback with the message bus and the name service that
// ippeveprinter does not start without, and gives the environment to find them.
func network(t *testing.T, dir string) []string {
	t.Helper()
	// What these programs leave in fixed places stays in here.
	for _, d := range []string{"/run", "/var/spool/cups-pdf", "/var/log/cups"} {
		if err := syscall.Mount("tmpfs", d, "tmpfs", 0, "mode=755"); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range []string{"link set lo up", "link set lo multicast on", "route add 224.0.0.0/4 dev lo"} {
		command(t, nil, "ip", strings.Fields(args)...)
	}
	bus := "unix:path=" + filepath.Join(dir, "bus")
	env := []string{"DBUS_SYSTEM_BUS_ADDRESS=" + bus}
	conf := write(t, filepath.Join(dir, "dbus.conf"), `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>`+bus+`</listen><auth>EXTERNAL</auth><policy context="default"><allow user="*"/><allow own="*"/>
<allow send_destination="*"/><allow receive_sender="*"/><allow send_type="method_call"/></policy></busconfig>`)
	start(t, env, "dbus-daemon", "--config-file="+conf, "--nofork", "--nopidfile", "--print-address=1").says(t, bus)
	conf = write(t, filepath.Join(dir, "avahi.conf"), "[server]\nuse-ipv6=no\nallow-interfaces=lo\nenable-dbus=yes\n")
	start(t, env, "avahi-daemon", "-f", conf, "--no-drop-root", "--no-chroot", "--no-rlimits").says(t, "startup complete")
	return env
}

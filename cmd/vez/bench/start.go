package bench

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"vez/office"
)

const (
	startMost  = time.Second
	memoryMost = 150_000_000
	// idleFor is how long a hub has nothing to do before its memory is read.
	idleFor = 5 * time.Second
	// readyMost bounds the wait for a hub that never becomes ready.
	readyMost = time.Minute
)

// start measures the program in a process of its own: how soon it is ready, and
// what memory it takes when nobody comes.
func (b *Bench) start() ([]Row, error) {
	dir, remove, err := temp()
	if err != nil {
		return nil, err
	}
	defer remove()
	rows, err := b.startOn(filepath.Join(dir, "empty"), "empty ledger")
	if err != nil {
		return rows, err
	}
	full := filepath.Join(dir, "full")
	if err := b.fillStart(full); err != nil {
		return rows, err
	}
	more, err := b.startOn(full, thousands(liveMost)+" live bookings")
	return append(rows, more...), err
}

func (b *Bench) fillStart(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	cat, err := b.catalogue()
	if err != nil {
		return err
	}
	f := newFiller(dir, cat)
	defer f.end()
	return f.fill(b.ctx, liveMost)
}

// catalogue is the one that every hub here has.
func (b *Bench) catalogue() (*office.Catalogue, error) {
	x, err := b.hub(site{})
	if err != nil {
		return nil, err
	}
	defer x.Close()
	return x.Catalogue, nil
}

// startOn starts the program three times; memory is read the last time.
func (b *Bench) startOn(dir, what string) ([]Row, error) {
	var took []time.Duration
	var memory int64
	for i := range rounds {
		ready, bytes, err := b.startOnce(dir, i == rounds-1)
		if err != nil {
			return nil, err
		}
		took, memory = append(took, ready), bytes
	}
	rows := []Row{bound("from start to ready, "+what, quantile(took, 0.5), startMost).noting("a process of its own, median of " + strconv.Itoa(rounds))}
	if memory == 0 {
		return append(rows, missing("resident memory, idle, embedded, "+what, "this system has no /proc")), nil
	}
	return append(rows, size("resident memory, idle, embedded, "+what, memory, memoryMost).noting(fmt.Sprintf("after %.0f s", idleFor.Seconds()))), nil
}

// startOnce runs the program until it is ready, and idle if its memory is asked for.
func (b *Bench) startOnce(dir string, idle bool) (ready time.Duration, memory int64, err error) {
	ln, err := b.listen()
	if err != nil {
		return 0, 0, err
	}
	addr := ln.Addr().String()
	if err := ln.Close(); err != nil {
		return 0, 0, err
	}
	ctx, stop := context.WithCancel(b.ctx)
	cmd := exec.CommandContext(ctx, b.program, "serve", "--demo", "--public", "0", "--clock", morning.Format(time.RFC3339), "--listen", addr, "--data", dir) //nolint:gosec // our own executable
	cmd.Env = withoutSettings(os.Environ())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		stop()
		return 0, 0, err
	}
	defer func() { stop(); _ = cmd.Wait() }()
	if err := b.untilReady(ctx, addr); err != nil {
		return 0, 0, err
	}
	ready = time.Since(begun)
	if idle {
		time.Sleep(idleFor)
		memory = resident(cmd.Process.Pid)
	}
	return ready, memory, nil
}

// withoutSettings leaves out what would change how the program runs.
func withoutSettings(environ []string) (out []string) {
	for _, e := range environ {
		name, _, _ := strings.Cut(e, "=")
		if !strings.HasPrefix(name, "VEZ_") {
			out = append(out, e)
		}
	}
	return out
}

func (b *Bench) untilReady(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, readyMost)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		if ctx.Err() != nil {
			return fmt.Errorf("the hub is not ready after %s", readyMost)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// resident is the memory of a process in bytes, 0 where the system does not say.
func resident(pid int) int64 {
	raw, _ := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	kb, _, _ := strings.Cut(strings.TrimSpace(between(string(raw), "VmRSS:", "\n")), " ")
	n, _ := strconv.ParseInt(kb, 10, 64)
	return n * 1024
}

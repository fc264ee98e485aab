package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	// deafOnes never read what their streams bring.
	deafOnes = 1000
	// deafMemory is what each may cost of the hub's memory, in bytes, with consoles that have much to show and a hall
	// that is busy meanwhile; the tests of web tell what a stream itself costs.
	deafMemory = 300 << 10
	// deafConsoles are streams with much to tell, beside which boards have little.
	deafConsoles = 20
	// deafTime is how long it may take until such a stream is given up: two heartbeats after nothing more can be written.
	deafTime = 75 * time.Second
)

// TestStreamsThatNobodyReadsHoldUpNobody opens a thousand boards and some
// consoles whose browsers have gone to sleep, while a hall is busy and somebody
// else reads.
func TestStreamsThatNobodyReadsHoldUpNobody(t *testing.T) {
	t.Parallel() // it mostly waits
	seed, _ := seedOf(t)
	h := newHouse(t, houseIs{hubs: 1, data: t.TempDir()})
	p := h.hub(0)
	w := h.opens(seed, 1, 2, 1)
	w.goesOn(50, 30*time.Second)
	kiosk := p.as("greeter", "many", "nor-hall")
	for range 120 { // a long line, so that consoles have much to show
		var v ticketView
		kiosk.must(http.StatusCreated, "POST", "/api/v1/tickets", map[string]any{"office": "nor-hall", "service": "nor-matter"}, &v)
		w.issued(v)
	}
	before := figure(t, p, "process_resident_memory_bytes")
	board, token := "/live/board/nor-hall", boardToken(p)
	news := listens(t, p, board, token)
	open := figure(t, p, "vez_streams_open")
	for range deafOnes {
		deaf(t, p, board, token)
	}
	within(t, 20*time.Second, "a thousand boards are open", func() bool { return figure(t, p, "vez_streams_open") > deafOnes })
	most := figure(t, p, "process_resident_memory_bytes")
	boards := time.Now()
	opened := most - before
	w.goesOn(300, 60*time.Second)
	for i := range deafConsoles {
		counter := fmt.Sprintf("nor-hall-%d", 1+i%2)
		deaf(t, p, "/counter/"+counter+"/live", p.as("manager", "m", "nor-hall").token)
	}
	within(t, deafTime, "who never reads is given up", func() bool {
		most = max(most, figure(t, p, "process_resident_memory_bytes"))
		time.Sleep(500 * time.Millisecond)
		return figure(t, p, "vez_streams_open") <= open
	})
	t.Logf("the boards took %.0f MB; the last was given up %s after the boards came; memory went from %.0f to %.0f MB; the reader heard %d events",
		opened/1e6, time.Since(boards).Round(time.Second), before/1e6, most/1e6, news.count())
	if each := (most - before) / (deafOnes + deafConsoles); each > deafMemory {
		t.Errorf("each costs %.0f kB", each/1e3)
	}
	heard := news.count()
	within(t, 5*time.Second, "who reads is told", func() bool { return news.count() > heard })
	w.closes(30 * time.Second)
	w.quick(5 * time.Second)
	w.proves()
}

func boardToken(p *program) string {
	p.t.Helper()
	var got struct{ Token string }
	p.as("citizen", "x", "").must(http.StatusCreated, "POST", "/api/v1/demo/token",
		map[string]any{"role": "device", "kind": "board", "subject": "board", "office": "nor-hall"}, &got)
	return got.Token
}

// figure reads a number from a hub's metrics.
func figure(t *testing.T, p *program, name string) float64 {
	t.Helper()
	_, body := scrape(t, p)
	m := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("no figure %s", name)
	}
	v, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// deaf asks for a stream, with the smallest buffer there is, and never reads.
func deaf(t *testing.T, p *program, path, token string) {
	t.Helper()
	d := net.Dialer{Timeout: 10 * time.Second, Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1) })
	}}
	c, err := d.DialContext(context.Background(), "tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: vez.test\r\nAccept: text/event-stream\r\nAuthorization: Bearer %s\r\n\r\n", path, token); err != nil {
		t.Fatal(err)
	}
}

// ears count the events of a stream that is read.
type ears struct {
	mu sync.Mutex
	n  int
}

func (e *ears) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.n
}

func listens(t *testing.T, p *program, path, token string) *ears {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%v %+v", err, res)
	}
	e := &ears{}
	go func() {
		defer res.Body.Close()
		in := bufio.NewReader(res.Body)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				_, _ = io.Copy(io.Discard, res.Body)
				return
			}
			if strings.HasPrefix(line, "data:") {
				e.mu.Lock()
				e.n++
				e.mu.Unlock()
			}
		}
	}()
	return e
}

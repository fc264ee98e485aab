package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jonboulle/clockwork"

	"vez/web/webtest"
)

// streamApp serves fn at /live on loopback and gives the address.
func streamApp(t *testing.T, change func(*Config), fn func(context.Context, *Events) error) (*App, string) {
	t.Helper()
	a := newTestApp(t, change)
	a.Handle(Route{Method: "GET", Path: "/live", Audience: Public, Handler: streaming(fn)})
	return a, webtest.Serve(t, a) + "/live"
}

func streaming(fn func(context.Context, *Events) error) fiber.Handler {
	return func(c *fiber.Ctx) error { return Stream(c, fn) }
}

// follow opens a stream and gives its lines, and a way to leave.
func follow(t *testing.T, address string) (*bufio.Reader, *http.Response, func()) {
	t.Helper()
	ctx, leave := context.WithTimeout(context.Background(), 2*time.Minute) // what does not come by then never does
	t.Cleanup(leave)
	r, err := http.NewRequestWithContext(ctx, "GET", address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return bufio.NewReader(res.Body), res, leave
}

// until reads lines until one begins with a prefix.
func until(t *testing.T, lines *bufio.Reader, prefix string) string {
	t.Helper()
	for {
		line, err := lines.ReadString('\n')
		if strings.HasPrefix(line, prefix) {
			return strings.TrimSpace(line)
		}
		if err != nil {
			t.Fatalf("before %q: %v", prefix, err)
		}
	}
}

// hold sends one event and waits for its end, which it reports.
func hold(ended chan<- error) func(context.Context, *Events) error { return holdOpen(nil, ended) }

// holdOpen is hold that closes sent when nothing is being written any more: a
// heartbeat that comes upon a write is left out.
func holdOpen(sent chan<- struct{}, ended chan<- error) func(context.Context, *Events) error {
	return func(ctx context.Context, ev *Events) error {
		if err := ev.Send(Event{ID: "e.1", Name: EventValues, Data: "{\n}"}); err != nil {
			return err
		}
		if sent != nil {
			close(sent)
		}
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return nil
	}
}

func TestAStreamSendsItsSnapshotAndThenHeartbeats(t *testing.T) {
	clock := clockwork.NewFakeClockAt(clockwork.NewRealClock().Now())
	sent, ended := make(chan struct{}), make(chan error, 1)
	_, address := streamApp(t, func(c *Config) { c.Clock = clock }, holdOpen(sent, ended))
	lines, res, _ := follow(t, address)
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/event-stream") || !res.Close {
		t.Errorf("%q, close %v", kind, res.Close)
	}
	for _, want := range []string{"retry: ", "id: e.1", "event: values", "data: {", "data: }"} {
		until(t, lines, want)
	}
	<-sent
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := clock.BlockUntilContext(ctx, 1); err != nil { // the heartbeat
		t.Fatal(err)
	}
	clock.Advance(15 * time.Second)
	until(t, lines, "event: beat")
}

func TestAHeartbeatNoticesThatTheBrowserHasLeft(t *testing.T) {
	ended := make(chan error, 1)
	_, address := streamApp(t, func(c *Config) { c.Heartbeat = 2 * time.Second }, hold(ended))
	lines, _, leave := follow(t, address)
	until(t, lines, "event: values")
	leave()
	select {
	case cause := <-ended:
		if cause == nil || errors.Is(cause, ErrClosing) || errors.Is(cause, ErrStreamOver) {
			t.Errorf("ended by %v", cause)
		}
	case <-time.After(30 * time.Second):
		t.Error("nobody noticed")
	}
}

func TestShuttingDownEndsEveryStreamAfterTheHooks(t *testing.T) {
	ended := make(chan error, 1)
	a, address := streamApp(t, nil, hold(ended))
	hooked := make(chan bool, 1)
	a.OnShutdown(func(context.Context) { hooked <- len(ended) == 0 })
	lines, _, _ := follow(t, address)
	until(t, lines, "event: values")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Shutdown(ctx); err != nil {
		t.Fatal(err)
	}
	if cause := <-ended; !errors.Is(cause, ErrClosing) {
		t.Errorf("ended by %v", cause)
	}
	if !<-hooked {
		t.Error("the stream ended before the hook")
	}
}

func TestAnOldStreamEnds(t *testing.T) {
	clock := clockwork.NewFakeClockAt(clockwork.NewRealClock().Now())
	ended := make(chan error, 1)
	_, address := streamApp(t, func(c *Config) { c.Clock, c.StreamAge = clock, time.Second }, hold(ended))
	lines, _, _ := follow(t, address)
	until(t, lines, "event: values")
	clock.Advance(time.Second)
	if cause := <-ended; !errors.Is(cause, ErrStreamOver) {
		t.Errorf("ended by %v", cause)
	}
}

// TestAStreamEndsWhenItsReaderIsSignedOut signs a reader out whose stream is
// open: within a minute the page is told to load itself again.
func TestAStreamEndsWhenItsReaderIsSignedOut(t *testing.T) {
	clock := clockwork.NewFakeClockAt(clockwork.NewRealClock().Now())
	var gone atomic.Bool
	sent, ended := make(chan struct{}), make(chan error, 1)
	a := newTestApp(t, func(c *Config) {
		c.Clock = clock
		c.Auth = func(*fiber.Ctx) (Principal, error) {
			return Principal{ID: "clerk:x", Roles: []string{"clerk"}, Lives: func(context.Context) bool { return !gone.Load() }}, nil
		}
	})
	a.Handle(Route{Method: "GET", Path: "/live", Audience: Staff("clerk"), Handler: streaming(holdOpen(sent, ended))})
	lines, _, _ := follow(t, webtest.Serve(t, a)+"/live")
	until(t, lines, "event: values")
	<-sent
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	beats := func(n int) {
		t.Helper()
		for range n {
			if err := clock.BlockUntilContext(ctx, 1); err != nil {
				t.Fatal(err)
			}
			clock.Advance(15 * time.Second)
			until(t, lines, "event: beat")
		}
	}
	beats(5) // judged at the fourth, and still there
	gone.Store(true)
	beats(3)
	until(t, lines, "event: reload")
	if cause := <-ended; !errors.Is(cause, ErrSignedOut) {
		t.Errorf("ended by %v", cause)
	}
}

func TestAPanicInAStreamEndsThatStreamAlone(t *testing.T) {
	panics := make(chan bool, 2)
	panics <- true
	_, address := streamApp(t, nil, func(_ context.Context, ev *Events) error {
		select {
		case <-panics:
			panic("no")
		default:
			return ev.Send(Event{Data: "well"})
		}
	})
	lines, _, _ := follow(t, address)
	if _, err := io.Copy(io.Discard, lines); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatal(err)
	}
	again, _, _ := follow(t, address)
	until(t, again, "data: well")
}

func TestTooManyStreamsAreAskedToComeLater(t *testing.T) {
	ended := make(chan error, 2)
	a, address := streamApp(t, func(c *Config) { c.MaxStreams = 1; c.Heartbeat = time.Second }, hold(ended))
	lines, _, leave := follow(t, address)
	until(t, lines, "event: values")
	_, second, _ := follow(t, address)
	if second.StatusCode != 429 || second.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", second.StatusCode, second.Header)
	}
	if a.Streams() != 1 {
		t.Errorf("%d streams", a.Streams())
	}
	leave()
	<-ended
}

func TestABrowserThatDoesNotReadIsCut(t *testing.T) {
	ended := make(chan error, 1)
	_, address := streamApp(t, func(c *Config) { c.Heartbeat = 50 * time.Millisecond }, func(ctx context.Context, ev *Events) error {
		for ctx.Err() == nil {
			if err := ev.Send(Event{Data: strings.Repeat("x", 64<<10)}); err != nil {
				break
			}
		}
		ended <- context.Cause(ctx)
		return nil
	})
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/live"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended: // nothing was read, and yet the writer is free
	case <-time.After(30 * time.Second):
		t.Error("the writer is stuck")
	}
}

func TestAReturningBrowserSaysWhatItSawLast(t *testing.T) {
	a := newTestApp(t, nil)
	a.Handle(Route{Method: "GET", Path: "/last", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString(LastEventID(c)) }})
	if got := ask(t, a, "GET", "/last", "", "Last-Event-ID", "e.7").body; got != "e.7" {
		t.Error(got)
	}
	if got := ask(t, a, "GET", "/last?last=e.8", "").body; got != "e.8" {
		t.Error(got)
	}
}

func TestAConnectionThatAskedNothingIsToldThatItTimedOut(t *testing.T) {
	_, address := streamApp(t, func(c *Config) { c.ReadTimeout = 30 * time.Millisecond }, func(context.Context, *Events) error { return nil })
	idle, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/live"))
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	res, err := http.ReadResponse(bufio.NewReader(idle), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusRequestTimeout || !res.Close {
		t.Errorf("%s, closing %v", res.Status, res.Close)
	}
}

// TestWhoeverLeavesBeforeTheFirstWordCostsNothing resets connections in the
// moment of their request, also with another request before it in the same
// packet: what was taken for a stream is given back, and so is its place.
func TestWhoeverLeavesBeforeTheFirstWordCostsNothing(t *testing.T) {
	clock := clockwork.NewFakeClockAt(time.Now().Add(time.Hour))
	var taken, given atomic.Int64
	entered, left := make(chan struct{}), make(chan struct{})
	a := newTestApp(t, func(c *Config) { c.Clock = clock })
	a.Handle(Route{Method: "GET", Path: "/page", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString("x") }})
	a.Handle(Route{Method: "GET", Path: "/live", Audience: Public, Handler: func(c *fiber.Ctx) error {
		taken.Add(1)
		entered <- struct{}{}
		<-left
		err := Stream(c, func(ctx context.Context, _ *Events) error {
			defer given.Add(1)
			<-ctx.Done()
			return nil
		})
		if err != nil {
			given.Add(1)
		}
		return err
	}})
	address, _ := strings.CutPrefix(webtest.Serve(t, a), "http://")
	const live = "GET /live HTTP/1.1\r\nHost: x\r\n\r\n"
	for i := range 200 {
		conn, err := net.Dial("tcp", address) //nolint:noctx // loopback
		if err != nil {
			t.Fatal(err)
		}
		ask := live
		if i%2 == 1 {
			ask = "GET /page HTTP/1.1\r\nHost: x\r\n\r\n" + live
		}
		if _, err := conn.Write([]byte(ask)); err != nil {
			t.Fatal(err)
		}
		<-entered
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
		left <- struct{}{}
	}
	for began := time.Now(); taken.Load() != given.Load() || a.Streams() > 0; clock.Advance(handOver) {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("%d streams were asked for, %d gave back what they took, %d places are taken", taken.Load(), given.Load(), a.Streams())
		}
		runtime.Gosched()
	}
}

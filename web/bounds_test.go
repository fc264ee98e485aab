package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/web/webtest"
)

// open serves an app with the routes /plain and POST /form and gives host:port.
func openApp(t *testing.T, change func(*Config)) (*App, string) {
	t.Helper()
	a := newTestApp(t, change)
	a.Handle(Route{Method: "GET", Path: "/plain", Audience: Public, Handler: func(c *fiber.Ctx) error { return c.SendString("well") }})
	a.Handle(Route{Method: "POST", Path: "/form", Audience: Public, CrossSite: true, Handler: func(c *fiber.Ctx) error {
		return c.SendString("took " + c.FormValue("a"))
	}})
	return a, strings.TrimPrefix(webtest.Serve(t, a), "http://")
}

func TestRequestsOutOfBoundsAreRefused(t *testing.T) {
	_, host := openApp(t, nil)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(make([]byte, 50<<20)) // a form of 50 MiB in 50 KiB
	_ = w.Close()
	const form = "application/x-www-form-urlencoded"
	many := http.Header{}
	for i := range 150 {
		many.Set(fmt.Sprintf("X-H%d", i), "v")
	}
	for _, c := range []struct {
		name, method, path, body string
		header                   http.Header
		want                     int
	}{
		{"as usual", "GET", "/plain?lang=pt", "", nil, 200},
		{"a form as usual", "POST", "/form", "a=1&b=2", http.Header{"Content-Type": {form}}, 200},
		{"a long header", "GET", "/plain", "", http.Header{"X-Long": {strings.Repeat("x", 9<<10)}}, 431},
		{"many headers", "GET", "/plain", "", many, 400},
		{"a long address", "GET", "/plain?x=" + strings.Repeat("y", 5<<10), "", nil, 400},
		{"an address longer than all headers may be", "GET", "/plain?x=" + strings.Repeat("y", 20<<10), "", nil, 431},
		{"many parameters", "GET", "/plain?" + strings.Repeat("a=1&", 100), "", nil, 400},
		{"a long body", "POST", "/form", "a=" + strings.Repeat("y", 2<<20), http.Header{"Content-Type": {form}}, 413},
		{"many fields", "POST", "/form", strings.Repeat("a=1&", 1000), http.Header{"Content-Type": {form}}, 400},
		{"a form in parts", "POST", "/form", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n",
			http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}, 415},
		{"a packed body", "POST", "/form", packed.String(), http.Header{"Content-Type": {form}, "Content-Encoding": {"gzip"}}, 415},
		{"a body packed twice", "POST", "/form", packed.String(), http.Header{"Content-Type": {form}, "Content-Encoding": {"gzip, gzip"}}, 415},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+host+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header = c.header.Clone()
		if r.Header == nil {
			r.Header = http.Header{}
		}
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
		if err != nil {
			// A server may hang up on what is too long while it is still being sent.
			if c.want < 413 {
				t.Errorf("%s: %v", c.name, err)
			}
			continue
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if got := res.StatusCode; got != c.want && (c.want != 431 || got != 400) {
			t.Errorf("%s: %d, want %d\n%.200s", c.name, got, c.want, body)
		}
		if res.StatusCode >= 400 && res.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: the refusal lacks its headers: %v", c.name, res.Header)
		}
	}
}

// dribble sends what begins a request, then a byte at a time, and tells after
// how long the server hung up.
func dribble(t *testing.T, host, begin string) <-chan time.Duration {
	t.Helper()
	start, cut := time.Now(), make(chan time.Duration, 1)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		cut <- time.Since(start)
	}()
	go func() {
		_, err := conn.Write([]byte(begin))
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for err == nil {
			<-tick.C
			_, err = conn.Write([]byte("x"))
		}
	}()
	return cut
}

// TestWhoSendsAByteAtATimeIsCutInTimeAndKeepsNobodyWaiting: a request is read
// within ReadTimeout from its first byte to its last, however it comes.
func TestWhoSendsAByteAtATimeIsCutInTimeAndKeepsNobodyWaiting(t *testing.T) {
	const timeout = 2 * time.Second
	_, host := openApp(t, func(c *Config) { c.ReadTimeout = timeout })
	var cuts []<-chan time.Duration
	for range 20 {
		cuts = append(cuts,
			dribble(t, host, "GET /plain HTTP/1.1\r\nHost: x\r\nX-Slow: "),
			dribble(t, host, "POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100000\r\n\r\na="),
			dribble(t, host, "POST /form HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n10000\r\n"))
	}
	res, err := http.Get("http://" + host + "/plain")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for i, cut := range cuts {
		select {
		case took := <-cut:
			if took < timeout/2 {
				t.Errorf("%d was cut after %v already", i, took)
			}
		case <-time.After(30 * time.Second):
			t.Fatalf("%d is still connected", i)
		}
	}
}

// TestWhoNeverReadsCostsBoundedMemoryAndIsDropped: a hundred browsers open a
// stream and read nothing, while each is sent as much as it would take.
func TestWhoNeverReadsCostsBoundedMemoryAndIsDropped(t *testing.T) {
	const readers = 100
	ended := make(chan error, readers)
	big := strings.Repeat("x", 64<<10)
	a, address := streamApp(t, func(c *Config) { c.Heartbeat = 300 * time.Millisecond }, func(ctx context.Context, ev *Events) error {
		for ctx.Err() == nil {
			if ev.Send(Event{Data: big}) != nil {
				break
			}
		}
		ended <- context.Cause(ctx)
		return nil
	})
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	host := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/live")
	for range readers {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := conn.Write([]byte("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	for range readers {
		select {
		case cause := <-ended:
			if cause == nil {
				t.Error("ended without a cause")
			}
		case <-time.After(30 * time.Second):
			t.Fatal("a writer is stuck")
		}
	}
	runtime.GC()
	runtime.GC() // pools give back at the second
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > readers*128<<10 {
		t.Errorf("%d MiB are kept for browsers that are gone", grown>>20)
	}
	if n := a.Streams(); n > readers {
		t.Errorf("%d streams", n)
	}
}

func TestOneNetworkCannotTakeAllStreams(t *testing.T) {
	ended := make(chan error, 9)
	_, address := streamApp(t, func(c *Config) {
		c.MaxStreamsFrom, c.TrustedProxies = 1, []string{"127.0.0.1"}
	}, hold(ended))
	get := func(from string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), "GET", address, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Forwarded-For", from)
		res, err := (&http.Transport{}).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { res.Body.Close() })
		return res
	}
	for _, c := range []struct {
		from string
		want int
	}{{"203.0.113.5", 200}, {"203.0.113.5", 429}, {"203.0.113.6", 200}, {"2001:db8::1", 200}, {"2001:db8::2", 429}, {"2001:db8:0:1::2", 200}} {
		if got := get(c.from).StatusCode; got != c.want {
			t.Errorf("%s: %d, want %d", c.from, got, c.want)
		}
	}
}

// knock is a listener whose connections come from where the test says.
type knock struct{ from chan string }

type knocked struct {
	net.Conn
	from string
}

func (k knocked) RemoteAddr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", k.from)
	if err != nil {
		panic(err) // the test wrote it
	}
	return addr
}

func (k knock) Accept() (net.Conn, error) {
	from, ok := <-k.from
	if !ok {
		return nil, net.ErrClosed
	}
	ours, theirs := net.Pipe()
	_ = theirs.Close()
	return knocked{ours, from}, nil
}

func (knock) Close() error   { return nil }
func (knock) Addr() net.Addr { return &net.TCPAddr{} }

func TestOneNetworkCannotTakeAllConnections(t *testing.T) {
	a := newTestApp(t, func(c *Config) { c.MaxConns, c.TrustedProxies = 2, []string{"198.51.100.0/24"} })
	k := knock{make(chan string, 20)}
	ln := a.guarded(k)
	for _, from := range []string{"203.0.113.5:1", "203.0.113.5:2", "203.0.113.5:3", "203.0.113.6:1", "198.51.100.7:1", "198.51.100.7:2", "198.51.100.7:3",
		"127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", "[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::3]:1"} {
		k.from <- from
	}
	close(k.from)
	var open []net.Conn
	got := map[string]int{}
	for {
		conn, err := ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		open = append(open, conn)
		host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		got[host]++
	}
	if want := map[string]int{"203.0.113.5": 2, "203.0.113.6": 1, "198.51.100.7": 3, "127.0.0.1": 3, "2001:db8::1": 1, "2001:db8::2": 1}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, conn := range open {
		_ = conn.Close()
		_ = conn.Close()
	}
	if n := len(ln.(*guarded).open); n != 0 {
		t.Errorf("%d networks are remembered after all have left", n)
	}
}

// TestOneRequestIsNeverReadAsTwo sends what two servers in a row may divide
// differently (request smuggling): the second request hidden in the first one's
// body is not answered, or the whole is refused.
func TestOneRequestIsNeverReadAsTwo(t *testing.T) {
	_, host := openApp(t, func(c *Config) { c.ReadTimeout = 500 * time.Millisecond })
	const hidden = "GET /plain HTTP/1.1\r\nHost: x\r\n\r\n"
	form := "POST /form HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, request := range map[string]string{
		"length and chunks":   form + fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 5+len(hidden)) + hidden,
		"chunks and length":   form + fmt.Sprintf("Transfer-Encoding: chunked\r\nContent-Length: %d\r\n\r\n0\r\n\r\n", 5+len(hidden)) + hidden,
		"two lengths":         form + fmt.Sprintf("Content-Length: 0\r\nContent-Length: %d\r\n\r\n", len(hidden)) + hidden,
		"a length with space": form + fmt.Sprintf("Content-Length : %d\r\n\r\n", len(hidden)) + hidden,
		"a signed length":     form + fmt.Sprintf("Content-Length: +%d\r\n\r\n", len(hidden)) + hidden,
		"odd chunks":          form + "Transfer-Encoding: xchunked\r\n\r\n" + hidden,
		"chunks twice":        form + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + hidden,
	} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = conn.Write([]byte(request))
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		all, _ := io.ReadAll(conn)
		_ = conn.Close()
		if n := strings.Count(string(all), "well"); n > 0 {
			t.Errorf("%s: the hidden request was answered:\n%s", name, all)
		}
	}
}

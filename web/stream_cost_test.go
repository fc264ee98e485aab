package web

import (
	"bufio"
	"context"
	"errors"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"vez/web/webtest"
)

// quiet is a stream that said one thing and has nothing more to say.
func quiet(opened chan<- struct{}) func(context.Context, *Events) error {
	return func(ctx context.Context, ev *Events) error {
		err := ev.Send(Event{ID: "e.1", Name: EventValues, Data: "{}"})
		opened <- struct{}{}
		<-ctx.Done()
		return err
	}
}

// openStream asks for a stream and leaves what comes in the kernel.
func openStream(t testing.TB, address string) net.Conn {
	t.Helper()
	host, path, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
	conn, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte("GET /" + path + " HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	return conn
}

// inUse is the memory of heap and stacks after what is not needed has gone.
func inUse() float64 {
	for range 3 { // stacks shrink by halves
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc + m.StackInuse)
}

// TestAnOpenStreamCostsLittleMemory counts both ends of each connection. About
// 8 kB were measured, and 46 kB when fasthttp's buffers stayed with the stream.
func TestAnOpenStreamCostsLittleMemory(t *testing.T) {
	const many, most = 500, 25e3
	opened := make(chan struct{}, many)
	_, address := streamApp(t, nil, quiet(opened))
	openStream(t, address) // what is made once is not counted
	<-opened
	before := inUse()
	for range many {
		openStream(t, address)
		<-opened
	}
	each := (inUse() - before) / many
	t.Logf("%.1f kB", each/1e3)
	if each > most {
		t.Errorf("each costs %.1f kB", each/1e3)
	}
}

func TestAskingForTheHeadOfAStreamOpensNone(t *testing.T) {
	ended := make(chan error, 1)
	a, address := streamApp(t, nil, hold(ended))
	host, _, _ := strings.Cut(strings.TrimPrefix(address, "http://"), "/")
	head, err := net.Dial("tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	defer head.Close()
	if _, err := head.Write([]byte("HEAD /live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	text, err := bufio.NewReader(head).ReadString(0)
	if !strings.HasPrefix(text, "HTTP/1.1 200") || !strings.Contains(text, "text/event-stream") || !strings.HasSuffix(text, "\r\n\r\n") {
		t.Errorf("%q %v", text, err)
	}
	if a.Streams() != 0 {
		t.Errorf("%d streams", a.Streams())
	}
}

// BenchmarkOpenStreams opens streams that stay; kB/stream is what each costs.
func BenchmarkOpenStreams(b *testing.B) {
	opened := make(chan struct{}, 1)
	a := newTestApp(b, func(c *Config) { c.MaxStreamsFrom, c.MaxStreams = 1<<20, 1<<20 })
	a.Handle(Route{Method: "GET", Path: "/live", Audience: Public, Handler: streaming(quiet(opened))})
	address := webtest.Serve(b, a) + "/live"
	before := inUse()
	for range b.N {
		openStream(b, address)
		<-opened
	}
	b.StopTimer()
	b.ReportMetric((inUse()-before)/float64(b.N)/1e3, "kB/stream")
}

func TestABrowserThatDoesNotReadDoesNotHoldUpTheEnd(t *testing.T) {
	begun, stuck := make(chan struct{}), make(chan error, 1)
	a, address := streamApp(t, nil, func(ctx context.Context, ev *Events) error {
		close(begun)
		for ctx.Err() == nil {
			if ev.Send(Event{Data: strings.Repeat("x", 64<<10)}) != nil {
				break
			}
		}
		stuck <- context.Cause(ctx)
		return nil
	})
	openStream(t, address)
	<-begun
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := a.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	select {
	case why := <-stuck:
		if !errors.Is(why, ErrClosing) {
			t.Error(why)
		}
	default:
		t.Error("the app has closed before its stream")
	}
}

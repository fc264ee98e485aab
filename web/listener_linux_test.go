package web

import (
	"context"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deafTo opens a stream with the smallest buffer there is, and never reads.
func deafTo(t *testing.T, address string) {
	t.Helper()
	d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1) })
	}}
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/live"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.Write([]byte("GET /live HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
}

// TestWhoDoesNotReadIsGivenUpThoughThereIsLittleNews: what was sent fits into
// this machine's buffers, so that no write ever waits.
func TestWhoDoesNotReadIsGivenUpThoughThereIsLittleNews(t *testing.T) {
	ended := make(chan error, 1)
	_, address := streamApp(t, func(c *Config) { c.Heartbeat = 250 * time.Millisecond }, func(ctx context.Context, ev *Events) error {
		err := ev.Send(Event{Data: strings.Repeat("x", 8<<10)})
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return err
	})
	deafTo(t, address)
	select {
	case why := <-ended:
		t.Log(why)
	case <-time.After(20 * time.Second):
		t.Error("it is kept")
	}
}

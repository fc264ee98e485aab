package web

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// guarded is a listener that lets one network hold so many connections at once,
// so that nobody takes all there are. Trusted proxies speak for many and the
// machine itself is at home; both are let through.
type guarded struct {
	net.Listener
	most  int
	trust networks
	mu    sync.Mutex
	open  map[string]int
}

func (a *App) guarded(ln net.Listener) net.Listener {
	return &guarded{Listener: ln, most: a.cfg.MaxConns, trust: a.trusted, open: map[string]int{}}
}

// Accept gives the next connection that is within bounds; others are closed
// without a word, which costs the least.
func (g *guarded) Accept() (net.Conn, error) {
	for {
		conn, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, free := g.from(conn)
		if free {
			return conn, nil
		}
		if g.enter(from) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { g.left(from) })}, nil
		}
		_ = conn.Close()
	}
}

// from is the network of a connection; free tells that it is not counted.
func (g *guarded) from(conn net.Conn) (name string, free bool) {
	at, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return "", true // a socket of this machine
	}
	addr := at.Addr().Unmap().WithZone("")
	return network(addr), addr.IsLoopback() || g.trust.has(addr)
}

func (g *guarded) enter(from string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[from] >= g.most {
		return false
	}
	g.open[from]++
	return true
}

func (g *guarded) left(from string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open[from]--; g.open[from] <= 0 {
		delete(g.open, from)
	}
}

// counted is a connection that says when it is closed.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection and gives its place back.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}

// unread is how many bytes of a stream may wait in the kernel until they are
// sent. Linux takes it twice, for its own records; left alone it would keep
// megabytes for a browser that has gone to sleep.
const unread = 16 << 10

// confine bounds what the kernel keeps for a stream's reader, and where it can
// for how long: who took nothing for so long is given up, even while his side of
// the network still answers. Otherwise that is noticed only when a write finds
// the buffer full, which a few heartbeats do not bring about.
func confine(conn net.Conn, patience time.Duration) {
	if tcp := tcpOf(conn); tcp != nil {
		_ = tcp.SetWriteBuffer(unread)
		giveUpAfter(tcp, max(patience, time.Second))
	}
}

// forget lets the kernel throw away what was not sent when conn is closed,
// rather than go on trying.
func forget(conn net.Conn) {
	if tcp := tcpOf(conn); tcp != nil {
		_ = tcp.SetLinger(0)
	}
}

// tcpOf finds the connection under our own; nil when it is none of TCP.
func tcpOf(conn net.Conn) *net.TCPConn {
	if c, ok := conn.(*counted); ok {
		conn = c.Conn
	}
	tcp, _ := conn.(*net.TCPConn)
	return tcp
}

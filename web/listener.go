package web

import (
	"net"
	"net/netip"
	"sync"
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

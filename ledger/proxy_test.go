package ledger_test

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands before a database and fails on demand.
type proxy struct {
	listener net.Listener
	server   string
	// loseCommit lets the next COMMIT through, and loses its answer and the connection.
	loseCommit atomic.Bool
	// deaf refuses new connections; it is set with the lost commit when wished.
	deaf, deafAfterLoss atomic.Bool
	// mute swallows what is said in either direction, as a network does that lost its way.
	mute atomic.Bool
	// muteAt begins it with the next COMMIT: the answer alone is lost, or the COMMIT too.
	muteAtAnswer, muteAtCommit atomic.Bool
	// dialled counts the connections asked for.
	dialled atomic.Int32

	mu    sync.Mutex
	conns map[net.Conn]bool
	// Connections of this age and older are forgotten.
	age, forgotten int
}

func newProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{listener: l, server: server, conns: map[net.Conn]bool{}, age: 1}
	go p.serve()
	t.Cleanup(func() {
		_ = l.Close()
		p.cut()
	})
	return p
}

// through gives a database's URL by way of the proxy.
func (p *proxy) through(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = p.listener.Addr().String()
	return u.String()
}

// cut ends every connection.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
	clear(p.conns)
}

// heals lets through what is said; what was swallowed stays lost, and its connections end.
func (p *proxy) heals() {
	p.mute.Store(false)
	p.cut()
}

// forgets swallows what is said on the connections that are, and lets new ones pass.
func (p *proxy) forgets() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forgotten = p.age
	p.age++
}

func (p *proxy) keep(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c] = true
}

func (p *proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		p.dialled.Add(1)
		if p.deaf.Load() {
			_ = client.Close()
			continue
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.keep(client)
		p.keep(server)
		lost := &atomic.Bool{}
		go p.pass(client, server, func(b []byte) {
			if bytes.Contains(b, []byte("COMMIT\x00")) {
				if p.muteAtCommit.CompareAndSwap(true, false) {
					p.mute.Store(true)
				}
				if p.muteAtAnswer.Load() {
					lost.Store(true)
				}
			}
			if bytes.Contains(b, []byte("COMMIT\x00")) && p.loseCommit.CompareAndSwap(true, false) {
				lost.Store(true)
				p.deaf.Store(p.deafAfterLoss.Load())
			}
		}, nil)
		// The answer to the commit shows that it is done; it goes no further.
		go p.pass(server, client, nil, lost.Load)
	}
}

// pass copies until an end is closed or drop says that what came is lost.
func (p *proxy) pass(from, to net.Conn, see func([]byte), drop func() bool) {
	p.mu.Lock()
	age := p.age
	p.mu.Unlock()
	forgotten := func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return age <= p.forgotten
	}
	defer from.Close()
	defer to.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if see != nil {
				see(buf[:n])
			}
			if drop != nil && drop() && p.muteAtAnswer.CompareAndSwap(true, false) {
				p.mute.Store(true)
			}
			if p.mute.Load() || forgotten() {
				continue
			}
			if drop != nil && drop() {
				if p.deaf.Load() {
					p.cut() // nobody else is left to ask
				}
				return
			}
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

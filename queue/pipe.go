package queue

import (
	"net"
	"sync"
)

// pipe is a connection in memory whose writes do not wait for the reader, as
// with a socket's buffer: a client writes a whole pipeline before it reads, and
// the server answers from the first command on.
type pipe struct {
	net.Conn
	mu      sync.Mutex
	more    *sync.Cond
	waiting []byte
	err     error
}

func newPipe(c net.Conn) *pipe {
	p := &pipe{Conn: c}
	p.more = sync.NewCond(&p.mu)
	go p.pass()
	return p
}

// Write takes the bytes to be passed on, and gives the error of those before.
func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	p.waiting = append(p.waiting, b...)
	p.more.Signal()
	return len(b), nil
}

// Close ends the connection and what still waits.
func (p *pipe) Close() error {
	p.mu.Lock()
	if p.err == nil {
		p.err = net.ErrClosed
	}
	p.more.Signal()
	p.mu.Unlock()
	return p.Conn.Close()
}

func (p *pipe) pass() {
	var out []byte
	for {
		p.mu.Lock()
		for len(p.waiting) == 0 && p.err == nil {
			p.more.Wait()
		}
		if p.err != nil {
			p.mu.Unlock()
			return
		}
		out, p.waiting = p.waiting, out[:0]
		p.mu.Unlock()
		if _, err := p.Conn.Write(out); err != nil {
			p.mu.Lock()
			p.err = err
			p.mu.Unlock()
			return
		}
	}
}

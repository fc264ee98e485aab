package escpostest

import (
	"context"
	"errors"
	"io"
	"net"
)

// client is who is connected.
type client struct {
	line   io.ReadWriteCloser
	window []byte // on its way to the buffer
	left   bool   // nothing more will come
	out    chan []byte
	gone   chan struct{}
}

// hold keeps a listener's port: no other program is given it as long as a
// connection to it stands, also while nobody listens there. Who calls is then
// refused, as by a printer that is off.
func hold(l net.Listener) (held [2]net.Conn, err error) {
	if held[0], err = (&net.Dialer{}).DialContext(context.Background(), "tcp", l.Addr().String()); err == nil {
		held[1], err = l.Accept()
	}
	return held, err
}

// open begins to listen. The lock is held.
func (p *Printer) open(l net.Listener) {
	p.listener = l
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.welcome(conn)
		}
	}()
}

// welcome gives a new client its turn when it comes.
func (p *Printer) welcome(conn net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.listener == nil || p.opts.RefuseSecond && p.client != nil {
		reset(conn)
		return
	}
	p.waiting++
	p.tell()
	p.wg.Add(1)
	listener := p.listener
	go func() {
		defer p.wg.Done()
		for {
			p.mu.Lock()
			switch {
			case p.closed || p.listener != listener:
				reset(conn)
				p.waiting--
				p.mu.Unlock()
				return
			case p.client == nil:
				p.waiting--
				p.serve(conn)
				p.mu.Unlock()
				return
			}
			changed := p.changed
			p.mu.Unlock()
			<-changed
		}
	}()
}

// serve listens to a client. The lock is held.
func (p *Printer) serve(line io.ReadWriteCloser) {
	c := &client{line: line, out: make(chan []byte, 4096), gone: make(chan struct{})}
	p.client = c
	p.tell()
	p.wg.Add(2)
	go p.hear(c)
	go p.speak(c)
}

// hear takes in what a client sends.
func (p *Printer) hear(c *client) {
	defer p.wg.Done()
	buf := make([]byte, 2048)
	for {
		n, err := c.line.Read(buf)
		p.mu.Lock()
		if p.client == c {
			p.arrive(c, buf[:n])
		}
		if p.client == c && err != nil {
			// A line that ends in order still carries what was sent before; one
			// that is reset does not.
			c.left = true
			if !errors.Is(err, io.EOF) {
				c.window = nil
			}
			p.pull()
		}
		p.tell()
		p.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// arrive takes bytes from the line, one by one where something is to happen in
// the middle. The lock is held.
func (p *Printer) arrive(c *client, data []byte) {
	for len(data) > 0 && p.client == c {
		n := p.plan.untilBytes(p.bytesIn, len(data))
		p.bytesIn += n
		if !p.deaf {
			c.window = append(c.window, data[:n]...)
			p.pull()
		}
		data = data[n:]
		p.happen()
	}
}

// pull moves bytes from the line into the buffer while there is room. The lock
// is held.
func (p *Printer) pull() {
	c := p.client
	if c == nil {
		return
	}
	for len(c.window) > 0 && len(p.buf) < p.opts.Buffer {
		b := c.window[0]
		c.window = c.window[1:]
		p.take(b)
	}
	if c.left && len(c.window) == 0 {
		p.hangUp()
	}
}

// hangUp ends the client's connection. The lock is held.
func (p *Printer) hangUp() {
	if p.client == nil {
		return
	}
	close(p.client.gone)
	reset(p.client.line)
	p.client = nil
	p.tell()
}

// shut ends every connection and takes no new one. The lock is held.
func (p *Printer) shut() {
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	p.hangUp()
}

// reopen listens at the old address again. The lock is held.
func (p *Printer) reopen() {
	if p.listener != nil || p.closed {
		return
	}
	l, err := listen(p.addr)
	if err != nil {
		p.complain("the port %s was held, and is taken: %v", p.addr, err)
		return
	}
	p.open(l)
}

// speak carries answers.
func (p *Printer) speak(c *client) {
	defer p.wg.Done()
	for {
		select {
		case data := <-c.out:
			if _, err := c.line.Write(data); err != nil {
				return
			}
		case <-c.gone:
			return
		}
	}
}

// say sends an answer to whoever is connected. The lock is held.
func (p *Printer) say(data ...byte) {
	if p.client == nil || p.deaf {
		return
	}
	select {
	case p.client.out <- data:
	default:
	}
}

// reset closes a line without a farewell.
func reset(line io.Closer) {
	if l, ok := line.(*net.TCPConn); ok {
		_ = l.SetLinger(0)
	}
	_ = line.Close()
}

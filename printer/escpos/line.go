package escpos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/printer"
)

// Line is a way to the printer. Close ends a Read or Write that waits.
type Line = io.ReadWriteCloser

// Dialer opens a line.
type Dialer func(ctx context.Context) (Line, error)

// dialPatience is how long a printer may take to accept a connection.
const dialPatience = 3 * time.Second

func dialTCP(addr string) Dialer {
	return func(ctx context.Context) (Line, error) {
		d := net.Dialer{Timeout: dialPatience, KeepAlive: 15 * time.Second}
		return d.DialContext(ctx, "tcp", addr)
	}
}

var (
	errQuiet = errors.New("escpos: no answer in time")
	errDown  = errors.New("escpos: the line broke")
	errMute  = errors.New("escpos: the printer answers no more")
	errStall = errors.New("escpos: the printer takes no more")
)

// chunk is how much is written at once.
const chunk = 4096

// conn is one connection. One goroutine reads; its owner, one at a time, writes
// and takes note of what was read.
type conn struct {
	line   Line
	clock  clockwork.Clock
	pace   pace
	events chan Event
	stop   chan struct{}
	once   sync.Once

	// What the printer has said since its owner last asked.
	answers []byte
	acked   map[ID]bool
	sensors []byte
	cleared bool
	auto    *printer.Status
	heard   bool // anything at all
}

func newConn(line Line, clock clockwork.Clock, p pace) *conn {
	c := &conn{line: line, clock: clock, pace: p, events: make(chan Event, 64), stop: make(chan struct{}), acked: map[ID]bool{}}
	go c.read()
	return c
}

// read hands on what the printer says until the line ends.
func (c *conn) read() {
	defer close(c.events)
	var r Reader
	buf := make([]byte, 256)
	for {
		n, err := c.line.Read(buf)
		r.Feed(buf[:n], func(e Event) {
			select {
			case c.events <- e:
			case <-c.stop:
			}
		})
		if err != nil {
			return
		}
	}
}

// close gives the line up; what was written still arrives.
func (c *conn) close() {
	c.once.Do(func() {
		close(c.stop)
		_ = c.line.Close()
	})
}

// abort gives the line up and drops what was written and not carried yet.
func (c *conn) abort() {
	if l, ok := c.line.(interface{ SetLinger(sec int) error }); ok {
		_ = l.SetLinger(0)
	}
	c.close()
}

func (c *conn) note(e Event) {
	c.heard = true
	switch e.Kind {
	case RealTime:
		c.answers = append(c.answers, e.Byte)
	case Ack:
		c.acked[e.ID] = true
	case Sensor:
		c.sensors = append(c.sensors, e.Byte)
	case Cleared:
		c.cleared = true
	case Auto4:
		s := AutoStatus(e.Auto)
		c.auto = &s
	}
}

// drain takes note of what came while nobody waited. It is false when the line
// has ended.
func (c *conn) drain() bool {
	for {
		select {
		case e, open := <-c.events:
			if !open {
				return false
			}
			c.note(e)
		default:
			return true
		}
	}
}

// await takes note of what the printer says until the condition holds.
func (c *conn) await(ctx context.Context, patience time.Duration, until func() bool) error {
	timer := c.clock.NewTimer(patience)
	defer timer.Stop()
	for !until() {
		select {
		case e, open := <-c.events:
			if !open {
				return errDown
			}
			c.note(e)
		case <-timer.Chan():
			return errQuiet
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// send writes all of data, in pieces that each must be taken in time.
func (c *conn) send(ctx context.Context, data []byte) error {
	for len(data) > 0 {
		n := min(chunk, len(data))
		if err := c.write(ctx, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// write writes one piece. After an error, or when ctx ends, the line is given
// up: what of the piece has arrived is not known.
func (c *conn) write(ctx context.Context, piece []byte) error {
	if err := ctx.Err(); err != nil {
		c.abort()
		return context.Cause(ctx)
	}
	done := make(chan error, 1)
	go func() {
		_, err := c.line.Write(piece)
		done <- err
	}()
	err := c.written(ctx, done)
	if err != nil {
		c.abort()
	}
	return err
}

// written waits for a write. A printer that says that it has stopped gets less
// time: its buffer will not empty.
func (c *conn) written(ctx context.Context, done <-chan error) error {
	timer := c.clock.NewTimer(c.pace.stall)
	defer func() { timer.Stop() }()
	events, hurried := c.events, false
	for {
		select {
		case err := <-done:
			if err != nil {
				return fmt.Errorf("%w: %w", errDown, err)
			}
			return nil
		case e, open := <-events:
			if !open {
				return errDown
			}
			c.note(e)
			if c.stopped() && !hurried {
				timer.Stop()
				timer, hurried = c.clock.NewTimer(c.pace.answer), true
			}
		case <-timer.Chan():
			return errStall
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// stopped says that the printer told of itself that it cannot print.
func (c *conn) stopped() bool { return c.auto != nil && c.auto.Problem != "" }

// ask asks the four real-time questions and has some patience with the first. A
// printer that answers that one and not another tells nothing by the other.
func (c *conn) ask(ctx context.Context, patience time.Duration) (Answers, error) {
	var a Answers
	for n := range a {
		c.answers = c.answers[:0]
		if err := c.write(ctx, []byte{dle, eot, byte(n + 1)}); err != nil {
			return a, err
		}
		err := c.await(ctx, patience, func() bool { return len(c.answers) > 0 })
		patience = c.pace.answer
		switch {
		case err == nil:
			a[n] = c.answers[0]
		case !errors.Is(err, errQuiet) || n == 0:
			return a, err
		}
	}
	return a, nil
}

// clear has the printer drop what it has buffered. A nil error says that it did.
func (c *conn) clear(ctx context.Context) error {
	c.cleared = false
	if err := c.write(ctx, clearOrder); err != nil {
		return err
	}
	return c.await(ctx, c.pace.answer, func() bool { return c.cleared })
}

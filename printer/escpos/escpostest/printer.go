package escpostest

import (
	"context"
	"fmt"
	"image"
	"net"
	"sync"
	"time"
)

// Options say what kind of printer it is. The zero value is a good one with a
// head of 576 dots.
type Options struct {
	// Width of the head in dots; 0 is 576.
	Width int
	// DPI is what GS P counts in; 0 is 203.
	DPI int
	// Buffer is how many bytes the printer takes in before it has printed
	// them; 0 is 64 KiB. What is beyond waits in the line, real-time orders too.
	Buffer int
	// RowTime is how long a row takes; 0 is no time at all.
	RowTime time.Duration
	// NoCutter has papers end where Tear is called.
	NoCutter bool
	// NoStatus, NoAuto, NoAck, NoSensor and NoClear are printers that do not
	// know DLE EOT, GS a, GS ( H, GS r or DLE DC4 fn 8.
	NoStatus, NoAuto, NoAck, NoSensor, NoClear bool
	// RefuseSecond hangs up on a second client; without it, one waits unheard
	// until the first has left.
	RefuseSecond bool
	// Forgive has Start not fail the test for what the printer did not
	// understand, as happens where a line is cut in the middle of an order.
	Forgive bool
}

// Paper is a piece of paper that was cut off, or torn.
type Paper struct {
	// Image has the width of the head; index 1 is black. The way from the head
	// to the knife is left out.
	Image *image.Paletted
	// Marks are the process ids (GS ( H) that were asked for while it hung
	// from the printer.
	Marks []string
}

// Printer is the emulated printer. Its methods may be called from anywhere.
type Printer struct {
	opts     Options
	addr     string
	stop     chan struct{}
	wg       sync.WaitGroup
	mu       sync.Mutex
	changed  chan struct{} // closed at every change
	closed   bool
	listener net.Listener
	held     [2]net.Conn // both ends of what keeps the port
	client   *client
	waiting  int // clients that wait for their turn

	machine
	troubles
	papers     []Paper
	complaints []string
}

// New makes a printer that listens on a free port of loopback. Close it.
func New(opts Options) (*Printer, error) {
	if opts.Width == 0 {
		opts.Width = 576
	}
	if opts.DPI == 0 {
		opts.DPI = 203
	}
	if opts.Buffer == 0 {
		opts.Buffer = 64 << 10
	}
	p := &Printer{opts: opts, stop: make(chan struct{}), changed: make(chan struct{})}
	p.troubles.supply = -1
	p.machine.unit = opts.DPI
	l, err := listen("127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p.addr = l.Addr().String()
	if p.held, err = hold(l); err != nil {
		_ = l.Close()
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open(l)
	p.wg.Add(1)
	go p.work()
	return p, nil
}

func listen(addr string) (net.Listener, error) {
	var l net.ListenConfig
	return l.Listen(context.Background(), "tcp", addr)
}

// TB is what Start needs of testing.TB.
type TB interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatal(args ...any)
}

// Start makes a printer for a test. The test fails when the printer was sent
// something that it does not understand.
func Start(t TB, opts Options) *Printer {
	t.Helper()
	p, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Close()
		if c := p.Complaints(); len(c) > 0 && !opts.Forgive {
			t.Errorf("the printer did not understand: %q", c)
		}
	})
	return p
}

// Addr is where it listens, as host:port.
func (p *Printer) Addr() string { return p.addr }

// Close ends the printer and everything it has begun.
func (p *Printer) Close() {
	p.mu.Lock()
	if !p.closed {
		p.closed = true
		close(p.stop)
		p.shut()
		for _, end := range p.held {
			reset(end)
		}
		p.tell()
	}
	p.mu.Unlock()
	p.wg.Wait()
}

// Papers are all papers so far, scraps too, the oldest first.
func (p *Printer) Papers() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Paper(nil), p.papers...)
}

// Complaints are what it did not understand, in words.
func (p *Printer) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.complaints...)
}

// Wait waits until there are n papers, and gives all.
func (p *Printer) Wait(ctx context.Context, n int) ([]Paper, error) {
	err := p.until(ctx, func() bool { return len(p.papers) >= n })
	return p.Papers(), err
}

// WaitComplaint waits until there is something that it did not understand.
func (p *Printer) WaitComplaint(ctx context.Context) error {
	return p.until(ctx, func() bool { return len(p.complaints) > 0 })
}

// WaitRows waits until n rows were printed or fed in all.
func (p *Printer) WaitRows(ctx context.Context, n int) error {
	return p.until(ctx, func() bool { return p.rowsDone >= n })
}

// WaitIdle waits until the printer has done everything that it can: its buffer
// is empty, or it has stopped.
func (p *Printer) WaitIdle(ctx context.Context) error {
	return p.until(ctx, func() bool { return p.asleep })
}

// WaitClients waits until n clients are connected, those that wait for their
// turn among them.
func (p *Printer) WaitClients(ctx context.Context, n int) error {
	return p.until(ctx, func() bool {
		now := p.waiting
		if p.client != nil {
			now++
		}
		return now == n
	})
}

// until waits for a condition, which is looked at under the lock.
func (p *Printer) until(ctx context.Context, holds func() bool) error {
	for {
		p.mu.Lock()
		ok, changed, closed := holds(), p.changed, p.closed
		p.mu.Unlock()
		switch {
		case ok:
			return nil
		case closed:
			return net.ErrClosed
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// tell wakes whoever waits for a change. The lock is held.
func (p *Printer) tell() {
	p.asleep = false
	p.wake()
}

func (p *Printer) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// complain notes what was not understood. The lock is held.
func (p *Printer) complain(format string, args ...any) {
	if len(p.complaints) < 20 {
		p.complaints = append(p.complaints, fmt.Sprintf(format, args...))
	}
}

package escpos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
)

// pace is how long the driver waits for what.
type pace struct {
	answer time.Duration // for a printer to say something that it can say at once
	slow   time.Duration // for the same, where it may still have to take a paper in first
	poll   time.Duration // between two questions while it prints
	stall  time.Duration // for it to take a piece of data
	print  time.Duration // for it to print a paper that it has taken
	settle time.Duration // for its rows to be burnt, where it only says that it has read them
	mend   time.Duration // between two attempts to bring a stuck knife home
}

var usualPace = pace{answer: 1500 * time.Millisecond, slow: 6 * time.Second, poll: 400 * time.Millisecond, stall: 15 * time.Second,
	print: 30 * time.Second, settle: 400 * time.Millisecond, mend: 20 * time.Second}

// speech is how a printer says that something is done.
type speech int

const (
	unheard  speech = iota // not known yet
	acks                   // it names a process id (GS ( H)
	sensors                // it answers GS r in its turn
	wordless               // neither: only how it is can be asked
)

// Driver drives one thermal printer. It implements printer.Driver.
type Driver struct {
	dial    Dialer
	profile Profile
	clock   clockwork.Clock
	pace    pace

	// busy is held while a paper or a question is on its way.
	busy sync.Mutex
	// What the printer can do, as far as it has shown: talks once it has
	// answered DLE EOT, mute once it did not at first contact.
	talks, mute bool
	met         bool // it has been asked before
	stuck       bool // the knife, when it was last asked
	speech      speech
	// What the last paper may have left behind: data in the printer's buffer
	// (perhaps of a program before us, or for certain), and a strip of paper.
	buffer leftover
	strip  bool
	mended time.Time // when the knife was last told to come home
	papers int       // sent by this driver, so that no process id comes twice

	// hold guards what Close may touch while another method runs.
	hold   sync.Mutex
	conn   *conn
	idle   clockwork.Timer
	closed bool
}

// leftover says how sure it is that something was left behind.
type leftover int

const (
	nothing leftover = iota
	perhaps
	surely
)

var _ printer.Driver = (*Driver)(nil)

// New makes a driver of a printer that dial opens a line to. It does not open
// one before it must.
func New(dial Dialer, p Profile, clock clockwork.Clock) *Driver {
	d := &Driver{dial: dial, profile: p, clock: clock, pace: usualPace, buffer: perhaps}
	if p.Ack == Yes {
		d.speech = acks
	}
	return d
}

// NewTCP makes a driver of a printer on the network, at "host:9100".
func NewTCP(addr string, p Profile, clock clockwork.Clock) *Driver {
	return New(dialTCP(addr), p, clock)
}

// NewDevice makes a driver of a printer at a device file: /dev/usb/lp0, or a
// serial line such as /dev/ttyUSB0.
func NewDevice(path string, p Profile, clock clockwork.Clock) *Driver {
	return New(dialDevice(path, p.baud(), clock), p, clock)
}

// Status asks the printer how it is. It also clears what a paper that failed
// may have left in the printer's buffer.
func (d *Driver) Status(ctx context.Context) printer.Status {
	d.busy.Lock()
	defer d.busy.Unlock()
	defer d.rest()
	d.mute = false // it may have been starting up
	c, status, err := d.contact(ctx)
	if err != nil {
		return printer.Status{Problem: fault.PrinterAway}
	}
	if status.Silent {
		return status
	}
	if d.buffer == surely {
		d.empty(ctx, c)
	}
	if status, err = d.mend(ctx, c, status); err != nil {
		return printer.Status{Problem: fault.PrinterAway}
	}
	return status
}

// Close gives the line up and makes what is on its way fail.
func (d *Driver) Close() error {
	d.hold.Lock()
	d.closed = true
	if d.idle != nil {
		d.idle.Stop()
	}
	if d.conn != nil {
		d.conn.close()
	}
	d.hold.Unlock()
	d.busy.Lock() // until what was on its way has ended
	defer d.busy.Unlock()
	return nil
}

// connect gives the connection that is there, or a new one.
func (d *Driver) connect(ctx context.Context) (c *conn, fresh bool, err error) {
	d.hold.Lock()
	if d.idle != nil {
		d.idle.Stop()
	}
	c, closed := d.conn, d.closed
	d.hold.Unlock()
	if c != nil && c.drain() {
		return c, false, nil
	}
	d.drop()
	if closed {
		return nil, false, errors.New("escpos: the driver is closed")
	}
	line, err := d.dial(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("%w: %w", errDown, err)
	}
	c = newConn(line, d.clock, d.pace)
	d.hold.Lock()
	defer d.hold.Unlock()
	if d.closed {
		c.close()
	}
	d.conn = c
	return c, true, nil
}

// drop gives the connection up, and what it has not carried yet with it.
func (d *Driver) drop() {
	d.hold.Lock()
	defer d.hold.Unlock()
	if d.conn != nil {
		d.conn.abort()
		d.conn = nil
	}
}

// rest keeps the connection for a while, in case of a next paper.
func (d *Driver) rest() {
	d.hold.Lock()
	defer d.hold.Unlock()
	c, after := d.conn, d.profile.idle()
	switch {
	case c == nil:
	case after < 0 || d.closed:
		c.close()
		d.conn = nil
	default:
		d.idle = d.clock.AfterFunc(after, func() { d.hangUp(c) })
	}
}

// hangUp closes a connection that has been idle, unless it is in use again.
func (d *Driver) hangUp(c *conn) {
	if !d.busy.TryLock() {
		return
	}
	defer d.busy.Unlock()
	d.hold.Lock()
	defer d.hold.Unlock()
	if d.conn == c {
		c.close()
		d.conn = nil
	}
}

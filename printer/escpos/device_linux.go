package escpos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/sys/unix"
)

// speeds are those of serial printers.
var speeds = map[int]uint32{
	9600: unix.B9600, 19200: unix.B19200, 38400: unix.B38400, 57600: unix.B57600, 115200: unix.B115200,
}

func dialDevice(path string, baud int, clock clockwork.Clock) Dialer {
	return func(context.Context) (Line, error) {
		f, err := openDevice(path)
		if err != nil {
			return nil, err
		}
		if err := setUp(f, baud); err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("set up %s: %w", path, err)
		}
		return &device{File: f, clock: clock, closed: make(chan struct{})}, nil
	}
}

// openDevice opens a device and no other file. It looks first: to close one of
// the hub's own files again would end all its locks on that file (POSIX), those
// of the ledger among them. Links are followed, for /dev/serial/by-id has
// nothing else.
func openDevice(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err == nil {
		err = isDevice(info)
	}
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	// The name may lead elsewhere by now.
	if info, err = f.Stat(); err == nil {
		err = isDevice(info)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// isDevice refuses what is no character device: nothing may be written into a
// file, a pipe or a disk.
func isDevice(info os.FileInfo) error {
	if info.Mode().Type() != os.ModeDevice|os.ModeCharDevice {
		return fmt.Errorf("escpos: %s is no character device but %s", info.Name(), info.Mode())
	}
	return nil
}

// setUp makes a serial line raw: 8 bits, no parity, 1 stop bit, and flow control
// by XON and XOFF, which no answer of a printer contains. Other devices stay as
// they are.
func setUp(f *os.File, baud int) error {
	speed, known := speeds[baud]
	if !known {
		return fmt.Errorf("escpos: no serial speed %d", baud)
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var fault error
	err = raw.Control(func(fd uintptr) { fault = makeRaw(int(fd), speed) })
	return errors.Join(err, fault)
}

func makeRaw(fd int, speed uint32) error {
	t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil // not a terminal: a USB printer has no speed
	}
	t.Iflag = unix.IGNBRK | unix.IGNPAR | unix.IXON
	t.Oflag, t.Lflag = 0, 0
	t.Cflag = unix.CS8 | unix.CREAD | unix.CLOCAL | speed
	t.Ispeed, t.Ospeed = speed, speed
	t.Cc[unix.VMIN], t.Cc[unix.VTIME] = 1, 0
	return unix.IoctlSetTermios(fd, unix.TCSETS, t)
}

// device is a printer's device file. The driver of USB printers ends a read
// early when the printer has nothing to say, which is not the end of the line.
type device struct {
	*os.File
	clock  clockwork.Clock
	once   sync.Once
	closed chan struct{}
}

// lull is how long to wait before a device that had nothing to say is read again.
const lull = 100 * time.Millisecond

func (d *device) Read(p []byte) (int, error) {
	for {
		n, err := d.File.Read(p)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, err
		}
		select {
		case <-d.clock.After(lull):
		case <-d.closed:
			return 0, os.ErrClosed
		}
	}
}

func (d *device) Close() error {
	d.once.Do(func() { close(d.closed) })
	return d.File.Close()
}

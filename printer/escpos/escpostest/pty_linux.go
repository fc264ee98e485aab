package escpostest

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Device attaches the printer to a pseudo terminal and gives the path to open,
// as if it were a serial line. The printer cannot be reached at Addr meanwhile.
func (p *Printer) Device() (string, error) {
	// Without O_NONBLOCK, closing it would not end a read.
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return "", err
	}
	raw, err := master.SyscallConn()
	if err != nil {
		return "", err
	}
	var n int
	var fault error
	err = raw.Control(func(fd uintptr) {
		if fault = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); fault == nil {
			n, fault = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err == nil {
		err = fault
	}
	if err != nil {
		_ = master.Close()
		return "", err
	}
	path := fmt.Sprintf("/dev/pts/%d", n)
	// Held open, so that the line does not end when a client leaves it.
	keep, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		_ = master.Close()
		return "", err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hangUp()
	p.serve(&pty{File: master, keep: keep})
	return path, nil
}

type pty struct {
	*os.File
	keep *os.File
}

func (t *pty) Close() error {
	_ = t.keep.Close()
	return t.File.Close()
}

//go:build linux

package escpos_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"golang.org/x/sys/unix"

	"vez/fault"
	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/escpos/escpostest"
)

func TestASerialPrinterIsDrivenLikeAnyOther(t *testing.T) {
	p := escpostest.Start(t, escpostest.Options{})
	path, err := p.Device()
	if err != nil {
		t.Skipf("no pseudo terminal: %v", err)
	}
	d := escpos.NewDevice(path, escpos.Profile{}, clockwork.NewRealClock())
	defer d.Close()
	for _, id := range []string{"one", "two"} {
		if err := send(t, d, id); err != nil || whole(t, p, id) != 1 {
			t.Fatalf("%v, %d papers", err, whole(t, p, id))
		}
	}
	p.PaperOutAfter(100)
	if err := send(t, d, "three"); fault.CodeOf(err) != fault.PaperOut || errors.Is(err, printer.ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
	p.Refill()
	if s := d.Status(t.Context()); s.Problem != "" {
		t.Errorf("%+v", s)
	}
	if err := send(t, d, "four"); err != nil || whole(t, p, "three") != 0 || whole(t, p, "four") != 1 {
		t.Errorf("%v", err)
	}
	p.CutLine()
	if s := escpos.Hurry(d, 500*time.Millisecond).Status(t.Context()); s.Problem != fault.PrinterAway {
		t.Errorf("unplugged: %+v", s)
	}
}

func TestADeviceThatIsNotThereIsAPrinterThatIsAway(t *testing.T) {
	d := escpos.NewDevice(filepath.Join(t.TempDir(), "lp0"), escpos.Profile{}, clockwork.NewRealClock())
	defer d.Close()
	if s := d.Status(t.Context()); s.Problem != fault.PrinterAway {
		t.Errorf("%+v", s)
	}
}

// A manager must not get the hub to write into its own files. That a file is
// not even opened matters as much: closing it would end the hub's locks on it,
// those of its ledger among them.
func TestAFileThatIsNoDeviceIsNeitherWrittenNorOpened(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "vez.db")
	if err := os.WriteFile(file, []byte("ledger"), 0o600); err != nil {
		t.Fatal(err)
	}
	open, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	if err := unix.FcntlFlock(open.Fd(), unix.F_SETLK, &unix.Flock_t{Type: unix.F_WRLCK}); err != nil {
		t.Fatal(err)
	}
	link, pipe := filepath.Join(dir, "lp0"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Symlink(file, link), unix.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link, fmt.Sprintf("/dev/fd/%d", open.Fd()), pipe, dir} {
		d := escpos.NewDevice(path, escpos.Profile{}, clockwork.NewRealClock())
		if s := d.Status(t.Context()); s.Problem != fault.PrinterAway {
			t.Errorf("%s: %+v", path, s)
		}
		if err := send(t, d, "one"); fault.CodeOf(err) != fault.PrinterAway || errors.Is(err, printer.ErrOutcomeUnknown) {
			t.Errorf("%s: %v", path, err)
		}
		_ = d.Close()
	}
	look, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close()
	held := unix.Flock_t{Type: unix.F_WRLCK} // asked by another description of the file, our own lock is in its way
	if err := unix.FcntlFlock(look.Fd(), unix.F_OFD_GETLK, &held); err != nil || held.Type != unix.F_WRLCK {
		t.Errorf("the lock is gone: %+v, %v", held, err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != "ledger" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestASpeedThatNoPrinterHasIsRefused(t *testing.T) {
	d := escpos.NewDevice(os.DevNull, escpos.Profile{Baud: 31415}, clockwork.NewRealClock())
	defer d.Close()
	if err := send(t, d, "one"); fault.CodeOf(err) != fault.PrinterAway || !strings.Contains(err.Error(), "31415") {
		t.Errorf("%v", err)
	}
}

//go:build linux

package escpos_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

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

func TestASpeedThatNoPrinterHasIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lp0")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := escpos.NewDevice(path, escpos.Profile{Baud: 31415}, clockwork.NewRealClock())
	defer d.Close()
	if err := send(t, d, "one"); fault.CodeOf(err) != fault.PrinterAway {
		t.Errorf("%v", err)
	}
}

package drive

import (
	"log/slog"
	"net"
	"path/filepath"
	"strconv"

	"github.com/jonboulle/clockwork"

	"vez/printer"
	"vez/printer/escpos"
	"vez/printer/ipp"
)

// Options say what a driver works with.
type Options struct {
	// DataDir is the data folder of the program; folders of paper lie in it.
	DataDir string
	// Format is the paper in the printer.
	Format printer.Format
	Clock  clockwork.Clock
	Log    *slog.Logger
}

// Paper is the folder that stands for a printer where there is none.
func Paper(dataDir string) string { return filepath.Join(dataDir, "paper") }

// Open gives the driver of an address. It does not reach for the printer yet.
// The faults are Parse's.
func Open(address string, o Options) (printer.Driver, error) {
	a, err := Parse(address)
	if err != nil {
		return nil, err
	}
	switch a.Scheme {
	case IPP, IPPS:
		return ipp.New(a.String(), ipp.Options{Clock: o.Clock})
	case Dir:
		return OpenFolder(filepath.Join(Paper(o.DataDir), a.Path), o.Clock), nil
	}
	return openThermal(a, o), nil
}

// openThermal gives the driver of a printer of which nobody knows what another
// hub has left in it.
func openThermal(a Address, o Options) printer.Driver {
	profile := escpos.Profile{Width: widths[o.Format]}
	var d *escpos.Driver
	if a.Scheme == Device {
		d = escpos.NewDevice(a.Path, profile, o.Clock)
	} else {
		d = escpos.NewTCP(net.JoinHostPort(a.Host, strconv.Itoa(a.Port)), profile, o.Clock)
	}
	d.Inherit()
	return d
}

// widths of the heads of thermal printers, in dots.
var widths = map[printer.Format]int{printer.Roll80: 576, printer.Roll58: 384}

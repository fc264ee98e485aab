package drive

import (
	"fmt"
	"log/slog"
	"path/filepath"

	"github.com/jonboulle/clockwork"

	"vez/printer"
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
	return nil, fmt.Errorf("no driver for %s yet", a.Scheme)
}

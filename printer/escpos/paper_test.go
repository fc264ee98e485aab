//go:build paper

package escpos_test

import (
	"slices"
	"testing"

	"vez/printer"
	"vez/printer/escpos"
)

// Needs zbar-tools.
func TestTheCodeOfARealTicketIsReadFromTheRoll(t *testing.T) {
	for _, f := range []printer.Format{printer.Roll80, printer.Roll58} {
		for _, raster := range []escpos.Raster{escpos.GSv0, escpos.GS8L} {
			_, paper := onRoll(t, f, raster)
			if codes, err := paper.Codes(t.Context()); err != nil || !slices.Contains(codes, link) {
				t.Errorf("%s %q: %q, %v", f, raster, codes, err)
			}
		}
	}
}

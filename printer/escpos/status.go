package escpos

import (
	"vez/fault"
	"vez/printer"
)

// Answers are what a printer said to DLE EOT 1 to 4, in this order. A zero is a
// question that it did not answer.
type Answers [4]byte

// Bits of the answers.
const (
	offline      = 0x08 // of DLE EOT 1
	coverOpen    = 0x04 // of DLE EOT 2
	stoppedEmpty = 0x20
	inError      = 0x40
	cutterError  = 0x08 // of DLE EOT 3
	broken       = 0x20
	tooHot       = 0x40
	nearEnd      = 0x0C // of DLE EOT 4
	paperEnd     = 0x60
)

// Status is how the printer is. An open cover goes before everything, because
// the paper sensor may lie under it.
func (a Answers) Status() printer.Status {
	s := printer.Status{PaperLow: a[3]&nearEnd != 0}
	switch {
	case a[1]&coverOpen != 0:
		s.Problem = fault.CoverOpen
	case a[1]&stoppedEmpty != 0, a[3]&paperEnd != 0:
		s.Problem = fault.PaperOut
	case a[2]&(cutterError|broken|tooHot) != 0, a[1]&inError != 0, a[0]&offline != 0:
		s.Problem = fault.PrinterStuck
	}
	return s
}

// AutoStatus reads an automatic status of four bytes (ASB).
func AutoStatus(b [4]byte) printer.Status {
	s := printer.Status{PaperLow: b[2]&0x03 != 0}
	switch {
	case b[0]&0x20 != 0:
		s.Problem = fault.CoverOpen
	case b[2]&0x0C != 0:
		s.Problem = fault.PaperOut
	case b[1]&0x6C != 0, b[0]&0x08 != 0:
		s.Problem = fault.PrinterStuck
	}
	return s
}

package ipp

import (
	"context"
	"strconv"
	"strings"
	"time"

	"vez/fault"
	"vez/printer"
)

// askTimeout bounds a question to the printer.
const askTimeout = 5 * time.Second

// asked are the attributes of a printer that we read.
var asked = []string{
	"printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-up-time", "printer-input-tray", "cups-version",
	"document-format-supported", "media-supported", "media-size-supported", "media-col-supported", "print-scaling-supported",
	"sides-supported", "job-sheets-supported", "pwg-raster-document-resolution-supported", "pwg-raster-document-type-supported",
}

// machine is what a printer says of itself.
type machine struct {
	Group
}

// look asks the printer how it is and what it can do.
func (c *Client) look(ctx context.Context) (machine, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	req := c.Request(OpGetPrinterAttributes)
	req.Add(OperationGroup, user(), Attr(Keyword, "requested-attributes", asked...))
	res, err := c.Do(ctx, req, nil)
	if err != nil {
		return machine{}, err
	}
	return machine{res.Group(PrinterGroup)}, nil
}

// user is whom printers know us as. CUPS shows a job's name to its owner only.
func user() Attribute { return Attr(Name, "requesting-user-name", "vez") }

// States of a printer (RFC 8011, section 5.4.11).
const printerStopped = 5

// troubles says what the reasons of a printer's state mean for us, gravest
// first. Reasons are matched by their beginning, because makers add to them.
var troubles = []struct {
	reason string
	code   fault.Code
	// even when the printer calls it a report or a warning; many do in the middle of it
	even bool
}{
	{"shutdown", fault.PrinterAway, true},
	{"offline", fault.PrinterAway, true}, // CUPS, of the printer behind it
	{"timed-out", fault.PrinterAway, false},
	{"cover-open", fault.CoverOpen, true},
	{"door-open", fault.CoverOpen, true},
	{"interlock-open", fault.CoverOpen, true},
	{"media-jam", fault.PrinterStuck, true},
	{"media-needed", fault.PaperOut, true},
	{"media-empty", fault.PaperOut, true},
	{"input-tray-missing", fault.PaperOut, false},
	{"paused", fault.PrinterStuck, true},
	{"moving-to-paused", fault.PrinterStuck, true},
	{"toner-empty", fault.PrinterStuck, false},
	{"marker-", fault.PrinterStuck, false},
	{"developer-", fault.PrinterStuck, false},
	{"fuser-", fault.PrinterStuck, false},
	{"opc-", fault.PrinterStuck, false},
	{"output-", fault.PrinterStuck, false},
	{"other", fault.PrinterStuck, false},
}

// problem is why the printer cannot print; "" when it can.
func (m machine) problem() fault.Code { return m.problemBut(m.spared) }

// problemBut leaves out the reasons that spared says.
func (m machine) problemBut(spared func(reason string) bool) fault.Code {
	reasons := m.Strings("printer-state-reasons")
	for _, t := range troubles {
		for _, r := range reasons {
			if strings.HasPrefix(r, t.reason) && (t.even || !mild(r)) && !spared(r) {
				return t.code
			}
		}
	}
	state, _ := m.Int("printer-state")
	if accepting, known := m.Bool("printer-is-accepting-jobs"); state == printerStopped || known && !accepting {
		return fault.PrinterStuck
	}
	return ""
}

// mild says that the printer goes on in spite of a reason, or so it says.
// Reasons without any suffix are errors.
func mild(reason string) bool {
	return strings.HasSuffix(reason, "-report") || strings.HasSuffix(reason, "-warning")
}

// spared says that the reason is one tray's alone, while another has paper.
func (m machine) spared(reason string) bool {
	if !strings.HasPrefix(reason, "media-empty") || !mild(reason) {
		return false
	}
	for _, tray := range m.Strings("printer-input-tray") {
		// PWG 5100.13, section 5.6.8, after RFC 3805: level -3 is some, -2 is not known.
		level, err := strconv.Atoi(field(tray, "level"))
		if err == nil && (level > 0 || level == -3) && strings.HasPrefix(field(tray, "type"), "sheetFeedAuto") && sheet(tray) {
			return true
		}
	}
	return false
}

// sheet says that a tray holds no envelopes or cards: paper of A5 at least, or
// paper of which the printer does not know the size.
func sheet(tray string) bool {
	const narrow = 14000 // hundredths of a millimetre
	for _, side := range []string{"mediafeed", "mediaxfeed"} {
		if n, err := strconv.Atoi(field(tray, side)); err == nil && n > 0 && n < narrow {
			return false
		}
	}
	return true
}

// field reads one of "name=value;name=value".
func field(text, name string) string {
	for part := range strings.SplitSeq(text, ";") {
		if value, ok := strings.CutPrefix(part, name+"="); ok {
			return value
		}
	}
	return ""
}

// status is the state in our words.
func (m machine) status() printer.Status {
	_, told := m.Int("printer-state")
	s := printer.Status{Problem: m.problem(), Silent: !told}
	for _, r := range m.Strings("printer-state-reasons") {
		if strings.HasPrefix(r, "media-low") {
			s.PaperLow = true
		}
	}
	return s
}

// upTime is how many seconds the printer runs, in which it also counts the
// creation of its jobs; 0: not told.
func (m machine) upTime() int {
	n, _ := m.Int("printer-up-time")
	return n
}

// spooler says that this is CUPS and not the printer itself.
func (m machine) spooler() bool { return m.Values("cups-version") != nil }

// has says whether a list that the printer gives holds a word.
func (m machine) has(name, word string) bool {
	for _, s := range m.Strings(name) {
		if s == word {
			return true
		}
	}
	return false
}

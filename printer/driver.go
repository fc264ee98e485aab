package printer

import (
	"context"
	"errors"

	"vez/fault"
)

// Driver is the way to one printer. Its methods are not called at the same
// time, except Close.
type Driver interface {
	// Print brings a document to paper. A nil error says that it came out. An
	// error that wraps ErrOutcomeUnknown says that it may have, or may still;
	// any other error, that it did not and will not: faults printer_away,
	// paper_out, cover_open, printer_stuck, disk_full, print_failed.
	// It ends when ctx does.
	Print(ctx context.Context, job Job, doc Document) error
	// Status asks the printer how it is, within a few seconds. A printer that
	// cannot be reached is a status too.
	Status(ctx context.Context) Status
	// Close gives the line to the printer up.
	Close() error
}

// Status is how a printer is.
type Status struct {
	// Problem is why it cannot print: printer_away, paper_out, cover_open,
	// printer_stuck, disk_full; "" when it can.
	Problem fault.Code
	// PaperLow says that the roll or tray will soon be empty.
	PaperLow bool
	// Silent says that the printer is there but tells nothing of itself, so
	// that it is taken to be well.
	Silent bool
}

// Prover is a Driver that can find out later whether a job came out.
type Prover interface {
	// Proves says that the job came out for certain.
	Proves(ctx context.Context, job Job) bool
}

// ErrOutcomeUnknown tells that a document was sent and nobody knows whether it
// came out.
var ErrOutcomeUnknown = errors.New("printer: outcome unknown")

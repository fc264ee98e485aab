package printer

import (
	"context"
	"errors"
	"time"
)

// Kind says what a job prints.
type Kind string

// The kinds of paper.
const (
	KindTicket Kind = "ticket"
	KindSlip   Kind = "slip"
)

// State is where a job stands.
type State string

// The states of a job.
//
//	queued → printing → printed | failed | unknown
//	queued | failed | unknown → moved (the holder has it on the phone)
//	unknown → printed | failed (somebody looked)
const (
	Queued   State = "queued"   // recorded, not sent
	Printing State = "printing" // sent; whether paper came out is not known yet
	Printed  State = "printed"
	Failed   State = "failed"  // nothing came out; Reason says why
	Moved    State = "moved"   // given up for the phone
	Unknown  State = "unknown" // paper may have come out: ask, do not print again
)

// Job is one paper to print. A reprint is a job of its own with a higher Copy.
type Job struct {
	ID     string
	Office string
	Kind   Kind
	Ref    string // the ticket or booking
	Copy   int    // 0 is the first paper
	State  State
	// Hub names the program that took the job in hand; empty while queued.
	Hub    string
	Reason string    // a fault code, for Failed
	At     time.Time // of the last change
}

// JobStore keeps jobs durably. The ledger is one.
type JobStore interface {
	// Record adds a queued job, unless there is one of the same Kind, Ref and
	// Copy already, which it then gives back with added false.
	Record(ctx context.Context, job Job) (kept Job, added bool, err error)
	// Mark changes a job to the state, hub, reason and time in job, if its
	// state is still one of from; else it changes nothing and gives false.
	Mark(ctx context.Context, job Job, from ...State) (changed bool, err error)
	// Pending gives all jobs in state Queued or Printing, oldest first.
	Pending(ctx context.Context) ([]Job, error)
	// Latest gives the job of a paper with the highest Copy; ok false: none.
	Latest(ctx context.Context, kind Kind, ref string) (job Job, ok bool, err error)
}

// Driver brings a document to paper. A nil error says that it came out. An
// error that wraps ErrOutcomeUnknown says that it may have; any other error,
// that it did not.
type Driver interface {
	Print(ctx context.Context, job Job, doc []byte) error
}

// Prover is a Driver that can find out later whether a job came out.
type Prover interface {
	// Proves says that the job came out for certain.
	Proves(ctx context.Context, job Job) bool
}

// ErrOutcomeUnknown tells that a document was sent and nobody knows whether it
// came out.
var ErrOutcomeUnknown = errors.New("printer: outcome unknown")

// Documents makes the document of a job, from what is recorded of the ticket
// or booking; at a restart there is nothing else to make it from.
type Documents interface {
	Document(ctx context.Context, job Job) ([]byte, error)
}

// DocumentsFunc is a function as Documents.
type DocumentsFunc func(ctx context.Context, job Job) ([]byte, error)

// Document calls the function.
func (f DocumentsFunc) Document(ctx context.Context, job Job) ([]byte, error) { return f(ctx, job) }

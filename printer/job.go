package printer

import (
	"context"
	"time"
)

// Kind says what a job prints.
type Kind string

// The kinds of paper.
const (
	KindTicket   Kind = "ticket"   // a ticket; Ref is its id
	KindSlip     Kind = "slip"     // a booking slip; Ref is the booking's id
	KindPass     Kind = "pass"     // a return pass; Ref is the id of the ticket it replaces
	KindReminder Kind = "reminder" // a slip that reminds of a booking; Ref is the booking's id
	KindLetters  Kind = "letters"  // an office's reminder letters of a day; Ref is office/2026-11-24
	KindProbe    Kind = "probe"    // a page that proves a printer; Ref is the printer's id
)

// State is where a job stands.
type State string

// The states of a job.
//
//	queued → printing → printed | failed | unknown | queued (nothing came out, another printer may)
//	queued | failed | unknown → moved (given up for the phone)
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
	// By is where it was asked for, which a printer may stand by: a kiosk
	// ("device:…") or a counter's id; "" elsewhere.
	By    string
	Large bool // large print
	// Printer is the printer it was given to last; empty before that.
	Printer string
	// Hub names the program that took the job in hand; empty while queued.
	Hub    string
	Reason string    // a fault code: why it Failed, was Moved or was passed on
	At     time.Time // of the last change
}

// Documents makes the document of a job for a paper, from what is recorded of the ticket
// or booking; at a restart there is nothing else to make it from.
type Documents interface {
	Document(ctx context.Context, job Job, format Format) (Document, error)
}

// DocumentsFunc is a function as Documents.
type DocumentsFunc func(ctx context.Context, job Job, format Format) (Document, error)

// Document calls the function.
func (f DocumentsFunc) Document(ctx context.Context, job Job, format Format) (Document, error) {
	return f(ctx, job, format)
}

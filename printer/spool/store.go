package spool

import (
	"context"
	"time"

	"vez/printer"
)

// Task is a job with the attempts that failed.
type Task struct {
	printer.Job
	Tries []Try
}

// begun is since when a queued job waits: it was asked for then, or first tried.
func (t Task) begun() time.Time {
	if len(t.Tries) > 0 && t.Tries[0].At.Before(t.At) {
		return t.Tries[0].At
	}
	return t.At
}

// Try is an attempt of which nothing came out.
type Try struct {
	Printer string
	At      time.Time
}

// Jobs keeps jobs durably.
type Jobs interface {
	// Pending gives all jobs in state Queued or Printing, the oldest first.
	Pending(ctx context.Context) ([]Task, error)
	// Job reads one.
	Job(ctx context.Context, id string) (Task, error)
	// Mark sets a job's state, printer, tries, hub, reason and time to those of
	// next if its state, its hub and the number of its tries are still those of
	// was; else it changes nothing and gives false.
	Mark(ctx context.Context, was, next Task) (changed bool, err error)
	// Ask records a further job of a kind and ref, queued.
	Ask(ctx context.Context, office string, kind printer.Kind, ref string) (printer.Job, error)
}

// Store keeps small documents: printers, how they are, and their codes.
type Store interface {
	Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error
	// Get tells with ok whether there is one; err is for a store that failed.
	Get(ctx context.Context, kind, id string) (data []byte, ok bool, err error)
	// Delete does nothing when there is none.
	Delete(ctx context.Context, kind, id string) error
	// List gives the documents of a kind by id; owner "" lists all.
	List(ctx context.Context, kind, owner string) (map[string][]byte, error)
}

// Kinds of documents in the store.
const (
	kindPrinter = "printer"       // by id, owned by the office
	kindState   = "printer-state" // how it is, by the same id
	kindCode    = "printer-code"  // what its last page bore, by the same id
)

// Leases decides which of several hubs keeps something.
type Leases interface {
	// Lease makes holder the keeper of a name until an instant; false when
	// another keeps it. A holder renews its own; an until in the past gives it up.
	Lease(ctx context.Context, name, holder string, until time.Time) (bool, error)
}

// Pace is how fast a fleet and its spooler work; zero values stand for the
// defaults given here.
type Pace struct {
	Poll     time.Duration // 250 ms: jobs recorded by others are looked for
	Refresh  time.Duration // 1 s: printers and their states are read anew
	Lease    time.Duration // 12 s: how long a hub keeps a printer without a sign of life; renewed three times in it
	Status   time.Duration // 5 s: a printer that is well is asked how it is
	Trouble  time.Duration // 2 s: one that is not
	Beat     time.Duration // 10 s: the keeper shows that it is there
	Stale    time.Duration // 30 s: a keeper that did not is gone, and its printer away
	Patience time.Duration // 8 s: what nothing can print waits, and what a busy printer leaves waiting goes to the next
	Print    time.Duration // 2 min: one page may take
	Page     time.Duration // 10 s: each further page
	Grace    time.Duration // 5 s: a driver may take to end after that, and a hub to end what it prints
}

func (p Pace) withDefaults() Pace {
	for _, d := range []struct {
		of    *time.Duration
		value time.Duration
	}{
		{&p.Poll, 250 * time.Millisecond}, {&p.Refresh, time.Second}, {&p.Lease, 12 * time.Second}, {&p.Status, 5 * time.Second},
		{&p.Trouble, 2 * time.Second}, {&p.Beat, 10 * time.Second}, {&p.Stale, 30 * time.Second}, {&p.Patience, 8 * time.Second},
		{&p.Print, 2 * time.Minute}, {&p.Page, 10 * time.Second}, {&p.Grace, 5 * time.Second},
	} {
		if *d.of == 0 {
			*d.of = d.value
		}
	}
	return p
}

package printer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
)

// SpoolerConfig is what a Spooler works with; all but Hub, Log and Patience
// must be set.
type SpoolerConfig struct {
	Store     JobStore
	Documents Documents
	Driver    Driver
	Clock     clockwork.Clock
	// NewID makes job ids: letters, digits, '-' and '_'.
	NewID func() string
	// Hub names this program among several on one store.
	Hub string
	Log *slog.Logger
	// Patience is how long another hub may have a job in hand before it is
	// taken for dead; 0 stands for two minutes.
	Patience time.Duration
}

// Spooler prints recorded jobs, one at a time, each at most once. It may be
// used by many goroutines, and several spoolers may share a store.
type Spooler struct {
	c    SpoolerConfig
	turn chan struct{} // holds one token: the printer

	mu     sync.Mutex
	inHand map[string]bool
}

// NewSpooler makes a spooler; nothing runs before it is called.
func NewSpooler(c SpoolerConfig) *Spooler {
	if c.Patience == 0 {
		c.Patience = 2 * time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Spooler{c: c, turn: make(chan struct{}, 1), inHand: make(map[string]bool)}
}

// Print records the first paper of a ticket or booking and prints it. Asked
// again it prints nothing and gives the job as it stands. The job given back
// says how it went; the error is for a store that did not answer, or a context
// that ended before the job's turn came, in which case it stays queued.
func (s *Spooler) Print(ctx context.Context, office string, kind Kind, ref string) (Job, error) {
	job, added, err := s.record(ctx, Job{Office: office, Kind: kind, Ref: ref})
	if err != nil || !added && job.State != Queued {
		return job, err
	}
	return s.Send(ctx, job)
}

// Reprint prints another copy, because somebody asked for it.
func (s *Spooler) Reprint(ctx context.Context, office string, kind Kind, ref string) (Job, error) {
	last, ok, err := s.c.Store.Latest(ctx, kind, ref)
	if err != nil {
		return Job{}, fmt.Errorf("reprint of %s: %w", ref, err)
	}
	next := Job{Office: office, Kind: kind, Ref: ref}
	if ok {
		next.Copy = last.Copy + 1
	}
	job, added, err := s.record(ctx, next)
	if err != nil || !added && job.State != Queued {
		return job, err // a double tap: the other one prints
	}
	return s.Send(ctx, job)
}

func (s *Spooler) record(ctx context.Context, job Job) (Job, bool, error) {
	job.ID, job.State, job.At = s.c.NewID(), Queued, s.c.Clock.Now()
	kept, added, err := s.c.Store.Record(ctx, job)
	if err != nil {
		return Job{}, false, fmt.Errorf("record print job of %s: %w", job.Ref, err)
	}
	return kept, added, nil
}

// Send prints a job that is recorded and queued, as soon as the printer is
// free. Of several calls for one job, in several programs, one prints.
func (s *Spooler) Send(ctx context.Context, job Job) (Job, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return job, fmt.Errorf("print job %s waits: %w", job.ID, ctx.Err())
	}
	s.hold(job.ID, true)
	defer s.hold(job.ID, false)
	mine, err := s.mark(ctx, &job, Printing, "", Queued)
	if err != nil {
		return job, err
	}
	if !mine {
		return s.asItStands(ctx, job)
	}
	// From here on paper may come out: the job is brought to its end even if
	// the one who asked has gone.
	ctx = context.WithoutCancel(ctx)
	return s.finish(ctx, job, s.out(ctx, job))
}

// out makes the document and gives it to the driver; a panic in either becomes
// an error, and of the driver's nobody knows what came out.
func (s *Spooler) out(ctx context.Context, job Job) (err error) {
	sent := false
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.PrintFailed).Because(fmt.Errorf("panic: %v", r))
			if sent {
				err = fmt.Errorf("%w: panic: %v", ErrOutcomeUnknown, r)
			}
		}
	}()
	doc, err := s.c.Documents.Document(ctx, job, Roll80)
	if err != nil {
		return err
	}
	sent = true
	return s.c.Driver.Print(ctx, job, doc)
}

func (s *Spooler) finish(ctx context.Context, job Job, err error) (Job, error) {
	state, reason := Printed, ""
	switch {
	case errors.Is(err, ErrOutcomeUnknown):
		state = Unknown
	case err != nil:
		state, reason = Failed, string(codeOf(err))
	}
	if err != nil {
		s.c.Log.Warn("print job", "job", job.ID, "office", job.Office, "state", state, "reason", reason, "err", err)
	}
	changed, err := s.mark(ctx, &job, state, reason, Printing, Unknown)
	if err != nil {
		return job, err
	}
	if !changed {
		return s.asItStands(ctx, job)
	}
	return job, nil
}

// codeOf is the code of a fault; any other error is print_failed.
func codeOf(err error) fault.Code {
	if code := fault.CodeOf(err); code != fault.Unexpected {
		return code
	}
	return fault.PrintFailed
}

// mark changes a job in the store, and in the caller's hand if that worked.
func (s *Spooler) mark(ctx context.Context, job *Job, state State, reason string, from ...State) (bool, error) {
	next := *job
	next.State, next.Reason, next.Hub, next.At = state, reason, s.c.Hub, s.c.Clock.Now()
	changed, err := s.c.Store.Mark(ctx, next, from...)
	if err != nil {
		return false, fmt.Errorf("mark print job %s as %s: %w", job.ID, state, err)
	}
	if changed {
		*job = next
	}
	return changed, nil
}

func (s *Spooler) asItStands(ctx context.Context, job Job) (Job, error) {
	now, ok, err := s.c.Store.Latest(ctx, job.Kind, job.Ref)
	if err != nil {
		return job, fmt.Errorf("print job %s: %w", job.ID, err)
	}
	if ok && now.ID == job.ID {
		return now, nil
	}
	return job, nil
}

func (s *Spooler) hold(id string, inHand bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if inHand {
		s.inHand[id] = true
		return
	}
	delete(s.inHand, id)
}

// Swept counts what a sweep did.
type Swept struct{ Printed, Failed, Unknown int }

// Sweep prints what is queued and settles what a crash left in state printing:
// printed where the driver can prove it, unknown otherwise, never printed
// again. It is called at the start and may be called at any time.
func (s *Spooler) Sweep(ctx context.Context) (Swept, error) {
	var done Swept
	jobs, err := s.c.Store.Pending(ctx)
	if err != nil {
		return done, fmt.Errorf("pending print jobs: %w", err)
	}
	for _, job := range jobs {
		switch {
		case job.State == Queued:
			job, err = s.Send(ctx, job)
		case s.abandoned(job):
			job, err = s.settle(ctx, job)
		default:
			continue
		}
		if err != nil {
			return done, err
		}
		done.count(job.State)
	}
	return done, nil
}

// abandoned says whether nobody works on a job in state printing any more.
func (s *Spooler) abandoned(job Job) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inHand[job.ID] {
		return false
	}
	return job.Hub == s.c.Hub || s.c.Clock.Since(job.At) > s.c.Patience
}

func (s *Spooler) settle(ctx context.Context, job Job) (Job, error) {
	state := Unknown
	if p, ok := s.c.Driver.(Prover); ok && p.Proves(ctx, job) {
		state = Printed
	}
	_, err := s.mark(ctx, &job, state, "", Printing)
	return job, err
}

func (d *Swept) count(state State) {
	switch state {
	case Printed:
		d.Printed++
	case Failed:
		d.Failed++
	case Unknown:
		d.Unknown++
	}
}

// Confirm writes down what somebody saw of a job in state unknown: the paper
// came out, or it did not. It says whether the job was still unknown.
func (s *Spooler) Confirm(ctx context.Context, job Job, cameOut bool) (bool, error) {
	if cameOut {
		return s.mark(ctx, &job, Printed, "", Unknown)
	}
	return s.mark(ctx, &job, Failed, string(fault.PrintFailed), Unknown)
}

// Move gives a paper up, because the holder has the ticket on the phone. A job
// that is printing or printed is left alone.
func (s *Spooler) Move(ctx context.Context, job Job) (bool, error) {
	return s.mark(ctx, &job, Moved, "", Queued, Failed, Unknown)
}

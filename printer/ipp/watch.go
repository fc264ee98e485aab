package ipp

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vez/fault"
)

// watch follows one job to its end.
type watch struct {
	*Driver
	name   string
	pages  int
	before machine // the printer as it was before the job was sent
	begun  bool    // the job was seen at work
	// lingers: it was told to give the job up and had it still at the next look. late: it was told because ctx
	// had ended, not because it was in trouble.
	lingers, late bool
}

// takeBack is how long a job may be taken back after the end of ctx, in real
// time; whoever prints waits a little longer for the driver (spool.Pace.Grace).
const takeBack = 4 * time.Second

// looks is how often a printer may not know of a job before we believe it.
const looks = 3

// recover finds out what became of a request without an answer: cause says why
// there was none.
func (w *watch) recover(ctx context.Context, cause error) error {
	if cause == nil {
		cause = errors.New("ipp: an accepted job without an id")
	}
	begun, missed := w.opt.Clock.Now(), 0
	for wait := w.opt.Poll; w.opt.Clock.Since(begun) <= w.opt.Patience && missed < looks; wait = min(2*wait, slowestPoll) {
		jobs, err := w.client.named(ctx, w.name)
		if s, ok := w.ours(jobs); ok {
			w.newest = s.id
			return w.follow(ctx, s)
		}
		if err == nil {
			missed++
		}
		if w.pause(ctx, wait) != nil {
			return w.recoverLate(ctx, cause)
		}
	}
	return unknown(cause)
}

// recoverLate is recover when the time is over: what is found is taken back.
func (w *watch) recoverLate(ctx context.Context, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBack)
	defer cancel()
	jobs, err := w.client.named(ctx, w.name)
	if s, ok := w.ours(jobs); ok && err == nil {
		w.newest, w.late = s.id, true
		return w.giveUp(ctx, s, w.trouble(fault.PrinterStuck))
	}
	return unknown(cause)
}

// ours picks the job that was sent: not one of an earlier attempt, which the
// printer knew before. One that completed counts in any case.
func (w *watch) ours(jobs []sent) (found sent, ok bool) {
	since := w.before.upTime()
	for _, s := range jobs {
		if s.state == jobCompleted {
			return s, true
		}
		late := s.created < 0 || since == 0 || s.created >= since
		if s.id > w.newest && s.id > found.id && late {
			found, ok = s, true
		}
	}
	return found, ok
}

// follow looks at the job until it is over, or has stood still for too long.
func (w *watch) follow(ctx context.Context, s sent) error {
	moved := w.opt.Clock.Now() // when it last got on
	limit := w.opt.Limit + time.Duration(w.pages)*10*time.Second
	var still time.Time // since when the printer is in trouble
	for wait := w.opt.Poll; ; wait = min(2*wait, slowestPoll) {
		if s.over() {
			return w.end(s, nil)
		}
		w.begun = w.begun || s.begun || s.state >= jobProcessing
		trouble := w.hindrance(ctx, s)
		now := w.opt.Clock.Now()
		switch {
		case trouble == nil:
			still = time.Time{}
		case still.IsZero():
			still = now
		case now.Sub(still) > w.opt.Patience:
			return w.giveUp(ctx, s, trouble)
		}
		if now.Sub(moved) > limit {
			return w.giveUp(ctx, s, w.trouble(fault.PrinterStuck))
		}
		if w.pause(ctx, wait) != nil {
			return w.giveUpLate(ctx, s, w.trouble(fault.PrinterStuck))
		}
		next, err := w.again(ctx, s)
		if err != nil {
			return unknown(err)
		}
		if next.sheets > s.sheets {
			moved, still = w.opt.Clock.Now(), time.Time{}
		}
		s = next
	}
}

// errForgotten says that the printer, restarted perhaps, knows the job no more.
var errForgotten = errors.New("ipp: the printer has forgotten the job")

// again looks at a job. A printer that does not answer leaves it as it was,
// for hindrance to judge.
func (w *watch) again(ctx context.Context, was sent) (sent, error) {
	s, err := w.client.job(ctx, was.id)
	refusal := (*StatusError)(nil)
	switch {
	case err == nil && (s.name == "" || s.name == w.name):
		return s, nil
	case err == nil: // its number is another's now
	case !errors.As(err, &refusal) || refusal.Code >= firstServerError:
		return was, nil
	}
	jobs, err := w.client.named(ctx, w.name)
	if err != nil {
		return was, nil
	}
	for _, s := range jobs {
		if s.id == was.id || s.state == jobCompleted {
			return s, nil
		}
	}
	return was, errForgotten
}

// hindrance is why the job stands still; nil when it does not.
func (w *watch) hindrance(ctx context.Context, s sent) error {
	m, err := w.client.look(ctx)
	if err != nil {
		return w.refused(err)
	}
	problem := m.problemBut(w.old(m))
	if problem == "" && (s.state == jobStopped || s.state == jobHeld) {
		problem = fault.PrinterStuck
	}
	return w.trouble(problem)
}

// old says which reasons are another tray's than ours: those that the printer
// had before the job and could print in spite of.
func (w *watch) old(now machine) func(string) bool {
	return func(reason string) bool {
		return now.spared(reason) && w.before.has("printer-state-reasons", reason)
	}
}

// giveUpLate is giveUp when the time is over: a job that was left where it is
// would come out behind a stranger's long one, and again from the next printer.
func (w *watch) giveUpLate(ctx context.Context, s sent, trouble error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takeBack)
	defer cancel()
	w.late = true
	return w.giveUp(ctx, s, trouble)
}

// giveUp takes the job back, and waits until the printer says that it is over.
func (w *watch) giveUp(ctx context.Context, s sent, trouble error) error {
	begun, told := w.opt.Clock.Now(), false
	for wait := w.opt.Poll; w.opt.Clock.Since(begun) <= w.opt.Patience; wait = min(2*wait, slowestPoll) {
		if !told {
			told = w.client.cancel(ctx, s.id) == nil
		}
		var err error
		if s, err = w.again(ctx, s); err != nil {
			return unknown(errors.Join(trouble, err))
		}
		w.begun = w.begun || s.begun || s.state == jobProcessing || s.state == jobStopped
		// Printers may finish the page that they are at before they cancel. One that did not cancel at
		// once, or was at work when its time was over, must still be unable to print now.
		if s.over() && s.state != jobCompleted && (w.lingers || w.late && w.begun) && (w.hindrance(ctx, s) == nil || ctx.Err() != nil) {
			return unknown(fmt.Errorf("ipp: it could print before it gave the job back: %w", trouble))
		}
		if s.over() {
			return w.end(s, trouble)
		}
		w.lingers = true
		if err := w.pause(ctx, wait); err != nil {
			if !w.late {
				return w.giveUpLate(ctx, s, trouble)
			}
			return unknown(errors.Join(trouble, err))
		}
	}
	return unknown(fmt.Errorf("ipp: the printer does not give the job back: %w", trouble))
}

// end judges a job that is over; trouble is why we gave it up, if we did.
func (w *watch) end(s sent, trouble error) error {
	if s.state == jobCompleted {
		return nil
	}
	if trouble == nil {
		trouble = fault.New(fault.PrintFailed).Because(fmt.Errorf("ipp: the printer ended the job in state %d", s.state))
	}
	switch {
	case s.sheets > 0, s.sheets < 0 && w.pages > 1:
		return unknown(fmt.Errorf("ipp: some of it may have come out: %w", trouble))
	case w.before.spooler() && (w.begun || s.begun):
		return unknown(fmt.Errorf("ipp: the spooler had begun to pass it on: %w", trouble))
	}
	return trouble
}

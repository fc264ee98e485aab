package spool

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"

	"vez/fault"
	"vez/printer"
)

// keeper is a hub's hand on one printer: it asks how the printer is, and gives
// it one job at a time, while the hub has the lease.
type keeper struct {
	s     *Spooler
	id    string
	lease lease
	wake  chan struct{}
	quit  chan struct{} // closed when the printer is removed

	mu   sync.Mutex
	p    Printer
	task *Task

	driver printer.Driver // of run alone
	next   time.Time      // when to ask the printer how it is; zero: before anything else
}

// held says whether the keeper may begin something: the built-in folder needs
// no lease, and nobody begins anything whose hub others may take for dead.
func (k *keeper) held() bool {
	now := k.s.c.Clock.Now()
	return k.s.hub.held(now) && (k.id == BuiltIn || k.lease.held(now))
}

// offer gives the keeper a job to do next: a queued one to print, or one that a
// dead hub was printing to settle. False: it has one already.
func (k *keeper) offer(t Task, p Printer) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.task != nil {
		return k.task.ID == t.ID
	}
	k.task = &t
	if p.ID == k.id {
		k.p = p
	}
	select {
	case k.wake <- struct{}{}:
	default:
	}
	return true
}

// take gives the job offered, which stays the keeper's until done.
func (k *keeper) take() (Task, Printer, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.task == nil {
		return Task{}, k.p, false
	}
	return *k.task, k.p, true
}

func (k *keeper) done() {
	k.mu.Lock()
	k.task = nil
	k.mu.Unlock()
	k.s.Nudge("")
}

// run keeps the printer until ctx ends or the printer is removed. What prints
// then goes on while prints lasts.
func (k *keeper) run(ctx, prints context.Context) {
	defer k.close()
	for ctx.Err() == nil && !k.removed() {
		t, p, busy := k.take()
		ready := k.held()
		if !ready {
			k.close()
		}
		ready = ready && k.opened(ctx, p)
		switch now := k.s.c.Clock.Now(); {
		case ready && k.next.IsZero():
			k.look(ctx)
		case ready && busy:
			k.do(prints, t, p)
			k.done()
		case busy:
			k.done()
		case !ready:
			k.wait(ctx, k.s.c.Pace.Refresh)
		case !now.Before(k.next):
			k.look(ctx)
		default:
			k.wait(ctx, k.next.Sub(now))
		}
	}
}

func (k *keeper) removed() bool {
	select {
	case <-k.quit:
		return true
	default:
		return false
	}
}

// wait is woken by a job.
func (k *keeper) wait(ctx context.Context, d time.Duration) {
	timer := k.s.c.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-k.quit:
	case <-k.wake:
	case <-timer.Chan():
	}
}

// opened sees that there is a driver.
func (k *keeper) opened(ctx context.Context, p Printer) bool {
	if k.driver != nil {
		return true
	}
	if k.id == BuiltIn {
		k.driver, k.next = k.s.c.BuiltIn, time.Time{}
		return true
	}
	d, err := k.s.c.Open(p)
	if err != nil {
		k.s.c.Log.Warn("printer cannot be opened", "printer", p.ID, "address", p.Address, "err", err)
		k.s.c.Fleet.report(ctx, p.ID, k.s.c.Hub, printer.Status{Problem: fault.PrinterAway})
		return false
	}
	k.driver, k.next = d, time.Time{}
	return true
}

func (k *keeper) close() {
	d := k.driver
	k.driver = nil
	if d != nil && k.id != BuiltIn {
		_ = d.Close()
	}
}

// look asks the printer how it is.
func (k *keeper) look(ctx context.Context) {
	st := k.status(ctx)
	if ctx.Err() != nil {
		return
	}
	pace := k.s.c.Pace.Status
	if st.Problem != "" {
		pace = k.s.c.Pace.Trouble
	}
	k.next = k.s.c.Clock.Now().Add(pace)
	if k.held() && k.s.c.Fleet.report(ctx, k.id, k.s.c.Hub, st) {
		k.s.Nudge("")
	}
}

func (k *keeper) status(ctx context.Context) (st printer.Status) {
	defer func() {
		if r := recover(); r != nil {
			k.s.c.Log.Error("panic in a printer's driver", "printer", k.id, "panic", r)
			st = printer.Status{Problem: fault.PrinterStuck}
		}
	}()
	ctx, cancel := clockwork.WithTimeout(ctx, k.s.c.Clock, k.s.c.Pace.Print)
	defer cancel()
	return k.driver.Status(ctx)
}

// do prints or settles a job. From the mark on, paper may come out: the job is
// brought to its end whoever has gone.
func (k *keeper) do(ctx context.Context, t Task, p Printer) {
	s := k.s
	if !s.hold(t.ID) {
		return
	}
	defer s.letGo(t.ID)
	if t.State == printer.Printing {
		k.settle(ctx, t)
		return
	}
	doc, err := k.compose(ctx, t.Job, p)
	if err != nil {
		k.refuse(ctx, t, err)
		return
	}
	if !k.held() {
		return
	}
	next := t
	next.State, next.Hub, next.Printer, next.Reason = printer.Printing, s.c.Hub, p.ID, ""
	if mine, err := s.mark(ctx, &t, next); err != nil || !mine {
		if err != nil {
			s.c.Log.Warn("print job", "job", t.ID, "err", err)
		}
		return
	}
	err = k.print(ctx, t.Job, doc)
	k.end(ctx, t, err)
}

// compose makes the document; a panic of the artwork is a failed print.
func (k *keeper) compose(ctx context.Context, job printer.Job, p Printer) (doc printer.Document, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fault.New(fault.PrintFailed).Because(fmt.Errorf("panic: %v", r))
		}
	}()
	if job.Kind != printer.KindProbe {
		format, _, _ := paperFor(job, p)
		return k.s.c.Documents.Document(ctx, job, format)
	}
	code := ""
	if !p.Confirmed {
		if code, err = k.s.c.Fleet.newCode(ctx, p); err != nil {
			return doc, err
		}
	}
	return k.s.c.Probe(ctx, job, p, code)
}

// refuse writes down that there is no document. It is no printer's fault, so no
// other is tried; a store that did not answer is asked again.
func (k *keeper) refuse(ctx context.Context, t Task, err error) {
	code := codeOf(err)
	k.s.c.Log.Warn("print job has no document", "job", t.ID, "kind", t.Kind, "office", t.Office, "err", err)
	if ctx.Err() != nil || code == fault.LedgerAway || code == fault.UnknownOutcome || code == fault.ShuttingDown {
		return
	}
	next := t
	next.State, next.Reason = printer.Failed, string(code)
	if _, err := k.s.mark(ctx, &t, next); err != nil {
		k.s.c.Log.Warn("print job", "job", t.ID, "err", err)
	}
}

// print gives a document to the driver. A driver that panics, or does not end
// in its time, may have printed.
func (k *keeper) print(ctx context.Context, job printer.Job, doc printer.Document) error {
	pace := k.s.c.Pace
	most := pace.Print + pace.Page*time.Duration(max(0, len(doc.Pages)-1))
	ctx, cancel := clockwork.WithTimeout(ctx, k.s.c.Clock, most)
	defer cancel()
	d, done := k.driver, make(chan error, 1)
	go func() {
		defer func() {
			if r := recover(); r != nil {
				done <- fmt.Errorf("%w: panic: %v", printer.ErrOutcomeUnknown, r)
			}
		}()
		done <- d.Print(ctx, job, doc)
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	late := k.s.c.Clock.NewTimer(pace.Grace)
	defer late.Stop()
	select {
	case err := <-done:
		return err
	case <-late.Chan():
		k.close() // the driver is left behind, and a new one opened
		return fmt.Errorf("%w: the driver did not end", printer.ErrOutcomeUnknown)
	}
}

// end writes down how a job went, and asks the printer how it is if it went
// badly.
func (k *keeper) end(ctx context.Context, t Task, err error) {
	s, next := k.s, t
	switch {
	case err == nil:
		next.State = printer.Printed
		k.next = s.c.Clock.Now().Add(s.c.Pace.Status)
	case errors.Is(err, printer.ErrOutcomeUnknown):
		next.State = printer.Unknown
	default:
		next.State, next.Hub, next.Reason = printer.Queued, "", string(codeOf(err))
		next.Tries = append(next.Tries[:len(next.Tries):len(next.Tries)], Try{Printer: t.Printer, At: s.c.Clock.Now()})
	}
	if err != nil {
		s.c.Log.Warn("print job", "job", t.ID, "kind", t.Kind, "office", t.Office, "printer", t.Printer, "state", next.State, "reason", next.Reason, "err", err)
		k.next = time.Time{}
		if code := codeOf(err); troubles[code] {
			s.c.Fleet.report(ctx, k.id, s.c.Hub, printer.Status{Problem: code})
		}
	}
	k.write(ctx, t, next)
}

// troubles are the faults that tell of the printer rather than of the job.
var troubles = map[fault.Code]bool{fault.PrinterAway: true, fault.PaperOut: true, fault.CoverOpen: true, fault.PrinterStuck: true, fault.DiskFull: true}

// write keeps at it until the end of a job stands in the store, or the hub
// must stop.
func (k *keeper) write(ctx context.Context, t, next Task) {
	for {
		changed, err := k.s.mark(ctx, &t, next)
		if err == nil && changed {
			return
		}
		if err == nil {
			// Another hub has taken this one for dead, or somebody has answered.
			var now Task
			if now, err = k.s.c.Jobs.Job(ctx, t.ID); err == nil {
				if now.State != printer.Unknown || now.Hub != k.s.c.Hub || next.State == printer.Unknown {
					return
				}
				t = now
				continue
			}
		}
		k.s.c.Log.Warn("print job", "job", t.ID, "err", err)
		if ctx.Err() != nil {
			return
		}
		again := k.s.c.Clock.NewTimer(k.s.c.Pace.Refresh)
		select {
		case <-again.Chan():
		case <-ctx.Done():
			again.Stop()
		}
	}
}

// settle ends a job that a dead hub was printing: printed if the driver can
// prove it, unknown otherwise.
func (k *keeper) settle(ctx context.Context, t Task) {
	next := t
	next.State = printer.Unknown
	if k.proves(ctx, t.Job) {
		next.State = printer.Printed
	}
	if changed, err := k.s.mark(ctx, &t, next); err != nil || changed {
		k.s.c.Log.Warn("print job of a hub that is gone", "job", t.ID, "office", t.Office, "state", next.State, "err", err)
	}
}

func (k *keeper) proves(ctx context.Context, job printer.Job) (proved bool) {
	defer func() {
		if r := recover(); r != nil {
			k.s.c.Log.Error("panic in a printer's driver", "printer", k.id, "panic", r)
			proved = false
		}
	}()
	p, ok := k.driver.(printer.Prover)
	return ok && p.Proves(ctx, job)
}

// codeOf is the code of a fault; any other error is print_failed.
func codeOf(err error) fault.Code {
	if code := fault.CodeOf(err); code != fault.Unexpected {
		return code
	}
	return fault.PrintFailed
}

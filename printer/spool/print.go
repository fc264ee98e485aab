package spool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"vez/fault"
	"vez/printer"
)

// do prints or settles a job. From the mark on, paper may come out: the job is
// brought to its end whoever has gone. An error says that nothing could be
// begun now.
func (k *keeper) do(ctx context.Context, t Task, p Printer) error {
	s := k.s
	if !s.hold(t.ID) {
		return nil
	}
	defer s.letGo(t.ID)
	if t.State == printer.Printing {
		return k.settle(ctx, t)
	}
	if k.id == BuiltIn {
		if equipped, err := s.c.Fleet.equipped(ctx, t.Job); equipped || err != nil {
			return errors.Join(err, s.c.Fleet.Refresh(ctx))
		}
	}
	doc, err := k.compose(ctx, t.Job, p)
	if err != nil {
		return k.refuse(ctx, t, err)
	}
	if !k.held() {
		return nil
	}
	next := t
	next.State, next.Hub, next.Printer, next.Reason = printer.Printing, s.c.Hub, p.ID, ""
	if mine, err := s.mark(ctx, &t, next); err != nil || !mine {
		return err
	}
	k.end(ctx, t, k.print(ctx, t.Job, doc))
	return nil
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
func (k *keeper) refuse(ctx context.Context, t Task, err error) error {
	code := codeOf(err)
	if ctx.Err() != nil || code == fault.LedgerAway || code == fault.LedgerUnusable || code == fault.UnknownOutcome || code == fault.ShuttingDown {
		return err
	}
	k.s.c.Log.Warn("print job has no document", "job", t.ID, "kind", t.Kind, "office", t.Office, "err", err)
	next := t
	next.State, next.Reason = printer.Failed, string(code)
	_, err = k.s.mark(ctx, &t, next)
	return err
}

// print gives a document to the driver. A driver that panics, or does not end
// in its time, may have printed.
func (k *keeper) print(ctx context.Context, job printer.Job, doc printer.Document) error {
	pace := k.s.c.Pace
	most := pace.Print + pace.Page*time.Duration(max(0, len(doc.Pages)-1))
	ctx, cancel := within(ctx, k.s.c.Clock, most)
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
		k.pause(ctx, k.s.c.Pace.Refresh)
	}
}

// settle ends a job that a dead hub was printing: printed if the driver can
// prove it, unknown otherwise.
func (k *keeper) settle(ctx context.Context, t Task) error {
	next := t
	next.State = printer.Unknown
	if k.proves(ctx, t.Job) {
		next.State = printer.Printed
	}
	changed, err := k.s.mark(ctx, &t, next)
	if changed {
		k.s.c.Log.Warn("print job of a hub that is gone", "job", t.ID, "office", t.Office, "state", t.State)
	}
	return err
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

package spool

import (
	"context"
	"sync"
	"time"

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
			if err := k.do(prints, t, p); err != nil {
				k.s.c.Log.Warn("print job waits", "job", t.ID, "office", t.Office, "err", err)
				k.pause(ctx, k.s.c.Pace.Refresh)
			}
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

// pause is woken by nothing but the end.
func (k *keeper) pause(ctx context.Context, d time.Duration) {
	timer := k.s.c.Clock.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
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
	ctx, cancel := within(ctx, k.s.c.Clock, k.s.c.Pace.Print)
	defer cancel()
	return k.driver.Status(ctx)
}

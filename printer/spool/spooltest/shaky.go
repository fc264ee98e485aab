package spooltest

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"vez/fault"
	"vez/printer"
	"vez/printer/spool"
)

// shaky is a hub's way to the store: it ends with the hub, and fails now and
// then, before or after what was asked has been done.
type shaky struct{ h *Hub }

// Shake makes the store fail now and then; nil ends that.
func (w *World) Shake(random *rand.Rand) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.random = random
}

func (w *World) dice() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.random == nil {
		return 0
	}
	return w.random.IntN(40)
}

var errDead = errors.New("this hub was killed")

func (s *shaky) do(call func() error) error {
	fails := s.h.world.dice()
	if s.h.dead.Load() {
		return errDead
	}
	if fails == 1 {
		return fault.New(fault.LedgerAway)
	}
	s.h.world.asking.Add(1)
	err := call()
	s.h.world.asking.Add(-1)
	if fails == 2 && err == nil {
		return fault.New(fault.UnknownOutcome)
	}
	if s.h.dead.Load() {
		return errDead
	}
	return err
}

func (s *shaky) Pending(ctx context.Context) (out []spool.Task, err error) {
	err = s.do(func() (err error) { out, err = s.h.world.Jobs.Pending(ctx); return err })
	return out, err
}

func (s *shaky) Job(ctx context.Context, id string) (out spool.Task, err error) {
	err = s.do(func() (err error) { out, err = s.h.world.Jobs.Job(ctx, id); return err })
	return out, err
}

func (s *shaky) Mark(ctx context.Context, was, next spool.Task) (ok bool, err error) {
	err = s.do(func() (err error) { ok, err = s.h.world.Jobs.Mark(ctx, was, next); return err })
	return ok && err == nil, err
}

func (s *shaky) Ask(ctx context.Context, office string, kind printer.Kind, ref string) (printer.Job, error) {
	j, err := s.h.world.Jobs.Ask(ctx, office, kind, ref)
	if err == nil {
		s.h.Nudge(office)
	}
	return j, err
}

func (s *shaky) Put(ctx context.Context, kind, id, owner string, data []byte, expires time.Time) error {
	return s.do(func() error { return s.h.world.Store.Put(ctx, kind, id, owner, data, expires) })
}

func (s *shaky) Get(ctx context.Context, kind, id string) (data []byte, ok bool, err error) {
	err = s.do(func() (err error) { data, ok, err = s.h.world.Store.Get(ctx, kind, id); return err })
	return data, ok, err
}

func (s *shaky) Delete(ctx context.Context, kind, id string) error {
	return s.do(func() error { return s.h.world.Store.Delete(ctx, kind, id) })
}

func (s *shaky) List(ctx context.Context, kind, owner string) (out map[string][]byte, err error) {
	err = s.do(func() (err error) { out, err = s.h.world.Store.List(ctx, kind, owner); return err })
	return out, err
}

// Lease goes by its length, as a ledger's does.
func (s *shaky) Lease(ctx context.Context, name, holder string, until time.Time) (ok bool, err error) {
	until = until.Add(-s.h.clock.by)
	err = s.do(func() (err error) { ok, err = s.h.world.Leases.Lease(ctx, name, holder, until); return err })
	return ok && err == nil, err
}

package main

import (
	"context"
	"errors"
	"time"

	"github.com/go-co-op/gocron/v2"

	"vez/hall"
	"vez/ledger"
	"vez/office"
)

// The times of all jobs but printing, which waits on its printers
// (printer/spool). Each job is idempotent: running it twice, late, or at
// two hubs at once does no harm.
const (
	releaseEvery = time.Second      // lapsed holds and freed cells become events
	dayEvery     = 30 * time.Second // the close of the day is made punctual
	sweepEvery   = 10 * time.Minute // expired sessions, keys and records go
	remindEvery  = 30 * time.Second // what is due is planned, at the hub that leads
	mailEvery    = 2 * time.Second  // what is queued is mailed; the lead is kept
	lettersEvery = time.Minute      // each office's letters of the day are made in the morning
	pulseEvery   = 10 * time.Second // that something can be saved is written down
	linksEvery   = 2 * time.Second  // the addresses of new tickets are remembered
	auditEvery   = 15 * time.Second // the promises are checked on what has come, at one hub
	jobMost      = time.Minute      // no run lasts longer
)

// startJobs starts the hub's own jobs; the scheduler is shut down at the end.
func startJobs(x *hub) (gocron.Scheduler, error) {
	h, db, r := x.hall, x.memory.db, x.reminders
	sched, err := gocron.NewScheduler(gocron.WithClock(x.machine))
	if err != nil {
		return nil, err
	}
	add := func(name string, every time.Duration, run func(context.Context) error) {
		if err != nil {
			return
		}
		x.metrics.jobs.WithLabelValues(name, "failed") // 0 until it does
		_, err = sched.NewJob(gocron.DurationJob(every), gocron.NewTask(func() {
			ctx, cancel := context.WithTimeout(context.Background(), jobMost)
			defer cancel()
			e := run(ctx)
			x.metrics.ran(name, e)
			if e != nil {
				x.log.Warn("job", "job", name, "err", e)
			}
		}), gocron.WithName(name), gocron.WithSingletonMode(gocron.LimitModeReschedule))
	}
	add("release", releaseEvery, func(ctx context.Context) error { _, err := h.Tick(ctx); return err })
	add("day", dayEvery, func(ctx context.Context) error { return turnDays(ctx, h, db) })
	add("sweep", sweepEvery, x.sweep)
	add("remind", remindEvery, r.Plan)
	add("mail", mailEvery, func(ctx context.Context) error {
		t, err := r.Send(ctx)
		x.metrics.mailed(t)
		return err
	})
	add("letters", lettersEvery, r.Letters)
	add("pulse", pulseEvery, x.outages.beat)
	add("links", linksEvery, x.links.Learn)
	add("forget", sweepEvery, r.Forget)
	add("audit", auditEvery, (&watchman{h: x}).run)
	if err != nil {
		return nil, err
	}
	sched.Start()
	return sched, nil
}

// turnDays closes the past day of every office that has one open; one that
// cannot be closed does not keep the others from it.
func turnDays(ctx context.Context, h *hall.Hall, db *ledger.DB) error {
	heads, err := db.Heads(ctx)
	if err != nil {
		return err
	}
	for _, head := range heads {
		o := h.Catalogue().Office(head.Office)
		if o == nil {
			continue
		}
		s, stateErr := h.Read(ctx).State(o.ID)
		if stateErr != nil {
			err = errors.Join(err, stateErr)
			continue
		}
		if s.Day != office.Day("") && s.Day < o.Day(h.Now()) {
			err = errors.Join(err, h.TurnDay(ctx, o.ID))
		}
	}
	return err
}

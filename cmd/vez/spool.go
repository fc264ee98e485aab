package main

import (
	"context"
	"slices"

	"vez/hall"
	"vez/printer"
)

// jobs keeps the printing room's jobs in the ledger, through the hall that
// records them together with the ticket they print.
type jobs struct{ hall *hall.Hall }

func toPrinter(j hall.PrintJob) printer.Job {
	return printer.Job{ID: j.ID, Office: j.Office, Kind: printer.Kind(j.Kind), Ref: j.Ref, Copy: j.Copy,
		State: printer.State(j.State), Large: j.Large, Hub: j.Hub, Reason: j.Reason, At: j.At}
}

// Record gives back the job that the hall has recorded; new papers are asked
// for through the hall alone.
func (s jobs) Record(ctx context.Context, job printer.Job) (printer.Job, bool, error) {
	if last, ok, err := s.Latest(ctx, job.Kind, job.Ref); err != nil || ok && last.Copy >= job.Copy {
		return last, false, err
	}
	j, err := s.hall.Reprint(ctx, hall.Act{Actor: "job:spool"}, job.Ref, false)
	return toPrinter(j), err == nil, err
}

func (s jobs) Mark(ctx context.Context, job printer.Job, from ...printer.State) (bool, error) {
	was, err := s.hall.PrintJob(ctx, job.ID)
	if err != nil || !slices.Contains(from, printer.State(was.State)) {
		return false, err
	}
	next := was
	next.State, next.Hub, next.Reason, next.At = string(job.State), job.Hub, job.Reason, job.At
	return s.hall.MarkPrint(ctx, was, next)
}

func (s jobs) Pending(ctx context.Context) ([]printer.Job, error) {
	all, err := s.hall.PendingPrints(ctx)
	slices.SortStableFunc(all, func(a, b hall.PrintJob) int { return a.At.Compare(b.At) })
	out := make([]printer.Job, len(all))
	for i, j := range all {
		out[i] = toPrinter(j)
	}
	return out, err
}

func (s jobs) Latest(ctx context.Context, kind printer.Kind, ref string) (printer.Job, bool, error) {
	all, err := s.hall.PrintJobs(ctx, ref)
	var last printer.Job
	found := false
	for _, j := range all {
		if printer.Kind(j.Kind) == kind && (!found || j.Copy > last.Copy) {
			last, found = toPrinter(j), true
		}
	}
	return last, found, err
}

package printjobs

import (
	"context"

	"vez/hall"
	"vez/printer"
	"vez/printer/spool"
)

// Jobs keeps the printing room's jobs in the ledger, through the hall that
// records them together with the ticket they print. It is a spool.Jobs.
type Jobs struct{ Hall *hall.Hall }

// Task is a recorded job as the printing room has it.
func Task(j hall.PrintJob) spool.Task {
	t := spool.Task{Job: printer.Job{ID: j.ID, Office: j.Office, Kind: printer.Kind(j.Kind), Ref: j.Ref, Copy: j.Copy,
		State: printer.State(j.State), By: j.By, Large: j.Large, Printer: j.Printer, Hub: j.Hub, Reason: j.Reason, At: j.At}}
	for _, try := range j.Tries {
		t.Tries = append(t.Tries, spool.Try(try))
	}
	return t
}

// Print is a job of the printing room as it is recorded.
func Print(t spool.Task) hall.PrintJob {
	j := hall.PrintJob{ID: t.ID, Office: t.Office, Kind: string(t.Kind), Ref: t.Ref, Copy: t.Copy, State: string(t.State), By: t.By,
		Large: t.Large, Printer: t.Printer, Hub: t.Hub, Reason: t.Reason, At: t.At}
	for _, try := range t.Tries {
		j.Tries = append(j.Tries, hall.PrintTry(try))
	}
	return j
}

// Pending lists by id, which is by age.
func (s Jobs) Pending(ctx context.Context) ([]spool.Task, error) {
	all, err := s.Hall.PendingPrints(ctx)
	out := make([]spool.Task, len(all))
	for i, j := range all {
		out[i] = Task(j)
	}
	return out, err
}

// Job is spool.Jobs'.
func (s Jobs) Job(ctx context.Context, id string) (spool.Task, error) {
	j, err := s.Hall.PrintJob(ctx, id)
	return Task(j), err
}

// Mark is spool.Jobs'.
func (s Jobs) Mark(ctx context.Context, was, next spool.Task) (bool, error) {
	return s.Hall.MarkPrint(ctx, Print(was), Print(next))
}

// Ask is spool.Jobs'.
func (s Jobs) Ask(ctx context.Context, office string, kind printer.Kind, ref string) (printer.Job, error) {
	j, err := s.Hall.AskPaper(ctx, hall.Act{Actor: "job:spool"}, hall.PaperRequest{Office: office, Kind: string(kind), Ref: ref, Again: true})
	return Task(j).Job, err
}

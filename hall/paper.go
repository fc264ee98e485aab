package hall

import (
	"context"
	"encoding/json"
	"time"

	"vez/event"
	"vez/fault"
)

// PrintJob is the durable wish for a paper; the printing room's states apply.
type PrintJob struct {
	ID     string    `json:"id"`
	Office string    `json:"office"`
	Kind   string    `json:"kind"` // ticket, slip
	Ref    string    `json:"ref"`  // ticket or booking id
	Copy   int       `json:"copy"` // 0, and more for reprints
	State  string    `json:"state"`
	Hub    string    `json:"hub,omitempty"` // that took it in hand
	Reason string    `json:"reason,omitempty"`
	Large  bool      `json:"large,omitempty"` // large print
	At     time.Time `json:"at"`
}

// Print jobs are records owned by what they print. They stand under
// PrintPending until they are settled and under PrintSettled afterwards, so
// that what is left to print is found at once after any number of days.
const (
	PrintPending = "print"
	PrintSettled = "printed"
)

// settledFor is how long a settled job can be looked up.
const settledFor = 31 * 24 * time.Hour

// Settled tells whether nothing more happens to the job by itself.
func (j PrintJob) Settled() bool { return j.State != "queued" && j.State != "printing" }

func (h *Hall) printJob(tx Tx, officeID, kind, ref string, copy int, large bool) (PrintJob, error) {
	id, err := h.newID()
	if err != nil {
		return PrintJob{}, err
	}
	j := PrintJob{ID: id, Office: officeID, Kind: kind, Ref: ref, Copy: copy, State: "queued", Large: large, At: tx.Now()}
	return j, putJob(tx, j, time.Time{})
}

func putJob(tx Tx, j PrintJob, expires time.Time) error {
	data, err := json.Marshal(j)
	if err != nil {
		return err
	}
	kind := PrintPending
	if j.Settled() {
		kind = PrintSettled
	}
	return tx.Put(event.Record{Kind: kind, ID: j.ID, Owner: j.Ref, Data: data, Expires: expires})
}

// Reprint records one more paper of a ticket, in large print if asked.
func (h *Hall) Reprint(ctx context.Context, act Act, ticketID string, large bool) (PrintJob, error) {
	t, err := h.Ticket(ctx, ticketID)
	if err != nil {
		return PrintJob{}, err
	}
	return change(ctx, h, act, event.Scope{Offices: []string{t.Office}}, func(tx Tx) (PrintJob, []string, error) {
		all, err := jobsOf(tx, t.ID)
		if err != nil {
			return PrintJob{}, nil, err
		}
		last := -1
		for _, j := range all {
			last = max(last, j.Copy)
		}
		j, err := h.printJob(tx, t.Office, "ticket", t.ID, last+1, large)
		return j, []string{j.ID}, err
	}, func(r Reader, ids []string) (PrintJob, error) { return printJobOf(r, ids[0]) })
}

// PrintJobs lists the papers of a ticket or booking, first copy first.
func (h *Hall) PrintJobs(ctx context.Context, ref string) ([]PrintJob, error) {
	return jobsOf(h.ledger.Read(ctx), ref)
}

// PrintJob reads one job.
func (h *Hall) PrintJob(ctx context.Context, id string) (PrintJob, error) {
	return printJobOf(h.ledger.Read(ctx), id)
}

// PendingPrints lists what is queued or printing, in all offices.
func (h *Hall) PendingPrints(ctx context.Context) ([]PrintJob, error) {
	return jobs(h.ledger.Read(ctx), PrintPending, "")
}

// MarkPrint sets a job's state, hub, reason and time if its state is still one
// of from; else it changes nothing and gives false.
func (h *Hall) MarkPrint(ctx context.Context, want PrintJob, from ...string) (bool, error) {
	changed := false
	err := h.ledger.Do(ctx, event.Scope{Offices: []string{want.Office}}, func(tx Tx) error {
		changed = false
		j, err := printJobOf(tx, want.ID)
		if err != nil {
			return err
		}
		for _, state := range from {
			changed = changed || j.State == state
		}
		if !changed {
			return nil
		}
		wasPending := !j.Settled()
		j.State, j.Hub, j.Reason, j.At = want.State, want.Hub, want.Reason, want.At
		if !j.Settled() {
			return putJob(tx, j, time.Time{})
		}
		if wasPending {
			if err := tx.Delete(PrintPending, j.ID); err != nil {
				return err
			}
		}
		return putJob(tx, j, h.machine.Now().Add(settledFor))
	})
	return changed && err == nil, err
}

func jobsOf(r Reader, ref string) ([]PrintJob, error) {
	settled, err := jobs(r, PrintSettled, ref)
	if err != nil {
		return nil, err
	}
	pending, err := jobs(r, PrintPending, ref)
	return append(settled, pending...), err
}

func jobs(r Reader, kind, owner string) ([]PrintJob, error) {
	all, err := r.Records(kind, owner)
	if err != nil {
		return nil, err
	}
	out := make([]PrintJob, len(all))
	for i, rec := range all {
		if err := json.Unmarshal(rec.Data, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func printJobOf(r Reader, id string) (PrintJob, error) {
	rec, err := r.Record(PrintPending, id)
	if fault.CodeOf(err) == fault.UnknownThing {
		rec, err = r.Record(PrintSettled, id)
	}
	if err != nil {
		return PrintJob{}, err
	}
	var j PrintJob
	return j, json.Unmarshal(rec.Data, &j)
}

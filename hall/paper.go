package hall

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"vez/event"
	"vez/fault"
)

// PrintJob is the durable wish for a paper; the printing room's states apply.
type PrintJob struct {
	ID     string `json:"id"`
	Office string `json:"office"`
	Kind   string `json:"kind"` // ticket, slip, pass, reminder, letters, probe
	Ref    string `json:"ref"`  // ticket or booking id; office and day of letters; printer of a probe
	Copy   int    `json:"copy"` // 0, and more for reprints
	State  string `json:"state"`
	// By is where it was asked for, which a printer may stand by: a kiosk
	// ("device:…") or a counter's id. It never names a person.
	By string `json:"by,omitempty"`
	// Printer it was given to last.
	Printer string `json:"printer,omitempty"`
	// Tries are the printers that could not print it.
	Tries  []PrintTry `json:"tries,omitempty"`
	Hub    string     `json:"hub,omitempty"`    // that took it in hand
	Reason string     `json:"reason,omitempty"` // a fault code
	Large  bool       `json:"large,omitempty"`  // large print
	At     time.Time  `json:"at"`               // of the last change, machine time
}

// PrintTry is an attempt of which nothing came out.
type PrintTry struct {
	Printer string    `json:"printer"`
	At      time.Time `json:"at"` // machine time
}

// PaperRequest asks for the first paper of something.
type PaperRequest struct {
	// Office where it is printed; "" for the one of the ticket or booking.
	Office string
	// Kind and Ref as in PrintJob.
	Kind, Ref string
	Large     bool
	// By as in PrintJob; "" for the place of the act: its counter, or the kiosk that acts.
	By string
	// Again asks for one more copy.
	Again bool
	// After is the job that the copy is to follow; "" for whichever is the last. When there is a later one
	// already, somebody was faster, and that one is given instead of another copy.
	After string
}

// place is where somebody acts, as papers name it: at a counter or a device. A
// person is nowhere.
func (a Act) place() string {
	switch {
	case a.Counter != "":
		return a.Counter
	case strings.HasPrefix(a.Actor, "device:"):
		return a.Actor
	}
	return ""
}

// papered is a result with a print job.
type papered interface{ paper() PrintJob }

func (j PrintJob) paper() PrintJob { return j }

func (is Issued) paper() PrintJob { return is.Print }

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

// printJob records a queued job.
func (h *Hall) printJob(tx Tx, j PrintJob) (PrintJob, error) {
	var err error
	if j.ID, err = h.newID(); err != nil {
		return PrintJob{}, err
	}
	j.State, j.At = "queued", h.machine.Now()
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
	return h.AskPaper(ctx, act, PaperRequest{Kind: "ticket", Ref: ticketID, Large: large, Again: true})
}

// AskPaper records the first paper of a kind and ref, queued; asked again it
// gives the last one that is there, unless Again wants a copy. Faults: not_found, invalid_field.
func (h *Hall) AskPaper(ctx context.Context, act Act, r PaperRequest) (PrintJob, error) {
	officeID, err := h.paperOffice(ctx, r)
	if err != nil {
		return PrintJob{}, err
	}
	if r.By == "" {
		r.By = act.place()
	}
	return change(ctx, h, act, event.Scope{Offices: []string{officeID}}, func(tx Tx) (PrintJob, []string, error) {
		last, ok, err := lastJob(tx, r.Kind, r.Ref)
		if err != nil || ok && (!r.Again || r.After != "" && r.After != last.ID) {
			return last, []string{last.ID}, err
		}
		j := PrintJob{Office: officeID, Kind: r.Kind, Ref: r.Ref, Large: r.Large, By: r.By}
		if ok {
			j.Copy = last.Copy + 1
		}
		j, err = h.printJob(tx, j)
		return j, []string{j.ID}, err
	}, func(r Reader, ids []string) (PrintJob, error) { return printJobOf(r, ids[0]) })
}

// paperOffice is where a paper belongs; what it is of must be there.
func (h *Hall) paperOffice(ctx context.Context, r PaperRequest) (string, error) {
	of := r.Office
	switch r.Kind {
	case "ticket", "pass":
		t, err := h.Ticket(ctx, r.Ref)
		if err != nil {
			return "", err
		}
		of = t.Office
	case "slip", "reminder":
		b, err := h.ledger.Read(ctx).Booking(r.Ref)
		if err != nil {
			return "", err
		}
		of = b.Office
	case "letters", "probe":
	default:
		return "", fault.New(fault.InvalidField, "field", "kind", "why", r.Kind)
	}
	if r.Office != "" {
		of = r.Office
	}
	o, err := h.office(of)
	if err != nil {
		return "", err
	}
	return o.ID, nil
}

func lastJob(r Reader, kind, ref string) (last PrintJob, ok bool, err error) {
	all, err := jobsOf(r, ref)
	for _, j := range all {
		if j.Kind == kind && (!ok || j.Copy > last.Copy) {
			last, ok = j, true
		}
	}
	return last, ok, err
}

// AnswerPaper writes down what somebody saw of a paper in state unknown: it
// came out, or it did not and the ticket stays on the phone (moved,
// print_failed). A job in any other state is given as it stands.
func (h *Hall) AnswerPaper(ctx context.Context, act Act, jobID string, cameOut bool) (PrintJob, error) {
	was, err := h.PrintJob(ctx, jobID)
	if err != nil {
		return PrintJob{}, err
	}
	again := func(r Reader, ids []string) (PrintJob, error) { return printJobOf(r, ids[0]) }
	return change(ctx, h, act, event.Scope{Offices: []string{was.Office}}, func(tx Tx) (PrintJob, []string, error) {
		j, err := printJobOf(tx, jobID)
		if err != nil || j.State != "unknown" {
			return j, []string{jobID}, err
		}
		j.State, j.Reason = "printed", ""
		if !cameOut {
			j.State, j.Reason = "moved", string(fault.PrintFailed)
		}
		j.At = h.machine.Now()
		return j, []string{jobID}, putJob(tx, j, j.At.Add(settledFor))
	}, again)
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

// MarkPrint sets a job's state, printer, tries, hub, reason and time to those
// of next if its state, its hub and the number of its tries are still those of
// was; else it changes nothing and gives false.
func (h *Hall) MarkPrint(ctx context.Context, was, next PrintJob) (bool, error) {
	changed := false
	err := h.ledger.Do(ctx, event.Scope{Offices: []string{was.Office}}, func(tx Tx) error {
		j, err := printJobOf(tx, was.ID)
		changed = err == nil && j.State == was.State && j.Hub == was.Hub && len(j.Tries) == len(was.Tries)
		if !changed {
			return err
		}
		wasPending := !j.Settled()
		j.State, j.Printer, j.Tries, j.Hub, j.Reason, j.At = next.State, next.Printer, next.Tries, next.Hub, next.Reason, next.At
		if !j.Settled() {
			return h.unsettle(tx, j, wasPending)
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

// unsettle puts a job among those that are still to be printed.
func (h *Hall) unsettle(tx Tx, j PrintJob, wasPending bool) error {
	if !wasPending {
		if err := tx.Delete(PrintSettled, j.ID); err != nil {
			return err
		}
	}
	return putJob(tx, j, time.Time{})
}

// jobsOf reads what is pending first: a job that settles meanwhile is then
// found twice, not missed.
func jobsOf(r Reader, ref string) ([]PrintJob, error) {
	pending, err := jobs(r, PrintPending, ref)
	if err != nil {
		return nil, err
	}
	all, err := jobs(r, PrintSettled, ref)
	for _, j := range pending {
		if !slices.ContainsFunc(all, func(s PrintJob) bool { return s.ID == j.ID }) {
			all = append(all, j)
		}
	}
	slices.SortFunc(all, func(a, b PrintJob) int { return strings.Compare(a.ID, b.ID) })
	return all, err
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
	var rec event.Record
	var err error
	// A job that moves from one kind to the other between two reads is found in the next.
	for _, kind := range []string{PrintPending, PrintSettled, PrintPending} {
		if rec, err = r.Record(kind, id); fault.CodeOf(err) != fault.UnknownThing {
			break
		}
	}
	if err != nil {
		return PrintJob{}, err
	}
	var j PrintJob
	return j, json.Unmarshal(rec.Data, &j)
}

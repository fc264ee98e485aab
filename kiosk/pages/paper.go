package pages

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/printer"
	"vez/printer/spool"
	"vez/web"
)

// Printers are the printers of the halls and how they are. *spool.Fleet is one.
type Printers interface {
	// State lists an office's printers, the first choice first.
	State(office string) []spool.Seen
	// Trouble says why a paper asked for at a kiosk could not be printed now.
	Trouble(office string, kind printer.Kind, by string) fault.Code
	// Subscribe rings when a printer of the office is otherwise than before.
	Subscribe(office string) (rung <-chan struct{}, cancel func())
}

// hallPaper is what the first page says of the printer here.
type hallPaper struct {
	// Problem of the printer, a fault code; "" while papers come out below.
	Problem fault.Code
	// Elsewhere is the printer that prints instead; "" when none can, and tickets go to the phone.
	Elsewhere string
}

// hallPaper looks at the printers of a kiosk's hall.
func (r *room) hallPaper(v *visit) hallPaper {
	if r.Printers == nil {
		return hallPaper{}
	}
	if why := r.Printers.Trouble(v.office.ID, printer.KindTicket, v.device); why != "" {
		return hallPaper{Problem: why}
	}
	seen := r.Printers.State(v.office.ID)
	task := spool.Task{Job: printer.Job{Office: v.office.ID, Kind: printer.KindTicket, By: v.device}}
	to, _ := spool.Route(task, seen)
	for _, s := range seen {
		if s.Stands(v.device) && s.Confirmed && s.State.Problem != "" && len(to) > 0 && !to[0].Stands(v.device) {
			return hallPaper{Problem: s.State.Problem, Elsewhere: to[0].Name}
		}
	}
	return hallPaper{}
}

// printData is what the live part "print" shows.
type printData struct {
	// State of the last paper: queued, printing, printed, failed, unknown, moved; "" when none was asked for.
	State string
	Copy  int
	ID    string
	// Reason is why it did not come out, a fault code; may be "".
	Reason string
	// At is the printer's name where it is not the one here.
	At string
}

// Asked says that nobody knows whether it came out, so that the person is asked.
func (d printData) Asked() bool { return d.State == string(printer.Unknown) }

// paper is how the last paper of a ticket stands.
func (r *room) paper(ctx context.Context, v *visit, id string) (printData, error) {
	last, err := r.lastPaper(ctx, id)
	return r.printed(v, last), err
}

// lastPaper is the last paper of a ticket; the zero one when none was asked for.
func (r *room) lastPaper(ctx context.Context, id string) (last hall.PrintJob, err error) {
	jobs, err := r.Hall.PrintJobs(ctx, id)
	for _, j := range jobs {
		if j.Kind == string(printer.KindTicket) && (last.ID == "" || j.Copy >= last.Copy) {
			last = j
		}
	}
	return last, err
}

// printed tells of a job what somebody in front of the kiosk should know.
func (r *room) printed(v *visit, j hall.PrintJob) printData {
	d := printData{State: j.State, Copy: j.Copy, ID: j.ID, Reason: j.Reason}
	if r.Printers == nil || j.Printer == "" || j.Printer == spool.BuiltIn {
		return d
	}
	for _, s := range r.Printers.State(v.office.ID) {
		if s.ID == j.Printer && !s.Stands(v.device) {
			d.At = s.Name
		}
	}
	return d
}

// reprint prints the same ticket again: POST /kiosk/{office}/ticket/{id}/print {large}.
func (r *room) reprint(c *fiber.Ctx, v *visit) error {
	t, err := r.own(c.UserContext(), v, c.Params("ticket"))
	if err != nil {
		return err
	}
	if t.State.Final() {
		return web.Back(c, v.ticketURL(t.ID))
	}
	if _, err := r.Hall.Reprint(c.UserContext(), act(c), t.ID, c.FormValue("large") != ""); err != nil {
		return err
	}
	return web.Back(c, v.ticketURL(t.ID))
}

// remind prints a reminder of a booking: POST /kiosk/{office}/reminder {booking}.
func (r *room) remind(c *fiber.Ctx, v *visit) error {
	b, err := r.Hall.Read(c.UserContext()).Booking(c.FormValue("booking"))
	if err == nil && (b.State != booking.Confirmed || b.Start.Before(v.now)) {
		err = fault.New(fault.BookingState, "state", string(b.State))
	}
	if err != nil {
		return err
	}
	j, err := r.Hall.AskPaper(c.UserContext(), act(c), hall.PaperRequest{Office: v.office.ID, Kind: string(printer.KindReminder), Ref: b.ID, Again: true})
	if err != nil {
		return err
	}
	return web.Back(c, v.home+"/paper/"+j.ID)
}

// paperData is the data of the page kiosk/paper.
type paperData struct {
	frame
	Print    printData
	OfficeID string
}

// job finds a paper that was asked for in this office.
func (r *room) job(ctx context.Context, v *visit, id string) (hall.PrintJob, error) {
	j, err := r.Hall.PrintJob(ctx, id)
	if err == nil && j.Office != v.office.ID {
		err = fault.New(fault.UnknownThing, "what", "paper")
	}
	return j, err
}

// paperPage shows how a reminder comes out: GET /kiosk/{office}/paper/{job}.
func (r *room) paperPage(c *fiber.Ctx, v *visit) error {
	j, err := r.job(c.UserContext(), v, c.Params("job"))
	if err != nil {
		return err
	}
	return v.show(c, "paper", paperData{v.frame(""), r.printed(v, j), v.office.ID})
}

// ticketCame takes the answer to "did your ticket come out?": POST
// /kiosk/{office}/ticket/{id}/came {came: yes|no}.
func (r *room) ticketCame(c *fiber.Ctx, v *visit) error {
	t, err := r.own(c.UserContext(), v, c.Params("ticket"))
	if err != nil {
		return err
	}
	last, err := r.lastPaper(c.UserContext(), t.ID)
	if err != nil {
		return err
	}
	return r.came(c, last, v.ticketURL(t.ID))
}

// paperCame is the same of another paper: POST /kiosk/{office}/paper/{job}.
func (r *room) paperCame(c *fiber.Ctx, v *visit) error {
	j, err := r.job(c.UserContext(), v, c.Params("job"))
	if err != nil {
		return err
	}
	return r.came(c, j, v.home+"/paper/"+j.ID)
}

func (r *room) came(c *fiber.Ctx, j hall.PrintJob, back string) error {
	if j.State == string(printer.Unknown) {
		if _, err := r.Hall.AnswerPaper(c.UserContext(), act(c), j.ID, c.FormValue("came") == "yes"); err != nil {
			return err
		}
	}
	return web.Back(c, back)
}

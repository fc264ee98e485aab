package admin

import (
	"context"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/booking"
	"vez/fault"
	"vez/hall"
	"vez/printer"
	"vez/ticket"
	"vez/web"
)

// Lost are the papers that did not come out.
type Lost interface {
	// LostPapers lists an office's print jobs of all kinds that failed, or of which
	// nobody knows, since an instant of machine time; the latest first.
	LostPapers(ctx context.Context, office string, since time.Time) ([]hall.PrintJob, error)
}

const (
	// lostWithin is how far back papers are told of.
	lostWithin = 24 * time.Hour
	// missingShown of them are listed.
	missingShown = 40
)

// missingPaper is a paper that failed or perhaps failed, and was not printed
// again: texts are admin.papers.missing.*.
type missingPaper struct {
	Job string
	// Kind of paper, State and the last part of a text admin.printers.how.* for the reason.
	Kind   printer.Kind
	State  printer.State
	Reason string
	// Of is the number of its ticket or the reference of its booking; Day that of
	// letters, zero for all else.
	Of  string
	Day time.Time
	At  time.Time
	// Today: the hour is enough. Again: it may be printed once more.
	Today, Again bool
	job          hall.PrintJob
}

// missing lists what did not come out, the latest first.
func (r *room) missing(ctx context.Context, p place) ([]missingPaper, error) {
	if r.Lost == nil {
		return nil, nil
	}
	all, err := r.Lost.LostPapers(ctx, p.office.ID, r.Machine.Now().Add(-lostWithin))
	var out []missingPaper
	for _, j := range all {
		if err != nil || len(out) == missingShown {
			break
		}
		var x missingPaper
		var ok bool
		if x, ok, err = r.missed(ctx, p, j); ok {
			out = append(out, x)
		}
	}
	return out, err
}

// missed tells of one; false when it was asked for again since.
func (r *room) missed(ctx context.Context, p place, j hall.PrintJob) (missingPaper, bool, error) {
	x := missingPaper{Job: j.ID, Kind: printer.Kind(j.Kind), State: printer.State(j.State), At: j.At.In(p.office.Location()), job: j}
	jobs, err := r.Hall.PrintJobs(ctx, j.Ref)
	if last, ok := lastPaper(jobs, x.Kind); err != nil || !ok || last.ID != j.ID {
		return x, false, err
	}
	if j.Reason != "" {
		x.Reason = troubleKey(fault.Code(j.Reason))
	}
	x.Today = p.office.Day(x.At) == p.office.Day(r.Machine.Now())
	err = r.ofWhat(ctx, p, &x)
	if fault.CodeOf(err) == fault.UnknownThing { // forgotten since: there is nothing to print
		err = nil
	}
	return x, err == nil, err
}

// ofWhat finds whose paper it is, and whether another still helps anybody: that
// of a ticket that is not over, a pass, and that of a booking to come.
func (r *room) ofWhat(ctx context.Context, p place, x *missingPaper) error {
	switch x.Kind {
	case printer.KindTicket, printer.KindPass:
		t, err := r.Hall.Read(ctx).Ticket(x.job.Ref)
		x.Of, x.Again = t.Number, !t.State.Final() || x.Kind == printer.KindPass && t.State != ticket.Cancelled
		return err
	case printer.KindSlip, printer.KindReminder:
		b, err := r.Hall.Read(ctx).Booking(x.job.Ref)
		x.Of, x.Again = b.Reference, b.State == booking.Confirmed && b.Start.After(r.Hall.Now())
		return err
	case printer.KindLetters: // their ref ends in their day (package reminder)
		_, on, _ := strings.Cut(x.job.Ref, "/")
		x.Day, _ = time.ParseInLocation(time.DateOnly, on, p.office.Location())
		x.Again = true
	}
	return nil
}

// printMissing prints a paper once more: POST /admin/offices/{id}/papers/again {job}.
func (r *room) printMissing(c *fiber.Ctx) error {
	p, err := r.press(c)
	if err != nil {
		return err
	}
	back := pathOf(p.office.ID) + "/papers"
	all, err := r.missing(p.ctx, p.place)
	if err != nil {
		return refuse(c, p.place, err, back)
	}
	for _, x := range all {
		if x.Job != p.field("job") || !x.Again {
			continue
		}
		act := hall.Act{Actor: p.who.Subject, Key: actKey(c, p.place, "paper")}
		if _, err := r.Hall.AskPaper(p.ctx, act, hall.PaperRequest{Office: p.office.ID, Kind: x.job.Kind, Ref: x.job.Ref, Large: x.job.Large,
			By: x.job.By, Again: true, After: x.job.ID}); err != nil {
			return refuse(c, p.place, err, back)
		}
		putNote(c, p.place, note{Tone: "good", Title: web.Text(c).T("admin.papers.missing.done", "paper", web.Text(c).T("admin.papers.paper."+x.job.Kind), "of", x.Of)})
		return web.Back(c, back)
	}
	putNote(c, p.place, note{Tone: "warn", Title: web.Text(c).T("admin.papers.missing.gone")}) // somebody was faster
	return web.Back(c, back)
}

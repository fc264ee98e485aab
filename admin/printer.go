package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/spool"
	"vez/web"
)

// printerPage is the data of the page admin/printer.
type printerPage struct {
	head
	Printer  printerLine
	Standing []served
	Probe    probe
	// Secure: it is reached under TLS, and so has a certificate.
	Secure bool
	Seen   *certificate
	// Problems of the forms, by field, in words; the values are what was sent.
	Problems map[string]string
	NewName  string
	NewRank  string
	Version  string
	// Remaining are the printers in use besides it.
	Remaining int
}

// Here is the page's address.
func (v printerPage) Here() string { return v.Path() + "/printers/" + v.Printer.ID }

// probe is the page with a printer's code, or a test page: texts are
// admin.printers.probe.{Text}.
type probe struct {
	// State of the job; "" when none was asked for.
	State printer.State
	// Reason is the last part of a text admin.printers.how.*; "" when there is none.
	Reason string
	At     time.Time
}

// Pending: it is still to come.
func (p probe) Pending() bool { return p.State == printer.Queued || p.State == printer.Printing }

// Tone is that of a notice.
func (p probe) Tone() string {
	switch p.State {
	case printer.Printed:
		return "good"
	case printer.Failed, printer.Moved:
		return "bad"
	case printer.Unknown:
		return "warn"
	}
	return ""
}

// findPrinter finds a printer of the office.
func (r *room) findPrinter(ctx context.Context, p place, id string) (spool.Seen, error) {
	for _, s := range r.Printers.State(p.office.ID) {
		if s.ID == id && id != spool.BuiltIn {
			return s, nil
		}
	}
	x, err := r.Printers.Printer(ctx, id) // another hub's, and new
	if err == nil && x.Office != p.office.ID {
		err = fault.New(fault.UnknownThing, "what", "printer")
	}
	return spool.Seen{Printer: x}, err
}

// printer is the page of one: GET /admin/offices/{id}/printers/{printer}.
func (r *room) printer(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	return r.showPrinter(c, p, c.Params("printer"), "admin/printer", nil)
}

// askRemove asks before a printer is removed: GET …/{printer}/remove.
func (r *room) askRemove(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	if !p.Pairs {
		return fault.New(fault.NotAllowed)
	}
	return r.showPrinter(c, p, c.Params("printer"), "admin/printer_remove", nil)
}

func (r *room) showPrinter(c *fiber.Ctx, p place, id, name string, edit func(*printerPage), options ...web.Option) error {
	v, err := r.printerView(c.UserContext(), p, id)
	if err != nil {
		return err
	}
	v.head = r.head(c, p, "printers")
	if edit != nil {
		edit(v)
	}
	return web.Render(c, name, v, append(options, web.Wide())...)
}

func (r *room) printerView(ctx context.Context, p place, id string) (*printerPage, error) {
	s, err := r.findPrinter(ctx, p, id)
	if err != nil {
		return nil, err
	}
	devices, err := r.Devices.Devices(ctx, p.office.ID)
	if err != nil {
		return nil, err
	}
	v := &printerPage{head: head{ID: p.office.ID, Pairs: p.Pairs}, Printer: p.line(s, devices, r.Machine.Now()),
		Standing: p.standing(s.Printer, devices), NewName: s.Name, NewRank: fmt.Sprint(s.Rank),
		Version: fmt.Sprint(s.Confirmed, s.Name, s.Rank, s.Serves)}
	if a, err := drive.Parse(s.Address); err == nil {
		v.Secure = a.Scheme == drive.IPPS
	}
	for _, other := range r.Printers.State(p.office.ID) {
		if other.ID != id && other.ID != spool.BuiltIn && other.Confirmed {
			v.Remaining++
		}
	}
	v.Probe, err = r.probe(ctx, p, id)
	return v, err
}

// probe is how the last page of a printer stands.
func (r *room) probe(ctx context.Context, p place, id string) (probe, error) {
	jobs, err := r.Hall.PrintJobs(ctx, id)
	if err != nil {
		return probe{}, err
	}
	last, ok := lastPaper(jobs, printer.KindProbe)
	if !ok || last.Settled() && r.Machine.Since(last.At) > probeShown {
		return probe{}, nil
	}
	out := probe{State: printer.State(last.State), At: last.At.In(p.office.Location())}
	if last.Reason != "" {
		out.Reason = troubleKey(fault.Code(last.Reason))
	}
	return out, nil
}

// probeShown is how long it is told how a page went; its code is good as long.
const probeShown = time.Hour

// The job of a page does not ring; while one is to come it is looked at often.
const probeEvery = 400 * time.Millisecond

// printerLive streams how a printer is: GET …/{printer}/live?v=….
func (r *room) printerLive(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	id, version, lang := c.Params("printer"), c.Query("v"), web.Lang(c)
	every := showEvery
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		parts := ev.Parts("admin/printer", lang)
		return r.follow(ctx, p.office.ID, func() time.Duration { return every }, func() (bool, error) {
			v, err := r.printerView(ctx, p, id)
			if fault.CodeOf(err) == fault.UnknownThing || err == nil && version != "" && v.Version != version {
				return true, ev.Send(web.Event{Name: movedEvent, Data: "{}"})
			}
			if err != nil {
				return false, nil // what is shown stays, and its age with it
			}
			if every = showEvery; v.Probe.Pending() {
				every = probeEvery
			}
			if err := parts.Part("admin-printer", "printer", v); err != nil {
				return false, err
			}
			return false, parts.Part("admin-probe", "probe", v)
		})
	})
}

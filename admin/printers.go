package admin

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/identity"
	"vez/office"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/spool"
	"vez/web"
)

// Printers are the printers of the offices and how they are. *spool.Fleet is one.
type Printers interface {
	// State lists an office's printers, the first choice first.
	State(office string) []spool.Seen
	// Subscribe rings when a printer of the office is otherwise than before.
	Subscribe(office string) (rung <-chan struct{}, cancel func())
	Printer(ctx context.Context, id string) (spool.Printer, error)
	Add(ctx context.Context, by string, d spool.Draft) (spool.Printer, error)
	Confirm(ctx context.Context, id, code string) (spool.Printer, error)
	PrintProbe(ctx context.Context, id string) (printer.Job, error)
	Change(ctx context.Context, id string, c spool.Change) (spool.Printer, error)
	Remove(ctx context.Context, id string) error
}

func (r *room) printerRoutes(get, post add) {
	if r.Printers == nil {
		return
	}
	const all = "/admin/offices/:office/printers"
	get(all, r.printers)
	get(all+"/live", r.printersLive)
	get(all+"/:printer", r.printer)
	get(all+"/:printer/live", r.printerLive)
	get(all+"/:printer/remove", r.askRemove)
	post(all, r.addPrinter)
	for name, a := range printerActs {
		post(all+"/:printer/"+name, r.printerAct(a))
	}
}

// printersPage is the data of the page admin/printers.
type printersPage struct {
	head
	Printers []printerLine
	Form     printerForm
}

// printerLine is a printer and how it is, in words.
type printerLine struct {
	ID, Name, Address string
	BuiltIn           bool
	Format            printer.Format
	Rank              int
	Confirmed         bool
	Serves            []served
	How               how
}

// served is a kiosk or counter that a printer stands by.
type served struct {
	ID string
	// Kind is counter, kiosk, or gone: a device that is not let in any more.
	Kind, Name string
	Checked    bool
}

// how a printer is: texts are admin.printers.how.{Key}.
type how struct {
	Key, Tone, Icon string
	// Since when, in the office's zone; zero when that says nothing.
	Since time.Time
	// Today: the hour is enough.
	Today bool
}

// told are the troubles that have words of their own.
var told = []fault.Code{fault.PrinterAway, fault.PaperOut, fault.CoverOpen, fault.PrinterStuck, fault.DiskFull, fault.FontsMissing,
	fault.PrintFailed, fault.NoPrinter}

// troubleKey is the last part of a trouble's texts.
func troubleKey(code fault.Code) string {
	if slices.Contains(told, code) {
		return string(code)
	}
	return "other"
}

func (p place) how(s spool.Seen, now time.Time) how {
	var h how
	switch st := s.State; {
	case st.Problem != "":
		h = how{Key: troubleKey(st.Problem), Tone: "bad", Icon: "bad", Since: st.Since}
	case !s.Confirmed:
		return how{Key: "unconfirmed", Tone: "warn", Icon: "lock"}
	case st.Low:
		h = how{Key: "low", Tone: "warn", Icon: "warn"}
	case st.Silent:
		h = how{Key: "silent", Icon: "minus"}
	case st.KeeperSeen.IsZero() && s.ID != spool.BuiltIn:
		h = how{Key: "unseen", Icon: "clock"}
	default:
		h = how{Key: "ready", Tone: "good", Icon: "check"}
	}
	if h.Since.IsZero() {
		return h
	}
	h.Since = h.Since.In(p.office.Location())
	h.Today = office.DayOf(h.Since, p.office.Location()) == office.DayOf(now, p.office.Location())
	return h
}

func (p place) line(s spool.Seen, devices []identity.Paired, now time.Time) printerLine {
	return printerLine{ID: s.ID, Name: s.Name, Address: s.Address, BuiltIn: s.ID == spool.BuiltIn, Format: s.Format, Rank: s.Rank,
		Confirmed: s.Confirmed, Serves: slices.DeleteFunc(p.standing(s.Printer, devices), func(x served) bool { return !x.Checked }),
		How: p.how(s, now)}
}

// standing lists all that a printer of the office may stand by, and what it
// stands by beyond that.
func (p place) standing(x spool.Printer, devices []identity.Paired) []served {
	var out []served
	for _, d := range devices {
		if d.Kind == "kiosk" {
			out = append(out, served{d.ID, "kiosk", d.Name, x.Stands(d.ID)})
		}
	}
	for _, c := range p.office.Counters {
		out = append(out, served{c.ID, "counter", c.Label, x.Stands(c.ID)})
	}
	for _, id := range x.Serves {
		if !slices.ContainsFunc(out, func(s served) bool { return s.ID == id }) {
			out = append(out, served{id, "gone", "", true})
		}
	}
	return out
}

// printers lists an office's printers: GET /admin/offices/{id}/printers.
func (r *room) printers(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	return r.showPrinters(c, p, printerForm{})
}

func (r *room) showPrinters(c *fiber.Ctx, p place, f printerForm, options ...web.Option) error {
	v := printersPage{head: r.head(c, p, "printers"), Printers: r.printerLines(c.UserContext(), p), Form: f}
	return web.Render(c, "admin/printers", v, append(options, web.Wide())...)
}

// printerLines are an office's printers, trouble first. Where the names of the
// kiosks cannot be read, the rest is shown all the same.
func (r *room) printerLines(ctx context.Context, p place) []printerLine {
	devices, _ := r.Devices.Devices(ctx, p.office.ID)
	var out []printerLine
	for _, s := range firstTroubled(r.Printers.State(p.office.ID)) {
		out = append(out, p.line(s, devices, r.Machine.Now()))
	}
	return out
}

// printersLive streams the list: GET /admin/offices/{id}/printers/live.
func (r *room) printersLive(c *fiber.Ctx) error {
	p, err := r.place(c)
	if err != nil {
		return err
	}
	lang := web.Lang(c)
	return web.Stream(c, func(ctx context.Context, ev *web.Events) error {
		parts := ev.Parts("admin/printers", lang)
		return r.follow(ctx, p.office.ID, func() time.Duration { return showEvery }, func() (bool, error) {
			return false, parts.Part("admin-printers", "printers", printersPage{head: head{ID: p.office.ID}, Printers: r.printerLines(ctx, p)})
		})
	})
}

// burst is how long the changes that come together are waited for.
const burst = 150 * time.Millisecond

// follow shows something at once, whenever a printer of the office is otherwise
// than before, and every so often, until show says that it is over.
func (r *room) follow(ctx context.Context, officeID string, every func() time.Duration, show func() (over bool, err error)) error {
	rung, cancel := r.Printers.Subscribe(officeID)
	defer cancel()
	for {
		if over, err := show(); over || err != nil {
			return err
		}
		tick := r.Machine.NewTimer(every())
		select {
		case <-ctx.Done():
			tick.Stop()
			return nil
		case <-tick.Chan():
			continue
		case <-rung:
			tick.Stop()
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.Machine.After(burst):
		}
	}
}

// printerForm is what somebody said of a printer to add, and what was wrong with it.
type printerForm struct {
	Name, Kind, Address, Format string
	// Problems by field, in words.
	Problems map[string]string
	// Meant is an address that was perhaps meant.
	Meant string
	// Seen is the certificate that a printer showed and nobody vouches for.
	Seen *certificate
}

// kinds of printers that can be chosen; texts are admin.printers.kind.{scheme}.
var kinds = []drive.Scheme{drive.TCP, drive.IPP, drive.IPPS, drive.Device, drive.Dir}

// Kinds lists the ways to a printer.
func (f printerForm) Kinds() []drive.Scheme { return kinds }

// Chosen is the kind that is chosen.
func (f printerForm) Chosen() drive.Scheme {
	if k := drive.Scheme(f.Kind); slices.Contains(kinds, k) {
		return k
	}
	return drive.TCP
}

// Formats lists the papers.
func (f printerForm) Formats() []printer.Format { return printer.Formats }

// full is the address with its kind before it, unless it says its own.
func (f printerForm) full() string {
	a := strings.TrimSpace(f.Address)
	scheme, _, ok := strings.Cut(a, ":")
	if a == "" || strings.Contains(a, "://") || ok && slices.Contains(drive.Schemes, drive.Scheme(strings.ToLower(scheme))) {
		return a
	}
	switch k := f.Chosen(); k {
	case drive.Device, drive.Dir:
		return string(k) + ":" + a
	default:
		return string(k) + "://" + a
	}
}

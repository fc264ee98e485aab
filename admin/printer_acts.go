package admin

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"vez/fault"
	"vez/hall"
	"vez/locale"
	"vez/printer"
	"vez/printer/drive"
	"vez/printer/spool"
	"vez/web"
)

// printerActs by the last part of their address.
var printerActs = map[string]func(p press, x spool.Printer) error{
	"confirm": press.confirm, "page": press.printPage, "change": press.change, "check": press.check, "trust": press.trust,
	"remove": press.remove,
}

// press begins what somebody asks for; refused to who may not.
func (r *room) press(c *fiber.Ctx) (press, error) {
	at, err := r.place(c)
	if err == nil && !at.Pairs {
		err = fault.New(fault.NotAllowed)
	}
	return press{room: r, place: at, c: c, ctx: c.UserContext(), act: hall.Act{Actor: at.who.Subject}}, err
}

func (r *room) printerAct(a func(p press, x spool.Printer) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		p, err := r.press(c)
		if err != nil {
			return err
		}
		x, err := r.findPrinter(p.ctx, p.place, c.Params("printer"))
		if err != nil {
			return err
		}
		return a(p, x.Printer)
	}
}

// done says what was done, on the page of a printer or, without one, on the list.
func (p press) done(id, text string, params ...any) error {
	putNote(p.c, p.place, note{Tone: "good", Title: web.Text(p.c).T("admin.printers.done."+text, params...)})
	return web.Back(p.c, p.printerPath(id))
}

func (p press) printerPath(id string) string {
	path := pathOf(p.office.ID) + "/printers"
	if id != "" {
		path += "/" + id
	}
	return path
}

// addPrinter adds a printer by its address: POST /admin/offices/{id}/printers
// {name, kind, address, format; meant, trust}.
func (r *room) addPrinter(c *fiber.Ctx) error {
	p, err := r.press(c)
	if err != nil {
		return err
	}
	f := printerForm{Name: p.field("name"), Kind: p.field("kind"), Address: p.field("address"), Format: p.field("format")}
	if meant := p.field("meant"); meant != "" {
		f.Address = meant
	}
	draft := spool.Draft{Office: p.office.ID, Name: f.Name, Address: f.full(), Format: printer.Format(f.Format), Rank: p.nextRank()}
	if trust := p.field("trust"); trust != "" {
		draft.Address = trusting(draft.Address, trust)
	}
	f.Address = draft.Address
	if seen, err := p.compare(draft); err != nil || seen != nil {
		f.Seen = seen
		return p.addAgain(f, err)
	}
	x, err := r.Printers.Add(p.ctx, p.act.Actor, draft)
	if twin := p.twin(draft, err); twin != "" {
		return web.Back(c, p.printerPath(twin))
	}
	if err != nil {
		return p.addAgain(f, err)
	}
	return p.done(x.ID, "added", "name", x.Name)
}

// compare looks at the certificate of a printer that is to be added. One that
// does not answer is added all the same: it may be switched on later.
func (p press) compare(d spool.Draft) (*certificate, error) {
	if _, err := drive.Parse(d.Address); err != nil || d.Name == "" {
		return nil, nil // Add says what is wrong
	}
	seen, err := p.certificate(p.ctx, d.Address)
	if fault.CodeOf(err) == fault.InvalidField {
		return nil, err
	}
	return seen, nil
}

// nextRank is behind all printers that are there.
func (p press) nextRank() int {
	next := 1
	for _, s := range p.Printers.State(p.office.ID) {
		next = max(next, s.Rank+1)
	}
	return next
}

// twin is the printer that a form sent twice has added the first time.
func (p press) twin(d spool.Draft, err error) string {
	f := fault.Of(err)
	if err == nil || f.Params["why"] != "taken" || f.Params["office"] != p.office.ID || f.Params["printer"] != d.Name {
		return ""
	}
	for _, s := range p.Printers.State(p.office.ID) {
		if s.Name == d.Name && !s.Confirmed {
			return s.ID
		}
	}
	return ""
}

// addAgain shows the form with what was wrong.
func (p press) addAgain(f printerForm, err error) error {
	if err != nil {
		field, text, meant, ok := p.problem(err)
		if !ok {
			return refuse(p.c, p.place, err, p.printerPath(""))
		}
		f.Problems, f.Meant = map[string]string{field: text}, meant
	}
	return p.showPrinters(p.c, p.place, f, web.Status(fiber.StatusUnprocessableEntity))
}

// problem is a refused entry in words: texts are admin.printers.why.{field}, with {why} where they differ.
func (p press) problem(err error) (field, text, meant string, ok bool) {
	f := fault.Of(err)
	if f.Code != fault.InvalidField {
		return "", "", "", false
	}
	say := web.Text(p.c)
	field, _ = f.Params["field"].(string)
	why, _ := f.Params["why"].(string)
	meant, _ = f.Params["meant"].(string)
	params := map[string]any{"left": f.Params["left"], "printer": f.Params["printer"], "office": ""}
	if o := p.cat.Office(fmt.Sprint(f.Params["office"])); o != nil {
		params["office"] = locale.Pick(o.Name.Names(), say.Lang())
	}
	for _, key := range []string{field + "." + why, field + ".other", field} {
		if key = "admin.printers.why." + key; say.Has(key) {
			return field, say.T(key, params), meant, true
		}
	}
	return "", "", "", false
}

// again shows the printer's page with what was wrong.
func (p press) again(x spool.Printer, err error, edit func(*printerPage)) error {
	field, text, _, ok := p.problem(err)
	if !ok {
		return refuse(p.c, p.place, err, p.printerPath(x.ID))
	}
	return p.showPrinter(p.c, p.place, x.ID, "admin/printer", func(v *printerPage) {
		v.Problems = map[string]string{field: text}
		if edit != nil {
			edit(v)
		}
	}, web.Status(fiber.StatusUnprocessableEntity))
}

// confirm takes the code of the printer's page: {code}.
func (p press) confirm(x spool.Printer) error {
	if x, err := p.Printers.Confirm(p.ctx, x.ID, p.field("code")); err != nil {
		return p.again(x, err, nil)
	}
	return p.done(x.ID, "confirmed", "name", x.Name)
}

// printPage prints a page with a code, or a test page.
func (p press) printPage(x spool.Printer) error {
	if _, err := p.Printers.PrintProbe(p.ctx, x.ID); err != nil {
		return p.again(x, err, nil)
	}
	return web.Back(p.c, p.printerPath(x.ID))
}

// change takes another name, rank and what it stands by: {name, rank, serves…}.
func (p press) change(x spool.Printer) error {
	name, rank := p.field("name"), p.field("rank")
	var serves []string
	for key, value := range p.c.Request().PostArgs().All() {
		if string(key) == "serves" {
			serves = append(serves, string(value))
		}
	}
	keep := func(v *printerPage) {
		v.NewName, v.NewRank = name, rank
		for i := range v.Standing {
			v.Standing[i].Checked = slices.Contains(serves, v.Standing[i].ID)
		}
	}
	n, err := strconv.Atoi(rank)
	if err != nil || n < 0 || n > 999 {
		return p.again(x, fault.New(fault.InvalidField, "field", "rank", "why", "number"), keep)
	}
	may := p.mayServe(x)
	serves = slices.DeleteFunc(serves, func(id string) bool { return !slices.Contains(may, id) })
	if x, err = p.Printers.Change(p.ctx, x.ID, spool.Change{Name: &name, Rank: &n, Serves: &serves}); err != nil {
		return p.again(x, err, keep)
	}
	return p.done(x.ID, "changed", "name", x.Name)
}

// mayServe are the kiosks and counters of this office.
func (p press) mayServe(x spool.Printer) []string {
	devices, _ := p.Devices.Devices(p.ctx, p.office.ID)
	var out []string
	for _, s := range p.standing(x, devices) {
		out = append(out, s.ID)
	}
	return out
}

// check looks at the printer's certificate.
func (p press) check(x spool.Printer) error {
	seen, err := p.certificate(p.ctx, x.Address)
	if seen == nil && fault.CodeOf(err) == fault.PrinterAway {
		return refuseWith(p, x, "check_away")
	}
	if seen == nil {
		return p.done(x.ID, "check_good")
	}
	return p.showPrinter(p.c, p.place, x.ID, "admin/printer", func(v *printerPage) { v.Seen = seen })
}

// refuseWith says on the printer's page what could not be done.
func refuseWith(p press, x spool.Printer, text string) error {
	putNote(p.c, p.place, note{Tone: "warn", Title: web.Text(p.c).T("admin.printers.done." + text)})
	return web.Back(p.c, p.printerPath(x.ID))
}

// trust takes the certificate that somebody has compared: {fingerprint}. The
// address is another one then, so that a page is printed and its code asked for.
func (p press) trust(x spool.Printer) error {
	address := trusting(x.Address, strings.ToLower(p.field("fingerprint")))
	if address == x.Address {
		return web.Back(p.c, p.printerPath(x.ID))
	}
	next, err := p.Printers.Add(p.ctx, p.act.Actor, spool.Draft{Office: x.Office, Name: x.Name, Address: address, Format: x.Format,
		Serves: x.Serves, Rank: x.Rank})
	if err != nil {
		return p.again(x, err, nil)
	}
	if err := p.Printers.Remove(p.ctx, x.ID); err != nil {
		return errors.Join(err, p.Printers.Remove(p.ctx, next.ID))
	}
	return p.done(next.ID, "trusted", "name", x.Name)
}

// remove forgets the printer.
func (p press) remove(x spool.Printer) error {
	if err := p.Printers.Remove(p.ctx, x.ID); err != nil {
		return refuse(p.c, p.place, err, p.printerPath(x.ID))
	}
	return p.done("", "removed", "name", x.Name)
}

package printer

import (
	"slices"

	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/qr"
)

// extent says how much of a ticket is printed: in which languages each part
// stands, and how many lines a name may take.
type extent struct {
	office, service, bring, missed, facts []string
	nameLines                             int
}

// savings lists what is given up, one after the other, when a ticket would be
// longer than it may be; the least missed comes first. The first language of
// the place and the holder's own, if it is known, stay longest.
func savings(langs []string, holder string) []func(*extent) {
	two, one := langs[:min(2, len(langs))], langs[:1]
	if slices.Contains(langs, holder) {
		one = []string{holder}
		switch {
		case holder == langs[0]:
		case len(langs) > 2 && isChinese(holder) && isChinese(langs[0]):
			two = []string{holder, langs[1]} // one script is enough, the other language is not
		default:
			two = []string{langs[0], holder}
		}
	}
	return []func(*extent){
		func(e *extent) { e.service = two },
		func(e *extent) { e.service = one },
		func(e *extent) { e.service = nil },
		func(e *extent) { e.office = two },
		func(e *extent) { e.bring = two },
		func(e *extent) { e.missed = two },
		func(e *extent) { e.bring = one },
		func(e *extent) { e.missed = one },
		func(e *extent) { e.nameLines = min(e.nameLines, 2) },
		func(e *extent) { e.bring = nil },
		func(e *extent) { e.facts = two },
		func(e *extent) { e.office = one },
		func(e *extent) { e.facts = one },
		func(e *extent) { e.nameLines = 1 },
		func(e *extent) { e.missed = nil },
	}
}

// composeTicket saves as much as it must, and then takes back what turns out
// to have room after all, the most missed first. On a sheet it stands in large
// print, in a strip in the middle.
func composeTicket(set *font.Set, labels Labels, paper stock, t Ticket) (*layout.List, error) {
	if len(t.Languages) == 0 {
		t.Languages = Languages("", t.Holder)
	}
	t.Large = t.Large || paper.height > 0
	f := ticketFitter{set: set, labels: labels, paper: paper.strip(), t: t,
		savings: savings(t.Languages, t.Holder), longest: longestTicket(paper, t.Large)}
	var err error
	if f.code, f.module, err = ticketCode(t.Link, f.paper.module); err != nil {
		return nil, err
	}
	made := make([]bool, len(f.savings))
	list, long := f.draw(made)
	last := -1
	for long > f.longest && last+1 < len(made) {
		last++
		made[last] = true
		list, long = f.draw(made)
	}
	for i := last - 1; i >= 0; i-- {
		made[i] = false
		if more, long := f.draw(made); long <= f.longest {
			list = more
		} else {
			made[i] = true
		}
	}
	return list, nil
}

// longestTicket is what a ticket may need of a paper's length.
func longestTicket(paper stock, large bool) int {
	switch {
	case paper.format == Roll58 && large:
		return MaxLargeTicket58
	case paper.format == Roll58:
		return MaxTicket58
	case large:
		return MaxLargeTicket
	}
	return MaxTicket
}

// ticketCode makes the code of a link, and says how many dots a module takes. A
// link as the program makes them fits version 4 at level Q; one that is longer
// is given less redundancy and then smaller modules rather than more paper.
func ticketCode(link string, most int) (code qr.Modules, module int, err error) {
	if link == "" {
		return nil, 0, nil
	}
	for _, c := range []struct {
		level  qr.Level
		module int
	}{{qr.Q, most}, {qr.M, most}, {qr.M, most - 1}, {qr.L, most - 1}} {
		if code, err = qr.Encode(link, c.level); err == nil && len(code)*c.module <= 41*most {
			return code, c.module, nil
		}
		module = c.module
	}
	return code, module, err
}

type ticketFitter struct {
	set     *font.Set
	labels  Labels
	paper   stock
	t       Ticket
	code    qr.Modules
	module  int
	savings []func(*extent)
	longest int
}

// draw lays the ticket out with the savings that are made, and says how long
// it is.
func (f *ticketFitter) draw(made []bool) (list *layout.List, long int) {
	all := f.t.Languages
	e := extent{office: all, service: all, bring: all, missed: all, facts: all, nameLines: 2}
	if f.paper.narrow() {
		e.nameLines = 3
	}
	for i, save := range f.savings {
		if made[i] {
			save(&e)
		}
	}
	a := ticketArt{art: newArt(f.set, f.labels, all, f.paper), t: f.t, e: e, code: f.code, module: f.module,
		sizes: sizesOf(f.paper, f.t.Large)}
	a.draw()
	return a.finish(f.t.Number), a.y - f.paper.top + rollEnds
}

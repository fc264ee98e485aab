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
		func(e *extent) { e.bring = nil },
		func(e *extent) { e.facts = two },
		func(e *extent) { e.office = one },
		func(e *extent) { e.facts = one },
		func(e *extent) { e.nameLines = 1 },
		func(e *extent) { e.missed = nil },
	}
}

// composeTicket saves as much as it must, and then takes back what turns out
// to have room after all, the most missed first.
func composeTicket(set *font.Set, labels Labels, t Ticket) (*layout.List, error) {
	if len(t.Languages) == 0 {
		t.Languages = Languages("", t.Holder)
	}
	f := ticketFitter{set: set, labels: labels, t: t, savings: savings(t.Languages, t.Holder), longest: MaxTicket}
	if t.Large {
		f.longest = MaxLargeTicket
	}
	var err error
	if f.code, f.module, err = ticketCode(t.Link); err != nil {
		return nil, err
	}
	made := make([]bool, len(f.savings))
	list := f.draw(made)
	last := -1
	for list.Height > f.longest && last+1 < len(made) {
		last++
		made[last] = true
		list = f.draw(made)
	}
	for i := last - 1; i >= 0; i-- {
		made[i] = false
		if more := f.draw(made); more.Height <= f.longest {
			list = more
		} else {
			made[i] = true
		}
	}
	return list, nil
}

// ticketCode makes the code of a link, and says how many dots a module takes. A
// link as the program makes them fits version 4 at level Q; one that is longer
// is given less redundancy and then smaller modules rather than more paper.
func ticketCode(link string) (code qr.Modules, module int, err error) {
	if link == "" {
		return nil, 0, nil
	}
	for _, c := range []struct {
		level  qr.Level
		module int
	}{{qr.Q, 6}, {qr.M, 6}, {qr.M, 5}, {qr.L, 5}} {
		if code, err = qr.Encode(link, c.level); err == nil && len(code)*c.module <= codeWidth {
			return code, c.module, nil
		}
		module = c.module
	}
	return code, module, err
}

type ticketFitter struct {
	set     *font.Set
	labels  Labels
	t       Ticket
	code    qr.Modules
	module  int
	savings []func(*extent)
	longest int
}

// draw lays the ticket out with the savings that are made.
func (f *ticketFitter) draw(made []bool) *layout.List {
	all := f.t.Languages
	e := extent{office: all, service: all, bring: all, missed: all, facts: all, nameLines: 2}
	for i, save := range f.savings {
		if made[i] {
			save(&e)
		}
	}
	a := ticketArt{art: newArt(f.set, f.labels, all, ticketWidth, ticketInset), t: f.t, e: e, code: f.code, module: f.module, sizes: normalSizes}
	if f.t.Large {
		a.sizes = largeSizes
	}
	a.y = ticketTop
	a.draw()
	return a.finish(f.t.Number, a.y+ticketEnd)
}

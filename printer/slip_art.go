package printer

import (
	"slices"
	"strconv"

	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/qr"
)

// sheetSizes are the measures of a slip on a sheet, in dots.
type sheetSizes struct {
	title, subtitle, department int
	day, dayToo, hour           int
	reference, module           int
	label                       int   // width of the column of labels
	body                        []int // running text, as it must shrink
}

var (
	sizesA4 = sheetSizes{title: 64, subtitle: 44, department: 34, day: 56, dayToo: 46, hour: 200, reference: 64, module: 10, label: 330,
		body: []int{40, 36, 33, 30, smallest}}
	sizesA5 = sheetSizes{title: 46, subtitle: 36, department: 30, day: 46, dayToo: 40, hour: 150, reference: 52, module: 7, label: 250,
		body: []int{33, 30, smallest}}
)

// sheetTry is one way to make a slip fit on its page.
type sheetTry struct {
	size, bring, lines int
	langs              []string
}

// enough documents are named before a language gives way to more of them.
const enough = 6

// sheetTries are the ways, the best first: type is made smaller, then a long
// list of documents is cut short, then only the first and the last language
// stay, then more documents go, and in the end names are kept to a line.
func sheetTries(m sheetSizes, s Slip) []sheetTry {
	last := s.Languages[len(s.Languages)-1:]
	two := slices.Compact(append(slices.Clone(s.Languages[:1]), last...))
	var all []sheetTry
	n := len(s.Bring)
	for i, langs := range [][]string{s.Languages, two} {
		for _, size := range m.body {
			all = append(all, sheetTry{size, n, 0, langs})
		}
		for bring := n - 1; bring >= enough*(1-i); bring-- {
			all = append(all, sheetTry{smallest, bring, 0, langs})
		}
	}
	return append(all, sheetTry{smallest, 0, 2, two}, sheetTry{smallest, 0, 1, two}, sheetTry{smallest, 0, 1, last})
}

// composeSheet sets a slip, pass or reminder on one page of A4 or A5.
func composeSheet(set *font.Set, labels Labels, paper stock, kind slipKind, s Slip) (*layout.List, error) {
	code, err := qr.Encode(s.Code, qr.M)
	if err != nil {
		return nil, err
	}
	m := sizesA4
	if paper.format == A5 {
		m = sizesA5
	}
	var a sheetArt
	for _, try := range sheetTries(m, s) {
		kept := s
		if kept.Bring = s.Bring[:try.bring]; try.bring > 0 && try.bring < len(s.Bring) {
			kept.Bring = append(slices.Clone(kept.Bring), Text{"en": "…"})
		}
		a = sheetArt{slipArt: slipArt{art: newArt(set, labels, try.langs, paper), s: kept, kind: kind, code: code, size: try.size}, m: m, lines: try.lines}
		if a.draw() {
			break
		}
	}
	return a.finish(a.title(s.Languages[0]) + " " + s.Reference), nil
}

// sheetArt draws one slip on a page, from top to bottom.
type sheetArt struct {
	slipArt
	m     sheetSizes
	lines int // the most that a name may take; 0: any
}

// draw says whether the page was long enough.
func (a *sheetArt) draw() bool {
	a.head()
	a.when()
	a.rows()
	a.advice()
	below := a.y + a.m.title/3
	return a.foot() >= below
}

// head is what the paper is and who gives it.
func (a *sheetArt) head() {
	if a.kind == reminderSlip {
		a.titleBand(a.m.title)
		a.y += a.m.title / 2
		for _, lang := range a.langs {
			a.y = a.sheet.Text(a.x, a.y, a.w, a.style(lang, a.m.department+4), a.labels.T(lang, "paper.reminder.lead"))
		}
		a.y += a.m.title / 2
		return
	}
	for _, lang := range a.langs {
		st := a.style(lang, a.m.subtitle)
		if isFirst(a.langs, lang) {
			st = a.style(lang, a.m.title)
			st.Bold = true
		}
		a.y = a.sheet.Text(a.x, a.y, a.w, a.fit(st, a.w, a.m.department, a.title(lang)), a.title(lang))
	}
	a.y = a.stack(a.x, a.y+8, a.w, a.s.Department, a.langs, a.departmentStyle)
	a.y += a.m.title / 2
	a.sheet.Wave(a.x, a.y, a.w, 80, 8, 6)
	a.y += a.m.title
}

func (a *sheetArt) departmentStyle(lang string) layout.Style {
	st := a.style(lang, a.m.department)
	st.Lines = a.lines
	return st
}

// when is the day and the hour at the left, the code with its reference at the
// right.
func (a *sheetArt) when() {
	module := a.m.module
	for len(a.code)*module > a.w*2/5 && module > 4 { // a code that is longer than ours
		module--
	}
	side := len(a.code) * module
	left, x := a.w-side-qr.Quiet*module, a.x+a.w-side
	a.sheet.Code(x-qr.Quiet*module, a.y-qr.Quiet*module, module, a.code, a.s.Code)
	right := a.referenceAt(x, a.y+side+qr.Quiet*module, side, a.m.reference)
	y := a.date(a.y, left)
	a.y = max(y, right) + a.m.title/2
}

func (a *sheetArt) date(y, w int) int {
	if a.kind == returnPass {
		y = a.label(a.x, y, w, a.m.department, "paper.slip.valid_until", layout.Left)
		y = a.heroAt(y+a.m.title/6, w)
		return a.days(y+a.m.title/6, w)
	}
	y = a.days(y, w)
	y = a.label(a.x, y+a.m.title*2/3, w, a.m.department, "paper.slip.time", layout.Left)
	return a.heroAt(y+10, w)
}

func (a *sheetArt) days(y, w int) int {
	for _, lang := range a.langs {
		st := a.style(lang, a.m.dayToo)
		if isFirst(a.langs, lang) {
			st = a.style(lang, a.m.day)
			st.Bold = true
		}
		y = a.sheet.Text(a.x, y, w, a.fit(st, w, 30, a.day(lang)), a.day(lang))
	}
	return y
}

func (a *sheetArt) heroAt(y, w int) int {
	st := a.fit(layout.Style{Lang: a.langs[0], Size: a.m.hour, Bold: true}, w, 0, a.hero())
	st.Pitch = st.Size * 19 / 20
	return a.sheet.Text(a.x, y, w, st, a.hero())
}

// rows are label and value: what, where, how many, what to bring.
func (a *sheetArt) rows() {
	service := []Text{a.s.Service}
	if a.kind == reminderSlip { // the slip has it in its head
		service = append(service, a.s.Department)
	}
	service = slices.DeleteFunc(service, func(t Text) bool { return len(t) == 0 })
	switch {
	case len(a.s.Service) > 0:
		a.row("paper.slip.service", service, true)
	case len(service) > 0:
		a.row("paper.slip.department", service, true)
	}
	a.row("paper.slip.office", []Text{a.s.Office, a.s.Address}, true)
	if a.s.People > 1 {
		n := strconv.Itoa(a.s.People)
		a.row("paper.slip.people", []Text{{a.langs[0]: n}}, false)
	}
	if len(a.s.Bring) > 0 {
		a.row("paper.slip.bring", a.s.Bring, false)
	}
	a.sheet.Rect(a.x, a.y, a.w, 2)
	a.y += 24
}

// row is a label at the left and values at the right, the
// first in bold if it is a name. A reminder's documents have a box to tick.
func (a *sheetArt) row(key string, values []Text, name bool) {
	a.sheet.Rect(a.x, a.y, a.w, 2)
	a.y += 14
	left := a.label(a.x, a.y, a.m.label-20, max(a.size-4, smallest), key, layout.Left)
	y, indent := a.y, 0
	if a.kind == reminderSlip && !name && key == "paper.slip.bring" {
		indent = a.size * 3 / 2
	}
	for i, v := range values {
		if indent > 0 {
			side := a.size * 9 / 10
			a.sheet.Frame(a.x+a.m.label, y+(a.size*6/5-side)/2, side, side, 2)
		}
		y = a.value(y, indent, v, name && i == 0)
		if i < len(values)-1 {
			y += 8
		}
	}
	a.y = max(left, y) + 14
}

// value is a name in every language: in bold below each other for the one that
// matters most; else on one line if there is room, Chinese first.
func (a *sheetArt) value(y, indent int, v Text, bold bool) int {
	x, w := a.x+a.m.label+indent, a.w-a.m.label-indent
	if !bold {
		if below, ok := a.oneLine(x, y, w, v); ok {
			return below
		}
	}
	return a.stack(x, y, w, v, a.langs, func(lang string) layout.Style {
		st := a.style(lang, a.size)
		st.Bold, st.Lines, st.Balance = bold && isFirst(a.langs, lang), a.lines, true
		return st
	})
}

func (a *sheetArt) oneLine(x, y, w int, v Text) (below int, ok bool) {
	gap := a.size * 2 / 3
	wide := -gap
	var seen []string
	for _, lang := range a.langs {
		if s := v.In(lang); !slices.Contains(seen, s) {
			seen = append(seen, s)
			wide += a.sheet.Measure(a.style(lang, a.size), s) + gap
		}
	}
	if wide > w {
		return y, false
	}
	pitch := a.size * 6 / 5
	base := y + (pitch-a.size)/2 + a.size*88/100
	seen = seen[:0]
	for _, lang := range a.langs {
		if s := v.In(lang); !slices.Contains(seen, s) {
			seen = append(seen, s)
			x += a.sheet.Line(x, base, a.style(lang, a.size), s) + gap
		}
	}
	return y + pitch, true
}

// advice says how to use the paper and how to change the booking.
func (a *sheetArt) advice() {
	for _, lang := range a.langs {
		st := a.style(lang, a.size)
		st.Balance = true
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.arrive(lang))
		a.y += 6
	}
	if !a.changes() {
		return
	}
	a.y += 14
	for _, lang := range a.langs {
		a.y = a.sheet.Text(a.x, a.y, a.w, a.style(lang, a.size), a.change(lang))
	}
	st := a.style("en", a.size)
	st.Bold = true
	a.y = a.sheet.Text(a.x, a.y, a.w, st, a.s.Link)
}

// foot stands at the bottom of the page and gives the y where it begins.
func (a *sheetArt) foot() int {
	private, height := "paper.slip.private", smallest*6/5
	for _, lang := range a.langs {
		height += a.style(lang, smallest).Size * 6 / 5
	}
	top := a.height - a.end - height
	y := top
	for _, lang := range a.langs {
		st := a.style(lang, smallest)
		st.Lines = 1
		y = a.sheet.Text(a.x, y, a.w, st, a.labels.T(lang, private))
	}
	st := a.style(a.langs[0], smallest)
	st.Lines = 1
	line := a.inAll("paper.slip.issued", " · ") + " " + a.s.Issued.Format("2006-01-02 15:04")
	if again := a.copyWords(a.s.Copy); again != "" {
		line += "   " + again
	}
	a.sheet.Text(a.x, y, a.w, st, line)
	return top
}

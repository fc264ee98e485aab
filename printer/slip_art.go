package printer

import (
	"slices"
	"strconv"
	"time"

	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/qr"
)

// Measures of a slip: A4 in dots of 1/8 mm.
const (
	slipWidth  = 210 * layout.DotsPerMM
	slipHeight = 297 * layout.DotsPerMM
	slipInset  = 20 * layout.DotsPerMM
	slipTop    = 18 * layout.DotsPerMM
	slipBottom = 16 * layout.DotsPerMM
	slipModule = 10  // 1.25 mm
	slipLabel  = 330 // width of the column of labels
	smallest   = 28  // Chinese of 3.5 mm
)

// composeSlip sets a slip on one page: where it would not fit it is set
// smaller, and in the end the list of documents is cut short.
func composeSlip(set *font.Set, labels Labels, s Slip) (*layout.List, error) {
	code, err := qr.Encode(s.Code, qr.M)
	if err != nil {
		return nil, err
	}
	for _, size := range []int{40, 36, 33, 30, smallest} {
		a := slipArt{art: newArt(set, labels, s.Languages, slipWidth, slipInset), s: s, code: code, size: size}
		if a.draw() {
			return a.finish(a.title(s.Languages[0])+" "+s.Reference, slipHeight), nil
		}
	}
	for keep := len(s.Bring); ; keep-- {
		s.Bring = s.Bring[:keep]
		a := slipArt{art: newArt(set, labels, s.Languages, slipWidth, slipInset), s: s, code: code, size: smallest}
		if a.draw() || keep == 0 {
			return a.finish(a.title(s.Languages[0])+" "+s.Reference, slipHeight), nil
		}
	}
}

// slipArt draws one slip from top to bottom.
type slipArt struct {
	*art
	s    Slip
	code qr.Modules
	size int // of running text
}

// draw says whether the page was long enough.
func (a *slipArt) draw() bool {
	a.y = slipTop
	a.head()
	a.when()
	a.rows()
	a.advice()
	below := a.y
	return a.foot() >= below
}

func (a *slipArt) key(name string) string {
	if a.s.Pass {
		return "paper.slip." + name + "_pass"
	}
	return "paper.slip." + name
}

func (a *slipArt) title(lang string) string {
	if a.s.Pass {
		return a.labels.T(lang, "paper.slip.pass")
	}
	return a.labels.T(lang, "paper.slip.title")
}

// head is what the paper is and who gives it.
func (a *slipArt) head() {
	for _, lang := range a.langs {
		st := a.style(lang, 44)
		if isFirst(a.langs, lang) {
			st = a.style(lang, 64)
			st.Bold = true
		}
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.title(lang))
	}
	a.y = a.stack(a.x, a.y+8, a.w, a.s.Department, a.langs, func(lang string) layout.Style { return a.style(lang, 34) })
	a.y += 30
	a.sheet.Wave(a.x, a.y, a.w, 80, 8, 6)
	a.y += 64
}

// when is the day and the hour at the left, the code with its reference at the
// right.
func (a *slipArt) when() {
	side := len(a.code) * slipModule
	left, x := a.w-side-qr.Quiet*slipModule, a.x+a.w-side
	a.sheet.Code(x-qr.Quiet*slipModule, a.y-qr.Quiet*slipModule, slipModule, a.code, a.s.Code)
	right := a.reference(x, a.y+side+qr.Quiet*slipModule, side)
	y := a.date(a.y, left)
	a.y = max(y, right) + 30
}

func (a *slipArt) date(y, w int) int {
	if a.s.Pass {
		y = a.label(y, w, "paper.slip.valid_until")
		y = a.days(y+6, w, a.s.End)
		return a.hour(y+20, w, a.clock(a.s.End))
	}
	y = a.days(y, w, a.s.Start)
	y = a.label(y+40, w, "paper.slip.time")
	return a.hour(y+10, w, a.clock(a.s.Start))
}

func (a *slipArt) days(y, w int, day time.Time) int {
	for _, lang := range a.langs {
		st := a.style(lang, 46)
		if isFirst(a.langs, lang) {
			st = a.style(lang, 56)
			st.Bold = true
		}
		y = a.sheet.Text(a.x, y, w, st, a.labels.DateLong(lang, day.In(a.s.Issued.Location())))
	}
	return y
}

func (a *slipArt) label(y, w int, key string) int {
	st := a.style(a.langs[0], 34)
	return a.sheet.Text(a.x, y, w, st, a.inAll(key, " · "))
}

func (a *slipArt) hour(y, w int, clock string) int {
	st := layout.Style{Lang: a.langs[0], Size: 200, Bold: true, Pitch: 190}
	return a.sheet.Text(a.x, y, w, st, clock)
}

func (a *slipArt) clock(t time.Time) string { return t.In(a.s.Issued.Location()).Format("15:04") }

// reference stands under the code, in two groups that are easy to read out.
func (a *slipArt) reference(x, y, w int) int {
	ref := a.s.Reference
	if len(ref) == 8 {
		ref = ref[:4] + " " + ref[4:]
	}
	st := layout.Style{Lang: "en", Size: 64, Bold: true, Align: layout.Middle}
	if wide := a.sheet.Measure(st, ref); wide > w {
		st.Size = st.Size * w / wide
	}
	y = a.sheet.Text(x, y, w, st, ref)
	for _, lang := range a.langs {
		st := a.style(lang, smallest)
		st.Align, st.Lines = layout.Middle, 2
		y = a.sheet.Text(x, y, w, st, a.labels.T(lang, a.key("reference")))
	}
	return y
}

// rows are label and value: what, where, how many, what to bring.
func (a *slipArt) rows() {
	a.row("paper.slip.service", []Text{a.s.Service}, true)
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

// row is a label in every language at the left and values at the right, the
// first in bold if it is a name.
func (a *slipArt) row(key string, values []Text, name bool) {
	a.sheet.Rect(a.x, a.y, a.w, 2)
	a.y += 14
	left := a.y
	for _, lang := range a.langs {
		left = a.sheet.Text(a.x, left, slipLabel-20, a.style(lang, max(a.size-4, smallest)), a.labels.T(lang, key))
	}
	y := a.y
	for i, v := range values {
		y = a.value(y, v, name && i == 0)
		if i < len(values)-1 {
			y += 8
		}
	}
	a.y = max(left, y) + 14
}

// value is a name in every language: in bold below each other for the one that
// matters most; else on one line if there is room, Chinese first.
func (a *slipArt) value(y int, v Text, bold bool) int {
	x, w := a.x+slipLabel, a.w-slipLabel
	if !bold {
		if below, ok := a.oneLine(x, y, w, v); ok {
			return below
		}
	}
	return a.stack(x, y, w, v, a.langs, func(lang string) layout.Style {
		st := a.style(lang, a.size)
		st.Bold = bold && isFirst(a.langs, lang)
		return st
	})
}

func (a *slipArt) oneLine(x, y, w int, v Text) (below int, ok bool) {
	gap := a.size * 2 / 3
	wide := -gap
	for _, lang := range a.langs {
		wide += a.sheet.Measure(a.style(lang, a.size), v.In(lang)) + gap
	}
	if wide > w {
		return y, false
	}
	pitch := a.size * 6 / 5
	base := y + (pitch-a.size)/2 + a.size*88/100
	var seen []string
	for _, lang := range a.langs {
		if s := v.In(lang); !slices.Contains(seen, s) {
			seen = append(seen, s)
			x += a.sheet.Line(x, base, a.style(lang, a.size), s) + gap
		}
	}
	return y + pitch, true
}

// advice says how to use the paper and how to change the booking.
func (a *slipArt) advice() {
	for _, lang := range a.langs {
		st := a.style(lang, a.size)
		st.Balance = true
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.labels.T(lang, a.key("arrive")))
		a.y += 6
	}
	if a.s.Link == "" || a.s.Pass {
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

func (a *slipArt) change(lang string) string {
	if a.s.ChangeUntil.IsZero() {
		return a.labels.T(lang, "paper.slip.change_open")
	}
	until := a.s.ChangeUntil.In(a.s.Issued.Location())
	return a.labels.T(lang, "paper.slip.change", "until", a.labels.DateLong(lang, until)+" "+a.clock(until))
}

// foot stands at the bottom of the page and gives the y where it begins.
func (a *slipArt) foot() int {
	height := 0
	for _, lang := range a.langs {
		st := a.style(lang, smallest)
		height += st.Size * 6 / 5
	}
	height += smallest * 6 / 5
	top := slipHeight - slipBottom - height
	y := top
	for _, lang := range a.langs {
		st := a.style(lang, smallest)
		st.Lines = 1
		y = a.sheet.Text(a.x, y, a.w, st, a.labels.T(lang, "paper.slip.private"))
	}
	st := a.style(a.langs[0], smallest)
	st.Lines = 1
	line := a.inAll("paper.slip.issued", " · ") + " " + a.s.Issued.Format("2006-01-02 15:04")
	if a.s.Copy > 0 {
		line += "   " + a.inAll("paper.copy", " / ")
		if a.s.Copy > 1 {
			line += " " + strconv.Itoa(a.s.Copy)
		}
	}
	a.sheet.Text(a.x, y, a.w, st, line)
	return top
}

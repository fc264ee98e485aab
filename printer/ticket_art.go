package printer

import (
	"slices"
	"strconv"
	"time"

	"vez/printer/layout"
	"vez/printer/qr"
)

const (
	// codeWidth is the widest code that leaves room for facts beside it on 80 mm.
	codeWidth = 41 * 6

	// The longest that tickets may be, in dots. Paper of 58 mm has two thirds of
	// the width, and so needs half as much length again for the same words.
	MaxTicket        = 110 * layout.DotsPerMM
	MaxLargeTicket   = 160 * layout.DotsPerMM
	MaxTicket58      = 130 * layout.DotsPerMM
	MaxLargeTicket58 = 170 * layout.DotsPerMM
)

// sizes of type on a ticket; Latin letters are set at about 4/5 of Chinese.
type sizes struct{ name, body, note, value, window, hero, gap int }

var (
	normalSizes = sizes{name: 30, body: 28, note: 28, value: 44, window: 54, hero: 218, gap: 8}
	largeSizes  = sizes{name: 38, body: 38, note: 36, value: 66, window: 86, hero: 240, gap: 14}

	// On 58 mm the number is as large as the paper is wide.
	narrowSizes      = sizes{name: 28, body: 28, note: 28, value: 40, window: 58, hero: 218, gap: 7}
	narrowLargeSizes = sizes{name: 34, body: 36, note: 34, value: 56, window: 68, hero: 240, gap: 10}
)

func sizesOf(paper stock, large bool) sizes {
	switch {
	case paper.narrow() && large:
		return narrowLargeSizes
	case paper.narrow():
		return narrowSizes
	case large:
		return largeSizes
	}
	return normalSizes
}

// ticketArt draws one ticket from top to bottom; y is where it has come to.
type ticketArt struct {
	*art
	t      Ticket
	e      extent
	code   qr.Modules // none: no code
	module int        // dots
	// saidMissed: what to do when the number was missed stands already.
	saidMissed bool
	sizes      sizes
}

func (a *ticketArt) draw() {
	a.head()
	a.hero()
	a.purpose()
	a.rule()
	a.facts()
	a.notes()
	a.foot()
}

// head is the office over a wave.
func (a *ticketArt) head() {
	a.y = a.stack(a.x, a.y, a.w, a.t.Office, a.e.office, a.nameStyle)
	a.y += 14
	a.sheet.Wave(a.x, a.y, a.w, 48, 5, 4)
	a.y += 14
}

func (a *ticketArt) nameStyle(lang string) layout.Style {
	st := a.style(lang, a.sizes.name)
	st.Bold, st.Lines, st.Balance = isFirst(a.e.office, lang), a.e.nameLines, true
	return st
}

func (a *ticketArt) zoneStyle(lang string) layout.Style {
	st := a.style(lang, a.sizes.body)
	if isFirst(a.langs, lang) {
		st = a.style(lang, a.sizes.name+8)
	}
	st.Bold, st.Lines, st.Align = isFirst(a.langs, lang), 1, layout.Middle
	return st
}

// hero is the number, as large as the paper is wide but no larger than wanted,
// with the mark of a booked person in a black field at its right.
func (a *ticketArt) hero() {
	st := layout.Style{Lang: a.langs[0], Size: a.sizes.hero, Bold: true}
	w, mark := a.w, 0
	if a.t.Booked {
		mark = min(a.sizes.hero*2/5, a.w*3/20)
		w -= mark + a.w/32
	}
	if wide := a.spaced(0, 0, st, false); wide > w {
		st.Size = st.Size * w / wide
	}
	tall := int(float64(st.Size) * layout.CapHeight)
	base := a.y + a.sizes.gap + 6 + tall
	a.spaced(a.x+(w-a.spaced(0, 0, st, false))/2, base, st, true)
	if mark > 0 {
		a.mark(a.x+a.w-mark, base-tall, mark, tall)
	}
	a.y = base + a.sizes.gap + 10
}

// spaced sets the number with a little air between the characters, which
// touch at this size, and gives its width.
func (a *ticketArt) spaced(x, base int, st layout.Style, draw bool) int {
	from, air := x, st.Size/40
	for _, r := range a.t.Number {
		if draw {
			a.sheet.Line(x, base, st, string(r))
		}
		x += a.sheet.Measure(st, string(r)) + air
	}
	return max(0, x-from-air)
}

// mark writes 約 over M (or whatever the first two languages say) in white.
func (a *ticketArt) mark(x, y, w, h int) {
	a.sheet.Rect(x, y, w, h)
	var marks []string
	var langs []string
	for _, lang := range a.langs {
		s := a.labels.T(lang, "paper.ticket.mark")
		if !slices.Contains(marks, s) && len(marks) < 2 {
			marks, langs = append(marks, s), append(langs, lang)
		}
	}
	cell := h / max(len(marks), 1)
	for i, s := range marks {
		st := layout.Style{Lang: langs[i], Size: min(cell*4/5, w*4/5), Bold: true, White: true, Align: layout.Middle, Pitch: cell}
		a.sheet.Text(x, y+i*cell, w, st, s)
	}
}

// purpose is the queue, with the zone to wait in at the right, and the service
// where there is room.
func (a *ticketArt) purpose() {
	top, w := a.y, a.w
	below := top
	if zone := a.zoneWidth(); zone > 0 {
		w -= zone + 40
		below = a.stack(a.x+a.w-zone, top, zone, a.zone(), a.langs, a.zoneStyle)
	}
	a.y = a.stack(a.x, top, w, a.t.Queue, a.langs, func(lang string) layout.Style {
		st := a.style(lang, a.sizes.body)
		st.Bold, st.Lines, st.Balance = isFirst(a.langs, lang), a.e.nameLines, true
		return st
	})
	if len(a.t.Service) > 0 && len(a.e.service) > 0 {
		a.y = a.stack(a.x, a.y+4, w, a.t.Service, a.e.service, func(lang string) layout.Style {
			st := a.style(lang, a.sizes.body)
			st.Lines = a.e.nameLines
			return st
		})
	}
	a.y = max(a.y, below)
	if w < a.w {
		a.sheet.Rect(a.x+w+19, top+6, 3, a.y-top-10)
	}
}

// zone is the part of the hall to wait in, as boards name it.
func (a *ticketArt) zone() Text {
	if a.t.Zone == "" {
		return nil
	}
	out := Text{}
	for _, lang := range a.langs {
		out[lang] = a.labels.T(lang, "paper.ticket.zone", "zone", a.t.Zone)
	}
	return out
}

func (a *ticketArt) zoneWidth() int {
	widest, zone := 0, a.zone()
	for _, lang := range a.langs {
		if s := zone.In(lang); s != "" {
			widest = max(widest, a.sheet.Measure(a.zoneStyle(lang), s))
		}
	}
	return min(widest, a.w/3)
}

func (a *ticketArt) rule() {
	a.y += a.sizes.gap
	a.sheet.Rect(a.x, a.y, a.w, 2)
	a.y += a.sizes.gap
}

// facts are the code at the left and, beside it (above it in large print), what
// to expect and when.
func (a *ticketArt) facts() {
	switch {
	case a.code == nil:
		a.y = a.issued(a.x, a.expect(a.x, a.y, a.w), a.w, layout.Left)
	case a.t.Large || a.narrow() || len(a.code)*a.module > codeWidth:
		a.y = a.expect(a.x, a.y, a.w)
		a.rule()
		a.codeRow()
	default:
		a.columns()
	}
}

// quiet is the white around a code.
func (a *ticketArt) quiet() int { return qr.Quiet * a.module }

// lead is how much of it, at the left, falls to the strip that the head does
// not reach: four millimetres on 80 mm paper, five on narrower.
func (a *ticketArt) lead() int {
	if a.narrow() {
		return a.quiet()
	}
	return a.quiet() / 2
}

// columns are the code with its caption, and the facts; the time of issue goes
// below the shorter one.
func (a *ticketArt) columns() {
	side := a.sheet.Code(a.x-a.lead(), a.y-a.sizes.gap, a.module, a.code, a.t.Link)
	w := side - a.quiet() - a.lead()
	left := a.captions(a.x, a.y-a.sizes.gap+side, w, layout.Middle)
	x := a.x + side - a.lead()
	right := a.expect(x, a.y+a.sizes.gap, a.x+a.w-x)
	if left < right {
		left = a.issued(a.x, left, w, layout.Middle)
	} else {
		right = a.issued(x, right, a.x+a.w-x, layout.Left)
	}
	a.y = max(left, right)
}

// codeRow is the code with its caption beside it, and what to do when the
// number was missed.
func (a *ticketArt) codeRow() {
	side := a.sheet.Code(a.x-a.lead(), a.y-a.sizes.gap, a.module, a.code, a.t.Link)
	x := a.x + side - a.lead()
	w := a.x + a.w - x
	below := a.issued(x, a.captions(x, a.y+a.quiet()-a.sizes.gap, w, layout.Left), w, layout.Left)
	if !a.narrow() {
		for _, lang := range a.langs {
			if s := a.ifMissed(lang); s != "" {
				below = a.sheet.Text(x, below+a.sizes.gap, w, a.noteStyle(lang), s)
			}
		}
		a.saidMissed = true
	}
	a.y = max(a.y-a.sizes.gap+side-a.sizes.gap, below)
}

func (a *ticketArt) captions(x, y, w int, align layout.Align) int {
	for _, lang := range a.e.facts {
		st := a.style(lang, a.sizes.body)
		st.Align, st.Balance = align, true
		y = a.sheet.Text(x, y, w, st, a.labels.T(lang, "paper.ticket.live"))
	}
	return y
}

// expect lists window, people ahead and the time not to come before.
func (a *ticketArt) expect(x, y, w int) int {
	if a.t.From.IsZero() && a.t.To.IsZero() {
		y = a.said(x, y, w, "paper.ticket.no_window") + a.sizes.gap
	} else {
		y = a.fact(x, y, w, "paper.ticket.window", a.span(), a.sizes.window) + a.sizes.gap
	}
	if a.t.Ahead >= 0 {
		y = a.fact(x, y, w, "paper.ticket.ahead", strconv.Itoa(a.t.Ahead), a.sizes.value) + a.sizes.gap
	}
	if !a.t.NotBefore.IsZero() {
		y = a.fact(x, y, w, "paper.ticket.not_before", a.clock(a.t.NotBefore), a.sizes.value) + a.sizes.gap
	}
	return y - a.sizes.gap
}

func (a *ticketArt) said(x, y, w int, key string) int {
	for _, lang := range a.e.facts {
		y = a.sheet.Text(x, y, w, a.style(lang, a.sizes.body), a.labels.T(lang, key))
	}
	return y
}

// fact is a label in every language and one value, beside it where both fit,
// else below.
func (a *ticketArt) fact(x, y, w int, key, value string, size int) int {
	st := layout.Style{Lang: a.langs[0], Size: size, Bold: true}
	if wide := a.sheet.Measure(st, value); wide > w {
		st.Size = size * w / wide
	}
	st.Pitch = st.Size
	room := w - a.sheet.Measure(st, value) - 16
	widest := 0
	for _, lang := range a.e.facts {
		widest = max(widest, a.sheet.Measure(a.style(lang, a.sizes.body), a.labels.T(lang, key)))
	}
	if widest > room {
		return a.sheet.Text(x, a.said(x, y, w, key)+2, w, st, value)
	}
	bottom := a.said(x, y, room, key)
	st.Align = layout.Right
	a.sheet.Text(x, y+max(0, (bottom-y-size)/2), w, st, value)
	return max(bottom, y+size)
}

func (a *ticketArt) clock(t time.Time) string { return t.In(a.t.Issued.Location()).Format("15:04") }

func (a *ticketArt) span() string {
	switch {
	case a.t.To.IsZero() || a.t.To.Equal(a.t.From):
		return a.clock(a.t.From)
	case a.t.From.IsZero():
		return a.clock(a.t.To)
	}
	return a.clock(a.t.From) + "–" + a.clock(a.t.To)
}

// notes say what to have ready and what to do when the number was missed.
func (a *ticketArt) notes() {
	ruled := false
	for _, lang := range a.langs {
		notes := []string{a.toBring(lang)}
		if !a.saidMissed {
			notes = append(notes, a.ifMissed(lang))
		}
		for _, note := range notes {
			if note != "" && !ruled {
				a.rule()
				ruled = true
			}
			a.y = a.sheet.Text(a.x, a.y, a.w, a.noteStyle(lang), note)
		}
	}
}

func (a *ticketArt) noteStyle(lang string) layout.Style {
	st := a.style(lang, a.sizes.note)
	st.Balance = true
	return st
}

// toBring and ifMissed are empty where there is nothing to say in a language.
func (a *ticketArt) toBring(lang string) string {
	if len(a.t.Bring) == 0 || !slices.Contains(a.e.bring, lang) {
		return ""
	}
	return a.labels.T(lang, "paper.ticket.bring") + a.list(lang, a.t.Bring)
}

func (a *ticketArt) ifMissed(lang string) string {
	if a.t.ReturnWithin <= 0 || !slices.Contains(a.e.missed, lang) {
		return ""
	}
	return a.labels.T(lang, "paper.ticket.missed", "minutes", int(a.t.ReturnWithin/time.Minute))
}

// issued is when the ticket was taken, with a word of the first language where
// it has room: day and time are written the same in all.
func (a *ticketArt) issued(x, y, w int, align layout.Align) int {
	lang, at := a.langs[0], a.t.Issued.Format("2006-01-02 15:04")
	st := a.style(lang, a.sizes.body)
	if full := a.labels.T(lang, "paper.ticket.issued") + " " + at; a.sheet.Measure(st, full) <= w {
		at = full
	} else {
		st = a.style("en", a.sizes.body)
	}
	st.Align = align
	return a.sheet.Text(x, y+a.sizes.gap/2, w, st, at)
}

// foot says of a reprint that it is one.
func (a *ticketArt) foot() {
	if a.t.Copy > 0 {
		a.y += a.sizes.gap
		a.copyTag()
	}
}

func (a *ticketArt) copyTag() {
	const margin = 8
	st, words, w := a.style(a.langs[0], a.sizes.body), a.copyWords(a.t.Copy), a.w-2*margin
	if a.sheet.Measure(st, words) > w {
		st = a.style(a.langs[0], smallest)
	}
	st.Align, st.White, st.Lines, st.Pitch = layout.Middle, true, 1, st.Size*3/2
	a.sheet.Rect(a.x, a.y, a.w, st.Pitch)
	a.y = a.sheet.Text(a.x+margin, a.y, w, st, words)
}

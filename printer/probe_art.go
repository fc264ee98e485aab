package printer

import (
	"vez/printer/font"
	"vez/printer/layout"
)

// composeProbe sets the page that proves a printer: a code to type back, and a
// pattern that shows whether every element of the head burns.
func composeProbe(set *font.Set, labels Labels, paper stock, p Probe) *layout.List {
	a := probeArt{art: newArt(set, labels, p.Languages, paper.strip()), p: p}
	a.draw()
	return a.finish(p.Name)
}

type probeArt struct {
	*art
	p Probe
}

func (a *probeArt) draw() {
	for _, lang := range a.langs {
		st := a.style(lang, 34)
		st.Bold = isFirst(a.langs, lang)
		a.y = a.sheet.Text(a.x, a.y, a.w, a.fit(st, a.w, 22, a.title(lang)), a.title(lang))
	}
	a.y += 14
	a.sheet.Wave(a.x, a.y, a.w, 48, 5, 4)
	a.y += 20
	name := layout.Style{Lang: a.langs[0], Size: 40, Bold: true, Lines: 2}
	a.y = a.sheet.Text(a.x, a.y, a.w, name, a.p.Name)
	a.y = a.stack(a.x, a.y, a.w, a.p.Office, a.langs, func(lang string) layout.Style {
		st := a.style(lang, smallest)
		st.Lines, st.Balance = 2, true
		return st
	})
	a.code()
	a.pattern()
	st := a.style(a.langs[0], smallest)
	a.y = a.sheet.Text(a.x, a.y+10, a.w, st, a.inAll("paper.slip.issued", " · ")+" "+a.p.Issued.Format("2006-01-02 15:04"))
}

func (a *probeArt) title(lang string) string { return a.labels.T(lang, "paper.probe.title") }

// code is what is typed back, in two groups; a mere test page has none.
func (a *probeArt) code() {
	a.y += 16
	if a.p.Code == "" {
		return
	}
	a.lines("paper.probe.code")
	code := a.p.Code
	if len(code) == 6 {
		code = code[:3] + " " + code[3:]
	}
	st := a.fit(layout.Style{Lang: "en", Size: 150, Bold: true, Align: layout.Middle}, a.w, 0, code)
	st.Pitch = st.Size * 11 / 10
	a.y = a.sheet.Text(a.x, a.y+6, a.w, st, code) + 10
}

func (a *probeArt) lines(key string) {
	for _, lang := range a.langs {
		st := a.style(lang, smallest)
		st.Balance = true
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.labels.T(lang, key))
	}
}

// pattern is a bar that every element burns, where a dead one leaves a white
// line; below it steps, in which each element burns alone for a millimetre, so
// that a dead one leaves a gap that can be counted off; and a rule of
// centimetres to count by.
func (a *probeArt) pattern() {
	const bar, step, steps = 40, 8, 16
	a.sheet.Rect(a.x, a.y, a.w, bar)
	a.y += bar + 10
	for i := range a.w {
		a.sheet.Rect(a.x+i, a.y+i%steps*step, 1, step)
	}
	a.y += steps*step + 8
	for i := 0; i <= a.w; i += layout.DotsPerMM * 5 {
		tall := 8
		if i%(layout.DotsPerMM*10) == 0 {
			tall = 16
		}
		a.sheet.Rect(min(a.x+i, a.x+a.w-2), a.y, 2, tall)
	}
	a.y += 26
	a.lines("paper.probe.pattern")
}

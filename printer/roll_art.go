package printer

import (
	"slices"
	"strings"

	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/qr"
)

// The longest that slips, passes and reminders on a roll may be, in dots.
const (
	MaxRoll   = 160 * layout.DotsPerMM
	MaxRoll58 = 190 * layout.DotsPerMM
)

// rollTry is one way to make a slip short enough.
type rollTry struct {
	langs []string
	lines int // of a name
	bring bool
}

// rollTries are the ways, the best first. Documents go first (the live page
// lists them), then the languages between the first and the last, which is the
// holder's own. A reminder keeps its documents longer than its languages.
func rollTries(kind slipKind, langs []string) []rollTry {
	own := langs[len(langs)-1:]
	two := slices.Compact(append(slices.Clone(langs[:1]), own...))
	if kind == reminderSlip {
		return []rollTry{{langs, 2, true}, {two, 2, true}, {two, 1, true}, {own, 2, true}, {two, 2, false}, {two, 1, false}, {own, 1, false}}
	}
	return []rollTry{{langs, 2, true}, {langs, 2, false}, {two, 2, false}, {two, 1, false}, {own, 1, false}}
}

// composeRoll sets a slip, pass or reminder on a strip: what a person needs to
// come and to be checked in.
func composeRoll(set *font.Set, labels Labels, paper stock, kind slipKind, s Slip) (*layout.List, error) {
	code, module, err := rollCode(s.Code, paper)
	if err != nil {
		return nil, err
	}
	longest := MaxRoll
	if paper.format == Roll58 {
		longest = MaxRoll58
	}
	var list *layout.List
	for _, try := range rollTries(kind, s.Languages) {
		kept := s
		if !try.bring {
			kept.Bring = nil
		}
		a := rollArt{slipArt: slipArt{art: newArt(set, labels, try.langs, paper), s: kept, kind: kind, code: code, size: smallest},
			module: module, lines: try.lines}
		a.draw()
		if list = a.finish(a.title(s.Languages[0]) + " " + s.Reference); list.Height <= longest {
			break
		}
	}
	return list, nil
}

// rollCode makes a code as redundant and as large as the paper lets it be; a
// module never takes less than four dots.
func rollCode(text string, paper stock) (code qr.Modules, module int, err error) {
	for _, level := range []qr.Level{qr.M, qr.L} {
		if code, err = qr.Encode(text, level); err != nil {
			continue
		}
		for module = paper.module; module > 4 && (len(code)+2*qr.Quiet)*module > paper.w; {
			module--
		}
		if (len(code)+2*qr.Quiet)*module <= paper.w {
			return code, module, nil
		}
	}
	return code, module, err
}

// rollArt draws a slip on a strip.
type rollArt struct {
	slipArt
	module int
	lines  int // of a name
}

func (a *rollArt) draw() {
	a.head()
	a.when()
	a.scan()
	a.what()
	a.advice()
	a.foot()
}

func (a *rollArt) head() {
	if a.kind == reminderSlip {
		a.titleBand(a.size + 8)
		a.y += 12
		return
	}
	for _, lang := range a.langs {
		st := a.name(lang)
		st.Size += 4
		a.y = a.sheet.Text(a.x, a.y, a.w, a.fit(st, a.w, 22, a.title(lang)), a.title(lang))
	}
	a.y += 14
	a.sheet.Wave(a.x, a.y, a.w, 48, 5, 4)
	a.y += 16
}

func (a *rollArt) name(lang string) layout.Style {
	st := a.style(lang, a.size)
	st.Bold, st.Lines, st.Balance = isFirst(a.langs, lang), a.lines, true
	return st
}

func (a *rollArt) rule() {
	a.y += 8
	a.sheet.Rect(a.x, a.y, a.w, 2)
	a.y += 8
}

// when is the day in words and the hour as the hero; of a pass, until when it
// is valid.
func (a *rollArt) when() {
	if a.kind == returnPass {
		a.y = a.label(a.x, a.y, a.w, a.size, "paper.slip.valid_until", layout.Left)
		a.heroLine()
	}
	for _, lang := range a.langs {
		st := a.style(lang, a.size+4)
		st.Bold = isFirst(a.langs, lang)
		a.y = a.sheet.Text(a.x, a.y, a.w, a.fit(st, a.w, 22, a.day(lang)), a.day(lang))
	}
	switch {
	case a.kind != returnPass:
		a.heroLine()
	case a.narrow():
		a.y = a.sheet.Text(a.x, a.y, a.w, layout.Style{Lang: "en", Size: 36, Bold: true}, a.clock(a.s.End))
	}
}

func (a *rollArt) heroLine() {
	st := a.fit(layout.Style{Lang: a.langs[0], Size: 160, Bold: true}, a.w, 0, a.hero())
	st.Pitch = st.Size
	a.y = a.sheet.Text(a.x, a.y, a.w, st, a.hero())
}

// scan is the code with the reference beside it; on narrow paper below it.
func (a *rollArt) scan() {
	side := (len(a.code) + 2*qr.Quiet) * a.module
	beside := a.w - side + a.module*qr.Quiet/2
	if a.s.Reference == "" || a.narrow() || beside < 200 {
		x := a.x + (a.w-side)/2
		a.sheet.Code(x, a.y, a.module, a.code, a.s.Code)
		a.y += side
		if a.s.Reference != "" {
			a.y = a.referenceAt(a.x, a.y, a.w, 64) + 4
		}
		return
	}
	a.sheet.Code(a.x-a.module*qr.Quiet/2, a.y, a.module, a.code, a.s.Code)
	bottom := a.y + side
	x, y := a.x+a.w-beside, a.y+a.module*qr.Quiet
	for _, group := range strings.Fields(slipReference(a.s.Reference)) {
		st := a.fit(layout.Style{Lang: "en", Size: 100, Bold: true}, beside, 0, group)
		st.Pitch = st.Size * 11 / 10
		y = a.sheet.Text(x, y, beside, st, group)
	}
	a.y = max(bottom, a.label(x, y+8, beside, a.size, a.referenceKey(), layout.Left))
}

// what is the service, the place and what to bring.
func (a *rollArt) what() {
	for _, t := range []Text{a.s.Service, a.s.Office, a.s.Address} {
		if len(t) > 0 {
			a.rule()
			a.y = a.stack(a.x, a.y, a.w, t, a.langs, a.name)
		}
	}
	if len(a.s.Bring) == 0 {
		return
	}
	a.rule()
	for _, lang := range a.langs {
		a.note(lang, a.labels.T(lang, "paper.ticket.bring")+a.list(lang, a.s.Bring))
	}
}

// advice is how to use the paper, and of a reminder until when and where the
// booking can be changed.
func (a *rollArt) advice() {
	a.rule()
	if a.kind != reminderSlip || !a.changes() {
		for _, lang := range a.langs {
			a.note(lang, a.arrive(lang))
		}
		return
	}
	for _, lang := range a.langs {
		a.note(lang, a.change(lang))
	}
	st := a.style("en", a.size)
	st.Bold = true
	a.y = a.sheet.Text(a.x, a.y, a.w, st, a.s.Link)
}

func (a *rollArt) note(lang, text string) {
	st := a.style(lang, a.size)
	st.Balance = true
	a.y = a.sheet.Text(a.x, a.y, a.w, st, text)
}

// foot says of a reprint that it is one.
func (a *rollArt) foot() {
	if again := a.copyWords(a.s.Copy); again != "" {
		a.y += 8
		a.y = a.sheet.Text(a.x, a.y, a.w, a.style(a.langs[0], a.size), again)
	}
}

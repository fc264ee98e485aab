package printer

import (
	"slices"

	"vez/printer/font"
	"vez/printer/layout"
	"vez/printer/qr"
)

// MaxRoll is the longest that a slip on 80 mm paper may be.
const MaxRoll = 160 * layout.DotsPerMM

// composeRoll sets a slip on the paper of a kiosk: what a person needs to come
// and to be checked in. Where it would be too long, documents go first (the
// live page lists them), then the languages between
// the first and the last, which is the holder's own.
func composeRoll(set *font.Set, labels Labels, s Slip) (*layout.List, error) {
	code, err := qr.Encode(s.Code, qr.M)
	if err != nil {
		return nil, err
	}
	draw := func(langs []string, lines int) *layout.List {
		a := rollArt{slipArt: &slipArt{art: newArt(set, labels, langs, ticketWidth, ticketInset), s: s, code: code, size: 28}, lines: lines}
		a.y = ticketTop
		a.draw()
		return a.finish(a.title(langs[0])+" "+s.Reference, a.y+ticketEnd)
	}
	list := draw(s.Languages, 2)
	if list.Height > MaxRoll {
		s.Bring = nil
		list = draw(s.Languages, 2)
	}
	own := s.Languages[len(s.Languages)-1:]
	two := slices.Compact(append(slices.Clone(s.Languages[:1]), own...))
	for _, less := range []struct {
		langs []string
		lines int
	}{{two, 2}, {two, 1}, {own, 1}} {
		if list.Height <= MaxRoll {
			break
		}
		list = draw(less.langs, less.lines)
	}
	return list, nil
}

// rollArt draws a slip on 80 mm paper.
type rollArt struct {
	*slipArt
	lines int // of a name
}

func (a *rollArt) draw() {
	for _, lang := range a.langs {
		st := a.name(lang)
		st.Size += 4
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.title(lang))
	}
	a.y += 14
	a.sheet.Wave(a.x, a.y, a.w, 48, 5, 4)
	a.y += 16
	a.when()
	a.scan()
	a.what()
	a.rule()
	for _, lang := range a.langs {
		st := a.style(lang, a.size)
		st.Balance = true
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.labels.T(lang, a.key("arrive")))
	}
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

// when is the day in words and the hour as the hero.
func (a *rollArt) when() {
	at := a.s.Start
	if a.s.Pass {
		at = a.s.End
		a.y = a.sheet.Text(a.x, a.y, a.w, a.style(a.langs[0], a.size), a.inAll("paper.slip.valid_until", " · "))
	}
	for _, lang := range a.langs {
		st := a.style(lang, a.size+4)
		st.Bold = isFirst(a.langs, lang)
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.labels.DateLong(lang, at.In(a.s.Issued.Location())))
	}
	st := layout.Style{Lang: a.langs[0], Size: 160, Bold: true, Pitch: 160}
	a.y = a.sheet.Text(a.x, a.y, a.w, st, a.clock(at))
}

// scan is the code, in the middle, with the reference below it.
func (a *rollArt) scan() {
	const module = 6
	side := (len(a.code) + 2*qr.Quiet) * module
	a.sheet.Code(a.x+(a.w-side)/2, a.y, module, a.code, a.s.Code)
	a.y = a.reference(a.x+(a.w-side)/2, a.y+side, side) + 4
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
		st := a.style(lang, a.size)
		a.y = a.sheet.Text(a.x, a.y, a.w, st, a.labels.T(lang, "paper.ticket.bring")+a.list(lang, a.s.Bring))
	}
}

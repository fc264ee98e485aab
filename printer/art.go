package printer

import (
	"slices"
	"strconv"
	"strings"

	"vez/printer/font"
	"vez/printer/layout"
)

// art is what tickets and slips share: a sheet, the languages, and the column
// that text stands in.
type art struct {
	stock
	sheet  *layout.Sheet
	labels Labels
	langs  []string
	y      int // where the drawing has come to
}

func newArt(set *font.Set, labels Labels, langs []string, paper stock) *art {
	return &art{stock: paper, sheet: layout.NewSheet(set, paper.width, paper.inset), labels: labels, langs: langs, y: paper.top}
}

// finish cuts a strip where the drawing has come to.
func (a *art) finish(title string) *layout.List {
	a.sheet.Title, a.sheet.Height = title, a.height
	if a.height == 0 {
		a.sheet.Height = a.y + a.end
	}
	return &a.sheet.List
}

// style is text of a language; Latin letters look as large as Chinese ones at
// four fifths of their size.
func (a *art) style(lang string, size int) layout.Style {
	if !isChinese(lang) {
		size = (size*4 + 2) / 5
	}
	return layout.Style{Lang: lang, Size: size}
}

// stack sets a text in several languages below each other, one paragraph each,
// and leaves out what would stand twice.
func (a *art) stack(x, y, w int, text Text, langs []string, style func(lang string) layout.Style) int {
	var seen []string
	for _, lang := range langs {
		s := text.In(lang)
		if slices.Contains(seen, s) {
			continue
		}
		seen = append(seen, s)
		y = a.sheet.Text(x, y, w, style(lang), s)
	}
	return y
}

// fit makes type smaller until a text fits on one line, though no smaller than
// least; Chinese never under smallest.
func (a *art) fit(st layout.Style, w, least int, text string) layout.Style {
	if isChinese(st.Lang) {
		least = max(least, smallest)
	}
	if wide := a.sheet.Measure(st, text); wide > w {
		st.Size = max(min(st.Size, least), st.Size*w/wide)
	}
	return st
}

// inline sets a label in every language on one line, parted by points, each in
// its own size. It draws nothing and gives ok false where w is too short.
func (a *art) inline(x, y, w int, size int, key string, align layout.Align) (below int, ok bool) {
	type part struct {
		st   layout.Style
		text string
	}
	var parts []part
	var seen []string
	wide, point := 0, " · "
	for _, lang := range a.langs {
		s := a.labels.T(lang, key)
		if slices.Contains(seen, s) {
			continue
		}
		if seen = append(seen, s); len(parts) > 0 {
			parts = append(parts, part{a.style("en", size), point})
			wide += a.sheet.Measure(a.style("en", size), point)
		}
		parts = append(parts, part{a.style(lang, size), s})
		wide += a.sheet.Measure(a.style(lang, size), s)
	}
	if wide > w {
		return y, false
	}
	if align == layout.Middle {
		x += (w - wide) / 2
	}
	pitch := size * 6 / 5
	base := y + (pitch-size)/2 + size*88/100
	for _, p := range parts {
		x += a.sheet.Line(x, base, p.st, p.text)
	}
	return y + pitch, true
}

// label is inline where there is room, else a line for each language.
func (a *art) label(x, y, w int, size int, key string, align layout.Align) int {
	if below, ok := a.inline(x, y, w, size, key, align); ok {
		return below
	}
	for _, lang := range a.langs {
		st := a.style(lang, size)
		st.Align, st.Lines = align, 2
		y = a.sheet.Text(x, y, w, st, a.labels.T(lang, key))
	}
	return y
}

// list joins names the way a language does.
func (*art) list(lang string, names []Text) string {
	all := make([]string, len(names))
	for i, n := range names {
		all[i] = n.In(lang)
	}
	if isChinese(lang) {
		return strings.Join(all, "、")
	}
	return strings.Join(all, "; ")
}

// inAll is a label in every language on one line, each wording once.
func (a *art) inAll(key, between string) string {
	var all []string
	for _, lang := range a.langs {
		if s := a.labels.T(lang, key); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return strings.Join(all, between)
}

// band is a title in every language on black, with a bell.
func (a *art) band(size int, title func(lang string) string) {
	icon, edge := size*7/4, size/2
	x, w := a.x+icon+edge*2, a.w-icon-edge*3
	high := 0
	for _, lang := range a.langs {
		st := a.bandStyle(lang, size)
		high += a.sheet.Rows(w, st, title(lang)) * st.Size * 6 / 5
	}
	top, tall := a.y, max(high+edge*4/3, icon+edge)
	a.sheet.Rect(a.x, top, a.w, tall)
	for name, points := range bell(float64(a.x+edge), float64(top+(tall-icon)/2), float64(icon)) {
		a.sheet.Shape(name, true, points)
	}
	y := top + (tall-high)/2
	for _, lang := range a.langs {
		y = a.sheet.Text(x, y, w, a.bandStyle(lang, size), title(lang))
	}
	a.y = top + tall
}

func (a *art) bandStyle(lang string, size int) layout.Style {
	st := a.style(lang, max(size*3/4, smallest))
	if isFirst(a.langs, lang) {
		st = a.style(lang, size)
		st.Bold = true
	}
	st.White = true
	return st
}

// copyWords says of a reprint that it is one; empty for the first paper.
func (a *art) copyWords(copy int) string {
	if copy <= 0 {
		return ""
	}
	text := a.inAll("paper.copy", " / ")
	if copy > 1 {
		text += " " + strconv.Itoa(copy)
	}
	return text
}

// smallest is the least size of type: Chinese of 3.5 mm, and Latin letters that
// go with it.
const smallest = layout.MinChinese

func isFirst(langs []string, lang string) bool { return len(langs) > 0 && langs[0] == lang }

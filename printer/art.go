package printer

import (
	"slices"
	"strings"

	"vez/printer/font"
	"vez/printer/layout"
)

// art is what tickets and slips share: a sheet, the languages, and the column
// that text stands in.
type art struct {
	sheet  *layout.Sheet
	labels Labels
	langs  []string
	x, w   int // the column
	y      int // where the drawing has come to
}

func newArt(set *font.Set, labels Labels, langs []string, width, inset int) *art {
	return &art{sheet: layout.NewSheet(set, width, inset), labels: labels, langs: langs, x: inset, w: width - 2*inset}
}

func (a *art) finish(title string, height int) *layout.List {
	a.sheet.Title, a.sheet.Height = title, height
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

func isFirst(langs []string, lang string) bool { return len(langs) > 0 && langs[0] == lang }

package printer

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"vez/printer/font"
	"vez/printer/layout"
)

// composeLetters sets the cover, as many pages as its list needs, and then a
// page for each letter.
func composeLetters(set *font.Set, labels Labels, paper stock, c Cover, letters []Reminder) ([]*layout.List, error) {
	pages := composeCover(set, labels, paper, c, letters)
	for _, r := range letters {
		if len(r.Languages) == 0 {
			r.Languages = c.Languages
		}
		page, err := composeSheet(set, labels, paper, reminderSlip, r.slip())
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// coverArt draws the pages before the letters: what they are, and a list to
// tick them off by, without names.
type coverArt struct {
	*art
	c    Cover
	m    sheetSizes
	when string // how the time of a booking is written
}

// whenFormat leaves the date out where all letters are of the cover's own day.
func whenFormat(c Cover, letters []Reminder) string {
	for _, r := range letters {
		if r.Start.In(c.Issued.Location()).Format(time.DateOnly) != c.Day.Format(time.DateOnly) {
			return "01-02 15:04"
		}
	}
	return "15:04"
}

func composeCover(set *font.Set, labels Labels, paper stock, c Cover, letters []Reminder) []*layout.List {
	m := sizesA4
	if paper.format == A5 {
		m = sizesA5
	}
	rest := slices.SortedStableFunc(slices.Values(letters), func(a, b Reminder) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Reference, b.Reference))
	})
	var pages []*layout.List
	for len(pages) == 0 || len(rest) > 0 {
		a := coverArt{art: newArt(set, labels, c.Languages, paper), c: c, m: m, when: whenFormat(c, letters)}
		if len(pages) == 0 {
			a.head(len(letters))
		}
		rest = a.list(rest)
		a.foot(len(pages) + 1)
		pages = append(pages, a.finish(labels.T(c.Languages[0], "paper.letters.title")+" "+c.Day.Format("2006-01-02")))
	}
	return pages
}

// head is whose letters they are, for which day, and how many.
func (a *coverArt) head(count int) {
	a.band(a.m.title, func(lang string) string { return a.labels.T(lang, "paper.letters.title") })
	a.y += a.m.title / 2
	a.y = a.stack(a.x, a.y, a.w, a.c.Office, a.langs, func(lang string) layout.Style { return a.heading(lang, a.m.dayToo) })
	a.y += a.m.title / 3
	for _, lang := range a.langs {
		a.y = a.sheet.Text(a.x, a.y, a.w, a.heading(lang, a.m.day), a.labels.DateLong(lang, a.c.Day))
	}
	a.y += a.m.title / 3
	number := layout.Style{Lang: "en", Size: a.m.hour, Bold: true, Pitch: a.m.hour}
	n := strconv.Itoa(count)
	wide := a.sheet.Measure(number, n) + a.m.title/2
	top := a.y
	bottom := a.sheet.Text(a.x, top, a.w, number, n)
	y := top + a.m.hour/4
	for _, lang := range a.langs {
		y = a.sheet.Text(a.x+wide, y, a.w-wide, a.style(lang, a.m.dayToo), a.labels.T(lang, "paper.letters.count"))
	}
	a.y = max(bottom, y) + a.m.title/3
}

func (a *coverArt) heading(lang string, size int) layout.Style {
	st := a.style(lang, size)
	st.Bold, st.Lines = isFirst(a.langs, lang), 2
	return st
}

// list sets hour and reference with a box to tick, in columns, and gives what
// is left for the next page.
func (a *coverArt) list(letters []Reminder) (rest []Reminder) {
	a.sheet.Rect(a.x, a.y, a.w, 2)
	a.y += 14
	for _, lang := range a.langs {
		a.y = a.sheet.Text(a.x, a.y, a.w, a.style(lang, a.m.department), a.labels.T(lang, "paper.letters.list"))
	}
	a.y += 20
	st := layout.Style{Lang: "en", Size: 34}
	bold := st
	bold.Bold = true
	const pitch, box = 52, 28
	hour, wide := a.sheet.Measure(st, a.when)+20, 0
	for _, r := range letters {
		wide = max(wide, a.sheet.Measure(bold, slipReference(r.Reference)))
	}
	const gap = 48
	columns := max(1, (a.w+gap)/(box+16+hour+wide+gap))
	rows := max(1, (a.height-a.end-2*smallest-a.y)/pitch)
	n := min(len(letters), rows*columns)
	rows = min(rows, max((n+columns-1)/columns, 8)) // a short list stands in few columns
	for i, r := range letters[:n] {
		x, base := a.x+i/rows*((a.w+gap)/columns), a.y+i%rows*pitch+36
		a.sheet.Frame(x, base-box+2, box, box, 2)
		a.sheet.Line(x+box+16, base, st, r.Start.In(a.c.Issued.Location()).Format(a.when))
		a.sheet.Line(x+box+16+hour, base, bold, slipReference(r.Reference))
	}
	return letters[n:]
}

func (a *coverArt) foot(page int) {
	line := a.inAll("paper.slip.issued", " · ") + " " + a.c.Issued.Format("2006-01-02 15:04")
	if again := a.copyWords(a.c.Copy); again != "" {
		line += "   " + again
	}
	if page > 1 {
		line += "   (" + strconv.Itoa(page) + ")"
	}
	st := a.style(a.langs[0], smallest)
	st.Lines = 1
	a.sheet.Text(a.x, a.height-a.end-smallest*6/5, a.w, st, line)
}

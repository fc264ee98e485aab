package api

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"

	"vez/locale"
	"vez/office"
)

// index finds services by what people call them, in any of the languages.
type index struct{ entries []entry }

// entry is a service with all its names folded.
type entry struct {
	service *office.Service
	names   map[string]string // by language
	id      string
	// around is what leads to it without naming it: its department's names and category.
	around string
}

func newIndex(c *office.Catalogue) *index {
	x := &index{entries: make([]entry, 0, len(c.Services))}
	for _, s := range c.Services {
		e := entry{service: s, names: map[string]string{}, id: fold(s.ID)}
		for lang, name := range s.Name.Names() {
			e.names[lang] = fold(name)
		}
		around := []string{s.Category}
		if d := c.Department(s.Department); d != nil {
			around = append(around, d.ID, d.Acronym)
			for _, name := range d.Name.Names() {
				around = append(around, name)
			}
		}
		e.around = fold(strings.Join(around, " "))
		x.entries = append(x.entries, e)
	}
	return x
}

// folders are kept to be used again: each has 16 kB of room, and an index folds thousands of names.
var folders = sync.Pool{New: func() any {
	return transform.Chain(width.Fold, norm.NFD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
}}

// fold makes what differs in case, diacritics, width or punctuation equal.
func fold(s string) string {
	t := folders.Get().(transform.Transformer)
	defer folders.Put(t)
	out, _, err := transform.String(t, s)
	if err != nil {
		out = s
	}
	out = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return ' '
	}, out)
	return strings.Join(strings.Fields(out), " ")
}

// hit is a service found, with how well it fits: the lower the better.
type hit struct {
	service *office.Service
	rank    int
	length  int
}

// find lists the services that fit all words of q, the best first: those whose
// name in the asked language fits before other languages, names that begin with
// it before names that have it within, shorter names before longer ones, and
// last those that only their department or category leads to. An empty q gives
// all, in the catalogue's order.
func (x *index) find(q, lang string, keep func(*office.Service) bool) []*office.Service {
	q = fold(q)
	var hits []hit
	for _, e := range x.entries {
		if !keep(e.service) {
			continue
		}
		if h, ok := e.match(q, lang); ok {
			hits = append(hits, h)
		}
	}
	if q != "" {
		slices.SortStableFunc(hits, func(a, b hit) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.length, b.length))
		})
	}
	out := make([]*office.Service, 0, len(hits))
	for _, h := range hits {
		out = append(out, h.service)
	}
	return out
}

// Ranks of a match in the asked language; elsewhere is added for another one.
const (
	exact = iota
	begins
	wordBegins
	within
	scattered // all words, but apart
	aroundIt  // some words stand only around it
	elsewhere = 1
)

// match says how well a service fits.
func (e entry) match(q, lang string) (hit, bool) {
	h := hit{service: e.service, rank: -1, length: len(e.names[lang])}
	if q == "" {
		return h, true
	}
	take := func(rank int) {
		if h.rank < 0 || rank < h.rank {
			h.rank = rank
		}
	}
	for _, l := range locale.Languages {
		if r, ok := inName(e.names[l], q); ok {
			if l != lang {
				take(2*r + elsewhere)
				continue
			}
			take(2 * r)
		}
	}
	switch {
	case e.id == q:
		take(2 * exact)
	case h.rank < 0 && e.led(strings.Fields(q)):
		take(2 * aroundIt)
	}
	return h, h.rank >= 0
}

// inName ranks a folded query in a folded name.
func inName(name, q string) (rank int, ok bool) {
	switch {
	case name == "":
		return 0, false
	case name == q:
		return exact, true
	case strings.HasPrefix(name, q):
		return begins, true
	case strings.Contains(" "+name, " "+q):
		return wordBegins, true
	case strings.Contains(name, q):
		return within, true
	case all(strings.Fields(q), name):
		return scattered, true
	}
	return 0, false
}

// led tells whether every word stands somewhere: in a name, the id or around.
func (e entry) led(words []string) bool {
	text := e.id + " " + e.around
	for _, l := range locale.Languages {
		text += " " + e.names[l]
	}
	return all(words, text)
}

func all(words []string, text string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return len(words) > 0
}

package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vez/office"
)

// MostTyped is how many characters of a query are read.
const MostTyped = 80

// Index finds the services of one catalogue. Safe for concurrent use.
type Index struct{ entries []entry }

// entry is a service with all its names folded.
type entry struct {
	service *office.Service
	names   [languages]string
	id      string
	text    string // all that leads to it: names, id, department and category
}

const languages = 4

func namesOf(t office.Text) [languages]string {
	return [languages]string{t.ZhHant, t.PT, t.EN, t.ZhHans}
}

// place is where a language's name stands among them; -1 for any other language.
func place(lang string) int { return slices.Index([]string{"zh-Hant", "pt", "en", "zh-Hans"}, lang) }

// New makes the index of a catalogue.
func New(c *office.Catalogue) *Index {
	x := &Index{entries: make([]entry, 0, len(c.Services))}
	for _, s := range c.Services {
		e := entry{service: s, names: namesOf(s.Name), id: fold(s.ID)}
		text := []string{s.ID, s.Category}
		if d := c.Department(s.Department); d != nil {
			names := namesOf(d.Name)
			text = append(append(text, d.ID, d.Acronym), names[:]...)
		}
		for i, name := range e.names {
			e.names[i] = fold(name)
			text = append(text, name)
		}
		e.text = fold(strings.Join(text, " "))
		x.entries = append(x.entries, e)
	}
	return x
}

// fold makes texts comparable: without accents, in lower case and one width,
// signs as spaces.
func fold(s string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsNumber(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(strings.ToValidUTF8(s, " ")))), " ") // a stray byte would keep its neighbour whole
}

// hit is a service found, with how well it fits: the lower the better.
type hit struct {
	service *office.Service
	rank    int
	length  int // of its name in the asked language
}

// Find lists the services that fit all words of what was typed, the likeliest
// first: whose name it is before names that begin with it, then names that have
// it within; where that is equal, the name in the asked language before others
// and the shorter before the longer; then those that only their department or
// category leads to, and last what resembles it in Chinese. A text without a
// letter or figure finds nothing.
func (x *Index) Find(typed, lang string) []*office.Service {
	q := fold(Typed(typed))
	words, asked := strings.Fields(q), place(lang)
	if len(words) == 0 {
		return nil
	}
	var hits []hit
	for i := range x.entries {
		e := &x.entries[i]
		if rank, ok := e.match(q, words, asked); ok {
			hits = append(hits, hit{e.service, rank, len(e.service.Name.In(lang))})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(a.length, b.length))
	})
	out := make([]*office.Service, len(hits))
	for i, h := range hits {
		out[i] = h.service
	}
	return out
}

// How a query stands in a name, twice as far apart as whether the name is of
// another language.
const (
	exact = 2 * iota
	begins
	wordBegins
	within
	scattered // all words, but apart
	aroundIt  // some words stand only around it
	resembles // some words do not stand there, but most of their characters do
	elsewhere = 1
)

// match says how well a service fits; asked is the place of the asked language.
func (e *entry) match(q string, words []string, asked int) (rank int, ok bool) {
	if e.id == q {
		return exact, true
	}
	rank = resembles + elsewhere
	for i, name := range e.names {
		if r, fits := inName(name, q, words); fits {
			if i != asked {
				r += elsewhere
			}
			rank, ok = min(rank, r), true
		}
	}
	switch {
	case ok:
		return rank, true
	case all(words, e.text):
		return aroundIt, true
	}
	return resembles, e.resembles(words)
}

// inName ranks a folded query in a folded name.
func inName(name, q string, words []string) (rank int, ok bool) {
	switch {
	case name == "":
		return 0, false
	case name == q:
		return exact, true
	case strings.HasPrefix(name, q):
		return begins, true
	case strings.Contains(name, " "+q):
		return wordBegins, true
	case strings.Contains(name, q):
		return within, true
	case all(words, name):
		return scattered, true
	}
	return 0, false
}

func all(words []string, text string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// resembles tells whether each word stands somewhere, or two thirds of its pairs
// of Chinese characters in one name: who leaves a character out, or turns two
// words round, is understood.
func (e *entry) resembles(words []string) bool {
	for _, w := range words {
		if !strings.Contains(e.text, w) && !slices.ContainsFunc(e.names[:], func(name string) bool { return mostPairs(name, w) }) {
			return false
		}
	}
	return true
}

// mostPairs tells whether a name has two of three neighbouring Chinese characters of a word.
func mostPairs(name, word string) bool {
	runes := []rune(word)
	pairs, found := 0, 0
	for i := 0; i+1 < len(runes); i++ {
		if !unicode.Is(unicode.Han, runes[i]) || !unicode.Is(unicode.Han, runes[i+1]) {
			return false
		}
		pairs++
		if strings.Contains(name, string(runes[i:i+2])) {
			found++
		}
	}
	return pairs > 1 && 3*found >= 2*pairs
}

// Typed is as much of a query as is read, without the spaces around it.
func Typed(s string) string {
	if r := []rune(s); len(r) > MostTyped {
		s = string(r[:MostTyped])
	}
	return strings.TrimSpace(s)
}

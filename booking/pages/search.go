package pages

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vez/office"
)

// index finds services by what people type, in any of the four languages.
type index struct{ entries []entry }

type entry struct {
	service *office.Service
	names   []string // folded, of the four languages
	other   string   // folded: department, its acronym and the id
}

func newIndex(cat *office.Catalogue) *index {
	x := &index{entries: make([]entry, 0, len(cat.Services))}
	for _, s := range cat.Services {
		e := entry{service: s, other: fold(s.ID)}
		for _, name := range []string{s.Name.ZhHant, s.Name.ZhHans, s.Name.PT, s.Name.EN} {
			e.names = append(e.names, fold(name))
		}
		if d := cat.Department(s.Department); d != nil {
			e.other += " " + fold(strings.Join([]string{d.Acronym, d.Name.ZhHant, d.Name.ZhHans, d.Name.PT, d.Name.EN}, " "))
		}
		x.entries = append(x.entries, e)
	}
	return x
}

// fold makes texts comparable: without accents, in lower case, signs as spaces.
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

// mostTyped bounds what is read of a search.
const mostTyped = 80

// find lists the services that fit what was typed, the likeliest first.
func (x *index) find(typed string) []*office.Service {
	words := strings.Fields(fold(firstRunes(typed, mostTyped)))
	if len(words) == 0 {
		return nil
	}
	type hit struct {
		s     *office.Service
		score int
	}
	var hits []hit
	for _, e := range x.entries {
		if n := e.score(words); n > 0 {
			hits = append(hits, hit{e.service, n})
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(len(b.s.Queues), len(a.s.Queues)))
	})
	out := make([]*office.Service, len(hits))
	for i, h := range hits {
		out[i] = h.s
	}
	return out
}

// score is 0 unless every word is found somewhere.
func (e entry) score(words []string) int {
	total := 0
	for _, w := range words {
		best := 0
		for _, name := range e.names {
			best = max(best, fit(name, w))
		}
		if strings.Contains(e.other, w) {
			best = max(best, 2)
		}
		if best == 0 {
			return 0
		}
		total += best
	}
	return total
}

// fit is how well a word fits a name: as a word of it, at its beginning, at
// that of a word, within, or, for Chinese, by most of its pairs of characters.
func fit(name, word string) int {
	at := strings.Index(name, word)
	switch {
	case at >= 0 && strings.Contains(" "+name+" ", " "+word+" "):
		return 7
	case at == 0:
		return 6
	case at > 0 && name[at-1] == ' ':
		return 5
	case at > 0:
		return 4
	}
	if pairs, found := hanPairs(name, word); pairs > 1 && 3*found >= 2*pairs {
		return 3
	}
	return 0
}

// hanPairs counts the neighbouring Chinese characters of a word, and those that a name has.
func hanPairs(name, word string) (pairs, found int) {
	runes := []rune(word)
	for i := 0; i+1 < len(runes); i++ {
		if !unicode.Is(unicode.Han, runes[i]) || !unicode.Is(unicode.Han, runes[i+1]) {
			return 0, 0
		}
		pairs++
		if strings.Contains(name, string(runes[i:i+2])) {
			found++
		}
	}
	return pairs, found
}

func firstRunes(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

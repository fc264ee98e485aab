package pages

import (
	"sort"
	"unicode"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"vez/locale"
	"vez/office"
)

// offered is a service and the queue that serves it at an office.
type offered struct {
	service *office.Service
	queue   *office.Queue
}

// index finds the services of each office. It is made once and only read.
type index struct {
	cat      *office.Catalogue
	byOffice map[string][]offered
}

func newIndex(cat *office.Catalogue) *index {
	x := &index{cat: cat, byOffice: map[string][]offered{}}
	for _, s := range cat.Services {
		for _, id := range s.Queues {
			if q := cat.Queue(id); q != nil {
				x.byOffice[q.Office] = append(x.byOffice[q.Office], offered{s, q})
			}
		}
	}
	return x
}

// sorted lists the services of an office that keep accepts, by their names in a language.
func (x *index) sorted(officeID, lang string, keep func(offered) bool) []offered {
	var out []offered
	for _, s := range x.byOffice[officeID] {
		if keep(s) {
			out = append(out, s)
		}
	}
	by := collate.New(language.Make(lang), collate.Loose)
	var buf collate.Buffer
	keys := make(map[*office.Service][]byte, len(out))
	for _, s := range out {
		keys[s.service] = by.KeyFromString(&buf, s.service.Name.In(lang))
	}
	sort.SliceStable(out, func(i, j int) bool { return string(keys[out[i].service]) < string(keys[out[j].service]) })
	return out
}

// letters lists the first letters of an office's services, in order.
func (x *index) letters(officeID, lang string) []string {
	have := map[string]bool{}
	for _, s := range x.byOffice[officeID] {
		have[letter(s.service.Name.In(lang))] = true
	}
	out := make([]string, 0, len(have))
	for l := range have {
		if l != "" {
			out = append(out, l)
		}
	}
	sort.Strings(out)
	return out
}

// subjects lists the categories that an office has services of, in catalogue order.
func (x *index) subjects(officeID string) []office.Category {
	have := map[string]bool{}
	for _, s := range x.byOffice[officeID] {
		have[s.service.Category] = true
	}
	var out []office.Category
	for _, c := range x.cat.Categories {
		if have[c.ID] {
			out = append(out, c)
		}
	}
	return out
}

// letter is the plain capital that a name begins with: E for "Élevadores"; ""
// where there is none.
func letter(name string) string {
	for _, c := range norm.NFD.String(name) {
		if c = unicode.ToUpper(c); c >= 'A' && c <= 'Z' {
			return string(c)
		}
		if unicode.IsLetter(c) {
			return ""
		}
	}
	return ""
}

// alphabetic says whether a language is looked up by first letters.
func alphabetic(lang string) bool { return lang == locale.Pt || lang == locale.En }

package pages

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vez/hall/halltest"
)

// FuzzSearch types anything into the search: what is found fits every word, the
// same again however it is folded, and each service by its own whole name.
func FuzzSearch(f *testing.F) {
	x := newIndex(halltest.Macao())
	for i, e := range x.entries {
		if i%40 == 0 {
			for _, name := range []string{e.service.Name.ZhHant, e.service.Name.PT, e.service.Name.EN, e.service.Name.ZhHans} {
				f.Add(name, uint16(i))
			}
		}
	}
	for _, typed := range []string{"", " ", "BIR", "ÉLÉVADOR", "ｂｉｒ", "身份證 DSI", "e\u0301\u0323", "ﬁ", "İ", "ẞ", "\xff\xfe", "½ Ⅻ ㊙", strings.Repeat("字 ", 90), "ᾳ", "가"} {
		f.Add(typed, uint16(7))
	}
	f.Fuzz(func(t *testing.T, typed string, i uint16) {
		folded := fold(typed)
		if fold(folded) != folded || !utf8.ValidString(folded) || folded != strings.Join(strings.Fields(folded), " ") {
			t.Fatalf("%q is folded to %q, that to %q", typed, folded, fold(folded))
		}
		found := x.find(typed)
		if again := x.find(firstRunes(typed, mostTyped)); !slices.Equal(again, found) {
			t.Fatalf("%q finds %d, then %d", typed, len(found), len(again))
		}
		words := strings.Fields(fold(firstRunes(typed, mostTyped)))
		if len(words) == 0 && len(found) > 0 {
			t.Fatalf("nothing was typed, and %d found", len(found))
		}
		e := x.entries[int(i)%len(x.entries)]
		if hit := slices.Contains(found, e.service); len(words) > 0 && hit != (e.score(words) > 0) {
			t.Fatalf("%q finds %s: %v", typed, e.service.ID, hit)
		}
		for _, name := range []string{e.service.Name.ZhHant, e.service.Name.PT, e.service.Name.EN, e.service.Name.ZhHans} {
			if utf8.RuneCountInString(name) <= mostTyped && !slices.Contains(x.find(name), e.service) {
				t.Fatalf("%q does not find itself", name)
			}
		}
	})
}

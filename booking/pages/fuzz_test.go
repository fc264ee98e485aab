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
	x.entries = x.entries[:200] // enough to find among, five times as often
	for _, typed := range []string{"", " ", "BIR", "ÉLÉVADOR", "ｂｉｒ", "身份證 DSI", "e\u0301\u0323", "ﬁ", "İ", "ẞ", "\xff\xfe", "½ Ⅻ ㊙", strings.Repeat("字 ", 90), "ᾳ", "가"} {
		f.Add(typed, uint16(7))
	}
	f.Fuzz(func(t *testing.T, typed string, i uint16) {
		folded := fold(typed)
		if fold(folded) != folded || !utf8.ValidString(folded) || folded != strings.Join(strings.Fields(folded), " ") {
			t.Fatalf("%q is folded to %q, that to %q", typed, folded, fold(folded))
		}
		found := x.find(typed)
		if cut := firstRunes(typed, mostTyped); cut != typed && !slices.Equal(x.find(cut), found) {
			t.Fatalf("%q does not find what %q finds", typed, cut)
		}
		words := strings.Fields(fold(firstRunes(typed, mostTyped)))
		if len(words) == 0 && len(found) > 0 {
			t.Fatalf("nothing was typed, and %d found", len(found))
		}
		e := x.entries[int(i)%len(x.entries)]
		if hit := slices.Contains(found, e.service); len(words) > 0 && hit != (e.score(words) > 0) {
			t.Fatalf("%q finds %s: %v", typed, e.service.ID, hit)
		}
		name := e.service.Name.In([]string{"zh-Hant", "pt", "en", "zh-Hans"}[i/251%4])
		if utf8.RuneCountInString(name) <= mostTyped && e.score(strings.Fields(fold(name))) == 0 {
			t.Fatalf("%q does not find itself", name)
		}
	})
}

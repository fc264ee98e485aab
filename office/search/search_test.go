package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vez/config"
	"vez/office"
	"vez/office/catalogue"
)

func macao(t testing.TB) *office.Catalogue {
	t.Helper()
	c, mistakes := catalogue.Load(config.Macao())
	if c == nil {
		t.Fatal(mistakes)
	}
	return c
}

func TestPeopleFindAServiceInAnyLanguage(t *testing.T) {
	x := New(macao(t))
	for _, c := range []struct {
		lang, typed, want string
		within            int
	}{
		{"en", "renewal of resident identity card", "dsi-bir-renewal", 1},
		{"en", "RENEWAL of Resident", "dsi-bir-renewal", 1},
		{"en", "card identity renewal resident", "dsi-bir-renewal", 1},
		{"en", "ＲＥＮＥＷＡＬ of resident identity", "dsi-bir-renewal", 1},
		{"en", "dsi-bir-renewal", "dsi-bir-renewal", 1},
		{"en", "居民身份证续期", "dsi-bir-renewal", 1},
		{"en", "document collection", "dsi-document-collection", 1},
		{"pt", "Renovação do BIR", "dsi-bir-renewal", 1},
		{"pt", "renovacao bir", "dsi-bir-renewal", 1},
		{"pt", "REGISTO CRIMINAL", "dsi-criminal-record", 5},
		{"zh-Hant", "居民身份證續期", "dsi-bir-renewal", 1},
		{"zh-Hant", "身份證續期", "dsi-bir-renewal", 5},
		{"zh-Hant", "換領護照", "dsi-passport-renewal", 5},
		{"zh-Hant", "養老金", "fss-old-age-pension", 5},
		{"zh-Hant", "bir", "dsi-bir-renewal", 5},
		{"zh-Hans", "身份证续期", "dsi-bir-renewal", 5},
		{"zh-Hans", "renewal identity card", "dsi-bir-renewal", 5},
		{"xx", "old-age pension", "fss-old-age-pension", 5},
	} {
		found := x.Find(c.typed, c.lang)
		if !slices.ContainsFunc(found[:min(c.within, len(found))], func(s *office.Service) bool { return s.ID == c.want }) {
			var ids []string
			for _, s := range found[:min(5, len(found))] {
				ids = append(ids, s.ID)
			}
			t.Errorf("%q in %s does not find %s among the first %d, but %v", c.typed, c.lang, c.want, c.within, ids)
		}
	}
	if found := x.Find("DSI", "en"); len(found) < 30 {
		t.Errorf("an acronym leads to %d services", len(found))
	}
	for _, typed := range []string{"", "  ", "!?", "zzzz", strings.Repeat("證", 5000)} {
		if found := x.Find(typed, "en"); len(found) > 0 {
			t.Errorf("%.20q finds %d", typed, len(found))
		}
	}
}

func TestTheNearerNameComesFirstThenTheAskedLanguage(t *testing.T) {
	named := func(id, en, pt string) *office.Service {
		return &office.Service{ID: id, Name: office.Text{EN: en, PT: pt}}
	}
	x := New(&office.Catalogue{Services: []*office.Service{
		named("a", "License", "Exame de pesca"), named("b", "Fishing", "Exame"), named("c", "Exame nautico", "Teste"), named("d", "Fees", "Taxa de exame medico"),
	}})
	for lang, want := range map[string]string{"en": "b c a d", "pt": "b a c d"} {
		var got []string
		for _, s := range x.Find("EXAME", lang) {
			got = append(got, s.ID)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, expected %s", lang, got, want)
		}
	}
}

// FuzzSearch types anything into the search: what is found fits every word, the
// same again however it is folded, and each service by its own whole name.
func FuzzSearch(f *testing.F) {
	x := New(macao(f))
	for i, e := range x.entries {
		if i%40 == 0 {
			for _, name := range namesOf(e.service.Name) {
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
		found := x.Find(typed, "pt")
		if cut := Typed(typed); cut != typed && !slices.Equal(x.Find(cut, "pt"), found) {
			t.Fatalf("%q does not find what %q finds", typed, cut)
		}
		words := strings.Fields(fold(Typed(typed)))
		if len(words) == 0 && len(found) > 0 {
			t.Fatalf("nothing was typed, and %d found", len(found))
		}
		e := &x.entries[int(i)%len(x.entries)]
		if hit := slices.Contains(found, e.service); len(words) > 0 && hit != e.resembles(words) {
			t.Fatalf("%q finds %s: %v", typed, e.service.ID, hit)
		}
		name := namesOf(e.service.Name)[i/251%languages]
		if again := x.Find(name, "pt"); utf8.RuneCountInString(name) <= MostTyped && !slices.Contains(again, e.service) {
			t.Fatalf("%q does not find itself", name)
		}
	})
}

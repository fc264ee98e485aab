package locale

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	_ "vez/hall/rapidtest" // the same programs in every run
)

// FuzzMatch sends any Accept-Language: the answer is one of the four, the same
// when it is asked for again, and what stands first in one of the four wins over
// whatever follows, even where that is malformed.
func FuzzMatch(f *testing.F) {
	for _, header := range []string{
		"", "*", "zh-Hant", "zh-HK,zh;q=0.9,en;q=0.8", "pt-PT,pt;q=0.9", "yue-Hans", "zh-CN", "zh-TW;q=0.1,pt;q=0.2", "en-GB,en;q=0.5,*;q=0.1",
		"tlh, i-klingon", "pt;q=nan", "pt;q=0", "de-DE-x-goethe", "fr;q=0.5,,;q=1", "zh_Hant_MO", "x-private", "en-u-co-phonebk-x-foo", "\x00\xff",
		strings.Repeat("a-", 2000), "pt;q=1;q=2", "yue, en",
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := Match(header)
		if !Valid(got) || Match(got) != got {
			t.Fatalf("%q is answered in %q", header, got)
		}
		for _, first := range Languages {
			if got := Match(first + ", " + header + ";q=0.1"); got != first {
				t.Fatalf("who asks for %s before %q is answered in %s", first, header, got)
			}
		}
	})
}

var place = regexp.MustCompile(`\{([^{}]*)\}`)

// FuzzText reads anything as a file of texts: it is refused, or every text of it
// can be written, with what its placeholders were given and nothing of that read
// as a placeholder again.
func FuzzText(f *testing.F) {
	all, err := fs.Glob(files, "text/*/*.yaml")
	if err != nil || len(all) == 0 {
		f.Fatal(all, err)
	}
	for _, name := range all {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text[:min(len(text), 700)]), "a{name}b", int64(2))
	}
	for _, text := range []string{
		"a: one {name}\n", "a: {one: \"{count} person\", other: \"{count} people\"}\n", "a: {other: x, many: \"{n}{m}\"}", "a: \"{\"", "a: \"}{x:date}{\"",
		"a: 5", "a: {other: {other: x}}", "other: x", "a: &b {c: *b}", "? [a]\n: b", "a: \"{{name}}\"", "a: \"{name:}{:date}{}\"", "a: b\na: c", "a: {other: 1}",
	} {
		f.Add(text, "任何 {name} 名稱", int64(0))
	}
	f.Fuzz(func(t *testing.T, text, value string, n int64) {
		lang := Languages[uint64(n)%uint64(len(Languages))]
		c, err := loadCatalogue(fstest.MapFS{"text/" + lang + "/x.yaml": {Data: []byte(text)}}, lang)
		if err != nil {
			return
		}
		for _, key := range c.keys() {
			writeText(t, Printer{c}, key, value, n)
		}
	})
}

// writeText fills a text with one value for all its placeholders.
func writeText(t *testing.T, p Printer, key, value string, n int64) {
	t.Helper()
	e := p.c.entries[key]
	values := map[string]any{}
	for _, form := range e.forms {
		for _, m := range place.FindAllStringSubmatch(form, -1) {
			name, _, _ := strings.Cut(m[1], ":")
			values[name] = value
		}
	}
	got := p.T(key, values)
	if len(e.forms) == 1 && strings.Count(e.forms["other"], "{") == len(place.FindAllString(e.forms["other"], -1)) {
		want := place.ReplaceAllStringFunc(e.forms["other"], func(string) string { return value })
		if got != want {
			t.Fatalf("%s: %q, want %q", key, got, want)
		}
	}
	if utf8.ValidString(value) && utf8.ValidString(e.forms["other"]) && !utf8.ValidString(got) {
		t.Fatalf("%s: %q is no text", key, got)
	}
	for name := range values {
		values[name] = n
	}
	values["count"] = n
	if got := p.T(key, values); len(e.forms) > 1 && strings.HasPrefix(got, "⟦"+key+"⟧") && balanced(e) {
		t.Fatalf("%s with %d has no text", key, n)
	}
	for name := range values {
		values[name] = time.UnixMilli(n % 1e14)
	}
	_ = p.T(key, values)
}

// balanced tells that all forms of a text close their braces and none is empty.
func balanced(e entry) bool {
	for _, form := range e.forms {
		if form == "" || strings.Count(form, "{") != len(place.FindAllString(form, -1)) {
			return false
		}
	}
	return true
}

// Any number and any instant: the digits are those of the number in every
// language, and nothing is empty or half written.
func TestFiguresAreTheSameInEveryLanguage(t *testing.T) {
	text, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	notDigit := regexp.MustCompile(`[^0-9]+`)
	rapid.Check(t, func(t *rapid.T) {
		n, x, places := rapid.Int64().Draw(t, "n"), rapid.Float64Range(-1e15, 1e15).Draw(t, "x"), rapid.IntRange(0, 7).Draw(t, "places")
		at := time.Unix(rapid.Int64Range(-1<<37, 1<<37).Draw(t, "seconds"), 0).UTC()
		var all []string
		for _, lang := range Languages {
			p := text.In(lang)
			all = append(all, notDigit.ReplaceAllString(p.Number(n), "")+" "+notDigit.ReplaceAllString(p.Decimal(x, places), ""))
			for what, said := range map[string]string{
				"a date": p.Date(at), "a long date": p.DateLong(at), "a day": p.Day(at), "a time": p.DateTime(at), "a month": p.Month(at),
				"a span": p.Span(at, at), "a duration": p.Duration(time.Duration(n)), "today": p.Near(at, at), "a share": p.Percent(x),
			} {
				if said == "" || strings.Contains(said, "⟦") || strings.Contains(said, "%!") {
					t.Fatalf("%s: %s is %q", lang, what, said)
				}
			}
		}
		if len(slices.Compact(all)) != 1 {
			t.Fatalf("%d and %v are %v", n, x, all)
		}
	})
}

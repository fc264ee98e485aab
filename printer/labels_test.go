package printer_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"vez/printer"
)

// flat joins the keys of a table of labels with dots.
func flat(m map[string]any, prefix string, out map[string]string) {
	for k, v := range m {
		switch v := v.(type) {
		case map[string]any:
			if _, plural := v["other"]; plural {
				out[prefix+k] = v["other"].(string)
				continue
			}
			flat(v, prefix+k+".", out)
		case string:
			out[prefix+k] = v
		}
	}
}

func TestEveryLabelStandsInAllFourLanguages(t *testing.T) {
	l := readLabels(t)
	want := map[string]string{}
	flat(l["zh-Hant"], "", want)
	if len(want) < 20 {
		t.Fatalf("only %d labels", len(want))
	}
	for _, lang := range []string{"pt", "en", "zh-Hans"} {
		got := map[string]string{}
		flat(l[lang], "", got)
		if a, b := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)); !slices.Equal(a, b) {
			t.Errorf("%s: keys %v, want %v", lang, b, a)
		}
		for key, text := range got {
			if strings.Count(text, "{") != strings.Count(want[key], "{") {
				t.Errorf("%s %s: other placeholders than zh-Hant", lang, key)
			}
		}
	}
}

func TestEveryLabelCanBePrinted(t *testing.T) {
	p, l := press(t), readLabels(t)
	for lang, table := range l {
		texts := map[string]string{}
		flat(table, "", texts)
		for key, text := range texts {
			if missing, err := p.Uncovered(lang, text); err != nil || len(missing) > 0 {
				t.Errorf("%s %s: missing %q, %v", lang, key, string(missing), err)
			}
		}
	}
}

func TestThePlaceComesFirstAndTheHoldersOwnLanguageIsAdded(t *testing.T) {
	for _, c := range []struct {
		jurisdiction, holder string
		want                 []string
	}{
		{"macao", "", []string{"zh-Hant", "pt"}},
		{"macao", "pt", []string{"zh-Hant", "pt"}},
		{"macao", "en", []string{"zh-Hant", "pt", "en"}},
		{"macao", "zh-Hans", []string{"zh-Hant", "pt", "zh-Hans"}},
		{"hengqin", "", []string{"zh-Hans", "pt"}},
		{"hengqin", "zh-Hant", []string{"zh-Hans", "pt", "zh-Hant"}},
		{"macao", "xx", []string{"zh-Hant", "pt"}},
	} {
		if got := printer.Languages(c.jurisdiction, c.holder); !slices.Equal(got, c.want) {
			t.Errorf("%s, %q: %v, want %v", c.jurisdiction, c.holder, got, c.want)
		}
	}
}

package locale

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"vez/fault"
)

func load(t *testing.T) *Bundle {
	t.Helper()
	b, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestEveryTextExistsInAllFourLanguages(t *testing.T) {
	b := load(t)
	for _, lang := range Languages {
		for _, key := range b.printers[lang].keys() {
			for _, other := range Languages {
				if !b.In(other).Has(key) {
					t.Errorf("%s: %s is missing in %s", b.printers[lang].entries[key].file, key, other)
				}
			}
		}
	}
}

func TestNoTextIsEmptyOrHasAnOpenBrace(t *testing.T) {
	b := load(t)
	for _, lang := range Languages {
		for key, e := range b.printers[lang].entries {
			for category, text := range e.forms {
				if text == "" || strings.Count(text, "{") != strings.Count(text, "}") {
					t.Errorf("%s: %s (%s): %q", e.file, key, category, text)
				}
			}
		}
	}
}

func TestPlaceholdersAreTheSameInEveryLanguage(t *testing.T) {
	b := load(t)
	reference := b.printers[En]
	for _, key := range reference.keys() {
		want := placeholders(reference.entries[key])
		for _, lang := range Languages {
			e, ok := b.printers[lang].entries[key]
			if got := placeholders(e); ok && got != want {
				t.Errorf("%s: %s has {%s}, in English {%s}", e.file, key, got, want)
			}
		}
	}
}

var placeholder = regexp.MustCompile(`\{([a-z_]+)(?::(date|day|time|clock|weekday))?\}`)

// placeholders lists the names in a text, sorted and joined.
func placeholders(e entry) string {
	names := map[string]bool{}
	for _, text := range e.forms {
		for _, m := range placeholder.FindAllStringSubmatch(text, -1) {
			names[m[1]] = true
		}
	}
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, name)
	}
	sort.Strings(list)
	return strings.Join(list, ", ")
}

func TestEveryBraceIsAKnownPlaceholder(t *testing.T) {
	b := load(t)
	for _, lang := range Languages {
		for key, e := range b.printers[lang].entries {
			for _, text := range e.forms {
				if left := placeholder.ReplaceAllString(text, ""); strings.ContainsAny(left, "{}") {
					t.Errorf("%s: %s: %q", e.file, key, text)
				}
			}
		}
	}
}

func TestPluralCategoriesAreThoseOfTheLanguage(t *testing.T) {
	b := load(t)
	for _, lang := range Languages {
		for key, e := range b.printers[lang].entries {
			chinese := strings.HasPrefix(lang, "zh")
			for category := range e.forms {
				if category != "other" && (chinese || category != "one") {
					t.Errorf("%s: %s has the category %q, which %s does not use", e.file, key, category, lang)
				}
			}
			if _, one := b.printers[En].entries[key].forms["one"]; one && lang == Pt && e.forms["one"] == "" {
				t.Errorf("%s: %s has no form for one, as English has", e.file, key)
			}
		}
	}
}

func TestPluralTextsCanBeCounted(t *testing.T) {
	b := load(t)
	for _, lang := range []string{En, Pt} {
		p := b.In(lang)
		for key, e := range b.printers[lang].entries {
			if len(e.forms) < 2 {
				continue
			}
			values := map[string]any{}
			for _, name := range strings.Split(placeholders(e), ", ") {
				values[name] = 1
			}
			values["count"] = 1
			if names := placeholders(e); !strings.Contains(names, "count") && !strings.Contains(names, ",") {
				delete(values, "count")
			}
			one := strings.NewReplacer("{", "", "}", "").Replace(placeholder.ReplaceAllString(e.forms["one"], "1"))
			if got := p.T(key, values); got != one {
				t.Errorf("%s: %s for one gives %q", e.file, key, got)
			}
		}
	}
}

// same are the texts that somebody allowed to be equal, by file.
func same(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("same/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	allowed := map[string]string{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		if err := yaml.Unmarshal(body, &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, text := range texts {
			allowed[text] = file
		}
	}
	return allowed
}

func TestNoTextIsEqualInTwoLanguagesUnlessAllowed(t *testing.T) {
	b, allowed := load(t), same(t)
	used := map[string]bool{}
	for i, lang := range Languages {
		for _, key := range b.printers[lang].keys() {
			e := b.printers[lang].entries[key]
			for _, other := range Languages[i+1:] {
				text := shared(e, b.printers[other].entries[key])
				if text == "" {
					continue
				}
				used[text] = true
				if allowed[text] == "" {
					room, _, _ := strings.Cut(key, ".")
					t.Errorf("%s: %s is the same in %s and %s; write it, or allow it in same/%s.yaml:\n- %q",
						e.file, key, lang, other, room, text)
				}
			}
		}
	}
	for text, file := range allowed {
		if !used[text] {
			t.Errorf("%s: %q is allowed but no text needs it", file, text)
		}
	}
}

// shared gives a form that both have, or "". A text of placeholders and signs
// alone says nothing and may be equal.
func shared(a, b entry) string {
	for _, text := range a.forms {
		for _, other := range b.forms {
			words := strings.Trim(placeholder.ReplaceAllString(text, ""), " 0123456789.,:;·–-—/()%")
			if text == other && words != "" {
				return text
			}
		}
	}
	return ""
}

//go:embed testdata/traditional.txt
var traditionalOnly string

//go:embed testdata/simplified.txt
var simplifiedOnly string

func TestEachChineseIsWrittenInItsScript(t *testing.T) {
	b := load(t)
	for lang, wrong := range map[string]string{ZhHant: simplifiedOnly, ZhHans: traditionalOnly} {
		for key, e := range b.printers[lang].entries {
			for _, text := range e.forms {
				if i := strings.IndexAny(text, strings.TrimSpace(wrong)); i >= 0 {
					t.Errorf("%s: %s has %c of the other script", e.file, key, []rune(text[i:])[0])
				}
			}
		}
	}
}

func TestEveryFaultHasItsTexts(t *testing.T) {
	b := load(t)
	known := map[string]bool{}
	for _, code := range fault.Codes() {
		known[string(code)] = true
		for _, part := range []string{"title", "detail"} {
			if key := fmt.Sprintf("fault.%s.%s", code, part); !b.In(En).Has(key) {
				t.Errorf("text/en/fault.yaml: %s is missing", key)
			}
		}
	}
	for _, key := range b.printers[En].keys() {
		if parts := strings.Split(key, "."); parts[0] == "fault" && !known[parts[1]] {
			t.Errorf("text/en/fault.yaml: %s belongs to no fault", key)
		}
	}
}

func TestFaultTextsUseOnlyTheirParameters(t *testing.T) {
	source, err := os.ReadFile("../fault/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	line := regexp.MustCompile(`Code = "([a-z_]+)"\s*//(.*)`)
	params := regexp.MustCompile(`params: ([^;]*)`)
	b := load(t)
	for _, m := range line.FindAllStringSubmatch(string(source), -1) {
		documented := ""
		if p := params.FindStringSubmatch(m[2]); p != nil {
			documented = p[1]
		}
		for _, part := range []string{"title", "detail"} {
			e := b.printers[En].entries["fault."+m[1]+"."+part]
			for _, form := range e.forms {
				for _, used := range placeholder.FindAllStringSubmatch(form, -1) {
					if !regexp.MustCompile(`\b` + used[1] + `\b`).MatchString(documented) {
						t.Errorf("fault.%s.%s uses {%s}, which is no parameter of it", m[1], part, used[1])
					}
				}
			}
		}
	}
}

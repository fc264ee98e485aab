//go:build browser

package e2e

import (
	"bufio"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"
)

var languages = []string{"zh-Hant", "pt", "en", "zh-Hans"}

// same knows which texts are rightly equal in two languages: those of the
// catalogue of texts that locale/same allows, names of the catalogue of services
// that are equal there, and what testdata/same.txt says with its reasons.
type same struct {
	texts    map[string]bool
	patterns []*regexp.Regexp
}

var placeholder = regexp.MustCompile(`\\\{[^}]*\\\}`)

func rightlySame(t *testing.T) *same {
	t.Helper()
	s := &same{texts: map[string]bool{}}
	s.ours(t)
	s.listed(t)
	s.catalogue(t)
	return s
}

// ours are the texts of locale/same; a placeholder stands for anything.
func (s *same) ours(t *testing.T) {
	files, err := filepath.Glob("../locale/same/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no list of equal texts: %v", err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		if err := yaml.Unmarshal(b, &texts); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, text := range texts {
			quoted := regexp.QuoteMeta(text)
			if pattern := placeholder.ReplaceAllString(quoted, ".*"); pattern != quoted {
				s.patterns = append(s.patterns, regexp.MustCompile("^"+pattern+"$"))
			}
			s.texts[text] = true
		}
	}
}

// listed are the lines of testdata/same.txt.
func (s *same) listed(t *testing.T) {
	f, err := os.Open("testdata/same.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "/"):
			s.patterns = append(s.patterns, regexp.MustCompile("^("+strings.Trim(line, "/")+")$"))
		default:
			s.texts[line] = true
		}
	}
	if lines.Err() != nil {
		t.Fatal(lines.Err())
	}
}

// catalogue allows the names that are equal in the sample catalogue itself, and
// the acronyms by which its departments go in every language.
func (s *same) catalogue(t *testing.T) {
	eachFileOfTheCatalogue(t, func(path string, content map[string]any) {
		s.names(content)
		if filepath.Base(filepath.Dir(path)) == "departments" {
			s.texts[strings.ToUpper(content["id"].(string))] = true
		}
	})
}

// eachFileOfTheCatalogue reads the sample catalogue.
func eachFileOfTheCatalogue(t *testing.T, use func(path string, content map[string]any)) {
	read := 0
	err := filepath.WalkDir("../config/macao", func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".yaml" {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var content map[string]any
		if err := yaml.Unmarshal(b, &content); err != nil {
			return err
		}
		use(path, content)
		read++
		return nil
	})
	if err != nil || read < 30 {
		t.Fatalf("%d files of the catalogue: %v", read, err)
	}
}

// names finds names in four languages anywhere in the catalogue.
func (s *same) names(thing any) {
	switch v := thing.(type) {
	case []any:
		for _, x := range v {
			s.names(x)
		}
	case map[string]any:
		seen := map[string]bool{}
		for _, lang := range languages {
			text, is := v[lang].(string)
			if is && seen[text] {
				s.texts[text] = true
			}
			seen[text] = true
		}
		for _, x := range v {
			s.names(x)
		}
	}
}

// allows says whether a text may be the same in two languages. What has fewer
// than two letters is no word; titles of pages end with the product's name.
func (s *same) allows(text string) bool {
	text = strings.TrimSuffix(text, " · Vez")
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters < 2 || s.texts[text] || slices.ContainsFunc(s.patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}

// compare gives the texts of a page that are equal in two languages and may not
// be, with the languages.
func (s *same) compare(page map[string][]string) []string {
	in := map[string][]string{}
	for _, lang := range languages {
		for _, text := range page[lang] {
			in[text] = append(in[text], lang)
		}
	}
	var found []string
	for _, text := range slices.Sorted(maps.Keys(in)) {
		if len(in[text]) > 1 && !s.allows(text) {
			found = append(found, text+" ("+strings.Join(in[text], ", ")+")")
		}
	}
	return found
}

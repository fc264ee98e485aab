//go:build browser

package e2e

import (
	"bufio"
	"maps"
	"net/http"
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

func rightlySame(t *testing.T, p *program) *same {
	t.Helper()
	s := &same{texts: map[string]bool{}}
	s.ours(t)
	s.listed(t)
	s.catalogue(p)
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

// catalogue allows the names that are equal in the sample catalogue itself.
func (s *same) catalogue(p *program) {
	c := &client{t: p.t, base: p.url, http: http.DefaultClient}
	for _, path := range []string{"/departments", "/offices", "/services", "/offices/dsi-main", "/offices/safp-main", "/offices/iam-main"} {
		for cursor := ""; ; {
			var got map[string]any
			c.must(http.StatusOK, "GET", "/api/v1"+path+"?limit=500"+cursor, nil, &got)
			s.names(got)
			next, more := got["next"].(string)
			if !more {
				break
			}
			cursor = "&cursor=" + next
		}
	}
}

// names finds names in four languages anywhere in an answer.
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
// than two letters is no word.
func (s *same) allows(text string) bool {
	letters := 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters < 2 || s.texts[text] || slices.ContainsFunc(s.patterns, func(p *regexp.Regexp) bool { return p.MatchString(text) })
}

// compare gives the texts of a page that are equal in two languages and may not be.
func (s *same) compare(page map[string][]string) []string {
	found := map[string]bool{}
	for i, a := range languages {
		for _, b := range languages[i+1:] {
			for _, text := range page[a] {
				if slices.Contains(page[b], text) && !s.allows(text) {
					found[text+"  ("+a+" and "+b+")"] = true
				}
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

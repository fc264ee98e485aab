package catalogue

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

var ruleRow = regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| `([^`]+)` \\|")

// The page lists each rule with its default, as catalogue.yaml writes it.
func TestThePageListsTheRulesThereAreAndTheirDefaults(t *testing.T) {
	page, err := os.ReadFile("../../docs/catalogue.md")
	if err != nil {
		t.Fatal(err)
	}
	s := &source{name: rootName}
	top := s.object(read(os.DirFS("../../config/macao"), s), 1, rootName)
	f, _ := top.take("rules")
	written := s.object(f.node, f.line, "rules")
	listed := map[string]bool{}
	for _, row := range ruleRow.FindAllStringSubmatch(string(page), -1) {
		key, value := row[1], row[2]
		if _, ok := rules[key]; !ok {
			t.Errorf("the page lists %q, which is no rule", key)
			continue
		}
		listed[key] = true
		if v, _, _ := written.ruleText(key); strings.Trim(v, "'") != value {
			t.Errorf("%s: the page says %q, catalogue.yaml %q", key, value, v)
		}
	}
	for key := range rules {
		if !listed[key] {
			t.Errorf("the page does not list %q", key)
		}
	}
}

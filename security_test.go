package vez_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// asked are the items of ASVS 5.0 that docs/security.md answers.
var asked = strings.Fields(`2.1.3 2.2.2 2.3.1 2.3.2 2.3.3 2.3.4 2.3.5 2.4.1 2.4.2 15.4.1 15.4.2 15.4.3 15.4.4
	1.2.4 1.2.10 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.3 3.4.4 3.4.6 3.5.1 3.5.3 3.5.5 3.6.1 4.1.3 4.1.4 4.2.1 15.3.3 15.3.4 15.3.7
	6.3.1 6.3.3 6.5.1 6.5.5 6.6.3 6.8.1 6.8.4 7.2.3 7.2.4 7.3.1 7.3.2 7.4.2 7.4.5 10.2.1 10.5.1 10.5.3 10.5.4 8.2.2 8.2.3 8.3.2 8.4.1
	9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 11.1.1 11.2.2 11.2.4 11.5.1 12.1.1 12.3.5
	13.2.2 13.3.1 13.4.2 13.4.5 14.2.1 14.3.1 14.3.2 14.2.7 15.1.2 16.2.2 16.3.2 16.4.1 16.4.2 16.4.3 16.5.2 16.5.3 16.5.4`)

var (
	quoted   = regexp.MustCompile("`([^`]+)`")
	testName = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w+$`)
	fileName = regexp.MustCompile(`^[.\w-]+(/[\w.-]+)*\.(go|md|yml|yaml|sh|toml)$|^deploy/\w+$`)
	declared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Z]\w*)\(`)
)

// TestTheHandbookOfSecurityNamesOnlyWhatIsThere reads docs/security.md: each
// item has one line with a state, what is met names a test or a file, and every
// test and file that the page names is in the tree.
func TestTheHandbookOfSecurityNamesOnlyWhatIsThere(t *testing.T) {
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	tests := testsOfTheTree(t)
	for _, m := range quoted.FindAllStringSubmatch(string(page), -1) {
		switch name := m[1]; {
		case testName.MatchString(name) && !tests[name]:
			t.Errorf("there is no test %s", name)
		case fileName.MatchString(name):
			if _, err := os.Stat(name); err != nil {
				t.Errorf("there is no file %s", name)
			}
		}
	}
	var found []string
	for line := range strings.SplitSeq(string(page), "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 5 || !slices.Contains(asked, cells[0]) {
			continue
		}
		found = append(found, cells[0])
		if !slices.Contains([]string{"met", "partly", "not yet", "elsewhere", "none"}, cells[3]) {
			t.Errorf("%s: %q is no state", cells[0], cells[3])
		}
		names := slices.ContainsFunc(quoted.FindAllStringSubmatch(cells[4], -1), func(m []string) bool {
			return testName.MatchString(m[1]) || fileName.MatchString(m[1])
		})
		if cells[3] == "met" && !names {
			t.Errorf("%s is said to be met, and nothing shows it", cells[0])
		}
	}
	for _, item := range asked {
		if n := len(slices.DeleteFunc(slices.Clone(found), func(f string) bool { return f != item })); n != 1 {
			t.Errorf("%s has %d lines", item, n)
		}
	}
}

// testsOfTheTree collects the names of all tests.
func testsOfTheTree(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(text, -1) {
			out[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

package vez_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vez/fault"
	"vez/locale"
)

var (
	codeLine = regexp.MustCompile(`(?m)^\t(\w+)\s+Code = "([a-z_]+)"`)
	slot     = regexp.MustCompile(`\{(\w+)`)
)

// needs gives what the texts of a code are filled with, in any language.
func needs(t *testing.T, code string) []string {
	t.Helper()
	var out []string
	block := regexp.MustCompile(`(?m)^` + code + `:\n((?:  .*\n)+)`)
	for _, lang := range locale.Languages {
		text, err := os.ReadFile("locale/text/" + lang + "/fault.yaml")
		if err != nil {
			t.Fatal(err)
		}
		m := block.FindSubmatch(text)
		if m == nil {
			t.Errorf("%s: %s has no text", lang, code)
			continue
		}
		for _, s := range slot.FindAllSubmatch(m[1], -1) {
			if name := string(s[1]); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// raised is one call of fault.New with a code that is written out.
type raised struct {
	where, name string
	params      []string
}

// raising reads all calls of fault.New, and every mention of a code, in what is not a test.
func raising(t *testing.T) (calls []raised, named map[string]bool) {
	t.Helper()
	named = map[string]bool{}
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(d.Name(), "test") || path == "fault"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if name := codeName(n); name != "" {
				named[name] = true
			}
			if c, ok := n.(*ast.CallExpr); ok && codeName(c.Fun) == "New" && len(c.Args) > 0 && codeName(c.Args[0]) != "" {
				calls = append(calls, raised{files.Position(c.Pos()).String(), codeName(c.Args[0]), literals(c.Args[1:])})
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return calls, named
}

// codeName is X of fault.X, or "".
func codeName(n ast.Node) string {
	if s, ok := n.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok && x.Name == "fault" {
			return s.Sel.Name
		}
	}
	return ""
}

// literals lists the texts written out among arguments, those of an append too.
func literals(args []ast.Expr) (out []string) {
	for _, a := range args {
		ast.Inspect(a, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				text, _ := strconv.Unquote(l.Value)
				out = append(out, text)
			}
			return true
		})
	}
	return out
}

// TestEveryRefusalFillsItsTexts reads every place where a fault is raised: the
// texts of its code, in all four languages, ask for nothing that it does not
// bring, so that nobody reads ⟦opens⟧. And no code is there for nothing.
func TestEveryRefusalFillsItsTexts(t *testing.T) {
	source, err := os.ReadFile("fault/codes.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, m := range codeLine.FindAllStringSubmatch(string(source), -1) {
		codes[m[1]] = m[2]
	}
	if len(codes) != len(fault.Codes()) {
		t.Fatalf("%d names for %d codes", len(codes), len(fault.Codes()))
	}
	calls, named := raising(t)
	for name, code := range codes {
		if !named[name] {
			t.Errorf("%s is given nowhere", code)
		}
	}
	if len(calls) < 150 {
		t.Fatalf("only %d places are found", len(calls))
	}
	for _, c := range calls {
		for _, name := range needs(t, codes[c.name]) {
			if !slices.Contains(c.params, name) {
				t.Errorf("%s: %s says {%s}, which is not given", c.where, codes[c.name], name)
			}
		}
	}
}

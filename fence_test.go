package vez_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"
)

// A band is a storey of the house; imports go down only.
type band int

const (
	ground  band = iota // fault: everybody stands on it
	words               // rules as pure functions
	frame               // web, locale, identity
	setting             // config: frame, but read by programs only
	output              // printer, reminder, report, live, board
	memory              // ledger, queue
	rights              // may: words and frame joined, for the screens
	door                // hall
	screen              // pages, API, the kiosk box
	public              // demo: a screen that comes in through the HTTP API like anybody
	program             // cmd, and the journeys that drive it
)

// rooms gives the band of every folder; the longest prefix counts. A new room is entered here first.
var rooms = map[string]band{
	"fault":  ground,
	"ticket": words, "booking": words, "office": words, "counter": words, "kiosk": words, "event": words, "audit": words,
	"web": frame, "locale": frame, "identity": frame, "config": setting,
	"printer": output, "reminder": output, "report": output, "live": output, "board": output,
	"ledger": memory, "queue": memory,
	"may":           rights,
	"hall":          door,
	"booking/pages": screen, "kiosk/pages": screen, "kiosk/edge": screen, "counter/pages": screen,
	"board/pages": screen, "admin": screen, "api": screen,
	"demo": public,
	"cmd":  program, "e2e": program,
}

// below lists the bands that a band may import. A room may always import its own packages, and everybody fault.
var below = map[band][]band{
	ground:  {},
	words:   {words},
	frame:   {frame},
	setting: {},
	output:  {words},
	memory:  {words},
	rights:  {words, frame},
	door:    {words},
	screen:  {door, rights, words, output, frame},
	public:  {words, frame},
	program: {words, frame, setting, output, memory, rights, door, screen, public},
}

// confined names packages of others, and the only rooms that may import them.
var confined = map[string][]string{
	"database/sql":                      {"ledger", "cmd"},
	"github.com/jackc/pgx":              {"ledger", "cmd"},
	"modernc.org/sqlite":                {"ledger", "cmd"},
	"github.com/pressly/goose":          {"ledger", "cmd"},
	"github.com/redis/go-redis":         {"queue", "cmd"},
	"github.com/alicebob/miniredis":     {"queue", "cmd"},
	"github.com/go-co-op/gocron":        {"cmd"},
	"github.com/spf13/cobra":            {"cmd"},
	"github.com/knadh/koanf":            {"config"},
	"github.com/nicksnyder/go-i18n":     {"locale"},
	"github.com/jung-kurt/gofpdf":       {"printer"},
	"github.com/skip2/go-qrcode":        {"printer"},
	"github.com/chromedp":               {"e2e"},
	"github.com/anishathalye/porcupine": {},
	"pgregory.net/rapid":                {},
}

// impure is what words do not import: they do no I/O, know no page and take now as an argument.
var impure = []string{
	"os", "net", "log", "html", "text/template", "database", "embed",
	"github.com/gofiber", "github.com/redis", "github.com/jonboulle/clockwork",
}

// readsClock are the functions of package time that read or wait for the machine's clock.
var readsClock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// A source is one parsed Go file. Tests are files named _test.go and helper packages named like net/http/httptest.
type source struct {
	path, dir, room string
	test            bool
	file            *ast.File
	fset            *token.FileSet
}

// at is the place of a node for a message, as path:line.
func (s source) at(n ast.Node) string {
	return s.path + ":" + strconv.Itoa(s.fset.Position(n.Pos()).Line)
}

// imports maps each import path to its spec.
func (s source) imports() map[string]*ast.ImportSpec {
	found := map[string]*ast.ImportSpec{}
	for _, spec := range s.file.Imports {
		name, _ := strconv.Unquote(spec.Path.Value)
		found[name] = spec
	}
	return found
}

// paths lists every file that belongs to the repository, sorted. What is built, fetched or written at run time lies in
// the folders and names that .gitignore lists too.
var paths = sync.OnceValues(func() ([]string, error) {
	skipped := []string{".git", ".tools", ".idea", ".vscode", "bin", "data", "fonts", "artefacts", "node_modules", "deploy/vez.env"}
	var all []string
	err := fs.WalkDir(os.DirFS("."), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case slices.Contains(skipped, name) && entry.IsDir():
			return fs.SkipDir
		case entry.Type().IsRegular() && !slices.Contains(skipped, name):
			all = append(all, name)
		}
		return nil
	})
	return all, err
})

// sources parses every Go file but this package's own.
var sources = sync.OnceValues(func() ([]source, error) {
	names, err := paths()
	if err != nil {
		return nil, err
	}
	var all []source
	for _, name := range names {
		dir := path.Dir(name)
		if dir == "." || path.Ext(name) != ".go" || strings.Contains(name, "testdata/") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		test := strings.HasSuffix(name, "_test.go") || strings.HasSuffix(path.Base(dir), "test")
		all = append(all, source{path: name, dir: dir, room: roomOf(dir), test: test, file: file, fset: fset})
	}
	return all, nil
})

// roomOf is the longest room that holds dir, or "".
func roomOf(dir string) string {
	for ; dir != "."; dir = path.Dir(dir) {
		if _, known := rooms[dir]; known {
			return dir
		}
	}
	return ""
}

// within tells whether an import path is pkg or lies under it.
func within(imported, pkg string) bool {
	return imported == pkg || strings.HasPrefix(imported, pkg+"/")
}

// eachSource calls f for every Go file.
func eachSource(t *testing.T, f func(source)) {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("no Go file found: the fence guards nothing")
	}
	for _, s := range all {
		f(s)
	}
}

func TestEveryPackageLiesInAKnownRoom(t *testing.T) {
	eachSource(t, func(s source) {
		if s.room == "" {
			t.Errorf("%s lies in no room: enter its folder in fence_test.go with its band", s.path)
		}
	})
}

func TestImportsGoDownOnly(t *testing.T) {
	eachSource(t, func(s source) {
		for name, spec := range s.imports() {
			target := roomOf(strings.TrimPrefix(name, "vez/"))
			if !strings.HasPrefix(name, "vez/") || target == s.room {
				continue
			}
			// A test may join rooms that the house keeps apart; the two memories stay strangers even there.
			if s.test && (rooms[s.room] != memory || rooms[target] != memory) {
				continue
			}
			if rooms[target] != ground && !slices.Contains(below[rooms[s.room]], rooms[target]) {
				t.Errorf("%s: %s may not import %s", s.at(spec), s.room, name)
			}
		}
	})
}

func TestOthersPackagesStayInTheirRooms(t *testing.T) {
	eachSource(t, func(s source) {
		for name, spec := range s.imports() {
			for pkg, allowed := range confined {
				if within(name, pkg) && !s.test && !slices.Contains(allowed, s.room) {
					t.Errorf("%s: %s is for %q and tests only", s.at(spec), name, allowed)
				}
			}
		}
	})
}

func TestWordsArePure(t *testing.T) {
	eachSource(t, func(s source) {
		if rooms[s.room] > words || s.test {
			return
		}
		for name, spec := range s.imports() {
			if slices.ContainsFunc(impure, func(pkg string) bool { return within(name, pkg) }) {
				t.Errorf("%s: %s holds words, which do not import %s", s.at(spec), s.room, name)
			}
		}
	})
}

func TestJobTimesStandInOneFile(t *testing.T) {
	var files []string
	eachSource(t, func(s source) {
		for name := range s.imports() {
			if within(name, "github.com/go-co-op/gocron") && !s.test {
				files = append(files, s.path)
			}
		}
	})
	if len(files) > 1 {
		t.Errorf("job times stand in %d files: %q", len(files), files)
	}
}

func TestOnlyProgramsReadTheClock(t *testing.T) {
	eachSource(t, func(s source) {
		spec := s.imports()["time"]
		if spec == nil || rooms[s.room] == program {
			return
		}
		local := "time"
		if spec.Name != nil {
			local = spec.Name.Name
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			call, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := call.X.(*ast.Ident)
			if !ok || pkg.Name != local || !slices.Contains(readsClock, call.Sel.Name) {
				return true
			}
			switch {
			case !s.test:
				t.Errorf("%s: time.%s: take now as an argument, or a clockwork.Clock", s.at(n), call.Sel.Name)
			case call.Sel.Name == "Sleep":
				t.Errorf("%s: time.Sleep in a test: wait for a signal", s.at(n))
			}
			return true
		})
	})
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	docs := map[string]string{}
	eachSource(t, func(s source) {
		if _, seen := docs[s.dir]; !seen {
			docs[s.dir] = ""
		}
		if path.Base(s.path) == "doc.go" && s.file.Doc != nil {
			docs[s.dir] = strings.ToLower(s.file.Doc.Text())
		}
	})
	for dir, doc := range docs {
		switch {
		case doc == "":
			t.Errorf("%s has no doc.go with a package comment", dir)
		case !strings.Contains(doc, "import") || !strings.Contains(doc, "test"):
			t.Errorf("%s/doc.go: say what the package may import and where its tests are", dir)
		}
	}
}

var (
	sqlText = regexp.MustCompile(`(?s)\b(SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\b.+\bSET|DELETE\s+FROM|(CREATE|ALTER|DROP)\s+TABLE)\b`)
	luaText = regexp.MustCompile(`\bredis\.p?call\(`)
)

func TestSQLAndLuaStayInTheirRooms(t *testing.T) {
	eachSource(t, func(s source) {
		if s.test {
			return
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			text, ok := n.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				return true
			}
			if s.room != "ledger" && sqlText.MatchString(text.Value) {
				t.Errorf("%s: SQL outside ledger/", s.at(n))
			}
			if s.room != "queue" && luaText.MatchString(text.Value) {
				t.Errorf("%s: Lua outside queue/", s.at(n))
			}
			return true
		})
	})
	for room, ext := range map[string]string{"ledger": ".sql", "queue": ".lua"} {
		eachText(t, func(name, _ string) {
			if path.Ext(name) == ext && !within(name, room) {
				t.Errorf("%s: %s files belong in %s/", name, ext, room)
			}
		})
	}
}

// Templates and scripts take their text from the catalogues: a letter beyond ASCII in them is Chinese or Portuguese that
// the other three languages lack.
func TestPageTextStaysInLocale(t *testing.T) {
	// The gallery shows type and components to those who build pages, all languages side by side.
	specimen := "web/pages/gallery.html"
	eachText(t, func(name, content string) {
		if name == specimen || !slices.Contains([]string{".html", ".tmpl", ".js"}, path.Ext(name)) || strings.Contains(name, "testdata/") {
			return
		}
		for i, line := range strings.Split(content, "\n") {
			if strings.ContainsFunc(line, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsLetter(r) }) {
				t.Errorf("%s:%d: page text outside locale/: %s", name, i+1, strings.TrimSpace(line))
			}
		}
	})
}

// What must not stand in any file: where somebody's copy lies, and which mirror packages were fetched from. Both differ
// from one machine to the next.
var foreign = map[string]*regexp.Regexp{
	"a path of one machine": regexp.MustCompile(`(^|[\s"'` + "`" + `(=:,])/(root|work|tmp|home/\w+|Users/\w+)/`),
	"the host of a package registry": regexp.MustCompile(
		`npmjs\.(org|com)|\b(proxy|sum)\.golang\.org|\bdeb\.debian\.org|\bsecurity\.debian\.org|\bpypi\.org|\bcrates\.io\b`),
}

func TestNoFileSpeaksOfTheMachineItWasWrittenOn(t *testing.T) {
	eachText(t, func(name, content string) {
		for i, line := range strings.Split(content, "\n") {
			for what, pattern := range foreign {
				if found := pattern.FindString(line); found != "" {
					t.Errorf("%s:%d names %s: %s", name, i+1, what, strings.TrimSpace(found))
				}
			}
		}
	})
}

// eachText calls f for every text file of the repository.
func eachText(t *testing.T, f func(name, content string)) {
	t.Helper()
	names, err := paths()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(content), "\x00") {
			f(name, string(content))
		}
	}
}

package vez_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// atLeast are the versions of what we stand on below which something that is
// published against it would hold here; why, says docs/security.md.
var atLeast = map[string]string{
	"github.com/gofiber/fiber/v2":  "v2.52.15",
	"github.com/valyala/fasthttp":  "v1.74.0",
	"github.com/redis/go-redis/v9": "v9.23.0",
	"github.com/jackc/pgx/v5":      "v5.9.2",
	"github.com/xuri/excelize/v2":  "v2.11.0",
}

// TestWhatWeStandOnIsNotOlderThanItsMends reads go.mod.
func TestWhatWeStandOnIsNotOlderThanItsMends(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^\t?(?:require )?(\S+) (v\d\S*)`).FindAllStringSubmatch(string(mod), -1) {
		if least, ok := atLeast[m[1]]; ok && older(m[2], least) {
			t.Errorf("%s is %s; it must be %s or later", m[1], m[2], least)
		}
	}
	if !older("v2.9.0", "v2.10.0") || older("v2.10.0", "v2.10.0") || older("v3.0.0", "v2.10.0") {
		t.Error("versions are compared wrongly")
	}
}

func older(a, b string) bool {
	x, y := strings.Split(strings.TrimPrefix(a, "v"), "."), strings.Split(strings.TrimPrefix(b, "v"), ".")
	for i := range min(len(x), len(y)) {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if m != n {
			return m < n
		}
	}
	return false
}

// hurts is what of Fiber and fasthttp has hurt others, or would hurt here: it
// is not used at all.
var hurts = map[string]*regexp.Regexp{
	"parsers that index by what was sent":         regexp.MustCompile(`\.(BodyParser|QueryParser|ParamsParser|ReqHeaderParser|CookieParser)\(`),
	"answers in a form that the sender chooses":   regexp.MustCompile(`\bc\.(Format|AutoFormat|JSONP)\(`),
	"files by a path":                             regexp.MustCompile(`\.(SendFile|Download|SaveFile|ServeFile\w*|Static)\(`),
	"the sender's word for where it comes from":   regexp.MustCompile(`\.IsFromLocal\(|\bc\.IPs?\(\)`),
	"several processes on one port":               regexp.MustCompile(`\bPrefork:\s*true`),
	"Fiber's own sessions, limits, keys, proxies": regexp.MustCompile(`"github\.com/gofiber/(fiber/v2/(middleware/[b-z]|utils)|template)`),
	"a proxy's headers without a list of proxies": regexp.MustCompile(`\bProxyHeader:`),
}

// harmless are uses that cannot hurt, and why.
var harmless = map[string]string{
	"board/pages/pages.go: .BodyParser(": "one flat field: there is no index to send",
}

// TestNothingIsUsedThatHasHurtOthers reads every source that knows Fiber or
// fasthttp; streams are written in one place, which keeps nothing of the request.
func TestNothingIsUsedThatHasHurtOthers(t *testing.T) {
	read := 0
	for _, b := range readBuilds(t) {
		if !strings.Contains(b.text, "gofiber/") && !strings.Contains(b.text, "valyala/") {
			continue
		}
		read++
		for what, pattern := range hurts {
			if at := pattern.FindString(b.text); at != "" && harmless[b.path+": "+at] == "" {
				t.Errorf("%s uses %s: %s", b.path, what, at)
			}
		}
		if strings.Contains(b.text, "StreamWriter(") && b.path != filepath.Join("web", "stream.go") {
			t.Errorf("%s writes a stream past web/stream.go", b.path)
		}
	}
	if read < 20 {
		t.Errorf("only %d sources know Fiber", read)
	}
}

// TestATableForASpreadsheetCannotComeUnnoticed: there is none yet. Who builds one
// escapes =, +, - and @ at the beginning of a cell, proves it in a test, and
// takes the package off this list.
func TestATableForASpreadsheetCannotComeUnnoticed(t *testing.T) {
	for _, b := range readBuilds(t) {
		for _, name := range []string{"encoding/csv", "github.com/xuri/excelize/v2"} {
			if strings.Contains(b.text, `"`+name+`"`) {
				t.Errorf("%s writes tables by %s: are formulas escaped?", b.path, name)
			}
		}
	}
}

type build struct{ path, text string }

// readBuilds gives the sources that programs are built of.
func readBuilds(t *testing.T) []build {
	t.Helper()
	var out []build
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		out = append(out, build{path, string(text)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

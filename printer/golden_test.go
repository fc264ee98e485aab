package printer_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vez/printer"
	"vez/printer/layout"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with -update)", err)
	}
	if string(want) != got {
		t.Errorf("%s differs from its golden file (look at the paper with VEZ_VIEW, then -update):\n%s", name, firstDifference(string(want), got))
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "want " + a[i] + "\ngot  " + b[i]
		}
	}
	return "one is longer"
}

// reading is the text of a page as people read it: what stands on one baseline
// on one line.
func reading(page *layout.List) string {
	var b strings.Builder
	fmt.Fprintf(&b, "page %dx%d %q", page.Width, page.Height, page.Title)
	var last layout.Text
	for _, it := range page.Items {
		switch it := it.(type) {
		case layout.Code:
			fmt.Fprintf(&b, "\n[code %d modules of %d] %s", len(it.Modules), it.Module, it.Content)
		case layout.Text:
			end := float64(last.X) + last.Advance()
			switch {
			case it.Y != last.Y || last.Face == nil || float64(it.X) < end-1:
				b.WriteByte('\n')
			case float64(it.X) > end+float64(it.Size)/4:
				b.WriteByte(' ')
			}
			b.WriteString(it.Chars)
			last = it
			continue
		}
		last = layout.Text{}
	}
	return b.String() + "\n"
}

func TestPapersReadAsTheyDid(t *testing.T) {
	texts := map[string]map[string]string{}
	each(t, func(_ *testing.T, _ string, v paper, format printer.Format, langs []string, doc printer.Document) {
		file := v.name + "-" + string(format)
		if texts[file] == nil {
			texts[file] = map[string]string{}
		}
		for _, page := range doc.Pages {
			texts[file][strings.Join(langs, " ")] += reading(page)
		}
	})
	for file, byPlace := range texts {
		var b strings.Builder
		for _, langs := range slices.Sorted(maps.Keys(byPlace)) {
			fmt.Fprintf(&b, "== %s\n%s\n", langs, byPlace[langs])
		}
		golden(t, file, b.String())
	}
}

func TestPapersAreLaidOutAsTheyWere(t *testing.T) {
	p := press(t)
	for _, v := range papers {
		for _, format := range []printer.Format{printer.Roll80, printer.Roll58, printer.A4} {
			if v.name == "probe" || !slices.Contains(v.formats, format) || strings.HasPrefix(v.name, "ticket") && !format.Roll() {
				continue
			}
			doc, err := v.on(p, format, []string{"zh-Hant", "pt"})
			if err != nil {
				t.Fatal(err)
			}
			golden(t, "places-"+v.name+"-"+string(format), doc.Pages[0].String())
		}
	}
}

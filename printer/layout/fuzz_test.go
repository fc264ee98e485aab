package layout_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"vez/printer/layout"
)

func FuzzBreakAndCleanLoseNothing(f *testing.F) {
	for _, s := range []string{"身份證明局，澳門。", "Direcc\u0327a\u0303o dos Serviços", "a\u202eb\u2066c\u200dd", "於2026年12月3日（星期四） 08:30 前",
		"\u0301\u0323x", "𨋢👩\u200d🦰", "\xff\xfe", strings.Repeat("、", 30), "   ", "「（《"} {
		f.Add(s, 5.0)
	}
	f.Fuzz(func(t *testing.T, text string, width float64) {
		clean := layout.Clean(text)
		if !utf8.ValidString(clean) || layout.Clean(clean) != clean {
			t.Fatalf("%q is not clean", clean)
		}
		if !(width >= 1 && width < 1e6) {
			t.Skip()
		}
		glyphs := plain(clean)
		lines := layout.Break(glyphs, width)
		if got, want := bare(texts(lines)), bare([]string{clean}); got != want {
			t.Fatalf("in %q, out %q", want, got)
		}
		for _, line := range lines {
			if len(line) == 0 {
				t.Fatal("an empty line")
			}
			if len(line) > 1 && layout.Width(line) > width+1 { // a mark may hang over with its letter
				t.Fatalf("%q is %v wide, not %v", texts(lines), layout.Width(line), width)
			}
		}
	})
}

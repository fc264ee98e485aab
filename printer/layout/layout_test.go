package layout_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	_ "vez/hall/rapidtest" // the same programs in every run
	"vez/printer/font"
	"vez/printer/layout"
)

// plain makes glyphs without a face: one em for a Chinese character, half an
// em for any other.
func plain(text string) []font.Glyph {
	var out []font.Glyph
	for _, r := range text {
		w := 0.5
		if r >= 0x2E80 {
			w = 1
		}
		out = append(out, font.Glyph{Rune: r, Width: w})
	}
	return out
}

func texts(lines [][]font.Glyph) []string {
	var out []string
	for _, line := range lines {
		var b strings.Builder
		for _, g := range line {
			b.WriteRune(g.Rune)
		}
		out = append(out, b.String())
	}
	return out
}

func TestLinesBreakWhereAReaderExpects(t *testing.T) {
	for _, c := range []struct {
		name, text string
		width      float64
		want       string
	}{
		{"Chinese breaks anywhere", "身份證及旅行證件", 5, "身份證及旅|行證件"},
		{"no full stop at the start of a line", "請到接待處。謝謝", 5, "請到接待|處。謝謝"},
		{"no bracket at the end of a line", "望信樓（地下）", 4, "望信樓|（地下）"},
		{"two closing marks stay together", "他說「好」。", 5, "他說|「好」。"},
		{"Latin words stay whole", "Bilhete de Identidade", 7, "Bilhete de|Identidade"},
		{"a hyphen lets a word break", "segunda-feira", 5, "segunda-|feira"},
		{"a range of times does not", "em 10:35–11:05", 6, "em|10:35–11:05"},
		{"a date stays together", "請於12月3日（星期四）前", 6.5, "請於12月3日|（星期四）前"},
		{"figures stay together in Chinese", "於30分鐘內", 2.5, "於|30分|鐘內"},
		{"a word wider than the line is cut", "abcdefgh", 2, "abcd|efgh"},
		{"spaces at a break go, inside they stay", "a  b cd", 1.5, "a|b|cd"},
		{"a no-break space holds", "n.º\u00a0225 x", 3, "n.º\u00a022|5 x"},
		{"nothing", "   ", 3, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := strings.Join(texts(layout.Break(plain(c.text), c.width)), "|"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestACombiningMarkStaysWithItsLetter(t *testing.T) {
	for _, line := range texts(layout.Break(plain("x\u0323x\u0323x\u0323x\u0323"), 1.5)) {
		if strings.HasPrefix(line, "\u0323") {
			t.Errorf("line %q begins with a mark", line)
		}
	}
}

var anyText = rapid.StringOf(rapid.OneOf(
	rapid.Rune(), rapid.RuneFrom([]rune("身份證明局，。（）「」；：澳門氹仔𨋢𠝹㗎〇")),
	rapid.RuneFrom([]rune("Direcção dos Serviços, n.º 225-A / ãõçé ")), rapid.RuneFrom([]rune("😀👩\u200d🦰\u202e\u0301\u0323\ufe0f\u00a0\u3000\n\t"))))

func TestBreakingLosesNothingAndKeepsWithinTheWidth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		glyphs := plain(layout.Clean(anyText.Draw(t, "text")))
		width := rapid.Float64Range(1, 20).Draw(t, "width")
		var kept []font.Glyph
		for _, line := range layout.Break(glyphs, width) {
			if len(line) > 1 && layout.Width(line) > width+1 { // a mark may hang over with its letter
				t.Fatalf("line %q is %v wide, not %v", texts([][]font.Glyph{line}), layout.Width(line), width)
			}
			kept = append(kept, line...)
		}
		if a, b := bare(texts([][]font.Glyph{glyphs})), bare(texts([][]font.Glyph{kept})); a != b {
			t.Fatalf("in %q, out %q", a, b)
		}
	})
}

func bare(lines []string) string {
	return strings.NewReplacer(" ", "", "\u3000", "").Replace(strings.Join(lines, ""))
}

func TestCleanLeavesOnlyWhatCanBePrinted(t *testing.T) {
	for in, want := range map[string]string{
		"Direcc\u0327a\u0303o":   "Direcção",
		"a\u202eb\u2066c\u200dd": "abcd",
		"a\tb\r\nc\u2028d":       "a b  c d",
		"a\x00\x1b[31mb":         "a[31mb",
		"❤\ufe0f":                "❤",
		"\xff\xfe":               "\uFFFD",
		"e\u00ADm\ufeff":         "em",
		"冧\U000E0100\U0001F1F2":  "冧\U0001F1F2",
	} {
		if got := layout.Clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := layout.Clean(anyText.Draw(t, "text"))
		if !utf8.ValidString(once) || layout.Clean(once) != once {
			t.Fatalf("%q is not clean", once)
		}
	})
}

func sheet(t testing.TB) func() *layout.Sheet {
	t.Helper()
	dir := filepath.Join("..", "..", "fonts")
	if _, err := os.Stat(filepath.Join(dir, "NotoSansHK-Regular.ttf")); err != nil {
		if os.Getenv("VEZ_REQUIRE_FONTS") != "" {
			t.Fatalf("fonts are required and missing: %v", err)
		}
		t.Skip("no fonts in fonts/: run `make fonts`")
	}
	set, err := font.NewLibrary(dir).Set()
	if err != nil {
		t.Fatal(err)
	}
	return func() *layout.Sheet { return layout.NewSheet(set, 640, 32) }
}

func TestEveryCharacterReachesTheDisplayList(t *testing.T) {
	blank := sheet(t)
	rapid.Check(t, func(t *rapid.T) {
		text := anyText.Draw(t, "text")
		lang := rapid.SampledFrom([]string{"zh-Hant", "zh-Hans", "pt", "en"}).Draw(t, "lang")
		bold := rapid.Bool().Draw(t, "bold")
		s := blank()
		s.Text(32, 0, 576, layout.Style{Lang: lang, Size: 28, Bold: bold, Balance: rapid.Bool().Draw(t, "balance")}, text)
		want := strings.Map(func(r rune) rune {
			for _, m := range s.Missing {
				if r == m {
					return font.Placeholder
				}
			}
			return r
		}, layout.Clean(text))
		got := strings.ReplaceAll(s.Words(), "\n", "")
		if bare([]string{got}) != bare([]string{want}) {
			t.Fatalf("in %q, out %q", want, got)
		}
		for _, it := range s.Items {
			for _, r := range it.(layout.Text).Chars {
				if !it.(layout.Text).Face.Has(r) {
					t.Fatalf("%U is set in a face that has it not", r)
				}
			}
		}
	})
}

func TestATextThatIsTooLongEndsInAnEllipsis(t *testing.T) {
	for _, c := range []struct{ lang, text, end string }{
		{"zh-Hant", strings.Repeat("身份證明局", 20), "…"},
		{"pt", strings.Repeat("identificação ", 20), "..."},
	} {
		s := sheet(t)()
		below := s.Text(32, 0, 576, layout.Style{Lang: c.lang, Size: 28, Lines: 2, Pitch: 34}, c.text)
		if below != 68 || !s.Cut() || !strings.HasSuffix(strings.TrimSpace(s.Words()), c.end) {
			t.Errorf("%s: below %d, cut %v, words %q", c.lang, below, s.Cut(), s.Words())
		}
	}
}

func TestABalancedHeadingHasNoLonelyCharacter(t *testing.T) {
	s := sheet(t)()
	s.Text(0, 0, 28*10, layout.Style{Lang: "zh-Hant", Size: 28, Balance: true}, "慕拉士政府綜合服務中心")
	lines := strings.Split(strings.TrimSpace(s.Words()), "\n")
	if len(lines) != 2 || utf8.RuneCountInString(lines[1]) < 4 {
		t.Errorf("lines %q", lines)
	}
	s = sheet(t)()
	s.Text(0, 0, 222, layout.Style{Lang: "pt", Size: 22, Balance: true}, "Acompanhe a sua vez")
	if got := s.Words(); strings.Contains(got, "Acompanh\n") {
		t.Errorf("a word is cut: %q", got)
	}
}

func TestLinesStandInTheirBox(t *testing.T) {
	for _, align := range []layout.Align{layout.Left, layout.Middle, layout.Right} {
		s := sheet(t)()
		st := layout.Style{Lang: "pt", Size: 24, Align: align}
		s.Text(100, 0, 200, st, "Chamada prevista para a senha A047")
		for _, it := range s.Items {
			tx := it.(layout.Text)
			if tx.X < 100 || float64(tx.X)+tx.Advance() > 301 {
				t.Errorf("align %d: from %d, %v wide", align, tx.X, tx.Advance())
			}
		}
	}
}

func TestChineseIsLegibleWhateverItsLanguageIsSaidToBe(t *testing.T) {
	s := sheet(t)()
	st := layout.Style{Lang: "pt", Size: 22}
	for _, text := range []string{"Sam Hau Fai (三巧)", "𨋢"} {
		s.Text(32, 0, 576, st, text)
		s.Line(32, 100, st, text)
		if wide := s.Measure(st, text); wide < layout.MinChinese {
			t.Errorf("%q is taken for %d dots wide", text, wide)
		}
	}
	for _, it := range s.Items {
		if tx := it.(layout.Text); tx.Size < layout.MinChinese {
			t.Errorf("%q of %d dots", tx.Chars, tx.Size)
		}
	}
	s = sheet(t)()
	if s.Line(32, 0, st, "Renovação…"); s.Items[0].(layout.Text).Size != 22 {
		t.Error("Latin text has grown")
	}
}

func TestTwoLinesOfChinesePartAtAMarkNearTheirMiddle(t *testing.T) {
	for text, want := range map[string]string{
		"到達後請掃描此碼取籌；如未能掃描請輸入編號。": "到達後請掃描此碼取籌；\n如未能掃描請輸入編號。\n",
		"好，到達後請在自助機掃描此碼取籌再等候叫號":  "好，到達後請在自助機掃\n描此碼取籌再等候叫號\n",
	} {
		s := sheet(t)()
		s.Text(0, 0, 28*17, layout.Style{Lang: "zh-Hant", Size: 28, Balance: true}, text)
		if got := s.Words(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

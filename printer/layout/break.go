package layout

import (
	"math"
	"strings"
	"unicode"

	"vez/printer/font"
)

// Characters that begin or end no line in Chinese typesetting (W3C, Clreq,
// section 3.1.3, with the Latin marks that behave alike).
const (
	noStart = "，。、；：？！）〕］｝〉》」』】〗’”…—·•,.;:?!)]}%％‰°ºª′″々～/／"
	noEnd   = "（〔［｛〈《「『【〖‘“([{$￥"
)

// Break sets glyphs into lines no wider than width em. Chinese may break
// between any two characters that the tables above allow, Latin words at
// spaces and after hyphens; a word wider than the line is cut. Spaces at a
// break are dropped, every other glyph is kept, in order.
func Break(glyphs []font.Glyph, width float64) [][]font.Glyph {
	var lines [][]font.Glyph
	rest := trimSpace(glyphs)
	for len(rest) > 0 {
		n := lineLength(rest, width)
		lines = append(lines, trimSpace(rest[:n]))
		rest = trimSpace(rest[n:])
	}
	return lines
}

// lineLength is how many glyphs go on the first line.
func lineLength(g []font.Glyph, width float64) int {
	used, fits, lastBreak := 0.0, 0, 0
	for i := range g {
		if i > 0 && mayBreak(g[i-1].Rune, g[i].Rune) {
			lastBreak = i
		}
		used += g[i].Width
		if used > width+1e-9 && !isSpace(g[i].Rune) {
			break
		}
		fits = i + 1
	}
	switch {
	case fits == len(g):
		return fits
	case lastBreak > 0:
		return lastBreak
	case fits > 0:
		return emergency(g, fits)
	}
	return 1
}

// emergency cuts a word that is wider than the line, though not before a mark
// that combines with the letter before it.
func emergency(g []font.Glyph, fits int) int {
	n := fits
	for n > 1 && unicode.Is(unicode.M, g[n].Rune) {
		n--
	}
	if n == 1 && unicode.Is(unicode.M, g[1].Rune) {
		return fits
	}
	return n
}

// mayBreak says whether a line may end after a, before b.
func mayBreak(a, b rune) bool {
	if han(a) && han(b) {
		return a != '星' && a != '期' || !ofOnePiece(a, b)
	}
	if letter(a) && letter(b) {
		return false
	}
	switch {
	case isSpace(b), unicode.Is(unicode.M, b):
		return false
	case isSpace(a):
		return true
	case strings.ContainsRune(noStart, b), strings.ContainsRune(noEnd, a), ofOnePiece(a, b):
		return false
	case a == '-' || a == '–' || a == '/':
		return unicode.IsLetter(b)
	case a == '—' && b == '—':
		return false
	}
	return isWide(a) || isWide(b)
}

// ofOnePiece tells of parts of a date or hour in Chinese, which read badly when
// a line ends between them.
func ofOnePiece(a, b rune) bool {
	switch {
	case '0' <= a && a <= '9':
		return strings.ContainsRune("年月日時时分秒", b)
	case '0' <= b && b <= '9':
		return strings.ContainsRune("年月時时", a)
	case a == '星':
		return b == '期'
	case a == '期':
		return strings.ContainsRune("日一二三四五六", b)
	}
	return false
}

// isChinese tells of characters that are illegible when small.
func isChinese(r rune) bool {
	return r >= 0x3400 && r <= 0x9FFF || r >= 0x2E80 && r <= 0x2FDF || r >= 0x3005 && r <= 0x3007 || r >= 0x3021 && r <= 0x3029 ||
		r >= 0x3038 && r <= 0x303B || r >= 0xF900 && r <= 0xFAFF || r >= 0x20000 && r <= 0x3FFFF
}

// han and letter are quick answers for most characters.
func han(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF }

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

func isSpace(r rune) bool { return r == ' ' || r == '\u3000' }

// isWide tells of characters that stand alone, between which lines may break.
func isWide(r rune) bool {
	return r >= 0x2E80 && r <= 0xA4CF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFE30 && r <= 0xFE4F ||
		r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 && r <= 0x3FFFF
}

func trimSpace(g []font.Glyph) []font.Glyph {
	for len(g) > 0 && isSpace(g[0].Rune) {
		g = g[1:]
	}
	for len(g) > 0 && isSpace(g[len(g)-1].Rune) {
		g = g[:len(g)-1]
	}
	return g
}

// Width is the sum of advances, in em.
func Width(glyphs []font.Glyph) float64 {
	w := 0.0
	for _, g := range glyphs {
		w += g.Width
	}
	return w
}

// longestWord is the width of the widest stretch without a place to break.
func longestWord(g []font.Glyph) float64 {
	longest, word := 0.0, 0.0
	for i := range g {
		if i > 0 && mayBreak(g[i-1].Rune, g[i].Rune) {
			word = 0
		}
		if !isSpace(g[i].Rune) {
			word += g[i].Width
		}
		longest = max(longest, word)
	}
	return longest
}

// balance breaks like Break, and then as evenly as the same number of lines
// allows, so that no heading ends with a lonely character. Two lines of Chinese
// part after a mark of punctuation where that leaves neither much too short.
func balance(glyphs []font.Glyph, width float64) [][]font.Glyph {
	lines := Break(glyphs, width)
	if len(lines) < 2 {
		return lines
	}
	if len(lines) == 2 {
		if parts := atMark(trimSpace(glyphs), width); parts != nil {
			return parts
		}
	}
	low, high := longestWord(glyphs), width
	for high-low > 0.05 {
		mid := (low + high) / 2
		if even := Break(glyphs, mid); len(even) <= len(lines) {
			lines, high = even, mid
		} else {
			low = mid
		}
	}
	return lines
}

// atMark parts a text in two after the mark of Chinese punctuation nearest to
// its middle; nil where there is none or a part would be wider than width or
// shorter than a third of the other.
func atMark(g []font.Glyph, width float64) [][]font.Glyph {
	all, used := Width(g), 0.0
	best, off := 0, all/4
	for i := range g[:len(g)-1] {
		used += g[i].Width
		if !strings.ContainsRune("，。；：？！、", g[i].Rune) || !mayBreak(g[i].Rune, g[i+1].Rune) {
			continue
		}
		if d := math.Abs(used - all/2); d <= off && max(used, all-used) <= width {
			best, off = i+1, d
		}
	}
	if best == 0 {
		return nil
	}
	return [][]font.Glyph{trimSpace(g[:best]), trimSpace(g[best:])}
}

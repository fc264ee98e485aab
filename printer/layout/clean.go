package layout

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Clean makes text fit to be printed: composed (NFC), with line ends and tabs
// as spaces, without control and format characters, which would print as boxes
// or, being invisible marks of writing direction, turn a line around.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.Is(unicode.C, r) && !unicode.Is(unicode.Co, r), isVariation(r):
			return -1
		}
		return r
	}, s)
	return norm.NFC.String(s)
}

// plain tells of text that needs no cleaning: most of it. The blocks named
// hold no control or format character and nothing that composition changes.
func plain(s string) bool {
	for _, r := range s {
		switch {
		case r >= 0x20 && r < 0x7F, r >= 0xA0 && r < 0x300 && r != 0xAD: // Latin
		case r >= 0x2010 && r <= 0x2027, r >= 0x3001 && r <= 0x3020: // punctuation
		case r >= 0x4E00 && r <= 0x9FA5, r >= 0xFF01 && r <= 0xFF5E: // Chinese, full width
		default:
			return false
		}
	}
	return true
}

// isVariation tells of variation selectors, which choose a form of the
// character before them that none of our fonts draws differently.
func isVariation(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r >= 0x180B && r <= 0x180F
}

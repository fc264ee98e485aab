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

// isVariation tells of variation selectors, which choose a form of the
// character before them that none of our fonts draws differently.
func isVariation(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF || r >= 0x180B && r <= 0x180F
}

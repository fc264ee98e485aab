package layout

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestWhatIsTakenForPlainTextNeedsNoCleaning(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !plain(string(r)) {
			continue
		}
		if unicode.Is(unicode.C, r) || isVariation(r) || strings.ContainsRune("\n\r\t\u2028\u2029", r) {
			t.Errorf("%U is no plain text", r)
		}
		if s := norm.NFC.PropertiesString(string(r)); s.CCC() != 0 || norm.NFC.String(string(r)) != string(r) || s.BoundaryBefore() == false {
			t.Errorf("%U is changed by composition", r)
		}
	}
}

func TestQuickAnswersOnBreaksAreTheFullOnes(t *testing.T) {
	for _, a := range "A z身證星期三日年8。（-" {
		for _, b := range "A z身證星期三日年8。（-" {
			quick := han(a) && han(b) || letter(a) && letter(b)
			whole := a == '星' && b == '期' || a == '期' && strings.ContainsRune("三日", b) || letter(a)
			if quick && mayBreak(a, b) == whole {
				t.Errorf("%c%c", a, b)
			}
		}
	}
}

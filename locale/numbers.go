package locale

import (
	"strconv"
	"strings"
)

// Number writes a whole number with separators: 12,345 and, in Portuguese,
// 12 345 with a space that does not break. Four digits are not separated there.
func (p Printer) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	return sign + p.c.format.grouped(digits)
}

// Decimal writes a number with a fixed count of places.
func (p Printer) Decimal(x float64, places int) string {
	text := strconv.FormatFloat(x, 'f', places, 64)
	sign := ""
	if strings.HasPrefix(text, "-") {
		sign, text = "-", text[1:]
	}
	whole, fraction, found := strings.Cut(text, ".")
	if !found {
		return sign + p.c.format.grouped(whole)
	}
	return sign + p.c.format.grouped(whole) + p.c.format.decimal + fraction
}

// Percent writes a share, 0 to 1, as a whole percentage: 87%, 87 % in Portuguese.
func (p Printer) Percent(share float64) string {
	if p.c.lang == Pt {
		return p.Decimal(share*100, 0) + "\u00a0%"
	}
	return p.Decimal(share*100, 0) + "%"
}

// List joins texts: A、B及C, A, B e C, A, B and C, A、B和C.
func (p Printer) List(texts []string) string {
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return texts[0]
	}
	last := len(texts) - 1
	return strings.Join(texts[:last], p.c.format.comma) + p.c.format.and + texts[last]
}

func (f *format) grouped(digits string) string {
	if len(digits) < f.groupMin {
		return digits
	}
	var out strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			out.WriteString(f.group)
		}
		out.WriteRune(d)
	}
	return out.String()
}

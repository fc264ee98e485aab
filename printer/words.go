package printer

import "time"

// Text is a name or sentence by BCP 47 language: zh-Hant, pt, en, zh-Hans.
type Text map[string]string

// In gives the text in a language; where it has none, in the nearest: the
// other Chinese script for Chinese, then English, Portuguese, Traditional
// Chinese.
func (t Text) In(lang string) string {
	near := []string{lang}
	switch lang {
	case "zh-Hant":
		near = append(near, "zh-Hans")
	case "zh-Hans":
		near = append(near, "zh-Hant")
	}
	for _, l := range append(near, "en", "pt", "zh-Hant", "zh-Hans") {
		if t[l] != "" {
			return t[l]
		}
	}
	return ""
}

// Labels gives the words of the artwork that are not data.
type Labels interface {
	// T gives a text by key, such as "paper.ticket.ahead"; args are pairs of
	// placeholder and value.
	T(lang, key string, args ...any) string
	// DateLong writes a day with weekday and year, in the zone of t.
	DateLong(lang string, t time.Time) string
}

// Languages gives the languages of a paper in an office of a jurisdiction
// ("macao" or "hengqin"), in order: those of the place, then the holder's own
// if it is another one. An empty or unknown holder adds none.
func Languages(jurisdiction, holder string) []string {
	langs := []string{"zh-Hant", "pt"}
	if jurisdiction == "hengqin" {
		langs = []string{"zh-Hans", "pt"}
	}
	switch holder {
	case "zh-Hant", "zh-Hans", "pt", "en":
	default:
		return langs
	}
	for _, l := range langs {
		if l == holder {
			return langs
		}
	}
	return append(langs, holder)
}

func isChinese(lang string) bool { return lang == "zh-Hant" || lang == "zh-Hans" }

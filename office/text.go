package office

// Text is a name or a sentence in the four languages.
type Text struct {
	ZhHant string `json:"zh-Hant" yaml:"zh-Hant"`
	ZhHans string `json:"zh-Hans" yaml:"zh-Hans"`
	PT     string `json:"pt" yaml:"pt"`
	EN     string `json:"en" yaml:"en"`
}

// In gives the text in a language (a BCP 47 tag: zh-Hant, zh-Hans, pt, en),
// falling back to Traditional Chinese, then to English.
func (t Text) In(lang string) string {
	var s string
	switch lang {
	case "zh-Hans":
		s = t.ZhHans
	case "pt":
		s = t.PT
	case "en":
		s = t.EN
	default:
		s = t.ZhHant
	}
	if s == "" {
		s = t.ZhHant
	}
	if s == "" {
		s = t.EN
	}
	return s
}

// Names gives the text by language, as texts for people take it.
func (t Text) Names() map[string]string {
	return map[string]string{"zh-Hant": t.ZhHant, "zh-Hans": t.ZhHans, "pt": t.PT, "en": t.EN}
}

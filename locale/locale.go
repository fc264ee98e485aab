package locale

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// The languages, as BCP 47 tags.
const (
	ZhHant = "zh-Hant"
	Pt     = "pt"
	En     = "en"
	ZhHans = "zh-Hans"
)

// Languages lists them in the order of every language switch. The first is the
// one used when nothing is known of the reader.
var Languages = []string{ZhHant, Pt, En, ZhHans}

// Endonym names a language in itself, for the language switch.
func Endonym(lang string) string {
	switch lang {
	case Pt:
		return "Português"
	case En:
		return "English"
	case ZhHans:
		return "简体中文"
	default:
		return "中文"
	}
}

// Valid says whether lang is one of Languages.
func Valid(lang string) bool {
	switch lang {
	case ZhHant, Pt, En, ZhHans:
		return true
	}
	return false
}

//go:embed text
var files embed.FS

// Bundle holds the four catalogues. It is safe for concurrent use.
type Bundle struct {
	printers map[string]*catalogue
}

// Load reads the catalogues that are built into the program. An error names
// the file and the key.
func Load() (*Bundle, error) {
	b := &Bundle{printers: make(map[string]*catalogue, len(Languages))}
	for _, lang := range Languages {
		c, err := loadCatalogue(files, lang)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", lang, err)
		}
		b.printers[lang] = c
	}
	return b, nil
}

// In gives the printer of a language. An unknown one is matched as an
// Accept-Language header would be.
func (b *Bundle) In(lang string) Printer {
	c, ok := b.printers[lang]
	if !ok {
		c = b.printers[Match(lang)]
	}
	return Printer{c}
}

var (
	matchTags = []language.Tag{
		language.TraditionalChinese, language.Portuguese, language.English, language.SimplifiedChinese,
	}
	matcher = language.NewMatcher(matchTags)
)

// Match chooses the language for an Accept-Language header. Chinese of Macao,
// Hong Kong and Taiwan, and Cantonese, is Traditional; other Chinese is
// Simplified; with nothing known it is the first of Languages.
func Match(acceptLanguage string) string {
	if Valid(acceptLanguage) {
		return acceptLanguage
	}
	for _, tag := range wanted(acceptLanguage) { // one by one: the matcher would let "zh" outdo the "zh-HK" before it
		if base, _ := tag.Base(); base.String() == "yue" && !strings.Contains(tag.String(), "Hans") {
			return ZhHant
		}
		if _, index, confidence := matcher.Match(tag); confidence > language.No {
			return Languages[index]
		}
	}
	return Languages[0]
}

// wantedMost bounds how much of a header is read; nobody speaks more.
const wantedMost = 32

// wanted reads an Accept-Language header (RFC 9110, section 12.5.4), the most
// wanted first. A member that cannot be read is passed over: it must not cost
// the reader the languages that can.
func wanted(header string) []language.Tag {
	var tags []language.Tag
	var weights []float32
	for _, member := range strings.SplitN(header, ",", wantedMost+1)[:min(wantedMost, strings.Count(header, ",")+1)] {
		tag, weight, err := language.ParseAcceptLanguage(member)
		if err != nil || len(tag) != 1 || !(weight[0] <= 1) { // which NaN is not
			continue
		}
		at := len(tags)
		for at > 0 && weights[at-1] < weight[0] {
			at--
		}
		tags, weights = slices.Insert(tags, at, tag[0]), slices.Insert(weights, at, weight[0])
	}
	return tags
}

// Pick chooses a name in lang from a map of language to name, as the JSON API
// and the catalogue of offices use; when it has none, the nearest: the other
// Chinese script for Chinese, then English, then any in the order of Languages.
func Pick(names map[string]string, lang string) string {
	near := []string{lang, En}
	switch lang {
	case ZhHans:
		near = []string{lang, ZhHant, En}
	case ZhHant:
		near = []string{lang, ZhHans, En}
	}
	for _, l := range append(near, Languages...) {
		if names[l] != "" {
			return names[l]
		}
	}
	return ""
}

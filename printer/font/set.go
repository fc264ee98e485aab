package font

import (
	"strings"
	"sync"
	"unicode/utf8"
)

// Placeholder stands for a character that no face has (the geta mark, used
// for that in Japanese and Chinese typesetting); where even it is missing, a
// question mark stands.
const Placeholder = '〓'

// firstWide is where the characters of East Asia begin, whose shapes differ
// between places.
const firstWide = 0x2E80

// Style chooses a face.
type Style struct {
	// Lang is a BCP 47 tag. The shapes of many Chinese characters differ
	// between "zh-Hans" and the rest; Latin letters do not.
	Lang string
	Bold bool
}

// Glyph is one character with the face that draws it.
type Glyph struct {
	Rune rune
	Face *Face
	// Heavy asks the back-end to thicken the strokes, because no bold face
	// has this character.
	Heavy bool
	Width float64 // advance in em
}

// link is one face of a chain of fallbacks.
type link struct {
	face  *Face
	heavy bool
}

// Set is what was found: for each kind of text a chain of faces, the best
// first. It is safe for concurrent use.
type Set struct {
	chains map[string][]link
	// rest loads the faces that are only wanted for rare characters.
	rest func() []*Face
	memo memo
}

// memo keeps what short texts were shaped to: an office prints the same names
// and labels all day.
type memo struct {
	mu     sync.RWMutex
	texts  map[memoKey]shaped
	glyphs int
}

type memoKey struct{ chain, text string }

type shaped struct {
	glyphs  []Glyph
	missing []rune
}

// Bounds of a memo: texts come from outside too, and must not grow it for ever.
const (
	memoText   = 400     // bytes of a text
	memoGlyphs = 100_000 // of all texts, some 4 MB
)

func (m *memo) get(key memoKey) (shaped, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	s, ok := m.texts[key]
	return s, ok
}

func (m *memo) put(key memoKey, s shaped) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.texts == nil || m.glyphs+len(s.glyphs) > memoGlyphs {
		m.texts, m.glyphs = make(map[memoKey]shaped), 0
	}
	if _, ok := m.texts[key]; !ok {
		m.texts[key] = s
		m.glyphs += len(s.glyphs) + 8
	}
}

// Shape turns text into glyphs, one for each character in order, and lists
// the characters that no face has and Placeholder stands for. The slices are
// shared and must not be written to.
func (s *Set) Shape(style Style, text string) (glyphs []Glyph, missing []rune) {
	key := memoKey{chainKey(style), text}
	if known, ok := s.memo.get(key); ok {
		return known.glyphs, known.missing
	}
	glyphs, missing = s.shape(s.chains[key.chain], text)
	if len(text) <= memoText {
		key.text = strings.Clone(text)
		s.memo.put(key, shaped{glyphs, missing})
	}
	return glyphs, missing
}

func (s *Set) shape(chain []link, text string) (glyphs []Glyph, missing []rune) {
	glyphs = make([]Glyph, 0, utf8.RuneCountInString(text))
	for _, r := range text {
		g, ok := s.find(chain, r)
		if !ok {
			missing = append(missing, r)
			if g, ok = s.find(chain, Placeholder); !ok {
				g, _ = s.find(chain, '?')
			}
		}
		glyphs = append(glyphs, g)
	}
	return glyphs, missing
}

// find takes the first face of the chain that has the character. Letters and
// figures look alike in all of them, so there a true bold face comes before a
// thickened one.
func (s *Set) find(chain []link, r rune) (Glyph, bool) {
	var best *link
	for i, l := range chain {
		if !l.face.Has(r) {
			continue
		}
		if best == nil {
			best = &chain[i]
		}
		if !l.heavy || r >= firstWide {
			best = &chain[i]
			break
		}
	}
	if best != nil {
		return Glyph{Rune: r, Face: best.face, Heavy: best.heavy, Width: best.face.Width(r)}, true
	}
	for _, f := range s.rest() {
		if f.Has(r) {
			return Glyph{Rune: r, Face: f, Width: f.Width(r)}, true
		}
	}
	return Glyph{Rune: '?', Face: s.any(chain)}, false
}

func (s *Set) any(chain []link) *Face {
	if len(chain) > 0 {
		return chain[0].face
	}
	return s.rest()[0]
}

// Missing lists the characters of a text that no face has, once each: for the
// check of a configuration before the office opens.
func (s *Set) Missing(style Style, text string) []rune {
	seen := make(map[rune]bool)
	var out []rune
	_, missing := s.Shape(style, text)
	for _, r := range missing {
		if !seen[r] {
			seen[r] = true
			out = append(out, r)
		}
	}
	return out
}

func chainKey(style Style) string {
	switch {
	case style.Lang == "zh-Hans" && style.Bold:
		return "sc-bold"
	case style.Lang == "zh-Hans":
		return "sc"
	case style.Bold:
		return "hk-bold"
	}
	return "hk"
}

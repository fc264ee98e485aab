package font

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
}

// Shape turns text into glyphs, one for each character in order, and lists
// the characters that no face has and Placeholder stands for.
func (s *Set) Shape(style Style, text string) (glyphs []Glyph, missing []rune) {
	chain := s.chains[chainKey(style)]
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
	key := "hk"
	if style.Lang == "zh-Hans" {
		key = "sc"
	}
	if style.Bold {
		key += "-bold"
	}
	return key
}

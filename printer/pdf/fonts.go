package pdf

import (
	"fmt"

	"vez/printer/font"
	"vez/printer/layout"
)

// private is where the basic plane keeps codes for private use; characters
// outside the basic plane are given codes from here.
const (
	privateFirst = 0xE000
	privateLast  = 0xF8FF
)

// embedded is a cut font in the document.
type embedded struct {
	family string
	codes  map[rune]rune // character to code
}

func (e embedded) encode(s string) string {
	out := []rune(s)
	for i, r := range out {
		out[i] = e.codes[r]
	}
	return string(out)
}

// fonts cuts and adds every face that the pages use and that can be cut.
func (d *drawer) fonts(pages []*layout.List, family string) error {
	var order []*font.Face
	used := make(map[*font.Face]map[rune]bool)
	for _, list := range pages {
		for _, item := range list.Items {
			t, ok := item.(layout.Text)
			if !ok || !t.Face.Cuttable() {
				continue
			}
			if used[t.Face] == nil {
				used[t.Face] = make(map[rune]bool)
				order = append(order, t.Face)
			}
			for _, r := range t.Chars {
				used[t.Face][r] = true
			}
		}
	}
	d.embedded = make(map[*font.Face]embedded, len(order))
	for i, face := range order {
		e := embedded{family: fmt.Sprintf("%s%c", family, 'a'+i), codes: assign(used[face])}
		if err := d.embed(face, e); err != nil {
			return err
		}
	}
	return nil
}

func (d *drawer) embed(face *font.Face, e embedded) error {
	look := make(map[rune]rune, len(e.codes))
	for r, code := range e.codes {
		look[code] = r
	}
	small, err := face.Cut(look)
	if err != nil {
		return err
	}
	d.pdf.AddUTF8FontFromBytes(e.family, "", small)
	d.pdf.SetFont(e.family, "", 10)
	if err := d.pdf.Error(); err != nil { // the library reports a font it refused only here
		return err
	}
	d.embedded[face] = e
	return nil
}

// assign gives each character a code in the basic plane: its own where it has
// one there, else a private one that no other character of the text has.
func assign(used map[rune]bool) map[rune]rune {
	codes := make(map[rune]rune, len(used))
	next := rune(privateFirst)
	for _, r := range sorted(used) {
		if r < 0xFFFF {
			codes[r] = r
			continue
		}
		for used[next] && next < privateLast {
			next++
		}
		codes[r] = next
		next++
	}
	return codes
}

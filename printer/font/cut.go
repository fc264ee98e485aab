package font

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
)

// Flags of a component in a composite glyph (OpenType 1.9, "glyf").
const (
	argsAreWords    = 1 << 0
	haveScale       = 1 << 3
	moreComponents  = 1 << 5
	haveTwoScales   = 1 << 6
	haveMatrix      = 1 << 7
	haveInstruction = 1 << 8
)

// Cut makes a small TrueType file that holds only the given characters. Keys
// are the codes they get in the small font (at most U+FFFE: its character map
// knows the basic plane only), values the characters they look like. Hinting
// is dropped. The same input gives the same bytes.
func (f *Face) Cut(codes map[rune]rune) ([]byte, error) {
	if f.raw == nil {
		return nil, fmt.Errorf("cut %s: %w", f.name, errNotTrueType)
	}
	c := cutter{src: f.raw, place: map[int]int{0: 0}, order: []int{0}}
	order := slices.Sorted(maps.Keys(codes))
	ids := make([]int, len(order))
	for i, code := range order {
		if code <= 0 || code >= 0xFFFF {
			return nil, fmt.Errorf("cut %s: code %U is outside the basic plane", f.name, code)
		}
		ids[i] = c.keep(int(f.glyph(codes[code]).id))
	}
	if err := c.outlines(); err != nil {
		return nil, fmt.Errorf("cut %s: %w", f.name, err)
	}
	return c.assemble(characterMap(order, ids)), nil
}

// cutter gathers the glyphs of a small font; place maps old ids to new ones.
type cutter struct {
	src        *tables
	place      map[int]int
	order      []int
	glyf       []byte
	loca, hmtx []byte
}

func (c *cutter) keep(id int) int {
	if at, ok := c.place[id]; ok {
		return at
	}
	at := len(c.order)
	c.place[id] = at
	c.order = append(c.order, id)
	return at
}

// outlines copies every kept glyph; composites add their parts to the order
// while the loop runs.
func (c *cutter) outlines() error {
	for i := 0; i < len(c.order); i++ {
		if len(c.order) > 0xFFFF {
			return fmt.Errorf("too many glyphs")
		}
		src, err := c.src.outline(c.order[i])
		if err != nil {
			return err
		}
		c.loca = binary.BigEndian.AppendUint32(c.loca, uint32(len(c.glyf)))
		body, err := c.rewrite(src)
		if err != nil {
			return fmt.Errorf("glyph %d: %w", c.order[i], err)
		}
		c.glyf = pad(append(c.glyf, body...))
		advance, bearing := c.src.metric(c.order[i])
		c.hmtx = binary.BigEndian.AppendUint16(c.hmtx, advance)
		c.hmtx = binary.BigEndian.AppendUint16(c.hmtx, bearing)
	}
	c.loca = binary.BigEndian.AppendUint32(c.loca, uint32(len(c.glyf)))
	return nil
}

// rewrite drops instructions and renumbers the parts of a composite.
func (c *cutter) rewrite(src []byte) ([]byte, error) {
	if len(src) == 0 {
		return nil, nil
	}
	if len(src) < 12 {
		return nil, fmt.Errorf("outline of %d bytes", len(src))
	}
	if contours := int(int16(u16(src, 0))); contours >= 0 {
		return withoutInstructions(src, contours)
	}
	out := slices.Clone(src)
	at := 10
	for {
		if at+4 > len(out) {
			return nil, fmt.Errorf("composite is cut off")
		}
		flags := u16(out, at)
		binary.BigEndian.PutUint16(out[at:], flags&^haveInstruction)
		binary.BigEndian.PutUint16(out[at+2:], uint16(c.keep(int(u16(out, at+2)))))
		at += componentSize(flags)
		if flags&moreComponents == 0 {
			break
		}
	}
	if at > len(out) {
		return nil, fmt.Errorf("composite is cut off")
	}
	return out[:at], nil
}

func componentSize(flags uint16) int {
	n := 6
	if flags&argsAreWords != 0 {
		n += 2
	}
	switch {
	case flags&haveScale != 0:
		n += 2
	case flags&haveTwoScales != 0:
		n += 4
	case flags&haveMatrix != 0:
		n += 8
	}
	return n
}

func withoutInstructions(src []byte, contours int) ([]byte, error) {
	at := 10 + 2*contours
	if at+2 > len(src) {
		return nil, fmt.Errorf("outline is cut off")
	}
	end := at + 2 + int(u16(src, at))
	if end > len(src) {
		return nil, fmt.Errorf("instructions are cut off")
	}
	out := slices.Clone(src[:at])
	return append(append(out, 0, 0), src[end:]...), nil
}

// characterMap makes a cmap table with one format 4 subtable, a segment for
// each run of codes whose glyphs follow each other.
func characterMap(codes []rune, ids []int) []byte {
	type segment struct{ first, last, id int }
	var segs []segment
	for i, code := range codes {
		if n := len(segs); n > 0 && int(code) == segs[n-1].last+1 && ids[i] == segs[n-1].id+int(code)-segs[n-1].first {
			segs[n-1].last++
			continue
		}
		segs = append(segs, segment{int(code), int(code), ids[i]})
	}
	segs = append(segs, segment{0xFFFF, 0xFFFF, 0x10000})
	n := len(segs)
	search, sel := 2, 0
	for search <= n {
		search, sel = search*2, sel+1
	}
	out := words(nil, 0, 1, 3, 1, 0, 12, 4, 16+8*n, 0, 2*n, search, sel, 2*n-search)
	for _, s := range segs {
		out = words(out, s.last)
	}
	out = words(out, 0)
	for _, s := range segs {
		out = words(out, s.first)
	}
	for _, s := range segs {
		out = words(out, s.id-s.first)
	}
	return append(out, make([]byte, 2*n)...)
}

func (c *cutter) assemble(cmap []byte) []byte {
	head := slices.Clone(c.src.by["head"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	hhea := slices.Clone(c.src.by["hhea"])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(c.order)))
	maxp := slices.Clone(c.src.by["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(c.order)))
	post := slices.Clone(c.src.by["post"][:32])
	binary.BigEndian.PutUint32(post, 0x00030000)
	return join(map[string][]byte{
		"OS/2": c.src.by["OS/2"], "cmap": cmap, "glyf": c.glyf, "head": head, "hhea": hhea, "hmtx": c.hmtx,
		"loca": c.loca, "maxp": maxp, "name": words(nil, 0, 0, 6), "post": post,
	})
}

// join writes a font file: directory, then tables, each on a 4-byte boundary.
func join(parts map[string][]byte) []byte {
	tags := slices.Sorted(maps.Keys(parts))
	search, sel := 16, 0
	for search*2 <= 16*len(tags) {
		search, sel = search*2, sel+1
	}
	out := words(binary.BigEndian.AppendUint32(nil, 0x00010000), len(tags), search, sel, 16*len(tags)-search)
	at := len(out) + 16*len(tags)
	for _, tag := range tags {
		out = append(out, tag...)
		out = binary.BigEndian.AppendUint32(out, checksum(parts[tag]))
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(parts[tag])))
		at += (len(parts[tag]) + 3) &^ 3
	}
	for _, tag := range tags {
		out = pad(append(out, parts[tag]...))
	}
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for i := 0; i < len(b); i += 4 {
		var word [4]byte
		copy(word[:], b[i:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}

func pad(b []byte) []byte {
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

func words(b []byte, values ...int) []byte {
	for _, v := range values {
		b = binary.BigEndian.AppendUint16(b, uint16(v))
	}
	return b
}

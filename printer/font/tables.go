package font

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errNotTrueType tells that a face has no glyf table to cut from.
var errNotTrueType = errors.New("outlines are not TrueType's")

// wholeTables are those that cutting reads whole, with the fewest bytes each
// must have (OpenType 1.9, "Font file"). They are small; a font's bulk is "glyf".
var wholeTables = map[string]int{"loca": 2, "head": 54, "hhea": 36, "hmtx": 4, "maxp": 6, "OS/2": 78, "post": 32}

// wholeMost bounds a table that is read whole, against files that lie: 65,535
// glyphs have no more than four bytes each.
const wholeMost = 1 << 18

// tables are the parts of a TrueType file that cutting reads. The outlines stay
// in the file.
type tables struct {
	by       map[string][]byte
	glyf     *io.SectionReader
	longLoca bool
	metrics  int // full entries in hmtx
	glyphs   int
}

func readTables(file *io.SectionReader, index int) (*tables, error) {
	places, err := directory(file, index)
	if err != nil {
		return nil, err
	}
	if places["glyf"] == nil {
		return nil, errNotTrueType
	}
	t := &tables{by: make(map[string][]byte, len(wholeTables)), glyf: places["glyf"]}
	for tag, least := range wholeTables {
		at := places[tag]
		if at == nil || at.Size() < int64(least) {
			return nil, errNotTrueType
		}
		if t.by[tag], err = readAt(at, 0, int(min(at.Size(), wholeMost))); err != nil {
			return nil, fmt.Errorf("table %q: %w", tag, err)
		}
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t, nil
}

// directory finds the tables of a face, all of which must lie in the file: one
// that was copied in part is no font.
func directory(file *io.SectionReader, index int) (map[string]*io.SectionReader, error) {
	start, err := faceOffset(file, index)
	if err != nil {
		return nil, err
	}
	head, err := readAt(file, start, 12)
	if err != nil {
		return nil, errNotTrueType
	}
	records, err := readAt(file, start+12, 16*int(u16(head, 4)))
	if err != nil {
		return nil, fmt.Errorf("table records are cut off: %w", err)
	}
	places := make(map[string]*io.SectionReader)
	for ; len(records) > 0; records = records[16:] {
		off, size := int64(u32(records, 8)), int64(u32(records, 12))
		if off+size > file.Size() {
			return nil, fmt.Errorf("table %q lies outside the file", records[:4])
		}
		places[string(records[:4])] = io.NewSectionReader(file, off, size)
	}
	return places, nil
}

// faceOffset finds where the table directory of a face begins.
func faceOffset(file *io.SectionReader, index int) (int, error) {
	head, err := readAt(file, 0, 12)
	if err != nil {
		return 0, errNotTrueType
	}
	if string(head[:4]) != "ttcf" {
		return 0, nil
	}
	if index < 0 || index >= int(u32(head, 8)) {
		return 0, fmt.Errorf("no face %d in this collection", index)
	}
	at, err := readAt(file, 12+4*index, 4)
	if err != nil {
		return 0, fmt.Errorf("no face %d in this collection: %w", index, err)
	}
	return int(u32(at, 0)), nil
}

// readAt reads so many bytes, all of them or none.
func readAt(file *io.SectionReader, at, size int) ([]byte, error) {
	out := make([]byte, size)
	if n, err := file.ReadAt(out, int64(at)); n < size {
		return nil, err
	}
	return out, nil
}

func (t *tables) check() error {
	t.longLoca = u16(t.by["head"], 50) == 1
	t.metrics = int(u16(t.by["hhea"], 34))
	t.glyphs = int(u16(t.by["maxp"], 4))
	if t.metrics == 0 || len(t.by["hmtx"]) < 4*t.metrics {
		return fmt.Errorf("hmtx is shorter than hhea says")
	}
	return nil
}

// outline gives the bytes of a glyph; empty for a blank one.
func (t *tables) outline(id int) ([]byte, error) {
	loca, width := t.by["loca"], 2
	if t.longLoca {
		width = 4
	}
	if id < 0 || id >= t.glyphs || (id+2)*width > len(loca) {
		return nil, fmt.Errorf("glyph %d lies outside loca", id)
	}
	var from, to int
	if t.longLoca {
		from, to = int(u32(loca, 4*id)), int(u32(loca, 4*id+4))
	} else {
		from, to = 2*int(u16(loca, 2*id)), 2*int(u16(loca, 2*id+2))
	}
	if from > to || int64(to) > t.glyf.Size() {
		return nil, fmt.Errorf("glyph %d lies outside glyf", id)
	}
	return readAt(t.glyf, from, to-from)
}

// metric gives advance and left side bearing of a glyph, in font units.
func (t *tables) metric(id int) (advance, bearing uint16) {
	hmtx := t.by["hmtx"]
	if id < t.metrics {
		return u16(hmtx, 4*id), u16(hmtx, 4*id+2)
	}
	advance = u16(hmtx, 4*(t.metrics-1))
	if at := 4*t.metrics + 2*(id-t.metrics); at+2 <= len(hmtx) {
		bearing = u16(hmtx, at)
	}
	return advance, bearing
}

func u16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
func u32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

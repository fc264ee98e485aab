package font

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// errNotTrueType tells that a face has no glyf table to cut from.
var errNotTrueType = errors.New("outlines are not TrueType's")

// tables are the parts of a TrueType file that cutting reads (OpenType 1.9,
// "Font file"). Slices point into the file.
type tables struct {
	by       map[string][]byte
	longLoca bool
	metrics  int // full entries in hmtx
	glyphs   int
}

func readTables(data []byte, index int) (*tables, error) {
	start, err := faceOffset(data, index)
	if err != nil {
		return nil, err
	}
	t := &tables{by: make(map[string][]byte)}
	if start+12 > len(data) {
		return nil, errNotTrueType
	}
	for i := range int(u16(data, start+4)) {
		rec := start + 12 + 16*i
		if rec+16 > len(data) {
			return nil, fmt.Errorf("table record %d is cut off", i)
		}
		off, size := int(u32(data, rec+8)), int(u32(data, rec+12))
		if off < 0 || size < 0 || off+size > len(data) {
			return nil, fmt.Errorf("table %q lies outside the file", data[rec:rec+4])
		}
		t.by[string(data[rec:rec+4])] = data[off : off+size : off+size]
	}
	return t, t.check()
}

// faceOffset finds where the table directory of a face begins.
func faceOffset(data []byte, index int) (int, error) {
	if len(data) < 12 {
		return 0, errNotTrueType
	}
	if string(data[:4]) != "ttcf" {
		return 0, nil
	}
	if index < 0 || index >= int(u32(data, 8)) || 12+4*index+4 > len(data) {
		return 0, fmt.Errorf("no face %d in this collection", index)
	}
	return int(u32(data, 12+4*index)), nil
}

func (t *tables) check() error {
	least := map[string]int{"glyf": 0, "loca": 2, "head": 54, "hhea": 36, "hmtx": 4, "maxp": 6, "OS/2": 78, "post": 32}
	for tag, n := range least {
		if b, ok := t.by[tag]; !ok || len(b) < n {
			return errNotTrueType
		}
	}
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
	if from > to || to > len(t.by["glyf"]) {
		return nil, fmt.Errorf("glyph %d lies outside glyf", id)
	}
	return t.by["glyf"][from:to], nil
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

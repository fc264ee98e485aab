package escpos

import (
	"encoding/binary"
	"hash/fnv"
)

// Control codes, as the manuals name them.
const (
	esc = 0x1B
	gs  = 0x1D
	dle = 0x10
	eot = 0x04
	enq = 0x05
	dc4 = 0x14
)

var (
	// clearOrder is DLE DC4 fn 8: everything buffered is dropped, and the
	// printer says so (Cleared).
	clearOrder = []byte{dle, dc4, 8, 1, 3, 20, 1, 6, 2, 8}
	// recoverOrder is DLE ENQ 2: leave an error behind with an empty buffer.
	recoverOrder = []byte{dle, enq, 2}
	// watchOrder is GS a: tell changes of the line, of errors and of paper (ASB).
	watchOrder = []byte{gs, 'a', 0x0E}
	// sensorOrder is GS r 1, twice, because its answer of one byte could be
	// noise.
	sensorOrder = []byte{gs, 'r', 1, gs, 'r', 1}
)

// ID is a process id of GS ( H: four characters from 20 to 7E.
type ID [4]byte

// idOf makes a process id of a name; different names have different ids but for
// one time in 81 million.
func idOf(name string) ID {
	h := fnv.New64a()
	_, _ = h.Write([]byte(name))
	v := binary.BigEndian.Uint64(h.Sum(nil))
	var id ID
	for i := range id {
		id[i], v = byte(0x20+v%95), v/95
	}
	return id
}

// appendAck appends GS ( H function 48: say the id when all before it is done.
func appendAck(out []byte, id ID) []byte {
	out = append(out, gs, '(', 'H', 6, 0, 48, 48)
	return append(out, id[:]...)
}

// appendStrike appends bars across the paper, which make a strip that is no
// paper look like none, and cuts it off.
func appendStrike(out []byte, p Profile) []byte {
	const rows, bar = 24, 8
	rowBytes := p.width() / 8
	out = append(out, esc, '@', gs, 'v', '0', 0, byte(rowBytes), byte(rowBytes>>8), rows, 0)
	for y := range rows {
		ink := byte(0xFF)
		if y/bar%2 == 1 {
			ink = 0
		}
		for range rowBytes {
			out = append(out, ink)
		}
	}
	return appendTail(out, p)
}

// appendFill appends enough blank data to end whatever picture a printer may
// still wait for; outside a picture it means nothing.
func appendFill(out []byte, p Profile) []byte {
	return append(out, make([]byte, bandRows*((p.width()+7)/8)+32)...)
}

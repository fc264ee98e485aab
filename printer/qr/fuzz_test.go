package qr_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"vez/printer/qr"
)

// FuzzEncode draws any text and reads it back with a reader of our own, written
// from the standard (ISO/IEC 18004) and not from the library that draws: the
// text is the same, and every block checks out against its correction.
func FuzzEncode(f *testing.F) {
	for _, text := range []string{
		link, "0123456789", "A", "a", strings.Repeat("K7QM2F9D", 19), strings.Repeat("Z", 152), "二維碼：澳門", "código de marcação", "预约", "\x00\xff",
		"HTTPS://FILA.EXAMPLE.MO/T/", "12345ABC$%*+-./:abc", strings.Repeat("1", 300), "A1b2C3", strings.Repeat("0A", 100), " ",
	} {
		for level := range 4 {
			f.Add(text, level)
		}
	}
	f.Fuzz(func(t *testing.T, text string, level int) {
		if len(text) > 600 {
			t.Skip() // nothing of ours is longer
		}
		m, err := qr.Encode(text, qr.Level(level))
		if err != nil {
			if text != "" && level >= 0 && level <= 3 {
				t.Fatalf("%d bytes at level %d: %v", len(text), level, err)
			}
			return
		}
		if got, err := readBack(m, level); err != nil || got != text {
			t.Fatalf("%q at level %d is read as %q, %v", text, level, got, err)
		}
	})
}

// Table 9 of the standard: codewords of correction in a block, and blocks, by
// level (L, M, Q, H) and version.
var correction, blocks = [4][40]int{
	{7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28, 28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26, 26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28},
	{13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30, 28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
	{17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28, 30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30},
}, [4][40]int{
	{1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8, 8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25},
	{1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16, 17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49},
	{1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20, 23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68},
	{1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25, 25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81},
}

// readBack reads the modules of a code that is not damaged.
func readBack(m qr.Modules, level int) (string, error) {
	n := len(m)
	if n < 21 || n > 177 || n%4 != 1 || len(m[0]) != n {
		return "", fmt.Errorf("%d modules a side", n)
	}
	version := (n - 17) / 4
	format := formatOf(m)
	if [4]int{1, 0, 3, 2}[level] != format>>3 { // as the standard numbers L, M, Q, H
		return "", fmt.Errorf("format %05b for level %d", format, level)
	}
	words := wordsOf(m, version, format&7)
	data, err := deinterleave(words, correction[level][version-1], blocks[level][version-1])
	if err != nil {
		return "", err
	}
	return segments(data, version)
}

// formatOf reads level and mask beside the upper left finder; 0 where the bits
// are not those of a format.
func formatOf(m qr.Modules) int {
	n, one, two := len(m), 0, 0
	first := [15][2]int{{8, 0}, {8, 1}, {8, 2}, {8, 3}, {8, 4}, {8, 5}, {8, 7}, {8, 8}, {7, 8}, {5, 8}, {4, 8}, {3, 8}, {2, 8}, {1, 8}, {0, 8}}
	for i, at := range first { // row, column; the highest bit first
		one = one<<1 | bit(m[at[0]][at[1]])
		if i < 7 {
			two = two<<1 | bit(m[n-1-i][8])
		} else {
			two = two<<1 | bit(m[8][n-15+i])
		}
	}
	if one != two || !m[n-8][8] {
		return -1
	}
	one ^= 0x5412
	rest := one
	for i := 14; i >= 10; i-- {
		if rest>>i&1 == 1 {
			rest ^= 0x537 << (i - 10)
		}
	}
	if rest != 0 {
		return -1
	}
	return one >> 10
}

func bit(black bool) int {
	if black {
		return 1
	}
	return 0
}

// reserved tells which modules hold no data.
func reserved(version, n int) [][]bool {
	out := make([][]bool, n)
	for y := range out {
		out[y] = make([]bool, n)
	}
	fill := func(y, x, h, w int) {
		for dy := range h {
			for dx := range w {
				out[y+dy][x+dx] = true
			}
		}
	}
	fill(0, 0, 9, 9)
	fill(0, n-8, 9, 8)
	fill(n-8, 0, 8, 9)
	fill(6, 0, 1, n)
	fill(0, 6, n, 1)
	if version >= 7 {
		fill(0, n-11, 6, 3)
		fill(n-11, 0, 3, 6)
	}
	at := alignments(version)
	for i, y := range at {
		for j, x := range at {
			if corner := i == 0 && j == 0 || i == 0 && j == len(at)-1 || i == len(at)-1 && j == 0; !corner {
				fill(y-2, x-2, 5, 5)
			}
		}
	}
	return out
}

// alignments are the centres of annex E.
func alignments(version int) []int {
	if version == 1 {
		return nil
	}
	n := version/7 + 2
	step := (version*8 + n*3 + 5) / (n*4 - 4) * 2
	if version == 32 {
		step = 26
	}
	out := make([]int, n)
	out[0] = 6
	for i, at := n-1, version*4+10; i > 0; i, at = i-1, at-step {
		out[i] = at
	}
	return out
}

var masks = [8]func(y, x int) bool{
	func(y, x int) bool { return (y+x)%2 == 0 }, func(y, _ int) bool { return y%2 == 0 }, func(_, x int) bool { return x%3 == 0 },
	func(y, x int) bool { return (y+x)%3 == 0 }, func(y, x int) bool { return (y/2+x/3)%2 == 0 }, func(y, x int) bool { return y*x%2+y*x%3 == 0 },
	func(y, x int) bool { return (y*x%2+y*x%3)%2 == 0 }, func(y, x int) bool { return ((y+x)%2+y*x%3)%2 == 0 },
}

// wordsOf walks the columns in pairs, up and down, from the right.
func wordsOf(m qr.Modules, version, mask int) (out []byte) {
	n := len(m)
	taken := reserved(version, n)
	word, bits, up := 0, 0, true
	for right := n - 1; right > 0; right, up = right-2, !up {
		if right == 6 {
			right--
		}
		for i := range n {
			y := i
			if up {
				y = n - 1 - i
			}
			for _, x := range []int{right, right - 1} {
				if taken[y][x] {
					continue
				}
				if word, bits = word<<1|bit(m[y][x] != masks[mask](y, x)), bits+1; bits == 8 {
					out, word, bits = append(out, byte(word)), 0, 0
				}
			}
		}
	}
	return out
}

// deinterleave parts the words into blocks, checks each and joins their data.
func deinterleave(words []byte, ec, count int) ([]byte, error) {
	short := len(words)/count - ec // data words of the short blocks, which come first
	long := len(words) % count
	all := make([][]byte, count)
	next := 0
	for i := range short + 1 {
		for b := range all {
			if i < short || b >= count-long {
				all[b] = append(all[b], words[next])
				next++
			}
		}
	}
	var data []byte
	for _, block := range all {
		data = append(data, block...)
	}
	for range ec {
		for b := range all {
			all[b] = append(all[b], words[next])
			next++
		}
	}
	for b, block := range all {
		if !whole(block, ec) {
			return nil, fmt.Errorf("block %d does not fit its correction", b)
		}
	}
	return data, nil
}

// whole tells that a block, as a polynomial over the field of 256, has the
// generator's roots.
func whole(block []byte, ec int) bool {
	root := byte(1)
	for range ec {
		sum := byte(0)
		for _, c := range block {
			sum = times(sum, root) ^ c
		}
		if sum != 0 {
			return false
		}
		root = times(root, 2)
	}
	return true
}

func times(a, b byte) (out byte) {
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			out ^= a
		}
		high := a >= 0x80
		if a <<= 1; high {
			a ^= 0x1D
		}
	}
	return out
}

const letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"

// bitsOf reads numbers of so many bits.
type bitsOf struct {
	data []byte
	at   int
}

func (b *bitsOf) left() int { return len(b.data)*8 - b.at }

func (b *bitsOf) take(n int) (out int) {
	for ; n > 0 && b.left() > 0; n-- {
		out = out<<1 | int(b.data[b.at/8]>>(7-b.at%8)&1)
		b.at++
	}
	return out
}

// segments reads digits, letters and bytes until the end mark.
func segments(data []byte, version int) (string, error) {
	b := &bitsOf{data: data}
	size := 0 // of the count, by version
	switch {
	case version >= 27:
		size = 2
	case version >= 10:
		size = 1
	}
	var out strings.Builder
	for b.left() >= 4 {
		switch mode := b.take(4); mode {
		case 0:
			return out.String(), nil
		case 1:
			n := b.take([3]int{10, 12, 14}[size])
			for ; n >= 3; n -= 3 {
				fmt.Fprintf(&out, "%03d", b.take(10))
			}
			if n > 0 {
				fmt.Fprintf(&out, "%0*d", n, b.take(n*3+1))
			}
		case 2:
			n := b.take([3]int{9, 11, 13}[size])
			for ; n >= 2; n -= 2 {
				pair := b.take(11)
				if pair >= 45*45 {
					return "", errors.New("no pair of letters")
				}
				out.WriteByte(letters[pair/45])
				out.WriteByte(letters[pair%45])
			}
			if n > 0 {
				out.WriteByte(letters[b.take(6)%45])
			}
		case 4:
			for n := b.take([3]int{8, 16, 16}[size]); n > 0; n-- {
				out.WriteByte(byte(b.take(8)))
			}
		default:
			return "", fmt.Errorf("mode %d", mode)
		}
	}
	return out.String(), nil
}

package booking

import (
	"fmt"
	"io"
	"strings"

	"vez/fault"
)

// ReferenceLength is the length of a reference; the last character checks the others.
const ReferenceLength = 8

// NewReference draws a reference, 35 random bits and a check character,
// from a source that must be unguessable.
func NewReference(random io.Reader) (string, error) {
	var b [ReferenceLength]byte
	if _, err := io.ReadFull(random, b[:ReferenceLength-1]); err != nil {
		return "", fmt.Errorf("draw a reference: %w", err)
	}
	for i := range b[:ReferenceLength-1] {
		b[i] &= 31
	}
	b[ReferenceLength-1] = check(b[:ReferenceLength-1])
	for i := range b {
		b[i] = alphabet[b[i]]
	}
	return string(b[:]), nil
}

// ParseReference reads what a person typed: in any case, with spaces and
// hyphens anywhere, O for 0, I and L for 1. It gives the reference as it was
// made, or fault.Unknown when it is none or the check character does not fit;
// every single wrong character and every two exchanged ones are found.
func ParseReference(typed string) (string, error) {
	if len(typed) > 8*ReferenceLength {
		return "", fault.New(fault.Unknown)
	}
	var b [ReferenceLength]byte
	n := 0
	for _, r := range typed {
		if strings.ContainsRune(" -‐‑–—\t\r\n\u00a0\u3000", r) {
			continue
		}
		d := referenceDigit(r)
		if d == 0xFF || n == len(b) {
			return "", fault.New(fault.Unknown)
		}
		b[n], n = d, n+1
	}
	if n != len(b) || check(b[:n-1]) != b[n-1] {
		return "", fault.New(fault.Unknown)
	}
	for i := range b {
		b[i] = alphabet[b[i]]
	}
	return string(b[:]), nil
}

func referenceDigit(r rune) byte {
	switch r {
	case 'O', 'o':
		return 0
	case 'I', 'i', 'L', 'l':
		return 1
	}
	if r >= 128 {
		return 0xFF
	}
	return digits[r]
}

// ReferenceWords writes a reference in two groups, as people read it: "7K3M 9QXD".
func ReferenceWords(reference string) string {
	if len(reference) != ReferenceLength {
		return reference
	}
	return reference[:4] + " " + reference[4:]
}

// check is the sum of the digits, each multiplied by another power of a
// primitive element of the field of 32 (polynomial x⁵ + x² + 1). Distinct
// nonzero weights find any one wrong digit and any two exchanged.
func check(d []byte) byte {
	var sum byte
	for i := len(d) - 1; i >= 0; i-- {
		sum = twice(sum ^ d[i])
	}
	return sum
}

// twice multiplies by x in that field.
func twice(a byte) byte {
	a <<= 1
	if a&32 != 0 {
		a ^= 0b100101
	}
	return a
}

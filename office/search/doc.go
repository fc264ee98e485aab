// Package search finds services by what people call them, in any of the four
// languages and however they write it; the pages and the API find the same.
//
// It is a room of words: a catalogue in, services out; it imports office and the
// Unicode tables, knows no page and keeps no state but its index. Tests, with
// what people type, stand beside the code.
package search

// Package catalogue reads a catalogue folder of YAML files (docs/catalogue.md
// describes the format) into an office.Catalogue and reports every mistake it
// finds, each with its file, its line and what to do about it.
//
// It is a room of words: bytes in, catalogue out; it imports office, the YAML
// parser and the standard library. It knows neither the clock nor where the
// files lie. Tests stand beside the code; broken catalogues in testdata.
package catalogue

// Package config holds the typed settings of the program and, as data, the
// sample catalogue of Macao.
//
// Settings come from four places, the later winning: the defaults, a YAML
// file, VEZ_* variables, flags. Every mistake in them is named with its file
// and line, or its variable, and what to do about it.
//
// It belongs to the frame: it imports no other room, and only cmd imports it.
// It reads files through functions that it is given and knows no clock. Tests
// stand beside the code; vez.sample.yaml is kept equal to the defaults by one.
package config

// Package font finds, reads and cuts the typefaces that Vez prints with.
//
// It owns the look-up of font files at run time, the choice of a face by
// language and weight, the question whether a face has a character, advance
// widths, outlines, and the cutting of a TrueType face down to the characters
// of one document (a PDF library given a whole Chinese font is slow, and one
// given a character outside the basic plane panics; a cut font avoids both).
//
// The files are opened once and read where a character needs it: of the 25 MB
// of fonts about 2 MB are kept in memory. That is no memory map, whose pages a
// font cut short meanwhile would take away with the whole program.
//
// It may import vez/fault and nothing else of Vez. Its tests stand beside it
// and need real fonts in the folder fonts/ of the module or in the system.
package font

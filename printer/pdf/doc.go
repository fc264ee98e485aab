// Package pdf draws a display list as a PDF with jung-kurt/gofpdf.
//
// The library is kept on a short lead: text is already broken into lines, each
// document gets small fonts of its own with only its characters, characters
// outside the basic plane are given codes inside it, and a panic in the library
// becomes an error. Faces without TrueType outlines are drawn as shapes.
//
// It may import printer/font, printer/layout and vez/fault. Its tests stand
// beside it and read the result with poppler and zbar where installed.
package pdf

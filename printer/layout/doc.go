// Package layout sets text and shapes on a page and keeps the result as one
// display list, which every back-end (PDF, picture, later thermal raster)
// draws alike. It owns the cleaning of text, line breaking for Chinese and
// Latin script, and the display list with its plain-text form for golden
// files.
//
// Lengths are dots of 1/8 mm (203.2 dpi, the grid of a thermal head) unless
// said otherwise; y grows downwards.
//
// It may import printer/font and printer/qr. Its tests stand beside it; those
// that measure text need fonts.
package layout

// Package raster draws a display list as a picture: grey for previews on
// screens, black and white in the dots of a thermal head.
//
// It may import printer/layout. Its tests stand beside it.
package raster

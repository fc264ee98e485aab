// Package pwg writes PWG Raster (PWG 5102.4-2012), the page pictures that every
// driverless network printer takes: grey of 8 bits or black and white.
//
// It may import the standard library only. Its tests stand beside it; one
// with a reader written for them, and, where cups-filters is installed, one
// with the reader of CUPS.
package pwg

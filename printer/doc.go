// Package printer owns everything on paper: the artwork of tickets and booking
// slips, and what a job and a driver are. printer/spool brings jobs to printers,
// printer/drive finds the driver of an address.
//
// A Press composes each paper (ticket, booking slip, return pass, reminder,
// reminder letters, probe) for a Format into a Document of display lists
// (printer/layout); back-ends draw it as PDF (printer/pdf) or as a picture or
// dots (printer/raster). What a paper says of a ticket or booking is decided in
// printer/content.
//
// The package imports words (vez/fault) and its own sub-packages only: names
// and labels come in through small interfaces declared here. Page text
// belongs to vez/locale; the keys used are listed in testdata/labels.yaml.
//
// Its tests stand beside it. Those that draw need fonts (make fonts); those
// that read paper back need poppler-utils and zbar-tools.
package printer

// Package printer owns everything on paper: the artwork of tickets and booking
// slips, and the jobs that bring them to a printer.
//
// A Press composes a Ticket or a Slip into one display list
// (printer/layout); back-ends draw it as PDF (printer/pdf) or as a picture
// (printer/raster). A Spooler carries the finished document to a Driver, at most once for each job,
// and keeps the job's state in a JobStore that somebody else makes durable.
//
// The package imports words (vez/fault) and its own sub-packages only: names,
// labels and stores come in through small interfaces declared here. Page text
// belongs to vez/locale; the keys used are listed in testdata/labels.yaml.
//
// Its tests stand beside it. Those that draw need fonts (make fonts); those
// that read paper back need poppler-utils and zbar-tools.
package printer

// Package escpos prints on thermal printers that speak ESC/POS: it turns a
// picture into the printer's commands, reads what the printer says of itself,
// and carries one paper at a time to it over TCP (port 9100), a USB printer
// device or a serial line.
//
// A paper is sent in two parts. The picture goes first, and the order to cut
// follows only when the printer has said that every row is burnt. What goes
// wrong before the cut is ordered is therefore a plain fault: a strip may hang
// from the printer, but no paper has come out and none will, because the
// printer's buffer is cleared and the strip is struck through and cut off
// before the next paper. Only between the cut and the printer's word that it
// is done can an outcome be unknown.
//
// How much a printer says differs. In falling order: it acknowledges a process
// id (GS ( H), it answers a paper status in its turn (GS r), it answers status
// at once (DLE EOT), or it says nothing at all. The driver finds out at first
// contact and remembers; a Profile can say it instead. A printer that several
// programs share should have Status "yes", because a printer that is busy with
// another client looks like one that says nothing.
//
// It may import vez/printer, its sub-packages and vez/fault, and reads no clock
// but the one it is given; how long a dial takes is the machine's business. Its
// tests stand beside it, against the emulated printer of escpostest; those
// that read a printed code back need zbar-tools and the tag paper.
package escpos

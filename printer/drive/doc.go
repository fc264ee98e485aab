// Package drive finds the way to a printer from its address: Parse reads and
// corrects what somebody typed, Open gives the Driver.
//
//	tcp://host:9100          an ESC/POS printer on the network
//	device:/dev/usb/lp0      an ESC/POS printer on the hub's own machine; names of printers and serial lines only
//	ipp://host:631/ipp/print a printer that speaks IPP, or a queue of CUPS; ipps:// with #sha256=…
//	folder:name              PDF files in <data>/paper/name
//
// It imports the drivers' packages, vez/printer and vez/fault. Its tests stand
// beside it; those of the network drivers stand with them.
package drive

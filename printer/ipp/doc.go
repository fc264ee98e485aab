// Package ipp prints through the Internet Printing Protocol: on network
// printers, and through CUPS on what CUPS knows.
//
// It has a small client of its own for IPP 1.1 and 2.0 (RFC 8010, RFC 8011) —
// Message, Client — and Driver, a printer.Driver over it. Connections go to the
// printer's address only, never through a proxy. A printer at ipps:// with a
// certificate that nobody vouches for, which is most of them, is trusted by the
// certificate's fingerprint in its address; nothing else is let pass.
//
// What a job's end is worth depends on who says it. A printer that says
// "completed" has delivered the sheets. CUPS says it when it has handed the
// document on: over IPP it waits for the printer's own word, over a raw socket
// (port 9100) or to a file it does not, and while a target is switched off it
// goes on saying "processing" without a reason. A job that CUPS had begun and
// cancelled may still come out, and Driver says so. So: CUPS for office
// printers that speak IPP; thermal printers directly (printer/escpos).
//
// It may import vez/printer with its drawing packages, vez/fault and
// clockwork. Its tests stand beside it: against the simulator ipptest, and,
// with the build tag paper, against ippeveprinter and CUPS in a network
// namespace of their own (root, Linux; see real_test.go).
package ipp

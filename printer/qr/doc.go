// Package qr makes QR codes (ISO/IEC 18004) as modules, as PNG and as SVG for
// pages, with the quiet zone that scanners need.
//
// It may import nothing of Vez but vez/fault. Its tests stand beside it and
// read codes back with an independent decoder where one is installed.
package qr

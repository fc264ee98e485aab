// Package ipptest is an IPP printer for tests: it answers on a loopback port,
// keeps what it prints, and fails in the ways that printers do, when told to.
// It needs no clock: jobs go on when somebody looks at them.
//
// It may import printer/ipp for the encoding. Its tests are those of
// printer/ipp, which also run against real printers.
package ipptest

// Package office holds what is set up rather than what happens: departments,
// offices, counters, queues, services, their rules, calendars and closures.
//
// It is a room of words: plain data and pure functions, with "now" as an
// argument. It imports nothing but fault and the standard library; the
// sub-package catalogue reads the YAML files. Tests stand beside the code.
package office

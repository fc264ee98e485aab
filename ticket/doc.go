// Package ticket says what a ticket is: its states, the one table of legal
// moves, numbers, when its turn is due, and which of the waiting is next and why.
//
// It is a room of words: pure functions over plain data, "now" is an argument.
// It may import office and fault. Moves are made only through hall. Table and
// property tests stand beside the code; docs/states.md is compared with the
// table by a test of package event, which also knows counters and bookings.
package ticket

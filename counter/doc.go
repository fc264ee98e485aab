// Package counter holds counters and shifts: what a clerk may do when, and
// which queues a counter serves in which order.
//
// It is a room of words: pure functions over plain data, "now" is an argument.
// It may import office, ticket and fault. Changes are made only through hall;
// the clerk's console stands in counter/pages. Tests stand beside the code.
package counter

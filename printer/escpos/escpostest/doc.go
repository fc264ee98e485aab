// Package escpostest is a thermal printer made of software: it listens on
// loopback, or at a pseudo terminal, obeys ESC/POS strictly, paints what it is
// sent, cuts papers, answers what a real printer answers, and breaks down when
// it is told to, in the ways real ones do: paper ends in the middle of a row
// order and the rest is printed after a refill, the cover opens, the knife
// jams, the line or the power fails, or nobody answers.
//
// It is written from the manuals and not from package escpos, so that a mistake
// there shows here. It may import the standard library and golang.org/x/sys,
// nothing of Vez; tests of any room and the demo may import it. Its own tests
// stand beside it, and those of package escpos try all of it.
package escpostest

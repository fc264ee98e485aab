// Package near proposes what somebody may have meant who wrote a word that is
// not known: the remedy in a fault about settings or catalogue.
//
// It imports nothing of Vez, and rooms that may not import each other share it.
// Its tests stand beside it.
package near

// Package pages is the clerk's console: choosing a counter, calling, serving,
// and everything else that a clerk does to a ticket.
//
// It owns the routes under /counter with their templates and assets. What it
// shows of an office is read from the ledger, so that a counter goes on working
// with everything else away; the live hub only rings when something changed.
// Every verb is a plain form; a script adds keys, timers and live lists. It is
// a screen: it may import hall, may, words, live and the frame. Tests stand beside
// the code and work on a real hall.
package pages

// Package admin is the manager's page of an office: what goes on at its
// counters and queues, and the acts that concern the hall as a whole: pause,
// close a counter, close the office for a time, let a device in.
//
// It owns the routes under /admin with their templates and assets. It reads the
// ledger for what is decided and the live hub for figures. It is a screen: it
// may import hall, words, live and the frame. Tests stand beside the code and
// work on a real hall.
package admin

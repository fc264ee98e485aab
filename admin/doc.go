// Package admin is the manager's side of an office. The hall: what goes on at
// its counters and queues, and the acts that concern it as a whole: pause, close
// a counter, close the office for a time, let a device in. Printers: how they
// are, adding them by address and by the code of their page. Papers: every paper
// as it is printed, in each language. Reminders: what became of them, without
// names.
//
// It owns the routes under /admin with their templates and assets. It reads the
// ledger for what is decided and the live hub for figures; what a printer is and
// how it is comes from printer/spool, what papers say from printer/content. It
// is a screen: it may import hall, may, words, live, printer, reminder and the frame.
// Tests stand beside the code and work on a real hall with emulated printers.
package admin

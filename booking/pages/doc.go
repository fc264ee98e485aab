// Package pages is the citizen's site: the front door /, finding and booking a
// service under /book, one's own bookings under /my, and the live page of a
// ticket, /t/{token}, which shows nothing personal and needs no sign-in.
//
// One file per page or action. Every page is a form or link that works with
// scripts off; the live page, countdowns and the name of the tab get better
// with them. A time that is chosen before signing in is held for the browser
// that chose it, by a cookie, and becomes a person's when they confirm.
//
// The memo list, /my/memo, tells what people are and will be reminded of, and
// has the switch for reminders by e-mail. An address comes from the session's
// provider alone, goes straight to reminder's contacts, and is shown masked.
//
// It is a screen: it may import hall, the word rooms, outputs (live, the QR
// code of the printer) and the frame, and declares what else it needs in Deps.
// Its texts stand in locale under "booking" and "ticket". The tests stand
// beside the code and run on a real hall with a ledger of their own.
package pages

// Package content says what each paper says: it turns a ticket or booking, with
// the catalogue and what only a running hall knows, into what vez/printer
// composes. Everybody who prints asks here, so that a paper says the same from
// a kiosk, a counter and the API.
//
// A service that is discreet is named on no paper: neither itself, nor by a
// queue that bears its name. Nor does any paper say what to bring for it.
//
// It may import words (office, ticket, booking, fault) and vez/printer. Its
// functions are pure: now is an argument, and nothing is read or written. Its
// tests stand beside it and use the sample catalogue of the repository.
package content

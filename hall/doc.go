// Package hall is the one door for every move: issue, check in, call, recall,
// park, transfer, finish, book, hold, confirm, reschedule, cancel, close.
//
// Each command locks what it touches, decides with the rules of the word rooms
// on what the ledger says, and records events; the reply is given after the
// ledger has committed. One file per move. It may import the word rooms only
// and declares the ledger it needs in port.go; cmd/vez joins the two. Its
// tests run on real ledgers and stand beside the code.
package hall

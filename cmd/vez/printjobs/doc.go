// Package printjobs joins the hall, which records print jobs together with what
// they print, to the printing room, which prints them: rooms that do not know
// each other.
//
// It owns no rule. It imports hall and printer, and stands by itself so that the
// tests of the screens join the two as the program does. Its test is the
// printing room's contract on a real ledger, in cmd/vez (spool_test.go).
package printjobs

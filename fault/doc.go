// Package fault names everything that can go wrong in words a machine and a
// person understand: a stable code, a kind that decides the HTTP status, and
// parameters for the text that explains what to do.
//
// It imports nothing of Vez and every room may import it. The texts for people
// live in locale under "fault.<code>.title" and "fault.<code>.detail"; a test
// there fails on a code without a text. Its own tests stand beside it.
package fault
